"""Identity, secrets, scaling, storage and delivery: one test for each promise that a reader makes."""

from __future__ import annotations

from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.compute import ApiVersion, Autoscaler, DisruptionBudget, VolumeClass
from seawall.facts.data import Limit
from seawall.facts.delivery import Syncs
from seawall.facts.demands import Observe, Schedule
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Condition, Principal, Secret, SecretStore, SecretSync, Statement
from seawall.facts.pod_network import Selector
from seawall.facts.resilience import Tagged
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.kubernetes.objects import NOTHING
from seawall.readers.kubernetes.quantities import quantity
from seawall.readers.read import read


def facts(*resources: Resource) -> Facts:
    """The facts of these objects."""
    return read(Graph(resources))


def address(kind: str, name: str, namespace: str = "petclinic") -> Address:
    """An address in the test's cluster; an empty namespace for a cluster-wide object."""
    return Address.kubernetes(CLUSTER, kind, namespace, name)


def test_every_object_tells_its_version_and_labels() -> None:
    """The API version is a fact of every object, and so is each label."""
    found = facts(thing("policy/v1beta1", "PodSecurityPolicy", "old", namespace="", labels={"a": "b"}))
    of = Address(f"{CLUSTER}/PodSecurityPolicy/default/old")
    assert [fact.version for fact in found.all(ApiVersion)] == ["policy/v1beta1"]
    assert {(fact.key, fact.value) for fact in found.where(Tagged, of=of)} >= {("a", "b")}


@pytest.mark.parametrize(
    "role",
    [
        Ref(Address.terraform("r", "s", "aws_iam_role.was"), "arn"),
        "arn:aws:iam::111122223333:role/was",
        text(
            "arn:aws:iam::", Ref(Address.terraform("r", "s", "data.aws_caller_identity.me"), "account_id"), ":role/was"
        ),
    ],
)
def test_an_accounts_role(role: Any) -> None:
    """The annotation is the role's address where it is a reference, else its ARN as far as it is known."""
    found = facts(thing("v1", "ServiceAccount", "was", annotations={"eks.amazonaws.com/role-arn": role}))
    of = address("ServiceAccount", "was")
    assert found.all(Principal) == (Principal(of, "service-account", "system:serviceaccount:petclinic:was"),)
    assert found.all(Assumes) == (Assumes(of, role.to if isinstance(role, Ref) else role, "irsa"),)


def test_roles_and_bindings() -> None:
    """Rules become statements in kubectl's spelling; a RoleBinding holds in its namespace only."""
    rules = [
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"], "resourceNames": ["a"]},
        {"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["*"]},
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
    ]
    reference = {"kind": "ClusterRole", "name": "r"}
    subjects = [{"kind": "ServiceAccount", "name": "was"}, {"kind": "User", "name": "ann"}]
    api = "rbac.authorization.k8s.io/v1"
    found = facts(
        thing(api, "ClusterRole", "r", namespace="", rules=rules),
        thing(api, "RoleBinding", "b", roleRef=reference, subjects=subjects),
        thing(api, "ClusterRoleBinding", "b", namespace="", roleRef=reference, subjects=subjects[1:]),
    )
    of = address("ClusterRole", "r", "")
    condition = Condition("StringEquals", "resourceName", ("a",))
    assert found.all(Statement) == (
        Statement(of, "rbac", True, ("get",), ("pods/log",), conditions=(condition,)),
        Statement(of, "rbac", True, ("*",), ("rollouts.argoproj.io",)),
        Statement(of, "rbac", True, ("get",), ("/metrics",)),
    )
    within = address("Namespace", "petclinic", "")
    assert found.all(Attaches) == (
        Attaches(address("ServiceAccount", "was"), of, within),
        Attaches(address("User", "ann", ""), of, within),
        Attaches(address("User", "ann", ""), of, None),
    )


def test_secrets_say_their_keys_and_never_a_value() -> None:
    """A Secret's keys are facts, its values are not."""
    found = facts(thing("v1", "Secret", "s", data={"b": "aHVudGVyMg=="}, stringData={"a": "hunter2"}))
    assert found.all(Secret)[0].properties == ("a", "b")
    assert "hunter2" not in repr(list(found))


def test_external_secrets() -> None:
    """An ExternalSecret fills a Secret of its own name from its store, hourly unless it says otherwise."""
    spec: dict[str, Any] = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "aws"},
        "data": [{"secretKey": "password", "remoteRef": {"key": "db", "property": "password"}}],
        "dataFrom": [{"extract": {"key": "more"}}],
    }
    found = facts(thing("external-secrets.io/v1", "ExternalSecret", "db", spec=spec))
    target, store = address("Secret", "db"), address("ClusterSecretStore", "aws", "")
    of = address("ExternalSecret", "db")
    assert found.all(SecretSync) == (SecretSync(of, target, ("db", "more"), store, 3600),)
    assert found.all(Secret) == (Secret(target, "db", "", properties=("password",)),)
    once = facts(thing("external-secrets.io/v1", "ExternalSecret", "db", spec=spec | {"refreshInterval": "0"}))
    assert once.all(SecretSync)[0].every == 0


