"""Buckets and files open to those that need them, as far as they need them, whatever the platform."""

from __future__ import annotations

from typing import Any

import hypothesis
import hypothesis.strategies as st

import descriptions
from seawall.components.expand import expand
from seawall.graph.graph import Graph
from seawall.kernel.value import refs

WRITING = {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "kms:GenerateDataKey"}
FRAME = descriptions.FRAME.replace(
    '  version: "1.36"\n',
    '  version: "1.36"\n  namespaces: {alpha: {}, beta: {}}\n  addons: [aws-efs-csi-driver, external-secrets]\n',
)


@st.composite
def described(draw: st.DrawFn) -> tuple[str, dict[str, dict[str, Any]]]:
    """A few buckets and files, and services that need some of them, some only to read."""
    stores = {
        f"store{number}": {"kind": draw(st.sampled_from(("bucket", "files"))), "readers": []}
        for number in range(draw(st.integers(1, 4)))
    }
    services: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 4))):
        needs = draw(st.lists(st.sampled_from(sorted(stores)), unique=True))
        space = draw(st.sampled_from(("alpha", "beta")))
        services[f"app{number}"] = {"needs": needs, "namespace": space}
        for need in needs:
            if draw(st.booleans()):
                stores[need]["readers"].append(f"app{number}")
    lines = []
    for name, store in stores.items():
        path = f", path: /{name}" if store["kind"] == "files" else ""
        lines.append(f"  {name}: {{kind: {store['kind']}, readers: [{', '.join(store['readers'])}]{path}}}\n")
    for name, service in services.items():
        needs = ", ".join(service["needs"])
        lines.append(
            f"  {name}: {{kind: service, image: {name}, namespace: {service['namespace']}, needs: [{needs}]}}\n"
        )
    return f"{FRAME}components:\n{''.join(lines)}", {**stores, **services}


@hypothesis.settings(max_examples=40, deadline=None)
@hypothesis.given(described())
def test_a_right_is_as_wide_as_the_need(drawn: tuple[str, dict[str, dict[str, Any]]]) -> None:
    """A role names the buckets that its service needs and no other, and writes only where it is no reader."""
    text, components = drawn
    found = expand(descriptions.platform(text))
    for name, service in components.items():
        if "needs" not in service:
            continue
        buckets = {need for need in service["needs"] if components[need]["kind"] == "bucket"}
        granted = _granted(found, name)
        assert set(granted) == buckets
        for bucket, actions in granted.items():
            reads_only = name in components[bucket]["readers"]
            assert bool(actions & WRITING) is not reads_only
        policy = descriptions.named(found, "networking.k8s.io/v1/NetworkPolicy", name).body["spec"]
        out = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
        assert out == ({80, 443} if buckets else set())


@hypothesis.settings(max_examples=40, deadline=None)
@hypothesis.given(described())
def test_files_are_mounted_by_who_needs_them(drawn: tuple[str, dict[str, dict[str, Any]]]) -> None:
    """There is one claim and one volume for each need of files, in the consumer's namespace, and its pods mount it."""
    text, components = drawn
    found = expand(descriptions.platform(text))
    wanted = {
        (service["namespace"], f"{name}-{need}", name in components[need]["readers"])
        for name, service in components.items()
        for need in service.get("needs", ())
        if components[need]["kind"] == "files"
    }
    claims = {
        (one.body["metadata"]["namespace"], one.body["metadata"]["name"], *one.body["spec"]["accessModes"])
        for one in found.of_type("v1/PersistentVolumeClaim")
    }
    kept = {
        (claim["namespace"], claim["name"], *one.body["spec"]["accessModes"])
        for one in found.of_type("v1/PersistentVolume")
        for claim in [one.body["spec"]["claimRef"]]
    }
    mounted = set()
    for workload in found.of_type("apps/v1/Deployment"):
        spec = workload.body["spec"]["template"]["spec"]
        modes = {one["name"]: one.get("readOnly", False) for one in spec["containers"][0]["volumeMounts"]}
        for volume in spec["volumes"]:
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                mounted.add((workload.body["metadata"]["namespace"], claim, modes[volume["name"]]))
    assert mounted == wanted
    assert (
        claims == kept == {(space, name, "ReadOnlyMany" if reads else "ReadWriteMany") for space, name, reads in wanted}
    )


def _granted(found: Graph, name: str) -> dict[str, set[str]]:
    """Bucket -> what the service's role may do with it and with its key."""
    granted: dict[str, set[str]] = {}
    for policy in found.of_type("aws_iam_role_policy"):
        if not policy.address.endswith(f".{name}"):
            continue
        for statement in policy.body["policy"]["Statement"]:
            for ref in refs(statement["Resource"]):
                granted.setdefault(ref.to.rpartition(".")[2], set()).update(statement["Action"])
    return granted
