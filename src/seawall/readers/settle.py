"""Settling: one pass between expanding or ingesting a graph and reading it.

The same thing can be said by a reference, by a reference to a reference, or by a plain name. Readers see one body
and so cannot tell; settling gives every body its one spelling first. Two rules:

1. Where a type has declared that a text attribute names another resource (``registry.link``), it becomes a Ref to
   that resource, if exactly one of the same region has that name; a Ref to it stays as it is.
2. Everywhere else, and inside strings, a Ref is replaced by what the body that it points at says, for as long as a
   body says it. A lone Ref to ``id`` or ``arn`` stays, because it is what facts join by.

A settled graph is for reading. Render the graph that was settled, not the settled one: a name in place of a Ref no
longer tells Terraform what must exist first.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

import orjson

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Textual, Unknown, Value, map_holes, text
from seawall.readers.collection import collection_paused
from seawall.readers.registry import LinkTarget, answering, links

HOPS = 64
"""References are followed no further than this: beyond it an input is malicious rather than deep."""

JOINS = frozenset({"id", "arn"})
"""Attributes by which resources are joined, and which a provider computes."""


def settle(graph: Graph) -> Graph:
    """The graph with every name and reference in its one spelling; a body that says nothing new is the same object."""
    settling = _Settling(graph)
    with collection_paused():
        changed = [settled for resource in graph if (settled := settling.resource(resource)) is not resource]
        return graph.changed(put=changed) if changed else graph


class _Settling:
    """The state of one pass: what has been answered, and which names have been looked up."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._answered: dict[Ref, Value] = {}
        self._asking: list[Ref] = []
        self._circular: set[Ref] = set()
        self._named: dict[LinkTarget, dict[Value, list[Resource]]] = {}

    def resource(self, resource: Resource) -> Resource:
        """The resource with a settled body; itself if nothing changes."""
        paths = _paths(resource.type)
        if not paths and not _has_references(resource.body):
            return resource
        body = self._value(resource.body, paths, resource)
        if body is resource.body:
            return resource
        return Resource(resource.address, resource.type, body, resource.origin, resource.region, resource.meta)

    def _value(self, value: Value, paths: Any, resource: Resource) -> Value:
        """A value settled along a tree of link paths; outside the tree references are merely followed."""
        if isinstance(paths, LinkTarget):
            return self._link(value, paths, resource)
        if not paths:
            return map_holes(value, self._leaf)
        if isinstance(value, Mapping):
            below = paths.get("*", paths)  # a single block may stand without its list
            mapped = {key: self._value(item, below.get(key), resource) for key, item in value.items()}
            return value if all(mapped[key] is item for key, item in value.items()) else mapped
        if isinstance(value, list | tuple):
            items = [self._value(item, paths.get("*"), resource) for item in value]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return items if isinstance(value, list) else tuple(items)
        return self._leaf(value)

    def _link(self, value: Value, target: LinkTarget, resource: Resource) -> Value:
        """A value that names a resource, as a Ref to it where exactly one has that name."""
        followed = self._towards(value, target.type) if isinstance(value, Ref) else self._leaf(value)
        if not isinstance(followed, str | Text):
            return followed
        named = self._by_name(target).get(followed, ())
        found = [other for other in named if _same_region(resource, other)]
        return Ref(found[0].address, target.attr) if len(found) == 1 else followed

    def _by_name(self, target: LinkTarget) -> dict[Value, list[Resource]]:
        if target not in self._named:
            index = self._named[target] = {}
            for resource in self.graph.of_type(target.type):
                name = self._answer(Ref(resource.address, target.attr))
                if isinstance(name, str | Text | Ref):
                    index.setdefault(name, []).append(resource)
        return self._named[target]

    def _leaf(self, value: Value) -> Value:
        """A leaf with its references followed."""
        if type(value) is str:
            return value
        if isinstance(value, Ref):
            answer = None if self._joins(value) else self._answer(value)
            return value if answer is None else answer
        if isinstance(value, Text):
            parts = [self._part(part) for part in value.parts]
            if all(new is old for new, old in zip(parts, value.parts, strict=True)):
                return value
            return text(*parts)
        return value

    def _joins(self, ref: Ref) -> bool:
        """Whether a lone Ref stays because it joins: to ``id`` or ``arn``, unless its type answers for that itself."""
        if ref.attr not in JOINS:
            return False
        resource = self.graph.get(ref.to)
        return resource is None or (resource.type, ref.attr) not in answering()

    def _part(self, part: str | Ref | Unknown) -> Textual:
        """A part of a string: a reference is replaced only by what can stand within a string."""
        if not isinstance(part, Ref):
            return part
        answer = self._answer(part)
        if isinstance(answer, Ref):
            answer = self._part(answer)  # within a string an id, too, is whatever a body says it is
        match answer:
            case bool():
                return "true" if answer else "false"
            case int() | float():
                return str(answer)
            case str() | Text() | Ref():
                return answer
            case _:
                return part

    def _towards(self, ref: Ref, type: str) -> Value:
        """What a Ref comes to, but no further than a resource of that type."""
        value: Value = ref
        seen: set[Ref] = set()
        while isinstance(value, Ref):
            target = self.graph.get(value.to)
            if target is None or target.type == type:
                return value
            if value in seen:
                return ref
            seen.add(value)
            said = _argument(target.body, value.attr)
            answer = self._answer(value) if said is None else said
            if answer is None or isinstance(answer, Unknown):
                return value
            value = answer
        return map_holes(value, self._leaf)

    def _answer(self, ref: Ref) -> Value:
        """What a Ref comes to in the end; None if no body says so, or if bodies say so only of each other."""
        if ref in self._answered:
            return self._answered[ref]
        if ref in self._asking:
            self._circular.update(self._asking[self._asking.index(ref) :])
            return None
        resource = self.graph.get(ref.to)
        if resource is None or len(self._asking) >= HOPS:
            return None
        self._asking.append(ref)
        try:
            answer = self._work_out(resource, ref.attr)
        finally:
            self._asking.pop()
        if ref in self._circular:
            answer = None
        self._answered[ref] = answer
        return answer

    def _work_out(self, resource: Resource, attribute: str) -> Value:
        computed = answering().get((resource.type, attribute))
        value = _argument(resource.body, attribute)
        if value is None and computed is not None:
            value = computed(map_holes(resource.body, self._leaf), resource.region)
        return None if isinstance(value, Unknown) else map_holes(value, self._leaf)


