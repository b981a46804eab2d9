"""Stores by the words that name them: ``azure:ACCOUNT/CONTAINER[/PREFIX]``, ``s3:BUCKET[/PREFIX]``, ``file:FOLDER``.

``azure+http://127.0.0.1:PORT/devstoreaccount1/CONTAINER[/PREFIX]`` is Azurite on the loopback, whose key is in
AZURE_STORAGE_KEY.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from seawall.kernel.errors import InputError
from seawall.operate.copies.job import Job
from seawall.operate.copies.store import Target

_AZURE = re.compile(r"azure:(?P<account>[a-z0-9]{3,24})/(?P<container>[a-z0-9$][a-z0-9-]{2,62})(?:/(?P<prefix>.+))?")
_AZURITE = re.compile(
    r"azure\+(?P<url>http://(?:127\.0\.0\.1|localhost):\d{1,5}/(?P<account>[a-z0-9]{3,24}))"
    r"/(?P<container>[a-z0-9$][a-z0-9-]{2,62})(?:/(?P<prefix>.+))?"
)
_S3 = re.compile(r"s3:(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.+))?")
_PREFIX = re.compile(r"[A-Za-z0-9!_.'()-]+(?:/[A-Za-z0-9!_.'()-]+)*")


def why_none(place: str) -> str:
    """Why these words name no store, or nothing."""
    found = _AZURE.fullmatch(place) or _AZURITE.fullmatch(place) or _S3.fullmatch(place)
    if found is not None:
        prefix = found["prefix"]
        if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
            return f"{prefix!r} is no prefix of names: letters, digits and -_.!'() between single slashes"
        return ""
    if place.startswith("file:"):
        return "" if Path(place[5:]).is_absolute() else f"{place!r} is no absolute path"
    if place.startswith("azure+"):
        return "a store without TLS is only for Azurite: azure+http://127.0.0.1:PORT/ACCOUNT/CONTAINER"
    return f"{place!r} is none of azure:ACCOUNT/CONTAINER[/PREFIX], s3:BUCKET[/PREFIX], file:FOLDER"


def open_store(
    place: str, *, environment: Mapping[str, str] | None = None, identity: str = "", region: str = ""
) -> Target:
    """The store of that name; ``environment`` is this process's unless another is given.

    ``identity`` is the job's: who this is in Azure. ``region`` is where ``ssm:`` parameters lie. Nothing is asked of
    the store yet. Raises InputError where the words name none.
    """
    why = why_none(place)
    if why:
        raise InputError(why)
    known = os.environ if environment is None else environment
    if place.startswith("file:"):
        from seawall.operate.copies.folder import Folder

        return Folder(Path(place[5:]))
    if found := _S3.fullmatch(place):
        from seawall.operate.copies.s3 import Bucket

        return Bucket(found["bucket"], found["prefix"] or "")
    from seawall.operate.copies.azure import Container, account_key, federated

    if found := _AZURITE.fullmatch(place):
        return Container(place, found["url"], found["container"], found["prefix"] or "", account_key(known, place))
    found = _AZURE.fullmatch(place)
    assert found is not None
    url = f"https://{found['account']}.blob.core.windows.net"
    credential = federated(known, identity=identity, region=region)
    return Container(place, url, found["container"], found["prefix"] or "", credential)


def stores_of(job: Job) -> tuple[Target, ...]:
    """The stores that a job names. Raises InputError where one cannot be meant."""
    return tuple(open_store(place, identity=job.identity, region=job.database.region) for place in job.stores)
