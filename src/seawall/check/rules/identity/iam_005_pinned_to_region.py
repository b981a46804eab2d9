"""A policy whose ARNs are of another region than the call."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.gaps import alike, gaps
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-005",
    severity=Severity.CRITICAL,
    summary="A policy allows a call in another region only",
    why="an ARN with a region in it is that region's alone; the same role in the standby is denied every table, queue, "
    "key and secret there",
    fix="name the ARNs of each region in which the role is used, or give each region a role of its own",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Gaps where the very same ARN is allowed in another region."""
    pinned = (gap for gap in gaps(facts) if (link := gap.chain.breaks) and link.fault == "region-pinned ARN")
    for group in alike(pinned):
        first = group[0]
        actions = ", ".join(sorted({gap.call.action for gap in group}))
        says = sorted({link.says for gap in group if (link := gap.chain.breaks) is not None})
        addresses = [each for each in (first.call.source, first.chain.role) if each is not None]
        what = f"{first.call.source} calls {actions}: {says[0]}"
        yield RULE.refuted(what, *addresses, evidence=(*says, *first.chain.lines()))
