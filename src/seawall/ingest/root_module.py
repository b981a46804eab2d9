"""Root modules as they were read, and how those of one estate are joined through their remote states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from seawall.graph.resource import Resource
from seawall.ingest.expression import descend
from seawall.ingest.identities import Identities
from seawall.ingest.syntax import Undecided
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, map_leaves, text

StateName: TypeAlias = tuple[str, ...]
"""Where a state lies: the backend's type and the arguments that tell its states apart."""

REMOTE_STATE = "terraform_remote_state"


@dataclass(frozen=True, slots=True)
class RootModule:
    """One root module: a stack of ours, or a folder, plan or state of somebody else's.

    ``remote`` are the states it reads, by the address of the data source; None where the place is not known.
    ``identities`` are the ARNs and ids that its resources have already, as a state or a plan after apply tells.
    """

    name: str
    region: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    state: StateName | None = None
    remote: Mapping[Address, StateName | None] = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)


def state_name(backend: str, arguments: Mapping[str, Any]) -> StateName | None:
    """Where a backend with these arguments keeps a state; None if anything of it is not known."""
    telling = ("bucket", "storage_account_name", "container_name", "organization", "prefix", "key", "path")
    found = tuple(arguments[name] for name in telling if arguments.get(name) is not None)
    if not found or not all(isinstance(item, str) for item in found):
        return None
    return (backend, *found)


def joined(modules: Iterable[RootModule]) -> Iterator[Resource]:
    """The resources of all modules, what one reads of another's outputs settled to what the output says.

    A remote state whose module is in the input is no resource any more; one that is not stays, so that the
    references to it name something.
    """
    modules = tuple(modules)
    states = _Outputs(modules)
    for module in modules:
        for resource in module.resources:
            if resource.address in states.readable:
                continue
            body = map_leaves(resource.body, states.settle)
            yield resource if body is resource.body else replace(resource, body=body)


class _Outputs:
    """The outputs that remote states give access to."""

    def __init__(self, modules: tuple[RootModule, ...]) -> None:
        by_state = {module.state: module for module in modules if module.state}
        by_name: dict[str, list[RootModule]] = {}
        for module in modules:
            by_name.setdefault(module.name, []).append(module)
        self.readable: dict[Address, RootModule] = {}
        for module in modules:
            for address, state in module.remote.items():
                # A plan does not say where its own state lies, so the key's last word must name it.
                found = (by_state.get(state) if state else None) or self._by_key(by_name, state)
                if found is not None and found is not module:
                    self.readable[address] = found
        self._busy: set[Ref] = set()

    @staticmethod
    def _by_key(by_name: Mapping[str, list[RootModule]], state: StateName | None) -> RootModule | None:
        if state is None:
            return None
        folders, _, key = state[-1].rpartition("/")
        named = [module for module in by_name.get(key.removesuffix(".tfstate"), []) if module.state is None]
        if len(named) > 1:
            # Stacks of several regions have the same names; the word before says whose it is.
            named = [module for module in named if module.region == folders.rpartition("/")[2]]
        return named[0] if len(named) == 1 else None

    def settle(self, leaf: Any) -> Any:
        match leaf:
            case Ref() if leaf.to in self.readable:
                return self._output(leaf)
            case Text():
                return text(*(self._part(part) for part in leaf.parts))
            case Unknown() if any(ref.to in self.readable for ref in leaf.mentions):
                settled = (self.settle(ref) for ref in leaf.mentions)
                return replace(leaf, mentions=tuple(ref for ref in settled if isinstance(ref, Ref)))
            case _:
                return leaf

    def _part(self, part: str | Ref | Unknown) -> Any:
        settled = self.settle(part)
        return settled if isinstance(settled, str | Ref | Text | Unknown) else str(settled)

    def _output(self, ref: Ref) -> Any:
        module = self.readable[ref.to]
        head, _, rest = ref.attr.partition(".")
        name, _, path = rest.partition(".")
        if head != "outputs" or name not in module.outputs:
            return Unknown(str(ref).strip("${}"), (ref,), f"stack {module.name} has no output {name!r}")
        if ref in self._busy:
            return Unknown(str(ref).strip("${}"), (ref,), "stacks read each other's outputs in a circle")
        self._busy.add(ref)
        try:
            settled = map_leaves(module.outputs[name], self.settle)
            return descend(settled, tuple(path.split("."))) if path else settled
        except Undecided as reason:
            return Unknown(str(ref).strip("${}"), (ref,), str(reason))
        finally:
            self._busy.discard(ref)
