"""What a controller has to say of itself, and how the known ones are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from seawall.components.offer import Right
from seawall.components.policy import pod_role
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual


def _nothing(scope: Scope) -> Iterable[Resource]:
    return ()


@dataclass(frozen=True, slots=True)
class Addon:
    """A controller: the namespace and service account of its chart, and its rights in AWS.

    ``rights`` of None means that it has no identity in AWS at all. ``pod_security`` is the level that its own
    namespace enforces; None says that the namespace is Kubernetes' own. ``objects`` are those of the cluster that go
    with it; ``stack`` is where its role lies, ``platform`` for one that names things of other stacks.
    """

    name: str
    namespace: str
    account: str
    purpose: str
    rights: Callable[[Scope], Iterable[Right]] | None
    pod_security: Literal["baseline", "restricted"] | None = None
    objects: Callable[[Scope], Iterable[Resource]] = _nothing
    stack: str | None = None

    def expand(self, scope: Scope, cluster: Textual) -> Iterator[Resource]:
        """Its namespace, role and objects."""
        if self.pod_security is not None:
            labels = {f"pod-security.kubernetes.io/{mode}": self.pod_security for mode in ("enforce", "audit", "warn")}
            yield scope.object("v1", "Namespace", self.namespace, {}, labels=labels)
        if self.rights is not None and (rights := list(self.rights(scope))):
            yield from pod_role(
                scope,
                self.name.replace("-", "_"),
                namespace=self.namespace,
                account=self.account,
                cluster=cluster,
                rights=rights,
                stack=self.stack,
            )
        yield from self.objects(scope)


@cache
def addons() -> dict[str, Addon]:
    """Every known controller by name, in alphabetical order: the ``ADDON`` of each module of this package."""
    import seawall.components.addons as package

    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [module.ADDON for module in modules if hasattr(module, "ADDON")]
    return {addon.name: addon for addon in sorted(found, key=lambda addon: addon.name)}
