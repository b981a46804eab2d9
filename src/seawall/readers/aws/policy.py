"""Policy documents, however they are written, as statements."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import orjson

from seawall.facts.fact import Link
from seawall.facts.identity import Condition, PolicyDocument, Statement
from seawall.kernel.json_documents import MAX_DEPTH, deeper_than
from seawall.kernel.value import Ref, Text, Textual, Unknown, Value, map_leaves, text
from seawall.readers.aws.policy_form import faults, size

Kind: TypeAlias = Literal["identity", "trust", "resource", "boundary", "session", "scp", "rcp"]

# Two characters that Unicode leaves to private use stand around the number of a hole, so that a JSON parser sees
# plain text; a document that holds them already is not parsed, for nobody could tell theirs from ours.
_OPEN, _CLOSE = "\ue000", "\ue001"
# The version of a document that says none, and the one in which ``${aws:username}`` is nothing but text.
_WITHOUT_VARIABLES = "2008-10-17"
_PLACEHOLDER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def policy_facts(value: Value, holder: Link, kind: Kind, what: str) -> Iterator[Statement | PolicyDocument]:
    """The statements of a document, and the document itself: its version, its size, and what is wrong with it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return
    document = parsed(value, what)
    yield from statements(document, holder, kind, what)
    if isinstance(document, Unknown):
        # A text that is there but cannot be read is a fault; one that is known only later is none.
        wrong = (str(document.why),) if isinstance(value, str) else ()
        yield PolicyDocument(holder, what, kind, document, document, wrong)
        return
    said = document.get("Version", "") if isinstance(document, Mapping) else ""
    version = _unreadable(f"{what}.Version", said) if isinstance(said, Ref | Text | Unknown) else str(said)
    found = dict.fromkeys((*_twice(value), *faults(document, kind)))
    yield PolicyDocument(holder, what, kind, version, size(document), tuple(found))


