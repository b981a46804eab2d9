"""What a controller has to say of itself, and how the known ones are found."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from seawall.components.addons.chart import OPENED, Chart, application
from seawall.components.addons.policies import policies
from seawall.components.offer import Right
from seawall.components.policy import pod_role
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


def _nothing(scope: Scope) -> Iterable[Resource]:
    return ()


def _always(scope: Scope) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Addon:
    """A controller: the namespace and service account of its chart, and its rights in AWS.

    ``rights`` of None means that it has no identity in AWS at all; ``managed`` are AWS's own policies beside them.
    ``pod_security`` is the level that its own namespace enforces; None says that the namespace is somebody else's.
    ``objects`` are what goes with it; ``part`` is the part of the cluster that its role belongs to, ``addons`` for one
    that names things of other stacks. ``called_on`` are ports of its pods that the control plane calls, ``asked_on``
    those that every pod may ask, and ``asks`` the pods that its own ask, by namespace and port. ``installed`` says that
    EKS installs it, with this configuration; otherwise Argo CD installs its ``chart``, after the ``definitions`` of its
    kinds where these are a chart of their own. ``release`` is what the chart's objects are named for, where that is not
    the add-on. One that ``follows`` another comes with it without being named, if it is of ``use``.
    """

    name: str
    namespace: str
    account: str
    purpose: str
    rights: Callable[[Scope], Iterable[Right]] | None
    pod_security: Literal["privileged", "baseline", "restricted"] | None = None
    objects: Callable[[Scope], Iterable[Resource]] = _nothing
    part: str = ""
    managed: tuple[str, ...] = ()
    called_on: tuple[int, ...] = ()
    asked_on: tuple[int, ...] = ()
    asks: tuple[tuple[str, int | None], ...] = ()
    installed: Callable[[Scope], Mapping[str, Any]] | None = None
    chart: Chart | None = None
    definitions: Chart | None = None
    release: str = ""
    follows: str = ""
    use: Callable[[Scope], bool] = _always

    def expand(self, scope: Scope, cluster: Textual, nodes: Iterable[Address]) -> Iterator[Resource]:
        """Its namespace, role, objects and chart; where EKS installs it, its installation once there are ``nodes``."""
        if self.pod_security is not None:
            labels = {f"pod-security.kubernetes.io/{mode}": self.pod_security for mode in ("enforce", "audit", "warn")}
            yield scope.object("v1", "Namespace", self.namespace, {}, labels=labels, annotations=OPENED)
            yield from policies(scope, self.namespace, called_on=self.called_on, asked_on=self.asked_on, asks=self.asks)
        identifier = self.name.replace("-", "_")
        rights = list(self.rights(scope)) if self.rights is not None else []
        if rights or self.managed:
            yield from pod_role(
                scope,
                identifier,
                namespace=self.namespace,
                account=self.account,
                cluster=cluster,
                rights=rights,
                managed=self.managed,
                stack=self.stack(scope),
            )
        yield from self.objects(scope)
        for chart in (self.definitions, self.chart):
            if chart is not None:
                yield application(scope, self, chart)
        if self.installed is not None:
            configuration = self.installed(scope)
            body = {
                "cluster_name": cluster,
                "addon_name": self.name,
                "resolve_conflicts_on_create": "OVERWRITE",
                "resolve_conflicts_on_update": "OVERWRITE",
                "configuration_values": json.dumps(configuration) if configuration else None,
            }
            # Its pods must find the role when they start: they ask for it once.
            identity = (scope.address("aws_eks_pod_identity_association", identifier, stack=self.stack(scope)),)
            waits = (*nodes, *(identity if rights or self.managed else ()))
            yield scope.aws("aws_eks_addon", identifier, body, depends_on=waits)

    def stack(self, scope: Scope) -> str:
        """The stack of its role; ``scope`` is the cluster's."""
        return scope.stack(self.part)


@cache
def addons() -> dict[str, Addon]:
    """Every known controller by name, in alphabetical order: the ``ADDON`` of each module of this package."""
    import seawall.components.addons as package

    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [module.ADDON for module in modules if hasattr(module, "ADDON")]
    return {addon.name: addon for addon in sorted(found, key=lambda addon: addon.name)}
