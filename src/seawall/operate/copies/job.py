"""What a backup or a restore is told: which database, by whom, to which stores; a document without a secret in it.

```json
{"version": 1, "platform": "petclinic-production", "component": "petclinic-db", "engine": "mysql",
 "database": {"host": "db.internal", "port": 3306, "databases": ["petclinic"], "tls": "rds",
              "secret": "secretsmanager:arn:aws:secretsmanager:..."},
 "stores": ["azure:ACCOUNT/CONTAINER", "s3:BUCKET/PREFIX"],
 "keep": "30 d", "every": "24 h", "encryption": "", "proof": "SELECT COUNT(*) FROM petclinic.owners",
 "metrics": ["cloudwatch:Seawall/Recovery", "textfile:/var/lib/node_exporter/seawall.prom", "push:http://..."]}
```

A secret is named by where it is: ``secretsmanager:ARN`` (JSON with username and password), ``file:PATH`` (the same
JSON, readable by its owner alone), or ``iam:USER`` for a token of RDS. ``tls`` is ``rds`` for AWS's authorities, the
path of a file of authorities, or ``off`` for a server on the loopback.

``identity`` says who this is in Azure: ``ssm:NAME`` of a parameter that holds ``{"tenant": ..., "client": ...}``, or
empty for AZURE_TENANT_ID and AZURE_CLIENT_ID. ``add_only`` is for a writer who may add to its stores and neither list,
read nor delete there (so that nobody who takes it over can harm what is there): nothing is looked for, nothing is
retired, and the answer to the write is the proof; the store's own rules end old copies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from seawall.kernel.errors import InputError, Problem
from seawall.kernel.units import Duration

if TYPE_CHECKING:
    from seawall.model.document import Document

Engine = Literal["mysql", "postgresql"]
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Database:
    """A server and the databases on it that are meant, as its own clients reach it."""

    engine: Engine
    host: str
    port: int
    databases: tuple[str, ...]
    secret: str
    tls: str = "rds"
    region: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What is copied, where to, how often and for how long; every field but ``encryption`` as its document says it."""

    platform: str
    component: str
    database: Database
    stores: tuple[str, ...]
    keep: Duration
    every: Duration
    encryption: str = ""
    proof: str = ""
    metrics: tuple[str, ...] = field(default=())
    identity: str = ""
    add_only: bool = False


_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_USER = re.compile(r"[^\x00-\x1f:\\\"']{1,63}")
_NAMESPACE = re.compile(r"[A-Za-z0-9/_.#-]{1,255}")
_SECRET_FIX = "secretsmanager:ARN, file:/ABSOLUTE/PATH{}"
_FIELDS = {
    "version", "platform", "component", "engine", "database", "stores", "keep", "every", "encryption", "proof",
    "metrics", "identity", "add_only",
}  # fmt: skip
_DATABASE = {"host", "port", "databases", "secret", "tls", "region"}
_SSM = "ssm:"


def read_job(name: str) -> Job:
    """The job of a file, or of the parameter that ``ssm:NAME`` or ``ssm:NAME@REGION`` names.

    Raises InputError that names every field at fault with its file and line; OutsideError where SSM does not answer.
    """
    from seawall.model.document import parse_document, read_document

    if not name.startswith(_SSM):
        return of_document(read_document(Path(name)), name)
    from seawall.operate.copies.aws import parameter

    where, _, region = name.removeprefix(_SSM).rpartition("@") if "@" in name else (name.removeprefix(_SSM), "", "")
    return of_document(parse_document(parameter(where, region), name), name)


def of_document(document: Document, name: str) -> Job:
    """The job that a document says. Raises InputError with every problem of it."""
    return _Reading(document, name).job()


def read_database(name: str, job: Job) -> Database:
    """Where copies of a job are to be restored: a file with ``database:`` as a job has it.

    Databases that it does not name are the job's. Raises InputError with every problem of it.
    """
    from seawall.model.document import read_document

    document = read_document(Path(name))
    said = document.data.get("database")
    if isinstance(said, dict):
        said.setdefault("databases", list(job.database.databases))
    return _Reading(document, name).database(job.database.engine)