def statements(value: Value, holder: Link, kind: Kind, what: str) -> Iterator[Statement]:
    """The statements of a document: a JSON text, with or without holes, or the object itself.

    ``what`` names the attribute that holds it. A document that cannot be read is one opaque statement, which may
    say anything; so is a statement that is no object.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return
    document = value if isinstance(value, Unknown) else parsed(value, what)
    if isinstance(document, Unknown):
        yield _opaque(holder, kind, document)
        return
    if not isinstance(document, Mapping):
        yield _opaque(holder, kind, Unknown(what, why="it is not a policy document"))
        return
    version = document.get("Version")
    if isinstance(version, Ref | Text | Unknown):
        # What ${aws:username} means in it cannot be told.
        yield _opaque(holder, kind, _unreadable(f"{what}.Version", version))
        return
    variables = version is not None and str(version) != _WITHOUT_VARIABLES
    for number, statement in enumerate(_listed(document.get("Statement"))):
        if isinstance(statement, Mapping):
            yield _statement(statement, holder, kind, f"{what}.Statement.{number}", variables)
        else:
            yield _opaque(holder, kind, _unreadable(f"{what}.Statement.{number}", statement))


def parsed(value: Value, what: str) -> Value:
    """A JSON text as the object that it spells, its holes where they stand; an object as it is; Unknown if neither."""
    if isinstance(value, Mapping | list):
        return value
    if isinstance(value, Ref | Unknown):
        return _unreadable(what, value)
    if not isinstance(value, str | Text):
        return Unknown(what, why="it is neither JSON nor an object")
    holes = value.holes if isinstance(value, Text) else ()
    if any(isinstance(part, str) and _OPEN in part for part in _parts(value)):
        return Unknown(what, why="it holds characters that are reserved")
    try:
        document = orjson.loads(_spelled(value))
    except orjson.JSONDecodeError as error:
        if holes:
            mentioned = tuple(hole for hole in holes if isinstance(hole, Ref))
            return Unknown(what, mentioned, "a part of it that is known only later is more than a string")
        return Unknown(what, why=f"it is not JSON: {error}")
    if deeper_than(document, MAX_DEPTH):
        return Unknown(what, why=f"it is nested deeper than {MAX_DEPTH} levels")
    return _restored(document, holes) if holes else document


def _parts(value: str | Text) -> tuple[str | Ref | Unknown, ...]:
    return value.parts if isinstance(value, Text) else (value,)


def _spelled(value: str | Text) -> str:
    """A text with the number of each hole in its place."""
    numbers = itertools.count()
    return "".join(part if isinstance(part, str) else f"{_OPEN}{next(numbers)}{_CLOSE}" for part in _parts(value))


def _twice(value: Value) -> tuple[str, ...]:
    """The keys that stand twice in an object of a text: the last one counts, and IAM refuses the document."""
    if not isinstance(value, str | Text):
        return ()
    found: dict[str, None] = {}

    def note(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            found.update((f"{name} is said twice", None) for name in names if names.count(name) > 1)

    json.loads(_spelled(value), object_pairs_hook=note)
    return tuple(found)


def _restored(value: Any, holes: tuple[Ref | Unknown, ...]) -> Value:
    if isinstance(value, dict):
        # The one place in which a key may have holes: a condition's, such as `${issuer}:sub`.
        return {_filled(key, holes): _restored(item, holes) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item, holes) for item in value]
    return _filled(value, holes) if isinstance(value, str) else value


def _filled(value: str, holes: tuple[Ref | Unknown, ...]) -> Textual:
    if _OPEN not in value:
        return value
    words = _PLACEHOLDER.split(value)
    return text(*(holes[int(word)] if place % 2 else word for place, word in enumerate(words)))


def _statement(statement: Mapping[Any, Any], holder: Link, kind: Kind, what: str, variables: bool) -> Statement:
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        return _opaque(holder, kind, _unreadable(f"{what}.Effect", effect))
    for place, wrong in _no_conditions(statement.get("Condition"), f"{what}.Condition"):
        return _opaque(holder, kind, _unreadable(place, wrong))
    principals = statement.get("Principal", statement.get("NotPrincipal"))
    sid = statement.get("Sid")
    return Statement(
        holder,
        kind,
        effect == "Allow",
        _texts(statement.get("Action", statement.get("NotAction"))),
        _texts(statement.get("Resource", statement.get("NotResource"))),
        tuple(sorted(_principals(principals), key=str)),
        tuple(sorted(_conditions(statement.get("Condition")), key=str)),
        "NotAction" in statement and "Action" not in statement,
        "NotResource" in statement and "Resource" not in statement,
        "NotPrincipal" in statement and "Principal" not in statement,
        sid=sid if isinstance(sid, str) else "",
        variables=variables,
    )


_ACCOUNT_NUMBER = re.compile(r"\d{12}")


def _principals(value: Value) -> Iterator[tuple[str, Textual]]:
    if isinstance(value, Mapping):
        for kind, names in value.items():
            for name in _texts(names):
                if isinstance(name, str) and kind == "AWS" and _ACCOUNT_NUMBER.fullmatch(name):
                    name = f"arn:aws:iam::{name}:root"  # AWS stores the one for the other
                yield str(kind), name
    elif value is not None:
        # A bare "*" and {"AWS": "*"} mean the same, everybody; it has one spelling here.
        for name in _texts(value):
            yield "AWS", name


def _no_conditions(value: Value, what: str) -> Iterator[tuple[str, Value]]:
    """What is no condition where one stands, and where: to leave it out would widen the statement."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield what, value
        return
    for operator, tests in value.items():
        if not isinstance(tests, Mapping):
            yield f"{what}.{operator}", tests
            continue
        for key, values in tests.items():
            if any(isinstance(one, Mapping | list | tuple) for one in _listed(values)):
                yield f"{what}.{operator}.{key}", values


def _conditions(value: Value) -> Iterator[Condition]:
    """The tests of a Condition in which ``_no_conditions`` finds nothing."""
    if isinstance(value, Mapping):
        for operator, tests in value.items():
            for key, values in tests.items():
                yield Condition(str(operator), key, _texts(values))


def _texts(value: Value) -> tuple[Textual, ...]:
    """One string or a list of them, sorted, each once."""
    found = {_text(item): None for item in _listed(value)}
    return tuple(sorted(found, key=str))


def _text(value: Value) -> Textual:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str | Ref | Text | Unknown) else str(value)


