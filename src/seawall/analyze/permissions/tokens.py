"""Whether a role's trust policy lets in who comes with a token, as the evaluator decides it, and the word for a no.

A trust policy names whose tokens it means twice, by the provider's ARN and by the issuer before a condition's key, and
either may be a reference, a shape with holes or plain text. Both are first put in one spelling, so that everything else
is the evaluator's. Where nobody can say whether a name is that of the token's issuer, each possibility is decided, and
only what all of them say is said. Source: IAM User Guide, "IAM and AWS STS condition context keys", section "Available
keys for AWS web identity federation", and STS API Reference, ``AssumeRoleWithWebIdentity``, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from seawall.analyze.permissions.circumstances import context_of
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.link import Break, Link
from seawall.analyze.permissions.organization import control_policies
from seawall.analyze.permissions.policy import Clause, Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, resource_of, shapes, spelled
from seawall.analyze.trust import WEB_IDENTITY
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Condition, Issuer, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer, proven, refuted, unknown


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, and whose it is.

    ``issued`` says whether an issuer's address is that of the token's, ``astray`` what to say if none of the trusted
    ones is, and ``doubt`` why nobody knows where that is so. ``name`` is the bearer for people, ``writer`` who says for
    whom the token is.
    """

    bearer: Address
    name: str
    whose: str
    subject: Textual
    audience: Textual
    writer: str
    issued: Callable[[Textual], Answer]
    astray: Callable[[list[Textual]], tuple[Break, str]]
    doubt: Callable[[list[Textual]], tuple[Unknown, str]]


@dataclass(frozen=True, slots=True)
class _Trusted:
    """An identity provider that a policy names: its issuer's address, and the audiences that it accepts."""

    url: Textual
    audiences: tuple[Textual, ...] = ()


_PROVIDER: Final = "arn:aws:iam:::oidc-provider/token"
"""How the provider of the token is spelled while it is decided; ``token:sub`` is then the key of its subject."""
_KEY, _OTHER = "token:", "other:"
_OWN_KEYS: Final = ("aws:", "sts:", "saml:", "iam:")
"""What the keys start with that are no claims of an OIDC token."""

NEAREST: Final[list[Break]] = [
    "", "not known", "explicit deny", "wrong audience", "wrong subject", "condition", "other cluster's OIDC provider",
    "wrong issuer", "not trusted",
]  # fmt: skip
"""The faults of a trust policy, nearest to letting somebody in first."""


def let_token_in(facts: Facts, token: Token, role: Address, statements: tuple[Statement, ...]) -> Link:
    """The link of a role's trust policy for a token: what the decision says, and on a no which word is wrong."""
    request = _request(facts, token, role)
    readings = [_Reading(facts, token, guess) for guess in _guesses(facts, token, statements)]
    decisions = [one.decide(request, statements) for one in readings]
    answers = {decision.answer for decision in decisions}
    if answers == {Answer.PROVEN}:
        return Link("trust policy", proven(*decisions[0].statements), f"{role} lets in {token.name}", of=role)
    if answers == {Answer.REFUTED}:
        return min(
            (one.refusal(request, role, statements, said) for one, said in zip(readings, decisions, strict=True)),
            key=lambda link: NEAREST.index(link.fault) if link.fault in NEAREST else 1,
        )
    because = dict.fromkeys(reason for decision in decisions for reason in decision.because)
    if len(answers) > 1:
        doubt, says = token.doubt([one.url for one in _trusted(facts, statements)])
        return Link("trust policy", unknown(doubt, *because), says, "not known", role)
    names = ", ".join(reason.what for reason in because)
    says = f"whether {role} lets in {token.name} depends on {names or 'what is not known'}"
    return Link("trust policy", unknown(*because), says, "not known", role)


def _request(facts: Facts, token: Token, role: Address) -> Request:
    """The call that exchanges the token; who makes it signs nothing, so that it has no principal yet."""
    arn = arn_of(facts, role)
    owner = Unknown(f"the account of {role}", why="the role's ARN is not known") if arn is None else account_of(arn)
    if arn is None:
        arn = Unknown(f"{role}.arn", why="the role's ARN is not known")
    caller = Caller("federated", _PROVIDER)
    context = {
        **context_of(facts, caller, Call(token.bearer, WEB_IDENTITY, arn)),
        f"{_KEY}sub": (token.subject,),
        f"{_KEY}aud": (token.audience,),
    }
    return Request(caller, WEB_IDENTITY, arn, owner, context, open=True)


def _guesses(facts: Facts, token: Token, statements: tuple[Statement, ...]) -> Iterator[frozenset[Textual]]:
    """Which of the issuers that could be the token's are taken to be: none, each, and all that have holes."""
    named = [one.url for one in _trusted(facts, statements)]
    named += [url for one in statements for test in one.conditions if (url := _claimed(facts, test.key)) is not None]
    open = list(dict.fromkeys(_bare(url) for url in named if token.issued(url) is Answer.UNKNOWN))
    yield frozenset()
    for url in open:
        yield frozenset({url})
    holed = frozenset(url for url in open if not isinstance(url, str))
    if len(holed) > 1:
        yield holed


