"""Workers, and numbers of pods that follow signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import descriptions
import kubernetes_schemas
from descriptions import spec
from seawall.analyze.scale import replicas
from seawall.facts.compute import Autoscaler, Workload
from seawall.facts.demands import Connect, Observe, Reach
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.readers.read import facts_of

CLUSTER = """  node_groups: {system: {types: [t3.medium], min: 2, max: 2}}
  node_pools: {gpu: {types: [g4dn.xlarge], capacity: [spot], limits: {gpus: 18}}}
  namespaces:
    dev: {quota: {cpu: "20", memory: 50 GiB, gpus: 3}, priority: 100000}
    prod: {quota: {cpu: "50", memory: 200 GiB, gpus: 15, pods: 100}, priority: 1000000}
"""
COMPONENTS = """
components:
  jobs: {kind: cache, place: managed, class: cache.t4g.medium, replicas: 1}
  pictures: {kind: database, engine: postgresql, class: db.t4g.medium}
  generation:
    kind: service
    image: generation
    namespace: prod
    needs: [jobs]
    scale: {replicas: 2..50, cpu: 70 %, memory: 80 %, signals: {requests: {query: "sum(rate(asked[1m]))", per_pod: 20}}}
  painter:
    kind: worker
    image: painter
    namespace: prod
    nodes: gpu
    gpus: 1
    needs: [jobs, pictures]
    queue: {from: jobs, list: pictures, per_pod: 5}
    scale: {replicas: 0..15}
    finish: 90 s
    before_stop: [/bin/painter, --last]
    metrics: {port: 9100}
"""
SCALED = "keda.sh/v1alpha1/ScaledObject"


def _described(components: str = COMPONENTS, cluster: str = CLUSTER) -> Graph:
    return descriptions.on_cluster(cluster, components)


@pytest.fixture(scope="module")
def found() -> Graph:
    """A service that follows three signals, and a worker on spot nodes with graphics processors."""
    return _described()


def _pod(found: Graph, name: str) -> Any:
    return spec(found, "apps/v1/Deployment", name)["template"]["spec"]


def test_one_autoscaler_follows_every_signal(found: Graph) -> None:
    """Where KEDA follows one signal it follows all of them, and nothing else owns the number."""
    scaled = spec(found, SCALED, "generation")
    assert [trigger["type"] for trigger in scaled["triggers"]] == ["cpu", "memory", "prometheus"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (2, 50)
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "generation"}
    assert not found.of_type("autoscaling/v2/HorizontalPodAutoscaler")
    assert "replicas" not in spec(found, "apps/v1/Deployment", "generation")
    owners = [scaler.target for scaler in facts_of(found).all(Autoscaler)]
    assert len(owners) == len(set(owners)) == 2


def test_a_worker_follows_its_queue_from_none(found: Graph) -> None:
    """The length is the same from each who tells it, so that it is the greatest and not the sum."""
    scaled = spec(found, SCALED, "painter")
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (0, 15)
    [trigger] = scaled["triggers"]
    assert trigger["metadata"]["query"] == 'max(redis_queue_length{namespace="prod",queue="pictures"})'
    assert trigger["metadata"]["threshold"] == "5"
    assert trigger["metadata"]["serverAddress"] == "http://prometheus-operated.monitoring.svc.cluster.local:9090"
    # Where nobody tells its length it is not taken for empty.
    assert trigger["metadata"]["ignoreNullValues"] == "false"
    assert scaled["fallback"]["replicas"] == 1
    facts = facts_of(found)
    [workload] = [each for each in facts.all(Workload) if each.of.endswith("/painter")]
    assert replicas(facts, workload) == (0, 15)
    assert [demand.metric for demand in facts.all(Observe) if demand.source == workload.of]


def test_a_worker_has_its_processor_and_its_place(found: Graph) -> None:
    """It asks for a graphics processor, names the pool and tolerates what keeps others off it; its class goes first."""
    pod = _pod(found, "painter")
    [container] = pod["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert container["resources"]["requests"]["nvidia.com/gpu"] == "1"
    assert pod["nodeSelector"] == {"seawall/node-group": "gpu"}
    assert [each["key"] for each in pod["tolerations"]] == ["nvidia.com/gpu"]
    assert pod["priorityClassName"] == "prod"
    rolling = spec(found, "apps/v1/Deployment", "painter")["strategy"]["rollingUpdate"]
    assert rolling == {"maxSurge": 0, "maxUnavailable": 1}
    assert {each["whenUnsatisfiable"] for each in pod["topologySpreadConstraints"]} == {"ScheduleAnyway"}


def test_a_worker_ends_before_its_node_does(found: Graph) -> None:
    """It is told before it is stopped, has time to finish, and no more of it than a spot node has."""
    pod = _pod(found, "painter")
    assert pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"] == ["/bin/painter", "--last"]
    assert 90 < pod["terminationGracePeriodSeconds"] <= 120
    assert spec(found, "policy/v1/PodDisruptionBudget", "painter")["maxUnavailable"] == 1


def test_a_worker_is_asked_by_nobody_but_prometheus(found: Graph) -> None:
    """It has no Service, and its policy lets in who measures it, on that port alone."""
    assert [each.body["metadata"]["name"] for each in found.of_type("v1/Service")] == ["generation"]
    [rule] = spec(found, "networking.k8s.io/v1/NetworkPolicy", "painter")["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 9100}]
    [peer] = rule["from"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}


def test_a_worker_demands_what_it_needs(found: Graph) -> None:
    """Its way to queue and database, and connections of as many pods as it may come to."""
    of = [demand for demand in found.demands if str(demand.source).endswith("/painter")]
    assert {demand.port for demand in of if isinstance(demand, Reach)} == {5432, 6379}
    assert [demand.connections for demand in of if isinstance(demand, Connect)] == [150]


def test_keda_and_prometheus_come_unasked(found: Graph) -> None:
    """What a signal relies on is there, with its namespace, and the control plane reaches KEDA's metrics."""
    names = {each.body["metadata"]["name"] for each in found.of_type("v1/Namespace")}
    assert {"keda", "monitoring", "nvidia-device-plugin"} <= names
    rule = descriptions.named(found, "aws_vpc_security_group_ingress_rule", "nodes_from_callers_of_keda_6443").body
    assert rule["from_port"] == 6443
    without = descriptions.graph("components:\n  shop: {kind: service, image: shop, scale: {replicas: 2..4}}\n")
    assert "keda" not in {each.body["metadata"]["name"] for each in without.of_type("v1/Namespace")}
    assert without.of_type("autoscaling/v2/HorizontalPodAutoscaler")


