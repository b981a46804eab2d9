"""Compute: clusters, nodes, workloads, their containers, probes, scaling and disruption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.pod_network import Labels, Requirement, Selector
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cluster(Fact):
    """A Kubernetes cluster; ``api_cidrs`` are the ranges that may reach a public endpoint, None if it has none."""

    of: Address
    name: Known[str]
    version: Known[str]
    region: Known[str]
    issuer: Textual
    private_api: Known[bool]
    api_cidrs: Known[tuple[str, ...]] | None
    logs: Known[tuple[str, ...]] = ()
    secrets_key: Link | None = None
    authentication: Known[str] = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeGroup(Fact):
    """Nodes of a cluster: types, how many, and how they are bought."""

    of: Address
    cluster: Link
    types: Known[tuple[str, ...]]
    least: Known[int]
    desired: Known[int]
    most: Known[int]
    capacity: Known[Literal["on-demand", "spot", "fargate"]]
    image: Known[str]
    labels: Labels = ()
    taints: tuple[tuple[str, str, str], ...] = ()
    launch: Link | None = None
    principal: Link | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodePool(Fact):
    """Nodes that a controller makes as pods need them, as a node class says; its limits are Limits of the pool.

    ``types`` is () where any will do; ``capacity`` are the ways in which nodes may be bought. ``expires`` is after how
    many seconds a node is replaced, None for never; ``drains`` how long its pods may hold that up, None for ever;
    ``consolidates`` says when nodes are merged.
    """

    of: Address
    node_class: Address
    types: Known[tuple[str, ...]]
    capacity: tuple[str, ...]
    labels: Labels = ()
    taints: tuple[tuple[str, str, str], ...] = ()
    expires: Known[int] | None = None
    drains: Known[int] | None = None
    consolidates: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FargateProfile(Fact):
    """Pods of these namespaces that carry these labels run on Fargate; a name may hold the stars of a pattern."""

    of: Address
    cluster: Link
    name: Known[str]
    selectors: tuple[tuple[str, Labels], ...]
    subnets: Known[tuple[Link, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeClass(Fact):
    """How a pool's nodes are made: in subnets and with security groups that carry all tags of one of these terms.

    A tag whose value is ``*`` may have any; things that are named by their id are links. ``images`` are the aliases of
    the images that nodes start from, where it names some so: ``al2023@v20240807``. ``public`` says whether nodes have a
    public address, None where their subnet says so.
    """

    of: Address
    subnets: tuple[Labels | Link, ...]
    groups: tuple[Labels | Link, ...]
    profile: Link | Textual
    images: tuple[str, ...] = ()
    public: Known[bool] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fleet(Fact):
    """Instances of one make that are kept running; ``launch`` is the template of each."""

    of: Address
    launch: Link | None
    least: Known[int]
    most: Known[int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Joins(Fact):
    """The instances of a fleet are nodes of the cluster of that name; whoever keeps them himself labels them so."""

    of: Address
    cluster: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Addon(Fact):
    """An add-on that the cluster's provider runs: its name, version and the account it acts as."""

    of: Address
    cluster: Link
    name: str
    version: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Workload(Fact):
    """Something that keeps pods running; ``replicas`` is None where an autoscaler owns the number.

    ``nodes`` are the labels that a node must have, ``tolerates`` what its taints may be: key, operator, value, effect.
    ``undisturbed`` says that Karpenter must not move its pods.
    """

    of: Address
    namespace: Address
    labels: Labels
    account: Address
    controller: str
    replicas: Known[int] | None
    strategy: str = ""
    grace: Known[int] = 30
    host_network: bool = False
    nodes: Labels = ()
    tolerates: tuple[tuple[str, str, str, str], ...] = ()
    priority: str = ""
    undisturbed: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeTerms(Fact):
    """A workload's pods lie only on nodes that fulfil every requirement of one of these terms."""

    workload: Address
    terms: tuple[tuple[Requirement, ...], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Container(Fact):
    """A container of a workload; requests and limits as written: (("cpu", "500m"), ("memory", "1Gi")).

    ``protocols`` are those of its ports, in their order; TCP where there are fewer. ``stays`` of one that begins before
    the others and runs beside them (a sidecar).
    """

    workload: Address
    name: str
    image: Textual
    requests: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    init: bool = False
    protocols: tuple[str, ...] = ()
    stays: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Environment(Fact):
    """A container's environment variable: its plain value, or the secret and key that it comes from."""

    workload: Address
    container: str
    name: str
    value: Textual = ""
    secret: tuple[Address, str] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Started(Fact):
    """The words by which a container is started instead of, or after, those of its image: command, then arguments.

    Those that may hold a secret are left out.
    """

    workload: Address
    container: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Confined(Fact):
    """What a container is kept from, as its security context says."""

    workload: Address
    container: str
    runs_as_root: Known[bool]
    privileged: bool
    escalates: bool
    read_only: bool
    drops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stops(Fact):
    """Before a container is told to stop, it goes on for so many seconds at the least."""

    workload: Address
    container: str
    after: Known[int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Refused(Fact):
    """A workload's pods are refused where this Pod Security level is enforced, or a stricter one, and why."""

    workload: Address
    level: Literal["baseline", "restricted"]
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Probe(Fact):
    """How a container is asked whether it lives, is ready or has started; times in seconds."""

    workload: Address
    container: str
    kind: Literal["liveness", "readiness", "startup"]
    path: str
    port: int | str
    delay: int = 0
    period: int = 10
    failures: int = 3
    timeout: int = 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Autoscaler(Fact):
    """A workload's replicas follow signals such as ("cpu", "70"), between two bounds."""

    of: Address
    target: Address
    least: Known[int]
    most: Known[int]
    signals: tuple[tuple[str, str], ...]
    controller: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DisruptionBudget(Fact):
    """How many pods may be away at once, as written: a number or a percentage."""

    of: Address
    namespace: Address
    selector: Selector
    min_available: str | None = None
    max_unavailable: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Spread(Fact):
    """A workload's pods are kept apart over that topology; hard means that a pod rather waits.

    With ``alone`` there is to be no second one in the same place; without, places may differ by ``skew``.
    """

    workload: Address
    topology: str
    hard: bool
    skew: int = 1
    alone: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mounts(Fact):
    """A workload mounts a claim, a secret or a configuration; ``mode`` as Kubernetes names it."""

    workload: Address
    volume: Address
    mode: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Claims(Fact):
    """A volume is asked for: size as written, storage class, access modes."""

    of: Address
    size: str
    storage_class: str
    modes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VolumeClass(Fact):
    """How volumes of a class are made: by whom, encrypted or not, and when their zone is chosen."""

    of: Address
    name: str
    provisioner: str
    encrypted: Known[bool]
    binding: str
    reclaim: str
    expands: Known[bool]
    default: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApiVersion(Fact):
    """An object is written in that version of that API."""

    of: Address
    cluster: str
    version: str
    kind: str
