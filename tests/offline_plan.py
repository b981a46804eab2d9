"""Real plans of rendered stacks without a cloud: states on disk, and an AWS on loopback that knows one account."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from seawall.kernel.value import Ref
from seawall.render.terraform.files import alias, state_name
from seawall.render.terraform.stacks import Stack, StackName, provider_of, providers_of

ACCOUNT = "123456789012"


class Terraform:
    """Runs Terraform as ingest wants it, and counts the runs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment) | {"AWS_EC2_METADATA_DISABLED": "true"}
        self.runs: list[str] = []

    def __call__(self, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        self.runs.append(arguments[0])
        return subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def ok(self, arguments: Sequence[str], folder: Path) -> str:
        """What it printed; the test fails if it failed."""
        run = self(arguments, folder)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def plan(self, folder: Path, *options: str) -> dict[str, Any]:
        """The plan of an initialised folder as JSON."""
        self.ok(["plan", "-input=false", "-no-color", "-out=planned", *options], folder)
        shown = self.ok(["show", "-json", "planned"], folder)
        plan: dict[str, Any] = json.loads(shown[shown.index("{") :])
        return plan


def _xml(action: str, form: str) -> str:
    """What STS and EC2 answer to the few things that our data sources ask."""
    if action == "GetCallerIdentity":
        return (
            f"<{action}Response><{action}Result><Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn><UserId>AIDA</UserId>"
            f"<Account>{ACCOUNT}</Account></{action}Result></{action}Response>"
        )
    if action == "DescribeManagedPrefixLists":
        name = re.search(r"Value\.1=([\w.-]+)", form)
        number = zlib.crc32((name[1] if name else "").encode())
        return (
            f"<{action}Response><prefixListSet><item><prefixListId>pl-{number:08x}</prefixListId><maxEntries>9"
            f"</maxEntries><prefixListName>{name[1] if name else ''}</prefixListName><ownerId>AWS</ownerId>"
            f"<version>1</version></item></prefixListSet></{action}Response>"
        )
    return f"<{action}Response><entrySet></entrySet></{action}Response>"


def _json(operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What Secrets Manager answers where a password is made, and where a copied secret is looked up."""
    name = str(asked.get("SecretId", ""))
    arn = name if name.startswith("arn:") else f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf"
    answers: dict[str, dict[str, Any]] = {
        "GetRandomPassword": {"RandomPassword": "x" * int(asked.get("PasswordLength", 32))},
        "DescribeSecret": {"ARN": arn, "Name": name, "CreatedDate": 0, "LastChangedDate": 0},
        "GetResourcePolicy": {"ARN": arn, "Name": name},
    }
    return answers[operation]


@contextmanager
def aws() -> Iterator[str]:
    """The address of a server on loopback that answers what our data sources ask of AWS."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            action = re.search(r"Action=(\w+)", form)
            answer, kind = _xml(action[1] if action else "", form).encode(), "text/xml"
            if target := self.headers.get("X-Amz-Target"):
                answer = json.dumps(_json(target.split(".")[-1], json.loads(form))).encode()
                kind = "application/x-amz-json-1.1"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def take_offline(stack: Stack, found: Mapping[StackName, Stack], folder: Path, aws: str) -> None:
    """Lay an override over a rendered stack: state on disk, providers that ask nobody but `aws`, upstream states."""
    settings: dict[str, Any] = {
        "access_key": "test",
        "secret_key": "test",
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
        "endpoints": [{"sts": aws, "ec2": aws, "secretsmanager": aws}],
    }
    providers = [{"region": stack.region, **settings}]
    for provider, region in providers_of(stack):
        if provider == "aws":
            providers.append({"alias": alias(region), "region": region, **settings})
    override: dict[str, Any] = {"terraform": {"backend": {"local": {}}}, "provider": {"aws": providers}}
    read = _states_read(folder)
    for above in stack.upstream:
        if state_name(stack, above) not in read:
            continue  # it only comes after it
        state = folder / above.region / f"{above.stack}.tfstate"
        state.parent.mkdir(exist_ok=True)
        outputs = {name: {"value": sample(ref), "type": "string"} for name, ref in found[above].outputs.items()}
        state.write_text(
            json.dumps({"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "x", "outputs": outputs})
        )
        override.setdefault("data", {}).setdefault("terraform_remote_state", {})[state_name(stack, above)] = {
            "backend": "local",
            "config": {"path": str(state)},
        }
    assert all(provider_of(resource.type) == "aws" for resource in stack.resources)
    (folder / "offline_override.tf.json").write_text(json.dumps(override))


def without_templates(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as that of an HCL source is: without the source's text, which a plan of JSON source holds."""

    def bare(value: Any) -> Any:
        if isinstance(value, list):
            return [bare(item) for item in value]
        if isinstance(value, dict):
            written = {"constant_value"} if value.get("references") else set()
            return {key: bare(item) for key, item in value.items() if key not in written}
        return value

    return {**plan, "configuration": bare(plan["configuration"])}


def _states_read(folder: Path) -> set[str]:
    """The remote states that a rendered stack looks at."""
    data = folder / "data.tf.json"
    return set(json.loads(data.read_text())["data"].get("terraform_remote_state", {})) if data.is_file() else set()


def sample(ref: Ref) -> str:
    """A value that the provider's own checks accept where the reference is used."""
    name = ref.to.as_terraform()
    assert name is not None
    if ref.attr.endswith("arn"):
        return f"arn:aws:{name.type.split('_')[1]}:{name.region}:{ACCOUNT}:{name.name}"
    return f"{name.name}-{ref.attr}".replace(".", "-").replace("_", "-")
