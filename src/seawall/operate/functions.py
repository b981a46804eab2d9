"""Functions of a platform, run by hand: by AWS itself, or, where the emulator runs nothing, out of the package here.

On the emulator the code is the package that was rendered, and it must be what the emulator says was deployed; the
environment is the deployed function's. It runs in a process of its own, as Lambda would unpack and call it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seawall.graph.resource import Resource
from seawall.kernel.errors import OutsideError

if TYPE_CHECKING:
    from seawall.deploy.target import Cloud

_RUNTIME = """
import importlib, json, os, sys, time
folder, handler, out, began, speed = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
if speed != 1:
    real = time.time
    time.time = lambda: began + (real() - began) * speed
class Context:
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    aws_request_id = "here"
    def get_remaining_time_in_millis(self): return 60000
sys.path.insert(0, folder)
module, name = handler.rsplit(".", 1)
event = json.load(sys.stdin)
answer = getattr(importlib.import_module(module), name)(event, Context())
with os.fdopen(out, "w") as pipe:
    json.dump(answer, pipe)
"""
"""What runs a handler: the event comes by standard input, the answer goes by a pipe, and what it prints is its log."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it is deployed: its code, which of it is called, its environment, and how many seconds it has."""

    name: str
    region: str
    handler: str
    code: bytes = field(repr=False)
    environment: Mapping[str, str]
    timeout: int

    @property
    def sha256(self) -> str:
        """Of its code, as Lambda spells it."""
        return base64.b64encode(hashlib.sha256(self.code).digest()).decode()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: what it answered, or what it died of, and what it printed."""

    answer: Any
    failed: str
    log: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that began with the world's at ``began`` (seconds since 1970) and runs ``speed`` times as fast."""

    began: float = 0.0
    speed: float = 1.0

    def at(self, moment: float) -> float:
        """What it shows at a moment of the world's."""
        return self.began + (moment - self.began) * self.speed


def code_of(resource: Resource) -> bytes:
    """The package that lies beside an aws_lambda_function."""
    files: Mapping[str, bytes] = resource.meta.get("files", {})
    return files[str(resource.body["filename"])]


def call(cloud: Cloud, resource: Resource, event: Mapping[str, Any]) -> Ended:
    """Call the deployed function of a resource and wait for its answer.

    Raises OutsideError where it is not deployed, or what is deployed is not the code that is here.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    region = str(resource.region)
    client = cloud.client("lambda", region)
    name = str(resource.body["function_name"])
    try:
        if cloud.emulator is None:
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode(), LogType="Tail")
            body = json.loads(answer["Payload"].read() or b"null")
            log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
            return Ended(body, _why(body) if answer.get("FunctionError") else "", log)
        found = client.get_function_configuration(FunctionName=name)
    except (ClientError, BotoCoreError) as error:
        # It runs once at a time: whoever calls it while an alarm does is told so.
        busy = "TooManyRequests" in str(error)
        fix = "it is at work; try again in two minutes" if busy else "is it there? `seawall validate` says so"
        raise OutsideError(f"the function {name} cannot be called", str(error), fix=fix) from None
    made = Function(
        name,
        region,
        found["Handler"],
        code_of(resource),
        found.get("Environment", {}).get("Variables", {}),
        int(found["Timeout"]),
    )
    if found["CodeSha256"] != made.sha256:
        raise OutsideError(
            f"the function {name} was deployed with other code than this", fix="`seawall up` brings this one"
        )
    return run_here(made, event, cloud.emulator.url)


def run_here(function: Function, event: Mapping[str, Any], endpoint: str, clock: Clock = Clock()) -> Ended:
    """Unpack a function and call it in a process of its own, with AWS at ``endpoint`` (an address on the loopback)."""
    own = {
        "PATH": os.environ.get("PATH", ""),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        # What the emulator takes from anybody; nothing of this machine's own gets in.
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    with tempfile.TemporaryDirectory(prefix="seawall-function-") as folder:
        with zipfile.ZipFile(io.BytesIO(function.code)) as archive:
            archive.extractall(folder)
        read, write = os.pipe()
        arguments = [folder, function.handler, str(write), repr(clock.began), repr(clock.speed)]
        try:
            ran = subprocess.run(
                [sys.executable, "-I", "-c", _RUNTIME, *arguments],
                input=json.dumps(event),
                env={**function.environment, **own},
                cwd=Path(folder),
                capture_output=True,
                text=True,
                timeout=function.timeout,
                pass_fds=(write,),
                check=False,
            )
        except subprocess.TimeoutExpired:
            os.close(read)
            return Ended(None, f"it took more than {function.timeout} s", "")
        finally:
            os.close(write)
        with os.fdopen(read) as pipe:
            answer = pipe.read()
    if ran.returncode != 0:
        return Ended(None, (ran.stderr.strip().splitlines() or ["it ended without a word"])[-1], ran.stdout)
    return Ended(json.loads(answer), "", ran.stdout)


def _why(body: Any) -> str:
    return str(body.get("errorMessage", body)) if isinstance(body, Mapping) else str(body)
