"""Blobs of Azure as a store, and the token that lets us in: one of ours, exchanged at Entra ID for one of an hour.

No secret of Azure's is kept anywhere. What proves who this is comes from the cluster (AZURE_FEDERATED_TOKEN_FILE) or
from AWS (``sts:GetWebIdentityToken``), lives for minutes, and is taken by Entra ID because the identity there trusts
that issuer and that subject.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies.store import Entry, Missing
from seawall.operate.copies.uploads import Blocks, put

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, ContainerClient

AUDIENCE = "api://AzureADTokenExchange"
"""Whom the token is for that Entra ID exchanges."""
STORAGE = "https://storage.azure.com/.default"
_AUTHORITY = "https://login.microsoftonline.com"
_ASSERTED_SECONDS = 300
_EARLY = 300.0
"""Seconds before its end at which a token is replaced: longer than a block takes."""
_PATIENCE = 30
_READ = 4 * 2**20
_BLOCK = 2 * 2**20
"""Bytes of a block at least: Azure takes 50 000 of them, and small ones weigh little here."""
# With the library's own patience an account that is away is noticed after 84 s; with this after about five. One that
# answers that it is busy is asked for most of a minute.
_RETRIES: dict[str, Any] = {
    "retry_total": 6,
    "retry_connect": 2,
    "retry_read": 3,
    "retry_status": 6,
    "initial_backoff": 0.5,
    "increment_base": 1.6,
    "random_jitter_range": 1,
}


class Container:
    """A container, or what lies under a prefix in it."""

    def __init__(self, place: str, url: str, container: str, prefix: str, credential: Any) -> None:
        self._place, self._url, self._container = place, url, container
        self._prefix = f"{prefix}/" if prefix else ""
        self._credential = credential
        self._opened: ContainerClient | None = None

    @property
    def place(self) -> str:
        """``azure:ACCOUNT/CONTAINER[/PREFIX]``, or Azurite's."""
        return self._place

    def begin(self, name: str, *, over: bool = False) -> _Blob:
        """Blocks that make a blob once they are listed; until then nobody sees them, and Azure drops them in a week."""
        return _Blob(self._blob(name), self._place, over)

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """All or nothing."""
        return put(self, name, content)

    def get(self, name: str) -> Iterator[bytes]:
        """The blob's bytes in pieces of some MiB."""
        from azure.core.exceptions import ResourceNotFoundError

        try:
            with _told(self._place, f"does not give {name}"):
                found = self._blob(name).download_blob(max_concurrency=1)
        except ResourceNotFoundError:
            raise Missing(f"{self._place} has no {name}") from None
        return self._pieces(name, found.chunks())

    def _pieces(self, name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        while True:
            with _told(self._place, f"does not give {name}"):
                piece = next(chunks, None)
            if piece is None:
                return
            yield piece

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """The blobs whose names begin so."""
        found = iter(self._client().list_blobs(name_starts_with=self._prefix + prefix))
        while True:
            with _told(self._place, "cannot be listed"):
                blob = next(found, None)
            if blob is None:
                return
            assert blob.name is not None
            yield Entry(blob.name.removeprefix(self._prefix), int(blob.size or 0), blob.last_modified)

    def remove(self, name: str) -> None:
        """Delete the blob."""
        from azure.core.exceptions import ResourceNotFoundError

        with suppress(ResourceNotFoundError), _told(self._place, f"does not let go of {name}"):
            self._blob(name).delete_blob()

    def sweep(self, prefix: str, older_than: datetime) -> int:
        """Nothing: Azure itself drops blocks that no blob lists, a week after they were sent."""
        return 0

    def _blob(self, name: str) -> BlobClient:
        return self._client().get_blob_client(self._prefix + name)

    def _client(self) -> ContainerClient:
        if self._opened is None:
            try:
                from azure.storage.blob import ContainerClient
            except ImportError:
                raise OutsideError(
                    "the library of Azure's storage is not here", fix="pip install seawall[agent]"
                ) from None
            self._opened = ContainerClient(
                self._url,
                self._container,
                credential=self._credential,
                max_single_put_size=_BLOCK,
                max_block_size=_BLOCK,
                max_single_get_size=_READ,
                max_chunk_get_size=_READ,
                connection_timeout=10,
                read_timeout=120,
                **_RETRIES,
            )
        return self._opened


class _Blob:
    def __init__(self, blob: BlobClient, place: str, over: bool) -> None:
        self._blob, self._place, self._over = blob, place, over
        self._blocks = Blocks(self._stage, block=_BLOCK)

    def _stage(self, number: int, block: bytes) -> None:
        with _told(self._place, "cannot be written to"):
            self._blob.stage_block(_block_id(number), block, length=len(block))

    def write(self, piece: bytes) -> None:
        self._blocks.write(piece)

    def end(self) -> int:
        self._blocks.end()
        return self._blocks.size

    def commit(self) -> None:
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError
        from azure.storage.blob import BlobBlock

        listed = [BlobBlock(_block_id(number)) for number in range(self._blocks.count)]
        try:
            with _told(self._place, "cannot be written to"):
                condition = {} if self._over else {"match_condition": MatchConditions.IfMissing}
                self._blob.commit_block_list(listed, **condition)  # type: ignore[arg-type]
        except ResourceExistsError:
            raise OutsideError(f"{self._place} has {self._blob.blob_name} already") from None

    def abort(self) -> None:
        self._blocks.abort()


def _block_id(number: int) -> str:
    # All of one blob's must be of one length.
    return f"block-{number:08d}"


@contextmanager
def _told(place: str, what: str) -> Iterator[None]:
    """Say what Azure's library raises in our words; that something is missing or there already is passed on."""
    from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError

    try:
        yield
    except (ResourceNotFoundError, ResourceExistsError) as error:
        if getattr(error, "error_code", "") in ("BlobNotFound", "BlobAlreadyExists"):
            raise
        raise OutsideError(f"{place} {what}", _words(error), fix=_FIX) from None
    except HttpResponseError as error:
        raise OutsideError(f"{place} {what}", _words(error), fix=_FIX) from None
    except AzureError as error:
        raise OutsideError(f"{place} {what}", str(error).partition("\n")[0], fix=_FIX) from None


_FIX = "see that the account is reached from here, that the container is there, and that this identity may do that"


def _words(error: Any) -> str:
    """Status and code alone: the body of a refusal repeats the request's headers."""
    code = str(getattr(error, "error_code", None) or getattr(error, "reason", "") or "")
    return f"{error.status_code} {code}".strip()


class Token(NamedTuple):
    """A token and the moment at which it ends, in seconds since 1970: what Azure's library asks a credential for."""

    token: str
    expires_on: int


class Federated:
    """A credential for Azure's library: proves who this is anew whenever the last token nears its end."""

    def __init__(self, who: Callable[[], tuple[str, str]], assertion: Callable[[], str], authority: str) -> None:
        """``who`` gives tenant and client, ``assertion`` the signed token that proves it."""
        self._who, self._assertion, self._authority = who, assertion, authority.rstrip("/")
        self._lock = threading.Lock()
        self._held: dict[str, Token] = {}

    def __repr__(self) -> str:
        return f"Federated({self._authority})"

    def get_token(self, *scopes: str, **others: Any) -> Token:
        """A token for these scopes. Raises OutsideError where Entra ID gives none."""
        scope = " ".join(scopes)
        with self._lock:
            held = self._held.get(scope)
            if held is None or held.expires_on - time.time() < _EARLY:
                held = self._held[scope] = self._exchange(scope)
            return held

    def _exchange(self, scope: str) -> Token:
        tenant, client = self._who()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(),
            "client_id": client,
            "scope": scope,
        }
        url = f"{self._authority}/{urllib.parse.quote(tenant, safe='')}/oauth2/v2.0/token"
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode())
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                said = json.loads(answer.read(1_000_000))
            return Token(str(said["access_token"]), int(time.time() + float(said["expires_in"])))
        except urllib.error.HTTPError as error:
            detail = f"{error.code} {_refusal(error.read(100_000))}"
        except (OSError, ValueError, KeyError, TypeError) as error:
            # What was sent and what came may hold a token; the kind of failure does not.
            detail = str(error) if isinstance(error, OSError) else type(error).__name__
        raise OutsideError(
            f"{self._authority} gives no token for client {client}",
            detail,
            fix="see that the identity trusts this issuer, subject and audience (its federated credentials)",
        )


