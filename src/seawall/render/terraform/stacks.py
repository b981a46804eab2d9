"""Stacks: which root module each resource belongs to, what a stack reads of others, and in which order they come."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, refs


class StackName(NamedTuple):
    """A stack's region and name; prints as ``region/stack``, the head of its resources' addresses."""

    region: str
    stack: str

    def __str__(self) -> str:
        return f"{self.region}/{self.stack}"


@dataclass(frozen=True, slots=True)
class Stack:
    """One root module with one state.

    ``resources`` are sorted by type and name; ``upstream`` are the stacks that must be up before it; ``outputs``
    are what other stacks and manifests read of it, by output name.
    """

    region: str
    name: str
    resources: tuple[Resource, ...]
    upstream: tuple[StackName, ...]
    outputs: Mapping[str, Ref]
    readers: Mapping[str, tuple[str, ...]]
    """Output name -> who reads it: stacks, and ``manifests`` for Kubernetes objects and files."""

    @property
    def key(self) -> StackName:
        """What it is known by."""
        return StackName(self.region, self.name)


def stack_of(address: Address) -> StackName | None:
    """The stack that an address of a Terraform resource belongs to; None for any other address."""
    name = address.as_terraform()
    return StackName(name.region, name.stack) if name else None


def stacks(graph: Graph) -> Mapping[StackName, Stack]:
    """Every stack of a graph, upstream ones first; worked out once for a graph.

    Raises InputError if stacks need each other in a circle, or if something refers to what does not exist.
    """
    return graph.derive(_stacks)


def _stacks(graph: Graph) -> Mapping[StackName, Stack]:
    members: dict[StackName, list[Resource]] = {}
    upstream: dict[StackName, dict[StackName, tuple[Address, Address]]] = {}
    wanted: dict[StackName, dict[Ref, set[str]]] = {}
    for resource in graph:
        home = stack_of(resource.address) if resource.is_terraform else None
        if home is not None:
            members.setdefault(home, []).append(resource)
        for ref in refs(resource.body):
            away = _target_stack(graph, resource, ref)
            if away is not None and away != home:
                wanted.setdefault(away, {}).setdefault(ref, set()).add(home.stack if home else "manifests")
                if home is not None:
                    upstream.setdefault(home, {}).setdefault(away, (resource.address, ref.to))
        for named in resource.meta.get("depends_on", ()):
            away = stack_of(named)
            if home is not None and away is not None and away != home:
                upstream.setdefault(home, {}).setdefault(away, (resource.address, named))
    order = _order(members, upstream)
    found: dict[StackName, Stack] = {}
    for home in order:
        outputs = output_names(wanted.get(home, {}))
        found[home] = Stack(
            home.region,
            home.stack,
            tuple(sorted(members[home], key=lambda resource: (resource.type, resource.address))),
            tuple(sorted(upstream.get(home, {}))),
            outputs,
            {name: tuple(sorted(wanted[home][ref])) for name, ref in outputs.items()},
        )
    return MappingProxyType(found)


def layers(found: Mapping[StackName, Stack]) -> tuple[tuple[StackName, ...], ...]:
    """The stacks in waves: each wave needs only earlier ones, so that its stacks may be applied side by side."""
    depth: dict[StackName, int] = {}
    for name, stack in found.items():  # upstream ones come first
        depth[name] = max((depth[above] + 1 for above in stack.upstream if above in found), default=0)
    waves: dict[int, list[StackName]] = {}
    for name, level in depth.items():
        waves.setdefault(level, []).append(name)
    return tuple(tuple(waves[level]) for level in sorted(waves))


def output_names(wanted: Iterable[Ref]) -> dict[str, Ref]:
    """A name for each reference as an output of its stack, in alphabetical order.

    ``aws_vpc.main.id`` is ``vpc_main_id``; references whose names would be the same get a few letters of a hash
    each, so that no name depends on which other outputs there are of a different name.
    """
    named: dict[str, list[Ref]] = {}
    for ref in wanted:
        named.setdefault(_output_name(ref), []).append(ref)
    found: dict[str, Ref] = {}
    for name, meant in named.items():
        for ref in meant:
            suffix = "" if len(meant) == 1 else "_" + hashlib.sha256(str(ref).encode()).hexdigest()[:6]
            found[name + suffix] = ref
    return dict(sorted(found.items()))


def _output_name(ref: Ref) -> str:
    path = ref.to.as_terraform()
    if path is None:
        raise ValueError(f"{ref} is no Terraform reference")
    words = f"{path.path}.{ref.attr}".removeprefix("data.").removeprefix("aws_")
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_")


def _target_stack(graph: Graph, resource: Resource, ref: Ref) -> StackName | None:
    if graph.get(ref.to) is None:
        raise InputError(
            f"{resource.address} refers to {ref}, which does not exist",
            fix="name a resource of this platform, or give the value itself",
            origin=resource.origin,
        )
    away = stack_of(ref.to)
    if away is None and resource.is_terraform:
        raise ValueError(f"{resource.address} refers to {ref}, which Terraform does not make")
    return away


def _order(
    members: Mapping[StackName, object],
    upstream: Mapping[StackName, Mapping[StackName, tuple[Address, Address]]],
) -> tuple[StackName, ...]:
    done: dict[StackName, None] = {}
    path: list[StackName] = []

    def visit(name: StackName) -> None:
        if name in done or name not in members:
            return
        if name in path:
            circle = [*path[path.index(name) :], name]
            steps = "; ".join(_because(upstream[a][b]) for a, b in itertools.pairwise(circle))
            raise InputError(
                f"stacks need each other in a circle: {' -> '.join(map(str, circle))} ({steps})",
                fix="move the resources that cause it to one stack, under `stacks:` of the description",
            )
        path.append(name)
        for above in sorted(upstream.get(name, {})):
            visit(above)
        path.pop()
        done[name] = None

    for name in sorted(members):
        visit(name)
    return tuple(done)


def _because(edge: tuple[Address, Address]) -> str:
    return f"{edge[0]} needs {edge[1]}"


def providers_of(stack: Stack) -> Iterator[tuple[str, str]]:
    """Provider and region of each resource that is not in its stack's own region, each pair once."""
    yield from sorted(
        {
            (provider_of(resource.type), str(resource.region))
            for resource in stack.resources
            if resource.region and resource.region != stack.region
        }
    )


def provider_of(type: str) -> str:
    """The provider that makes a type, by the type's first word."""
    return type.removeprefix("data.").removeprefix("ephemeral.").split("_", 1)[0]
