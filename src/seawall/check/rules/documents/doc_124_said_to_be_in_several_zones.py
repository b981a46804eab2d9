"""What is said to run in several zones, and runs in one."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.analyze.named import stores_named
from seawall.analyze.stores import servers
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DOC-124",
    severity=Severity.HIGH,
    summary="A store is said to be in several zones and has one server",
    why="with its zone the store is gone until somebody restores a backup, while the plan for that day says that it "
    "fails over by itself",
    fix="set multi_az true or add a replica, or say that the store is in one zone",
    layers=("claims", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases and caches that a claim calls by name, against their servers and copies in other zones."""
    for claim in facts.where(Claim, subject="several_zones"):
        for store in stores_named(facts, claim.measure):
            if store.kind not in ("database", "cache"):
                continue
            copies = [copy for copy in facts.where(Replicates, source=store.of) if copy.scope == "zone"]
            nodes = store.nodes if store.nodes != 0 else len(servers(facts, store))
            missing = [value for value in (nodes, *(copy.target for copy in copies)) if isinstance(value, Unknown)]
            if missing:
                yield RULE.unknown(f"whether {store.of} has a second server is not known", missing, store.of)
            elif not copies and isinstance(nodes, int) and nodes < 2 and not _server_of_several(facts, store):
                yield RULE.refuted(
                    f"{claim.measure} is said to be in several zones, and {store.of} is one server",
                    *written(claim),
                    store.of,
                )


def _server_of_several(facts: Facts, store: Store) -> bool:
    """Whether the name is that of one server among others, such as an instance of an Aurora cluster."""
    return any(facts.where(Replicates, target=store.of))
