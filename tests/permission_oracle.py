"""What IAM answers, worked out a second time by another way: from the documents themselves, and by listing cases.

It knows no holes and no third answer, shares no line with the evaluator, and tries every string character by character.
Sources: as in ``seawall.analyze.permissions.evaluate``; the table of what a resource's policy does to implicit denials
is that of IAM User Guide, "Policy evaluation logic", read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request: ``who`` are the names of the caller by kind, ``account`` the caller's, ``owner`` the resource's."""

    kind: str
    who: Mapping[str, str]
    account: str
    action: str
    resource: str
    owner: str
    context: Mapping[str, tuple[str, ...]]
    decisive: bool = False
    linked: bool = False


@dataclass(frozen=True)
class Layers:
    """The documents that have a say; None is no such document."""

    identity: Sequence[Any] = ()
    boundary: Any = None
    session: Any = None
    resource: Any = None
    scps: Sequence[Sequence[Any]] = ()
    rcps: Sequence[Sequence[Any]] = field(default_factory=tuple)
    endpoint: Any = None


def allowed(asked: Asked, layers: Layers) -> bool:
    """Whether the request is let through."""
    own = asked.kind in ("role", "user")
    mine = [*layers.identity, layers.boundary, layers.session] if own else []
    ours = [one for level in layers.scps for one in level] if own and not asked.linked else []
    theirs = [one for level in layers.rcps for one in level] if not asked.linked else []
    way = [layers.endpoint] if asked.kind != "service" else []
    for paper in (*mine, *ours, *theirs, *way, layers.resource):
        for one in _read(paper):
            if one["Effect"] == "Deny" and _about(one, asked):
                return False
    if own and not asked.linked and not all(any(_says_yes(one, asked) for one in level) for level in layers.scps):
        return False
    if way[:1] not in ([], [None]) and not _says_yes(layers.endpoint, asked):
        return False
    names = {name for one in _read(layers.resource) if one["Effect"] == "Allow" for name in _meant(one, asked)}
    if not own:
        return bool(names)
    identity = any(_says_yes(one, asked) for one in layers.identity)
    capped = any(one is not None and not _says_yes(one, asked) for one in (layers.boundary, layers.session))
    if asked.account != asked.owner and asked.owner != "":
        return identity and not capped and bool(names)
    # One account. Each line is a way in.
    ways = [
        names & {"session", "user", "everybody"},
        "role" in names and not capped,
        identity and not capped and ("account" in names or not asked.decisive),
    ]
    return any(ways)


def _says_yes(paper: Any, asked: Asked) -> bool:
    return any(one["Effect"] == "Allow" and _about(one, asked) for one in _read(paper))


def _read(paper: Any) -> list[Mapping[str, Any]]:
    if paper is None:
        return []
    found = paper["Statement"]
    return list(found) if isinstance(found, list) else [found]


def _about(one: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a statement is about the request; of one that names principals, by any name of the caller."""
    if "Principal" in one or "NotPrincipal" in one:
        return bool(_meant(one, asked))
    return _covers(one, asked)


def _covers(one: Mapping[str, Any], asked: Asked) -> bool:
    action = asked.action.lower()
    if "Action" in one and not any(_glob(each.lower(), action) for each in _several(one["Action"])):
        return False
    if "NotAction" in one and any(_glob(each.lower(), action) for each in _several(one["NotAction"])):
        return False
    if "Resource" in one and not any(_glob(each, asked.resource) for each in _several(one["Resource"])):
        return False
    if "NotResource" in one and any(_glob(each, asked.resource) for each in _several(one["NotResource"])):
        return False
    return all(
        _holds(operator, values, asked.context.get(key.lower(), ()))
        for operator, tests in one.get("Condition", {}).items()
        for key, values in tests.items()
    )


def _meant(one: Mapping[str, Any], asked: Asked) -> set[str]:
    """By which names a statement that names principals means the caller, if it is about the request at all."""
    if not _covers(one, asked):
        return set()
    if "NotPrincipal" in one:
        return set() if _names(one["NotPrincipal"], asked, excepted=True) else {"everybody"}
    return _names(one["Principal"], asked, excepted=False)


def _names(principals: Any, asked: Asked, *, excepted: bool) -> set[str]:
    if principals == "*":
        return {"everybody"}
    found: set[str] = set()
    for kind, values in principals.items():
        for value in _several(values):
            if value == "*" and kind == "AWS":
                found.add("everybody")
            elif kind == "AWS":
                account = asked.account and asked.kind in ("role", "user")
                if account and value in (asked.account, f"arn:aws:iam::{asked.account}:root"):
                    found.add("account")
                found |= {name for name in ("session", "role", "user") if asked.who.get(name) == value}
            elif kind in ("Service", "Federated"):
                name = kind.lower()
                found |= {name} if asked.who.get(name) == value else set()
    if excepted and found == {"account"}:
        # AWS: to except a role from a denial its account has to be excepted as well, and not the account alone.
        return set() if asked.kind in ("role", "user") else found
    return found


def _holds(operator: str, wanted: Any, given: tuple[str, ...]) -> bool:
    values = [str(each).lower() if isinstance(each, bool) else str(each) for each in _several(wanted)]
    if operator == "Null":
        return values == [str(not given).lower()]
    quantifier, _, base = operator.rpartition(":")
    lenient = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    if not given:
        return lenient or quantifier == "ForAllValues" or ("Not" in base and quantifier != "ForAnyValue")
    single = {
        "StringEquals": lambda value: value in values,
        "StringNotEquals": lambda value: value not in values,
        "StringLike": lambda value: any(_glob(each, value) for each in values),
        "StringNotLike": lambda value: not any(_glob(each, value) for each in values),
        "Bool": lambda value: value.lower() in [each.lower() for each in values],
        "NumericLessThan": lambda value: any(float(value) < float(each) for each in values),
    }[base]
    if quantifier == "ForAllValues":
        return all(single(value) for value in given)
    return any(single(value) for value in given)


def _several(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _glob(pattern: str, word: str) -> bool:
    """Whether a pattern with stars and question marks covers a word, by the set of places reached in the pattern."""
    places = {0}
    for sign in (*word, None):
        reached: set[int] = set()
        for place in _past_stars(pattern, places):
            if sign is None:
                if place == len(pattern):
                    return True
            elif place < len(pattern) and pattern[place] == "*":
                reached.add(place)
            elif place < len(pattern) and pattern[place] in (sign, "?"):
                reached.add(place + 1)
        places = reached
    return False


def _past_stars(pattern: str, places: Iterable[int]) -> set[int]:
    found = set(places)
    for place in sorted(found):
        at = place
        while at < len(pattern) and pattern[at] == "*":
            at += 1
            found.add(at)
    return found
