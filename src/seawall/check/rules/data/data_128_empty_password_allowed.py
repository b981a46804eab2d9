"""A store that is told to ask for no password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.application import Entry
from seawall.facts.compute import Environment
from seawall.facts.facts import Facts
from seawall.facts.identity import Secret
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Unknown

RULE = Rule(
    id="DATA-128",
    severity=Severity.HIGH,
    summary="A store in the cluster is told to let anybody in",
    why="every pod that reaches it, of whatever team or environment, may read, change and delete all that it holds",
    fix="give it a password from a secret, and take the switch away",
    layers=("kubernetes",),
    source="https://github.com/bitnami/containers/blob/main/bitnami/redis/README.md",
    read=None,
)

SWITCHES: Final = {
    "ALLOW_EMPTY_PASSWORD": ("yes", "true", "1"),
    "MYSQL_ALLOW_EMPTY_PASSWORD": ("*",),
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": ("*",),
    "POSTGRES_HOST_AUTH_METHOD": ("trust",),
}
"""Variables of the images of Bitnami, MySQL, MariaDB and PostgreSQL, and the values that open them; ``*`` is any."""

_ASKS_NOBODY: Final = "POSTGRES_HOST_AUTH_METHOD"
"""What lets in whoever asks even where a password is set."""

_PASSWORDS: Final = re.compile(
    r"REDIS_PASSWORD|(MYSQL|MARIADB)_ROOT_PASSWORD(_HASH)?|(MYSQL|MARIADB)_RANDOM_ROOT_PASSWORD"
    r"|POSTGRESQL_(POSTGRES_)?PASSWORD|MONGODB_ROOT_PASSWORD|VALKEY_PASSWORD"
)


def check(facts: Facts) -> Iterator[Finding]:
    """The environment of each container; one that is given a password as well has one."""
    for found in facts.all(Environment):
        opening = SWITCHES.get(found.name)
        if opening is None or not isinstance(found.value, str) or not found.value:
            continue
        if opening != ("*",) and found.value.lower() not in opening:
            continue
        where = f"container {found.container} of {found.workload} has {found.name}={found.value}"
        if found.name == _ASKS_NOBODY:
            yield RULE.refuted(f"{where}, so nobody is asked for a password", found.workload)
            continue
        beside = [
            each for each in facts.where(Environment, workload=found.workload) if each.container == found.container
        ]
        names = {name for each in beside for name in _names(facts, each)}
        if any(isinstance(name, str) and _PASSWORDS.fullmatch(name.removesuffix("_FILE")) for name in names):
            continue
        doubts = [name for name in names if isinstance(name, Unknown)]
        if doubts:
            yield RULE.unknown(f"{where}, and whether it has a password is not known", doubts, found.workload)
        else:
            yield RULE.refuted(f"{where} and no password", found.workload)


def _names(facts: Facts, variable: Environment) -> Iterator[str | Unknown]:
    """The variables that one stands for: all keys of a ConfigMap or Secret where a container takes the whole of it."""
    if not variable.name.endswith("*"):
        yield variable.name
        return
    keys: set[str] = set()
    if variable.secret is not None:
        source = variable.secret[0]
        keys.update(key for secret in facts.where(Secret, of=source) for key in secret.properties)
    elif isinstance(variable.value, Ref):
        source = variable.value.to
        keys.update(entry.key for entry in facts.where(Entry, of=source))
    else:
        return
    if keys:
        yield from (f"{variable.name[:-1]}{key}" for key in keys)
    else:
        yield Unknown(f"{source}.data", why="the input does not say what it holds")
