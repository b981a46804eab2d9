"""The journal's copy in the state bucket, so that a run can be resumed from another machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class BucketJournal:
    """Keeps journals as objects under ``<folder>/`` of a bucket; ``client`` is boto3's for S3."""

    def __init__(self, client: Any, bucket: str, folder: str) -> None:
        self._client, self._bucket, self._folder = client, bucket, folder

    def keep(self, name: str, content: bytes) -> None:
        """Replace the copy of that name."""
        self._client.put_object(Bucket=self._bucket, Key=f"{self._folder}/{name}", Body=content)

    def missing(self, known: frozenset[str]) -> Mapping[str, bytes]:
        """The copies whose names are not known here: the runs of other machines."""
        found: dict[str, bytes] = {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{self._folder}/")
        for page in pages:
            for entry in page.get("Contents", ()):
                name = entry["Key"].rsplit("/", 1)[1]
                if name not in known and name.endswith(".jsonl"):
                    body = self._client.get_object(Bucket=self._bucket, Key=entry["Key"])["Body"]
                    found[name] = body.read()
        return found
