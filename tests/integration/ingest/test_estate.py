"""Somebody else's Terraform, planned by the real Terraform: what its plan says alone, and beside its source."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from offline_plan import Terraform
from seawall.graph.resource import Resource
from seawall.ingest.plan import plan
from seawall.ingest.terraform import terraform
from seawall.ingest.token_plan import token_plan
from seawall.kernel.address import Address
from seawall.kernel.value import SECRET, Ref, Text, Unknown, holes

pytestmark = pytest.mark.needs("terraform", "aws-provider")

ESTATE = Path(__file__).parent / "estate"


@dataclass
class Estate:
    folder: Path
    plan: dict[str, Any]
    terraform: Terraform
    runs: list[str] = field(default_factory=list)

    def body(self, found: dict[str, Resource], path: str) -> Any:
        return found[f"eu-west-1/estate:{path}"].body


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]) -> Estate:
    """The estate, initialised and planned; its providers are told to ask nobody."""
    folder = tmp_path_factory.mktemp("estate") / "estate"
    shutil.copytree(ESTATE, folder)
    terraform = Terraform(terraform_environment)
    terraform.ok(["init", "-input=false", "-no-color"], folder)
    return Estate(folder, terraform.plan(folder), terraform)


@pytest.fixture(scope="module")
def settled(estate: Estate) -> dict[str, Resource]:
    """The estate's resources by address, from plan and source."""
    before = {path: path.stat().st_mtime_ns for path in estate.folder.rglob("*")}
    already = len(estate.terraform.runs)
    resources = list(token_plan(estate.folder, estate.plan, estate.terraform, name="estate"))
    estate.runs = estate.terraform.runs[already:]
    found = {str(item.address): item for item in resources}
    assert {path: path.stat().st_mtime_ns for path in estate.folder.rglob("*")} == before, "the source was touched"
    return found


def _ref(path: str, attr: str) -> Ref:
    return Ref(Address(f"eu-west-1/estate:{path}"), attr)


SITES: list[tuple[str, str, Any]] = [
    ("aws_subnet.s[\"a\"]", "vpc_id", _ref("aws_vpc.main", "id")),
    ("aws_subnet.s[\"a\"]", "cidr_block", "10.0.0.0/24"),
    ("aws_route_table_association.a[\"b\"]", "subnet_id", _ref("aws_subnet.s[\"b\"]", "id")),
    ("aws_iam_role_policy.d", "policy", _ref("data.aws_iam_policy_document.d", "json")),
    ("aws_iam_openid_connect_provider.o", "url", _ref("aws_eks_cluster.e", "identity.0.oidc.0.issuer")),
    ("aws_launch_template.t", "vpc_security_group_ids",
     [_ref("aws_eks_cluster.e", "vpc_config.0.cluster_security_group_id")]),
    ("aws_lb.lb", "subnets", [_ref("aws_subnet.c[0]", "id"), _ref("aws_subnet.c[1]", "id")]),
    ("aws_lb_listener.l", "port", _ref("module.db.aws_db_instance.db", "port")),
    # The provider's own checks refuse the first token for these two: a set is no text, and few words are allowed.
    (
        "aws_network_interface_sg_attachment.e",
        "network_interface_id",
        _ref("aws_vpc_endpoint.e", "network_interface_ids.0"),
    ),
    ("aws_lb.twin", "ip_address_type", _ref("aws_lb.lb", "ip_address_type")),
    ("aws_route53_record.db", "records", [_ref("module.db.aws_db_instance.db", "address")]),
    ("aws_cloudwatch_metric_alarm.a", "dimensions", {"LoadBalancer": _ref("aws_lb.lb", "arn_suffix")}),
    ("module.db.aws_db_instance.db", "vpc_security_group_ids", [_ref("aws_security_group.sg", "id")]),
    ("module.db.aws_db_subnet_group.g", "subnet_ids",
     [_ref("aws_subnet.s[\"a\"]", "id"), _ref("aws_subnet.s[\"b\"]", "id")]),
]  # fmt: skip
LOST_IN_A_PLAN = {
    ("aws_lb.twin", "ip_address_type"),
    ("aws_network_interface_sg_attachment.e", "network_interface_id"),
    ("aws_iam_openid_connect_provider.o", "url"),
    ("aws_lb_listener.l", "port"),
    ("aws_route53_record.db", "records"),
    ("aws_cloudwatch_metric_alarm.a", "dimensions"),
}


@pytest.mark.parametrize(("path", "argument", "meant"), SITES)
def test_plan_and_source_settle_every_reference(
    estate: Estate, settled: dict[str, Resource], path: str, argument: str, meant: Any
) -> None:
    """Beside the source a plan says where each value comes from, through locals, modules, count and for_each."""
    assert estate.body(settled, path)[argument] == meant


@pytest.mark.parametrize(("path", "argument", "meant"), SITES)
def test_the_plan_alone_says_it_or_says_unknown(estate: Estate, path: str, argument: str, meant: Any) -> None:
    """Without its source a plan may know less, never something else."""
    found = {str(item.address): item for item in plan(estate.plan, name="estate")}
    said = estate.body(found, path)[argument]
    if (path, argument) in LOST_IN_A_PLAN:
        assert isinstance(said, Unknown)
        assert said.mentions
        assert "source" in said.why
    else:
        assert said == meant


