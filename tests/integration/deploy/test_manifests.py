"""The Kubernetes half of `up` and `down`: filled in, built by the real kubectl, applied to an API server that plays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import api_server
import deploy_platform
from deploy_platform import REGION, Described
from fake_cloud import FakeCloud, fake_cloud
from seawall.deploy import manifests
from seawall.deploy.down import down
from seawall.deploy.rendered import Rendered
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, text
from seawall.render.kubernetes import files as kubernetes_files
from seawall.render.terraform import files as terraform_files

pytestmark = pytest.mark.needs("kubectl", "emulator")
TOPIC = Address.terraform(REGION, "data", "aws_sns_topic.alarms")
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/was"


def _object(version: str, kind: str, name: str, cluster: str = "main", **rest: Any) -> Resource:
    metadata = {"name": name} if kind == "Namespace" else {"name": name, "namespace": "shop"}
    namespace = metadata.get("namespace", "")
    body = {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
    return Resource(Address.kubernetes(cluster, kind, namespace, name), f"{version}/{kind}", body)


def _rendered() -> Rendered:
    """The small platform with a workload that reads a topic's ARN, alone and within a text."""
    environment = [
        {"name": "TOPIC", "value": Ref(TOPIC, "arn")},
        {"name": "URL", "value": text("sns:", Ref(TOPIC, "arn"), "?x=${HOME}")},
    ]
    container = {"name": "was", "image": "was:1", "env": environment}
    labels = {"app": "was"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    objects = [_object("v1", "Namespace", "shop"), _object("apps/v1", "Deployment", "was", spec=spec)]
    graph = Graph([*deploy_platform.graph(), *objects])
    described = Described()
    files = [*terraform_files.files(described, graph), *kubernetes_files.files(described, graph)]
    return Rendered.of_graph(files, graph)


@pytest.fixture
def cloud(tmp_path: Path) -> FakeCloud:
    """A fake AWS with a state bucket."""
    return fake_cloud(tmp_path / "world", f"tiny-terraform-state-{REGION}")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace on it."""
    return Workplace(tmp_path / ".seawall", "tiny", "test", "aws")


def test_manifests_are_filled_applied_waited_for_and_taken_away(
    cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """Every reference holds the stack's output when kubectl applies it; `down` deletes the objects first."""
    with api_server.serving() as server:
        kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
        result = up(_rendered(), place, cloud, kubeconfig=kubeconfig)
        assert result.manifests.applied
        assert result.manifests.objects == 2
        (container,) = server.objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"]
        value = "value of sns_topic_alarms_arn"
        assert [one["value"] for one in container["env"]] == [value, f"sns:{value}?x=${{HOME}}"]
        asked = [request for request in server.requests if "deployments" in request]
        assert asked[0] == f"PATCH {DEPLOYMENT}"
        assert f"GET {DEPLOYMENT}" in asked, "nobody waited for it to be rolled out"
        down(_rendered(), place, cloud, kubeconfig=kubeconfig)
        assert server.objects == {}
    out = b"".join(path.read_bytes() for path in place.out.rglob("outputs.yaml"))
    assert b"value of" not in out, "what ships was filled in"


def test_each_cluster_gets_its_own(cloud: FakeCloud, place: Workplace, tmp_path: Path) -> None:
    """Of several clusters each gets its own objects and no other's, through the context that has its name."""
    graph = Graph(
        [*deploy_platform.graph(), *(_object("v1", "ConfigMap", name, cluster=name) for name in ("near", "far"))]
    )
    described = Described()
    files = [*terraform_files.files(described, graph), *kubernetes_files.files(described, graph)]
    rendered = Rendered.of_graph(files, graph)
    with api_server.serving() as near, api_server.serving() as far:
        kubeconfig = api_server.kubeconfig(tmp_path / "kubeconfig", near=near, far=far)
        assert up(rendered, place, cloud, kubeconfig=kubeconfig).manifests.applied
        there = {name: list(server.objects) for name, server in (("near", near), ("far", far))}
        assert there == {name: [f"/api/v1/namespaces/shop/configmaps/{name}"] for name in there}
        down(rendered, place, cloud, kubeconfig=kubeconfig)
        assert (near.objects, far.objects) == ({}, {})


def test_without_a_cluster_they_are_built_and_checked(cloud: FakeCloud, place: Workplace) -> None:
    """Where there is no cluster the result says so, and how many objects were held against their schema."""
    result = up(_rendered(), place, cloud)
    assert result.manifests == manifests.Applied(2, 2, False, "no cluster: the platform has none")


@pytest.mark.needs("kubernetes-validate")
def test_a_manifest_that_fits_no_schema_is_named() -> None:
    """A wrong field is refused with the object's name before anything is applied."""
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
    assert manifests.check([config], "1.36") == 1
    with pytest.raises(OutsideError, match="ConfigMap settings does not fit its schema"):
        manifests.check([config | {"dada": {}}], "1.36")


def test_an_output_that_is_missing_is_named(cloud: FakeCloud, place: Workplace) -> None:
    """A value that no output holds ends the run with the reference's own text, never with an empty string."""
    rendered = _rendered()
    lost = {text: (stack, "no_such_output") for text, (stack, _) in rendered.values.items()}
    with pytest.raises(OutsideError, match=r"needs \$\{eu-west-1/data:aws_sns_topic.alarms.arn\}"):
        up(replace(rendered, values=lost), place, cloud)


INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{}/ingresses/{}"
FINALIZER = "group.ingress.k8s.aws/shop"


def _with_ingress() -> Rendered:
    """The small platform with an Ingress, which the load balancer controller has to finalize."""
    backend = {"service": {"name": "was", "port": {"number": 80}}}
    ingress = _object("networking.k8s.io/v1", "Ingress", "was", spec={"defaultBackend": backend})
    ingress.body["metadata"]["finalizers"] = [FINALIZER]
    graph = Graph([*deploy_platform.graph(), _object("v1", "Namespace", "shop"), ingress])
    described = Described()
    files = [*terraform_files.files(described, graph), *kubernetes_files.files(described, graph)]
    return Rendered.of_graph(files, graph)


def test_load_balancers_go_before_the_cluster_does(cloud: FakeCloud, place: Workplace, tmp_path: Path) -> None:
    """An Ingress is deleted first, and nothing else until its controller has finished with it."""
    with api_server.serving() as server:
        kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
        assert up(_with_ingress(), place, cloud, kubeconfig=kubeconfig).manifests.applied
        others = INGRESSES.format("elsewhere", "somebody-elses")
        server.objects[others] = {"kind": "Ingress", "metadata": {"name": "somebody-elses", "namespace": "elsewhere"}}
        down(_with_ingress(), place, cloud, kubeconfig=kubeconfig)
        ours = INGRESSES.format("shop", "was")
        ended = [request for request in server.requests if request.split()[0] in ("DELETE", "GONE")]
        assert ended[:2] == [f"DELETE {ours}", f"GONE {ours}"]
        assert "DELETE /api/v1/namespaces/shop" in ended[2:]
        # A cluster that somebody named may hold what others need.
        assert list(server.objects) == [others]


def test_in_a_cluster_of_our_own_nothing_may_keep_a_load_balancer(
    cloud: FakeCloud, place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What people put there themselves goes too: its load balancer would keep the network from being deleted."""
    with api_server.serving() as server:
        kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
        monkeypatch.setattr(manifests.kubeconfigs, "write", lambda *_: kubeconfig)
        assert up(_with_ingress(), place, cloud).manifests.applied
        strangers = INGRESSES.format("tools", "grafana")
        balancer, inside = "/api/v1/namespaces/tools/services/queue", "/api/v1/namespaces/tools/services/inside"
        for path, kind, spec in (
            (strangers, "Ingress", {}),
            (balancer, "Service", {"type": "LoadBalancer"}),
            (inside, "Service", {"type": "ClusterIP"}),
        ):
            name = path.rpartition("/")[2]
            version = "v1" if kind == "Service" else "networking.k8s.io/v1"
            metadata = {"name": name, "namespace": "tools", "uid": path}
            server.objects[path] = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
        down(_with_ingress(), place, cloud)
        assert list(server.objects) == [inside]
        deleted = [request for request in server.requests if request.startswith("DELETE")]
        first = {f"DELETE {path}" for path in (INGRESSES.format("shop", "was"), strangers, balancer)}
        assert set(deleted[:3]) == first
