"""The rendered folder: what goes where, what is refused, and that it is the same to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, DATABASE, Environment, graph, thing
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown, text
from seawall.kernel.yaml_documents import yaml_documents
from seawall.render.kubernetes.files import files
from seawall.render.kubernetes.outputs import with_outputs


def rendered(*resources: Resource) -> dict[str, bytes]:
    """The files of these objects by path."""
    return dict(files(Environment(), Graph(resources)))


def parsed(content: bytes) -> Any:
    """The one document of a file."""
    return next(yaml_documents(content.decode(), "a.yaml")).data


def config(name: str, data: dict[str, Any], **more: Any) -> Resource:
    """A ConfigMap."""
    return thing("v1", "ConfigMap", name, data=data, **more)


def test_rendering_is_the_same_to_the_byte() -> None:
    """The order in which resources come does not show, and a second time gives the same bytes."""
    resources = list(graph())
    first = dict(files(Environment(), Graph(resources)))
    assert dict(files(Environment(), Graph(reversed(resources)))) == first
    assert dict(files(Environment(), Graph(resources))) == first


def test_a_folder_a_component_and_a_file_a_kind() -> None:
    """An object lies in its component's folder, else in its namespace's, else with the cluster's own."""
    found = rendered(
        config("b", {}, labels={"app.kubernetes.io/name": "was"}),
        config("a", {}, labels={"app.kubernetes.io/name": "was"}),
        config("c", {}),
        thing("v1", "Namespace", "petclinic", namespace=""),
    )
    assert sorted(found) == [
        "kubernetes/base/cluster/kustomization.yaml",
        "kubernetes/base/cluster/namespace.yaml",
        "kubernetes/base/kustomization.yaml",
        "kubernetes/base/petclinic/configmap.yaml",
        "kubernetes/base/petclinic/kustomization.yaml",
        "kubernetes/base/was/configmap.yaml",
        "kubernetes/base/was/kustomization.yaml",
        "kubernetes/overlays/production/kustomization.yaml",
    ]
    documents = list(yaml_documents(found["kubernetes/base/was/configmap.yaml"].decode(), "a"))
    assert [document.data["metadata"]["name"] for document in documents] == ["a", "b"]
    assert parsed(found["kubernetes/base/kustomization.yaml"])["resources"] == ["cluster", "petclinic", "was"]


def test_references_are_collected_once_each() -> None:
    """Equal texts share one output; a text around a reference is an output of its own."""
    address = Ref(DATABASE, "address")
    found = rendered(config("a", {"x": address, "y": text("db=", address)}), config("b", {"x": address}))
    outputs = parsed(found["kubernetes/overlays/production/outputs.yaml"])
    assert outputs["data"] == {
        "aws_db_instance.petclinic_db.address": f"{address}",
        "aws_db_instance.petclinic_db.address.in-text": f"db={address}",
    }
    assert outputs["metadata"]["annotations"] == {"config.kubernetes.io/local-config": "true"}
    replacements = parsed(found["kubernetes/overlays/production/replacements.yaml"])
    assert [len(replacement["targets"]) for replacement in replacements] == [2, 1]


def test_two_clusters_do_not_mix() -> None:
    """Objects of two clusters have a base and an overlay each."""
    body = config("a", {}).body
    other = Resource(Address.kubernetes("dr", "ConfigMap", "petclinic", "a"), "v1/ConfigMap", body)
    found = rendered(config("a", {}), other)
    assert {path for path in found if path.endswith("overlays/production/dr/kustomization.yaml")}
    overlay = parsed(found["kubernetes/overlays/production/dr/kustomization.yaml"])
    assert overlay["resources"] == ["../../../base/dr"]
    assert f"kubernetes/base/{CLUSTER}/petclinic/configmap.yaml" in found


def test_nothing_for_a_graph_without_objects() -> None:
    """Terraform alone gives no Kubernetes files."""
    assert rendered(Resource(DATABASE, "aws_db_instance", {})) == {}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"x": Unknown("a.b", why="nobody knows")}, "a.b is unknown"),
        ({"x": text("y", Unknown("a.b"))}, "a.b is unknown"),
        ({"x": f"{Ref(DATABASE, 'address')}"}, "read back as a reference"),
        ({"x": "a\x85b"}, "U\\+0085"),
        ({"a\x7f": "b"}, "U\\+007F"),
    ],
)
def test_what_cannot_be_written_is_refused(data: dict[str, Any], says: str) -> None:
    """An Unknown, a text that looks like a reference of ours, and characters that Kustomize loses: each an error."""
    with pytest.raises(InputError, match=says):
        rendered(config("a", data))


def test_a_reference_under_a_number_is_refused() -> None:
    """Kustomize takes a key that is a number for a position, so a reference there could never be filled."""
    with pytest.raises(InputError, match="'0' means something else"):
        rendered(config("a", {"0": Ref(DATABASE, "address")}))
    assert rendered(config("a", {"0": "plain"}))


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".."])
def test_a_component_cannot_leave_its_folder(name: str) -> None:
    """A label is no way out of the rendered folder."""
    resource = config("a", {}, labels={"app.kubernetes.io/name": name})
    if name:
        with pytest.raises(InputError, match="cannot be the folder"):
            rendered(resource)
    else:
        assert "kubernetes/base/petclinic/configmap.yaml" in rendered(resource)


def test_an_overlay_without_references_needs_no_outputs(tmp_path: Path) -> None:
    """Where nothing waits for apply there is no outputs file, and writing outputs changes nothing."""
    for path, content in rendered(config("a", {})).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    overlay = tmp_path / "kubernetes" / "overlays" / "production"
    assert [path.name for path in overlay.iterdir()] == ["kustomization.yaml"]
    with_outputs(overlay, {})
    assert [path.name for path in overlay.iterdir()] == ["kustomization.yaml"]
