"""Terraform's pure functions, over values of which a part may not be known yet.

Each gives what Terraform gives, or raises Undecided: a function that rests on a part which is not known has no value.
``Missing`` is what is certain to fail, so that ``try`` may go on.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from seawall.ingest.syntax import Undecided
from seawall.kernel.documents import json_text
from seawall.kernel.value import Ref, Text, Unknown, holes, is_known, text


class Missing(Undecided):
    """What is asked for is certainly not there."""


class Distinct(list[Any]):
    """A set: no order of its own, so that it is kept sorted, and every element is its own key."""


_ALWAYS = frozenset({"id", "arn"})
"""Attributes that every resource has a value of, and one of its own."""


def because(found: Any) -> Undecided:
    """The reason why something that rests on this value is not known."""
    if not isinstance(found, Unknown):
        found = next(holes(found), found)
    if isinstance(found, Unknown):
        said, _, _ = found.why.partition("; pass the plan")
        _, told, reason = said.rpartition(" and ")
        return Undecided(reason if told else f"{found.what} is not known")
    return Undecided(f"{str(found).strip('${}')} is known after apply" if isinstance(found, Ref) else "it is not known")


def boolean(found: Any) -> bool:
    """A condition; raises Undecided for what is none, or not known."""
    if isinstance(found, bool):
        return found
    if found in ("true", "false") and isinstance(found, str):
        return found == "true"
    raise because(found) if not is_known(found) else Undecided("its condition is no condition")


def number(found: Any) -> int | float:
    """A number, or text that is one; raises Undecided for anything else."""
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    if isinstance(found, str) and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", found):
        return float(found) if "." in found else int(found)
    raise because(found) if not is_known(found) else Undecided("it is no number")


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; raises Undecided where that is not certain."""
    for one, other in ((left, right), (right, left)):
        if one is None or (isinstance(one, str) and one == ""):
            if isinstance(other, Ref) and other.attr in ("", *_ALWAYS):
                return False
            if isinstance(other, Text) and (one is None or any(isinstance(part, str) for part in other.parts)):
                return False
        if one is None and not isinstance(other, Ref | Unknown):
            return other is None
    if isinstance(left, Mapping) and isinstance(right, Mapping) and is_known((tuple(left), tuple(right))):
        return left.keys() == right.keys() and _alike((left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and _alike(zip(left, right, strict=True))
    if not is_known(left) or not is_known(right):
        if isinstance(left, Ref) and left == right:
            return True
        raise because(left if not is_known(left) else right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return (type(left) is type(right) or _numbers(left, right)) and bool(left == right)


def _alike(pairs: Iterable[tuple[Any, Any]]) -> bool:
    """Whether all pairs are equal; one that certainly is not decides, whatever is not known of the others."""
    open: Undecided | None = None
    for one, other in pairs:
        try:
            if not equal(one, other):
                return False
        except Undecided as reason:
            open = reason
    if open is not None:
        raise open
    return True


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _solid(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of which every argument must be known throughout."""

    def guarded(*arguments: Any) -> Any:
        if not is_known(arguments):
            raise because(arguments)
        return function(*arguments)

    return guarded


def _listed(found: Any) -> list[Any]:
    if isinstance(found, list | tuple):
        return list(found)
    raise because(found) if not is_known(found) else Undecided("it is no list")


def _mapped(found: Any) -> Mapping[Any, Any]:
    if isinstance(found, Mapping):
        if all(isinstance(key, str) for key in found):
            return found
        raise Undecided("a name in it is known after apply")
    raise because(found) if not is_known(found) else Undecided("it is no object")


def _string(found: Any) -> Any:
    """A value as text, its holes kept."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, int | float):
        return str(int(found) if isinstance(found, float) and found.is_integer() else found)
    if found is None or isinstance(found, str | Ref | Text | Unknown):
        return found
    raise Undecided("a list or an object is no text")


def _one(found: Any) -> Any:
    if isinstance(found, Ref):
        return Ref(found.to, f"{found.attr}.0")
    items = _listed(found)
    if len(items) > 1:
        raise Missing("it is more than one")
    return items[0] if items else None


def _same(found: Any) -> Any:
    return found


def _concat(*lists: Any) -> list[Any]:
    return [item for items in lists for item in _listed(items)]


def _merge(*objects: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for item in objects:
        if isinstance(item, Mapping):
            found |= item
        elif item is not None:
            raise because(item) if not is_known(item) else Undecided("it is no object")
    return found


def _own(item: Any) -> bool:
    """Whether a value is one of its own: known, or what every resource has one of."""
    return (isinstance(item, Ref) and item.attr in _ALWAYS) or is_known(item)


def _distinct(found: Any) -> list[Any]:
    kept: list[Any] = []
    for item in _listed(found):
        if not _own(item):
            raise because(item)
        if not any(type(item) is type(other) and item == other for other in kept):
            kept.append(item)
    return kept


def _set(found: Any) -> Any:
    if isinstance(found, Ref):
        return found
    items = _listed(found)
    if not all(isinstance(item, str) for item in items):
        return items if not is_known(items) else _distinct(items)
    return Distinct(sorted(set(items)))


def _length(found: Any) -> int:
    if isinstance(found, str | list | tuple | Mapping):
        return len(found)
    raise because(found) if not is_known(found) else Undecided("it has no length")


def _values(found: Any) -> list[Any]:
    return [item for _, item in sorted(_mapped(found).items(), key=lambda pair: str(pair[0]))]


def _element(found: Any, index: Any) -> Any:
    items = _listed(found)
    if not items:
        raise Missing("it has no element")
    return items[int(number(index)) % len(items)]


def _lookup(found: Any, key: Any, *default: Any) -> Any:
    object, key = _mapped(found), _known(key)
    if key in object:
        return object[key]
    if default:
        return default[0]
    raise Missing(f"it has no {key!r}")


def _known(found: Any) -> Any:
    if not is_known(found):
        raise because(found)
    return found


def _contains(found: Any, wanted: Any) -> bool:
    open: Undecided | None = None
    for item in _listed(found):
        try:
            if equal(item, wanted) or equal(_string(item), _string(wanted)):
                return True
        except Undecided as reason:
            open = reason
    if open is not None:
        raise open
    return False


def _coalesce(*given: Any) -> Any:
    for item in given:
        if item is None or (isinstance(item, str) and item == ""):
            continue
        if is_known(item) or (isinstance(item, Ref) and item.attr in _ALWAYS) or isinstance(item, Text):
            return item
        raise because(item)
    raise Missing("all of it is null")


def _coalescelist(*given: Any) -> Any:
    for item in given:
        if item is not None and _listed(item):
            return item
    raise Missing("all of it is empty")


def _compact(found: Any) -> list[Any]:
    kept = []
    for item in _listed(found):
        if not _own(item) and not isinstance(item, Text):
            raise because(item)
        if item is not None and not (isinstance(item, str) and item == ""):
            kept.append(item)
    return kept


def _flatten(found: Any) -> list[Any]:
    kept: list[Any] = []
    for item in _listed(found):
        if isinstance(item, list | tuple):
            kept += _flatten(item)
        elif isinstance(item, Unknown) or (isinstance(item, Ref) and item.attr not in _ALWAYS):
            raise because(item)
        else:
            kept.append(item)
    return kept


def _slice(found: Any, start: Any, end: Any) -> list[Any]:
    items, first, last = _listed(found), int(number(start)), int(number(end))
    if not 0 <= first <= last <= len(items):
        raise Missing("it has not as many elements")
    return items[first:last]


def _range(*bounds: Any) -> list[Any]:
    numbers = [int(number(bound)) for bound in bounds]
    found = range(*numbers)
    if len(found) > 1024:  # as many as Terraform makes
        raise Undecided("it makes more than is read")
    return list(found)


def _zipmap(names: Any, items: Any) -> dict[str, Any]:
    return dict(zip(_known(_listed(names)), _listed(items), strict=True))


def _join(between: Any, *lists: Any) -> Any:
    pieces: list[Any] = []
    for item in _concat(*lists):
        pieces += ([_known(between)] if pieces else []) + [_string(item)]
    return text(*pieces)


def _split(between: str, whole: str) -> list[str]:
    return whole.split(between) if between else list(whole)


def _replace(whole: str, what: str, by: str) -> str:
    if len(what) > 1 and what.startswith("/") and what.endswith("/"):
        raise Undecided("it replaces by a pattern")
    return whole.replace(what, by)


def _substr(whole: str, start: int, length: int) -> str:
    start = start if start >= 0 else max(len(whole) + start, 0)
    return whole[start:] if length < 0 else whole[start : start + length]


_VERB = re.compile(r"%(?:%|(0?)(\d{0,2})([sdvqt])|.?)")


def _format(pattern: Any, *given: Any) -> Any:
    pieces: list[Any] = []
    rest, at = list(given), 0
    for match in _VERB.finditer(_known(pattern)):
        pieces.append(pattern[at : match.start()])
        at = match.end()
        if match[0] == "%%":
            pieces.append("%")
            continue
        zeros, width, verb = match[1], match[2], match[3]
        if not verb or not rest:
            raise Undecided(f"{match[0]} is worked out by Terraform")
        item = rest.pop(0)
        match verb:
            case "d":
                written: Any = str(int(number(item)))
                written = written.zfill(int(width)) if zeros and width else written
            case "q":
                written = json.dumps(_known(_string(item)), ensure_ascii=False)
            case _:
                written = _string(item)
                if written is None:
                    raise Undecided("null stands within text")
        if width and not zeros:
            written = _known(written).rjust(int(width))
        pieces.append(written)
    if rest:
        raise Undecided("it is given more than it shows")
    return text(*pieces, pattern[at:])


def _formatlist(pattern: Any, *given: Any) -> list[Any]:
    lists = [_listed(item) if isinstance(item, list | tuple) else None for item in given]
    count = max((len(items) for items in lists if items is not None), default=1)
    return [
        _format(pattern, *(item if items is None else items[row] for item, items in zip(given, lists, strict=True)))
        for row in range(count)
    ]


def _subnet(prefix: str, more: int, which: int) -> str:
    network = ipaddress.ip_network(prefix, strict=False)
    length = network.prefixlen + more
    if more < 0 or not network.prefixlen <= length <= network.max_prefixlen or not 0 <= which < 2**more:
        raise Missing("there is no such subnet")
    first = int(network.network_address) + (which << (network.max_prefixlen - length))
    return f"{type(network.network_address)(first)}/{length}"


def _subnets(prefix: str, *more: int) -> list[str]:
    network = ipaddress.ip_network(prefix, strict=False)
    found, at = [], int(network.network_address)
    for bits in more:
        length = network.prefixlen + bits
        if bits < 1 or length > network.max_prefixlen:
            raise Missing("there is no such subnet")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size - 1 > int(network.broadcast_address):
            raise Missing("there is no such subnet")
        found.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return found


def _host(prefix: str, which: int) -> str:
    network = ipaddress.ip_network(prefix, strict=False)
    if not -network.num_addresses <= which < network.num_addresses:
        raise Missing("there is no such address")
    return str(network[which])


def _tonumber(found: Any) -> Any:
    return found if found is None or isinstance(found, Ref | Unknown) else number(found)


def _tobool(found: Any) -> Any:
    return found if found is None or isinstance(found, Ref | Unknown) else boolean(found)


def _all(found: Any) -> bool:
    return _judged(found, ends=False)


def _any(found: Any) -> bool:
    return _judged(found, ends=True)


def _judged(found: Any, *, ends: bool) -> bool:
    open: Undecided | None = None
    for item in _listed(found):
        try:
            if boolean(item) is ends:
                return ends
        except Undecided as reason:
            open = reason
    if open is not None:
        raise open
    return not ends


def _setproduct(*lists: Any) -> list[list[Any]]:
    items = [_listed(given) for given in lists]
    if math.prod(map(len, items)) > 10_000:
        raise Undecided("it makes more than is read")
    return [list(row) for row in itertools.product(*items)]


def _union(*lists: Any) -> Any:
    return _set(_concat(*lists))


def _intersection(first: Any, *lists: Any) -> Any:
    return _set([item for item in first if all(item in other for other in lists)])


def _subtract(first: Any, second: Any) -> Any:
    return _set([item for item in first if item not in second])


def _total(found: Iterable[Any]) -> Any:
    total = sum(number(item) for item in found)
    return int(total) if isinstance(total, float) and total.is_integer() else total


def _title(whole: str) -> str:
    return re.sub(r"(?:^|(?<=\s))\S", lambda match: match[0].upper(), whole)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": _solid(lambda given: abs(number(given))),
    "alltrue": _all,
    "anytrue": _any,
    "base64decode": _solid(lambda given: base64.b64decode(given).decode()),
    "base64encode": _solid(lambda given: base64.b64encode(given.encode()).decode()),
    "ceil": _solid(lambda given: math.ceil(number(given))),
    "chunklist": lambda found, size: [_listed(found)[at : at + size] for at in range(0, len(_listed(found)), size)],
    "cidrhost": _solid(_host),
    "cidrnetmask": _solid(lambda prefix: str(ipaddress.IPv4Network(prefix, strict=False).netmask)),
    "cidrsubnet": _solid(_subnet),
    "cidrsubnets": _solid(_subnets),
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "endswith": _solid(lambda whole, part: whole.endswith(part)),
    "flatten": _flatten,
    "floor": _solid(lambda given: math.floor(number(given))),
    "format": _format,
    "formatlist": _formatlist,
    "index": _solid(lambda found, item: found.index(item)),
    "join": _join,
    "jsondecode": _solid(json.loads),
    "jsonencode": json_text,
    "keys": lambda found: sorted(_mapped(found)),
    "length": _length,
    "lookup": _lookup,
    "lower": _solid(lambda whole: whole.lower()),
    "max": _solid(lambda *given: max(map(number, given))),
    "merge": _merge,
    "min": _solid(lambda *given: min(map(number, given))),
    "nonsensitive": _same,
    "one": _one,
    "range": _range,
    "replace": _solid(_replace),
    "reverse": lambda found: _listed(found)[::-1],
    "setintersection": _solid(_intersection),
    "setproduct": _setproduct,
    "setsubtract": _solid(_subtract),
    "setunion": _union,
    "slice": _slice,
    "sort": _solid(lambda found: sorted(found)),
    "split": _solid(_split),
    "startswith": _solid(lambda whole, part: whole.startswith(part)),
    "strcontains": _solid(lambda whole, part: part in whole),
    "strrev": _solid(lambda whole: whole[::-1]),
    "substr": _solid(_substr),
    "sum": _solid(_total),
    "title": _solid(_title),
    "tobool": _tobool,
    "tolist": lambda found: list(found) if isinstance(found, list) else found,
    "tomap": _same,
    "tonumber": _tonumber,
    "toset": _set,
    "tostring": _string,
    "trim": _solid(lambda whole, these: whole.strip(these)),
    "trimprefix": _solid(lambda whole, part: whole.removeprefix(part)),
    "trimspace": _solid(lambda whole: whole.strip()),
    "trimsuffix": _solid(lambda whole, part: whole.removesuffix(part)),
    "upper": _solid(lambda whole: whole.upper()),
    "values": _values,
    "zipmap": _zipmap,
}
"""The functions that mean the same wherever and whenever Terraform runs."""
