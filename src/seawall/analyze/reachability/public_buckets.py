"""Whether everybody may use a bucket: by its policy, asked on behalf of nobody, or by its list."""

from __future__ import annotations

from typing import Final

from seawall.analyze.permissions.shapes import arn_of
from seawall.analyze.reachability.public_policies import asked, policy_of
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown, text
from seawall.kernel.verdict import Verdict, all_of, any_of, proven, refuted, unknown

_ACCOUNTS: Final = "aws_s3_account_public_access_block"


def used_by_all(facts: Facts, bucket: Store) -> Verdict:
    """Whether anybody may fetch, list, put or delete objects of a bucket, without a name, from any address.

    Where no block of public access is stated nobody knows: a new bucket has one, an older one may not.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    said = proven(bucket) if bucket.public is True else refuted(bucket)
    if isinstance(bucket.public, Unknown):
        said = unknown(bucket.public)
    return any_of([said, _by_policy(facts, bucket.of), _by_list(facts, bucket.of)])


def _by_policy(facts: Facts, bucket: Address) -> Verdict:
    answer = _asked(facts, bucket, policy_of(facts, bucket))
    return answer if answer.refuted else all_of([answer, _let_be(facts, bucket, *_OF_POLICIES)])


def _by_list(facts: Facts, bucket: Address) -> Verdict:
    lists = [each for each in facts.where(Setting, of=bucket) if each.key == "public-acl" and each.value is not False]
    if not lists:
        return refuted()
    holes = [each.value for each in lists if isinstance(each.value, Unknown)]
    granted = unknown(*holes) if holes else proven(*lists)
    return all_of([granted, _let_be(facts, bucket, "ignores-public-acls")])


_OF_POLICIES: Final = ("refuses-public-policy", "restricts-public-policy")
"""Either of these leaves a public policy without effect: it is refused when it is written, or means nobody."""


def _let_be(facts: Facts, bucket: Address, *switches: str) -> Verdict:
    """Whether the blocks of a bucket and of its account let be what these switches are about."""
    own = [each.value for each in facts.where(Setting, of=bucket) if each.key in switches]
    values = [*own, *(each.value for key in switches for each in facts.where(Setting, key=key) if _is_accounts(each))]
    if True in values:
        return refuted()
    doubts = [each for each in values if isinstance(each, Unknown)]
    if not own:
        doubts.append(Unknown(f"{bucket}.public_access_block", why="a new bucket has one, an older one may not"))
    return unknown(*doubts) if doubts else proven()


def _is_accounts(setting: Setting) -> bool:
    """Whether an account says it of all of its buckets."""
    named = setting.of.as_terraform() if isinstance(setting.of, Address) else None
    return named is not None and named.type == _ACCOUNTS


_OBJECTS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


def _asked(facts: Facts, bucket: Address, statements: tuple[Statement, ...]) -> Verdict:
    """What a policy answers a stranger who wants something of some object, or to see which there are."""
    arn = arn_of(facts, bucket)
    if not statements:
        return refuted()
    if arn is None:
        return unknown(Unknown(f"{bucket}.arn", why="the bucket's name is not known"))
    object_ = text(arn, "/", Unknown("the object", why="only some objects may be meant"))
    answers = [asked(facts, statements, action, object_) for action in _OBJECTS]
    return any_of([*answers, asked(facts, statements, "s3:ListBucket", arn)])
