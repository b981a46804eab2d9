"""Whether everybody may read the objects of a bucket: its policy, asked on behalf of nobody in particular."""

from __future__ import annotations

from typing import Final

from seawall.analyze.permissions.evaluate import Policies, decide
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Context, Request
from seawall.analyze.permissions.shapes import account_of, arn_of, shapes
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown, text
from seawall.kernel.verdict import Answer, Verdict, proven, refuted, unknown

SWITCH: Final = "restricts-public"
"""The setting of a bucket, or of an account's block, that makes a public policy mean nobody."""
_ACCOUNTS: Final = "aws_s3_account_public_access_block"
_ANYBODY: Final = Caller("anonymous", "")
# An address for documentation (RFC 5737) stands for those that nobody lists; what a client may write himself may be
# anything; whatever else a policy may ask for, an organization or an endpoint of a network, a stranger has not.
_STRANGER: Final[Context] = {
    "aws:securetransport": ("true",),
    "aws:sourceip": ("192.0.2.1",),
    "aws:referer": (Unknown("the Referer", why="whoever asks writes it"),),
    "aws:useragent": (Unknown("the User-Agent", why="whoever asks writes it"),),
}


def read_by_all(facts: Facts, bucket: Store) -> Verdict:
    """Whether anybody may fetch objects of a bucket, without a name, from any address of the internet.

    Lists of control (ACLs) are not looked at. Where no block of public access is stated nobody knows: a new bucket has
    one, an older one may not.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if not isinstance(bucket.public, Unknown) and bucket.public:
        return proven(bucket)
    statements = [each for each in facts.where(Statement, holder=bucket.of) if each.kind == "resource"]
    answer, because = _asked(facts, bucket.of, tuple(statements))
    if answer is Answer.REFUTED:
        return unknown(bucket.public) if isinstance(bucket.public, Unknown) else refuted(bucket)
    switches = [
        each.value for each in (*facts.where(Setting, of=bucket.of), *_of_accounts(facts)) if each.key == SWITCH
    ]
    if True in switches:
        return refuted(bucket)
    doubts = [each for each in switches if isinstance(each, Unknown)]
    if not any(each.key == SWITCH for each in facts.where(Setting, of=bucket.of)):
        doubts.append(Unknown(f"{bucket.of}.public_access_block", why="a new bucket has one, an older one may not"))
    if doubts or answer is Answer.UNKNOWN:
        return unknown(*because, *doubts)
    return proven(*(each for each in statements if each.allow))


def _of_accounts(facts: Facts) -> list[Setting]:
    """What accounts say of all of their buckets."""
    found = []
    for each in facts.where(Setting, key=SWITCH):
        named = each.of.as_terraform() if isinstance(each.of, Address) else None
        if named is not None and named.type == _ACCOUNTS:
            found.append(each)
    return found


def _asked(facts: Facts, bucket: Address, statements: tuple[Statement, ...]) -> tuple[Answer, tuple[Unknown, ...]]:
    arn = arn_of(facts, bucket)
    if not statements:
        return Answer.REFUTED, ()
    if arn is None:
        return Answer.UNKNOWN, (Unknown(f"{bucket}.arn", why="the bucket's name is not known"),)
    object_ = text(arn, "/", Unknown("the object", why="only some objects may be meant"))
    request = Request(_ANYBODY, "s3:GetObject", object_, account_of(arn), _STRANGER)
    decision = decide(request, Policies(resource=Policy(statements, shapes(facts))))
    reasons = tuple(each for each in decision.because if isinstance(each, Unknown))
    if decision.answer is Answer.UNKNOWN and not reasons:
        reasons = (Unknown(f"{bucket}.policy", why="only some objects or circumstances may be meant"),)
    return decision.answer, reasons
