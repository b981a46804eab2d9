"""The clinic, which plays the platform's service: a process with the variables that the platform gives its pods.

Only addresses, credentials and TLS are others; pool, timeouts, session and time to finish are the description's.
"""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, render_text
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.drill.stage import Process, Stage, until

PACKAGES: Mapping[str, str] = {}
STANDIN = "a small clinic in Python"

_WORKLOADS = ("apps/v1/Deployment", "argoproj.io/v1alpha1/Rollout")
_PASSED = ("SPRING_", "SERVER_", "SESSION_")


@dataclass(frozen=True, slots=True)
class Described:
    """What a platform says of a service: its pods' variables, how many there are, and how they end.

    ``notice`` is the seconds between the word to end and SIGTERM, ``drain`` those that are left to answer whoever is
    being served.
    """

    name: str
    variables: Mapping[str, str]
    replicas: int
    notice: float
    drain: float

    @property
    def session_seconds(self) -> float:
        """After how long a silence a session ends."""
        return float(self.variables.get("SPRING_SESSION_TIMEOUT", "1800s").rstrip("s"))


@dataclass(frozen=True, slots=True)
class Cache:
    """Where sessions are kept: Sentinels and the name of what they watch, or one server where ``master`` is empty."""

    hosts: tuple[tuple[str, int], ...]
    master: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Application:
    """A pod that runs."""

    name: str
    host: str
    port: int
    process: Process

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        """Its host and port, as a target of a load balancer."""
        return self.host, self.port

    def get(self, path: str, seconds: float = 5.0) -> tuple[int, Any]:
        """The status and JSON of an answer; status 0 where there is none."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=seconds) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except OSError:
            return 0, None

    def is_well(self) -> bool:
        """Whether it reaches its database and its cache."""
        return self.get("/actuator/health")[0] == 200


def described(graph: Graph, name: str = "") -> Described | None:
    """The service of that name, or the first that keeps something in a database; None where there is none."""
    for resource in (found for type in _WORKLOADS for found in graph.of_type(type)):
        variables = _variables(resource)
        called = str(resource.body["metadata"]["name"])
        if called == name if name else "SPRING_DATASOURCE_URL" in variables:
            return _described(called, resource, variables)
    return None


def _described(name: str, resource: Resource, variables: Mapping[str, str]) -> Described:
    pod = resource.body["spec"]["template"]["spec"]
    stopping = pod["containers"][0].get("lifecycle", {}).get("preStop", {})
    notice = float(stopping.get("sleep", {}).get("seconds", 0))
    return Described(
        name,
        variables,
        int(resource.body["spec"].get("replicas", 2)),
        notice,
        max(0.0, float(pod.get("terminationGracePeriodSeconds", 30)) - notice),
    )


def _variables(resource: Resource) -> dict[str, str]:
    found = {}
    for container in resource.body["spec"]["template"]["spec"]["containers"][:1]:
        for variable in container.get("env", ()):
            value = variable.get("value")
            if isinstance(value, str | Ref | Text):
                found[str(variable["name"])] = render_text(value, str)
    return found


def start(
    stage: Stage,
    name: str,
    *,
    database: Database,
    credentials: Credentials | None = None,
    cache: Cache | None = None,
    of: Described | None = None,
    port: int | None = None,
    host: str = "127.0.0.1",
    replicas: int = 0,
    settings: Mapping[str, str] | None = None,
    ready: bool = True,
) -> Application:
    """Start a pod before the first of the databases; it answers when this returns, well or not.

    ``credentials`` are those that the database's secret file holds unless others are given. ``cache`` None keeps
    sessions in the process; ``replicas`` is how many replicas must have a session before a user hears that it is kept.
    ``settings`` are variables over the platform's. Raises OutsideError.
    """
    folder, port = stage.folder(name), port or stage.free_port()
    found = credentials or of_file(database.secret)
    environment = {key: value for key, value in (of.variables if of else {}).items() if key.startswith(_PASSED)}
    environment |= addresses(environment, database, found, cache)
    environment |= {"HOSTNAME": name, "SERVER_ADDRESS": host, "SERVER_PORT": str(port)}
    if replicas:
        environment["SESSION_REPLICAS"] = str(replicas)
    command = [sys.executable, "-P", "-m", "seawall.operate.drill.application"]
    process = stage.start(name, command, folder=folder, environment=environment | dict(settings or {}))
    made = Application(name, host, port, process)
    if ready:
        until(lambda: made.get("/actuator/health/liveness", 1.0)[0] == 200, process, what=f"{name} answers")
    return made


def finish(application: Application, of: Described | None, *, hurry: float = 1.0, already: float = 0.0) -> float:
    """End a pod as Kubernetes does, and say how long it took: notice first, while it goes on answering, then SIGTERM.

    ``hurry`` divides the seconds of notice, of which ``already`` are over. Whoever leads requests to it must stop
    before they are.
    """
    began = time.monotonic()
    if of is not None:
        time.sleep(max(0.0, of.notice / hurry - already))
    application.process.stop(of.drain if of is not None else 30.0)
    return time.monotonic() - began


def of_file(secret: str) -> Credentials:
    """The user and password in a secret spelled ``file:PATH``."""
    found = json.loads(Path(secret.removeprefix("file:")).read_text(encoding="utf-8"))
    return Credentials(found["username"], found["password"])


def addresses(
    variables: Mapping[str, str], database: Database, credentials: Credentials, cache: Cache | None
) -> dict[str, str]:
    """The variables that say where things are on this machine, and who asks."""
    options = re.sub(r"[?&]ssl[mM]ode=[^&]*", "", _options(variables)).lstrip("?&")
    where = f"{database.host}:{database.port}/{database.databases[0]}"
    found = {
        "SPRING_DATASOURCE_URL": f"jdbc:{database.engine}://{where}" + (f"?{options}" if options else ""),
        "SPRING_DATASOURCE_USERNAME": credentials.user,
        "SPRING_DATASOURCE_PASSWORD": credentials.password,
        "SPRING_DATA_REDIS_SENTINEL_NODES": "",
        "SPRING_DATA_REDIS_HOST": "",
    }
    if database.tls not in ("off", "rds"):
        found["DATABASE_AUTHORITY"] = database.tls
    if cache is not None:
        nodes = ",".join(f"{host}:{port}" for host, port in cache.hosts)
        if cache.master:
            found |= {"SPRING_DATA_REDIS_SENTINEL_NODES": nodes, "SPRING_DATA_REDIS_SENTINEL_MASTER": cache.master}
        else:
            found |= {"SPRING_DATA_REDIS_HOST": cache.hosts[0][0], "SPRING_DATA_REDIS_PORT": str(cache.hosts[0][1])}
        found["SPRING_DATA_REDIS_PASSWORD"] = cache.password
    return found


def _options(variables: Mapping[str, str]) -> str:
    _, question, options = variables.get("SPRING_DATASOURCE_URL", "").partition("?")
    return question + options