def test_generated_secrets() -> None:
    """A generator stands for the store, its keys are known, and a secret that is made once is never refreshed."""
    generator = {"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "Password", "name": "p"}
    spec = {"refreshPolicy": "CreatedOnce", "dataFrom": [{"sourceRef": {"generatorRef": generator}}]}
    found = facts(thing("external-secrets.io/v1", "ExternalSecret", "s", spec=spec))
    of, target = address("ExternalSecret", "s"), address("Secret", "s")
    assert found.all(SecretSync) == (SecretSync(of, target, (), address("Password", "p"), 0),)
    assert found.all(Secret)[0].properties == ("password",)


def test_secret_stores() -> None:
    """A store names its service, its region and the account that reads, in its own namespace unless named."""
    auth = {"jwt": {"serviceAccountRef": {"name": "reader"}}}
    aws = {"service": "ParameterStore", "region": "eu-west-1", "auth": auth}
    found = facts(thing("external-secrets.io/v1", "SecretStore", "aws", spec={"provider": {"aws": aws}}))
    account = address("ServiceAccount", "reader")
    assert found.all(SecretStore) == (SecretStore(address("SecretStore", "aws"), "ssm", "eu-west-1", account),)


def test_an_autoscalers_signals() -> None:
    """Percentages and amounts are kept as written; a metric of one's own must be exported by somebody."""
    metrics = [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "1k"}}},
    ]
    target = {"kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "maxReplicas": 5, "metrics": metrics}
    found = facts(thing("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=spec))
    of, web = address("HorizontalPodAutoscaler", "web"), address("Deployment", "web")
    signals = (("cpu", "70"), ("rps", "1k"))
    assert found.all(Autoscaler) == (Autoscaler(of, web, 1, 5, signals, "HorizontalPodAutoscaler"),)
    assert found.all(Schedule) == (Schedule(web, 1, 5),)
    assert found.all(Observe) == (Observe(web, "custom.metrics.k8s.io/rps"),)


def test_an_autoscaler_without_metrics_follows_the_processor() -> None:
    """The API's default is 80 % of the requested processor."""
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}
    found = facts(thing("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=spec))
    assert found.all(Autoscaler)[0].signals == (("cpu", "80"),)


def test_keda_scales_to_nothing_by_default() -> None:
    """A ScaledObject goes from none to a hundred pods and names its triggers."""
    triggers = [{"type": "prometheus", "metadata": {"query": "sum(x)", "threshold": "5"}}]
    spec = {"scaleTargetRef": {"name": "web"}, "triggers": triggers}
    found = facts(thing("keda.sh/v1alpha1", "ScaledObject", "web", spec=spec))
    (autoscaler,) = found.all(Autoscaler)
    assert (autoscaler.least, autoscaler.most, autoscaler.signals) == (0, 100, (("prometheus", "5"),))
    assert found.all(Observe) == (Observe(address("Deployment", "web"), "x"),)


def test_keda_follows_metrics_of_cloudwatch() -> None:
    """A metric by its namespace and name, or the query that stands for it, is one that somebody must tell."""
    triggers = [
        {"type": "aws-cloudwatch", "metadata": {"namespace": "Shop", "metricName": "Busy", "targetMetricValue": "7"}},
        {"type": "aws-cloudwatch", "metadata": {"expression": 'SELECT AVG("Busy") FROM "Shop"'}},
        {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}},
    ]
    spec = {"scaleTargetRef": {"name": "web"}, "triggers": triggers}
    found = facts(thing("keda.sh/v1alpha1", "ScaledObject", "web", spec=spec))
    assert [demand.metric for demand in found.all(Observe)] == ["Shop/Busy", 'SELECT AVG("Busy") FROM "Shop"']
    assert found.all(Autoscaler)[0].signals == (("aws-cloudwatch", "7"), ("aws-cloudwatch", ""), ("cpu", "70"))


@pytest.mark.parametrize(
    ("api", "spec", "selector"),
    [
        ("policy/v1", {"minAvailable": 0}, NOTHING),
        ("policy/v1", {"minAvailable": 0, "selector": {}}, Selector()),
        ("policy/v1beta1", {"minAvailable": 0, "selector": {}}, NOTHING),
    ],
)
def test_whom_a_budget_protects(api: str, spec: dict[str, Any], selector: Selector) -> None:
    """No selector protects nobody; an empty one everybody, except in the old API; zero is a number."""
    (budget,) = facts(thing(api, "PodDisruptionBudget", "b", spec=spec)).all(DisruptionBudget)
    assert (budget.selector, budget.min_available, budget.max_unavailable) == (selector, "0", None)


def test_quotas_in_base_units() -> None:
    """Processor counts in thousandths, memory in bytes; what is no quantity is unknown."""
    hard = {"requests.cpu": "1500m", "requests.memory": "1Gi", "pods": 10, "limits.cpu": "much"}
    found = facts(thing("v1", "ResourceQuota", "q", spec={"hard": hard}))
    values = {fact.what: fact.value for fact in found.all(Limit)}
    assert isinstance(values.pop("limits.cpu"), Unknown)
    assert values == {"requests.cpu": 1500, "requests.memory": 2**30, "pods": 10}


def test_limit_ranges() -> None:
    """What a container gets by default is a limit of its namespace, by type, field and resource."""
    limits = [{"type": "Container", "default": {"memory": "512Mi"}}]
    found = facts(thing("v1", "LimitRange", "l", spec={"limits": limits}))
    assert [(fact.what, fact.value) for fact in found.all(Limit)] == [("container.default.memory", 512 * 2**20)]


@pytest.mark.parametrize(
    ("spelling", "value"), [("100m", "0.1"), ("1e3", "1000"), (".5", "0.5"), ("2Ki", "2048"), ("3M", "3000000")]
)
def test_quantities(spelling: str, value: str) -> None:
    """Quantities have the grammar of the API server."""
    assert quantity(spelling) == type(quantity("0"))(value)


def test_storage_classes() -> None:
    """Whether a class encrypts is known where it says so, unknown where the account decides."""
    parameters = {"encrypted": "true"}
    api = "storage.k8s.io/v1"
    (said,) = facts(
        thing(api, "StorageClass", "gp3", namespace="", provisioner="ebs.csi.aws.com", parameters=parameters)
    ).all(VolumeClass)
    assert (said.encrypted, said.binding, said.reclaim, said.default) == (True, "Immediate", "Delete", False)
    (silent,) = facts(thing(api, "StorageClass", "x", namespace="", provisioner="ebs.csi.aws.com")).all(VolumeClass)
    assert isinstance(silent.encrypted, Unknown)


@pytest.mark.parametrize(
    ("policy", "on", "heals", "prunes"),
    [
        ({}, False, False, False),
        ({"automated": {}}, True, False, False),
        ({"automated": {"prune": True, "selfHeal": True}}, True, True, True),
        ({"automated": {"enabled": False, "prune": True}}, False, False, False),
    ],
)
def test_what_argo_cd_does_by_itself(policy: dict[str, Any], on: bool, heals: bool, prunes: bool) -> None:
    """Automation is on even if its mapping is empty; pruning and healing are off unless said."""
    spec = {
        "source": {"repoURL": "https://git.example/r.git", "path": "p"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "petclinic"},
        "syncPolicy": policy,
        "ignoreDifferences": [{"kind": "Rollout", "jsonPointers": ["/spec/replicas"]}],
    }
    (syncs,) = facts(thing("argoproj.io/v1alpha1", "Application", "a", namespace="argocd", spec=spec)).all(Syncs)
    assert (syncs.automated, syncs.self_heal, syncs.prune) == (on, heals, prunes)
    assert syncs.ignores == (("Rollout", "/spec/replicas"),)
    assert syncs.destination == address("Namespace", "petclinic", "")
    assert not syncs.respects_ignores
