"""What an organisation says of an account: the policies on the way from the root down to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from seawall.analyze.permissions.account import account_number
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import Doubt
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.shapes import shapes
from seawall.facts.facts import Facts
from seawall.facts.identity import Governs, Identifier, Statement
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown
from seawall.readers.aws.arn import ACCOUNT

FULL_ACCESS: Final = "p-FullAWSAccess"
"""AWS's own policy that allows everything, attached to the root, every unit and every account from the first."""
_EVERYTHING: Final = Statement(Address.outside(FULL_ACCESS), "scp", True, ("*",), ("*",))

Levels = tuple[tuple[Policy, ...], ...]


def control_policies(facts: Facts, account: Textual, layer: Layer) -> tuple[Levels, tuple[Doubt, ...]]:
    """The levels of service or resource control policies above an account, and those that may be above it.

    Where the input does not say which account it is, or where it hangs, what holds for the root holds for it. In the
    management account none does.
    """
    return facts.derive(_control_policies, account, layer)


@dataclass(slots=True)
class _Organization:
    attached: dict[Address, list[Address]] = field(default_factory=dict)
    parents: dict[Address, Address] = field(default_factory=dict)
    accounts: dict[Textual, Address] = field(default_factory=dict)
    management: set[Textual] = field(default_factory=set)
    unplaced: list[tuple[Address, Unknown]] = field(default_factory=list)
    """Policies of which nobody knows what they are attached to."""
    unread: list[tuple[Address, Unknown]] = field(default_factory=list)
    """What policies are attached to that nobody knows."""


def _organization(facts: Facts) -> _Organization:
    found = _Organization()
    for governs in facts.all(Governs):
        target, policy = governs.target, governs.policy
        if isinstance(target, Address) and isinstance(policy, Address):
            found.attached.setdefault(target, []).append(policy)
        elif isinstance(target, Unknown) and isinstance(policy, Address):
            found.unplaced.append((policy, target))
        elif isinstance(target, Address) and isinstance(policy, Unknown):
            found.unread.append((target, policy))
    for member in facts.all(Member):
        child, parent = member.member, member.of
        if isinstance(child, Address) and isinstance(parent, Address) and "aws_organizations_" in child:
            found.parents[child] = parent
    for identifier in facts.all(Identifier):
        if identifier.attr == "account":
            found.accounts[identifier.value] = identifier.of
        elif identifier.attr == "management-account":
            found.management.add(identifier.value)
    return found


def _control_policies(facts: Facts, account: Textual, layer: Layer) -> tuple[Levels, tuple[Doubt, ...]]:
    organization = facts.derive(_organization)
    if account == ACCOUNT:
        account = account_number(facts) or account
    if account == "" or account in organization.management:
        return (), ()
    kind: Literal["scp", "rcp"] = "scp" if layer is Layer.SCP else "rcp"
    node = organization.accounts.get(account)
    if node is None and isinstance(account, str):
        node = Address.outside(account)
    above = list(_above(organization, node))
    whole = bool(above) and _is_root(above[-1])
    levels: list[tuple[Policy, ...]] = []
    doubts: list[Doubt] = []
    for target, policies in organization.attached.items():
        level = _level(facts, policies, kind)
        if level is None:
            continue
        policy, listed = level
        if target in above or _is_root(target):
            levels.append((policy,))
            if listed is not None:
                why = "the input does not say that it is detached, and AWS attaches it to everything"
                doubts.append(Doubt(layer, listed, Unknown(f"whether {FULL_ACCESS} holds for {target}", why=why)))
        elif not whole and not (node is not None and _is_numbered(organization, target)):
            because = Unknown(f"whether the account {account} is below {target}", why="the input does not say so")
            doubts.append(Doubt(layer, policy if listed is None else listed, because))
    for attached, because in organization.unplaced:
        level = _level(facts, [attached], kind)
        if level is not None:
            doubts.append(Doubt(layer, level[0] if level[1] is None else level[1], because))
    for target, because in organization.unread:
        if target in above or _is_root(target) or not whole:
            doubts.append(Doubt(layer, Policy([Statement(target, kind, True, (), (), opaque=because)]), because))
    return tuple(levels), tuple(doubts)


def _level(facts: Facts, attached: list[Address], kind: str) -> tuple[Policy, Policy | None] | None:
    """What holds at one level for sure, and what does if AWS's own policy was detached there; None if nothing."""
    statements = [one for policy in attached for one in facts.where(Statement, holder=policy) if one.kind == kind]
    if not statements:
        return None
    known = shapes(facts)
    listing = any(one.allow and one.opaque is None for one in statements)
    if kind == "rcp" or Address.outside(FULL_ACCESS) in attached or not listing:
        return Policy([*statements, _EVERYTHING], known), None
    return Policy([*statements, _EVERYTHING], known), Policy(statements, known)


def _above(organization: _Organization, node: Address | None) -> Iterator[Address]:
    seen: set[Address] = set()
    while node is not None and node not in seen:
        seen.add(node)
        yield node
        if _is_root(node):
            return
        node = organization.parents.get(node)


def _is_root(target: Address) -> bool:
    return target.endswith("//root") or target.startswith("outside:r-")


def _is_numbered(organization: _Organization, target: Address) -> bool:
    """Whether a target is an account whose number is known, and so known to be another."""
    return target in organization.accounts.values() or (target.is_outside and target.removeprefix("outside:").isdigit())
