"""Rules of reading a plan that need no Terraform to show."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.ingest.plan import paired, plan
from seawall.ingest.token_plan import agreed
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, Unknown

VPC = Ref(Address("eu-west-1/live:aws_vpc.main"), "id")


def _plan(expressions: dict[str, Any], after: dict[str, Any], unknown: dict[str, Any], **more: Any) -> Any:
    """The body of one resource of a plan, beside a VPC whose id is ``vpc-01234567`` where it is known."""
    change = {"actions": ["create"], "after": after, "after_unknown": unknown} | more
    vpc = {"actions": ["no-op"], "after": {"id": "vpc-01234567", "cidr_block": "c"}, "after_unknown": {}}

    def entry(type: str, name: str, change: dict[str, Any]) -> dict[str, Any]:
        return {"address": f"{type}.{name}", "mode": "managed", "type": type, "name": name, "change": change}

    content = {
        "resource_changes": [entry("aws_thing", "a", change), entry("aws_vpc", "main", vpc)],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
            "root_module": {
                "resources": [
                    {"address": "aws_thing.a", "provider_config_key": "aws", "expressions": expressions},
                    {"address": "aws_vpc.main", "provider_config_key": "aws", "expressions": {}},
                ]
            },
        },
    }
    found = {item.address.partition(":")[2]: item for item in plan(content, name="live")}
    return found["aws_thing.a"].body


def _from(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def test_computed_values_are_no_arguments() -> None:
    """What the configuration does not set is dropped, known or not."""
    assert _plan({"name": {"constant_value": "n"}}, {"name": "n", "size": 3}, {"id": True}) == {"name": "n"}


def test_a_link_with_one_reference_is_that_reference() -> None:
    """An unknown id that mentions one resource is that resource's."""
    said = _plan({"vpc_id": _from("aws_vpc.main.id", "aws_vpc.main")}, {}, {"vpc_id": True})
    assert said == {"vpc_id": VPC}


def test_one_reference_is_not_identity() -> None:
    """A text that merely mentions one resource stays unknown: only a link may become a reference that way."""
    said = _plan({"policy": _from("aws_vpc.main.arn", "aws_vpc.main")}, {}, {"policy": True})
    assert said["policy"].mentions == (Ref(VPC.to, "arn"),)


def test_locals_leave_no_trace() -> None:
    """A reference through a local is not in a plan, and the Unknown says so and what would help."""
    said = _plan({"vpc_id": _from("local.vpc")}, {}, {"vpc_id": True})
    assert isinstance(said["vpc_id"], Unknown)
    assert "local.vpc" in said["vpc_id"].why
    assert "source" in said["vpc_id"].why


def test_a_known_value_is_linked_to_the_target_that_has_it() -> None:
    """After apply a value is known; it is the reference if its target has that very value, and itself if not."""
    references = _from("aws_vpc.main.id", "aws_vpc.main")
    assert _plan({"vpc": references}, {"vpc": "vpc-01234567"}, {}) == {"vpc": VPC}
    assert _plan({"vpc": references}, {"vpc": "other"}, {}) == {"vpc": "other"}


def test_sensitive_values_are_replaced_first() -> None:
    """What the plan marks as sensitive is gone, and a null that is marked is just absent."""
    said = _plan(
        {"a": {"constant_value": "x"}, "b": {"constant_value": None}},
        {"a": "x", "b": None},
        {},
        after_sensitive={"a": True, "b": True},
    )
    assert said["a"].why == SECRET
    assert "b" not in said


def test_blocks_that_a_plan_does_not_tell_apart_stay_unknown() -> None:
    """Two blocks with the same constants and different references: neither gets the other's."""
    blocks = [{"x_id": _from("aws_vpc.main.id", "aws_vpc.main")}, {"x_id": _from("aws_vpc.other.id", "aws_vpc.other")}]
    said = _plan({"block": blocks}, {"block": [{}, {}]}, {"block": [{"x_id": True}, {"x_id": True}]})
    assert [type(block["x_id"]) for block in said["block"]] == [Unknown, Unknown]


def test_blocks_are_paired_by_constants() -> None:
    """A plan re-orders sets; the constants say which expressions belong to which block."""
    written = [{"w": {"constant_value": 90}, "t": _from("a")}, {"w": {"constant_value": 10}, "t": _from("b")}]
    found = paired([{"w": 10}, {"w": 90}], [{"t": True}, {"t": True}], written)
    assert [place for _, place in found] == [1, 0]


@pytest.mark.parametrize(
    ("one", "other", "unknown", "meant"),
    [
        ("x", "x", None, ("x", False)),
        ("x", "y", None, (None, True)),
        (None, None, True, (None, True)),
        (["a", "b"], ["b", "a"], [], (["a", "b"], [False, False])),
        ({"k": [VPC]}, {"k": [VPC]}, {}, ({"k": [VPC]}, {"k": [False]})),
        (1, True, None, (None, True)),
    ],
)
def test_two_runs_agree_or_nobody_knows(one: Any, other: Any, unknown: Any, meant: Any) -> None:
    """What differs between two runs with different tokens is unknown; the order of a set is no difference."""
    assert agreed(one, other, unknown) == meant


def test_something_else_is_refused() -> None:
    """A file that is no plan is bad input, and the message says how to write one."""
    with pytest.raises(InputError, match="terraform show -json PLANFILE"):
        list(plan({"resource_changes": []}, name="x"))
