"""One line of needs opens exactly the path it takes, whatever the platform."""

from __future__ import annotations

from typing import Any

import hypothesis
import hypothesis.strategies as st

import descriptions
from seawall.components.expand import expand
from seawall.facts.demands import Reach
from seawall.graph.graph import Graph

ENGINES = {"mysql": 3306, "postgresql": 5432}
DATABASES: dict[str, dict[str, str]] = {"database": {"class": "db.m7g.large"}, "aurora": {"writer": "db.r7g.large"}}
SPACES = ("alpha", "beta")


@st.composite
def descriptions_with_needs(draw: st.DrawFn) -> tuple[str, dict[str, dict[str, Any]]]:
    """A description of a few stores, services and workers in two namespaces, and its components as data."""
    components: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(0, 2))):
        engine = draw(st.sampled_from(sorted(ENGINES)))
        kind = draw(st.sampled_from(sorted(DATABASES)))
        components[f"db{number}"] = {"kind": kind, "engine": engine, **DATABASES[kind]}
    for number in range(draw(st.integers(0, 2))):
        components[f"cache{number}"] = {"kind": "cache", "namespace": draw(st.sampled_from(SPACES))}
    for number in range(draw(st.integers(1, 4))):
        space = draw(st.sampled_from(SPACES))
        # Each may need whatever came before it, so that there is no circle; a cache only in its own namespace.
        within = [
            name
            for name, other in components.items()
            if other["kind"] != "worker" and (other["kind"] != "cache" or other["namespace"] == space)
        ]
        needs = draw(st.lists(st.sampled_from(within), unique=True, max_size=4)) if within else []
        # A worker has no port, and nobody can need it.
        port = draw(st.sampled_from([{"kind": "service", "port": 8000 + number}, {"kind": "worker"}]))
        components[f"app{number}"] = {"image": f"app{number}", "namespace": space, "needs": needs, **port}
    lines = "".join(f"  {name}: {_flow(body)}\n" for name, body in components.items())
    frame = descriptions.FRAME.replace(
        '  version: "1.36"\n', '  version: "1.36"\n  namespaces: {alpha: {}, beta: {}}\n'
    )
    return f"{frame}components:\n{lines}", components


def _flow(body: dict[str, Any]) -> str:
    parts = [f"{key}: [{', '.join(value)}]" if key == "needs" else f"{key}: {value}" for key, value in body.items()]
    return "{" + ", ".join(parts) + "}"


@hypothesis.settings(max_examples=60)
@hypothesis.given(descriptions_with_needs())
def test_a_need_opens_exactly_its_path(drawn: tuple[str, dict[str, dict[str, Any]]]) -> None:
    """Egress of the consumer, ingress of the provider and the store's group say the needs, no less and no more."""
    text, components = drawn
    graph = expand(descriptions.platform(text))
    wanted = {
        (name, need, port)
        for name, body in components.items()
        for need in body.get("needs", ())
        for port in _ports(components[need])
    }
    inside = {way for way in wanted if components[way[1]]["kind"] not in DATABASES}
    members = {
        (name, name, port) for name, body in components.items() if body["kind"] == "cache" for port in (6379, 26379)
    }
    assert _let_out(graph, components) == inside | members
    assert _let_in(graph, components) == inside | members
    assert _ranges(graph) == {(name, port) for name, need, port in wanted if components[need]["kind"] in DATABASES}
    assert _groups(graph) == {(need, port) for _, need, port in wanted if components[need]["kind"] in DATABASES}
    reaches = {
        (demand.said.split()[1].removesuffix(".needs"), demand.said.split()[-1], demand.port)
        for demand in graph.demands
        if isinstance(demand, Reach) and ".needs " in demand.said
    }
    assert reaches == wanted


@hypothesis.settings(max_examples=30)
@hypothesis.given(descriptions_with_needs())
def test_a_need_brings_the_credentials_it_takes(drawn: tuple[str, dict[str, dict[str, Any]]]) -> None:
    """Each need of a database has its own synchronised secret, which the pod's variables name; nobody else has one."""
    text, components = drawn
    graph = expand(descriptions.platform(text))
    wanted = {
        (components[name]["namespace"], f"{name}-{need}")
        for name, body in components.items()
        for need in body.get("needs", ())
        if components[need]["kind"] in DATABASES
    }
    secrets = {
        (secret.body["metadata"]["namespace"], secret.body["metadata"]["name"])
        for secret in graph.of_type("external-secrets.io/v1/ExternalSecret")
        if "data" in secret.body["spec"]
    }
    used = {
        (workload.body["metadata"]["namespace"], item["valueFrom"]["secretKeyRef"]["name"])
        for workload in graph.of_type("apps/v1/Deployment")
        for item in workload.body["spec"]["template"]["spec"]["containers"][0]["env"]
        if "valueFrom" in item and not item["valueFrom"]["secretKeyRef"]["name"].startswith("cache")
    }
    assert secrets == used == wanted


def _ports(body: dict[str, Any]) -> tuple[int, ...]:
    if body["kind"] in DATABASES:
        return (ENGINES[body["engine"]],)
    return (6379, 26379) if body["kind"] == "cache" else (body["port"],)


def _policies(graph: Graph) -> list[tuple[str, str, dict[str, Any]]]:
    """Whose policy, its namespace, its rules; the policies of a namespace itself are not of interest."""
    return [
        (policy.body["metadata"]["name"], policy.body["metadata"]["namespace"], policy.body["spec"])
        for policy in graph.of_type("networking.k8s.io/v1/NetworkPolicy")
        if policy.body["spec"]["podSelector"]
        and "app.kubernetes.io/name" in policy.body["spec"]["podSelector"].get("matchLabels", {})
    ]


def _meant(peer: dict[str, Any], here: str, components: dict[str, dict[str, Any]]) -> str | None:
    """The component whose pods a peer means, told by the labels and namespace that it selects."""
    if "podSelector" not in peer:
        return None
    space = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name", here)
    name: str = peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
    return name if components[name]["namespace"] == space else None


def _let_out(graph: Graph, components: dict[str, dict[str, Any]]) -> set[tuple[str, str | None, int]]:
    return {
        (name, _meant(peer, space, components), port["port"])
        for name, space, spec in _policies(graph)
        for rule in spec["egress"]
        for peer in rule["to"]
        if "ipBlock" not in peer
        for port in rule["ports"]
    }


def _let_in(graph: Graph, components: dict[str, dict[str, Any]]) -> set[tuple[str | None, str, int]]:
    return {
        (_meant(peer, space, components), name, port["port"])
        for name, space, spec in _policies(graph)
        for rule in spec["ingress"]
        for peer in rule["from"]
        for port in rule["ports"]
    }


def _ranges(graph: Graph) -> set[tuple[str, int]]:
    return {
        (name, port["port"])
        for name, _, spec in _policies(graph)
        for rule in spec["egress"]
        if any("ipBlock" in peer for peer in rule["to"])
        for port in rule["ports"]
    }


def _groups(graph: Graph) -> set[tuple[str, int]]:
    found = set()
    for rule in graph.of_type("aws_vpc_security_group_ingress_rule"):
        group = rule.body["security_group_id"].to.as_terraform()
        if group.stack == "data":
            assert rule.body["referenced_security_group_id"].to.endswith("aws_security_group.nodes")
            found.add((group.name, rule.body["from_port"]))
    return found
