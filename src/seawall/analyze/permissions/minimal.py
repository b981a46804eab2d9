"""The least that a workload's role has to allow, and how its pods come by that role in every cluster they run in.

A need becomes a grant of its own action on its own resource. What the action cannot be narrowed to by a resource is
narrowed by conditions: the region, and whatever the caller is known to send. Grants that differ in actions alone or
in resources alone become one statement, and what another grant covers already is left out, so that no statement can
be taken away without a gap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.account import own_number
from seawall.analyze.permissions.applicable import spelled
from seawall.analyze.permissions.needed import acting, needs
from seawall.analyze.texts import fits
from seawall.facts.compute import Addon, Cluster, Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Issuer, Principal
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Hole, Ref, Text, Textual, Unknown, map_leaves, render_text, text
from seawall.kernel.verdict import Answer
from seawall.knowledge import global_services, policy_sizes

_ROLE_NAME: Final = re.compile(rf"[\w+=,.@-]{{1,{policy_sizes.ROLE_NAME}}}", re.ASCII)
AGENT: Final = "eks-pod-identity-agent"
AUDIENCE: Final = "sts.amazonaws.com"
"""Whom the tokens are for that EKS writes into pods of an annotated service account."""
_ACCOUNT_DIGITS: Final = 12
_MADE_UP: Final = 64
"""Characters allowed for a part of an ARN that AWS makes up: a UUID has 36, ids of Kafka's clusters 39."""
_ISSUER: Final = 80
"""Characters allowed for the address of a cluster's issuer: in the region with the longest name it has 77."""

Test: TypeAlias = tuple[str, str, tuple[Textual, ...]]
"""One condition: operator, key as AWS spells it, values."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One Allow statement: actions, resources and tests, each sorted.

    A Ref among the resources stands for an ARN of which AWS makes up a part; the account is a hole named ``account``.
    """

    actions: tuple[str, ...]
    resources: tuple[Textual, ...]
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Tie:
    """How pods of one cluster come by the role: through the cluster's issuer, or through Pod Identity.

    ``of`` is the cluster, None where the input holds its manifests alone. ``provider`` is what IAM trusts the
    cluster's tokens by, None where the input has none. ``account`` is the service account as it shall be; with
    ``makes_account`` there is none of that name yet. It is among ``workloads`` where the input holds no pods of it.
    """

    cluster: str
    of: Address | None
    region: str
    means: Literal["irsa", "pod-identity"]
    workloads: tuple[Address, ...]
    account: Address
    makes_account: bool
    provider: Address | None = None


@dataclass(frozen=True, slots=True)
class Minimal:
    """All that makes a workload's calls possible and nothing else.

    ``policies`` is one tuple of grants for each document: one that fits as an inline policy, or several managed ones.
    ``owner`` is the number of the account, "" where the input names none or several. ``shapes`` has what is known of
    the ARN of each Ref, and ``holes`` is what nobody could tell, a sentence each.
    """

    role: str
    owner: str
    policies: tuple[tuple[Grant, ...], ...]
    ties: tuple[Tie, ...]
    calls: tuple[Call, ...]
    shapes: Mapping[Ref, Textual]
    holes: tuple[str, ...] = ()


