"""What all pods of the platform's own images have in common, whether somebody asks them or they look for work."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from seawall.components import environment, images
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.environment import Framework
from seawall.components.metrics import Metrics
from seawall.components.node_pools import GPU
from seawall.components.offer import Offer, Pods
from seawall.components.paths import demands, needs, volumes
from seawall.components.pods import account, budget, confined_container, confined_pod, known_as, scratch
from seawall.components.policy import pod_role
from seawall.components.scaling import Scale
from seawall.components.scope import Scope
from seawall.components.secrets import held, synchronised
from seawall.facts.demands import Connect
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.model.fields import Cpu, Frame, Image, Line, Name, Size

Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

STORES = ("mysql", "postgresql")
"""What is spoken over connections that are kept, and so are counted."""


class Amounts(Frame):
    """Processor and memory."""

    cpu: Cpu | None = None
    memory: Size | None = None


class Resources(Frame):
    """What a pod is promised, and what it may take at most; memory is capped at what it is promised unless said."""

    requests: Amounts = Amounts(cpu=units.Cpu(100), memory=units.Size(256 * 2**20))
    limits: Amounts = Amounts()


class Workload(Expandable):
    """Pods of one image that reach what they need, and nothing else."""

    image: Image
    """An image of the platform's own registry by its bare name; another registry's with its host."""
    tag: Tag = "v1"
    digest: Digest | None = None
    """What the image is to be, byte for byte; it goes before the tag."""
    framework: Framework = "plain"
    """Which names the environment has, and where probes ask: spring, nginx or plain."""
    namespace: Name | None = None
    nodes: Name | None = None
    """The node group or pool on which its pods lie; where silent, on any without a taint."""
    gpus: Annotated[int, Field(ge=0, le=16)] = 0
    """How many graphics processors each pod has to itself."""
    resources: Resources = Resources()
    connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many connections each pod keeps to each database that it needs."""
    env: Mapping[VariableName, Line] = {}
    metrics: Metrics | None = None
    """What its pods export; where silent, a spring application says it of itself, and an exporter beside an nginx."""

    @model_validator(mode="after")
    def _of_an_image(self) -> Workload:
        if images.is_ours(self.image) and (":" in self.image or "@" in self.image):
            raise ValueError(f"image {self.image} is of the platform's own registry; say its version as tag or digest")
        if self.gpus and self.nodes is None:
            raise ValueError("a pod with a graphics processor lies on nodes that have one; name their pool as `nodes`")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def scaled(self) -> Scale:
        """How many pods there are, and what their number follows."""

    @property
    @abstractmethod
    def most_pods(self) -> int:
        """How many pods there may be at once."""

    def relies_on(self) -> tuple[str, ...]:
        """What measures and scales by signals."""
        return self.scaled.relies_on

    def pods(self, scope: Scope) -> Pods:
        """Its pods, of all versions."""
        namespace = self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))
        address = Address.kubernetes(scope.cluster_name, self.controlled[1], namespace, scope.name)
        return Pods(namespace, (("app.kubernetes.io/name", scope.name),), address)

    @property
    def controlled(self) -> tuple[str, str]:
        """API version and kind of what keeps its pods running."""
        return "apps/v1", "Deployment"

    # -- what it comes to ------------------------------------------------------------------------------------------

    def surroundings(self, scope: Scope, pods: Pods) -> Iterator[Resource]:
        """Repository, account, role, secrets and budget of the pods; InputError if their namespace cannot hold them."""
        self._known(scope, pods)
        if images.is_ours(self.image):
            yield from images.repository(scope, self.image)
        yield account(scope, pods.namespace)
        rights = [right for _, offer, _ in needs(scope) for right in offer.rights]
        if rights:
            yield from pod_role(
                scope,
                scope.identifier,
                namespace=pods.namespace,
                account=scope.name,
                cluster=scope.the(Cluster).name_ref(scope),
                rights=rights,
            )
        for need, offer, _ in needs(scope):
            if offer.credentials is not None and offer.credentials.secret is not None:
                yield synchronised(scope, secret(scope, need, offer), pods.namespace, offer.credentials)
            if offer.held is not None and offer.held.secret is not None:
                yield held(scope, secret(scope, need, offer), pods.namespace, offer.held)
        yield budget(scope, pods.namespace, dict(pods.labels))

    def demanded(self, scope: Scope, pods: Pods) -> Iterator[Demand]:
        """That the pods reach, call and hold what they need, at their largest number."""
        for _, offer, said in needs(scope):
            yield from demands(pods.workload, offer, said)
            if offer.speaks in STORES:
                yield Connect(pods.workload, offer.target, self.connections * self.most_pods, said=said)

    def _known(self, scope: Scope, pods: Pods) -> None:
        known = scope.the(Cluster).namespaces_of(scope)
        if pods.namespace not in known:
            raise InputError(
                f"{scope.name} lies in the namespace {pods.namespace}, which the cluster does not have",
                fix=f"choose one of {', '.join(known)}, or add it to cluster.namespaces",
                origin=scope.origin,
            )
        quota = known[pods.namespace].quota
        if self.gpus and quota is not None and quota.gpus is not None and self.gpus * self.most_pods > quota.gpus:
            raise InputError(
                f"{scope.name} may come to {self.most_pods} pods of {self.gpus} GPUs each, "
                f"and the quota of {pods.namespace} has {quota.gpus}",
                fix="give the namespace a larger quota, or have fewer replicas",
                origin=scope.origin,
            )

    def workload(
        self, scope: Scope, pods: Pods, strategy: Mapping[str, Any], template: Mapping[str, Any], **more: Any
    ) -> Resource:
        """What keeps the pods running, with whatever more is said; an autoscaler that owns their number says it."""
        spec: dict[str, Any] = {
            **more,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": dict(pods.labels)},
            "template": dict(template),
        }
        if not self.scaled.varies:
            spec = {"replicas": self.scaled.replicas.least, **spec}
        spec["strategy"] = dict(strategy)
        reloaded = [
            secret(scope, need, offer)
            for need, offer, _ in needs(scope)
            if (offer.credentials is not None and offer.credentials.secret is not None) or offer.held is not None
        ]
        # A rotated password reaches a variable only when its pod is started anew.
        annotations = {"secret.reloader.stakater.com/reload": ",".join(reloaded)} if reloaded else {}
        version, kind = self.controlled
        return scope.object(
            version, kind, scope.name, {"spec": spec}, namespace=pods.namespace, annotations=annotations
        )

    def pod(
        self,
        scope: Scope,
        pods: Pods,
        container: Mapping[str, Any],
        *,
        grace: int,
        spread: list[dict[str, Any]],
        mounted: Iterable[Mapping[str, Any]] = (),
        beside: Iterable[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """The specification of a pod that has ``grace`` seconds to end.

        ``mounted`` are volumes beside those that it needs, ``beside`` containers beside its own.
        """
        cluster = scope.the(Cluster)
        return {
            **known_as(scope.name),
            "terminationGracePeriodSeconds": grace,
            "securityContext": confined_pod(),
            **cluster.priority(scope, pods.namespace),
            **cluster.placement(scope, self.nodes),
            "topologySpreadConstraints": spread,
            "containers": [dict(container), *map(dict, beside)],
            "volumes": [scratch("tmp", "256Mi"), *volumes(scope)[0], *map(dict, mounted)],
        }

    def container(
        self,
        scope: Scope,
        variables: list[environment.Variable],
        *,
        mounts: Iterable[Mapping[str, Any]] = (),
        **more: Any,
    ) -> dict[str, Any]:
        """The container, with these variables and mounts beside those that it needs, and whatever else is said."""
        requests, limits = _amounts(self.resources.requests), _amounts(self.resources.limits)
        if "memory" in requests:
            limits.setdefault("memory", requests["memory"])
        if self.gpus:
            requests[GPU] = limits[GPU] = str(self.gpus)
        return {
            "name": scope.name,
            "image": images.reference(scope, self.image, self.tag, self.digest),
            "imagePullPolicy": "IfNotPresent",
            "env": variables,
            "resources": {"requests": requests, "limits": limits},
            **more,
            "securityContext": confined_container(),
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *map(dict, mounts), *volumes(scope)[1]],
        }

    def variables(
        self, scope: Scope, first: Iterable[environment.Variable], last: Iterable[environment.Variable] = ()
    ) -> list[environment.Variable]:
        """These variables around those of what is needed; those that the description states go before all of them."""
        found = list(first)
        for need, offer, _ in needs(scope):
            found += environment.of_need(self.framework, need, offer, secret(scope, need, offer), self.connections)
        stated = [environment.variable(name, value) for name, value in self.env.items()]
        return environment.merged(scope, [*found, *last], stated)


def secret(scope: Scope, need: str, offer: Offer) -> str:
    """The Secret in which the pods find a need's credentials."""
    if offer.credentials is not None and offer.credentials.secret is None:
        return offer.credentials.name
    if offer.held is not None and offer.held.secret is None:
        return offer.held.name
    return f"{scope.name}-{need}"


def _amounts(amounts: Amounts) -> dict[str, str]:
    found: dict[str, str] = {}
    if amounts.cpu is not None:
        found["cpu"] = str(amounts.cpu)
    if amounts.memory is not None:
        found["memory"] = amounts.memory.quantity
    return found
