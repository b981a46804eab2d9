"""Delivery: what keeps a cluster in step with a repository, and how a new version is let in."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Fact, Known, Link, Plain
from seawall.kernel.address import Address


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Syncs(Fact):
    """A repository's folder is kept applied to a namespace; ``ignores`` are the (kind, path) left alone."""

    of: Address
    destination: Address
    repository: str
    path: str
    revision: str
    automated: bool
    self_heal: bool
    prune: bool
    ignores: tuple[tuple[str, str], ...] = ()
    respects_ignores: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Installed(Fact):
    """A Helm chart is installed into a namespace at this version; its values stand in the body of ``of``."""

    of: Address
    namespace: Address
    repository: str
    chart: str
    version: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Step(Plain):
    """A step of a release: set a weight in percent, pause for seconds (None: until somebody says go), or analyse."""

    weight: int | None = None
    pause: int | None = None
    waits: bool = False
    analysis: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shift(Fact):
    """A workload's new version gets its traffic step by step, through a router or by the number of pods.

    ``analyses`` are the analyses that it names, in the background or in a step.
    """

    workload: Address
    steps: tuple[Step, ...]
    router: Link | None
    stable: Link | None
    canary: Link | None
    analyses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis(Fact):
    """Looks at a new version; ``judging`` are the names of those of its ``metrics`` by which it can fail."""

    of: Address
    metrics: tuple[str, ...]
    judging: Known[tuple[str, ...]]