def minimal(facts: Facts, name: str, role: str | None = None) -> Minimal:
    """The least for a workload: an address, ``namespace/name`` or a name, in every cluster that has it.

    Of an add-on of EKS, whose pods no manifest holds, the service account is named.

    ``role`` is what the role shall be called. Raises InputError where no workload or several different ones are
    meant, where no need of it is known, and where what it needs fits in no role.
    """
    if role is not None and not _ROLE_NAME.fullmatch(role):
        raise InputError(f"a role cannot be called {role}", fix="use up to 64 letters, digits and +=,.@_-")
    found = meant(facts, name)
    accounts = {workload: acting(facts, workload).account for workload in found}
    shares = not any(_is_default(account) for account in accounts.values())
    if shares:  # whoever else runs as the same account takes the same role on, and must not lose what it has
        of_accounts = dict.fromkeys(accounts.values())
        accounts |= {each.of: each.account for each in facts.all(Workload) if each.account in of_accounts}
    sources = {*accounts, *accounts.values()} if shares else {*accounts}
    calls = tuple(need.call for need in needs(facts) if need.call.source in sources)
    if not calls:
        raise InputError(
            f"nothing in the input says that {name} calls AWS",
            fix="give its configuration as well, or its code with --code",
        )
    shapes: dict[Ref, Textual] = {}
    named = [replace(call, resource=_named(facts, call.resource, shapes)) for call in calls]
    ties = tuple(_ties(facts, accounts, shares))
    return Minimal(
        role or _role_name(facts, ties[0].account),
        own_number(facts) or "",
        documents(grants(named)),
        ties,
        calls,
        shapes,
        tuple(dict.fromkeys(_holes(named, shapes, ties))),
    )


def meant(facts: Facts, name: str) -> tuple[Address, ...]:
    """The workloads of that name, one in each cluster at most; InputError where there is none, or a choice."""
    found: dict[str, list[Address]] = {}
    names: set[str] = set()
    for source in dict.fromkeys((*(each.of for each in facts.all(Workload)), *_accounts_alone(facts))):
        parts = source.as_kubernetes()
        if parts is None:
            continue
        names.add(parts.name)
        whole = f"{parts.namespace}/{parts.kind}/{parts.name}"
        if name in (source, whole, f"{parts.namespace}/{parts.name}", f"{parts.kind}/{parts.name}", parts.name):
            found.setdefault(whole, []).append(source)
    if not found:
        import difflib

        close = difflib.get_close_matches(name.rpartition("/")[2], sorted(names), n=1)
        raise InputError(
            f"the input has no workload {name}",
            fix=f"did you mean {close[0]}?" if close else "name a Deployment, StatefulSet, DaemonSet, Job or Rollout",
        )
    if len(found) > 1:
        raise InputError(f"{name} could be {', '.join(sorted(found))}", fix="name one of them so")
    return tuple(sorted(next(iter(found.values()))))


def _accounts_alone(facts: Facts) -> Iterator[Address]:
    """The accounts that call AWS and as which no workload of the input runs, such as those of EKS's own add-ons."""
    used = {each.account for each in facts.all(Workload)}
    for need in needs(facts):
        parts = need.call.source.as_kubernetes()
        if parts is not None and parts.kind == "ServiceAccount" and need.call.source not in used:
            yield need.call.source


def _is_default(account: Address) -> bool:
    """Whether an account is the one that every pod of a namespace gets that names none."""
    parts = account.as_kubernetes()
    return parts is not None and parts.name == "default"


def _ties(facts: Facts, accounts: Mapping[Address, Address], shares: bool) -> Iterator[Tie]:
    agents = {addon.cluster for addon in facts.all(Addon) if addon.name == AGENT}
    by_cluster: dict[str, list[Address]] = {}
    for workload in sorted(accounts):
        parts = workload.as_kubernetes()
        if parts is not None:
            by_cluster.setdefault(parts.cluster, []).append(workload)
    for name, workloads in by_cluster.items():
        cluster = cluster_of(facts, workloads[0])
        account = accounts[workloads[0]]
        parts = workloads[0].as_kubernetes()
        if not shares and parts is not None:
            account = Address.kubernetes(parts.cluster, "ServiceAccount", parts.namespace, parts.name)
        known = cluster.name if cluster is not None and isinstance(cluster.name, str) else name
        yield Tie(
            known,
            None if cluster is None else cluster.of,
            cluster.region if cluster is not None and isinstance(cluster.region, str) else "",
            "pod-identity" if cluster is not None and cluster.of in agents else "irsa",
            tuple(workloads),
            account,
            account not in workloads and facts.one(Principal, of=account) is None,
            None if cluster is None else _provider(facts, cluster),
        )


