"""Whom a statement of a resource or trust policy names, held against who asks.

Sources: "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal" (AWS Identity and Access
Management User Guide, read in November 2026). A star stands for everybody or, as part of a name, for itself. A role
that is to be left out by NotPrincipal must be named with its account and its session, for AWS may look at each of
them; named in part, whether it is left out is a *maybe*.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from seawall.analyze.permissions.globs import MAYBE, NO, YES, Sure, encode, equal, hole_of
from seawall.analyze.permissions.request import Caller
from seawall.facts.identity import Statement
from seawall.kernel.value import Ref, Textual


class Match(StrEnum):
    """By which of its names a caller is meant, for IAM treats them differently.

    ``account`` only hands the decision on to the account's own policies; ``session`` and ``user`` are the caller
    itself, whose boundary an Allow does not ask; ``role`` is the role behind a session.
    """

    EVERYBODY = "everybody"
    ACCOUNT = "account"
    ROLE = "role"
    SESSION = "session"
    USER = "user"
    SERVICE = "service"
    FEDERATED = "federated"


Matched: TypeAlias = tuple[tuple[Match, Sure], ...]
"""By which names a caller is meant, each with how sure that is; none: it is not meant."""
Meant: TypeAlias = Callable[[Caller], Matched]

_ROOT = re.compile(r"arn:[^:]*:iam::([^:]*):root", re.DOTALL)
_EVERYBODY: Matched = ((Match.EVERYBODY, YES),)
_PERHAPS: Matched = ((Match.EVERYBODY, MAYBE),)


def compiled(statement: Statement) -> Meant | None:
    """The function that says by which names a statement means a caller; None if it means whoever carries it."""
    if not statement.principals and not statement.not_principals:
        # A policy of a principal names none; one of a resource that names nobody means nobody.
        return (lambda caller: ()) if statement.kind in ("resource", "trust") else None
    names = tuple((kind, encode(value)) for kind, value in statement.principals)
    if statement.not_principals:
        return lambda caller: _others(names, caller)
    if any(kind in ("AWS", "*") and name == "*" for kind, name in names):
        return lambda caller: _EVERYBODY
    return lambda caller: _named(names, caller)


def _named(names: tuple[tuple[str, str], ...], caller: Caller) -> Matched:
    found: dict[Match, Sure] = {}
    for kind, name in names:
        for match, sure in _one(kind, name, caller):
            found[match] = max(sure, found.get(match, NO))
    return tuple(found.items())


def _one(kind: str, name: str, caller: Caller) -> Matched:
    if name == "*" and kind in ("AWS", "*"):
        return _EVERYBODY
    if kind == "Service":
        return _if(Match.SERVICE, _is(name, caller.arn)) if caller.kind == "service" else ()
    if kind == "Federated":
        return _if(Match.FEDERATED, _is(name, caller.arn)) if caller.kind == "federated" else ()
    if caller.kind not in ("role", "user"):
        return ()
    if kind == "CanonicalUser":
        return ((Match.ACCOUNT, MAYBE),)  # which account that number stands for only S3 knows
    if kind != "AWS":
        return ()
    own = Match.ROLE if caller.kind == "role" else Match.USER
    hole = hole_of(name)
    if isinstance(hole, Ref):
        if hole.to == caller.of and hole.attr == "arn":
            return ((own, YES),)
        return _if(own, _is(name, caller.arn))
    found = [*_if(own, _is(name, caller.arn)), *_if(Match.ACCOUNT, _account(name, caller))]
    if caller.kind == "role":
        found += _if(Match.SESSION, _session(name, caller))
    return tuple(found)


def _if(match: Match, sure: Sure) -> Matched:
    return ((match, sure),) if sure != NO else ()


def _is(name: str, value: Textual) -> Sure:
    return equal(name, encode(value))


def account_of(caller: Caller) -> str:
    """The account of a caller, encoded: what it says, or what its ARN holds; "" if neither."""
    account = encode(caller.account)
    if account:
        return account
    parts = encode(caller.arn).split(":", 5)
    return parts[4] if len(parts) == 6 and caller.kind in ("role", "user") else ""


def _account(name: str, caller: Caller) -> Sure:
    """Whether a name stands for the whole account of a caller: its number, or the ARN of its root."""
    match = _ROOT.fullmatch(name)
    named = match[1] if match else name
    if not match and ":" in named:
        return NO
    account = account_of(caller)
    if match is None and hole_of(named) is not None:
        return YES if named == account else MAYBE
    return equal(named, account) if account else MAYBE


def _session(name: str, caller: Caller) -> Sure:
    """Whether a name is that of the session in which a role acts."""
    parts = name.split(":", 5)
    if len(parts) != 6:
        return NO  # a hole as a whole is taken for the role itself
    if parts[2] != "sts" or not parts[5].startswith("assumed-role/"):
        return NO
    session = encode(caller.session)
    if session:
        return equal(name, session)
    role = encode(caller.arn).rpartition("/")[2]
    return min(MAYBE, equal(parts[5].split("/")[1], role), equal(parts[4], account_of(caller)))


def _others(names: tuple[tuple[str, str], ...], caller: Caller) -> Matched:
    """By NotPrincipal everybody is meant who is not named."""
    named = dict(_named(names, caller))
    if not named:
        return _EVERYBODY
    if named.get(Match.EVERYBODY) == YES:
        return ()
    own: tuple[Match, ...]
    whole: tuple[Match, ...]
    if caller.kind == "role":
        own = (Match.ROLE, Match.SESSION)
        whole = (*own, Match.ACCOUNT)
    elif caller.kind == "user":
        own = (Match.USER,)
        whole = (*own, Match.ACCOUNT)
    else:
        own = whole = tuple(named)
    if all(match not in named for match in own):
        return _EVERYBODY  # the account alone leaves none of its people out
    return () if all(named.get(match) == YES for match in whole) else _PERHAPS