def test_statements_within_jsonencode_keep_their_references(estate: Estate, settled: dict[str, Resource]) -> None:
    """A policy built by jsonencode and locals is text whose holes are the references."""
    policy = estate.body(settled, "aws_iam_role_policy.p")["policy"]
    assert isinstance(policy, Text)
    assert policy.holes == (_ref("aws_s3_bucket.b", "arn"),)
    document = json.loads("".join(part if isinstance(part, str) else "BUCKET" for part in policy.parts))
    assert document["Statement"][0]["Resource"] == "BUCKET/*"


@pytest.mark.parametrize("with_source", [False, True])
def test_blocks_of_a_set_keep_what_belongs_together(
    estate: Estate, settled: dict[str, Resource], with_source: bool
) -> None:
    """The plan re-orders the canary's and the stable target group; each keeps its own weight all the same."""
    found = settled if with_source else {str(item.address): item for item in plan(estate.plan, name="estate")}
    (action,) = estate.body(found, "aws_lb_listener.l")["default_action"]
    weights = {group["arn"].to: group["weight"] for group in action["forward"][0]["target_group"]}
    assert {address.rpartition(".")[2]: weight for address, weight in weights.items()} == {"stable": 90, "canary": 10}


def test_dynamic_blocks_are_arguments(estate: Estate, settled: dict[str, Resource]) -> None:
    """What a dynamic block makes is configured, though a plan's expressions do not list it."""
    rules = estate.body(settled, "aws_security_group.sg")["egress"]
    assert sorted(rule["to_port"] for rule in rules) == [80, 443]
    assert all(rule["security_groups"] == [_ref("aws_security_group.other", "id")] for rule in rules)
    alone = {str(item.address): item for item in plan(estate.plan, name="estate")}
    assert sorted(rule["to_port"] for rule in estate.body(alone, "aws_security_group.sg")["egress"]) == [80, 443]


@pytest.mark.parametrize(
    ("path", "argument"),
    [("aws_cloudwatch_metric_alarm.a", "alarm_actions"), ("aws_secretsmanager_secret.s", "name")],
)
def test_what_only_real_values_decide_stays_unknown(
    estate: Estate, settled: dict[str, Resource], path: str, argument: str
) -> None:
    """A condition on an unknown and a hash of one are not decided by the tokens that stood in for them."""
    said = estate.body(settled, path)[argument]
    assert isinstance(said, Unknown)
    assert said.what == f"eu-west-1/estate:{path}.{argument}"
    assert said.mentions


def test_computed_attributes_are_no_arguments(settled: dict[str, Resource]) -> None:
    """Nothing that the provider or the mock made up is in a body."""
    assert set(settled["eu-west-1/estate:aws_eks_cluster.e"].body) == {"name", "role_arn", "vpc_config"}
    assert settled["eu-west-1/estate:aws_sns_topic.a"].body == {}
    text = repr([resource.body for resource in settled.values()])
    assert "qxa" not in text
    assert "qxb" not in text


def test_secrets_are_not_kept(estate: Estate, settled: dict[str, Resource]) -> None:
    """A password that stands in the plan in clear is in no body, from the plan alone or with the source."""
    assert "plain-in-the-source" in json.dumps(estate.plan)
    for found in (settled, {str(item.address): item for item in plan(estate.plan, name="estate")}):
        assert "plain-in-the-source" not in repr([(item.body, item.meta) for item in found.values()])
        assert estate.body(found, "module.db.aws_db_instance.db")["password"].why == SECRET


def test_regions_follow_the_provider(estate: Estate, settled: dict[str, Resource]) -> None:
    """The region comes from the provider, through its alias and the plan's variables."""
    regions = {str(address).partition(":")[2]: item.region for address, item in settled.items()}
    assert regions["aws_s3_bucket.us"] == "us-east-1"
    assert regions["module.db.aws_db_instance.db"] == "eu-west-1"


def test_few_starts_of_terraform_are_enough(estate: Estate, settled: dict[str, Resource]) -> None:
    """Both sets of tokens share one `terraform test`, and all tokens that were refused are mended for the second."""
    assert any(isinstance(hole, Ref) for item in settled.values() for hole in holes(item.body))
    assert estate.runs == ["init", "test", "providers", "test"]


def test_a_folder_is_read_by_the_best_it_holds(estate: Estate, settled: dict[str, Resource]) -> None:
    """A plan beside its source is settled by it, and its resources point at the lines of the source."""
    (estate.folder / "plan.json").write_text(json.dumps(estate.plan))
    found = {str(item.address): item for item in terraform([estate.folder], run=estate.terraform)}
    (estate.folder / "plan.json").unlink()
    assert {address: item.body for address, item in found.items()} == {
        address: item.body for address, item in settled.items()
    }
    origin = found["eu-west-1/estate:module.db.aws_db_instance.db"].origin
    line = Path(origin.file).read_text().splitlines()[origin.line - 1]
    assert line == 'resource "aws_db_instance" "db" {'
