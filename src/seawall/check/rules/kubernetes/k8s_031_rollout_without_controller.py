"""Rollouts in a cluster that has nobody to carry them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import Controller, Shift, Syncs
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-031",
    severity=Severity.MEDIUM,
    summary="A Rollout is in a cluster without Argo Rollouts, which another cluster has",
    why="a Rollout is carried out by the controller of its own cluster: in one without it makes no pods at all, and "
    "a release "
    "there is not part of the one elsewhere",
    fix="install argo-rollouts in every cluster that has Rollouts",
    layers=("gitops", "kubernetes"),
    source="https://argo-rollouts.readthedocs.io/en/stable/best-practices/",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Clusters with Rollouts and without the controller, where the input says which cluster has it."""
    if any(isinstance(sync.destination, Unknown) for sync in facts.all(Syncs)):
        return  # a set of applications may install it anywhere
    has = {name for controller in facts.where(Controller, name="argo-rollouts") for name in _where(facts, controller)}
    if not has or "" in has:
        return  # of one that Terraform installs beside several clusters nobody can tell where it runs
    without: dict[str, list[Address]] = {}
    for shift in facts.all(Shift):
        name = _cluster(shift.workload)
        if name and name not in has:
            without.setdefault(name, []).append(shift.workload)
    for name, rollouts in without.items():
        yield RULE.refuted(
            f"{name} has {len(rollouts)} Rollout{'s' * (len(rollouts) > 1)}, and the controller is in "
            f"{', '.join(sorted(has))}",
            *sorted(rollouts),
        )


def _where(facts: Facts, controller: Controller) -> Iterator[str]:
    """The clusters that it runs in: an application's are those that it is applied to."""
    destinations = [sync.destination for sync in facts.where(Syncs, of=controller.of)]
    yield from (_cluster(each) for each in destinations or (controller.account,) if isinstance(each, Address))


def _cluster(address: Address) -> str:
    name = address.as_kubernetes()
    return name.cluster if name else ""
