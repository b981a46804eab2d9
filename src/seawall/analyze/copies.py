"""Copies of a store in another region: which they are, and whether anything but a person makes one the writer."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.named import stores_named
from seawall.analyze.texts import fits
from seawall.facts.application import Operation
from seawall.facts.data import Migrates, MigrationEnd, Replicates, Store
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.identity import Performs
from seawall.facts.network import Hostname, Member
from seawall.facts.resilience import Claim, Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Textual
from seawall.kernel.verdict import Answer


def abroad(facts: Facts, kind: str) -> Iterator[tuple[Store, Replicates]]:
    """Each store of a kind that is a copy in another region, with the copying; sources may be a global whole."""
    for copy in facts.all(Replicates):
        if copy.scope == "region" and isinstance(copy.target, Address):
            store = facts.one(Store, of=copy.target)
            if store is not None and store.kind == kind:
                yield store, copy


def follows_a_whole(facts: Facts, copy: Replicates) -> bool:
    """Whether it follows a global database or datastore rather than a store."""
    return isinstance(copy.source, Address) and bool(facts.where(Member, of=copy.source))


def claimed_automatic(facts: Facts, kind: str) -> Iterator[tuple[Claim, Store, Replicates]]:
    """Copies in another region of which a claim says that they take over by themselves, unless something makes them.

    A claim that names the source means its copy in another zone, where it has one that takes over by itself.
    """
    for claim in facts.where(Claim, subject="failover"):
        if claim.value != "automatic":
            continue
        named = {store.of for store in stores_named(facts, claim.measure)}
        wholes = {member.of for of in named for member in facts.where(Member, member=of)}
        for store, copy in abroad(facts, kind):
            meant = store.of in named or ((copy.source in named or copy.source in wholes) and not _near(facts, named))
            if meant and copy.promotion == "manual":
                yield claim, store, copy


def _near(facts: Facts, named: set[Address]) -> bool:
    return any(
        near.scope == "zone" and near.promotion == "automatic"
        for of in named
        for near in facts.where(Replicates, source=of)
    )


def migrated_into(facts: Facts, of: Address) -> Answer:
    """Whether a task copies something into a store: not known where one goes to a host that nobody knows."""
    best = Answer.REFUTED
    for task in facts.all(Migrates):
        ends = facts.where(MigrationEnd, of=task.target) if isinstance(task.target, Address) else ()
        answers = [_is_host(facts, end.host, of) for end in ends] or [Answer.UNKNOWN]
        if Answer.PROVEN in answers:
            return Answer.PROVEN
        if Answer.UNKNOWN in answers:
            best = Answer.UNKNOWN
    return best


def _is_host(facts: Facts, host: Link | Textual, of: Address) -> Answer:
    if isinstance(host, Address):
        return Answer.PROVEN if host == of else Answer.REFUTED
    answers = {fits(host, name.pattern) for name in facts.where(Hostname, of=of)}
    return next((each for each in (Answer.PROVEN, Answer.UNKNOWN) if each in answers), Answer.REFUTED)


def promoted_by_something(facts: Facts, *operations: str) -> bool:
    """Whether a state machine or code of the input calls one of these, such as ``rds:PromoteReadReplica``."""
    wanted = {_spelled(operation) for operation in operations}
    performed = (each.action for each in facts.all(Performs))
    called = (f"{each.service}:{each.operation}" for each in facts.all(Operation))
    return any(isinstance(each, str) and _spelled(each) in wanted for each in (*performed, *called))


def _spelled(operation: str) -> str:
    return operation.replace("_", "").lower()


def wholes(facts: Facts, kind: str) -> Iterator[tuple[Address, tuple[Store, ...]]]:
    """Each global database or datastore with its members, the one that writes first, as far as the input has them."""
    for setting in facts.where(Setting, key="global"):
        if not isinstance(setting.of, Address):
            continue
        followers = {copy.target for copy in facts.where(Replicates, source=setting.of)}
        found = [facts.one(Store, of=member.member) for member in facts.where(Member, of=setting.of)]
        members = [store for store in found if store is not None and store.kind == kind]
        if members:
            yield setting.of, tuple(sorted(members, key=lambda store: (store.of in followers, store.of)))