class _Reading:
    """The policies with their names of issuers read in one way."""

    def __init__(self, facts: Facts, token: Token, guess: frozenset[Textual]) -> None:
        self.facts, self.token, self.guess = facts, token, guess
        self.originals: dict[int, tuple[Statement, Statement]] = {}
        self.absent: dict[str, tuple[Textual, ...]] = {}

    def decide(self, request: Request, statements: tuple[Statement, ...]) -> Decision:
        """What the trust policy and the organisation's resource control policies say."""
        rcps, doubts = control_policies(self.facts, request.owner, Layer.RCP)
        policies = Policies(
            resource=self._policy(statements),
            rcps=tuple(tuple(self._policy(one.statements) for one in level) for level in rcps),
            which=Layer.TRUST,
            doubts=tuple(replace(one, policy=self._policy(one.policy.statements)) for one in doubts),
        )
        decision = decide(self._whole(request), policies)
        found = tuple(self.originals[id(one)][1] if id(one) in self.originals else one for one in decision.statements)
        return replace(decision, statements=found)

    def _whole(self, request: Request) -> Request:
        """The request, which certainly has no claim of another issuer."""
        return replace(request, context={**request.context, **self.absent})

    def _policy(self, statements: Iterable[Statement]) -> Policy:
        return Policy([self.read(one) for one in statements], shapes(self.facts))

    def read(self, statement: Statement) -> Statement:
        """A statement with the token's issuer in its one spelling wherever it is named."""
        found = replace(
            statement,
            principals=tuple(self._principal(kind, value) for kind, value in statement.principals),
            conditions=tuple(self._condition(one) for one in statement.conditions),
        )
        self.originals[id(found)] = (found, statement)  # the first is held so that nothing else gets its id
        return found

    def is_its(self, url: Textual) -> bool:
        """Whether an issuer is the token's, which has but one."""
        bare = _bare(url)
        if bare in self.guess:
            return True
        another = isinstance(bare, str) and any(isinstance(one, str) for one in self.guess)
        return not another and self.token.issued(url) is Answer.PROVEN

    def _principal(self, kind: str, value: Textual) -> tuple[str, Textual]:
        if kind != "Federated":
            return kind, value
        if value == "*":
            return kind, Unknown("the provider *", why="AWS does not say whom a star among providers stands for")
        provider = _provider(self.facts, value)
        if not self.is_its(provider.url):
            return kind, "arn:aws:iam:::oidc-provider/other"
        accepted = _accepted(provider, self.token.audience)
        if isinstance(accepted, Unknown):
            return kind, accepted
        return kind, _PROVIDER if accepted else "arn:aws:iam:::oidc-provider/unaccepted"

    def _condition(self, condition: Condition) -> Condition:
        url = _claimed(self.facts, condition.key)
        if url is None:
            return condition
        claim = _claim(condition.key)
        if self.is_its(url):
            return replace(condition, key=f"{_KEY}{claim}")
        self.absent[f"{_OTHER}{claim}"] = ()
        return replace(condition, key=f"{_OTHER}{claim}")

    def refusal(self, request: Request, role: Address, statements: tuple[Statement, ...], decision: Decision) -> Link:
        """The link of a no, with the word for what is wrong with the nearest statement."""
        if decision.explicit:
            if decision.layer is Layer.RCP:
                says = f"the resource control policy denies {WEB_IDENTITY} on {role}{_named(decision.statements)}"
                return Link("resource control policy", refuted(*decision.statements), says, "control policy", role)
            says = f"the trust policy denies {WEB_IDENTITY} to {self.token.name}{_named(decision.statements)}"
            return Link("trust policy", refuted(*decision.statements), says, "explicit deny", role)
        found = [(*self._fault(request, one), one) for one in statements if one.allow]
        if not found:
            return Link("trust policy", refuted(*statements), f"{role} trusts nobody", "not trusted", role)
        fault, says, statement = min(found, key=lambda each: NEAREST.index(each[0]))
        return Link("trust policy", refuted(statement), says, fault, role)

    def _fault(self, request: Request, statement: Statement) -> tuple[Break, str]:
        policy = self._policy((statement,))
        [said] = policy.explain(self._whole(request))
        wrong = [clause for clause in said.clauses if clause.answer is Answer.REFUTED]
        parts = {clause.part for clause in wrong}
        if "action" in parts:
            return "not trusted", f"the trust policy does not allow {WEB_IDENTITY}"
        if "principal" in parts:
            return self._principal_fault(statement)
        for clause, original in zip(_conditions(said.clauses), statement.conditions, strict=True):
            if clause.answer is Answer.REFUTED:
                return self._condition_fault(statement, clause, original)
        return "not trusted", "the trust policy does not let the token in"

    def _principal_fault(self, statement: Statement) -> tuple[Break, str]:
        providers = _trusted(self.facts, (statement,))
        if not providers:
            return "not trusted", "the trust policy names no identity provider"
        for provider in providers:
            if self.is_its(provider.url):
                accepted = ", ".join(map(str, provider.audiences))
                return "wrong audience", f"the identity provider accepts {accepted}, and {self.token.writer}"
        return self.token.astray([one.url for one in providers])

    def _condition_fault(self, statement: Statement, clause: Clause, original: Condition) -> tuple[Break, str]:
        key = str(clause.condition.key) if clause.condition is not None else ""
        expected = ", ".join(str(each) for each in original.values)
        verb = "refuses" if "not" in original.operator.lower() else "wants"
        if key.startswith(_OTHER):
            of = ", ".join(str(_bare(one.url)) for one in _trusted(self.facts, (statement,)))
            said = str(original.key).rpartition(":")[0]
            return "wrong issuer", f"the condition is on tokens of {said}, and the trusted provider is {of}"
        if key == f"{_KEY}sub":
            says = f"the trust policy {verb} the subject {expected}, and {self.token.whose} is {self.token.subject}"
            return "wrong subject", says
        if key == f"{_KEY}aud":
            return "wrong audience", f"the trust policy {verb} the audience {expected}, and {self.token.writer}"
        return "condition", f"the trust policy lets in only if {original.operator} {original.key} {expected}"