def test_keda_asks_cloudwatch_as_itself() -> None:
    """A metric of CloudWatch is asked for with KEDA's own identity, which it has only where somebody follows one."""
    signal = "{namespace: Shop/Production, metric: ActiveThreads, dimensions: {service: shop}, target: 70}"
    scale = f"scale: {{replicas: 1..8, signals: {{threads: {signal}}}}}"
    asks = descriptions.graph(f"components:\n  shop: {{kind: service, image: shop, {scale}}}\n")
    [_, trigger] = spec(asks, SCALED, "shop")["triggers"]
    assert trigger["metricType"] == "Value"
    assert trigger["authenticationRef"] == {"name": "shop"}
    assert trigger["metadata"]["dimensionName"] == "service"
    # KEDA knows a metric by its dimensions, or by a query where none are named.
    without = scale.replace("dimensions: {service: shop}, ", "")
    over_all = descriptions.graph(f"components:\n  shop: {{kind: service, image: shop, {without}}}\n")
    expression = spec(over_all, SCALED, "shop")["triggers"][1]["metadata"]["expression"]
    assert expression == 'SELECT AVG("ActiveThreads") FROM "Shop/Production"'
    identity = spec(asks, "keda.sh/v1alpha1/TriggerAuthentication", "shop")
    assert identity == {"podIdentity": {"provider": "aws"}}
    [statement] = descriptions.named(asks, "aws_iam_role_policy", "keda").body["policy"]["Statement"]
    assert statement["Action"] == ["cloudwatch:GetMetricData"]
    assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["ap-northeast-2"]}}


@pytest.mark.needs("reference", "jsonschema", "kubernetes-validate")
def test_kubernetes_and_keda_take_the_objects(found: Graph, reference: Path) -> None:
    """Every object fits the strict schema of its kind."""
    bodies = [body for _, body in descriptions.manifests(found)]
    refused, _ = kubernetes_schemas.problems(bodies, reference / "schemas" / "crds")
    assert refused == []
    assert {"ScaledObject", "ResourceQuota", "LimitRange", "PriorityClass"} <= {body["kind"] for body in bodies}


REFUSED = {
    "a queue in nothing it needs": (COMPONENTS.replace("from: jobs", "from: mail"), "not one of its needs"),
    "too slow for spot": (COMPONENTS.replace("finish: 90 s", "finish: 5 min"), "on spot nodes"),
    "none and nothing that starts one": (
        COMPONENTS.replace("    queue: {from: jobs, list: pictures, per_pod: 5}\n", ""),
        "would ever start a pod",
    ),
    "a processor anywhere": (COMPONENTS.replace("    nodes: gpu\n", ""), "lies on nodes that have one"),
    "more processors than the quota": (COMPONENTS.replace("0..15", "0..16"), "may come to 16 pods of 1 GPUs"),
    "a service of none": (COMPONENTS.replace("2..50", "0..50"), "a service has at least one pod"),
    "a signal of two sorts": (COMPONENTS.replace('{query: "', '{metric: x, query: "'), "a signal is a `query`"),
    "a signal without a number": (COMPONENTS.replace(", per_pod: 20", ""), "`per_pod` if pods share it"),
}


@pytest.mark.parametrize(("components", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(components: str, complaint: str) -> None:
    """A worker that could not run, end or start is one message with file and line."""
    with pytest.raises(InputError, match=complaint) as caught:
        _described(components)
    assert "platform.yaml:" in str(caught.value)