def _provider(facts: Facts, cluster: Cluster) -> Address | None:
    """What IAM trusts a cluster's tokens by: the provider of its issuer, by reference or by the issuer's shape."""
    shapes = [each.value for each in facts.where(Identifier, of=cluster.of) if each.attr.endswith("issuer")]
    alike = [each for each in facts.all(Cluster) if each.region == cluster.region]
    for issuer in facts.all(Issuer):
        if issuer.url == cluster.issuer:
            return issuer.of
        if isinstance(issuer.url, str) and len(alike) == 1:
            url = f"https://{issuer.url.removeprefix('https://')}"
            if any(fits(url, shape) is Answer.PROVEN for shape in shapes):
                return issuer.of
    return None


def _role_name(facts: Facts, account: Address) -> str:
    """A name that no role of the input has: the namespace's and the account's, within what IAM allows."""
    parts = account.as_kubernetes()
    if parts is None:
        raise ValueError(f"{account} is no service account")
    said = parts.namespace == "default" or f"{parts.name}-".startswith(f"{parts.namespace}-")
    stem = parts.name if said else f"{parts.namespace}-{parts.name}"
    taken = {each.name for each in facts.all(Principal) if each.kind == "role"}
    for ending in ("-role", "-least-role", *(f"-least-role-{number}" for number in range(2, 100))):
        name = re.sub(r"[^A-Za-z0-9_+=,.@-]", "-", stem[: policy_sizes.ROLE_NAME - len(ending)]) + ending
        if name not in taken:
            return name
    raise InputError(f"every name for a role of {account} is taken", fix="say what it shall be called")


def grants(calls: Iterable[Call]) -> tuple[Grant, ...]:
    """The statements that allow just these calls, sorted; none can be taken away without losing a call."""
    cells = sorted({_cell(call) for call in calls}, key=str)
    kept = list(_uncovered(cells))
    by_tests: dict[tuple[Test, ...], list[tuple[str, Textual]]] = {}
    for action, resource, tests in kept:
        by_tests.setdefault(tests, []).append((action, resource))
    found = _joined([Grant(*pair, tests) for tests, pairs in by_tests.items() for pair in _grouped(pairs)])
    return tuple(sorted(found, key=lambda grant: (grant.actions, str(grant.resources), str(grant.tests))))


Cell: TypeAlias = tuple[str, Textual, tuple[Test, ...]]


def _joined(found: Sequence[Grant]) -> list[Grant]:
    """Statements that differ in the values of one test alone as one, which allows what both do and nothing else."""
    merged = list(found)
    for operator, key in sorted({(test[0], test[1]) for grant in found for test in grant.tests}):
        if ":" in operator:  # ForAllValues would take a mixture of both
            continue
        alike: dict[Grant, set[Textual]] = {}
        for grant in merged:
            values = {value for test in grant.tests if test[:2] == (operator, key) for value in test[2]}
            rest = tuple(test for test in grant.tests if test[:2] != (operator, key))
            alike.setdefault(replace(grant, tests=(*rest, (operator, key, ())) if values else rest), set()).update(
                values
            )
        merged = [_with_values(grant, tuple(sorted(values, key=str))) for grant, values in alike.items()]
    return merged


def _with_values(grant: Grant, values: tuple[Textual, ...]) -> Grant:
    tests = ((operator, key, known or values) for operator, key, known in grant.tests)
    return replace(grant, tests=tuple(sorted(tests, key=str)))


def _grouped(pairs: Sequence[tuple[str, Textual]]) -> list[tuple[tuple[str, ...], tuple[Textual, ...]]]:
    """Pairs of action and resource as few products of both, none of which holds a pair that was not given."""
    resources: dict[Textual, list[str]] = {}
    actions: dict[str, list[Textual]] = {}
    for action, resource in pairs:
        resources.setdefault(resource, []).append(action)
        actions.setdefault(action, []).append(resource)
    by_actions: dict[tuple[str, ...], list[Textual]] = {}
    for resource, found in resources.items():
        by_actions.setdefault(tuple(sorted(found)), []).append(resource)
    by_resources: dict[tuple[Textual, ...], list[str]] = {}
    for action, about in actions.items():
        by_resources.setdefault(tuple(sorted(about, key=str)), []).append(action)
    one = [(named, tuple(sorted(about, key=str))) for named, about in by_actions.items()]
    other = [(tuple(sorted(named)), about) for about, named in by_resources.items()]
    return one if len(one) < len(other) else other


