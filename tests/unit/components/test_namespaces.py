"""Two namespaces in one cluster: what each may ask for, who goes first, and that neither reaches the other."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.analyze.reachability.reach import reach
from seawall.facts.compute import Workload
from seawall.facts.data import Limit
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.readers.read import facts_of

NAMESPACES = """  namespaces:
    dev: {quota: {cpu: "20", memory: 50 GiB, pods: 50}, priority: 100000}
    prod: {quota: {cpu: "50", memory: 200 GiB}, priority: 1000000, pod_security: baseline}
    plain: {}
"""
COMPONENTS = """
components:
  shared: {kind: database, engine: postgresql, class: db.t4g.medium}
  dev-jobs: {kind: cache, namespace: dev}
  prod-jobs: {kind: cache, namespace: prod}
  dev-user: {kind: service, image: user, port: 8001, namespace: dev, needs: [shared, dev-jobs]}
  prod-user: {kind: service, image: user, port: 8001, namespace: prod, needs: [shared, prod-jobs]}
  prod-api: {kind: service, image: api, port: 8002, namespace: prod, needs: [prod-user]}
"""


@pytest.fixture(scope="module")
def found() -> Graph:
    """The same services for development and for production."""
    frame = descriptions.FRAME.replace('  version: "1.36"\n', f'  version: "1.36"\n{NAMESPACES}')
    return descriptions.expand(descriptions.platform(frame + COMPONENTS))


@pytest.fixture(scope="module")
def facts(found: Graph) -> Facts:
    """What its bodies say."""
    return facts_of(found)


def _object(found: Graph, type: str, namespace: str, name: str) -> Any:
    [body] = [
        each.body
        for each in found.of_type(type)
        if (each.body["metadata"].get("namespace", ""), each.body["metadata"]["name"]) == (namespace, name)
    ]
    return body


def test_a_quota_bounds_what_pods_ask_for(found: Graph, facts: Facts) -> None:
    """Of requests, in Kubernetes' words and as limits of the namespace; a namespace without one has no bounds."""
    assert _object(found, "v1/ResourceQuota", "dev", "quota")["spec"]["hard"] == {
        "requests.cpu": "20",
        "requests.memory": "50Gi",
        "pods": "50",
    }
    limits = {limit.what: limit.value for limit in facts.all(Limit) if str(limit.of).endswith("/prod")}
    assert limits["requests.memory"] == 200 * 2**30
    assert {limit.what for limit in facts.all(Limit) if str(limit.of).endswith("/plain")} == {"scoped.pods"}


def test_a_quota_refuses_no_pod_for_its_silence(found: Graph) -> None:
    """A container that does not say what it asks for is given something to say; none is given a limit."""
    [limits] = _object(found, "v1/LimitRange", "dev", "defaults")["spec"]["limits"]
    assert set(limits) == {"type", "defaultRequest"}
    assert set(limits["defaultRequest"]) == {"cpu", "memory"}


def test_production_goes_first(found: Graph) -> None:
    """Pods of both namespaces name their class, and those of one cannot take the higher class of the other."""
    values = {
        each.body["metadata"]["name"]: each.body["value"]
        for each in found.of_type("scheduling.k8s.io/v1/PriorityClass")
    }
    assert values == {"dev": 100_000, "prod": 1_000_000}
    for workload in facts_of(found).all(Workload):
        assert workload.priority == str(workload.namespace).rpartition("/")[2], workload.of
    closed = {
        each.body["metadata"]["namespace"]: each.body["spec"]["scopeSelector"]["matchExpressions"][0]["values"]
        for each in found.of_type("v1/ResourceQuota")
        if each.body["metadata"]["name"] == "no-higher-priority"
    }
    assert closed == {"dev": ["prod"], "plain": ["dev", "prod"]}


def _workload(facts: Facts, name: str) -> Workload:
    [workload] = [each for each in facts.all(Workload) if each.of.rpartition("/")[2] == name]
    return workload


def _reaches(facts: Facts, source: str, target: Any, port: int) -> bool:
    path = reach(facts, Reach(_workload(facts, source).of, target, port))
    assert path.verdict.proven or path.verdict.refuted, path
    return path.verdict.proven


def test_development_does_not_reach_production(facts: Facts) -> None:
    """No pod of one namespace reaches a pod of the other on any port that one listens on, and none the other way."""
    ports = {"user": 8001, "jobs": 6379, "api": 8002}
    for source, other in (("dev", "prod"), ("prod", "dev")):
        here = [each.of.rpartition("/")[2] for each in facts.all(Workload) if str(each.namespace).endswith(source)]
        there = [each for each in facts.all(Workload) if str(each.namespace).endswith(other)]
        assert here
        assert there
        for name in here:
            for target in there:
                port = ports[target.of.rpartition("-")[2]]
                assert not _reaches(facts, name, target.of, port), (name, target.of)


def test_both_reach_their_own_data(found: Graph, facts: Facts) -> None:
    """The database that both share, and each its own queue."""
    shared = descriptions.named(found, "aws_db_instance", "shared").address
    for space in ("dev", "prod"):
        assert _reaches(facts, f"{space}-user", shared, 5432)
        assert _reaches(facts, f"{space}-user", _workload(facts, f"{space}-jobs").of, 6379)
    assert _reaches(facts, "prod-api", _workload(facts, "prod-user").of, 8001)
    assert not _reaches(facts, "prod-api", shared, 5432)


REFUSED = {
    "a quota of nothing": ("dev: {quota: {}}", "quota says nothing"),
    "a class of Kubernetes' own": ("dev: {priority: 2000000000}", "1000000000"),
}


@pytest.mark.parametrize(("namespaces", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(namespaces: str, complaint: str) -> None:
    """A namespace that could not be is one message with file and line."""
    frame = descriptions.FRAME.replace('  version: "1.36"\n', f'  version: "1.36"\n  namespaces: {{{namespaces}}}\n')
    with pytest.raises(InputError, match=complaint) as caught:
        descriptions.platform(frame)
    assert "platform.yaml:" in str(caught.value)
