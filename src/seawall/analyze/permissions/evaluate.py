"""The flow chart: what all layers of policies together answer to one request.

An explicit Deny of any layer is final. Then every layer that only limits must allow: what the organisation says, the
endpoint on the way. Last comes who gives: within one account the caller's own policies or the resource's, across
accounts both, and of a key or of a role to take on always the resource's.

Sources: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access", "Policy evaluation
for requests within a single account", "Cross-account policy evaluation logic" and "AWS JSON policy elements:
Principal"; Organizations User Guide, "Service control policies" and "Resource control policies"; KMS Developer Guide,
"KMS key access and permissions"; all read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.policy import Judgement, Policy
from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Context, Request
from seawall.analyze.texts import same
from seawall.facts.identity import KeyGrant, Statement
from seawall.kernel.value import Text, Textual, Unknown
from seawall.kernel.verdict import Answer
from seawall.knowledge.resource_control_policies import RESTRAINED

PROVEN, REFUTED, UNKNOWN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Doubt:
    """A policy of which nobody knows whether it has a say, such as one of an organisational unit."""

    layer: Layer
    policy: Policy
    because: Unknown


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant of a key with the ARN of whom it is for."""

    grantee: Textual
    grant: KeyGrant


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that have a say in a request.

    Those of ``identity`` allow together, and so do those of one level of ``scps``: the root, each unit on the way, the
    account; every level must allow. ``rcps`` are levels too, to each of which AWS adds one that allows everything.
    ``None`` says that there is no such policy. ``which`` is RESOURCE, or KEY or TRUST for the two that nobody gets
    past: a key's policy, and whom a role trusts. ``doubts`` may have a say or not.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None
    resource: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    endpoint: Policy | None = None
    grants: tuple[Granted, ...] = ()
    which: Layer = Layer.RESOURCE
    doubts: tuple[Doubt, ...] = ()

    @property
    def decisive(self) -> bool:
        """Whether the resource's own policy must say yes even to those whom their own policies allow it."""
        return self.which is not Layer.RESOURCE

    @property
    def plain(self) -> bool:
        """Whether nothing but the caller's own policies has a say, as in most requests."""
        return (
            self.resource is None
            and self.boundary is None
            and self.session is None
            and self.endpoint is None
            and self.which is Layer.RESOURCE
            and not (self.scps or self.rcps or self.grants or self.doubts)
        )


def decide(request: Request, policies: Policies) -> Decision:
    """What IAM answers, and the layer that decides it. S3's Block Public Access is no policy."""
    caller = request.caller
    if request.action.lower() in _ALWAYS and caller.kind in ("role", "user"):
        return Decision(PROVEN, Layer.IDENTITY)
    if policies.plain and caller.kind in ("role", "user") and within(request) is PROVEN:
        return _by_identity(request, policies.identity)
    return _Chart(request, policies).decision()


_ALWAYS: Final = frozenset({"sts:getcalleridentity"})
"""What whoever has credentials may do: it needs no permission, and a Deny does not stop it.

Source: AWS STS API Reference, ``GetCallerIdentity``, read 2026-11-22.
"""


def within(request: Request) -> Answer:
    """Whether the caller and the resource are of one account; a resource of no account is everybody's own."""
    mine, owner = request.caller.account, request.owner
    if mine == owner or owner == "":  # also of one account that is not known: its hole is one and the same
        return PROVEN
    return REFUTED if isinstance(mine, str) and isinstance(owner, str) else UNKNOWN


