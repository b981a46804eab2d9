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


def _object(version: str, kind: str, name: str, **rest: Any) -> Resource:
    metadata = {"name": name} if kind == "Namespace" else {"name": name, "namespace": "shop"}
    namespace = metadata.get("namespace", "")
    body = {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
    return Resource(Address.kubernetes("main", kind, namespace, name), f"{version}/{kind}", body)


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
