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

import re
from dataclasses import dataclass, field
from typing import Literal

from seawall.kernel.units import Duration

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
