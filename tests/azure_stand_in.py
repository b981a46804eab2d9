"""What Azure answers to the recovery scripts: Entra ID, blobs, the metadata service, a vault and the resource manager.

A stand-in: it keeps the rules that the scripts rely on (who may do what, blocks before a blob, no second blob of a
name) and proves nothing about Azure itself.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ASSERTION = "signed.by.the-cluster"
WRITER, MACHINE = "token-of-writer", "token-of-machine"
SECRET = "of the vault 'quoted'"


class Azure:
    """Its blobs and DNS records, and what was asked of it."""

    def __init__(self) -> None:
        self.url = ""
        self.blobs: dict[str, bytes] = {}
        self.blocks: dict[tuple[str, str], bytes] = {}
        self.sizes: list[int] = []
        self.proofs: dict[str, str] = {}
        self.imports: list[dict[str, object]] = []


@contextmanager
def azure() -> Iterator[Azure]:
    """One on a free port of 127.0.0.1."""
    state = Azure()

    class Handler(_Handler):
        azure = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    azure: Azure

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""

    def _answer(self, status: int, body: bytes | str | object = b"") -> None:
        if not isinstance(body, bytes | str):
            body = json.dumps(body)
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _asked(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return unquote(parts.path), query, self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _is(self, token: str) -> bool:
        return self.headers.get("Authorization") == f"Bearer {token}"

    def do_POST(self) -> None:
        path, _, body = self._asked()
        if path.endswith("/oauth2/v2.0/token"):
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            trusted = (form.get("client_assertion"), form.get("client_id"), path.split("/")[1])
            if trusted != (ASSERTION, "writer", "tenant"):
                return self._answer(401, {"error": "invalid_client"})
            return self._answer(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": WRITER})
        if path.endswith("/importImage") and self._is(WRITER):
            self.azure.imports.append({"path": path, **json.loads(body)})
            return self._answer(202)
        return self._answer(403)

    def do_PUT(self) -> None:
        path, query, body = self._asked()
        if "/dnsZones/" in path and self._is(MACHINE):
            values = json.loads(body)["properties"]["TXTRecords"][0]["value"]
            self.azure.proofs[path] = values[0]
            return self._answer(201, {})
        if not self._is(WRITER):
            return self._answer(403)
        if query.get("comp") == "block":
            self.azure.blocks[path, query["blockid"]] = body
            self.azure.sizes.append(len(body))
            return self._answer(201)
        if self.headers.get("If-None-Match") == "*" and path in self.azure.blobs:
            return self._answer(409)
        wanted = re.findall(r"<Latest>(.*?)</Latest>", body.decode())
        self.azure.blobs[path] = b"".join(self.azure.blocks[path, one] for one in wanted)
        return self._answer(201)

    def do_DELETE(self) -> None:
        path, _, _ = self._asked()
        self.azure.proofs.pop(path, None)
        self._answer(200 if self._is(MACHINE) else 403)

    def do_GET(self) -> None:
        path, query, _ = self._asked()
        if path.startswith("/metadata/"):
            if self.headers.get("Metadata") != "true":
                return self._answer(400)
            if path.endswith("/subscriptionId"):
                return self._answer(200, "subscription")
            return self._answer(200, {"access_token": MACHINE})
        if not self._is(MACHINE):
            return self._answer(403)
        if path.startswith("/secrets/"):
            return self._answer(200, {"value": SECRET})
        if query.get("comp") == "list":
            names = sorted(name.removeprefix(f"{path}/") for name in self.azure.blobs)
            found = "".join(f"<Blob><Name>{name}</Name></Blob>" for name in names if name.startswith(query["prefix"]))
            return self._answer(200, f"<EnumerationResults><Blobs>{found}</Blobs></EnumerationResults>")
        if path in self.azure.blobs:
            return self._answer(200, self.azure.blobs[path])
        return self._answer(404)
