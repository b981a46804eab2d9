"""What is wrong with a policy document's form: what AWS refuses, said before it does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.kernel.value import Ref, Text, Unknown, Value, render_text

VERSIONS: Final = ("2008-10-17", "2012-10-17")

_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
    }
)  # fmt: skip
_OPERATORS: Final = frozenset(
    {
        "stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase", "stringlike",
        "stringnotlike", "numericequals", "numericnotequals", "numericlessthan", "numericlessthanequals",
        "numericgreaterthan", "numericgreaterthanequals", "dateequals", "datenotequals", "datelessthan",
        "datelessthanequals", "dategreaterthan", "dategreaterthanequals", "bool", "binaryequals", "ipaddress",
        "notipaddress", "arnequals", "arnlike", "arnnotequals", "arnnotlike", "null",
    }
)  # fmt: skip
_SET = re.compile(r"forallvalues:|foranyvalue:", re.IGNORECASE)
_ACTION = re.compile(r"[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+")
_SID = re.compile(r"[A-Za-z0-9]*")
_HOLES = (Ref, Text, Unknown)
_KINDS_OF_PRINCIPALS = frozenset({"AWS", "Service", "Federated", "CanonicalUser", "*"})


def size(document: Value) -> int:
    """The characters of a document without white space, as IAM counts them, and without what is not known yet."""

    def spelled(value: Any) -> Any:
        if isinstance(value, _HOLES):
            return render_text(value, lambda _hole: "")
        raise TypeError

    def keyed(value: Value) -> Any:
        if isinstance(value, Mapping):
            return {spelled(key) if isinstance(key, _HOLES) else key: keyed(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [keyed(item) for item in value]
        return value

    compact = json.dumps(keyed(document), separators=(",", ":"), ensure_ascii=False, default=spelled)
    return len("".join(compact.split()))


def faults(document: Value, kind: str) -> Iterator[str]:
    """What AWS would refuse in a document, or read as something else than its author did, as sentences."""
    if not isinstance(document, Mapping):
        yield "it is not an object"
        return
    for name in _others(document, _DOCUMENT):
        yield f"{name} is no element of a policy"
    version = document.get("Version")
    if version is not None and not isinstance(version, _HOLES) and str(version) not in VERSIONS:
        yield f"Version {_short(version)} is neither {VERSIONS[0]} nor {VERSIONS[1]}"
    given = document.get("Statement")
    if isinstance(given, _HOLES):
        return
    if given is None or given in ([], {}):
        yield "it has no statements"
        return
    sids: set[str] = set()
    for number, statement in enumerate(given if isinstance(given, list | tuple) else [given], start=1):
        if isinstance(statement, _HOLES):
            continue
        if not isinstance(statement, Mapping):
            yield f"statement {number} is not an object"
            continue
        sid = statement.get("Sid")
        named = isinstance(sid, str) and sid
        where = f"statement {sid if named and _SID.fullmatch(str(sid)) else number}"
        if named and sid in sids:
            yield f"two statements have the Sid {_short(sid)}"
        if isinstance(sid, str):
            sids.add(sid)
        for fault in _of_statement(statement, kind):
            yield f"{where}: {fault}"


def _of_statement(statement: Mapping[Any, Value], kind: str) -> Iterator[str]:
    for name in _others(statement, _STATEMENT):
        yield f"{name} is no element of a statement"
    sid = statement.get("Sid")
    if isinstance(sid, str) and kind in ("identity", "boundary", "trust") and not _SID.fullmatch(sid):
        yield f"the Sid {_short(sid)} has other characters than letters and digits"
    effect = statement.get("Effect")
    if effect is None:
        yield "it has no Effect"
    elif not isinstance(effect, _HOLES) and effect not in ("Allow", "Deny"):
        yield f"its Effect is {_short(effect)}, neither Allow nor Deny"
    yield from _one_of(statement, "Action", "NotAction")
    for name in ("Action", "NotAction"):
        for action in _strings(statement.get(name)):
            if action != "*" and not _ACTION.fullmatch(action):
                yield f"{name} {_short(action)} is not of the form service:action"
    if kind == "trust":
        for name in ("Resource", "NotResource"):
            if name in statement:
                yield f"a trust policy has no {name}"
    elif kind != "resource" or "Resource" in statement or "NotResource" in statement:
        yield from _one_of(statement, "Resource", "NotResource")
    for name in ("Resource", "NotResource"):
        for resource in _strings(statement.get(name)):
            if not resource.startswith(("arn:", "*")):
                yield f"{name} {_short(resource)} is neither an ARN nor *"
    if kind in ("trust", "resource"):
        yield from _one_of(statement, "Principal", "NotPrincipal")
        yield from _of_principals(statement)
    elif kind == "rcp":
        if statement.get("Principal") != "*":
            yield 'the Principal of a resource control policy is "*"'
    else:
        for name in ("Principal", "NotPrincipal"):
            if name in statement:
                yield f"{name} has no place in a policy of this kind: whoever carries it is the principal"
    yield from _of_conditions(statement.get("Condition"))


def _one_of(statement: Mapping[Any, Value], one: str, other: str) -> Iterator[str]:
    found = [name for name in (one, other) if name in statement]
    if len(found) == 2:
        yield f"it has both {one} and {other}"
    elif not found:
        yield f"it has neither {one} nor {other}"
    else:
        value = statement[found[0]]
        if value is None or (not isinstance(value, _HOLES) and value in ("", [], {})):
            yield f"its {found[0]} is empty"
        elif isinstance(value, int | float) or (isinstance(value, Mapping) and "Principal" not in found[0]):
            yield f"its {found[0]} is neither a string nor a list of strings"


def _of_principals(statement: Mapping[Any, Value]) -> Iterator[str]:
    for name in ("Principal", "NotPrincipal"):
        value = statement.get(name)
        if isinstance(value, str) and value not in ("*", ""):
            yield f"{name} {_short(value)} does not say what kind of principal it is"
        elif isinstance(value, list | tuple) and value:
            yield f"{name} is a list, and lists stand within a kind of principal"
        elif isinstance(value, Mapping):
            for kind in value:
                if isinstance(kind, str) and kind not in _KINDS_OF_PRINCIPALS:
                    yield f"{_short(kind)} is no kind of principal"


def _of_conditions(conditions: Value) -> Iterator[str]:
    if conditions is None or isinstance(conditions, _HOLES):
        return
    if not isinstance(conditions, Mapping):
        yield "its Condition is not an object"
        return
    for operator, tests in conditions.items():
        if isinstance(operator, str):
            bare = _SET.sub("", operator, count=1).lower()
            if bare.removesuffix("ifexists") not in _OPERATORS or bare == "nullifexists":
                yield f"{_short(operator)} is no condition operator"
        if isinstance(tests, _HOLES):
            continue
        if not isinstance(tests, Mapping) or not tests:
            yield f"the condition {_short(operator)} tests no key"
            continue
        for key, values in tests.items():
            if isinstance(key, str) and ":" not in key:
                yield f"the condition key {_short(key)} does not say whose it is, as aws:{key} would"
            if values is None or (isinstance(values, list | tuple | Mapping) and not values):
                yield f"the condition key {_short(key)} is compared with nothing"
            elif isinstance(values, Mapping):
                yield f"the condition key {_short(key)} is compared with an object"


def _others(value: Mapping[Any, Value], known: frozenset[str]) -> list[str]:
    return [_short(key) for key in value if not isinstance(key, str) or key not in known]


def _strings(value: Value) -> Iterator[str]:
    for item in value if isinstance(value, list | tuple) else (value,):
        if isinstance(item, str) and item:
            yield item


def _short(value: Value) -> str:
    spelled = str(value) if isinstance(value, str | Ref | Text | Unknown) else json.dumps(value, default=str)
    spelled = spelled if spelled.isprintable() else repr(spelled)
    return spelled if len(spelled) <= 80 else f"{spelled[:77]}..."