@cache
def _paths(type: str) -> Any:
    """The declared links of a type as a tree: {"vpc_config": {"*": {"subnet_ids": {"*": LinkTarget}}}}."""
    tree: dict[str, Any] = {}
    for path, target in links().get(type, {}).items():
        *above, last = path.split(".")
        branch = tree
        for word in above:
            branch = branch.setdefault(word, {})
        branch[last] = target
    return tree


def _argument(body: Value, path: str) -> Value:
    """What a body states at a path; None if it states nothing there, or nothing but emptiness."""
    value = body
    for word in path.split("."):
        if isinstance(value, Mapping):
            if word == "0" and "0" not in value:
                continue  # a single block that stands without its list
            value = value.get(word)
        elif isinstance(value, list | tuple) and word.isdigit() and int(word) < len(value):
            value = value[int(word)]
        else:
            return None
    if isinstance(value, Ref | Text | Unknown):
        return value
    return None if value in (None, "", [], {}, ()) else value


def _same_region(one: Resource, other: Resource) -> bool:
    """Whether two resources are in one region, as far as their regions are known."""
    known = [region for region in (one.region, other.region) if isinstance(region, str) and region]
    return len(set(known)) < 2


def _has_references(value: Value) -> bool:
    """Whether a value may hold a Ref or a Text.

    Every body passes through here and most hold none, so the walk is left to a serialiser written for speed: it
    gives up at the first thing that is not JSON, which a Ref or a Text is.
    """
    try:
        orjson.dumps(value, default=_give_up, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    except orjson.JSONEncodeError:
        return True
    return False


def _give_up(_value: Any) -> NoReturn:
    raise TypeError("not JSON")
