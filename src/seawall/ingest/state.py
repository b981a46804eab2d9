"""Terraform's state as JSON (``terraform show -json``): every value is literal, and references are found by value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seawall.graph.resource import Resource
from seawall.ingest.identities import Identities
from seawall.ingest.plan import state_resources
from seawall.ingest.root_module import REMOTE_STATE, RootModule, StateName, joined, state_name
from seawall.ingest.secrets import redacted, without_secrets
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref

# A state does not say which attributes were configured. These never are; what else a provider computed stays in the
# body and does no harm: it is what is so, and readers ask for arguments by name.
_COMPUTED = frozenset({"arn", "created_at", "creation_date", "create_date", "id", "owner_id", "tags_all", "unique_id"})
_ARN_REGION = re.compile(r"arn:aws[\w-]*:[\w-]+:([a-z]{2}(?:-[a-z]+)+-\d):")


def state(state: Mapping[str, Any], *, source: Path | None = None, name: str) -> Iterator[Resource]:
    """The resources of a state's JSON; ``name`` is what the stack is called.

    Raises InputError if it is not what ``terraform show -json`` writes.
    """
    yield from joined([state_module(state, source=source, name=name)])


def state_module(state: Mapping[str, Any], *, source: Path | None = None, name: str) -> RootModule:
    """A state as a root module, to be joined with others."""
    values = state.get("values")
    if not isinstance(values, Mapping) or not isinstance(values.get("root_module", {}), Mapping):
        raise InputError(
            f"{source or name} is no state as JSON",
            fix="a state file holds secrets in clear; pass what `terraform show -json` writes of it",
            origin=Origin(str(source or "")),
        )
    listed = tuple(state_resources(values.get("root_module") or {}))
    regions = Counter(region for item in listed if (region := _region(item.get("values") or {})))
    own = regions.most_common(1)[0][0] if regions else ""

    def address(path: str) -> Address:
        return Address.terraform(own, name, path)

    identities = Identities()
    for item in listed:
        given = item.get("values") or {}
        identities.add_resource(address(item["address"]), given)
        if item["type"] == REMOTE_STATE:
            for output, value in (given.get("outputs") or {}).items():
                identities.add(value, Ref(address(item["address"]), f"outputs.{output}"))
    resources: list[Resource] = []
    remote: dict[Address, StateName | None] = {}
    for item in listed:
        given = item.get("values") or {}
        here = address(item["address"])
        type = f"data.{item['type']}" if item.get("mode") == "data" else item["type"]
        kept = {key: value for key, value in given.items() if key not in _COMPUTED and value not in (None, "", [], {})}
        body = without_marked(kept, item.get("sensitive_values") or {}, str(here))
        body = without_secrets(here, type, identities.linked(body, here))
        resources.append(Resource(here, type, body, Origin(str(source or name)), _region(given) or own))
        if item["type"] == REMOTE_STATE:
            config = given.get("config")
            remote[here] = state_name(str(given.get("backend")), config) if isinstance(config, Mapping) else None
    outputs = {
        output: identities.linked({"value": said.get("value")}, Address(""))["value"]
        for output, said in (values.get("outputs") or {}).items()
        if not said.get("sensitive")
    }
    return RootModule(name, own, tuple(resources), outputs, None, remote, identities.without(remote))


def without_marked(value: Any, marks: Any, what: str) -> Any:
    """A value with an Unknown in place of each part that is marked as sensitive."""
    if marks is True:
        return redacted(what, value)
    if isinstance(value, Mapping):
        inner = marks if isinstance(marks, Mapping) else {}
        return {key: without_marked(item, inner.get(key), f"{what}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        listed = marks if isinstance(marks, list) else []
        return [
            without_marked(item, listed[number] if number < len(listed) else None, f"{what}.{number}")
            for number, item in enumerate(value)
        ]
    return value


def _region(values: Mapping[str, Any]) -> str:
    """The region that a resource's own ARN, argument or zone tells; empty for what has none."""
    arn, zone, said = values.get("arn"), values.get("availability_zone"), values.get("region")
    match = _ARN_REGION.match(arn) if isinstance(arn, str) else None
    if match:
        return match[1]
    if isinstance(said, str) and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", said):
        return said
    return zone[:-1] if isinstance(zone, str) and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", zone) else ""
