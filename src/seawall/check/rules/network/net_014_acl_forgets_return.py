"""An access-control list that lets a question through and not its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.reach import reach
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-014",
    severity=Severity.HIGH,
    summary="A network access-control list lets a connection out and not its answers back",
    why="access-control lists are stateless: the answer comes to one of the client's ephemeral ports and is "
    "judged anew",
    fix="allow TCP 1024-65535 in the direction of the answer, for the ranges of the other side",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Needs whose first definite no is the way back."""
    for demand in demanded(facts):
        path = reach(facts, demand)
        hop = path.blocked
        if hop is not None and hop.kind == "return acl":
            lists = sorted({reason.acl for reason in hop.verdict.because if hasattr(reason, "acl")})
            yield RULE.refuted(
                f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}: {hop.says}",
                demand.source,
                *lists,
                evidence=path.lines(),
            )
