"""Which controllers an estate runs, what they are told, and what objects have them do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seawall.facts.delivery import Controller, Occasion
from seawall.facts.fact import Demand, Fact
from seawall.facts.identity import Assumes
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.knowledge.controllers.catalogue import controllers, of_image
from seawall.readers.read import read_one

ROLE = "arn:aws:iam::111122223333:role/dns"


def _says(kind: str, body: dict[str, Any], api: str = "argoproj.io/v1alpha1") -> list[Fact | Demand]:
    body = {"metadata": {"name": "it", "namespace": "there"}, **body}
    return list(read_one(Resource(Address.kubernetes("main", kind, "there", "it"), f"{api}/{kind}", body)))


def _chart(chart: str, given: Any, **helm: Any) -> list[Fact | Demand]:
    source = {"repoURL": "https://charts.example", "chart": chart, "targetRevision": "1"}
    spec = {"destination": {"namespace": "dns"}, "source": {**source, "helm": {"valuesObject": given} | helm}}
    return _says("Application", {"spec": spec})


def _controllers(found: list[Fact | Demand]) -> list[Controller]:
    return [each for each in found if isinstance(each, Controller)]


def _occasions(found: list[Fact | Demand]) -> set[tuple[str, str, Any]]:
    return {(each.controller, each.what, each.about) for each in found if isinstance(each, Occasion)}


# -- by chart, add-on, image ------------------------------------------------------------------------------------------


def test_a_chart_runs_as_the_account_that_its_values_name() -> None:
    """Name, namespace and what it is told are the application's; a role in an annotation is the account's."""
    values = {
        "provider": {"name": "aws"},
        "domainFilters": ["shop.example", "shop.test"],
        "serviceAccount": {"name": "names", "annotations": {"eks.amazonaws.com/role-arn": ROLE}},
    }
    found = _chart("external-dns", values)
    account = Address("main/ServiceAccount/dns/names")
    [controller] = _controllers(found)
    assert controller.account == account
    assert ("domain", "shop.example") in controller.told
    assert ("domain", "shop.test") in controller.told
    assert Assumes(account, ROLE, "irsa") in found


def test_values_may_be_text_and_the_account_the_charts_own() -> None:
    """Values that are written as text say the same, and where none names an account it is the one that is usual."""
    found = _chart("karpenter", None, values="settings: {clusterName: shop, interruptionQueue: going}")
    [controller] = _controllers(found)
    assert controller.account == "main/ServiceAccount/dns/karpenter"
    assert controller.told == (("cluster", "shop"), ("queue", "going"))


def test_a_chart_that_nobody_knows_is_no_controller() -> None:
    """Nothing is concluded from a chart of another name, be its values alike."""
    assert _controllers(_chart("dns-external", {"domainFilters": ["shop.example"]})) == []


def test_what_is_false_or_empty_is_not_told() -> None:
    """A circumstance that is switched off is none."""
    off = {"settings": {"clusterName": "shop", "interruptionQueue": "", "enableZonalShift": False}}
    [controller] = _controllers(_chart("karpenter", off))
    assert controller.told == (("cluster", "shop"),)


@pytest.mark.parametrize(
    ("own", "account"),
    [
        ({}, "ebs-csi-controller-sa"),
        ({"service_account_role_arn": "${aws_iam_role.ebs.arn}"}, "service-account"),
        (
            {"pod_identity_association": [{"service_account": "ebs-csi-controller-sa", "role_arn": "x"}]},
            "ebs-csi-controller-sa",
        ),
    ],
)  # fmt: skip
def test_an_add_on_runs_as_an_account_that_it_implies(own: dict[str, Any], account: str) -> None:
    """The cluster is another body's matter; the account is the one that the add-on's role is given to."""
    address = Address.terraform("eu-west-1", "s", "aws_eks_addon.ebs")
    body = {
        "cluster_name": Ref(Address("eu-west-1/s:aws_eks_cluster.main"), "name"),
        "addon_name": "aws-ebs-csi-driver",
    }
    found = list(read_one(Resource(address, "aws_eks_addon", {**body, **own}, region="eu-west-1")))
    assert Controller(address, "aws-ebs-csi-driver", address.implied(account)) in found


def test_an_add_ons_configuration_is_its_values() -> None:
    """What EKS is given as JSON says the same as a chart's values."""
    address = Address.terraform("eu-west-1", "s", "aws_eks_addon.cni")
    told = json.dumps({"env": {"ENABLE_IPv6": "true", "ENABLE_IPv4": "false"}})
    body = {"cluster_name": "main", "addon_name": "vpc-cni", "configuration_values": told}
    [controller] = _controllers(list(read_one(Resource(address, "aws_eks_addon", body, region="eu-west-1"))))
    assert controller.told == (("ipv6", "true"),)