def _by_identity(request: Request, policies: Iterable[Policy]) -> Decision:
    """The short way of most requests: the caller's own policies and nothing else."""
    allowing: tuple[Statement, ...] = ()
    open: tuple[Statement, ...] = ()
    allowed, denied = REFUTED, REFUTED
    because: tuple[Unknown, ...] = ()
    for policy in policies:
        judgement = policy.judge(request)
        if judgement.deny is PROVEN:
            return Decision(REFUTED, Layer.IDENTITY, judgement.denying)
        if judgement.deny is UNKNOWN:
            denied = UNKNOWN
            open += judgement.denying
        if judgement.allow is PROVEN:
            allowed = PROVEN
            allowing += judgement.allowing
        elif judgement.allow is UNKNOWN:
            open += judgement.allowing
            if allowed is REFUTED:
                allowed = UNKNOWN
        if judgement.because:
            because += judgement.because
    if allowed is REFUTED:
        return Decision(REFUTED, Layer.IDENTITY)
    if allowed is PROVEN and denied is REFUTED:
        return Decision(PROVEN, Layer.IDENTITY, allowing)
    return Decision(UNKNOWN, Layer.IDENTITY, open, _once(because))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of the chart answers, and on which layer, statements and unknown things that rests."""

    answer: Answer
    layer: Layer
    statements: tuple[Statement, ...] = ()
    because: tuple[Unknown, ...] = ()


class _Chart:
    """One request on its way through the flow chart; each layer is judged once."""

    __slots__ = ("boundary", "endpoint", "identity", "policies", "rcps", "request", "resource", "scps", "session")

    def __init__(self, request: Request, policies: Policies) -> None:
        self.request, self.policies = request, policies
        own = request.caller.kind in ("role", "user")
        linked = _service_linked(request.caller.arn)
        self.identity = self._judged(Layer.IDENTITY, policies.identity if own else ())
        self.boundary = self._judged(Layer.BOUNDARY, _one(policies.boundary) if own else ())
        self.session = self._judged(Layer.SESSION, _one(policies.session) if own else ())
        self.scps = [self._judged(None, level) for level in policies.scps if own and not linked]
        self.rcps = [self._judged(None, level) for level in policies.rcps if not linked and _restrained(request)]
        self.endpoint = self._judged(
            Layer.ENDPOINT, _one(policies.endpoint) if request.caller.kind != "service" else ()
        )
        self.resource = self._judged(policies.which, _one(policies.resource))
        for doubt in policies.doubts:
            # Each is a level of its own, which has to allow like all others of its kind.
            if doubt.layer is Layer.SCP and own and not linked:
                self.scps.append([_in_doubt(doubt, request)])
            elif doubt.layer is Layer.RCP and not linked and _restrained(request):
                self.rcps.append([_in_doubt(doubt, request)])

    def _judged(self, layer: Layer | None, policies: Iterable[Policy]) -> list[Judgement]:
        found = [policy.judge(self.request) for policy in policies]
        return found + [_in_doubt(doubt, self.request) for doubt in self.policies.doubts if doubt.layer is layer]

    def decision(self) -> Decision:
        """The answer: a Deny first, then what limits, then who gives."""
        denials = list(self._denials())
        for denial in denials:
            if denial.answer is PROVEN:
                return Decision(REFUTED, denial.layer, denial.statements)
        given = self._given()
        parts = [given, *self._limits()]
        for part in parts:
            if part.answer is REFUTED:
                return Decision(REFUTED, part.layer)
        open = [part for part in (*denials, *parts) if part.answer is UNKNOWN]
        if open:
            statements = tuple(statement for part in open for statement in part.statements)
            return Decision(
                UNKNOWN, open[0].layer, statements, _once(reason for part in open for reason in part.because)
            )
        return Decision(PROVEN, given.layer, given.statements)

    def _denials(self) -> Iterator[_Part]:
        """Every Deny that matches or may, in the order in which AWS names the layers."""
        layers: list[tuple[Layer, Iterable[Judgement]]] = [
            (Layer.RCP, (judgement for level in self.rcps for judgement in level)),
            (Layer.SCP, (judgement for level in self.scps for judgement in level)),
            (self.policies.which, self.resource),
            (Layer.IDENTITY, self.identity),
            (Layer.BOUNDARY, self.boundary),
            (Layer.SESSION, self.session),
            (Layer.ENDPOINT, self.endpoint),
        ]
        for layer, judgements in layers:
            for judgement in judgements:
                if judgement.deny is not REFUTED:
                    yield _Part(judgement.deny, layer, judgement.denying, judgement.because)

    def _limits(self) -> Iterator[_Part]:
        """What must allow and gives nothing: each level of the organisation, and the endpoint on the way."""
        for level in self.scps:
            yield _allowed(Layer.SCP, level)
        for judgement in self.endpoint:
            yield _allowed(Layer.ENDPOINT, [judgement])

    def _given(self) -> _Part:
        """Who gives: the caller's own policies, the resource's, or a grant."""
        if self.request.caller.kind not in ("role", "user"):
            return _any(self._named(*Match), self._granted())
        together = within(self.request)
        if together is PROVEN:
            return self._within_account()
        if together is REFUTED:
            return self._across_accounts()
        one, other = self._within_account(), self._across_accounts()
        if one.answer is other.answer and one.answer is not UNKNOWN:
            return one
        reasons = (_sameness(self.request), *one.because, *other.because)
        return _Part(UNKNOWN, one.layer, (*one.statements, *other.statements), _once(reasons))

    def _within_account(self) -> _Part:
        """One account: the resource's policy may give directly, and past a boundary; a role's ARN stays within it."""
        identity = _allowed(Layer.IDENTITY, self.identity)
        by_role = self._named(Match.ROLE)
        if self.policies.decisive:
            own = _all(self._named(Match.ACCOUNT), identity, layer=Layer.IDENTITY)
            base = _any(own, by_role)
        else:
            base = _any(identity, by_role)
        return _any(_all(base, *self._caps()), self._named(*_DIRECTLY), self._granted())

    def _across_accounts(self) -> _Part:
        """Two accounts: the caller's must let it ask, and the resource's must let it in, by whatever name."""
        identity = _allowed(Layer.IDENTITY, self.identity)
        into = _any(self._named(*Match), self._granted())
        return _all(identity, *self._caps(), into)

    def _caps(self) -> Iterator[_Part]:
        for layer, judgements in ((Layer.BOUNDARY, self.boundary), (Layer.SESSION, self.session)):
            for judgement in judgements:
                cap = _allowed(layer, [judgement])
                yield cap if cap.answer is not PROVEN else _Part(PROVEN, layer)

    def _named(self, *names: Match) -> _Part:
        """Whether the resource's policy allows the caller by one of these names."""
        layer = self.policies.which
        parts = [
            _Part(judgement.to.get(name, REFUTED), layer, judgement.allowing, judgement.because)
            for judgement in self.resource
            for name in names
        ]
        return _any(_Part(REFUTED, layer), *parts)

    def _granted(self) -> _Part:
        """Whether a grant of the key lets the caller do it. A boundary's say in that is documented nowhere."""
        found = [_grant(self.request, one) for one in self.policies.grants]
        granted = _any(_Part(REFUTED, Layer.GRANT), *found)
        caps = _all(_Part(PROVEN, Layer.GRANT), *self._caps())
        if granted.answer is not PROVEN or caps.answer is PROVEN:
            return granted
        why = "AWS documents no rule for a grant beside a policy that caps what its holder may do"
        return _Part(UNKNOWN, Layer.GRANT, (), (Unknown(f"whether the {caps.layer} limits a grant", why=why),))


