"""A rendered platform as deploy sees it: files, and the stacks that are found in them.

Everything Terraform needs is taken from the files themselves, so what is applied is what ships; the graph adds
only what files cannot say: an order between stacks that do not read each other, where a resource was
described, and which output holds the value of a manifest's reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import NOWHERE, Origin

_STACK_FILE = re.compile(r"terraform/(?P<region>[^/]+)/(?P<stack>[^/]+)/(?P<name>[^/]+)")
_OUTPUT_READ = re.compile(r"data\.terraform_remote_state\.([A-Za-z0-9_-]+)\.outputs\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True, order=True)
class Backend:
    """Where a state lies: an S3 bucket, the key in it, and the bucket's region.

    The state of a stack in Azure lies there: ``kind`` is then ``azurerm``, ``bucket`` the storage account.
    """

    bucket: str
    key: str
    region: str
    kind: str = "s3"


@dataclass(frozen=True, slots=True)
class StackFiles:
    """One root module: its region and name, its files, and what they say about other stacks.

    ``after`` names the stacks (``region/stack``) that must be up before it; ``reads`` maps the name of a remote
    state to its stack and the outputs that are used of it; ``aliases`` are its aliased AWS providers with their
    regions. ``files`` are the module itself, ``beside`` what its resources name, such as a function's package.
    """

    region: str
    name: str
    files: Mapping[str, bytes]
    backend: Backend
    after: tuple[str, ...]
    reads: Mapping[str, tuple[Backend, tuple[str, ...]]]
    aliases: Mapping[str, str]
    providers: frozenset[str]
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is known by: ``region/stack``, the head of its resources' addresses."""
        return f"{self.region}/{self.name}"

    def region_of(self, resource: str) -> str:
        """Where one of its resources is: a CDN's certificate lives elsewhere than the stack it belongs to."""
        alias = str(self.body(resource).get("provider", "")).removeprefix("aws.")
        return self.aliases.get(alias) or self.region

    def body(self, resource: str) -> Mapping[str, Any]:
        """The arguments of a resource as rendered, by Terraform's name for it; empty where it is not rendered."""
        type, _, name = _without_key(resource).partition(".")
        for file, content in self.files.items():
            if content and file.endswith(".tf.json"):
                for block in _blocks(_json(file, content).get("resource")):
                    for body in _blocks(block.get(type, {}).get(name)):
                        return body
        return {}

    def address(self, resource: str) -> Address:
        """The address of one of its resources, from Terraform's own name for it."""
        return Address.terraform(self.region, self.name, resource)


@dataclass(frozen=True, slots=True)
class Rendered:
    """All files of a platform (relative path, content), its stacks by key, upstream ones first.

    ``values`` maps the text that stands for a reference in a manifest, ``${region/stack:type.name.attr}``, to the
    stack and output that hold its value.
    """

    files: tuple[tuple[str, bytes], ...]
    stacks: Mapping[str, StackFiles]
    origins: Mapping[Address, Origin] = field(default_factory=dict)
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_files(cls, files: Iterable[tuple[str, bytes]]) -> Rendered:
        """What files alone say. Raises InputError for a file that is not JSON or stacks in a circle."""
        listed = tuple(files)
        return cls(listed, _in_order(_stacks(listed)))

    @classmethod
    def of_graph(cls, files: Iterable[tuple[str, bytes]], graph: Graph) -> Rendered:
        """What files say, with what only the graph they were rendered from knows."""
        from seawall.render.terraform.stacks import stacks

        listed = tuple(files)
        found = _stacks(listed)
        values: dict[str, tuple[str, str]] = {}
        for name, stack in stacks(graph).items():
            if str(name) in found:
                known = found[str(name)]
                after = dict.fromkeys([*known.after, *(str(above) for above in stack.upstream)])
                found[str(name)] = replace(known, after=tuple(above for above in after if above in found))
            values.update({str(ref): (str(name), output) for output, ref in stack.outputs.items()})
        origins = {resource.address: resource.origin for resource in graph}
        return cls(listed, _in_order(found), origins, values)

    def origin(self, stack: StackFiles, resource: str) -> Origin:
        """Where a resource was described; an instance (``[0]``) is described where its resource is."""
        exact = self.origins.get(stack.address(resource))
        return exact or self.origins.get(stack.address(_without_key(resource)), NOWHERE)

    def below(self, stack: str) -> tuple[str, ...]:
        """The stacks that come directly after one."""
        return tuple(key for key, other in self.stacks.items() if stack in other.after)

    def above_all(self, chosen: Iterable[str]) -> set[str]:
        """The stacks that the chosen ones come after, directly or through others."""
        found: set[str] = set()
        todo = list(chosen)
        while todo:
            for above in self.stacks[todo.pop()].after:
                if above not in found:
                    found.add(above)
                    todo.append(above)
        return found


