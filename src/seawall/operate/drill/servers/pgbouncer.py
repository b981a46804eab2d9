"""PgBouncer with the platform's own pgbouncer.ini, before a PostgreSQL that its own migrations have prepared.

Replaced are addresses, ports, the places of files, and what the version at hand does not know yet.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seawall.graph.graph import Graph
from seawall.kernel.value import map_leaves, render_text
from seawall.operate.copies.credentials import Credentials
from seawall.operate.drill.servers.authority import HOST
from seawall.operate.drill.servers.postgresql import Postgresql
from seawall.operate.drill.stage import Process, Stage, listens, program, until

PACKAGES = {"pgbouncer": "pgbouncer", "psql": "postgresql-client"}
STANDIN = "PgBouncer"
FILE = "pgbouncer.ini"

_PREPARED_SINCE = (1, 21)
_SCRIPT = "migrate.sh"


@dataclass(frozen=True, slots=True)
class Described:
    """A pooler of a platform: its configuration as rendered, and whose application it serves."""

    name: str
    environment: str
    database: str
    ini: str

    @property
    def settings(self) -> dict[str, str]:
        """What its configuration says, by name."""
        lines = (line.partition(" = ") for line in self.ini.partition("[pgbouncer]\n")[2].splitlines())
        return {name: value for name, _, value in lines if name}


def described(graph: Graph) -> Described | None:
    """The pooler of a platform's first region that serves production, else its first; None if it has none."""
    found = [each.body for each in graph.of_type("v1/ConfigMap") if FILE in each.body.get("data", {})]
    if not found:
        return None
    body = next((each for each in found if each["metadata"]["name"].startswith("prod")), found[0])
    ini = render_text(body["data"][FILE], str)
    database = re.search(r"\[databases\]\n(\S+) = ", ini)
    assert database is not None, "a pooler's configuration names its database"
    name = str(body["metadata"]["name"])
    return Described(name, _environment(graph, body), database[1], ini)


def _environment(graph: Graph, body: Mapping[str, Any]) -> str:
    """Whose password its list of users is made of: that of the secret ``migrations_ENVIRONMENT``."""
    for found in graph.of_type("external-secrets.io/v1/ExternalSecret"):
        of = found.body["metadata"]
        if (of["name"], of["namespace"]) == (body["metadata"]["name"], body["metadata"]["namespace"]):
            said = str(found.body["spec"]["data"][0]["remoteRef"]["key"])
            match = re.search(r"_([a-z0-9]+)\.arn", said)
            assert match is not None, f"{of['name']} takes its password from a secret of Terraform's"
            return match[1]
    raise AssertionError(f"{body['metadata']['name']} has a list of users")


@dataclass(frozen=True, slots=True)
class Pgbouncer:
    """A pooler that runs, and whom it lets in."""

    port: int
    process: Process
    credentials: Credentials
    replaced: Mapping[str, str]
    """What its configuration says otherwise here, and why."""


def start(
    stage: Stage,
    of: Described,
    server: Postgresql,
    *,
    changed: Mapping[str, str] | None = None,
    name: str = "pgbouncer",
) -> Pgbouncer:
    """Start it before a migrated server; ``changed`` are settings that a comparison is made with.

    Raises LackingError, OutsideError.
    """
    binary = program("pgbouncer", PACKAGES["pgbouncer"])
    folder, port = stage.folder(name, unprivileged=True), stage.free_port()
    credentials = application(stage, of.environment)
    users = folder / "userlist.txt"
    _write(stage, users, f'"{credentials.user}" "{credentials.password}"\n')
    ini, replaced = here(of.ini, port, users, server, _version(binary))
    for setting, value in (changed or {}).items():
        ini, replaced[setting] = _replaced(ini, setting, f"{setting} = {value}"), "changed for a comparison"
    file = folder / FILE
    _write(stage, file, ini)
    process = stage.start(name, [binary, str(file)], folder=folder, unprivileged=True)
    until(lambda: listens(port), process, what=f"{name} takes connections")
    return Pgbouncer(port, process, credentials, replaced)


