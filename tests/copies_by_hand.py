"""Copies of a small database, made by hand in a folder, of whatever moment a test wants."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from seawall.kernel.units import Duration
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.manifest import Manifest, copy_name
from seawall.operate.copies.pack import Pack

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JOB = Job(
    "shop-production", "shop-db", Database("mysql", "db", 3306, ("shop",), "file:/x"), (), Duration(30 * 86400),
    Duration(86400),
)  # fmt: skip


def _sql(rows: int, seed: int) -> bytes:
    chance = random.Random(seed)
    values = b",\n".join(b"(%d,'%016x')" % (number, chance.getrandbits(64)) for number in range(rows))
    return (
        b"USE `shop`;\nCREATE TABLE `t` (\n  `a` int,\n  `b` text\n);\nINSERT INTO `t` VALUES\n" + values
        + b";\n-- Dump completed on 2026-11-22\n"
    )  # fmt: skip


def put(
    folder: Path,
    began: datetime,
    *,
    seed: int = 1,
    rows: int = 400,
    change: Callable[[Manifest], Manifest] = lambda manifest: manifest,
) -> Manifest:
    """Make a copy of that moment in a folder; ``change`` is applied to its manifest before that is written."""
    store = Folder(folder)
    pack = Pack([_sql(rows, seed)], "mysql")
    name = copy_name("shop-db", began)
    store.put(f"{name}/dump.sql.gz", pack)
    manifest = Manifest(
        "shop-production", "shop-db", "mysql", "db:3306", ("shop",), began, began + timedelta(seconds=1),
        dict(pack.rows), pack.schema, pack.plain_size, pack.plain_sha256, pack.size, pack.sha256, {}, {},
    )  # fmt: skip
    changed = change(manifest)
    store.put(f"{name}/manifest.json", [changed.as_bytes()])
    return changed
