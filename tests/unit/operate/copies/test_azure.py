"""Who we are in Azure: a signed token of minutes is exchanged for one of Entra ID's, and neither is shown anywhere."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies import aws
from seawall.operate.copies.azure import AUDIENCE, STORAGE, federated
from seawall.operate.copies.stores import open_store

ASSERTION, TOKEN = "signed.by.the-cluster", "token-of-entra-id"


class Entra:
    """A stand-in for Entra ID: it keeps what it was asked and takes one assertion."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.lasts = 3600
        self.answer: bytes | None = None


@pytest.fixture
def entra() -> Iterator[Entra]:
    """One on a free port of the loopback."""
    state = Entra()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            state.asked.append((self.path, form))
            known = form.get("client_assertion", [""])[0].startswith("signed")
            said = {"token_type": "Bearer", "expires_in": state.lasts, "access_token": f"{TOKEN}-{len(state.asked)}"}
            refusal = {
                "error": "invalid_client",
                "error_description": f"AADSTS700213: {form['client_assertion'][0]}",
                "error_codes": [700213],
            }
            body = state.answer or json.dumps(said if known else refusal).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def environment(entra: Entra, tmp_path: Path, assertion: str = ASSERTION) -> dict[str, str]:
    """What a cluster puts around a pod that may be somebody in Azure."""
    file = tmp_path / "token"
    file.write_text(assertion + "\n")
    return {
        "AZURE_TENANT_ID": "tenant-1",
        "AZURE_CLIENT_ID": "client-1",
        "AZURE_FEDERATED_TOKEN_FILE": str(file),
        "AZURE_AUTHORITY_HOST": f"{entra.url}/",
    }


def test_the_clusters_token_is_exchanged_for_one_of_the_storage(entra: Entra, tmp_path: Path) -> None:
    """Entra ID is asked as its documentation says, and its token is kept for as long as it lasts."""
    credential = federated(environment(entra, tmp_path))
    token = credential.get_token(STORAGE, enable_cae=True)
    assert token.token == f"{TOKEN}-1"
    assert abs(token.expires_on - time.time() - 3600) < 60
    path, form = entra.asked[0]
    assert path == "/tenant-1/oauth2/v2.0/token"
    assert form == {
        "grant_type": ["client_credentials"],
        "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
        "client_assertion": [ASSERTION],
        "client_id": ["client-1"],
        "scope": ["https://storage.azure.com/.default"],
    }
    assert credential.get_token(STORAGE) == token
    assert len(entra.asked) == 1


def test_a_token_near_its_end_is_replaced_with_a_new_proof(entra: Entra, tmp_path: Path) -> None:
    """A copy that takes longer than a token lasts goes on: the file is read again, since the cluster replaces it."""
    entra.lasts = 200
    around = environment(entra, tmp_path)
    credential = federated(around)
    credential.get_token(STORAGE)
    Path(around["AZURE_FEDERATED_TOKEN_FILE"]).write_text("signed.anew")
    assert credential.get_token(STORAGE).token == f"{TOKEN}-2"
    assert entra.asked[1][1]["client_assertion"] == ["signed.anew"]


def test_a_refusal_is_said_by_its_code_alone(entra: Entra, tmp_path: Path) -> None:
    """What proves who we are is in no message, even where Entra ID repeats it."""
    credential = federated(environment(entra, tmp_path, "planted.secret.proof"))
    with pytest.raises(OutsideError, match="401 invalid_client AADSTS700213") as caught:
        credential.get_token(STORAGE)
    assert "planted" not in str(caught.value)
    assert "planted" not in repr(credential)


@pytest.mark.parametrize(
    "answer", [b"{}", b"<html>planted</html>", b'{"access_token": "planted", "expires_in": "soon"}']
)
def test_an_answer_that_is_none_is_an_error(entra: Entra, tmp_path: Path, answer: bytes) -> None:
    """Whatever answers in Entra ID's place gives no token and no traceback, and is not repeated."""
    entra.answer = answer
    with pytest.raises(OutsideError) as caught:
        federated(environment(entra, tmp_path)).get_token(STORAGE)
    assert "planted" not in str(caught.value)


def test_outside_a_cluster_aws_signs_the_proof(entra: Entra, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file, AWS is asked for a token for that audience alone, of minutes; the parameter says who we are."""
    asked: list[tuple[str, str, dict[str, Any]]] = []

    class Client:
        def __init__(self, service: str, region: str) -> None:
            self.service, self.region = service, region

        def get_web_identity_token(self, **wanted: Any) -> dict[str, str]:
            asked.append((self.service, self.region, wanted))
            return {"WebIdentityToken": "signed.by.aws"}

        def get_parameter(self, **wanted: Any) -> dict[str, Any]:
            asked.append((self.service, self.region, wanted))
            return {"Parameter": {"Value": '{"tenant":"t","subscription":"s","client":"c"}'}}

    monkeypatch.setattr(aws, "client", Client)
    credential = federated({"AZURE_AUTHORITY_HOST": entra.url}, identity="ssm:/shop/azure", region="eu-central-1")
    assert credential.get_token(STORAGE).token == f"{TOKEN}-1"
    assert asked == [
        ("ssm", "eu-central-1", {"Name": "/shop/azure", "WithDecryption": True}),
        ("sts", "eu-central-1", {"Audience": [AUDIENCE], "SigningAlgorithm": "RS256", "DurationSeconds": 300}),
    ]
    assert entra.asked[0][0] == "/t/oauth2/v2.0/token"
    assert entra.asked[0][1]["client_assertion"] == ["signed.by.aws"]


def test_a_proof_goes_over_https_alone_and_needs_a_name(tmp_path: Path) -> None:
    """Another address without TLS is refused before anything is sent; so is nobody."""
    with pytest.raises(InputError, match="https"):
        federated({"AZURE_AUTHORITY_HOST": "http://login.example.org"})
    (tmp_path / "token").write_text("signed")
    around = {"AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token"), "AZURE_AUTHORITY_HOST": "http://127.0.0.1:1"}
    with pytest.raises(InputError, match="AZURE_TENANT_ID"):
        federated(around).get_token(STORAGE)
    with pytest.raises(OutsideError, match="gives no token"):
        federated(around | {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"}).get_token(STORAGE)


def test_a_store_in_azure_is_opened_without_asking_anybody() -> None:
    """Opening is no more than naming."""
    assert open_store("azure:account/container/p", environment={}).place == "azure:account/container/p"
