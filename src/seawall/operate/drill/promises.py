"""What the description promises of a bad day, in the units of a drill's measures."""

from __future__ import annotations

from seawall.kernel.units import Duration
from seawall.operate.drill.scenario import Setting


def promised(setting: Setting, subject: str, measure: str) -> float | None:
    """A promise such as ``zone_loss``'s ``rto``, in seconds; None where nothing is promised."""
    for claim in setting.graph.claims:
        if (claim.subject, claim.measure) == (subject, measure):
            assert isinstance(claim.value, Duration), f"{subject}.{measure} is a time"
            return claim.value.seconds
    return None