def _without_key(resource: str) -> str:
    return re.sub(r"\[[^\]]*\]$", "", resource)


def choose(stacks: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """The stacks meant by names as a user writes them: ``data`` or ``eu-west-1/data``.

    Raises InputError for a name that is no stack or could be several.
    """
    known = tuple(stacks)
    chosen: dict[str, None] = {}
    for name in wanted:
        fitting = [key for key in known if name in (key, key.split("/", 1)[1])]
        if len(fitting) != 1:
            what = f"{name!r} is no stack" if not fitting else f"{name!r} is more than one stack"
            raise InputError(what, fix=f"name one of: {', '.join(fitting or known)}")
        chosen[fitting[0]] = None
    return tuple(chosen)


def stacks_of(files: Iterable[tuple[str, bytes]]) -> Mapping[str, StackFiles]:
    """The stacks among files, upstream ones first. Raises InputError if they need each other in a circle."""
    return _in_order(_stacks(files))


def stack_files(region: str, name: str, files: Mapping[str, bytes]) -> StackFiles:
    """Understand one root module; ``after`` still names states by backend, see ``_stacks``."""
    module = {file: content for file, content in files.items() if file.endswith(".tf.json")}
    documents = [_json(f"{region}/{name}/{file}", content) for file, content in sorted(module.items())]
    blocks = [block for document in documents for block in _blocks(document.get("terraform"))]
    backend = next((one for block in blocks for one in _backends(block)), None)
    if backend is None:
        raise InputError(
            f"stack {region}/{name} names no backend, neither S3's nor Azure's",
            fix="render it again with this version of Seawall",
        )
    text = b"\n".join(module.values()).decode()
    used: dict[str, set[str]] = {}
    for state, output in _OUTPUT_READ.findall(text):
        used.setdefault(state, set()).add(output)
    reads = {
        state: (_backend(config), tuple(sorted(used.get(state, ()))))
        for document in documents
        for state, config in _remote_states(document)
    }
    providers = [provider for document in documents for provider in _blocks(document.get("provider"))]
    configurations = [one for provider in providers for one in _blocks(provider.get("aws"))]
    required = {
        word for block in blocks for one in _blocks(block.get("required_providers")) for word in one if word != "//"
    }
    return StackFiles(
        region,
        name,
        module,
        backend,
        (),
        reads,
        {str(one["alias"]): str(one.get("region", "")) for one in configurations if "alias" in one},
        frozenset(required),
        {file: content for file, content in files.items() if file not in module},
    )


def _stacks(files: Iterable[tuple[str, bytes]]) -> dict[str, StackFiles]:
    modules: dict[tuple[str, str], dict[str, bytes]] = {}
    for path, content in files:
        match = _STACK_FILE.fullmatch(path)
        if match:
            modules.setdefault((match["region"], match["stack"]), {})[match["name"]] = content
    found = [stack_files(region, name, module) for (region, name), module in sorted(modules.items())]
    by_backend = {stack.backend: stack.key for stack in found}
    linked: dict[str, StackFiles] = {}
    for stack in found:
        above = [by_backend[backend] for backend, _ in stack.reads.values() if backend in by_backend]
        linked[stack.key] = replace(stack, after=tuple(dict.fromkeys(above)))
    return linked


def _in_order(stacks: Mapping[str, StackFiles]) -> Mapping[str, StackFiles]:
    ordered: dict[str, StackFiles] = {}
    waiting = dict(stacks)
    while waiting:
        ready = [key for key, stack in waiting.items() if all(above in ordered for above in stack.after)]
        if not ready:
            raise InputError(f"stacks need each other in a circle: {', '.join(waiting)}")
        for key in ready:
            ordered[key] = waiting.pop(key)
    return ordered


def _json(where: str, content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise InputError(f"{where} is not JSON: {error}") from None
    return document if isinstance(document, dict) else {}


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    """Terraform's JSON syntax allows one block to be written as an object or as a list of objects."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _backends(terraform: Mapping[str, Any]) -> Iterator[Backend]:
    for block in _blocks(terraform.get("backend")):
        for kind in ("s3", "azurerm"):
            for arguments in _blocks(block.get(kind)):
                yield _backend(arguments)


def _remote_states(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for data in _blocks(document.get("data")):
        for states in _blocks(data.get("terraform_remote_state")):
            for name, body in states.items():
                for block in _blocks(body):
                    yield name, next(_blocks(block.get("config")), {})


def _backend(arguments: Mapping[str, Any]) -> Backend:
    if "storage_account_name" in arguments:
        return Backend(str(arguments["storage_account_name"]), str(arguments.get("key", "")), "", "azurerm")
    return Backend(*(str(arguments.get(name, "")) for name in ("bucket", "key", "region")))
