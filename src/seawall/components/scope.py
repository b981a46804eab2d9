"""What a component sees while it expands: its own name and place, and the rest of the platform through offers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_args

from seawall.components.component import Expandable
from seawall.components.offer import Offer
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref
from seawall.knowledge.taggable import takes_tags
from seawall.model.component import Component
from seawall.model.platform import Platform

C = TypeVar("C", bound=Component)


@dataclass(frozen=True, slots=True)
class Scope:
    """One component of a platform, in one of its regions."""

    platform: Platform
    name: str
    region: str

    # -- who and where ---------------------------------------------------------------------------------------------

    @property
    def origin(self) -> Origin:
        """Where the component is described."""
        return self.platform.origin(self.name)

    @property
    def title(self) -> str:
        """The name under which AWS knows the platform's environment: ``petclinic-production``.

        A further site's ends in its name, since roles and buckets have names across regions.
        """
        return "-".join(filter(None, (self.platform.name, self.platform.environment, self.platform.site)))

    @property
    def full_name(self) -> str:
        """The name under which AWS knows this component: ``petclinic-production-was``."""
        return f"{self.title}-{self.name}"

    @property
    def cluster_name(self) -> str:
        """The cluster's name, which is also the first part of the address of every object in it."""
        return self.title

    @property
    def identifier(self) -> str:
        """The component's name as Terraform resource names are written: ``petclinic_db``."""
        return self.name.replace("-", "_")

    def global_name(self, purpose: str) -> str:
        """A name that nobody else in the world has: a bucket's, of at most 63 characters.

        It begins with the platform's prefix; without one it is unique only within an account.
        """
        name = "-".join(filter(None, (self.platform.prefix, self.title, purpose)))
        if len(name) <= 63:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return f"{name[: 63 - len(purpose) - 10].rstrip('-')}-{digest}-{purpose}"

    def labels(self, name: str | None = None) -> dict[str, str]:
        """The labels of this component's objects; ``app.kubernetes.io/name`` is what selectors use."""
        return {
            "app.kubernetes.io/name": name or self.name,
            "app.kubernetes.io/part-of": self.platform.name,
        }

    # -- other regions ---------------------------------------------------------------------------------------------

    @property
    def is_home(self) -> bool:
        """Whether this is the environment's own region."""
        return not self.platform.site

    @property
    def home(self) -> Scope:
        """The same component in the environment's own region."""
        return Scope(self.platform.home, self.name, self.platform.home.region)

    @property
    def sites(self) -> dict[str, Scope]:
        """The same component in each further region that has it, by the site's name."""
        sites = self.platform.home.sites
        return {
            name: Scope(site, self.name, site.region) for name, site in sites.items() if self.name in site.components
        }

    # -- the rest of the platform ----------------------------------------------------------------------------------

    def the(self, kind: type[C]) -> C:
        """The section of that kind; InputError if the description has none."""
        for component in self.platform.components.values():
            if isinstance(component, kind):
                return component
        (name,) = get_args(kind.model_fields["kind"].annotation)
        raise InputError(f"{self.name} needs a {name}, and there is none", fix=f"add `{name}:`", origin=self.origin)

    def has(self, kind: type[Component]) -> bool:
        """Whether the platform has a component of that kind."""
        return any(isinstance(component, kind) for component in self.platform.components.values())

    def at(self, name: str) -> Scope:
        """The scope of another component, in the same region."""
        return Scope(self.platform, name, self.region)

    def component(self, name: str) -> Expandable:
        """A component of the platform by its name."""
        return cast(Expandable, self.platform.components[name])

    def offer(self, name: str) -> Offer:
        """What another component offers."""
        return self.component(name).offer(self.at(name))

    def seekers(self) -> tuple[str, ...]:
        """The names of the components that need this one, in the order of the description."""
        return self.platform.needed_by.get(self.name, ())

    def every(self, kind: type[C]) -> Mapping[str, C]:
        """Every component of a kind, by name."""
        return {name: found for name, found in self.platform.components.items() if isinstance(found, kind)}

    # -- making resources ------------------------------------------------------------------------------------------

    def stack(self, part: str = "") -> str:
        """The stack that this component's resources go to, or those of one of its ``parts``."""
        return self.platform.stacks[f"{self.name}.{part}" if part else self.name]

    def address(self, type: str, name: str, *, stack: str | None = None) -> Address:
        """The address of a Terraform resource of this component; its stack is the component's unless named."""
        return Address.terraform(self.region, stack or self.stack(), f"{type}.{name}")

    def ref(self, type: str, name: str, attr: str, *, stack: str | None = None) -> Ref:
        """An attribute of a Terraform resource of this component."""
        return Ref(self.address(type, name, stack=stack), attr)

    def aws(
        self,
        type: str,
        name: str,
        body: Mapping[str, Any],
        *,
        stack: str | None = None,
        region: str | None = None,
        depends_on: Iterable[Address] = (),
        lifecycle: Mapping[str, Any] | None = None,
        called: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> Resource:
        """An AWS resource, tagged if its type takes tags; ``called`` is its Name tag.

        ``region`` is where it lies if not in the component's own; null arguments are left out. ``files`` (name ->
        content) are written beside the root module, where the body can name them.
        """
        arguments = {key: value for key, value in body.items() if value is not None}
        if takes_tags(type):
            arguments["tags"] = self.tags(called or f"{self.title}-{name.replace('_', '-')}") | arguments.get(
                "tags", {}
            )
        meta: dict[str, Any] = {}
        if dependencies := tuple(depends_on):
            meta["depends_on"] = dependencies
        if lifecycle:
            meta["lifecycle"] = dict(lifecycle)
        if files:
            meta["files"] = dict(files)
        address = self.address(type, name, stack=stack)
        return Resource(address, type, arguments, self.origin, region or self.region, meta)

    def lookup(self, type: str, name: str, body: Mapping[str, Any], *, stack: str | None = None) -> Resource:
        """A data source; ``type`` without its ``data.``."""
        address = self.address(f"data.{type}", name, stack=stack)
        return Resource(address, f"data.{type}", dict(body), self.origin, self.region)

    def ephemeral(self, type: str, name: str, body: Mapping[str, Any]) -> Resource:
        """What is known while Terraform runs and kept by nobody; ``type`` without its ``ephemeral.``."""
        address = self.address(f"ephemeral.{type}", name)
        return Resource(address, f"ephemeral.{type}", dict(body), self.origin, self.region)

    def object(self, api_version: str, kind: str, name: str, body: Mapping[str, Any], *,
               namespace: str = "", labels: Mapping[str, str] | None = None,
               annotations: Mapping[str, Any] | None = None) -> Resource:  # fmt: skip
        """A Kubernetes object of the platform's cluster; ``body`` is what stands beside its metadata."""
        metadata: dict[str, Any] = {"name": name}
        if namespace:
            metadata["namespace"] = namespace
        metadata["labels"] = self.labels() | dict(labels or {})
        if annotations:
            metadata["annotations"] = dict(annotations)
        manifest = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
        address = Address.kubernetes(self.cluster_name, kind, namespace, name)
        return Resource(address, f"{api_version}/{kind}", manifest, self.origin, self.region)

    def file(self, path: str, format: str, body: Mapping[str, Any]) -> Resource:
        """A file of a known format that is delivered beside stacks and manifests, at this path of what is compiled.

        A body is the file's own structure; of a format that is no YAML or JSON it holds the ``text``.
        """
        return Resource(Address.file(path), f"file/{format}", dict(body), self.origin)

    def tags(self, called: str) -> dict[str, str]:
        """The tags of an AWS resource of this component."""
        tags = {
            "Name": called,
            "platform": self.platform.name,
            "environment": self.platform.environment,
            "component": self.name,
        }
        if self.platform.site:
            tags["site"] = self.platform.site
        if self.platform.owner:
            tags["owner"] = self.platform.owner
        return dict(self.platform.tags) | tags
