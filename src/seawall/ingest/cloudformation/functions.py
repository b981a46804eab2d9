"""CloudFormation's functions, worked out as far as a template and its parameters say.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from seawall.kernel.value import Ref, Text, Textual, Unknown, refs, text

NO_VALUE: Final = object()
"""What ``AWS::NoValue`` is worked out to: the property is not there."""

_HOLES = (Ref, Text, Unknown)
_SUBSTITUTED = re.compile(r"\$\{(!?)([^}]*)\}")
_RESOLVED = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^}]*)\}\}")


class Names(Protocol):
    """What the names of a template stand for."""

    def reference(self, name: str, path: str) -> Any:
        """What ``Ref`` gives."""

    def attribute(self, name: str, attribute: str, path: str) -> Any:
        """What ``Fn::GetAtt`` gives."""

    def parts(self, ref: Ref, separator: str) -> list[Any] | None:
        """The pieces of a resource's ARN around a separator; None if its form does not tell them."""

    def mapping(self, name: str, first: str, second: str) -> Any:
        """The value of a mapping; None if it has none."""

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition holds."""

    def imported(self, name: Any, path: str) -> Any:
        """The value that another stack exports under a name."""


def worked_out(value: Any, names: Names, path: str) -> Any:
    """A value with its functions worked out; ``path`` is what an Unknown in it is called after."""
    if isinstance(value, str):
        return _dynamic(value, path) if "{{resolve:" in value else value
    if isinstance(value, list):
        items = [worked_out(item, names, f"{path}.{number}") for number, item in enumerate(value)]
        return [item for item in items if item is not NO_VALUE]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return names.reference(argument, path) if isinstance(argument, str) else _unclear(path, "Ref", argument)
        function = _FUNCTIONS.get(name)
        if function is not None:
            return function(argument, names, path)
        if name.startswith("Fn::"):
            return _unclear(path, name, worked_out(argument, names, path))
    found = {key: worked_out(item, names, f"{path}.{key}") for key, item in value.items()}
    return {key: item for key, item in found.items() if item is not NO_VALUE}


def condition(value: Any, names: Names, path: str) -> bool | Unknown:
    """Whether a condition of a template holds."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, argument),) = value.items()
        listed = argument if isinstance(argument, list) else [argument]
        if name == "Condition" and isinstance(argument, str):
            return names.condition(argument)
        if name == "Fn::Equals" and len(listed) == 2:
            one, other = (worked_out(item, names, path) for item in listed)
            if _open(one) or _open(other):
                return True if _same_hole(one, other) else _unclear(path, name, [one, other])
            return bool(_spelled(one) == _spelled(other))
        if name in ("Fn::And", "Fn::Or"):
            answers = [condition(item, names, path) for item in listed]
            telling = bool(name == "Fn::Or")
            if any(answer is telling for answer in answers):
                return telling
            return next((answer for answer in answers if isinstance(answer, Unknown)), not telling)
        if name == "Fn::Not" and len(listed) == 1:
            answer = condition(listed[0], names, path)
            return answer if isinstance(answer, Unknown) else not answer
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    return _unclear(path, "the condition", value)


def _open(value: Any) -> bool:
    return isinstance(value, _HOLES) or value is NO_VALUE


def _same_hole(one: Any, other: Any) -> bool:
    """Whether both are the very same value, whatever it is."""
    return isinstance(one, _HOLES) and one == other


