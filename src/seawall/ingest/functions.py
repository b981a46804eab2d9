"""Terraform's pure functions, over values of which a part may not be known yet.

Each gives what Terraform gives, or raises Undecided: a function that rests on a part which is not known has no value.
``Missing`` is what is certain to fail, so that ``try`` may go on.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from seawall.ingest.syntax import Undecided, plain
from seawall.kernel.value import Ref, Text, Unknown, holes, is_known, text


class Missing(Undecided):
    """What is asked for is certainly not there."""


class Distinct(list[Any]):
    """A set: no order of its own, so that it is kept sorted, and every element is its own key."""


MOST = 100_000
"""How many elements, or letters, a value that is worked out may have; source that makes more is not read."""

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
    if isinstance(found, str) and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", found, re.ASCII):
        return plain(Decimal(found))
    raise because(found) if not is_known(found) else Undecided("it is no number")


def spelled(found: int | float) -> str:
    """A number as Terraform writes it; raises Undecided where it has more digits than are kept here."""
    if isinstance(found, int):
        return str(found)
    digits = Decimal(repr(found))
    if not digits.is_finite() or len(digits.as_tuple().digits) > 15:
        raise Undecided("it holds a number of too many digits")
    return format(digits.normalize(), "f")


def whole(found: Any) -> int:
    """A number without a fraction, or text that is one; raises Undecided for anything else."""
    given = number(found)
    if given != int(given):
        raise Undecided("it is no whole number")
    return int(given)


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


def unified(given: list[Any]) -> list[Any]:
    """Values brought to one type, as Terraform does for a list; raises Undecided where they have none in common."""
    open = [item for item in given if isinstance(item, Ref | Unknown)]
    kinds = {_kind(item) for item in given if item is not None and not isinstance(item, Ref | Unknown)}
    if (len(kinds) > 1 and not kinds <= {"text", "number", "bool"}) or kinds == {"number", "bool"}:
        raise Undecided("its elements are not of one type")
    if "text" in kinds and len(kinds) > 1:
        return [_string(item) for item in given]
    if kinds == {"list"} and not open and len(given) > 1:
        return _rows(given)
    if kinds == {"object"} and not open and len(given) > 1:
        return _columns(given)
    return given


def _kind(item: Any) -> str:
    match item:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str() | Text():
            return "text"
        case Mapping():
            return "object"
        case _:
            return "list"


def _rows(given: list[Any]) -> list[Any]:
    """Lists of which all elements are of one type; where they have none in common, those of each column are."""
    lists = [list(item or ()) for item in given]
    try:
        found = iter(unified([item for items in lists for item in items]))
        lists = [list(itertools.islice(found, len(items))) for items in lists]
    except Undecided:
        if len({len(items) for items in lists}) > 1:
            raise
        columns = [unified(list(column)) for column in zip(*lists, strict=True)]
        lists = [list(row) for row in zip(*columns, strict=True)]
    return [
        item if item is None else Distinct(items) if isinstance(item, Distinct) else items
        for item, items in zip(given, lists, strict=True)
    ]


def _columns(given: list[Any]) -> list[Any]:
    """Objects of which the same attribute is of one type; where they differ in their names, every attribute is."""
    present = [item for item in given if item is not None]
    if all(item.keys() == present[0].keys() for item in present):
        columns = {name: iter(unified([item[name] for item in present])) for name in present[0]}
        return [item if item is None else {name: next(columns[name]) for name in item} for item in given]
    found = iter(unified([value for item in present for value in item.values()]))
    return [item if item is None else {name: next(found) for name in item} for item in given]


def distinct(found: Iterable[Any]) -> list[Any]:
    """The values without those that came before; ``1`` and ``true`` are two."""
    kept: dict[Any, Any] = {}
    for item in found:
        kept.setdefault(_frozen(item), item)
    return list(kept.values())


def _frozen(item: Any) -> Any:
    match item:
        case bool():
            return ("bool", item)
        case list() | tuple():
            return ("list", tuple(map(_frozen, item)))
        case Mapping():
            return ("object", frozenset((name, _frozen(value)) for name, value in item.items()))
        case _:
            return item


def as_set(found: list[Any]) -> Distinct:
    """A set of values: of one type, each once, in the order in which Terraform goes through it."""
    if not is_known(found):
        return Distinct(found)
    items = distinct(unified(found))
    nulls = [item for item in items if item is None]
    items = [item for item in items if item is not None]
    if all(isinstance(item, str) for item in items) or all(isinstance(item, int | float) for item in items):
        items.sort()
    return Distinct(items + nulls)


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
        return spelled(found)
    if found is None or isinstance(found, str | Ref | Text | Unknown):
        return found
    raise Undecided("a list or an object is no text")


def _ordered(found: Any) -> list[Any]:
    if isinstance(found, Distinct):
        raise Undecided("a set has no order")
    return _listed(found)


def _few(sizes: Iterable[int]) -> None:
    """Raises Undecided where all of them together are more than is read, before anything is made of them."""
    if sum(sizes) > MOST:
        raise Undecided("it makes more than is read")


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
    given = [_ordered(items) for items in lists]
    _few(map(len, given))
    return [item for items in given for item in items]


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
    items = _listed(found)
    for item in items:
        if not _own(item):
            raise because(item)
    return distinct(unified(items))


def _set(found: Any) -> Any:
    return found if found is None or isinstance(found, Ref) else as_set(_listed(found))


def _tolist(found: Any) -> Any:
    return found if found is None or isinstance(found, Ref) else unified(_listed(found))


def _tomap(found: Any) -> Any:
    if found is None or isinstance(found, Ref):
        return found
    items = _mapped(found)
    return dict(zip(items, unified(list(items.values())), strict=True))


def _simple(found: str) -> str:
    """Text of which each character is a letter of its own, which is what Terraform counts; else raises Undecided."""
    if "\r\n" in found or any(ord(letter) >= 0x300 for letter in found):
        raise Undecided("it holds characters that are counted together")
    return found


def _length(found: Any) -> int:
    if isinstance(found, Distinct) and len(found) > 1 and not all(map(_own, found)):
        raise because(found)
    if isinstance(found, str):
        return len(_simple(found))
    if isinstance(found, list | tuple | Mapping):
        return len(found)
    raise because(found) if not is_known(found) else Undecided("it has no length")


def _values(found: Any) -> list[Any]:
    return [item for _, item in sorted(_mapped(found).items(), key=lambda pair: str(pair[0]))]


def _element(found: Any, index: Any) -> Any:
    items, at = _ordered(found), whole(index)
    if not items:
        raise Missing("it has no element")
    if at < 0:  # from the end, or refused: that depends on which Terraform it is
        raise Undecided("its index is negative")
    return items[at % len(items)]


def _lookup(found: Any, key: Any, *default: Any) -> Any:
    object, key = _mapped(found), _string(_known(key))
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
            if equal(item, wanted):
                return True
        except Undecided as reason:
            open = reason
    if open is not None:
        raise open
    return False


def _coalesce(*given: Any) -> Any:
    with contextlib.suppress(Undecided):
        given = tuple(unified(list(given)))
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
            kept.append(_string(item))
    return kept


def _flatten(found: Any) -> list[Any]:
    kept: list[Any] = []
    for item in _listed(found):
        if isinstance(item, list | tuple):
            kept += _flatten(item)
            _few([len(kept)])
        elif isinstance(item, Unknown) or (isinstance(item, Ref) and item.attr not in _ALWAYS):
            raise because(item)
        else:
            kept.append(item)
    return kept


def _slice(found: Any, start: Any, end: Any) -> list[Any]:
    items, first, last = _ordered(found), whole(start), whole(end)
    if not 0 <= first <= last <= len(items):
        raise Missing("it has not as many elements")
    return items[first:last]


def _range(*bounds: Any) -> list[Any]:
    match [whole(bound) for bound in bounds]:
        case [end]:
            found = range(0, end, 1 if end >= 0 else -1)
        case [start, end]:
            found = range(start, end, 1 if end >= start else -1)
        case [start, end, step] if step and (step > 0) == (end >= start):
            found = range(start, end, step)
        case _:
            raise Undecided("it never gets to its end")
    if len(found[:1025]) > 1024:  # as many as Terraform makes
        raise Undecided("it makes more than is read")
    return list(found)


def _zipmap(names: Any, items: Any) -> dict[str, Any]:
    keys = [_string(name) for name in _known(_listed(names))]
    if None in keys:
        raise Undecided("a name in it is null")
    return dict(zip(keys, _listed(items), strict=True))


def _join(between: Any, *lists: Any) -> Any:
    pieces: list[Any] = []
    given = [item for items in lists for item in _listed(items)]
    _few(len(item) + len(_string(_known(between))) for item in given if isinstance(item, str))
    for item in given:
        if item is None:
            raise Missing("null stands within text")
        pieces += ([_string(_known(between))] if pieces else []) + [_string(item)]
    return text(*pieces)


def _split(between: str, whole: str) -> list[str]:
    return whole.split(between) if between else list(_simple(whole))


def _replace(whole: str, what: str, by: str) -> str:
    if len(what) > 1 and what.startswith("/") and what.endswith("/"):
        raise Undecided("it replaces by a pattern")
    _few([whole.count(what) * len(by)])
    return whole.replace(what, by)


def _substr(written: str, first: Any, count: Any) -> str:
    letters, start, length = _simple(written), whole(first), whole(count)
    start = start if start >= 0 else max(len(letters) + start, 0)
    return letters[start:] if length < 0 else letters[start : start + length]


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
                written: Any = str(whole(item))
                written = written.zfill(int(width)) if zeros and width else written
            case "q":
                written = _quoted(_known(_string(item)))
            case _:
                written = _string(item)
                if written is None:
                    raise Undecided("null stands within text")
        if (width and verb == "t") or (zeros and verb != "d"):
            raise Undecided(f"{match[0]} is worked out by Terraform")
        if width and not zeros:
            written = _simple(_known(written)).rjust(int(width))
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


def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if not re.fullmatch(r"[\da-fA-F.:]+/\d{1,3}", prefix, re.ASCII):
        raise Missing("it is no prefix of addresses")
    network = ipaddress.ip_network(prefix, strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        raise Undecided("it stands for addresses of version 4")
    return network


def _subnet(prefix: str, added: Any, index: Any) -> str:
    more, which = whole(added), whole(index)
    network = _network(prefix)
    length = network.prefixlen + more
    if more < 0 or not network.prefixlen <= length <= network.max_prefixlen or not 0 <= which < 2**more:
        raise Missing("there is no such subnet")
    first = int(network.network_address) + (which << (network.max_prefixlen - length))
    return f"{type(network.network_address)(first)}/{length}"


def _subnets(prefix: str, *more: Any) -> list[str]:
    network = _network(prefix)
    found, at = [], int(network.network_address)
    if not network.prefixlen:
        raise Undecided("it is all addresses that there are")
    for bits in map(whole, more):
        length = network.prefixlen + bits
        if not 1 <= bits <= 32 or length > network.max_prefixlen:
            raise Missing("there is no such subnet")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size - 1 > int(network.broadcast_address):
            raise Missing("there is no such subnet")
        found.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return found


def _host(prefix: str, index: Any) -> str:
    which = whole(index)
    network = _network(prefix)
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


def _setproduct(*lists: Any) -> list[Any]:
    items = [unified(_listed(given)) for given in lists]
    sets = any(isinstance(given, Distinct) for given in lists)
    if math.prod(map(len, items)) * len(items) > 10_000:
        raise Undecided("it makes more than is read")
    rows = [list(row) for row in itertools.product(*(map(as_set, items) if sets else items))]
    return Distinct(rows) if sets else rows


def _union(*lists: Any) -> Any:
    return as_set([item for items in lists for item in _listed(items)])


def _intersection(*lists: Any) -> Any:
    first, *others = _together(lists)
    known = [{_frozen(item) for item in other} for other in others]
    return as_set([item for item in first if all(_frozen(item) in other for other in known)])


def _subtract(*lists: Any) -> Any:
    first, second = _together(lists)
    known = {_frozen(item) for item in second}
    return as_set([item for item in first if _frozen(item) not in known])


def _together(lists: Iterable[Any]) -> list[list[Any]]:
    """Lists whose elements are all of one type."""
    items = [_listed(given) for given in lists]
    found = iter(unified([item for given in items for item in given]))
    return [list(itertools.islice(found, len(given))) for given in items]


def _total(found: Iterable[Any]) -> Any:
    items = [Decimal(str(number(item))) for item in found]
    if not items:
        raise Missing("there is nothing to be added")
    return plain(sum(items, Decimal()))


def _index(found: Any, wanted: Any) -> int:
    for at, item in enumerate(_ordered(found)):
        if equal(item, wanted):
            return at
    raise Missing("it is not in the list")


def _chunks(found: Any, size: Any) -> list[Any]:
    items, most = unified(_listed(found)), whole(size)
    if most < 0:
        raise Missing("a chunk has no negative size")
    return [items[at : at + most] for at in range(0, len(items), most)] if most else [items] if items else []


def _sorted(found: Any) -> list[Any]:
    items = [_string(item) for item in _listed(found)]
    if None in items:
        raise Missing("null has no order")
    return sorted(items)


def _recased(letters: str, change: Callable[[str], str]) -> str:
    """Text letter by letter in another case; a letter that would become two is left to Terraform."""
    found = [change(letter) for letter in _string(letters)]
    if any(len(letter) != 1 for letter in found):
        raise Undecided("a letter of it becomes several")
    return "".join(found)


def _title(words: str) -> str:
    found, before = [], " "
    for letter in words:
        inner = before.isalnum() or before == "_" if before.isascii() else not before.isspace()
        found.append(letter if inner else _recased(letter, str.title))
        before = letter
    return "".join(found)


_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _decoded(written: str) -> Any:
    def refused(constant: str) -> Any:
        raise Missing(f"{constant} is no JSON")

    return json.loads(written, parse_float=lambda digits: plain(Decimal(digits)), parse_constant=refused)


def _quoted(written: str) -> str:
    found = json.dumps(written, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", found)


def _json(found: Any) -> Any:
    """A value as JSON text: names in their order, no space between, references kept as holes of the text."""
    pieces: list[Any] = []
    size = 0

    def write(piece: Any) -> None:
        nonlocal size
        size += len(piece) if isinstance(piece, str) else 1
        _few([size])
        pieces.append(piece)

    _written(found, write)
    return text(*pieces)


def _written(found: Any, write: Callable[[Any], None]) -> None:
    match found:
        case None | bool():
            write({None: "null", True: "true", False: "false"}[found])
        case int() | float():
            write(spelled(found))
        case str():
            write(_quoted(found))
        case Ref() | Text() | Unknown():
            write('"')
            for part in found.parts if isinstance(found, Text) else (found,):
                write(_quoted(part)[1:-1] if isinstance(part, str) else part)
            write('"')
        case Mapping():
            names = sorted(found) if all(isinstance(name, str) for name in found) else list(found)
            write("{")
            for at, name in enumerate(names):
                write("," if at else "")
                _written(name, write)
                write(":")
                _written(found[name], write)
            write("}")
        case _:
            write("[")
            for at, item in enumerate(_listed(found)):
                write("," if at else "")
                _written(item, write)
            write("]")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": _solid(lambda given: abs(number(given))),
    "alltrue": _all,
    "anytrue": _any,
    "base64decode": _solid(lambda given: base64.b64decode(given, validate=True).decode()),
    "base64encode": _solid(lambda given: base64.b64encode(_string(given).encode()).decode()),
    "ceil": _solid(lambda given: math.ceil(number(given))),
    "chunklist": _chunks,
    "cidrhost": _solid(_host),
    "cidrnetmask": _solid(lambda prefix: str(ipaddress.IPv4Network(_network(prefix)).netmask)),
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
    "index": _solid(_index),
    "join": _join,
    "jsondecode": _solid(_decoded),
    "jsonencode": _json,
    "keys": lambda found: sorted(_mapped(found)),
    "length": _length,
    "lookup": _lookup,
    "lower": _solid(lambda letters: _recased(letters, str.lower)),
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
    "sort": _solid(_sorted),
    "split": _solid(_split),
    "startswith": _solid(lambda whole, part: whole.startswith(part)),
    "strcontains": _solid(lambda whole, part: part in whole),
    "strrev": _solid(lambda letters: _simple(letters)[::-1]),
    "substr": _solid(_substr),
    "sum": _solid(_total),
    "title": _solid(_title),
    "tobool": _tobool,
    "tolist": _tolist,
    "tomap": _tomap,
    "tonumber": _tonumber,
    "toset": _set,
    "tostring": _string,
    "trim": _solid(lambda whole, these: whole.strip(these)),
    "trimprefix": _solid(lambda whole, part: whole.removeprefix(part)),
    "trimspace": _solid(lambda letters: letters.strip(_SPACE)),
    "trimsuffix": _solid(lambda whole, part: whole.removesuffix(part)),
    "upper": _solid(lambda letters: _recased(letters, lambda one: one if one == "ß" else one.upper())),
    "values": _values,
    "zipmap": _zipmap,
}
"""The functions that mean the same wherever and whenever Terraform runs."""
