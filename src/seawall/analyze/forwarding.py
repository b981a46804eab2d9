"""Who answers a request for a host and a path, from the Ingress down to the configuration of the pods' own server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seawall.analyze.reachability.targets import behind
from seawall.facts.compute import Mounts
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers in the end: the last rule that took the request, and the things it came through."""

    forwards: Forwards
    through: tuple[Address, ...]


def answering(facts: Facts, host: str, path: str) -> Answering | Unknown | None:
    """The rule of a pod's own server that a request ends at; None if no server of the input states its rules.

    Rules of an Ingress with the host come first, then those of whatever configuration the service's pods mount.
    """
    by_host = facts.where(Forwards, host=host)
    first = best(by_host, path)
    if first is None or isinstance(first, Unknown):
        return first
    service = facts.one(Service, of=first.to) if isinstance(first.to, Address) else None
    if service is None or not isinstance(first.of, Address):
        return None
    for workload in behind(facts, service):
        for mounts in sorted(facts.where(Mounts, workload=workload.of), key=lambda mounts: mounts.volume):
            found = best(facts.where(Forwards, of=mounts.volume), path)
            if isinstance(found, Unknown):
                return found
            if found is not None:
                return Answering(found, (first.of, service.of, workload.of, mounts.volume))
    return None


def best(rules: Iterable[Forwards], path: str) -> Forwards | Unknown | None:
    """The rule that takes a path: an exact one, else the longest prefix; unknown if one's pattern is not known."""
    found: Forwards | None = None
    doubt: Unknown | None = None
    for rule in sorted(rules, key=str):
        pattern = rule.path
        if isinstance(pattern, Unknown):
            doubt = pattern
        elif isinstance(pattern, str):
            if pattern == path:
                return rule
            if pattern.endswith("*") and path.startswith(pattern[:-1]) and (found is None or _longer(pattern, found)):
                found = rule
    return doubt if doubt is not None else found


def _longer(pattern: str, found: Forwards) -> bool:
    return isinstance(found.path, str) and len(pattern) > len(found.path)
