"""Delivery: what keeps a cluster in step with a repository, and how a new version is let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from seawall.facts.fact import NOBODY, Fact, Known, Link, Plain
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Syncs(Fact):
    """A repository's folder is kept applied to a namespace; ``ignores`` are the (kind, path) left alone.

    ``of`` is the application; where a set makes applications that cannot be told, it is the set, and the destination
    is unknown.  ``project`` bounds it, ``environment`` is what its own label of that name says.
    """

    of: Address
    destination: Link
    repository: str
    path: str
    revision: str
    automated: Known[bool]
    self_heal: bool
    prune: bool
    ignores: tuple[tuple[str, str], ...] = ()
    respects_ignores: bool = False
    project: Address = NOBODY
    environment: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WorksIn(Fact):
    """A provider of Terraform makes its resources inside the cluster whose API is at that address."""

    of: Address
    host: Link | Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Withholds(Fact):
    """A project lets these applications be synced by nobody but a person, at any time.

    An application is meant if its name, its namespace or its cluster fits one of the patterns.
    """

    of: Address
    applications: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Installed(Fact):
    """A Helm chart is installed into a namespace at this version; its values stand in the body of ``of``."""

    of: Address
    namespace: Address
    repository: str
    chart: Known[str]
    version: str


VALUES_ELSEWHERE: Final = "values-elsewhere"
"""Told of a controller some of whose values are not in the input, so that what it is not told may still be so."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Controller(Fact):
    """A controller that ``knowledge.controllers`` knows runs as that account; ``told`` is what its configuration tells.

    The account is a service account, or one that an add-on of EKS implies, whose cluster another fact names.
    """

    of: Address
    name: str
    account: Address
    told: tuple[tuple[str, Textual], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Occasion(Fact):
    """An object has a controller of its cluster do ``what`` it need not do otherwise, with ``about`` (an ARN)."""

    of: Address
    controller: str
    what: str
    about: Textual = ""


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

    ``analyses`` are the analyses that it names, in the background or in a step; ``beside`` are further routers.
    """

    workload: Address
    steps: tuple[Step, ...]
    router: Link | None
    stable: Link | None
    canary: Link | None
    analyses: tuple[Address, ...] = ()
    beside: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis(Fact):
    """Looks at a new version; ``judging`` are the names of those of its ``metrics`` by which it can fail."""

    of: Address
    metrics: tuple[str, ...]
    judging: Known[tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Job(Fact):
    """A job of a workflow: the events that start it, and what its token may do (scope -> read or write).

    ``permissions`` is None where neither the job nor its workflow says; ``all`` stands for every scope.
    """

    of: Address
    starts: tuple[str, ...]
    permissions: tuple[tuple[str, str], ...] | None
    environment: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Uses(Fact):
    """A job runs an action or workflow of another repository, at a version: a commit, a tag or a branch."""

    of: Address
    action: str
    version: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pushes(Fact):
    """A job pushes an image whatever started it; ``command`` is what says so."""

    of: Address
    command: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TakesOn(Fact):
    """A job takes on a role of AWS by its token; ``role`` is its name.

    ``subjects`` are what the token may say of its job behind the repository's name, with ``*`` for what is not known
    before it runs: ``pull_request``, ``environment:production``, ``ref:refs/tags/*``; ``audience`` is whom it is for.
    """

    of: Address
    role: str
    subjects: tuple[str, ...]
    audience: Textual = "sts.amazonaws.com"