def _uncovered(cells: Sequence[Cell]) -> Iterator[Cell]:
    """The cells that no other allows: one of the same action with a wider resource or fewer tests."""
    places: dict[Hole, str] = {}
    patterns = [_pattern(cell[1], places) for cell in cells]
    by_action: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        by_action.setdefault(cell[0], []).append(number)

    def allows(one: int, other: int) -> bool:
        start, whole, expression = patterns[one]
        spelled = patterns[other][1]
        return (
            spelled.startswith(start)
            and set(cells[one][2]) <= set(cells[other][2])
            and (spelled == whole or (expression is not None and expression.fullmatch(spelled) is not None))
        )

    for number, cell in enumerate(cells):
        # Of two that allow each other, such as `a*` and `a**`, the first stays.
        if not any(
            other != number and allows(other, number) and (other < number or not allows(number, other))
            for other in by_action[cell[0]]
        ):
            yield cell


def covers(pattern: Textual, value: Textual) -> bool:
    """Whether every ARN of the shape of ``value`` fits a pattern; holes fit themselves and a star alone."""
    places: dict[Hole, str] = {}
    _, whole, expression = _pattern(pattern, places)
    spelled = _pattern(value, places)[1]
    return spelled == whole or (expression is not None and expression.fullmatch(spelled) is not None)


def _pattern(value: Textual, places: dict[Hole, str]) -> tuple[str, str, re.Pattern[str] | None]:
    """A text up to its first wildcard, whole, and as an expression if it has any; each hole is one character.

    A star within one of the first five parts of an ARN ends with that part, one that stands alone covers everything.
    """
    whole = render_text(value, lambda hole: places.setdefault(hole, chr(0xE000 + len(places))))
    wild = re.search(r"[*?]", whole)
    if wild is None:
        return whole, whole, None
    parts = whole.split(":", 5)
    spelled = [re.escape(part).replace(r"\?", "[^*:]").replace(r"\*", "[^:]*") for part in parts]
    if len(parts) in (1, 6):
        spelled[-1] = re.escape(parts[-1]).replace(r"\?", "[^*]").replace(r"\*", ".*")
    return whole[: wild.start()], whole, re.compile(":".join(spelled), re.DOTALL)


def _cell(call: Call) -> Cell:
    from seawall.knowledge.authorization import action

    known = action(call.action)
    name = call.action if known is None else known.name
    # An action that is about no resource matches only a statement about all of them.
    resource = "*" if known is not None and not known.targets else call.resource
    keys = () if known is None else tuple(known.every_key)
    tests = [test for key, values in call.context for test in _tests(name, key, values, keys)]
    service = name.partition(":")[0]
    # A condition on the region of a global service would lock its caller out.
    if resource == "*" and isinstance(call.region, str) and call.region and service not in global_services.REGIONS:
        tests.append(("StringEquals", "aws:RequestedRegion", (call.region,)))
    return name, resource, tuple(sorted(set(tests), key=str))


_OPERATORS: Final[Mapping[str, str]] = {"ARN": "ArnEquals", "Bool": "Bool", "Numeric": "NumericEquals"}


def _tests(name: str, key: str, values: tuple[Textual, ...], keys: Sequence[str]) -> Iterator[Test]:
    """What a caller sends as a condition, where the action answers to that key and the value is known."""
    from seawall.knowledge.authorization import condition_keys

    spelling = _spelling(key, keys)
    if spelling is None or not values or any(isinstance(value, Unknown) for value in values):
        return
    service = condition_keys(name.partition(":")[0])
    lower = spelling.lower()
    kind = service.get(lower) or service.get(re.sub(r"/.*", "/${tagkey}", lower), "String")
    operator = _OPERATORS.get(kind.removeprefix("ArrayOf"), "StringEquals")
    if kind.startswith("ArrayOf"):
        yield f"ForAllValues:{operator}", spelling, tuple(sorted(values, key=str))
        yield "Null", spelling, ("false",)  # a request without the key would pass the test before
    else:
        yield operator, spelling, tuple(sorted(values, key=str))


