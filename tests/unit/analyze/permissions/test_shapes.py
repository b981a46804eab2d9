"""One spelling for what is the same: references, accounts, and the thing that an ARN is of."""

from __future__ import annotations

from typing import Any

import pytest

from permission_estate import allow, at, estate, policy
from seawall.analyze.permissions.shapes import account_of, arn_of, resource_of, resources_like, shapes, spelled
from seawall.facts.identity import Identifier
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, text
from seawall.readers.aws.arn import ACCOUNT

ME = Ref(at("data.aws_caller_identity.me"), "account_id")
KEY = at("aws_kms_key.k")
FOUND = estate(
    {
        "aws_s3_bucket": {"a": {"bucket": "pictures"}, "b": {"bucket": "pictures-old"}},
        "aws_sqs_queue": {"q": {"name": "orders"}},
        "aws_sns_topic": {"t": {"name": "news"}},
        "aws_kms_key": {"k": {}},
        "aws_secretsmanager_secret": {"s": {"name": "login"}, "t": {"name": "logout"}},
        "aws_cloudwatch_log_group": {"g": {"name": "/app/log"}},
        "aws_iam_role": {"r": {"name": "r", "assume_role_policy": policy()}},
        "aws_iam_role_policy": {
            "r": {
                "role": "${aws_iam_role.r.name}",
                "policy": policy(
                    allow("s3:*", "${aws_s3_bucket.a.arn}/*"),
                    allow("sqs:*", Condition={"ArnEquals": {"aws:SourceArn": "${aws_sns_topic.t.id}"}}),
                    allow("x:*", "${aws_unread_thing.x.arn}"),
                ),
            }
        },
    }
)


def queue(account: Any = ACCOUNT) -> Any:
    """The queue's ARN in that account."""
    return text("arn:aws:sqs:eu-west-1:", account, ":orders")


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        ("arn:aws:s3:::x", "arn:aws:s3:::x"),
        (Ref(at("aws_sqs_queue.q"), "arn"), queue()),
        (queue(ME), queue()),
        (queue(Ref(at("data.aws_caller_identity.me"), "id")), queue()),
        (Ref(at("aws_sns_topic.t"), "id"), text("arn:aws:sns:eu-west-1:", ACCOUNT, ":news")),
        (text(Ref(at("aws_s3_bucket.a"), "arn"), "/*"), "arn:aws:s3:::pictures/*"),
        (Ref(at("aws_sqs_queue.q"), "id"), Ref(at("aws_sqs_queue.q"), "id")),
        (Ref(at("aws_unread_thing.x"), "arn"), Ref(at("aws_unread_thing.x"), "arn")),
        (Ref(Address("odd"), "id"), Ref(Address("odd"), "id")),
        (Unknown("x"), Unknown("x")),
    ],
)
def test_references_are_spelled_as_far_as_they_are_known(value: Any, spelling: Any) -> None:
    """ARNs by reference, by an id that is one, and accounts however they are looked up; what is not known stays."""
    assert spelled(FOUND, value) == spelling


def test_the_id_of_a_key_is_the_end_of_its_arn() -> None:
    """So an ARN that is put together from a key's id is the key's."""
    made = text("arn:aws:kms:eu-west-1:", ME, ":key/", Ref(KEY, "key_id"))
    assert spelled(FOUND, made) == arn_of(FOUND, KEY)
    assert spelled(FOUND, text("arn:aws:kms:eu-west-1:", ME, ":key/", Ref(KEY, "id"))) == arn_of(FOUND, KEY)
    plain = FOUND.and_also([Identifier(at("aws_kms_key.p"), "arn", "arn:aws:kms:eu-west-1:1:key/1")])
    assert spelled(plain, Ref(at("aws_kms_key.p"), "key_id")) == Ref(at("aws_kms_key.p"), "key_id")


