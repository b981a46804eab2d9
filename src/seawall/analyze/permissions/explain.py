"""Why a request is allowed or denied, on one screen: what decides it, and what came nearest."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.analyze.permissions.decision import Decision
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.request import Request


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and the lines that explain it, the nearest miss first; 40 of them at most."""

    decision: Decision
    lines: tuple[str, ...]


def explain(request: Request, policies: Policies) -> Explanation:
    """What decides a request and, where it is not allowed, which statement came nearest to allowing it."""
    decision = decide(request, policies)
    return Explanation(decision, (f"{request.action} on {request.resource}: {decision.answer} by {decision.layer}",))