def _spelled(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _unclear(path: str, function: str, value: Any) -> Unknown:
    mentioned = tuple(dict.fromkeys(refs(value)))
    return Unknown(path, mentioned, f"{function} is worked out only when the template is deployed")


def _get_att(argument: Any, names: Names, path: str) -> Any:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if isinstance(argument, list) and len(argument) >= 2 and isinstance(argument[0], str):
        attribute = [worked_out(part, names, path) for part in argument[1:]]
        if all(isinstance(part, str) for part in attribute):
            return names.attribute(argument[0], ".".join(attribute), path)
    return _unclear(path, "Fn::GetAtt", None)


def _sub(argument: Any, names: Names, path: str) -> Any:
    given: Mapping[str, Any] = {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Mapping):
        argument, given = argument
    if not isinstance(argument, str):
        return _unclear(path, "Fn::Sub", argument)
    parts: list[Textual] = []
    position = 0
    for match in _SUBSTITUTED.finditer(argument):
        parts.append(argument[position : match.start()])
        position = match.end()
        name = match[2].strip()
        if match[1]:
            parts.append(f"${{{match[2]}}}")  # ${!Literal} stays ${Literal}, IAM's own variables among them
        elif name in given:
            parts.append(_textual(worked_out(given[name], names, path), path))
        elif "." in name and not name.startswith("AWS::"):
            logical, _, attribute = name.partition(".")
            parts.append(_textual(names.attribute(logical, attribute, path), path))
        else:
            parts.append(_textual(names.reference(name, path), path))
    whole = text(*parts, argument[position:])
    return _dynamic(whole, path) if isinstance(whole, str) and "{{resolve:" in whole else whole


def _textual(value: Any, path: str) -> Textual:
    """A value within a string."""
    if isinstance(value, str | Ref | Text | Unknown):
        return value
    if isinstance(value, bool | int | float):
        return str(_spelled(value))
    return "" if value is NO_VALUE else _unclear(path, "a list within a string", value)


def _join(argument: Any, names: Names, path: str) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        return _unclear(path, "Fn::Join", None)
    items = worked_out(argument[1], names, path)
    if not isinstance(items, list):
        return _unclear(path, "Fn::Join", items)
    parts: list[Textual] = []
    for number, item in enumerate(items):
        parts += ([argument[0]] if number else []) + [_textual(item, path)]
    whole = text(*parts)
    return _dynamic(whole, path) if isinstance(whole, str) and "{{resolve:" in whole else whole


def _select(argument: Any, names: Names, path: str) -> Any:
    if not (isinstance(argument, list) and len(argument) == 2):
        return _unclear(path, "Fn::Select", None)
    index, items = (worked_out(part, names, path) for part in argument)
    if isinstance(index, str) and index.isdecimal() and len(index) < 9:
        index = int(index)
    if isinstance(items, list) and isinstance(index, int) and 0 <= index < len(items):
        return items[index]
    if isinstance(items, Unknown) and isinstance(index, int):
        # Two choices of one unknown list are two values, which stay apart and stay the same wherever they are made.
        return Unknown(f"{items.what}.{index}", items.mentions, items.why)
    return _unclear(path, "Fn::Select", [index, items])


def _split(argument: Any, names: Names, path: str) -> Any:
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str) and argument[0]:
        whole = worked_out(argument[1], names, path)
        if isinstance(whole, str):
            return whole.split(argument[0])
        if isinstance(whole, Text):
            # What a hole holds may be split, too, so only what stands around the holes is certain.
            pieces: list[list[Textual]] = [[]]
            for part in whole.parts:
                if isinstance(part, str):
                    first, *rest = part.split(argument[0])
                    pieces[-1].append(first)
                    pieces += [[piece] for piece in rest]
                else:
                    pieces[-1].append(part)
            return [text(*piece) for piece in pieces]
        pieces_of_arn = names.parts(whole, argument[0]) if isinstance(whole, Ref) else None
        return _unclear(path, "Fn::Split", whole) if pieces_of_arn is None else pieces_of_arn
    return _unclear(path, "Fn::Split", None)


def _if(argument: Any, names: Names, path: str) -> Any:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        return _unclear(path, "Fn::If", None)
    holds = names.condition(argument[0])
    if isinstance(holds, Unknown):
        either = [worked_out(part, names, path) for part in argument[1:]]
        if either[0] == either[1]:
            return either[0]
        mentioned = tuple(dict.fromkeys(refs([part for part in either if part is not NO_VALUE])))
        return Unknown(path, mentioned, f"the condition {argument[0]} is decided when the template is deployed")
    return worked_out(argument[1 if holds else 2], names, path)


