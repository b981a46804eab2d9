"""A bucket of S3 as a store: multipart uploads, which are seen once they are completed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.aws import asked, client
from seawall.operate.copies.store import Entry, Missing
from seawall.operate.copies.uploads import Blocks, put

_PIECE = 2**20


class Bucket:
    """A bucket, or what lies under a prefix in it."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._opened: Any = None

    @property
    def place(self) -> str:
        """``s3:BUCKET[/PREFIX]``."""
        return f"s3:{self._bucket}/{self._prefix}".rstrip("/")

    def begin(self, name: str, *, over: bool = False) -> _Parts:
        """A multipart upload."""
        return _Parts(self._client(), self._bucket, self._prefix + name, self.place, over)

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """All or nothing."""
        return put(self, name, content)

    def get(self, name: str) -> Iterator[bytes]:
        """The object's bytes in pieces."""
        from botocore.exceptions import ClientError

        try:
            found = self._client().get_object(Bucket=self._bucket, Key=self._prefix + name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                raise Missing(f"{self.place} has no {name}") from None
            with asked(f"give {name} of {self.place}"):
                raise
        return self._pieces(name, found["Body"])

    def _pieces(self, name: str, body: Any) -> Iterator[bytes]:
        try:
            while True:
                with asked(f"give {name} of {self.place}"):
                    piece: bytes = body.read(_PIECE)
                if not piece:
                    return
                yield piece
        finally:
            body.close()

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """The objects whose names begin so."""
        with asked(f"list {self.place}"):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for found in page.get("Contents", []):
                    yield Entry(found["Key"].removeprefix(self._prefix), found["Size"], found["LastModified"])

    def remove(self, name: str) -> None:
        """Delete the object."""
        with asked(f"delete {name} of {self.place}"):
            self._client().delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def sweep(self, prefix: str, older_than: datetime) -> int:
        """Abort uploads that were begun before then: their parts cost as much as objects do."""
        count = 0
        with asked(f"clear uploads of {self.place} away"):
            pages = self._client().get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for found in page.get("Uploads", []):
                    if found["Initiated"] < older_than:
                        self._client().abort_multipart_upload(
                            Bucket=self._bucket, Key=found["Key"], UploadId=found["UploadId"]
                        )
                        count += 1
        return count

    def _client(self) -> Any:
        if self._opened is None:
            self._opened = client("s3")
        return self._opened


class _Parts:
    def __init__(self, s3: Any, bucket: str, key: str, place: str, over: bool) -> None:
        self._s3, self._place, self._over = s3, place, over
        self._object = {"Bucket": bucket, "Key": key}
        with asked(f"take an object into {place}"):
            self._upload = str(s3.create_multipart_upload(**self._object)["UploadId"])
        self._etags: list[str] = []
        self._blocks = Blocks(self._send)
        self._done = False

    def _send(self, number: int, block: bytes) -> None:
        with asked(f"take a part into {self._place}"):
            said = self._s3.upload_part(**self._object, UploadId=self._upload, PartNumber=number + 1, Body=block)
        self._etags.append(str(said["ETag"]))

    def write(self, piece: bytes) -> None:
        self._blocks.write(piece)

    def end(self) -> int:
        self._blocks.end()
        return self._blocks.size

    def commit(self) -> None:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)]
        with asked(f"take an object into {self._place}"):
            self._s3.complete_multipart_upload(
                **self._object,
                **({} if self._over else {"IfNoneMatch": "*"}),
                UploadId=self._upload,
                MultipartUpload={"Parts": parts},
            )
        self._done = True

    def abort(self) -> None:
        self._blocks.abort()
        if not self._done:
            try:
                with asked(f"give an upload to {self._place} up"):
                    self._s3.abort_multipart_upload(**self._object, UploadId=self._upload)
            except OutsideError:
                # The store may be what failed; its parts go when the next run sweeps.
                return
