"""Everything of Terraform's in an estate, joined: source, plans and states, each folder by the best it holds.

A plan says more than the source beside it, and plan and source together say most; a state says what is there now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import orjson

from seawall.graph.resource import Resource
from seawall.ingest.folders import files_below
from seawall.ingest.identities import Identities
from seawall.ingest.plan import plan_module
from seawall.ingest.root_module import RootModule, joined
from seawall.ingest.source import HCL, is_source, load
from seawall.ingest.state import state_module
from seawall.ingest.static_module import called, declared, places, read_module
from seawall.ingest.terraform_json import stack_names
from seawall.ingest.token_plan import Run, token_module
from seawall.ingest.variables import Values, given, is_values
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

_MAXIMUM = 512 * 2**20


@dataclass
class _Folder:
    """What a folder holds of Terraform's."""

    sources: list[Path] = field(default_factory=list)
    plans: list[Path] = field(default_factory=list)
    states: list[Path] = field(default_factory=list)


def terraform(paths: Iterable[Path], *, run: Run | None = None) -> Iterator[Resource]:
    """The resources of these files and folders, however deep.

    With ``run``, a plan beside its ``*.tf`` source is settled by a token plan; without it the plan stands alone.
    Raises InputError on what cannot be read, OutsideError where Terraform fails.
    """
    yield from terraform_with_identities(paths, run=run)[0]


def terraform_with_identities(
    paths: Iterable[Path], *, run: Run | None = None
) -> tuple[tuple[Resource, ...], Identities]:
    """The resources as ``terraform`` reads them, and which of them the ARNs and ids of states and plans name."""
    modules = tuple(root_modules(paths, run=run))
    identities = Identities()
    for module in modules:
        identities.add_all(module.identities)
    return tuple(joined(modules)), identities


def root_modules(paths: Iterable[Path], *, run: Run | None = None) -> Iterator[RootModule]:
    """Each folder as a root module, except those whose modules others call; each plan and state as one, too.

    A file of values among the paths sets the variables of every root module that declares them. Raises InputError if
    none does.
    """
    found: dict[Path, _Folder] = {}
    paths = list(paths)
    values = {file: given(file) for file in paths if file.is_file() and is_values(file)}
    for path in paths:
        for file in files_below(path) if path.is_dir() else (path,):
            here = found.get(file.parent) or _Folder()
            kind = kind_of(file)
            if kind is not None and file not in getattr(here, f"{kind}s"):
                getattr(here, f"{kind}s").append(file)
                found[file.parent] = here
    sources = {folder: [load(file) for file in held.sources] for folder, held in found.items()}
    below = {folder.resolve() for files in sources.values() for folder in called(files)}
    roots = {folder: held for folder, held in found.items() if folder.resolve() not in below}
    names = stack_names(roots)
    told: Values = {name: (str(file), item) for file, items in values.items() for name, item in items.items()}
    names_declared = {name for root in roots for name in declared(sources[root])}
    for file, items in values.items():
        if not names_declared & items.keys():
            fix = "name the folder with the source beside it"
            raise InputError(
                "nothing in the input declares a variable that this sets", fix=fix, origin=Origin(str(file))
            )
    for folder, held in roots.items():
        name = names[folder]
        if held.plans:
            for file in held.plans:
                module = _plan(file, _name(file, name, held), folder if held.sources else None, run)
                yield _placed(module, dict(places(sources[folder])))
        elif held.states:
            for file in held.states:
                yield state_module(_json(file), source=file, name=_name(file, name, held))
        else:
            yield read_module(name, sources[folder], told)


def _plan(file: Path, name: str, folder: Path | None, run: Run | None) -> RootModule:
    content = _json(file)
    # Of JSON source the plan holds every expression already.
    if run is not None and folder is not None and any(entry.suffix == HCL for entry in folder.iterdir()):
        return token_module(folder, content, run, name=name)
    return plan_module(content, source=file, name=name)


def _placed(module: RootModule, written: Mapping[str, Origin]) -> RootModule:
    """The module with the lines of the source beside it as its resources' origins."""
    if not written:
        return module

    def placed(resource: Resource) -> Resource:
        path = re.sub(r"\[[^\]]*\]", "", resource.address.partition(":")[2])
        return replace(resource, origin=written.get(path, resource.origin))

    return replace(module, resources=tuple(placed(resource) for resource in module.resources))


def _name(file: Path, folder: str, held: _Folder) -> str:
    """A plan or state beside its source is called as its folder is, any other as its file is."""
    if held.sources and len(held.plans or held.states) == 1:
        return folder
    return (
        file.name.removesuffix(".json").removesuffix(".plan").removesuffix(".tfplan").removesuffix(".state") or folder
    )


def kind_of(file: Path) -> Literal["source", "plan", "state"] | None:
    """What a file is to Terraform; None if it is something else, as its name or its first bytes tell."""
    if is_source(file):
        return "source"
    if file.suffix != ".json":
        return None
    try:
        with file.open("rb") as opened:
            start = opened.read(4096)
    except OSError:
        return None  # whoever reads it will say what is wrong
    if b'"format_version"' not in start or b'"terraform_version"' not in start:
        return None
    if any(part in start for part in (b'"planned_values"', b'"resource_changes"', b'"variables"', b'"configuration"')):
        return "plan"
    return "state" if b'"values"' in start else None


def _json(file: Path) -> Mapping[str, Any]:
    if file.stat().st_size > _MAXIMUM:
        raise InputError(f"{file} is larger than {_MAXIMUM // 2**20} MiB", origin=Origin(str(file)))
    try:
        content = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        origin = Origin(str(file), error.lineno, error.colno)
        raise InputError(f"this is no JSON: {error.msg}", fix="write it anew", origin=origin) from None
    return content if isinstance(content, dict) else {}