def application(stage: Stage, environment: str) -> Credentials:
    """The user that the migrations make for an environment's application."""
    return Credentials(f"{environment}_app", stage.secret(f"password of {environment}"))


def here(ini: str, port: int, users: Path, server: Postgresql, version: tuple[int, int]) -> tuple[str, dict[str, str]]:
    """A pooler's configuration with the places of this machine, and what was replaced with the reason."""
    ini, count = re.subn(r"host=\S+ port=\d+", f"host={HOST} port={server.port}", ini)
    assert count == 1, "a pooler's configuration names one server"
    ini = ini.replace(" load_balance_hosts=disable", "")
    place = {
        "listen_addr": "127.0.0.1", "listen_port": str(port), "unix_socket_dir": "", "auth_file": str(users),
        "server_tls_ca_file": str(server.authority.file),
    }  # fmt: skip
    replaced = {}
    for setting, value in place.items():
        if re.search(rf"^{setting} = ", ini, re.MULTILINE):
            ini, replaced[setting] = _replaced(ini, setting, f"{setting} = {value}"), "it is of the place"
    if version < _PREPARED_SINCE and "max_prepared_statements" in ini:
        ini = re.sub(r"max_prepared_statements = .*\n", "", ini)
        replaced["max_prepared_statements"] = "PgBouncer knows it from 1.21 on, and this is {}.{}".format(*version)
    return ini, replaced


def _replaced(ini: str, setting: str, line: str) -> str:
    ini, count = re.subn(rf"^{setting} = .*$", lambda match: line, ini, flags=re.MULTILINE)
    return ini if count else f"{ini}{line}\n"


def version(binary: str | None = None) -> str:
    """The version at hand: ``1.18``."""
    return "{}.{}".format(*_version(binary or program("pgbouncer", PACKAGES["pgbouncer"])))


def _version(binary: str) -> tuple[int, int]:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    match = re.search(r"(\d+)\.(\d+)", said)
    assert match is not None, said
    return int(match[1]), int(match[2])


def migrate(stage: Stage, graph: Graph, server: Postgresql, name: str = "migrations") -> None:
    """Run the Job of the platform's migrations, with its own command, files and environment, on a server.

    Raises OutsideError with what it said if it fails.
    """
    job = next(each.body for each in graph.of_type("batch/v1/Job") if _is_migration(each.body))
    spec = job["spec"]["template"]["spec"]
    of = next(volume["configMap"]["name"] for volume in spec["volumes"] if "configMap" in volume)
    files = next(each.body for each in graph.of_type("v1/ConfigMap") if each.body["metadata"]["name"] == of)
    folder = stage.folder(name)
    for file, content in files["data"].items():
        (folder / file).write_text(render_text(content, str), encoding="utf-8")
    container = map_leaves(spec["containers"][0], _plain)
    place = next(mount["mountPath"] for mount in container["volumeMounts"])
    environment = {each["name"]: each.get("value", "") for each in container["env"]}
    # Those that come from Secrets.
    for variable in environment:
        if variable.startswith("PASSWORD_"):
            environment[variable] = application(stage, variable.removeprefix("PASSWORD_")).password
    environment |= {
        "PGUSER": server.credentials.user, "PGPASSWORD": server.credentials.password, "PGHOST": HOST,
        "PGPORT": str(server.port), "PGSSLROOTCERT": str(server.authority.file),
    }  # fmt: skip
    command = [word.replace(place, str(folder)) for word in container["command"]]
    program("psql", PACKAGES["psql"])
    stage.run(command, folder=folder, environment=environment)


def _is_migration(body: Mapping[str, Any]) -> bool:
    command = body["spec"]["template"]["spec"]["containers"][0].get("command", ())
    return any(str(word).endswith(_SCRIPT) for word in command)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def _write(stage: Stage, path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    stage.give(path)
