"""Quotas that promise more devices than nodes may ever have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import NodePool
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-103",
    severity=Severity.HIGH,
    summary="Quotas promise more devices than node pools may have",
    why="each namespace may ask for its whole quota; when all do, pods wait for nodes that no pool may make",
    fix="raise the pools' limits, or lower the quotas until their sum fits",
    layers=("kubernetes",),
    source="https://karpenter.sh/docs/concepts/nodepools/",
    read=None,
)

_ASKED = "requests."


def check(facts: Facts) -> Iterator[Finding]:
    """Of every cluster and device, such as nvidia.com/gpu, the quotas' sum against that of the pools' limits."""
    pools = {pool.of for pool in facts.all(NodePool)}
    stops: Counter[tuple[str, str]] = Counter()
    promised: dict[tuple[str, str], list[Limit]] = {}
    for limit in facts.all(Limit):
        device = limit.what.removeprefix(_ASKED)
        if "/" not in device or not isinstance(limit.of, Address):
            continue
        cluster = limit.of.partition("/")[0]
        if limit.of in pools and isinstance(limit.value, int):
            stops[cluster, device] += limit.value
        elif limit.what != device and not isinstance(limit.value, Unknown):
            promised.setdefault((cluster, device), []).append(limit)
    for (cluster, device), limits in promised.items():
        total = sum(limit.value for limit in limits if isinstance(limit.value, int))
        most = stops[cluster, device]
        if (cluster, device) in stops and total > most:
            yield RULE.refuted(
                f"quotas promise {total} of {device}, and the node pools stop at {most}",
                *sorted({limit.by for limit in limits}),
                evidence=sorted(f"{limit.of}: {limit.what} {limit.value}" for limit in limits),
            )
