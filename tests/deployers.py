"""Deployers: whether a role may do what Terraform does as it, for every resource that there is.

What Terraform calls was recorded (``knowledge.terraform_calls``) and may be less than what AWS asks for, so a deployer
is shown to be short, never to have too much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from seawall.analyze.permissions.applicable import arn_of, can
from seawall.analyze.permissions.shapes import spelled
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.kernel.verdict import Answer
from seawall.knowledge import terraform_calls
from seawall.knowledge.terraform_calls import Phase

_ACCOUNT = Unknown("account", why="no input says which account this is")


@dataclass(frozen=True, slots=True)
class Unmet:
    """A call that Terraform makes for a resource and that the role is denied, or is not shown to be allowed."""

    of: Address
    phase: Phase
    action: str
    resource: Textual
    answer: Answer


def unmet(
    facts: Facts, role: Address, made: Mapping[Address, tuple[Address, ...]], *phases: Phase
) -> tuple[Unmet, ...]:
    """What a role lacks to make, look at or take away these resources; of types that were never seen nothing is said.

    ``made`` has for each resource what its arguments refer to: a bucket's policy is asked for by the bucket.
    What kinds of thing an action is about is looked up, so this loads a list of AWS's actions a service.
    """
    return tuple(_unmet(facts, role, made, phases))


def _unmet(
    facts: Facts, role: Address, made: Mapping[Address, tuple[Address, ...]], phases: tuple[Phase, ...]
) -> Iterator[Unmet]:
    asked: dict[tuple[str, Textual, str], Answer] = {}
    for of, others in made.items():
        resource = of.as_terraform()
        if resource is None or resource.type not in terraform_calls.seen():
            continue
        arns = [(arn, _plain(arn)) for arn in _arns(facts, of, others)]
        for phase in phases:
            for action in terraform_calls.actions(resource.type, phase):
                about = _about(of, arns, action)
                attached = _attached(facts, of) if action.endswith("tachRolePolicy") else ()
                key = (f"{action} {attached}", about, resource.region)
                if key not in asked:
                    context: dict[str, tuple[Textual, ...]] = {"aws:requestedregion": (resource.region,)}
                    if attached:
                        context["iam:policyarn"] = attached
                    asked[key] = can(facts, role, action, about, context).answer
                if asked[key] is not Answer.PROVEN:
                    yield Unmet(of, phase, action, about, asked[key])


def _attached(facts: Facts, of: Address) -> tuple[Textual, ...]:
    """The ARN of the policy that an attachment attaches."""
    policies = [each.policy for each in facts.all(Attaches) if each.by == of]
    arns = (arn_of(facts, each) if isinstance(each, Address) else each for each in policies)
    return tuple(arn.removeprefix("outside:") if isinstance(arn, str) else arn for arn in arns if arn is not None)


def _about(of: Address, arns: Sequence[tuple[Textual, str]], action: str) -> Textual:
    """The ARN that a call for a resource is about: its own, its owner's, that of its objects, or ``*``."""
    from seawall.knowledge import authorization

    known = authorization.action(action)
    if known is None or not known.targets:
        return "*"
    for arn, shape in arns:
        for target in known.targets:
            if target.type.matches(shape):
                return arn
            if target.type.matches(f"{shape}/*"):  # a bucket's objects
                return text(arn, "/*")
    return _any_of(known.targets[0].type.arn, of)


def _any_of(form: str, of: Address) -> Textual:
    """Every ARN of a kind, in the resource's own region and account."""
    resource = of.as_terraform()
    region = resource.region if resource is not None else "*"
    words = {"${Partition}": "aws", "${Region}": region}
    pieces = form.split("${Account}")
    for word, filled in words.items():
        pieces = [piece.replace(word, filled) for piece in pieces]
    starred = [_holes_as_stars(piece) for piece in pieces]
    joined: list[Textual] = []
    for number, piece in enumerate(starred):
        joined += [_ACCOUNT, piece] if number else [piece]
    return text(*joined)


def _holes_as_stars(form: str) -> str:
    found, _, rest = form.partition("${")
    while rest:
        _, _, rest = rest.partition("}")
        literal, _, rest = rest.partition("${")
        found += f"*{literal}"
    return found


def _plain(arn: Textual) -> str:
    """An ARN on plain characters, each hole as something that could be there."""
    if isinstance(arn, str):
        return arn
    parts = getattr(arn, "parts", (arn,))
    return "".join(part if isinstance(part, str) else "000000000000" for part in parts)


def _arns(facts: Facts, of: Address, others: tuple[Address, ...]) -> Iterator[Textual]:
    for each in dict.fromkeys((of, *facts.derive(_said_by).get(of, ()), *others)):
        arn = arn_of(facts, each)
        if arn is not None:
            yield spelled(facts, arn)


def _said_by(facts: Facts) -> dict[Address, tuple[Address, ...]]:
    """What the facts of each resource are about where that is another one: a policy's role, a setting's bucket."""
    found: dict[Address, dict[Address, None]] = {}
    for fact in facts:
        if not isinstance(fact, Fact):
            continue
        for each in fields(fact):
            value = getattr(fact, each.name)
            if isinstance(value, Address) and value != fact.by:
                found.setdefault(fact.by, {})[value] = None
    return {by: tuple(others) for by, others in found.items()}
