"""A database that also talks in clear."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.stores import setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-103",
    severity=Severity.MEDIUM,
    summary="A database accepts connections without TLS",
    why="a client that forgets to ask for TLS, or is talked out of it, sends passwords and rows in clear",
    fix="set require_secure_transport (MySQL) or rds.force_ssl (PostgreSQL) to 1 in the parameter group",
    layers=("terraform", "application"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
    read=None,
)

_SINCE = {"postgres": 15, "aurora-postgresql": 17}
"""The major version from which an engine's default parameters require TLS.

Source: RDS User Guide, "Using SSL with a PostgreSQL DB instance"; Aurora User Guide, "Securing Aurora PostgreSQL data
with SSL/TLS".
"""


def check(facts: Facts) -> Iterator[Finding]:
    """Databases of MySQL and PostgreSQL against what their parameter group says, or its engine's default."""
    for store in standing_alone(facts, "database"):
        if not store.engine.startswith(("mysql", "mariadb", "postgres", "aurora")):
            continue
        said = setting(facts, store.of, "tls-required")
        if said is not None and isinstance(said.value, Unknown):
            yield RULE.unknown(f"whether {store.of} requires TLS is not known", [said.value], store.of)
        elif said is not None and not said.value:
            group = said.of if isinstance(said.of, str) else store.of
            yield RULE.refuted(f"{store.of} does not require TLS: {group} does not say so", store.of, group)
        elif said is None and store.engine not in _SINCE:
            yield RULE.refuted(
                f"{store.of} has the default parameters of {store.engine}, which do not require TLS", store.of
            )
        elif said is None and isinstance(store.version, Unknown):
            yield RULE.unknown(f"whether {store.of} requires TLS is not known", [store.version], store.of)
        elif (
            said is None
            and isinstance(store.version, str)
            and int(store.version.split(".")[0] or 0) < _SINCE[store.engine]
        ):
            yield RULE.refuted(f"{store.of} runs PostgreSQL {store.version}, which does not require TLS", store.of)
