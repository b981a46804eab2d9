"""Applications: what their configuration says, what their code calls, and what is left open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from seawall.facts.fact import Fact, Known
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Configuration(Fact):
    """One document of an application's configuration; ``profile`` is the expression under which it holds, "" always.

    ``order`` is its place among the documents of its file: a later one is laid over those before.
    """

    of: Address
    profile: str
    properties: tuple[tuple[str, Textual], ...]
    order: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Entry(Fact):
    """A configuration object of a cluster holds that value under that key."""

    of: Address
    key: str
    value: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Directive(Fact):
    """A server's configuration file, ``CONFIGMAP//FILE``, holds a line of that name; ``line`` counts from 1."""

    of: Address
    server: str
    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Command(Fact):
    """A script runs a program; ``line`` counts from 1, ``order`` among the commands of the script from 0.

    ``stdin`` is the file that it reads, ``stdout`` the one that it writes, ``feeds`` the program that reads what it
    writes. ``checked`` says that the script notices where any program of such a pipe fails, not only the last one.
    """

    of: Address
    line: int
    order: int
    program: str
    arguments: tuple[Textual, ...]
    stdin: Textual = ""
    feeds: str = ""
    checked: bool = False
    stdout: Textual = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assigns(Fact):
    """A script gives variables of these names a value, for itself or for one of its programs."""

    of: Address
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Code(Fact):
    """Source code that a workload runs, by the name that the workload was given for it."""

    of: Address
    workload: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation(Fact):
    """Code calls an operation of an SDK: the service as boto3 calls it, the operation as the code spells it.

    ``arguments`` are those that say what it is about, by their path (``CopySource.Bucket``), one pair for each value
    of a list. What comes from the environment is a hole that ``environment_hole`` made. ``where`` is file and line.
    """

    of: Address
    service: str
    operation: str
    arguments: tuple[tuple[str, Textual], ...]
    region: Textual
    where: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Involves(Fact):
    """An application has to do with a service or one of its resources, but nothing says what it does there.

    ``service`` is IAM's prefix, ``*`` where it could be any; ``resource`` an ARN as far as it is known, ``*`` where it
    is not; ``why`` what was found instead of an action.
    """

    of: Address
    service: str
    resource: Textual
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Connects(Fact):
    """Whoever runs with a configuration connects there; ``said`` is the file and the directive.

    ``metrics`` says that it is metrics which are asked for, and not what visitors ask for.
    """

    of: Address
    target: Address | Textual
    port: Known[int]
    said: str
    metrics: bool = False


MAPPING: Final = "it is a mapping"
"""Why the value of an argument is not known of which the paths below it say what it holds."""

_VARIABLE = re.compile(r"\$\{(?P<name>[^:{}]+)(?::-(?P<default>.*))?\}", re.DOTALL)


def environment_hole(name: str, default: str | None = None) -> Unknown:
    """What an environment variable will say, told apart from other holes by how it is spelled."""
    fallback = "" if default is None else f":-{default}"
    return Unknown(f"${{{name}{fallback}}}", why=f"the environment variable {name} says it")


def variable_of(hole: Unknown) -> tuple[str, str | None] | None:
    """The variable that such a hole stands for, with its default; None for a hole of another kind."""
    match = _VARIABLE.fullmatch(hole.what)
    return (match["name"], match["default"]) if match else None
