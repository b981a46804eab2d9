"""Data: stores, how they replicate, how they are backed up, who opens how many connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.fact import Fact, Known, Link
from seawall.kernel.address import Address
from seawall.kernel.units import Estimate
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Store(Fact):
    """A thing that keeps data; ``class_`` is its instance class, ``size`` its bytes, ``key`` what encrypts it."""

    of: Address
    kind: Literal["database", "cache", "bucket", "table", "stream", "file-system", "volume", "registry", "logs"]
    engine: str
    version: Known[str]
    region: Known[str]
    zone: Known[str] | None = None
    nodes: Known[int] = 1
    class_: Known[str] = ""
    size: Known[int] | None = None
    encrypted: Known[bool] = False
    key: Link | None = None
    deletion_protected: Known[bool] = False
    final_snapshot: Known[bool] = False
    public: Known[bool] = False
    versioned: Known[bool] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Replicates(Fact):
    """A store has a copy; ``takes`` is how long promotion takes, in seconds."""

    source: Link
    target: Link
    mode: Literal["synchronous", "asynchronous"]
    scope: Literal["zone", "region", "cloud"]
    promotion: Literal["automatic", "manual"]
    takes: Estimate


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Migrates(Fact):
    """A task takes what a database holds from one endpoint to another; ``keeps_up`` with what is written later, too."""

    of: Address
    source: Link
    target: Link
    keeps_up: Known[bool]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MigrationEnd(Fact):
    """An endpoint of migrations is the database of that host."""

    of: Address
    host: Link | Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CopiesImages(Fact):
    """What is pushed to the registry of one region is copied to another, where its name begins with one of these.

    No ``prefixes`` means every repository; ``account`` is "" for the registry's own.
    """

    of: Address
    source: Known[str]
    target: Known[str]
    prefixes: tuple[str, ...] = ()
    account: Known[str] = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Archives(Fact):
    """Objects of a bucket go into an archive after so many days: they have to be asked for hours before they are read.

    ``prefix`` is how the names of those begin that are meant, ``None`` where a rule chooses by something else.
    """

    of: Link
    after: Known[int]
    prefix: Textual | None = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Backup(Fact):
    """A store, or what is a member of a plan, is backed up: kept for ``keeps`` seconds, every ``every`` seconds."""

    of: Link
    keeps: Known[int]
    every: Known[int] | None = None
    point_in_time: Known[bool] = False
    region: Known[str] = ""
    key: Link | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ClusterBackup(Fact):
    """A cluster's objects in these namespaces are copied to ``place``, again and again; none named means all.

    ``volumes`` says how their volumes are: ``snapshot`` stays where the volume is, ``moved`` goes to the place, too.
    """

    of: Address
    namespaces: tuple[Address, ...]
    volumes: Known[Literal["none", "snapshot", "moved"]]
    place: Address


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BackupPlace(Fact):
    """Where a cluster's copies lie: a bucket by its name, and its region as far as it says that."""

    of: Address
    bucket: Link | Textual
    region: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter(Fact):
    """A parameter of a store's engine, as somebody wrote it; whoever is a member of ``of`` has it."""

    of: Address
    name: str
    value: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pool(Fact):
    """Each replica of a workload opens up to ``size`` connections to a store or host."""

    of: Address
    to: Link | Textual
    size: Known[int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limit(Fact):
    """There is no more than that of something: connections, addresses, target groups ..."""

    of: Link
    what: str
    value: Known[int]
    source: str
