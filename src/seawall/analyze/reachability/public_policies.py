"""Whether a resource's own policy lets in a stranger: somebody without a name, from any address of the internet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Context, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, shapes
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual, Unknown
from seawall.kernel.verdict import Answer, Verdict, proven, refuted, unknown

ANYBODY: Final = Caller("anonymous", "")
# An address for documentation (RFC 5737) stands for those that nobody lists; what a client may write himself may be
# anything; whatever else a policy may ask for, an organization or an endpoint of a network, a stranger has not.
STRANGER: Final[Context] = {
    "aws:securetransport": ("true",),
    "aws:sourceip": ("192.0.2.1",),
    "aws:referer": (Unknown("the Referer", why="whoever asks writes it"),),
    "aws:useragent": (Unknown("the User-Agent", why="whoever asks writes it"),),
}


def policy_of(facts: Facts, holder: Address) -> tuple[Statement, ...]:
    """The statements of a resource's own policy."""
    return tuple(each for each in facts.where(Statement, holder=holder) if each.kind == "resource")


def asked(facts: Facts, statements: tuple[Statement, ...], action: str, resource: Textual) -> Verdict:
    """What a policy answers a stranger who wants to do something to a resource; refuted where there is no policy."""
    if not statements:
        return refuted()
    request = Request(ANYBODY, action, resource, account_of(resource), STRANGER)
    decision = decide(request, Policies(resource=Policy(statements, shapes(facts))))
    if decision.answer is Answer.REFUTED:
        return refuted()
    if decision.answer is Answer.PROVEN:
        return proven(*decision.statements)
    reasons = [each for each in decision.because if isinstance(each, Unknown)]
    partly = Unknown(f"{statements[0].holder}.policy", why="only some objects or circumstances may be meant")
    return unknown(*(reasons or [partly]))


def service_of(facts: Facts, thing: Address) -> str:
    """The service of AWS that a thing is of, as its ARN has it (``sqs``); "" where nothing states one."""
    arn = arn_of(facts, thing)
    parts = arn.parts if isinstance(arn, Text) else (arn,)
    words = "".join(part if isinstance(part, str) else "?" for part in parts).split(":")
    return words[2] if len(words) > 2 else ""


def policy_by(facts: Facts, holder: Address) -> tuple[Address, ...]:
    """The resources that say the policy of a thing."""
    return tuple(dict.fromkeys(each.by for each in policy_of(facts, holder)))


def any_action(facts: Facts, holder: Address, actions: Iterable[str], *, everything: bool = False) -> Verdict:
    """Whether a stranger may do one of these things to the holder of a policy, or to whatever is in it."""
    statements, arn = policy_of(facts, holder), arn_of(facts, holder)
    if not statements:
        return refuted()
    if everything:
        statements, arn = whole(statements), "*"
    if arn is None:
        return unknown(Unknown(f"{holder}.arn", why="the resource's name is not known"))
    answers = [asked(facts, statements, action, arn) for action in actions]
    return next((each for each in answers if each.proven), next((each for each in answers if each.unknown), refuted()))


def whole(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements of a policy with what means all of its holder as a star, and what means a part as not known."""
    return tuple(replace(each, resources=tuple(map(_star, each.resources)), by=each.by) for each in statements)


def _star(resource: Textual) -> Textual:
    """``*`` for ``execute-api:/*``, ``ARN/*`` and the like, which name nothing within the holder."""
    last = resource.parts[-1] if isinstance(resource, Text) else resource
    if isinstance(last, str) and (last in ("*", "execute-api:/*") or _below(last)):
        return "*"
    return Unknown(f"{resource}", why="it means a part of what the policy is of")


def _below(last: str) -> bool:
    """Whether nothing but stars comes after the name of what a policy is of."""
    _, slash, rest = last.partition("/")
    return bool(slash) and set(rest) <= {"*", "/"}
