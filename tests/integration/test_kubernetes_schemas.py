"""The hand-written cluster, and the check itself, against the schemas of Kubernetes 1.36 and of the controllers."""

from __future__ import annotations

from pathlib import Path

import pytest

import kubernetes_cluster
from kubernetes_round_trip import read_back, write
from kubernetes_schemas import problems

pytestmark = pytest.mark.needs("kubectl", "kubernetes-validate")


def _built(folder: Path) -> list[dict[str, object]]:
    overlay = write(folder, kubernetes_cluster.Environment(), kubernetes_cluster.graph())
    from seawall.kernel.value import map_leaves

    graph = read_back(overlay, kubernetes_cluster.CLUSTER)
    return [map_leaves(dict(resource.body), lambda leaf: leaf if _plain(leaf) else str(leaf)) for resource in graph]


def _plain(leaf: object) -> bool:
    return leaf is None or isinstance(leaf, str | int | float)


def test_built_manifests_are_strictly_valid(tmp_path: Path) -> None:
    """What Kustomize builds from our files passes the strict schemas of Kubernetes 1.36."""
    refused, unchecked = problems(_built(tmp_path))
    assert refused == []
    assert unchecked == {
        "argoproj.io/v1alpha1/Application",
        "argoproj.io/v1alpha1/Rollout",
        "external-secrets.io/v1/ClusterSecretStore",
        "external-secrets.io/v1/ExternalSecret",
    }


@pytest.mark.needs("reference")
def test_built_custom_resources_are_strictly_valid(tmp_path: Path, reference: Path) -> None:
    """What Kustomize builds passes the controllers' own schemas, too, and nothing goes unchecked."""
    assert problems(_built(tmp_path), reference / "schemas" / "crds") == ([], set())


def test_the_check_sees_a_misspelled_field() -> None:
    """The schemas are strict: a field that the API does not know is refused."""
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"port": []}}
    refused, _ = problems([body])
    assert len(refused) == 1
    assert "port" in refused[0]