def as_text(job: Job) -> str:
    """The document that says this job."""
    database = job.database
    said: dict[str, object] = {
        "version": 1,
        "platform": job.platform,
        "component": job.component,
        "engine": database.engine,
        "database": {
            "host": database.host,
            "port": database.port,
            "databases": list(database.databases),
            "tls": database.tls,
            "secret": database.secret,
            "region": database.region,
        },
        "stores": list(job.stores),
        "keep": _spelled(job.keep),
        "every": _spelled(job.every),
        "encryption": job.encryption,
        "proof": job.proof,
        "metrics": list(job.metrics),
        "identity": job.identity,
        "add_only": job.add_only,
    }
    return json.dumps(said, indent=1) + "\n"


def _spelled(length: Duration) -> str:
    # Of odd lengths the unit's own spelling keeps six digits.
    return str(length) if length.seconds < 1e6 or length.seconds % 86_400 == 0 else f"{length.seconds:.15g} s"


class _Reading:
    """One document, and every problem found in it."""

    def __init__(self, document: Document, name: str) -> None:
        self.document, self.name = document, name
        self.problems: list[Problem] = []

    def job(self) -> Job:
        data = self.document.data
        self._known(data, _FIELDS, ())
        if data.get("version") != 1 or isinstance(data.get("version"), bool):
            self._wrong(("version",), "is not 1", "this Seawall reads jobs of version 1")
        engine: Engine = "postgresql" if data.get("engine") == "postgresql" else "mysql"
        if data.get("engine") != engine:
            self._wrong(("engine",), "is neither mysql nor postgresql")
        add_only = data.get("add_only", False)
        if not isinstance(add_only, bool):
            self._wrong(("add_only",), "is neither true nor false")
        job = Job(
            platform=self._named("platform"),
            component=self._named("component"),
            database=self._database(engine),
            stores=self._stores(),
            keep=self._duration("keep"),
            every=self._duration("every"),
            encryption=self._reference(("encryption",), data.get("encryption", "")),
            proof=self._text(("proof",), data.get("proof", "")),
            metrics=self._metrics(),
            identity=self._identity(data.get("identity", "")),
            add_only=add_only is True,
        )
        if self.problems:
            raise InputError.of(self.problems)
        return job

    def database(self, engine: Engine) -> Database:
        found = self._database(engine)
        self._known(self.document.data, {"database"}, ())
        if self.problems:
            raise InputError.of(self.problems)
        return found

    def _database(self, engine: Engine) -> Database:
        data = self.document.data.get("database")
        if not isinstance(data, dict):
            self._wrong(("database",), "is not there, or no mapping")
            data = {}
        else:
            self._known(data, _DATABASE, ("database",))
        host, port, tls, region = (data.get(key, "") for key in ("host", "port", "tls", "region"))
        if not (isinstance(host, str) and _HOST.fullmatch(host)):
            self._wrong(("database", "host"), "is no name or address of a host")
        if not (isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536):
            self._wrong(("database", "port"), "is no port: a number from 1 to 65535")
        databases = data.get("databases")
        if not (isinstance(databases, list) and databases and all(map(_is_database, databases))):
            self._wrong(("database", "databases"), "is no list of names of databases")
            databases = []
        elif len(set(databases)) != len(databases):
            self._wrong(("database", "databases"), "names one twice")
        tls = tls if "tls" in data else "rds"
        if tls == "off" or tls is False:
            # YAML takes `off` for false.
            tls = "off"
            if host not in _LOOPBACK:
                self._wrong(("database", "tls"), "is off, and the server is not on the loopback")
        elif tls != "rds" and not (isinstance(tls, str) and Path(tls).is_absolute() and "\n" not in tls):
            self._wrong(("database", "tls"), "is none of rds, off, and the absolute path of a file of authorities")
        if region != "" and not (isinstance(region, str) and _REGION.fullmatch(region)):
            self._wrong(("database", "region"), "is no region of AWS")
        secret = data.get("secret")
        if isinstance(secret, str) and secret.startswith("iam:"):
            if not _USER.fullmatch(secret[4:]):
                self._wrong(("database", "secret"), "names no user")
            if tls == "off":
                self._wrong(("database", "secret"), "is a token, which goes over TLS alone")
        else:
            self._reference(("database", "secret"), secret or "?", ", iam:USER")
        return Database(
            engine,
            str(host),
            port if isinstance(port, int) else 0,
            tuple(databases),
            str(secret),
            str(tls),
            str(region),
        )

    def _stores(self) -> tuple[str, ...]:
        from seawall.operate.copies.stores import why_none

        found = self._list("stores")
        for number, place in enumerate(found):
            why = why_none(place)
            if why:
                self._wrong(("stores", number), f"is no store: {why}")
        if not found:
            self._wrong(("stores",), "names no store", "azure:ACCOUNT/CONTAINER, s3:BUCKET/PREFIX or file:FOLDER")
        if len(set(found)) != len(found):
            self._wrong(("stores",), "names one twice")
        return found

    def _metrics(self) -> tuple[str, ...]:
        found = self._list("metrics")
        for number, place in enumerate(found):
            kind, _, rest = place.partition(":")
            if kind == "cloudwatch":
                holds = bool(_NAMESPACE.fullmatch(rest)) and not rest.startswith(("AWS/", ":"))
            elif kind == "textfile":
                holds = Path(rest).is_absolute() and rest.endswith(".prom")
            else:
                holds = kind == "push" and _is_url(rest)
            if not holds:
                self._wrong(
                    ("metrics", number),
                    "is nothing that metrics go to",
                    "cloudwatch:NAMESPACE, textfile:/ABSOLUTE/PATH.prom, or push:URL of a Pushgateway, without a "
                    "password in it",
                )
        return found

    def _identity(self, said: Any) -> str:
        if said != "" and not (
            isinstance(said, str) and re.fullmatch(r"ssm:/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", said)
        ):
            self._wrong(("identity",), "is not ssm:NAME of a parameter")
        return str(said)

    def _named(self, key: str) -> str:
        said = self.document.data.get(key)
        if not (isinstance(said, str) and NAME.fullmatch(said)):
            self._wrong((key,), "is no name: up to 63 lower-case letters, digits and hyphens")
        return str(said)

    def _duration(self, key: str) -> Duration:
        said = self.document.data.get(key)
        try:
            found = Duration.parse(said) if isinstance(said, str) else None
        except ValueError:
            found = None
        if found is None or not 0 < found.seconds < 1e10:
            self._wrong((key,), "is no length of time", "such as 30 min, 24 h or 30 d")
            return Duration(1)
        return found

    def _reference(self, path: tuple[str, ...], said: Any, more: str = "") -> str:
        text = said if isinstance(said, str) else "?"
        kind, _, rest = text.partition(":")
        holds = (
            (kind == "secretsmanager" and re.fullmatch(r"[A-Za-z0-9/_+=.@:!-]{1,2048}", rest))
            or (kind == "file" and Path(rest).is_absolute() and "\0" not in rest)
            or (text == "" and not more)
        )
        if not holds:
            # What stands there may be the secret itself, so it is not repeated.
            self._wrong(path, "does not say where a secret is", _SECRET_FIX.format(more))
        return text

    def _text(self, path: tuple[str, ...], said: Any) -> str:
        if not isinstance(said, str):
            self._wrong(path, "is not text")
        return str(said)

    def _list(self, key: str) -> tuple[str, ...]:
        said = self.document.data.get(key, [])
        if not (isinstance(said, list) and all(isinstance(one, str) for one in said)):
            self._wrong((key,), "is no list of texts")
            return ()
        return tuple(said)

    def _known(self, data: Mapping[str, Any], known: set[str], path: tuple[str, ...]) -> None:
        import difflib

        for key in data:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                fix = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"
                self._wrong((*path, str(key)), "is no field of a job", fix)

    def _wrong(self, path: tuple[str | int, ...], what: str, fix: str = "") -> None:
        spelled = ".".join(str(step) for step in path)
        self.problems.append(Problem(self.document.origin(path), f"{spelled} {what}", fix))


def _is_database(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= 64 and name[0] != "-" and name.isprintable()


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and not parts.query
    except ValueError:
        return False