def _listed(value: Value) -> list[Value]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _opaque(holder: Link, kind: Kind, unknown: Unknown) -> Statement:
    return Statement(holder, kind, True, (), (), opaque=unknown)


def _unreadable(what: str, value: Value) -> Unknown:
    match value:
        case Unknown():
            return value
        case Ref():
            return Unknown(what, (value,), f"it is {value}, which nothing in the input says")
        case Text():
            mentioned = tuple(hole for hole in value.holes if isinstance(hole, Ref))
            return Unknown(what, mentioned, f"it is {value}, which nothing in the input says")
        case _:
            return Unknown(what, why="it is not what a policy document may hold there")


class _NotADocument(Exception):
    """A part of a document is not known, or is not what may stand there."""


def document_of(body: Mapping[str, Value]) -> Mapping[str, Value] | None:
    """The document that a ``data.aws_iam_policy_document`` of these arguments makes; None if a part is not known.

    Sources come first, then its own statements, then overrides, which take the place of a statement of their sid.
    """
    found: list[Mapping[str, Value]] = []
    try:
        for source in _listed(body.get("source_policy_documents")):
            found.extend(_statements_of(source))
        for block in _blocks(body, "statement"):
            _merge(found, _from_block(block))
        for override in _listed(body.get("override_policy_documents")):
            for statement in _statements_of(override):
                _merge(found, statement)
    except _NotADocument:
        return None
    return {"Version": _said(body, "version", "2012-10-17"), "Statement": found}


def _statements_of(document: Value) -> list[Mapping[str, Value]]:
    if document in (None, ""):
        return []
    read = parsed(document, "document")
    statements: list[Any] = _listed(read.get("Statement")) if isinstance(read, Mapping) else [None]
    if not all(isinstance(statement, Mapping) for statement in statements):
        raise _NotADocument
    return statements


def _merge(found: list[Mapping[str, Value]], statement: Mapping[str, Value]) -> None:
    sid = statement.get("Sid")
    if isinstance(sid, str) and sid:
        for place, earlier in enumerate(found):
            if earlier.get("Sid") == sid:
                found[place] = statement
                return
    found.append(statement)


_ELEMENTS = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def _from_block(block: Mapping[str, Value]) -> Mapping[str, Value]:
    statement: dict[str, Value] = {"Effect": _said(block, "effect", "Allow")}
    for argument, element in _ELEMENTS.items():
        value = _policy_variables(_said(block, argument))
        if value is not None:
            statement[element] = value
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        people: dict[Textual, list[Value]] = {}
        for principal in _blocks(block, argument):
            kind = _text(_said(principal, "type", "AWS"))
            names = people.setdefault("AWS" if kind == "*" else kind, [])
            names.extend(_listed(_policy_variables(principal.get("identifiers"))))
        if people:
            statement[element] = people
    conditions: dict[Textual, dict[Textual, list[Value]]] = {}
    for condition in _blocks(block, "condition"):
        tests = conditions.setdefault(_text(_said(condition, "test", "")), {})
        values = tests.setdefault(_text(_policy_variables(_said(condition, "variable", ""))), [])
        values.extend(_listed(_policy_variables(condition.get("values"))))
    if conditions:
        statement["Condition"] = conditions
    return statement


def _said(block: Mapping[str, Value], name: str, default: Value = None) -> Value:
    """An argument; absent, null and empty are the same."""
    value = block.get(name)
    if isinstance(value, Ref | Text | Unknown):
        return value
    return default if value in (None, "", [], {}) else value


def _blocks(block: Mapping[str, Value], name: str) -> list[Mapping[str, Value]]:
    found = _listed(_said(block, name))
    if not all(isinstance(item, Mapping) for item in found):
        raise _NotADocument
    return found


def _policy_variables(value: Value) -> Value:
    """``&{aws:username}`` is how a policy document block spells IAM's own ``${aws:username}``."""

    def spelled(leaf: Value) -> Value:
        if isinstance(leaf, str):
            return leaf.replace("&{", "${")
        if isinstance(leaf, Text):
            return text(*(part.replace("&{", "${") if isinstance(part, str) else part for part in leaf.parts))
        return leaf

    return map_leaves(value, spelled)
