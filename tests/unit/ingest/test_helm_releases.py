"""Charts that Terraform installs: what they are, where, and what their values tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.facts.delivery import VALUES_ELSEWHERE, Controller, Installed
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.facts.resilience import Tagged
from seawall.ingest.estate import ingest
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.read import facts_of

CLUSTER = {
    "shop": {"name": "shop", "role_arn": "arn:aws:iam::111122223333:role/eks", "vpc_config": {"subnet_ids": ["s-1"]}}
}
BALANCING = {"name": "alb", "namespace": "kube-system", "chart": "aws-load-balancer-controller"}


def _facts(folder: Path, **resources: Any) -> Facts:
    module = {"resource": {"aws_eks_cluster": CLUSTER, **resources}, "variable": {"any": {}}}
    (folder / "main.tf.json").write_text(json.dumps(module))
    return facts_of(ingest([folder]))


def _told(folder: Path, **body: Any) -> dict[str, Any]:
    [controller] = _facts(folder, helm_release={"alb": {**BALANCING, **body}}).all(Controller)
    assert controller.account == Address("shop/ServiceAccount/kube-system/aws-load-balancer-controller")
    return dict(controller.told)


def test_a_release_is_an_installed_chart_of_the_inputs_cluster(tmp_path: Path) -> None:
    """It is in the cluster's namespace; without a word in ``default``, and an archive's name is the chart's."""
    archive = {"name": "metrics", "chart": "https://charts.example/metrics-server-3.13.0.tgz"}
    charts = {each.chart: each for each in _facts(tmp_path, helm_release={"a": BALANCING, "b": archive}).all(Installed)}
    assert charts.keys() == {"aws-load-balancer-controller", "metrics-server"}
    assert charts["aws-load-balancer-controller"].namespace == Address("shop/Namespace/kube-system")
    assert charts["metrics-server"].namespace == Address("shop/Namespace/default")


def test_values_are_laid_over_one_another_and_single_ones_over_all(tmp_path: Path) -> None:
    """The later text goes before the earlier, and ``set`` before both, as Helm has it; dots may be escaped."""
    values = ["clusterName: other\nregion: eu-west-1", "clusterName: shop"]
    told = _told(tmp_path, values=values, set=[{"name": "defaultTargetType", "value": "ip"}])
    assert told == {"cluster": "shop", "region": "eu-west-1", "target-type": "ip"}


def test_values_that_are_not_read_are_said_to_be_elsewhere(tmp_path: Path) -> None:
    """What such a controller is not told may still be so."""
    assert _told(tmp_path, values=["${var.any}"]) == {VALUES_ELSEWHERE: "true"}
    assert VALUES_ELSEWHERE not in _told(tmp_path, values=["clusterName: ${var.any}"])


def test_a_chart_without_a_known_name_may_be_anyones(tmp_path: Path) -> None:
    """The release is there, its chart is not known; one without a known name of its own is left out."""
    releases = {"a": {"name": "a", "chart": "${var.any}"}, "b": {"name": "${var.any}", "chart": "cilium"}}
    [found] = _facts(tmp_path, helm_release=releases).all(Installed)
    assert isinstance(found.chart, Unknown)


ROLE = "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"
TRUST = {"role": {"name": "balancing", "assume_role_policy": "{}"}}


@pytest.mark.parametrize(
    "body",
    [
        {"set": [{"name": ROLE, "value": "${aws_iam_role.role.arn}"}]},
        {"values": ["serviceAccount: {annotations: {eks.amazonaws.com/role-arn: '${aws_iam_role.role.arn}'}}"]},
    ],
)
def test_a_role_that_a_value_refers_to_is_that_role(body: dict[str, Any], tmp_path: Path) -> None:
    """A reference stays one, by itself and within the text of the values."""
    found = _facts(tmp_path, helm_release={"alb": {**BALANCING, **body}}, aws_iam_role=TRUST)
    [assumes] = [each for each in found.all(Assumes) if each.means == "irsa"]
    assert str(assumes.role).endswith("aws_iam_role.role")


def test_a_role_may_stand_in_values_that_are_not_read(tmp_path: Path) -> None:
    """Then it is not known which, rather than known to be none."""
    found = _facts(tmp_path, helm_release={"alb": {**BALANCING, "values": ["${var.any}"]}})
    [assumes] = [each for each in found.all(Assumes) if each.means == "irsa"]
    assert isinstance(assumes.role, Unknown)


def test_an_account_that_terraform_makes_carries_its_role(tmp_path: Path) -> None:
    """As the manifest of a service account would; this is how the chart is told to make none."""
    metadata = {
        "name": "aws-load-balancer-controller",
        "namespace": "kube-system",
        "annotations": {"eks.amazonaws.com/role-arn": "${aws_iam_role.role.arn}"},
    }
    account = {"alb": {"metadata": [metadata]}}
    found = _facts(tmp_path, helm_release={"alb": BALANCING}, kubernetes_service_account=account, aws_iam_role=TRUST)
    [assumes] = [each for each in found.all(Assumes) if each.means == "irsa"]
    assert assumes.account == Address("shop/ServiceAccount/kube-system/aws-load-balancer-controller")
    assert str(assumes.role).endswith("aws_iam_role.role")


def test_a_tag_by_itself_is_of_what_it_names(tmp_path: Path) -> None:
    """As if the subnet had it; what is not known to carry it stands for itself."""
    subnet = {"a": {"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24"}}
    tags = {
        "a": {"resource_id": "${aws_subnet.a.id}", "key": "kubernetes.io/role/elb", "value": "1"},
        "b": {"resource_id": "${var.any}", "key": "kubernetes.io/role/elb", "value": "1"},
    }
    found = {each.of: each.value for each in _facts(tmp_path, aws_subnet=subnet, aws_ec2_tag=tags).all(Tagged)}
    assert {of.rpartition(":")[2] for of in found} == {"aws_subnet.a", "aws_ec2_tag.b//tagged"}
    assert set(found.values()) == {"1"}
