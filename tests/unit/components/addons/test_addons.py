"""The cluster's controllers: their identities, and rights no wider than they need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import descriptions
from seawall.components.addons.addon import addons
from seawall.components.secrets import STORE
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.knowledge.controllers.catalogue import controllers

FRAME = descriptions.FRAME.replace(
    '  version: "1.36"\n',
    f"""  version: "1.36"
  addons: [{", ".join(addons())}]
  node_pools: {{gpu: {{types: [g4dn.xlarge], capacity: [spot], limits: {{gpus: 4}}}}}}
""",
)
COMPONENTS = """
edge: {}
logs: {to: loki, namespaces: [shop]}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small}
  ledger: {kind: database, engine: mysql, class: db.t4g.small}
  shop:
    kind: service
    image: shop
    framework: spring
    needs: [orders]
    scale: {replicas: 2..4, signals: {threads: {namespace: Shop, metric: Threads, target: 70}}}
"""
PUBLISHED = {
    "aws_load_balancer_controller": "aws-load-balancer-controller.json",
    "cluster_autoscaler": "cluster-autoscaler-1.json",
    "argo_rollouts": "argo-rollouts-alb-verify-1.json",
    "keda": "keda-aws-cloudwatch-1.json",
    "external_dns": "external-dns-1.json",
}


@pytest.fixture(scope="module")
def found() -> Graph:
    """A platform with every add-on."""
    return descriptions.expand(descriptions.platform(FRAME + COMPONENTS))


def _statements(found: Graph, name: str) -> list[Mapping[str, Any]]:
    statements: list[Mapping[str, Any]] = descriptions.named(found, "aws_iam_role_policy", name).body["policy"][
        "Statement"
    ]
    return statements


def _actions(statements: list[Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        actions = statement["Action"]
        found |= {actions} if isinstance(actions, str) else set(actions)
    return found


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_controller_may_do_what_its_project_publishes(found: Graph, name: str, reference: Path) -> None:
    """Not an action less than any configuration needs, or it stops in the middle; not one more than is published."""
    published = json.loads((reference / "data" / "controller_policies" / PUBLISHED[name]).read_text(encoding="utf-8"))
    statements = published.get("Statement", [published])
    allowed = _actions(_statements(found, name))
    assert allowed <= _actions(statements)
    # What is left out is asked for by some configurations alone, or by none: the catalogue says which.
    known = controllers()[name.replace("_", "-")]
    always = {action for need in known.needs if not need.when and not need.holes for action in need.actions}
    assert (_actions(statements) - allowed) & always == set()
    assert _actions(statements) - allowed <= known.actions() | set(known.unused)


def test_the_load_balancer_controller_changes_only_its_own_clusters(found: Graph) -> None:
    """Load balancers and target groups are made, changed and deleted only with this cluster's tag."""
    guarded = {
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:ModifyTargetGroup",
        "ec2:DeleteSecurityGroup",
    }
    for statement in _statements(found, "aws_load_balancer_controller"):
        if guarded & set(statement["Action"]):
            [(key, values)] = statement["Condition"]["StringEquals"].items()
            assert key.endswith("Tag/elbv2.k8s.aws/cluster")
            assert values == ["shop-production"]


def test_the_autoscaler_moves_only_its_own_groups(found: Graph) -> None:
    """It changes groups that EKS has tagged as this cluster's."""
    [changing] = [each for each in _statements(found, "cluster_autoscaler") if "Condition" in each]
    assert changing["Condition"] == {
        "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/shop-production": ["owned"]}
    }
    assert "autoscaling:TerminateInstanceInAutoScalingGroup" in changing["Action"]


def test_external_secrets_reads_what_somebody_needs_and_no_more(found: Graph) -> None:
    """The secret of a database that nobody needs cannot be read, and no statement names every secret."""
    reading, decrypting = _statements(found, "external_secrets")
    orders = descriptions.named(found, "aws_db_instance", "orders")
    key = descriptions.named(found, "aws_kms_key", "orders")
    assert [secret.to for secret in reading["Resource"]] == [orders.address]
    assert [key.to for key in decrypting["Resource"]] == [key.address]
    through = {"kms:ViaService": ["secretsmanager.ap-northeast-2.amazonaws.com"]}
    assert decrypting["Condition"] == {"StringEquals": through}


def test_the_store_is_the_one_that_secrets_name(found: Graph) -> None:
    """Every synchronised secret names the store that comes with External Secrets."""
    [store] = found.of_type("external-secrets.io/v1/ClusterSecretStore")
    assert store.body["metadata"]["name"] == STORE
    assert store.body["spec"]["conditions"] == [{"namespaces": ["shop"]}]
    named = {
        each.body["spec"]["secretStoreRef"]["name"]
        for each in found.of_type("external-secrets.io/v1/ExternalSecret")
        if "secretStoreRef" in each.body["spec"]
    }
    assert named == {STORE}