def _conditions(clauses: Iterable[Clause]) -> list[Clause]:
    return [clause for clause in clauses if clause.part == "condition"]


def _named(statements: tuple[Statement, ...]) -> str:
    for statement in statements:
        return f" ({statement.sid + ' of ' if statement.sid else ''}{statement.by or statement.holder})"
    return ""


def _trusted(facts: Facts, statements: Iterable[Statement]) -> list[_Trusted]:
    """The identity providers that statements name, without those by a star."""
    return [
        _provider(facts, value)
        for one in statements
        for kind, value in one.principals
        if kind == "Federated" and value != "*"
    ]


def _provider(facts: Facts, provider: Textual) -> _Trusted:
    """What a trusted provider's ARN stands for: one of the input, or the address that it ends in."""
    of = provider.to if isinstance(provider, Ref) else resource_of(facts, spelled(facts, provider))
    issuer = facts.one(Issuer, of=of) if of is not None else None
    if issuer is not None:
        return _Trusted(issuer.url, issuer.audiences)
    if isinstance(provider, str):
        # Without it the name is that of another kind of provider, whose tokens are its own.
        return _Trusted(provider.partition("oidc-provider/")[2] or provider)
    if isinstance(provider, Text):
        for at, part in enumerate(provider.parts):
            if isinstance(part, str) and "oidc-provider/" in part:
                return _Trusted(text(part.partition("oidc-provider/")[2], *provider.parts[at + 1 :]))
    return _Trusted(Unknown(f"{provider}", why="the identity provider is not in the input"))


def _accepted(provider: _Trusted, audience: Textual) -> bool | Unknown:
    """Whether a provider accepts an audience; one whose audiences nobody says accepts every one."""
    if not provider.audiences or audience in provider.audiences:
        return True
    for each in (*provider.audiences, audience):
        if not isinstance(each, str):
            return each if isinstance(each, Unknown) else Unknown(f"{each}", why="it is known only after apply")
    return False


def _claimed(facts: Facts, key: Textual) -> Textual | None:
    """The issuer whose tokens a condition's key speaks of; None for a key of AWS's own."""
    if isinstance(key, str):
        before = key.rpartition(":")[0]
        return before if "." in before and not key.lower().startswith(_OWN_KEYS) else None
    if not isinstance(key, Text) or not isinstance(key.parts[-1], str) or ":" not in key.parts[-1]:
        return None
    if isinstance(first := key.parts[0], str) and first.lower().startswith(_OWN_KEYS):
        return None
    prefix = text(*key.parts[:-1], key.parts[-1].rpartition(":")[0])
    if isinstance(prefix, Ref):
        issuer = facts.one(Issuer, of=prefix.to)
        if issuer is not None:
            return issuer.url
    return prefix


def _claim(key: Textual) -> str:
    last = key.parts[-1] if isinstance(key, Text) else key
    return str(last).rpartition(":")[2].lower()


def _bare(url: Textual) -> Textual:
    """An issuer's address as an ARN and a condition's key have it."""
    if isinstance(url, str):
        return url.removeprefix("https://")
    if isinstance(url, Text) and isinstance(first := url.parts[0], str):
        return text(first.removeprefix("https://"), *url.parts[1:])
    return url
