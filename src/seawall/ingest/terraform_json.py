"""Terraform's source, ``*.tf.json`` and ``*.tf``: our own output exactly, other people's as far as it is static."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from seawall.graph.resource import Resource
from seawall.ingest.root_module import RootModule, joined
from seawall.ingest.source import folders_with_source, load
from seawall.ingest.static_module import called, read_module

SUFFIX = ".tf.json"


def terraform_json(folders: Path | Iterable[Path]) -> Iterator[Resource]:
    """The resources of every root module in these folders, however deep, or in single files.

    Raises InputError on a file that cannot be read, and on a call of a module that is not there to be read.
    """
    given = [folders] if isinstance(folders, Path) else list(folders)
    yield from joined(root_modules(folders_with_source(given)))


def root_modules(found: Mapping[Path, list[Path]]) -> Iterator[RootModule]:
    """Every folder with its files as a root module, except those that others call."""
    sources = {folder: [load(file) for file in files] for folder, files in found.items()}
    below = {folder.resolve() for files in sources.values() for folder in called(files)}
    roots = {folder: files for folder, files in sources.items() if folder.resolve() not in below}
    names = stack_names(roots)
    for folder, files in roots.items():
        yield read_module(names[folder], files)


def stack_names(folders: Iterable[Path]) -> dict[Path, str]:
    """What each folder's stack is called: the folder's name, with the one above where two are called the same."""
    resolved = {folder: folder.resolve() for folder in folders}
    named = Counter(place.name for place in resolved.values())
    return {
        folder: place.name if named[place.name] == 1 else f"{place.parent.name}-{place.name}"
        for folder, place in resolved.items()
    }
