"""How the Terraform renderer spells values."""

from __future__ import annotations

import json

import pytest

from seawall.kernel.address import Address
from seawall.kernel.documents import json_text
from seawall.kernel.value import Ref, text
from seawall.render.terraform.expressions import arguments, template, traversal
from seawall.render.terraform.inline_rules import whole

A = Ref(Address("r/s:aws_iam_role.a"), "arn")


def _spell(ref: Ref) -> str:
    return traversal("aws_iam_role", "a", ref.attr)


@pytest.mark.parametrize(
    ("attr", "spelled"),
    [
        ("id", "t_t.n.id"),
        ("identity.0.oidc.0.issuer", "t_t.n.identity[0].oidc[0].issuer"),
        ('tags.a"b', 't_t.n.tags["a\\"b"]'),
    ],
)
def test_attribute_paths_are_spelled_as_terraform_wants(attr: str, spelled: str) -> None:
    """The one spelling of facts becomes Terraform's own."""
    assert traversal("t_t", "n", attr) == spelled


def test_an_element_of_a_set_is_reached_through_a_list() -> None:
    """Terraform cannot index a set, so the expression makes a list of it first."""
    spelled = traversal("aws_acm_certificate", "n", "domain_validation_options.0.resource_record_name")
    assert spelled == "tolist(aws_acm_certificate.n.domain_validation_options)[0].resource_record_name"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("${x} %{y} $${z} 5% $", "$${x} %%{y} $$${z} 5% $"),
        (A, "${aws_iam_role.a.arn}"),
        (text("a", A, "/${u}"), "a${aws_iam_role.a.arn}/$${u}"),
        (text("$$", A), '${"$$"}${aws_iam_role.a.arn}'),
        (text(A, A), "${aws_iam_role.a.arn}${aws_iam_role.a.arn}"),
    ],
)
def test_text_stays_text(value: object, written: str) -> None:
    """Text of the user's never becomes an expression, and a hole never loses its dollar sign to the text before."""
    assert template(value, _spell) == written


def test_a_document_becomes_json_text_with_holes() -> None:
    """A policy given as a mapping is JSON once its holes are filled, keys with holes included."""
    policy = {"S": [{"R": text(A, "/*\n"), "C": {text(A, ":sub"): True, "n": None}}]}
    rendered = arguments({"policy": policy}, _spell)["policy"]
    assert json.loads(rendered.replace("${aws_iam_role.a.arn}", "arn:a")) == {
        "S": [{"R": "arn:a/*\n", "C": {"arn:a:sub": True, "n": None}}]
    }
    assert json_text({"a": 1}) == '{"a": 1}'


def test_nulls_are_left_out() -> None:
    """Absent and null are the same thing to Terraform, so only one of them is written."""
    assert arguments({"a": None, "b": False, "c": [{"d": None}]}, _spell) == {"b": False, "c": [{}]}


def test_objects_of_old_arguments_are_written_whole() -> None:
    """Terraform's JSON syntax wants every field of an inline rule; what is not said is null."""
    written = whole("aws_network_acl", {"ingress": [{"rule_no": 1}], "vpc_id": "v"})
    assert written["ingress"][0]["rule_no"] == 1
    assert written["ingress"][0]["icmp_code"] is None
    assert whole("aws_lb_listener", {"default_action": [{"type": "x"}]}) == {"default_action": [{"type": "x"}]}