def _refusal(body: bytes) -> str:
    """The code of Entra ID's refusal, such as AADSTS700213; nothing else of the body."""
    try:
        said = json.loads(body)
        codes = ", ".join(f"AADSTS{int(code)}" for code in said.get("error_codes", []))
        return f"{str(said['error'])[:64]} {codes}".strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "without a reason that could be read"


def federated(environment: Mapping[str, str], *, identity: str = "", region: str = "") -> Federated:
    """The credential that the environment allows: the cluster's token if there is one, else one of AWS's.

    ``identity`` is ``ssm:NAME`` of the parameter that holds tenant and client, or empty for AZURE_TENANT_ID and
    AZURE_CLIENT_ID. AZURE_AUTHORITY_HOST is Entra ID's address where it is another cloud's.
    """

    def who() -> tuple[str, str]:
        if identity:
            return _parameter(identity, region)
        try:
            return environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"]
        except KeyError as error:
            raise InputError(
                f"nobody says who this is in Azure: {error.args[0]} is not set",
                fix="set AZURE_TENANT_ID and AZURE_CLIENT_ID, or name the parameter in the job's `identity`",
            ) from None

    def assertion() -> str:
        file = environment.get("AZURE_FEDERATED_TOKEN_FILE", "")
        if not file:
            return _assertion_of_aws(region)
        try:
            # Read each time: the cluster replaces it within the hour.
            return Path(file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise OutsideError(f"the token that proves who this is cannot be read: {file}") from None

    authority = environment.get("AZURE_AUTHORITY_HOST") or _AUTHORITY
    parts = urllib.parse.urlsplit(authority)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise InputError(f"AZURE_AUTHORITY_HOST is {authority}; a proof of who we are goes over https alone")
    return Federated(who, assertion, authority)


def account_key(environment: Mapping[str, str], place: str) -> Any:
    """Azurite's key, as its library takes it. Raises InputError where AZURE_STORAGE_KEY holds none."""
    value = environment.get("AZURE_STORAGE_KEY", "")
    try:
        usable = bool(base64.b64decode(value, validate=True))
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"{place} needs its key in AZURE_STORAGE_KEY, in base64")
    account = place.split("/")[3]
    return {"account_name": account, "account_key": value}


def _parameter(identity: str, region: str) -> tuple[str, str]:
    from seawall.operate.copies.aws import parameter

    try:
        said = json.loads(parameter(identity.removeprefix("ssm:"), region))
        return str(said["tenant"]), str(said["client"])
    except (ValueError, KeyError, TypeError):
        raise OutsideError(f"{identity} does not hold tenant and client as JSON") from None


def _assertion_of_aws(region: str) -> str:
    from seawall.operate.copies.aws import asked, client

    with asked("give a token that proves to Azure who this is"):
        said = client("sts", region).get_web_identity_token(
            Audience=[AUDIENCE], SigningAlgorithm="RS256", DurationSeconds=_ASSERTED_SECONDS
        )
    return str(said["WebIdentityToken"])
