"""The one spelling in which ARNs of an estate are compared, and which thing an ARN is of."""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_left
from collections.abc import Iterator

from seawall.analyze.permissions.account import NUMBER, account_number, unnumbered
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Hole, Ref, Text, Textual, holes, map_holes, render_text, text
from seawall.readers.aws.arn import ACCOUNT

_MADE_OF_ARNS = frozenset(
    {
        "aws_iam_openid_connect_provider", "aws_iam_policy", "aws_lb", "aws_lb_target_group", "aws_msk_cluster",
        "aws_secretsmanager_secret", "aws_sfn_state_machine", "aws_sns_topic",
    }
)  # fmt: skip
"""Types whose ``id`` is their ARN. Source: the Attribute Reference of each in the documentation of provider aws 6."""


def spelled(facts: Facts, value: Textual) -> Textual:
    """A text with every reference to an ARN or to the account in the one spelling in which texts are compared."""
    number = account_number(facts)
    if isinstance(value, str):
        return unnumbered(value, number) if number is not None else value
    return unnumbered(text(map_holes(value, lambda leaf: _filled(facts, leaf))), number)


def _filled(facts: Facts, leaf: Textual) -> Textual:
    if isinstance(leaf, Text):
        return text(*(part if isinstance(part, str) else _filled(facts, part) for part in leaf.parts))
    if isinstance(leaf, Ref):
        found = _shape(facts, leaf)
        return leaf if found is None else found
    return leaf


def _shape(facts: Facts, ref: Ref) -> Textual | None:
    """What is known of a reference before apply."""
    if ref.attr in ("account_id", "id") and "data.aws_caller_identity." in ref.to:
        return ACCOUNT
    if ref.attr == "arn":
        return arn_of(facts, ref.to)
    name = ref.to.as_terraform()
    if name is None:
        return None
    if ref.attr == "id" and name.type in _MADE_OF_ARNS:
        return arn_of(facts, ref.to)
    if ref.attr in ("key_id", "id") and name.type in ("aws_kms_key", "aws_kms_replica_key"):
        arn = arn_of(facts, ref.to)
        return arn.parts[-1] if isinstance(arn, Text) else None
    return None


def shapes(facts: Facts) -> dict[Ref, Textual]:
    """The spelling of every reference that a statement of the input holds, where one is known."""
    return facts.derive(_shapes)


def _shapes(facts: Facts) -> dict[Ref, Textual]:
    found: dict[Ref, Textual] = {}
    number = account_number(facts)
    if number is not None:
        found[NUMBER] = number
    for statement in facts.all(Statement):
        for ref in _references(statement):
            if ref not in found and (shape := _shape(facts, ref)) is not None:
                found[ref] = shape
    return found


def _references(statement: Statement) -> Iterator[Ref]:
    values: list[Textual] = [*statement.actions, *statement.resources, *(value for _, value in statement.principals)]
    for condition in statement.conditions:
        values += [condition.key, *condition.values]
    yield from (hole for hole in holes(values) if isinstance(hole, Ref))


def arn_of(facts: Facts, address: Address) -> Textual | None:
    """The shape of a thing's ARN; None if nothing states one."""
    for identifier in facts.where(Identifier, of=address):
        if identifier.attr == "arn":
            return unnumbered(identifier.value, account_number(facts))
    return None


def account_of(arn: Textual) -> Textual:
    """The account within an ARN; "" where it names none, or any by a star."""
    if isinstance(arn, str):
        fields = arn.split(":", 5)
        return fields[4] if len(fields) == 6 and fields[4] != "*" else ""
    if not isinstance(arn, Text):
        return ""
    colons = 0
    found: list[Textual] = []
    for part in arn.parts:
        if not isinstance(part, str):
            if colons == 4:
                found.append(part)
            continue
        for word in re.split("(:)", part):
            if word == ":":
                colons += 1
            elif colons == 4:
                found.append(word)
    return text(*found) if colons >= 5 and found != ["*"] else ""


def resource_of(facts: Facts, arn: Textual) -> Address | None:
    """The thing that an ARN is of or in, such as the bucket of an object's ARN; None if the input has no such."""
    if arn == "*":
        return None
    things = facts.derive(_things)
    spelling = _key(unnumbered(arn, account_number(facts)))
    if len(spelling) > _LONGEST:
        return None
    while spelling not in things:
        cut = max(spelling.rfind("/"), spelling.rfind(":"))
        if cut < 0 or spelling.count(":", 0, cut) < 5:
            found = resources_like(facts, arn)
            return found[0] if len(found) == 1 else None
        spelling = spelling[:cut]
    return things[spelling]


_LONGEST = 10_000
"""Characters beyond which a text is no ARN, holes spelled out: AWS's have 2,048 at most."""


def resources_like(facts: Facts, arn: Textual) -> tuple[Address, ...]:
    """The things that an ARN with stars could be of."""
    spelling = _key(unnumbered(arn, account_number(facts)))
    if spelling == "*" or not ("*" in spelling or "?" in spelling):
        return ()
    return facts.derive(_like, spelling)


def _like(facts: Facts, spelling: str) -> tuple[Address, ...]:
    # A secret's ARN ends in six characters that Secrets Manager makes up, and here in one hole.
    patterns = {spelling, re.sub(r"-\?{6}$", "-\ue000*\ue001", spelling)}
    if ":s3:::" in spelling:
        patterns.add(spelling.partition("/")[0])  # the bucket of an object
    found: dict[Address, None] = {}
    for pattern in sorted(patterns):
        expression, head = _expression(pattern), re.split(r"[*?]", pattern, maxsplit=1)[0]
        keys, things = facts.derive(_sorted_keys), facts.derive(_things)
        for place in range(bisect_left(keys, head), len(keys)):
            key = keys[place]
            if not key.startswith(head):
                break
            if expression.match(key):
                found[things[key]] = None
    return tuple(found)


def _sorted_keys(facts: Facts) -> list[str]:
    return sorted(facts.derive(_things))


def _expression(pattern: str) -> re.Pattern[str]:
    """A pattern of stars and question marks; as fnmatch writes it no star makes another one try everything again."""
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def _things(facts: Facts) -> dict[str, Address]:
    number = account_number(facts)
    return {
        _key(unnumbered(identifier.value, number)).removesuffix(":*"): identifier.of
        for identifier in facts.all(Identifier)
        if identifier.attr == "arn"
    }


def _key(arn: Textual) -> str:
    """A text with its holes spelled out, so that equal texts have equal keys; a hole holds no mark of an ARN."""
    return render_text(arn, _marked)


def _marked(hole: Hole) -> str:
    return f"\ue000{str(hole).replace(':', ';').replace('/', '|')}\ue001"
