"""What is checked is what ships: the facts of manifests survive rendering, Kustomize and reading back."""

from __future__ import annotations

from pathlib import Path

import pytest

import kubernetes_cluster
from kubernetes_round_trip import assert_round_trip, read_back, write
from seawall.ingest.manifests import kustomized
from seawall.kernel.errors import InputError
from seawall.kernel.value import is_known, refs
from seawall.readers.read import read
from seawall.render.kubernetes.outputs import needed, with_outputs

pytestmark = pytest.mark.needs("kubectl")


def test_facts_survive_the_round_trip(tmp_path: Path) -> None:
    """The facts of thirty objects of twenty kinds are the same after kubectl has built the overlay."""
    graph = kubernetes_cluster.graph()
    assert len(read(graph)) > 190
    assert_round_trip(graph, kubernetes_cluster.Environment(), tmp_path, kubernetes_cluster.CLUSTER)


def test_bodies_survive_the_round_trip(tmp_path: Path) -> None:
    """Not only the facts but every body is the same, references included."""
    graph = kubernetes_cluster.graph()
    overlay = write(tmp_path, kubernetes_cluster.Environment(), graph)
    back = read_back(overlay, kubernetes_cluster.CLUSTER)
    for resource in graph:
        assert back[resource.address].body == resource.body


def test_an_object_points_at_its_own_file(tmp_path: Path) -> None:
    """A finding about a built object names the file that a person would edit, not the overlay."""
    overlay = write(tmp_path, kubernetes_cluster.Environment(), kubernetes_cluster.graph())
    back = read_back(overlay, kubernetes_cluster.CLUSTER)
    files = {Path(resource.origin.file).resolve() for resource in back}
    assert (tmp_path / "kubernetes/base/was/rollout.yaml").resolve() in files
    assert all(file.is_file() for file in files)


def test_real_outputs_reach_every_field(tmp_path: Path) -> None:
    """After apply the overlay holds real values in every place that held a reference, and in no other."""
    graph = kubernetes_cluster.graph()
    overlay = write(tmp_path, kubernetes_cluster.Environment(), graph)
    wanted = {ref for resource in graph for ref in refs(resource.body)}
    assert set(needed(overlay)) == wanted
    values = {f"{ref.to}.{ref.attr}": f"real-{number}" for number, ref in enumerate(sorted(wanted))}
    with_outputs(overlay, values)
    assert needed(overlay) == ()
    built = {resource.address: resource for resource in kustomized(overlay, kubernetes_cluster.CLUSTER)}
    for resource in graph:
        expected = _filled(resource.body, values)
        assert built[resource.address].body == expected
        assert is_known(built[resource.address].body)


def test_a_missing_output_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Outputs that no stack has yet are named, and the overlay stays as it was."""
    overlay = write(tmp_path, kubernetes_cluster.Environment(), kubernetes_cluster.graph())
    before = (overlay / "outputs.yaml").read_bytes()
    with pytest.raises(InputError, match=r"aws_db_instance\.petclinic_db\.address"):
        with_outputs(overlay, {})
    assert (overlay / "outputs.yaml").read_bytes() == before


def _filled(value: object, values: dict[str, str]) -> object:
    from seawall.kernel.value import Ref, Text, map_leaves, render_text

    return map_leaves(
        value,
        lambda leaf: (
            render_text(leaf, lambda hole: values[f"{hole.to}.{hole.attr}"]) if isinstance(leaf, Ref | Text) else leaf
        ),
    )
