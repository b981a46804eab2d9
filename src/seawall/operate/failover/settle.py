"""Values that a plan names by reference, read from the states of the regions that can still be read.

Home's states lie in home's region, and go with it. What a site's stacks read of home's when they were brought up lies
in the site's own states, so a value that a site ever needed outlives home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from seawall.deploy.rendered import Rendered, StackFiles
from seawall.deploy.states import States
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, Text, Unknown, Value, map_holes, render_text


class NotSettled(Exception):
    """A value cannot be read any more, or not yet; the words say which and why."""


class Settling:
    """Fills references in with what is so; ``lost`` is a region that is not to be asked, if one is lost.

    ``look`` asks AWS itself for what no state tells, by what the description calls it; None where it does not know.
    """

    def __init__(
        self,
        graph: Graph,
        rendered: Rendered,
        states: States,
        lost: str = "",
        look: Callable[[Resource, str], Any] = lambda resource, attribute: None,
    ) -> None:
        self._graph, self._rendered, self._states, self._lost, self._look = graph, rendered, states, lost, look
        self._documents: dict[str, Mapping[str, Any]] = {}

    def __call__(self, value: Value) -> Any:
        """The value without holes. Raises NotSettled, or OutsideError where a state cannot be read."""
        return map_holes(value, self._filled)

    def _filled(self, value: Value) -> Any:
        if isinstance(value, Ref):
            return self._of(value)
        if isinstance(value, Unknown):
            raise NotSettled(f"{value.what}: {value.why}")
        if isinstance(value, Text):
            return render_text(value, lambda hole: str(self._filled(hole)))
        return value

    def _of(self, ref: Ref) -> Any:
        name = ref.to.as_terraform()
        if name is None:
            raise NotSettled(f"{ref.to} is in no state")
        stack = self._rendered.stacks.get(f"{name.region}/{name.stack}")
        if stack is not None and stack.backend.region != self._lost:
            found = _attribute(self._document(stack), name.path, ref.attr)
            if found is not None:
                return found
        remembered = self._remembered.get(str(ref))
        if remembered is not None:
            return remembered
        # What is written in the description itself needs no state.
        for known in (self._said, self._seen):
            found = known(ref)
            if found is not None:
                return found
        why = f"{self._lost} is lost" if stack is not None and stack.backend.region == self._lost else "it is not up"
        raise NotSettled(f"{ref.to}.{ref.attr} cannot be read: {why}")

    def _said(self, ref: Ref) -> Any:
        resource = self._graph.get(ref.to)
        value = None if resource is None else resource.body.get(_NAMED_BY.get((resource.type, ref.attr), ref.attr))
        return value if isinstance(value, str | int | bool) else None

    def _seen(self, ref: Ref) -> Any:
        resource = self._graph.get(ref.to)
        return None if resource is None else self._look(resource, ref.attr)

    @cached_property
    def _remembered(self) -> Mapping[str, Any]:
        """What the states that can be read hold of others' outputs, by the text of the reference."""
        outputs = {place: text for text, place in self._rendered.values.items()}
        found: dict[str, Any] = {}
        for stack in self._rendered.stacks.values():
            if stack.backend.kind != "s3" or stack.backend.region == self._lost or not stack.reads:
                continue
            by_place = {(read.bucket, read.key): self._key(read.bucket, read.key) for read, _ in stack.reads.values()}
            for config, values in _remote_states(self._document(stack)):
                other = by_place.get((str(config.get("bucket")), str(config.get("key"))))
                for output, value in values.items():
                    text = outputs.get((other or "", output))
                    if text is not None:
                        found[text] = value
        return found

    def _key(self, bucket: str, key: str) -> str:
        stacks = self._rendered.stacks.items()
        return next((name for name, one in stacks if (one.backend.bucket, one.backend.key) == (bucket, key)), "")

    def _document(self, stack: StackFiles) -> Mapping[str, Any]:
        if stack.key not in self._documents:
            self._documents[stack.key] = self._states.document(stack.backend) or {}
        return self._documents[stack.key]


def in_route53(client: Callable[[], Any]) -> Callable[[Resource, str], Any]:
    """Finds a health check by the name that it asks; Route 53 is one for all regions. ``client`` makes boto3's."""

    def look(resource: Resource, attribute: str) -> Any:
        name = resource.body.get("fqdn")
        if (resource.type, attribute) != ("aws_route53_health_check", "id") or not isinstance(name, str):
            return None
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            for page in client().get_paginator("list_health_checks").paginate():
                for check in page["HealthChecks"]:
                    if check["HealthCheckConfig"].get("FullyQualifiedDomainName") == name:
                        return check["Id"]
        except (BotoCoreError, ClientError) as error:
            raise NotSettled(f"{resource.address}: Route 53 does not answer: {error}") from None
        return None

    return look


_NAMED_BY = {("aws_rds_global_cluster", "id"): "global_cluster_identifier"}
"""Attributes that are known only after apply, and are always what this argument says."""


def _attribute(document: Mapping[str, Any], path: str, attribute: str) -> Any:
    mode = "data" if path.startswith("data.") else "managed"
    type, _, name = path.removeprefix("data.").partition(".")
    for resource in document.get("resources", ()):
        if resource.get("mode") == mode and resource.get("type") == type and resource.get("name") == name:
            for instance in resource.get("instances", ()):
                if any(_top(sensitive) == attribute.partition(".")[0] for sensitive in _sensitive(instance)):
                    raise NotSettled(f"{path}.{attribute} is a secret, and no action may hold one")
                return _within(instance.get("attributes", {}), attribute)
    return None


def _sensitive(instance: Mapping[str, Any]) -> Iterator[list[Any]]:
    for path in instance.get("sensitive_attributes", ()):
        if isinstance(path, list):
            yield path


def _top(path: list[Any]) -> str:
    return str(path[0].get("value", "")) if path and isinstance(path[0], dict) else ""


def _within(values: Any, attribute: str) -> Any:
    for step in attribute.split("."):
        if isinstance(values, list) and step.isdigit() and int(step) < len(values):
            values = values[int(step)]
        elif isinstance(values, dict):
            values = values.get(step)
        else:
            return None
    return values


def _remote_states(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Where each state was that a stack read, and the outputs it saw there."""
    for resource in document.get("resources", ()):
        if resource.get("mode") == "data" and resource.get("type") == "terraform_remote_state":
            for instance in resource.get("instances", ()):
                attributes = instance.get("attributes", {})
                where, saw = ((attributes.get(name) or {}).get("value") or {} for name in ("config", "outputs"))
                yield where, saw


def unsettled(what: list[str]) -> OutsideError:
    """The error of a plan whose values cannot be read."""
    return OutsideError(
        "the plan cannot be carried out from here: values in it cannot be read",
        "\n".join(what),
        fix="bring the other region's stacks up to date while home is well: `seawall up`; its states hold them then",
    )
