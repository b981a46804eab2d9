"""Every template of an input, as resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from seawall.graph.resource import Resource
from seawall.ingest.cloudformation.stacks import Estate
from seawall.ingest.cloudformation.template import is_template, template
from seawall.ingest.cloudformation.twins import resources_of
from seawall.ingest.folders import files_below
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin


def template_files(path: Path) -> Iterator[Path]:
    """The templates of a folder, at any depth, or the file itself."""
    for file in files_below(path) if path.is_dir() else (path,):
        if is_template(file):
            yield file


def templates(files: Iterable[Path]) -> Iterator[Resource]:
    """The resources of these templates, each a stack, with what one exports to another settled.

    Raises InputError with file and line for what cannot be read, and where parameters would decide what exists.
    """
    read = [found for file in dict.fromkeys(files) if (found := template(file)) is not None]
    if not read:
        return
    estate = Estate(read)
    for stack in estate.stacks:
        try:
            yield from resources_of(stack)
        except RecursionError:
            origin = Origin(stack.template.shown, 1)
            raise InputError("its functions stand in each other too deeply", origin=origin) from None