def _workload(kind: str, image: str, **part: Any) -> list[Controller]:
    template = {"spec": {"serviceAccountName": "runner", "containers": [{"name": "it", "image": image, **part}]}}
    return _controllers(_says(kind, {"spec": {"template": template}}, "apps/v1"))


def test_an_image_is_known_from_any_registry() -> None:
    """A mirror, a tag and a digest change nothing; options are read in both of their spellings."""
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/eks/aws-load-balancer-controller:v2@sha256:00"
    [controller] = _workload("Deployment", image, args=["--cluster-name=shop", "--aws-region", "eu-west-1"])
    assert (controller.name, controller.account) == (
        "aws-load-balancer-controller",
        "main/ServiceAccount/there/runner",
    )
    assert controller.told == (("cluster", "shop"), ("region", "eu-west-1"))


def test_the_environment_tells_too() -> None:
    """Variables that are written there; what is filled in later is not told."""
    env = [{"name": "CLUSTER_NAME", "value": "shop"}, {"name": "INTERRUPTION_QUEUE", "valueFrom": {"fieldRef": {}}}]
    [controller] = _workload("Deployment", "public.ecr.aws/karpenter/controller:1", env=env)
    assert controller.told == (("cluster", "shop"),)


@pytest.mark.parametrize(
    ("kind", "image"),
    [
        ("Deployment", "example.com/aws-load-balancer-controller-tests:1"),
        ("Deployment", "example.com/team/controller:1"),
        ("DaemonSet", "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1"),  # mounts, and asks AWS nothing
    ],
)
def test_what_is_only_like_a_controller_is_none(kind: str, image: str) -> None:
    """Neither a name that begins alike nor the part of a driver that is on each node."""
    assert _workload(kind, image) == []


def test_images_lead_to_one_controller_each() -> None:
    """Every image of the catalogue is its own controller's, with a registry before it or without."""
    for controller in controllers().values():
        for image in controller.images:
            assert of_image(image) is controller
            assert of_image(f"registry.example:5000/mirror/{image}:1.2") is controller


# -- told by configurations of their own ------------------------------------------------------------------------------


def test_yace_is_told_regions_by_its_jobs() -> None:
    """Discovery, namespaces of others and static jobs ask differently, each in its own regions."""
    configuration = {
        "discovery": {"jobs": [{"type": "AWS/RDS", "regions": ["eu-west-1"], "roles": [{"roleArn": ROLE}]}]},
        "customNamespace": [{"namespace": "Shop", "regions": ["eu-central-1"]}],
        "static": [{"namespace": "AWS/SQS", "regions": ["us-east-1"]}],
    }
    [controller] = _controllers(
        _chart("prometheus-yet-another-cloudwatch-exporter", {"config": json.dumps(configuration)})
    )
    assert set(controller.told) == {
        ("discovery", "eu-west-1"), ("AWS/RDS", "eu-west-1"), ("role", ROLE), ("custom", "eu-central-1"),
        ("static", "us-east-1"),
    }  # fmt: skip


