"""The state of a second region that lies in the first."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import StateElsewhere
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="TF-002",
    severity=Severity.HIGH,
    summary="The Terraform state of a second region lies in the first",
    why="without its state Terraform plans nothing: when the first region is lost, nothing of the second can be "
    "applied, scaled "
    "or mended, on the day on which that is all there is",
    fix="keep each region's state in a bucket of that region, and its pipeline and secrets too",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/"
    "disaster-recovery-workloads-on-aws.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """States of one region's resources that lie in another where the platform runs as well."""
    runs = {cluster.region for cluster in facts.all(Cluster)}
    runs |= {store.region for store in facts.all(Store) if store.kind == "database"}
    for state in facts.all(StateElsewhere):
        if state.region == state.lies or not isinstance(state.region, str) or not isinstance(state.lies, str):
            continue
        if {state.region, state.lies} <= runs:
            yield RULE.refuted(
                f"what {state.of} keeps is in {state.region}, and the state lies in {state.lies}", state.of
            )
