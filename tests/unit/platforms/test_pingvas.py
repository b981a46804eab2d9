"""What pingvas promises: two environments in one cluster that reach their own data and nothing of each other's."""

from __future__ import annotations

import json
from fnmatch import fnmatch

import pytest

from platforms import shipped
from seawall.analyze.reachability.reach import reach
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import map_leaves
from seawall.kernel.verdict import Answer
from seawall.readers.read import read

CLUSTER = "pingvas-shared"
PORTS = {"user": 8001, "payment": 8002, "generation": 8003, "gallery": 8004, "model": 8005}
GPUS = "requests.nvidia.com/gpu"


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The platform with all of its regions."""
    return shipped("pingvas", "shared")[1]


@pytest.fixture(scope="module")
def facts(graph: Graph) -> Facts:
    """What its bodies say."""
    return read(graph)


def _pods(facts: Facts, namespace: str) -> list[Address]:
    return [
        each.of for each in facts.all(Workload) if each.of.startswith(f"{CLUSTER}/") and f"/{namespace}/" in each.of
    ]


def _answer(facts: Facts, source: Address, target: Address, port: int) -> Answer:
    return reach(facts, Reach(source, target, port)).verdict.answer


@pytest.mark.parametrize(("here", "there"), [("dev", "prod"), ("prod", "dev")])
def test_no_pod_reaches_the_other_environment(facts: Facts, here: str, there: str) -> None:
    """Whatever port it tries: no service, worker or pooler of the one is open to the other."""
    sources = _pods(facts, here)
    targets = [(each, port) for each in _pods(facts, there) for port in (*PORTS.values(), 80, 443)]
    targets += [(Address.kubernetes(CLUSTER, "Deployment", "database", f"{there}-pooler"), 6432)]
    assert len(sources) == 6
    assert len(targets) == 6 * 7 + 1
    open_ones = [
        (source, target, port)
        for source in sources
        for target, port in targets
        if _answer(facts, source, target, port) is not Answer.REFUTED
    ]
    assert open_ones == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_each_environment_reaches_its_own_data(facts: Facts, environment: str) -> None:
    """Every pod reaches its pooler, and the poolers reach the database."""
    pooler = Address.kubernetes(CLUSTER, "Deployment", "database", f"{environment}-pooler")
    for pods in _pods(facts, environment):
        assert _answer(facts, pods, pooler, 6432) is Answer.PROVEN, pods
    database = Address.terraform("us-east-1", "data", "aws_rds_cluster.pingvas_db")
    assert _answer(facts, pooler, database, 5432) is Answer.PROVEN


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_no_application_reaches_the_database_itself(facts: Facts, environment: str) -> None:
    """Only the poolers and the migrations do, so that a service that is broken into cannot log in as somebody else."""
    database = Address.terraform("us-east-1", "data", "aws_rds_cluster.pingvas_db")
    for pods in _pods(facts, environment):
        assert _answer(facts, pods, database, 5432) is Answer.REFUTED, pods


@pytest.mark.parametrize(("here", "there"), [("dev", "prod"), ("prod", "dev")])
def test_no_pod_reaches_the_other_s_cache(facts: Facts, here: str, there: str) -> None:
    """Each environment's Redis lies in subnets of its own, and policies let its pods out to these alone."""
    caches = {each: Address.terraform("us-east-1", "data", f"aws_elasticache_replication_group.{each}_redis")
              for each in (here, there)}  # fmt: skip
    for pods in _pods(facts, here):
        assert _answer(facts, pods, caches[there], 6379) is Answer.REFUTED, pods
    generation = Address.kubernetes(CLUSTER, "Deployment", here, f"{here}-generation")
    assert _answer(facts, generation, caches[here], 6379) is Answer.PROVEN


@pytest.mark.parametrize(("here", "there"), [("dev", "prod"), ("prod", "dev")])
def test_no_role_may_use_the_other_s_data(graph: Graph, here: str, there: str) -> None:
    """Roles of the one name neither buckets, caches nor secrets of the other."""
    policies = [each for each in graph.of_type("aws_iam_role_policy") if f".{here}_" in each.address]
    assert len(policies) >= 3
    for policy in policies:
        said = json.dumps(map_leaves(dict(policy.body), lambda leaf: leaf if isinstance(leaf, str) else str(leaf)))
        for thing in (f"{there}_redis", f"{there}_images", f"migrations_{there}"):
            assert thing not in said, (policy.address, thing)


def test_the_administrator_s_password_is_nowhere_else(graph: Graph) -> None:
    """The Secret with it lies in the namespace of the migrations alone."""
    master = Address.terraform("us-east-1", "data", "aws_secretsmanager_secret.pingvas_db")
    where = {
        each.body["metadata"]["namespace"]
        for each in graph.of_type("external-secrets.io/v1/ExternalSecret")
        if any(str(data["remoteRef"]["key"]).startswith(f"${{{master}.") for data in each.body["spec"].get("data", ()))
    }
    assert where == {"database"}


def test_quotas_promise_no_more_than_the_pool_has(graph: Graph) -> None:
    """All GPUs that namespaces may ask for can be had, and workers at their largest fit into their own quota."""
    quotas = {
        each.body["metadata"]["namespace"]: int(each.body["spec"]["hard"][GPUS])
        for each in graph.of_type("v1/ResourceQuota")
        if each.region == "us-east-1" and GPUS in each.body["spec"]["hard"]
    }
    pools = {
        int(each.body["spec"]["limits"]["nvidia.com/gpu"])
        for each in graph.of_type("karpenter.sh/v1/NodePool")
        if each.region == "us-east-1" and "nvidia.com/gpu" in each.body["spec"].get("limits", {})
    }
    assert quotas == {"dev": 2, "prod": 8}
    assert pools == {sum(quotas.values())}
    for each in graph.of_type("keda.sh/v1alpha1/ScaledObject"):
        if each.region == "us-east-1":
            assert each.body["spec"]["maxReplicaCount"] == quotas[each.body["metadata"]["namespace"]]


def test_there_are_five_services_on_their_ports_in_each(graph: Graph) -> None:
    """User, payment, generation, gallery and model, 8001 to 8005, in both namespaces; images are shared."""
    for namespace in ("dev", "prod"):
        found = {
            each.body["metadata"]["name"]: each.body["spec"]["ports"][0]["port"]
            for each in graph.of_type("v1/Service")
            if each.region == "us-east-1" and each.body["metadata"]["namespace"] == namespace
        }
        assert found == {f"{namespace}-{name}": port for name, port in PORTS.items()}
    here = [each for each in graph.of_type("aws_ecr_repository") if each.region == "us-east-1"]
    assert len(here) == len(PORTS) + 2  # the worker, and the database's tools


def test_every_variable_that_a_pod_refers_to_is_its_own(graph: Graph) -> None:
    """Kubernetes leaves $(NAME) as it stands where there is no such variable before it."""
    seen = 0
    for each in graph.of_type("apps/v1/Deployment"):
        for container in each.body["spec"]["template"]["spec"]["containers"]:
            known: set[str] = set()
            for variable in container.get("env", ()):
                value = variable.get("value")
                if isinstance(value, str) and fnmatch(value, "$(*)"):
                    seen += 1
                    assert value[2:-1] in known, (each.address, value)
                known.add(variable["name"])
    assert seen > 50