_DIRECTLY: Final = (Match.SESSION, Match.USER, Match.EVERYBODY)
"""Names by which the very one who asks is meant, so that no boundary and no session policy is asked."""


def _one(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)


def _in_doubt(doubt: Doubt, request: Request) -> Judgement:
    """What a policy says that may have no say at all: nothing for sure."""
    said = doubt.policy.judge(request)
    limits = doubt.layer in (Layer.SCP, Layer.ENDPOINT, Layer.BOUNDARY, Layer.SESSION)
    return Judgement(
        _maybe_limit(said.allow) if limits else _maybe(said.allow),
        _maybe(said.deny),
        said.allowing,
        said.denying,
        (doubt.because, *said.because),
        {name: _maybe(answer) for name, answer in said.to.items()},
    )


def _maybe(answer: Answer) -> Answer:
    return UNKNOWN if answer is PROVEN else answer


def _maybe_limit(answer: Answer) -> Answer:
    """A policy that must allow, if it has a say: where it does, it changes nothing either way."""
    return answer if answer is PROVEN else UNKNOWN


def _allowed(layer: Layer, judgements: Iterable[Judgement]) -> _Part:
    """Whether one of these policies allows it."""
    found = [_Part(one.allow, layer, one.allowing, one.because) for one in judgements]
    return _any(_Part(REFUTED, layer), *found)


def _any(first: _Part, *others: _Part) -> _Part:
    """One suffices; where none does, the first says which layer it was."""
    parts = (first, *others)
    for answer in (PROVEN, UNKNOWN):
        chosen = [part for part in parts if part.answer is answer]
        if chosen:
            return _joined(chosen, chosen[0].layer)
    return first


