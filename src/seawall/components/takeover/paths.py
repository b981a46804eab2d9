"""Where a value stands in the answer of a call: one small language, for what runs here and for Step Functions alike.

A path is names with dots between. A name may end in ``[]``, which means every element of that list, or in
``[Name=value]``, which means those elements whose member of that name is this text, or true or false:
``GlobalClusters[].GlobalClusterMembers[IsWriter=true].DBClusterArn``. Names are spelt as boto3 answers them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seawall.components.takeover.spelling import member

_STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(\[(?:([A-Za-z][A-Za-z0-9]*)=([A-Za-z0-9_-]+))?\])?")


@dataclass(frozen=True, slots=True)
class Step:
    """A name, whether every element of what it names is meant, and which of them."""

    name: str
    every: bool = False
    where: str = ""
    value: str | bool = ""


def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path; ValueError if it is none."""
    found = []
    for part in path.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} of {path!r} is no step of a path")
        name, brackets, where, value = match.groups()
        meant: str | bool = {"true": True, "false": False}.get(value or "", value or "")
        found.append(Step(name, bool(brackets), where or "", meant))
    return tuple(found)


def values(path: str, answer: Any) -> list[Any]:
    """What a path finds in an answer, in order; nothing where a name is missing."""
    here = [answer]
    for step in steps(path):
        named = [one[step.name] for one in here if isinstance(one, Mapping) and step.name in one]
        if not step.every:
            here = named
            continue
        here = [
            element
            for each in named
            if isinstance(each, list)
            for element in each
            if not step.where or (isinstance(element, Mapping) and element.get(step.where) == step.value)
        ]
    return here


def json_path(path: str) -> tuple[str, bool]:
    """The path in the language of Step Functions, and whether it finds a list of values rather than one."""
    written, many = "$", False
    for step in steps(path):
        written += f".{member(step.name)}"
        if step.where:
            value = step.value if isinstance(step.value, str) else None
            meant = f"'{value}'" if value is not None else str(step.value).lower()
            written += f"[?(@.{member(step.where)} == {meant})]"
        elif step.every:
            written += "[*]"
        many = many or step.every
    return written, many