def _find_in_map(argument: Any, names: Names, path: str) -> Any:
    if isinstance(argument, list) and len(argument) >= 3:
        keys = [_spelled(worked_out(part, names, path)) for part in argument[:3]]
        if all(isinstance(key, str) for key in keys):
            found = names.mapping(*keys)
            if found is not None:
                return found
        default = argument[3].get("DefaultValue") if len(argument) > 3 and isinstance(argument[3], Mapping) else None
        if default is not None and all(isinstance(key, str) for key in keys):
            return worked_out(default, names, path)
        return _unclear(path, "Fn::FindInMap", keys)
    return _unclear(path, "Fn::FindInMap", None)


def _base64(argument: Any, names: Names, path: str) -> Any:
    whole = worked_out(argument, names, path)
    return base64.b64encode(whole.encode()).decode() if isinstance(whole, str) else _unclear(path, "Fn::Base64", whole)


def _zones(argument: Any, names: Names, path: str) -> Any:
    region = worked_out(argument, names, path)
    if region in ("", None) or isinstance(region, Mapping):
        region = names.reference("AWS::Region", path)
    # The zones of one region are one unknown list, wherever it is asked for.
    return Unknown(f"zones of {region}", why="an account's zones are known only when the template is deployed")


def _cidr(argument: Any, names: Names, path: str) -> Any:
    if isinstance(argument, list) and len(argument) >= 2:
        block, count, *rest = (worked_out(part, names, path) for part in argument)
        bits = rest[0] if rest else None
        try:
            return list(_ranges(block, int(count), 8 if bits is None else int(bits)))
        except (TypeError, ValueError):
            return _unclear(path, "Fn::Cidr", [block, count, bits])
    return _unclear(path, "Fn::Cidr", None)


def _ranges(block: Any, count: int, bits: int) -> Iterator[str]:
    import ipaddress

    if not isinstance(block, str):
        raise TypeError(block)
    network = ipaddress.ip_network(block, strict=False)
    length = network.max_prefixlen - bits
    if not (1 <= count <= 256 and network.prefixlen <= length <= network.max_prefixlen):
        raise ValueError(block)
    subnets = network.subnets(new_prefix=length)
    for _ in range(count):
        found = next(subnets, None)
        if found is None:
            raise ValueError(block)
        yield str(found)


def _imported(argument: Any, names: Names, path: str) -> Any:
    return names.imported(worked_out(argument, names, path), path)


def _length(argument: Any, names: Names, path: str) -> Any:
    items = worked_out(argument, names, path)
    return len(items) if isinstance(items, list) else _unclear(path, "Fn::Length", items)


def _json_string(argument: Any, names: Names, path: str) -> Any:
    # A document stays the object that it is: whoever reads one takes either.
    return worked_out(argument, names, path)


_FUNCTIONS: dict[str, Callable[[Any, Names, str], Any]] = {
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _zones,
    "Fn::Cidr": _cidr,
    "Fn::ImportValue": _imported,
    "Fn::Length": _length,
    "Fn::ToJsonString": _json_string,
}


def _dynamic(value: str, path: str) -> Textual:
    """A string with its ``{{resolve:...}}`` as holes: what they stand for is fetched on the day of the deployment."""
    parts: list[Textual] = []
    position = 0
    for match in _RESOLVED.finditer(value):
        parts.append(value[position : match.start()])
        name = match[2].split(":SecretString")[0]
        why = "it is a secret, which Seawall does not keep" if match[1] != "ssm" else "it is fetched at deployment"
        parts.append(Unknown(f"{path}:{match[1]}:{name}", why=why))
        position = match.end()
    return text(*parts, value[position:])
