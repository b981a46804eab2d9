"""Azurite, which plays Azure Blob Storage, with an account key of its own.

It keeps what it knows of blobs in memory for up to five seconds: one that is killed right after a write has lost it,
which Azure would not. End it with ``process.stop()``. It enforces no soft delete, no immutability, and no addresses.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seawall.operate.drill.stage import Process, Stage, listens, program, until

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

PACKAGES = {"azurite-blob": "npm:azurite"}
STANDIN = "Azurite"
ACCOUNT = "devstoreaccount1"
KEY = "AZURE_STORAGE_KEY"
"""The environment variable in which the store looks for the key of an account on the loopback."""


@dataclass(frozen=True, slots=True)
class Azurite:
    """A storage account on the loopback: its port and key, and how its containers are spelled as stores."""

    port: int
    process: Process
    key: str = field(repr=False)

    @property
    def url(self) -> str:
        """The account's address."""
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    def place(self, container: str, prefix: str = "") -> str:
        """A container of it, or what lies under a prefix there, as a store."""
        return f"azure+{self.url}/{container}" + (f"/{prefix}" if prefix else "")

    def client(self) -> BlobServiceClient:
        """A client that gives up within seconds where nobody answers; whoever asks closes it."""
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient(
            self.url, credential=self.key, retry_total=2, retry_connect=2, initial_backoff=0.2, increment_base=1
        )

    def make_container(self, name: str, *, public: bool = False) -> None:
        """Make a container; ``public`` is for one whose blobs anybody may read. Raises what Azure's SDK does."""
        with self.client() as client:
            client.create_container(name, public_access="blob" if public else None)


def start(stage: Stage, name: str = "azurite") -> Azurite:
    """Start an empty account; it takes connections when this returns. Raises LackingError, OutsideError."""
    folder, port = stage.folder(name), stage.free_port()
    key = stage.secret(f"key of {name}", lambda: base64.b64encode(secrets.token_bytes(48)).decode())
    command = [
        program("azurite-blob", PACKAGES["azurite-blob"]), "--blobHost", "127.0.0.1", "--blobPort", str(port),
        "--location", str(folder), "--silent", "--skipApiVersionCheck", "--disableTelemetry",
    ]  # fmt: skip
    process = stage.start(name, command, folder=folder, environment={"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"})
    until(lambda: listens(port), process, what=f"{name} takes connections")
    return Azurite(port, process, key)