def test_the_references_of_statements_have_shapes() -> None:
    """Of resources and of conditions, each that is known; no shape for what no reader knows."""
    known = shapes(FOUND)
    assert known[Ref(at("aws_s3_bucket.a"), "arn")] == "arn:aws:s3:::pictures"
    assert known[Ref(at("aws_sns_topic.t"), "id")] == text("arn:aws:sns:eu-west-1:", ACCOUNT, ":news")
    assert Ref(at("aws_unread_thing.x"), "arn") not in known


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:sqs:eu-west-1:111122223333:orders", "111122223333"),
        ("arn:aws:s3:::pictures", ""),
        ("arn:aws:sqs:eu-west-1:*:orders", ""),
        (Text(("arn:aws:sqs:", Unknown("region"), ":*:orders")), ""),
        ("*", ""),
        ("not:an:arn", ""),
        (queue(), ACCOUNT),
        (text("arn:aws:sqs:eu-west-1:", ACCOUNT, "22:orders"), text(ACCOUNT, "22")),
        (text("arn:aws:s3:::", ACCOUNT), ""),
        (text("arn:aws:sqs:", Unknown("region"), ":111122223333:x:", ACCOUNT), "111122223333"),
        (text("arn:aws:sqs:eu-west-1:", ACCOUNT), ""),
        (Unknown("x"), ""),
    ],
)
def test_the_account_of_an_arn(arn: Any, account: Any) -> None:
    """The fifth field, with its holes; a star is no account."""
    assert account_of(arn) == account


@pytest.mark.parametrize(
    ("arn", "thing"),
    [
        ("arn:aws:s3:::pictures", "aws_s3_bucket.a"),
        ("arn:aws:s3:::pictures/a/b.png", "aws_s3_bucket.a"),
        ("arn:aws:s3:::pictures/*", "aws_s3_bucket.a"),
        ("arn:aws:s3:::pictures-old/x", "aws_s3_bucket.b"),
        ("arn:aws:s3:::pictures-new/x", None),
        ("arn:aws:s3:::picture/x", None),
        ("arn:aws:s3:::*-old/x", "aws_s3_bucket.b"),
        ("arn:aws:s3:::pict*/x", None),
        ("*", None),
        ("", None),
        (queue(), "aws_sqs_queue.q"),
        (queue("111122223333"), None),
        (text("arn:aws:logs:eu-west-1:", ACCOUNT, ":log-group:/app/log:log-stream:one"), "aws_cloudwatch_log_group.g"),
        (text("arn:aws:logs:eu-west-1:", ACCOUNT, ":log-group:/app/log:*"), "aws_cloudwatch_log_group.g"),
        (text("arn:aws:logs:eu-west-1:", ACCOUNT, ":log-group:/app/other:*"), None),
        (text("arn:aws:secretsmanager:eu-west-1:", ACCOUNT, ":secret:login-??????"), "aws_secretsmanager_secret.s"),
        (text("arn:aws:secretsmanager:eu-west-1:", ACCOUNT, ":secret:login-*"), "aws_secretsmanager_secret.s"),
        (text("arn:aws:secretsmanager:eu-west-1:", ACCOUNT, ":secret:log*"), None),
        (text("arn:aws:kms:eu-west-1:", ACCOUNT, ":key/*"), "aws_kms_key.k"),
    ],
)
def test_the_thing_that_an_arn_is_of(arn: Any, thing: str | None) -> None:
    """Itself, what it lies in, or the only one that its stars could mean."""
    assert resource_of(FOUND, arn) == (None if thing is None else at(thing))


def test_the_things_that_stars_could_mean() -> None:
    """Each once; a bare star is about none, and so is what has no star."""
    assert resources_like(FOUND, "arn:aws:s3:::pict*/x") == (at("aws_s3_bucket.a"), at("aws_s3_bucket.b"))
    assert resources_like(FOUND, "arn:aws:s3:::picture?") == (at("aws_s3_bucket.a"),)
    assert resources_like(FOUND, "arn:aws:s3:::pictures") == ()
    assert resources_like(FOUND, "*") == ()
    both = text("arn:aws:secretsmanager:eu-west-1:", ACCOUNT, ":secret:log*")
    assert resources_like(FOUND, both) == (at("aws_secretsmanager_secret.s"), at("aws_secretsmanager_secret.t"))


def test_a_hostile_name_costs_no_time() -> None:
    """Hundreds of stars over a long name are looked through once, and brackets mean nothing but themselves."""
    name = "a" * 2000
    found = estate({"aws_s3_bucket": {"a": {"bucket": name}, "b": {"bucket": "x[ab]y"}}})
    assert resources_like(found, "arn:aws:s3:::" + "a*" * 300 + "b") == ()
    assert resources_like(found, "arn:aws:s3:::x[ab]*") == (at("aws_s3_bucket.b"),)
    assert resources_like(found, "arn:aws:s3:::xa*") == ()
