"""The state of what stands in another cloud, kept in the region that it is to make up for."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim, StateElsewhere
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="TF-140",
    severity=Severity.HIGH,
    summary="The Terraform state of what Azure has lies in the region whose loss is claimed to be survived",
    why="without its state Terraform plans nothing: when the region is lost, it can start, scale or mend nothing "
    "of the other cloud, on the day on which that is all there is",
    fix="make what stands in Azure from a root module of its own, whose state lies in Azure's storage",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/"
    "disaster-recovery-workloads-on-aws.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """States with things of Azure, in a region where the platform runs and of whose loss something is claimed."""
    claims = [claim for subject in ("region_loss", "cloud_loss") for claim in facts.where(Claim, subject=subject)]
    runs = {cluster.region for cluster in facts.all(Cluster)}
    runs |= {store.region for store in facts.all(Store) if store.kind == "database"}
    for state in facts.where(StateElsewhere, of_azure=True) if claims else ():
        if isinstance(state.lies, str) and state.lies in runs:
            yield RULE.refuted(
                f"{state.of} keeps the state of what is made in Azure in {state.lies}, where the platform runs",
                state.of,
                *dict.fromkeys(of for claim in claims for of in written(claim)),
                evidence=sorted(f"claim: {claim.subject} {claim.measure} {claim.value}" for claim in claims),
            )