def _spelling(key: str, keys: Sequence[str]) -> str | None:
    """A condition key as AWS spells it, if it is among those of an action."""
    for known in keys:
        start, tag, _ = known.partition("${")
        if key == known.lower() or (tag and key.startswith(start.lower()) and len(key) > len(start)):
            return start + key[len(start) :] if tag else known
    return None


def as_statement(grant: Grant) -> dict[str, Any]:
    """A grant as a statement of a policy document; its texts may have holes, and none of them is a policy variable."""
    resources = [_without_variables(resource) for resource in grant.resources]
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": grant.actions[0] if len(grant.actions) == 1 else list(grant.actions),
        "Resource": resources[0] if len(resources) == 1 else resources,
    }
    conditions: dict[str, dict[str, Any]] = {}
    for operator, key, values in grant.tests:
        literal = [_without_variables(value) for value in values]
        conditions.setdefault(operator, {})[key] = literal[0] if len(literal) == 1 else literal
    return {**statement, "Condition": conditions} if conditions else statement


def _without_variables(value: Textual) -> Textual:
    """A text in which ``${`` is what it says: IAM reads ``${$}`` as the sign alone."""
    if isinstance(value, Text):
        return text(*(_signs(part) if isinstance(part, str) else part for part in value.parts))
    return _signs(value) if isinstance(value, str) else value


def _signs(part: str) -> str:
    # At the end of a part the brace may come with what fills the hole behind it.
    return re.sub(r"\$(?=\{|$)", "${$}", part)


def as_document(found: Iterable[Grant]) -> dict[str, Any]:
    """Grants as a policy document."""
    return {"Version": "2012-10-17", "Statement": [as_statement(grant) for grant in found]}


def size(document: Mapping[str, Any]) -> int:
    """Characters of a document as IAM counts them, white space left out, holes at the most they can hold."""

    def filled(leaf: Any) -> Any:
        return render_text(leaf, _longest) if isinstance(leaf, Text | Ref | Unknown) else leaf

    return len(re.sub(r"\s", "", json.dumps(map_leaves(document, filled), separators=(",", ":"), ensure_ascii=False)))


def _longest(hole: Hole) -> str:
    if isinstance(hole, Unknown):
        return "0" * (_ACCOUNT_DIGITS if is_account(hole) else _MADE_UP)
    return "0" * (_ISSUER if hole.attr == "url" else 2 * _MADE_UP)


def is_account(hole: Hole) -> bool:
    """Whether a hole is the number of the account."""
    return isinstance(hole, Unknown) and hole.what == "account"


def documents(found: Sequence[Grant]) -> tuple[tuple[Grant, ...], ...]:
    """Grants as documents that a role can carry: one inline policy, or as few managed ones as hold them.

    Raises InputError if they are too long for as many as a role may have.
    """
    if size(as_document(found)) <= policy_sizes.INLINE["role"]:
        return (tuple(found),)
    pages: list[list[Grant]] = []
    empty = size(as_document(()))
    room = 0
    for grant in found:
        for piece in _pieces(grant):
            length = size(as_document((piece,))) - empty + 1  # a comma before the next
            if length > room:
                pages.append([])
                room = policy_sizes.MANAGED - empty
            pages[-1].append(piece)
            room -= length
    if len(pages) > policy_sizes.MANAGED_MOST:
        raise InputError(
            f"what is needed takes {len(pages)} managed policies, and a role may have {policy_sizes.MANAGED_MOST}",
            fix="give the workload's tasks roles of their own, or name resources under one prefix",
        )
    return tuple(tuple(page) for page in pages)