CLASSIC = """
[OUTPUT]
    Name              cloudwatch_logs
    Match             *
    region            eu-west-1
    log_group_name    /shop/pods
    auto_create_group On
[FILTER]
    Name kubernetes
[OUTPUT]
    Name          s3
    bucket        copies
    s3_key_format /logs/$TAG/%Y
"""
YAML = {
    "pipeline": {
        "outputs": [
            {
                "name": "cloudwatch_logs",
                "region": "eu-west-1",
                "log_group_name": "/shop/pods",
                "auto_create_group": "on",
            },
            {"name": "s3", "bucket": "copies", "s3_key_format": "/logs/$TAG/%Y"},
        ]
    }
}


@pytest.mark.parametrize("config", [{"outputs": CLASSIC}, {"extraFiles": {"fluent-bit.yaml": json.dumps(YAML)}}])
def test_fluent_bit_is_told_by_outputs_of_either_form(config: dict[str, Any]) -> None:
    """Groups of logs with their region, and folders with a star where a variable begins."""
    [controller] = _controllers(_chart("fluent-bit", {"config": config}))
    assert set(controller.told) == {
        ("group", "eu-west-1:/shop/pods"),
        ("makes-group", "eu-west-1:/shop/pods"),
        ("objects", "arn:aws:s3:::copies/logs/*"),
    }


def test_grafana_asks_as_itself_where_no_key_is_given() -> None:
    """A source of CloudWatch with keys of its own is none of the role's business."""
    own = {"type": "cloudwatch", "jsonData": {"authType": "default", "defaultRegion": "eu-west-1"}}
    keys = {"type": "cloudwatch", "jsonData": {"authType": "keys", "defaultRegion": "us-east-1"}}
    values = {"grafana": {"additionalDataSources": [own, keys, {"type": "loki"}]}}
    [controller] = _controllers(_chart("kube-prometheus-stack", values))
    assert controller.told == (("cloudwatch", "eu-west-1"),)


# -- occasions -------------------------------------------------------------------------------------------------------


def _ingress(**notes: str) -> set[tuple[str, Any]]:
    annotations = {f"alb.ingress.kubernetes.io/{key.replace('_', '-')}": value for key, value in notes.items()}
    body = {
        "metadata": {"name": "it", "namespace": "there", "annotations": annotations},
        "spec": {"ingressClassName": "alb"},
    }
    return {(what, about) for _, what, about in _occasions(_says("Ingress", body, "networking.k8s.io/v1"))}


GROUPS = {"security_groups": "sg-1"}


@pytest.mark.parametrize(
    ("notes", "asked"),
    [
        ({}, {("security-groups", "")}),
        (GROUPS, {("no-security-groups", "")}),
        ({**GROUPS, "manage_backend_security_group_rules": "true"}, {("security-groups", "")}),
        ({**GROUPS, "wafv2_acl_arn": "arn:x"}, {("no-security-groups", ""), ("wafv2", "arn:x")}),
        ({**GROUPS, "wafv2_acl_arn": "none"}, {("no-security-groups", ""), ("wafv2", "")}),
        ({**GROUPS, "shield_advanced_protection": "false"}, {("no-security-groups", ""), ("shield", "")}),
        ({**GROUPS, "auth_type": "cognito"}, {("no-security-groups", ""), ("cognito", "")}),
        ({**GROUPS, "auth_type": "oidc"}, {("no-security-groups", "")}),
        ({**GROUPS, "listen_ports": '[{"HTTPS":443}]'}, {("no-security-groups", ""), ("looks-for-certificates", "")}),
        (
            {**GROUPS, "listen_ports": '[{"HTTPS":443}]', "certificate_arn": "arn:aws:acm:r:1:certificate/1"},
            {("no-security-groups", "")},
        ),
    ],
)
def test_an_ingress_asks_for_what_its_annotations_say(notes: dict[str, str], asked: set[tuple[str, Any]]) -> None:
    """Firewalls, Shield, user pools and certificates are asked for by name; groups are made where none are named."""
    assert _ingress(**notes) == asked


