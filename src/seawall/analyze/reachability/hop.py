"""A path through the network as a list of hops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, all_of

Kind: TypeAlias = Literal[
    "name", "dns", "service", "egress policy", "ingress policy", "place", "egress group", "route", "egress acl",
    "ingress acl", "ingress group", "return acl", "listens", "entrance", "exit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that a connection has to get past: what kind of thing, what it says, and why."""

    kind: Kind
    verdict: Verdict
    says: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}"


@dataclass(frozen=True, slots=True)
class Path:
    """Every hop of one connection, in order."""

    hops: tuple[Hop, ...]

    @property
    def verdict(self) -> Verdict:
        """Refuted if any hop says no, then unknown if any is, else proven."""
        return all_of(hop.verdict for hop in self.hops)

    @property
    def blocked(self) -> Hop | None:
        """The first hop that says no for certain."""
        return next((hop for hop in self.hops if hop.verdict.refuted), None)

    @property
    def missing(self) -> tuple[Unknown, ...]:
        """What would have to be known to decide the unknown hops."""
        return tuple(
            dict.fromkeys(
                reason
                for hop in self.hops
                if hop.verdict.unknown
                for reason in hop.verdict.because
                if isinstance(reason, Unknown)
            )
        )

    def lines(self) -> tuple[str, ...]:
        """The path as evidence, a hop a line, with what each hop answered."""
        return tuple(f"{hop.kind}: {hop.verdict.answer}: {hop.says}" for hop in self.hops)
