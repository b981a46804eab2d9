"""Template files: which are, and what they hold, JSON or YAML with CloudFormation's short tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from seawall.kernel.errors import InputError
from seawall.kernel.json_documents import json_document
from seawall.kernel.origin import Origin
from seawall.kernel.yaml_documents import yaml_documents

MAX_BYTES: Final = 5 * 2**20
"""AWS takes a template of one mebibyte."""

_SUFFIXES = frozenset({".json", ".yaml", ".yml", ".template"})
_STARTS = re.compile(
    rb'"AWSTemplateFormatVersion"|^\s*AWSTemplateFormatVersion\s*:|"Resources"\s*:|^Resources\s*:', re.M
)
_TYPES = re.compile(rb"\b(?:AWS|Custom|Alexa)::")
_LOGICAL = re.compile(r"[A-Za-z0-9]{1,255}")
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_SERVERLESS = "AWS::Serverless"


@dataclass(frozen=True, slots=True)
class Template:
    """One file's content by section, with the line of each resource; ``given`` are parameters from a file beside it."""

    file: Path
    shown: str
    sections: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, int]
    given: Mapping[str, Any] = field(default_factory=dict)

    def origin(self, logical: str) -> Origin:
        """Where a resource stands."""
        return Origin(self.shown, self.lines.get(logical, 1))


def is_template(file: Path) -> bool:
    """Whether a file is a template, as its content tells."""
    if file.suffix not in _SUFFIXES or file.name.endswith(".tf.json"):
        return False
    try:
        if file.stat().st_size > MAX_BYTES:
            return False
        content = file.read_bytes()
    except OSError:
        return False  # whoever reads it will say what is wrong
    if _STARTS.search(content) is None or _TYPES.search(content) is None:
        return False
    # A plan holds resources, too, and a manifest may hold a template in a string.
    return b'"terraform_version"' not in content[:4096] and not re.search(rb"^apiVersion\s*:", content, re.M)


def template(file: Path) -> Template | None:
    """A file's template; None if the file is none after all.

    Raises InputError with file and line for what cannot be read.
    """
    shown = str(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(shown)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(shown)) from None
    return template_text(text, file)


def template_text(text: str, file: Path) -> Template | None:
    """The template that a file's text holds; as ``template``."""
    shown = str(file)
    data, lines = _read(text, shown)
    if not isinstance(data, Mapping) or not isinstance(data.get("Resources"), Mapping):
        if isinstance(data, Mapping) and "AWSTemplateFormatVersion" in data:
            raise InputError("a template has Resources, an object", origin=Origin(shown, 1))
        return None
    sections: dict[str, Mapping[str, Any]] = {}
    for name in _SECTIONS:
        section = data.get(name) or {}
        if not isinstance(section, Mapping):
            raise InputError(f"{name} is an object", origin=Origin(shown, lines.get((name,), 1)))
        sections[name] = section
    _check(sections, data.get("Transform"), shown, lines)
    of_resources = {path[1]: line for path, line in lines.items() if len(path) == 2 and path[0] == "Resources"}
    return Template(file, shown, sections, of_resources, _given(file))


def _read(text: str, shown: str) -> tuple[Any, dict[tuple[str, ...], int]]:
    if text.lstrip()[:1] in ("{", ""):
        return json_document(text, shown), _lines(text)
    documents = list(yaml_documents(text, shown, tagged=_tagged))
    if len(documents) != 1:
        raise InputError("a template is one YAML document", origin=Origin(shown, 1))
    return documents[0].data, {tuple(map(str, path)): line for path, line in documents[0].lines.items()}


def _tagged(tag: str, value: Any) -> Any:
    """What a short tag is short for."""
    name = tag[1:]
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {f"Fn::{name}": value} if name.isalnum() else NotImplemented


def _check(
    sections: Mapping[str, Mapping[str, Any]], transform: Any, shown: str, lines: Mapping[tuple[str, ...], int]
) -> None:
    for logical, resource in sections["Resources"].items():
        here = Origin(shown, lines.get(("Resources", logical), 1))
        if logical.startswith("Fn::"):
            raise InputError(
                f"{logical} makes resources when the template is deployed",
                fix="give what `aws cloudformation get-template --template-stage Processed` prints",
                origin=here,
            )
        if not _LOGICAL.fullmatch(logical):
            raise InputError(f"{logical[:80]!r} is no logical id: it has letters and digits only", origin=here)
        if not isinstance(resource, Mapping) or not isinstance(resource.get("Type"), str):
            raise InputError(f"{logical} has no Type", origin=here)
        if not isinstance(resource.get("Properties") or {}, Mapping):
            raise InputError(f"the Properties of {logical} are no object", origin=here)
        if resource["Type"].startswith(f"{_SERVERLESS}::"):
            raise InputError(
                f"{logical} is of a type that AWS replaces when the template is deployed",
                fix="give what `aws cloudformation get-template --template-stage Processed` prints",
                origin=here,
            )
    for kind in ("Parameters", "Mappings", "Outputs"):
        for name, value in sections[kind].items():
            if not isinstance(value, Mapping):
                raise InputError(f"{kind}.{name} is an object", origin=Origin(shown, lines.get((kind, name), 1)))


def _given(file: Path) -> dict[str, Any]:
    """The parameters of ``NAME.parameters.json``: what ``--parameters file://`` takes, or one object of values."""
    stem = re.sub(r"(?:\.template)?\.(?:json|ya?ml|template)$", "", file.name)
    beside = file.with_name(f"{stem}.parameters.json")
    if not beside.is_file():
        return {}
    try:
        data = json_document(beside.read_bytes().decode("utf-8-sig"), str(beside))
    except OSError as error:
        raise InputError(f"cannot read {beside}: {error.strerror}", origin=Origin(str(beside))) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(str(beside))) from None
    if isinstance(data, Mapping):
        values = data.get("Parameters", data)
        if isinstance(values, Mapping):
            return dict(values)
    if isinstance(data, list) and all(isinstance(item, Mapping) and "ParameterKey" in item for item in data):
        return {str(item["ParameterKey"]): item.get("ParameterValue") for item in data}
    raise InputError(
        "parameters are an object, or a list of ParameterKey and ParameterValue", origin=Origin(str(beside))
    )


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')


def _lines(source: str) -> dict[tuple[str, ...], int]:
    """The lines at which the objects of a JSON text begin, by their path, two levels deep."""
    found: dict[tuple[str, ...], int] = {}
    path: list[str] = []
    last, line, position = "", 1, 0
    for match in _TOKEN.finditer(source):
        token = match[0]
        if token == "{":
            path.append(last)
            if len(path) <= 3:
                line += source.count("\n", position, match.start())
                position = match.start()
                found.setdefault(tuple(path[1:]), line)
        elif token == "}":
            del path[-1:]
        else:
            last = token[1:-1]
    return found