def _all(*parts: _Part, layer: Layer | None = None) -> _Part:
    """All must hold; where one does not, it says which layer it was."""
    for part in parts:
        if part.answer is REFUTED:
            return part
    chosen = [part for part in parts if part.answer is UNKNOWN]
    if chosen:
        return _joined(chosen, chosen[0].layer)
    return _joined(parts, parts[0].layer if layer is None else layer)


def _joined(parts: Iterable[_Part], layer: Layer) -> _Part:
    chosen = list(parts)
    statements = {id(statement): statement for part in chosen for statement in part.statements}
    because = _once(reason for part in chosen for reason in part.because)
    return _Part(chosen[0].answer, layer, tuple(statements.values()), because)


def _once(reasons: Iterable[Unknown]) -> tuple[Unknown, ...]:
    return tuple(dict.fromkeys(reasons))


def _service_linked(arn: Textual) -> bool:
    """Whether a role is linked to a service: what the organisation says does not hold for those."""
    parts = arn.parts if isinstance(arn, Text) else (arn,)
    return any(isinstance(part, str) and ":role/aws-service-role/" in part for part in parts)


def _restrained(request: Request) -> bool:
    """Whether resource control policies have a say: in those services that AWS lists, and one action is exempt."""
    action = request.action.lower()
    return action.partition(":")[0] in RESTRAINED and action != "kms:retiregrant"


def _sameness(request: Request) -> Unknown:
    """What is not known where nobody can say whether two accounts are one."""
    for account in (request.owner, request.caller.account):
        if isinstance(account, Unknown):
            return account
    return Unknown(f"whether {request.caller.arn} and {request.resource} are of one account")


def _grant(request: Request, granted: Granted) -> _Part:
    """Whether a grant is for the caller, the operation and the encryption context."""
    service, _, operation = request.action.partition(":")
    grant = granted.grant
    if service.lower() != "kms":
        return _Part(REFUTED, Layer.GRANT)
    whom = _best(same(granted.grantee, name) for name in (request.caller.arn, request.caller.session))
    if isinstance(grant.operations, Unknown):
        what = UNKNOWN
    else:
        what = PROVEN if operation.lower() in {each.lower() for each in grant.operations} else REFUTED
    under = _constraint(grant, request.context, request.open) if operation.lower() in CRYPTOGRAPHIC else PROVEN
    answer = _worst((whom, what, under))
    because: tuple[Unknown, ...] = ()
    if answer is UNKNOWN:
        because = (Unknown(f"whether the grant of {grant.key} by {grant.by} is for {request.caller.arn}"),)
    return _Part(answer, Layer.GRANT, (), because)


def _best(answers: Iterable[Answer]) -> Answer:
    """The answer where one suffices; refuted of none."""
    found = set(answers)
    return PROVEN if PROVEN in found else UNKNOWN if UNKNOWN in found else REFUTED


def _worst(answers: Iterable[Answer]) -> Answer:
    """The answer where all must hold; proven of none."""
    found = set(answers)
    return REFUTED if REFUTED in found else UNKNOWN if UNKNOWN in found else PROVEN


def _constraint(grant: KeyGrant, context: Context, open: bool) -> Answer:
    """Whether a request's encryption context holds the grant's pairs, or is just these."""
    prefix = "kms:encryptioncontext:"
    given = {key.removeprefix(prefix): values for key, values in context.items() if key.startswith(prefix)}
    answers = [_pair(given.get(name.lower()), value, open) for name, value in grant.context]
    if grant.whole and sum(bool(values) for values in given.values()) > len(grant.context):
        return REFUTED
    return _worst(answers)


def _pair(given: tuple[Textual, ...] | None, value: Textual, open: bool) -> Answer:
    if given is None:
        return UNKNOWN if open else REFUTED
    return _best(same(one, value) for one in given)


CRYPTOGRAPHIC: Final = frozenset(
    {
        "decrypt",
        "encrypt",
        "generatedatakey",
        "generatedatakeypair",
        "generatedatakeypairwithoutplaintext",
        "generatedatakeywithoutplaintext",
        "reencryptfrom",
        "reencryptto",
    }
)
"""Operations that take an encryption context; a grant's constraint on it does not hold for others.

Source: KMS API Reference, ``GrantConstraints``, read 2026-11-22.
"""