def _pieces(grant: Grant) -> Iterator[Grant]:
    """A grant that fits in one managed policy, or its halves."""
    if size(as_document([grant])) <= policy_sizes.MANAGED:
        yield grant
        return
    by_resources = len(grant.resources) >= len(grant.actions)
    middle = max(len(grant.resources), len(grant.actions)) // 2
    if not middle:
        raise InputError(f"a statement for {grant.actions[0]} alone is longer than a policy may be")
    for half in (slice(0, middle), slice(middle, None)):
        if by_resources:
            yield from _pieces(replace(grant, resources=grant.resources[half]))
        else:
            yield from _pieces(replace(grant, actions=grant.actions[half]))


def _named(facts: Facts, resource: Textual, shapes: dict[Ref, Textual]) -> Textual:
    """An ARN in full where it is known but for the account; with a reference in place of one that AWS makes up."""
    if isinstance(resource, Address) and not resource.startswith("arn:") and resource != "*":
        resource = Ref(resource, "arn")
    full = spelled(facts, resource)
    if all(is_account(hole) for hole in _holes_of(full)):
        return full
    for identifier in facts.derive(_made_up):
        rest = _after(full, identifier.value)
        if rest is not None:
            ref = Ref(identifier.of, "arn")
            shapes[ref] = identifier.value
            return text(ref, rest)
    return full


def _made_up(facts: Facts) -> tuple[Identifier, ...]:
    """Identifiers of ARNs that hold more than the account's number that is not known, longest first."""
    found = [
        each
        for each in facts.all(Identifier)
        if each.attr == "arn" and not all(is_account(hole) for hole in _holes_of(each.value))
    ]
    return tuple(sorted(found, key=lambda each: -len(str(each.value))))


def _holes_of(value: Textual) -> tuple[Hole, ...]:
    if isinstance(value, str):
        return ()
    return value.holes if isinstance(value, Text) else (value,)


def _after(full: Textual, start: Textual) -> Textual | None:
    """What follows in a text after another that it begins with; None if it does not, or goes on within a word."""
    if full == start:
        return ""
    whole = full.parts if isinstance(full, Text) else (full,)
    head = start.parts if isinstance(start, Text) else (start,)
    if len(head) > len(whole) or whole[: len(head) - 1] != head[:-1]:
        return None
    last, ours = head[-1], whole[len(head) - 1]
    if isinstance(last, str) and isinstance(ours, str):
        if not ours.startswith(last) or ours[len(last) : len(last) + 1] not in ("", "/", ":"):
            return None
        return text(ours[len(last) :], *whole[len(head) :])
    if last != ours:
        return None
    following = whole[len(head)] if len(whole) > len(head) else ""
    if not isinstance(following, str) or following[:1] not in ("", "/", ":"):
        return None
    return text(*whole[len(head) :])


def _holes(calls: Sequence[Call], shapes: Mapping[Ref, Textual], ties: Sequence[Tie]) -> Iterator[str]:
    for call in calls:
        for hole in _holes_of(call.resource):
            if isinstance(hole, Ref):
                known = shapes.get(hole)
                what = "the ARN" if hole.attr == "arn" else hole.attr
                yield f"{what} of {hole.to}" + ("" if known is None else f", which has the shape {_shown(known)}")
            elif not is_account(hole):
                yield f"{hole.what} of {_shown(call.resource)} ({hole.why}); a star stands for it"
        if call.resource == "*" and not (isinstance(call.region, str) and call.region):
            yield f"in which region {call.action} is called; nothing narrows it"
    for tie in ties:
        if tie.of is None:
            yield f"the cluster {tie.cluster}, of which the input holds manifests alone"
        elif tie.means == "irsa" and tie.provider is None:
            yield f"what IAM trusts the tokens of {tie.cluster} by: the input has no identity provider for its issuer"
        elif tie.means == "irsa":
            if tie.account in tie.workloads:
                yield f"where {tie.account} is installed: its role is said there, as no manifest can be patched"
            yield f"the issuer of {tie.cluster}, which AWS makes up; {tie.provider} is the provider that trusts it"


def _shown(value: Textual) -> str:
    return render_text(value, lambda hole: "ACCOUNT" if is_account(hole) else "*")
