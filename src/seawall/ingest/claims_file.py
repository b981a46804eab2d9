"""What a document promises, written down beside the files that it describes: ``claims.yaml``.

Its one key ``claims`` is the block of the same name of a description: rules judge an estate by what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from seawall.facts.resilience import Claim
from seawall.graph.resource import Resource
from seawall.ingest.folders import files_below
from seawall.kernel.address import Address

NAMES: Final = frozenset({"claims.yaml", "claims.yml"})


def is_claims_file(path: Path) -> bool:
    """Whether a file holds claims, as its name says."""
    return path.name in NAMES


def claims_files(path: Path) -> Iterator[Path]:
    """The files of that name in a folder, at any depth, or the file itself."""
    for file in files_below(path) if path.is_dir() else (path,):
        if is_claims_file(file):
            yield file


def claims_file(path: Path) -> Iterator[tuple[Claim, Resource]]:
    """Each claim of a file, with a resource of type ``file/claim`` that says where it is written.

    InputError, with every mistake in it, for what is no mapping of claims.
    """
    from pydantic import ValidationError

    from seawall.kernel.errors import InputError
    from seawall.model.document import read_document
    from seawall.model.loader import problems
    from seawall.model.platform import ClaimsFile, claims_of

    document = read_document(path)
    try:
        stated = ClaimsFile.model_validate(document.data).claims
    except ValidationError as error:
        raise InputError.of(list(problems(error, document, ClaimsFile))) from None
    for claim in claims_of(stated):
        whole = claim.measure if claim.subject == "platform" else claim.subject
        listed = document.data["claims"].get(whole)
        part: str | int = (
            listed.index(claim.measure) if isinstance(listed, list) and claim.measure in listed else claim.measure
        )
        origin = document.origin(("claims", whole, part))
        named = whole if claim.subject == "platform" else f"{whole}.{claim.measure}"
        address = Address.file(f"{path.as_posix()}#{named.replace(' ', '-')}")
        yield replace(claim, by=address), Resource(address, "file/claim", {"claim": named}, origin)
