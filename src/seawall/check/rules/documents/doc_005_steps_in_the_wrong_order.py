"""A runbook whose steps are in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import promised, written
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DOC-005",
    severity=Severity.HIGH,
    summary="A runbook sends traffic to a region before it can serve",
    why="requests arrive at a database that still refuses to write, at too few pods, or at something nobody has "
    "looked at; the outage is then in both regions",
    fix="promote the data, scale out, verify, and only then shift the traffic",
    layers=("claims",),
    source="https://docs.aws.amazon.com/r53recovery/latest/dg/region-switch-plans.html",
    read=None,
)


_BEFORE = ("promote-data", "scale-out", "verify")
"""What comes before the traffic does."""


def check(facts: Facts) -> Iterator[Finding]:
    """The claimed order of steps; promotion is only asked for where a copy needs it."""
    claim = promised(facts, "recovery_steps")
    names: tuple[str, ...] = claim.value if claim is not None else ()
    if claim is None or "shift-traffic" not in names:
        return
    late = [name for name in names[names.index("shift-traffic") + 1 :] if name in _BEFORE]
    copies = [copy.target for copy in facts.all(Replicates) if copy.scope == "region" and copy.promotion == "manual"]
    stores = sorted(of for of in copies if isinstance(of, Address) and facts.one(Store, of=of) is not None)
    left_out = ["promote-data"] if stores and "promote-data" not in names else []
    if late or left_out:
        said = [f"{name} comes after shift-traffic" for name in late]
        said += [f"{name} is left out, and {stores[0]} is a copy that somebody has to promote" for name in left_out]
        yield RULE.refuted(
            "; ".join(said),
            *written(claim),
            *(stores or sorted(store.of for store in facts.all(Store)))[:1],
            evidence=[f"{number}. {name}" for number, name in enumerate(names, 1)],
        )
