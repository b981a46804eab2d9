"""What a root module's variables are: the values that Terraform takes by itself, and the types they are brought to.

Terraform reads ``terraform.tfvars`` and ``*.auto.tfvars`` of the folder by itself, and no other file unless it is told.
``docs/decisions/0047-what-a-default-says.md`` says what a default is worth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson

from seawall.ingest.expression import Place, value, worked_out
from seawall.ingest.functions import as_set, boolean, number, spelled, unified
from seawall.ingest.hcl import arguments
from seawall.ingest.syntax import Call, Items, Name, Node, Object, Quoted, Undecided, parse
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Text, Unknown

Values: TypeAlias = Mapping[str, tuple[str, Any]]
"""What variables are set to, each with the file that does."""
TFVARS: Final = (".tfvars", ".tfvars.json")
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|secret|token|private_key|secret_key|access_key|api_key|credentials?)s?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class NoNames:
    """The scope of values that may name nothing."""

    def lookup(self, steps: tuple[str, ...]) -> Any:
        """Nothing; always raises Undecided."""
        raise Undecided(f"{'.'.join(steps[:2])} cannot stand here")

    def instances(self, steps: tuple[str, ...]) -> Any:
        """Nothing has instances."""
        return None


def is_values(file: Path) -> bool:
    """Whether a file gives values to variables, by its name."""
    return file.name.endswith(TFVARS)


def taken(folder: Path) -> tuple[dict[str, tuple[str, Any]], dict[str, str]]:
    """What Terraform gives the variables of a folder by itself, each with the file that does.

    Second the names that other files of values set, with the file: whether one of them is given, nobody can say.
    Raises InputError on a file that is broken.
    """
    try:
        files = sorted(file for file in folder.iterdir() if is_values(file) and file.is_file())
    except OSError:
        return {}, {}
    first = [file for name in ("terraform.tfvars", "terraform.tfvars.json") for file in files if file.name == name]
    later = [file for file in files if file.name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    values: dict[str, tuple[str, Any]] = {}
    for file in first + later:
        values |= {name: (str(file), item) for name, item in given(file).items()}
    others = {name: file.name for file in files if file not in first + later for name in given(file)}
    return values, others


def given(file: Path) -> dict[str, Any]:
    """The values that a file gives, each worked out; InputError on a file that is broken."""
    try:
        written = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", origin=Origin(str(file))) from None
    if file.name.endswith(".json"):
        try:
            content = orjson.loads(written)
        except orjson.JSONDecodeError as error:
            origin = Origin(str(file), error.lineno, error.colno)
            raise InputError(f"this is no JSON: {error.msg}", fix="write it anew", origin=origin) from None
        return content if isinstance(content, dict) else {}
    try:
        content = arguments(written.decode(), file)
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(str(file))) from None
    return {name: value(item, NoNames(), Place(f"var.{name}", str(file))) for name, item in content.items()}


def is_secret(name: str, declared: Mapping[str, Any], found: Any) -> bool:
    """Whether a variable holds a secret: it is marked as sensitive, or text that is called like one."""
    if declared.get("sensitive") is True:
        return True
    return isinstance(found, str | list | Mapping) and _SECRET.search(name) is not None


def typed(found: Any, written: Any) -> Any:
    """A value brought to the type that its variable is declared with; raises Undecided where Terraform refuses it."""
    if not isinstance(written, str) or found is None:
        return found
    source = written[2:-1] if written.startswith("${") else written
    return _converted(found, parse(source.strip().strip('"') or "any"))


def _converted(found: Any, type: Node) -> Any:
    match type:
        case _ if found is None or isinstance(found, Ref | Unknown):
            return found
        case Name("any", ()) | Name("list" | "map" | "set", ()):
            return found
        case Name("string", ()):
            return _text(found)
        case Name("number", ()):
            return number(found)
        case Name("bool", ()):
            return boolean(found)
        case Call("list", (inner,)) if isinstance(found, list | tuple):
            return unified([_converted(item, inner) for item in found])
        case Call("set", (inner,)) if isinstance(found, list | tuple):
            return as_set([_converted(item, inner) for item in found])
        case Call("map", (inner,)) if isinstance(found, Mapping):
            items = unified([_converted(item, inner) for item in found.values()])
            return dict(zip(found, items, strict=True))
        case Call("object", (Object(pairs),)) if isinstance(found, Mapping):
            return {name: _attribute(found, name, inner) for name, inner in _attributes(pairs)}
        case Call("tuple", (Items(types),)) if isinstance(found, list | tuple) and len(types) == len(found):
            return [_converted(item, inner) for item, (inner, _) in zip(found, types, strict=True)]
    raise Undecided("its value is not of its type")


def _attributes(pairs: tuple[tuple[Node, Node, str], ...]) -> list[tuple[str, Node]]:
    found = []
    for name, inner, _ in pairs:
        match name:
            case Quoted((str() as said,)):
                found.append((said, inner))
            case _:
                raise Undecided("its type is not known")
    return found


def _attribute(found: Mapping[str, Any], name: str, type: Node) -> Any:
    default: Any = None
    optional = False
    match type:
        case Call("optional", (inner, *rest)):
            optional, type = True, inner
            default = _literal(rest[0]) if rest else None
    if name not in found or (found[name] is None and default is not None):
        if not optional:
            raise Undecided(f"it has no {name}")
        return _converted(default, type)
    return _converted(found[name], type)


def _literal(node: Node) -> Any:
    return worked_out(node, NoNames(), Place("default", ""))


def _text(found: Any) -> Any:
    match found:
        case bool():
            return "true" if found else "false"
        case int() | float():
            return spelled(found)
        case str() | Text():
            return found
    raise Undecided("its value is not of its type")