def test_external_dns_writes_names_of_the_platform_alone(found: Graph) -> None:
    """A record outside the platform's domain is refused, and so is a change that names none."""
    [changing] = [each for each in _statements(found, "external_dns") if "Condition" in each]
    key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    assert changing["Condition"] == {
        "ForAllValues:StringLike": {key: ["*.shop.example"]},
        "Null": {key: ["false"]},
    }


def test_an_identity_is_one_service_accounts(found: Graph) -> None:
    """Each role is taken on through Pod Identity by the account of its controller, and by nothing else."""
    for addon in addons().values():
        if (addon.rights is None and not addon.managed) or addon.name == "fluent-bit":
            continue  # sending to Loki, the agent needs nothing of AWS
        name = addon.name.replace("-", "_")
        association = descriptions.named(found, "aws_eks_pod_identity_association", name).body
        assert (association["namespace"], association["service_account"]) == (addon.namespace, addon.account)
        trust = descriptions.named(found, "aws_iam_role", name).body["assume_role_policy"]
        assert trust["Statement"][0]["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_namespaces_of_controllers_enforce_pod_security(found: Graph) -> None:
    """A controller that does not live in kube-system has a namespace that says what its pods may be."""
    for addon in addons().values():
        if addon.pod_security is not None:
            labels = descriptions.named(found, "v1/Namespace", addon.namespace).body["metadata"]["labels"]
            assert labels["pod-security.kubernetes.io/enforce"] == addon.pod_security


def _policy(found: Graph, namespace: str) -> Any:
    [spec] = [
        each.body["spec"]
        for each in found.of_type("networking.k8s.io/v1/NetworkPolicy")
        if each.body["metadata"]["namespace"] == namespace and each.body["metadata"]["name"] == "own"
    ]
    return spec


def test_namespaces_of_controllers_are_closed(found: Graph) -> None:
    """Their pods are reached by each other, Prometheus and the control plane, and by others where they answer all."""
    for addon in addons().values():
        if addon.pod_security is None:
            continue
        spec = _policy(found, addon.namespace)
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert spec["podSelector"] == {}
        open_to_pods = [rule for rule in spec["ingress"] if rule["from"] == [{"namespaceSelector": {}}]]
        assert [port["port"] for rule in open_to_pods for port in rule["ports"]] == list(addon.asked_on)
        ranges = [rule for rule in spec["ingress"] if "ipBlock" in rule["from"][0]]
        assert [port["port"] for rule in ranges for port in rule["ports"]] == list(addon.called_on)


def test_keda_asks_prometheus_and_little_else(found: Graph) -> None:
    """Beside names, HTTPS, its credentials and its own kind it reaches the one port where metrics are answered."""
    ways = {
        (port["port"], str(rule["to"]))
        for rule in _policy(found, "keda")["egress"]
        for port in rule.get("ports", [{"port": None}])
    }
    assert {port for port, _ in ways} == {None, 53, 80, 443, 9090}
    [to] = [to for port, to in ways if port == 9090]
    assert "'monitoring'" in to


def test_a_port_is_opened_to_the_control_plane_once(found: Graph) -> None:
    """AWS refuses a rule that is there already: a webhook on a port that is open anyway brings none."""
    for direction in ("ingress", "egress"):
        ways = [
            tuple(
                str(rule.body.get(name)) for name in ("security_group_id", "referenced_security_group_id", "from_port")
            )
            for rule in found.of_type(f"aws_vpc_security_group_{direction}_rule")
            if "referenced_security_group_id" in rule.body
        ]
        assert len(ways) == len(set(ways))


def test_only_the_chosen_add_ons_have_identities() -> None:
    """The description chooses; what it does not name has neither role nor namespace."""
    frame = descriptions.FRAME.replace('version: "1.36"', 'version: "1.36"\n  addons: [cluster-autoscaler]')
    found = descriptions.expand(descriptions.platform(frame))
    names = {each.address.as_terraform().name for each in found.of_type("aws_eks_pod_identity_association")}  # type: ignore[union-attr]
    assert names == {"ebs_csi", "vpc_cni", "cluster_autoscaler"}


def test_an_unknown_add_on_is_refused() -> None:
    """The message names those that there are."""
    frame = descriptions.FRAME.replace('version: "1.36"', 'version: "1.36"\n  addons: [argocd]')
    with pytest.raises(InputError, match="there is no add-on argocd; known are argo-cd"):
        descriptions.platform(frame)