def test_an_ingress_of_another_class_asks_for_nothing() -> None:
    """Annotations for the load balancer's controller mean nothing to another."""
    body = {
        "metadata": {
            "name": "it",
            "namespace": "there",
            "annotations": {"alb.ingress.kubernetes.io/scheme": "internal"},
        },
        "spec": {"ingressClassName": "nginx"},
    }
    assert _occasions(_says("Ingress", body, "networking.k8s.io/v1")) == set()


@pytest.mark.parametrize(
    ("kind", "api", "body", "asked"),
    [
        (
            "StorageClass",
            "storage.k8s.io/v1",
            {"provisioner": "ebs.csi.aws.com", "allowVolumeExpansion": True, "parameters": {"kmsKeyId": "arn:k"}},
            {("aws-ebs-csi-driver", "grows", ""), ("aws-ebs-csi-driver", "key", "arn:k")},
        ),
        ("StorageClass", "storage.k8s.io/v1", {"provisioner": "ebs.csi.aws.com"}, set()),
        (
            "StorageClass",
            "storage.k8s.io/v1",
            {"provisioner": "efs.csi.aws.com", "parameters": {"provisioningMode": "efs-ap", "fileSystemId": "fs-1"}},
            {("aws-efs-csi-driver", "file-system-id", "fs-1")},
        ),
        (
            "VolumeSnapshotClass",
            "snapshot.storage.k8s.io/v1",
            {"driver": "ebs.csi.aws.com"},
            {("aws-ebs-csi-driver", "snapshots", "")},
        ),
        ("VolumeSnapshotClass", "snapshot.storage.k8s.io/v1", {"driver": "efs.csi.aws.com"}, set()),
        (
            "Issuer",
            "cert-manager.io/v1",
            {"spec": {"acme": {"solvers": [{"dns01": {"route53": {"hostedZoneID": "Z1"}}}]}}},
            {("cert-manager", "zone-id", "Z1")},
        ),
        (
            "Issuer",
            "cert-manager.io/v1",
            {"spec": {"acme": {"solvers": [{"dns01": {"route53": {"accessKeyID": "A"}}}, {"http01": {}}]}}},
            set(),
        ),
        (
            "ScaledObject",
            "keda.sh/v1alpha1",
            {"spec": {"scaleTargetRef": {"name": "x"}, "triggers": [
                {"type": "aws-sqs-queue", "metadata": {"queueURL": "https://sqs/q"}},
                {"type": "cpu", "metadata": {}}]}},
            {("keda", "aws-sqs-queue", "https://sqs/q")},
        ),
        (
            "ScaledObject",
            "keda.sh/v1alpha1",
            {"spec": {"scaleTargetRef": {"name": "x"}, "triggers": [
                {"type": "aws-cloudwatch", "metadata": {"awsRegion": "r"}, "authenticationRef": {"name": "a"}}]}},
            {("keda", "aws-cloudwatch/there/a", "r")},
        ),
        (
            "TriggerAuthentication",
            "keda.sh/v1alpha1",
            {"spec": {"podIdentity": {"provider": "aws", "roleArn": "arn:r"}}},
            {("keda", "identity/there/it", "arn:r")},
        ),
        (
            "TriggerAuthentication",
            "keda.sh/v1alpha1",
            {"spec": {"secretTargetRef": [{"parameter": "awsAccessKeyID", "name": "s", "key": "k"}]}},
            {("keda", "identity/there/it", "keys")},
        ),
        (
            "ExternalSecret",
            "external-secrets.io/v1",
            {"spec": {"secretStoreRef": {"name": "s"}, "dataFrom": [
                {"find": {"name": {"regexp": "x"}}}, {"extract": {"key": "k", "metadataPolicy": "Fetch"}}]}},
            {("external-secrets", "finds", ""), ("external-secrets", "reads-tags", "k")},
        ),
    ],
)  # fmt: skip
def test_objects_ask_what_they_say(kind: str, api: str, body: dict[str, Any], asked: set[tuple[str, str, Any]]) -> None:
    """Each object asks for what its own fields name, and for nothing that another driver or means would do."""
    assert _occasions(_says(kind, body, api)) == asked
