"""The law of the round trip, and the schemas, for every environment of every platform that is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path

import pytest

from kubernetes_round_trip import assert_round_trip, clusters_of, kubernetes_part, read_back, write
from kubernetes_schemas import problems
from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.graph.graph import Graph
from seawall.kernel.value import map_leaves
from seawall.model.document import read_document
from seawall.model.loader import load
from seawall.model.platform import Platform

pytestmark = pytest.mark.needs("kubectl")


def _environments() -> Iterator[tuple[str, str]]:
    for folder in sorted(Path(str(package_files("seawall.platforms"))).iterdir()):
        description = folder / "platform.yaml"
        if description.is_file():
            for environment in read_document(description).data["environments"]:
                yield folder.name, environment


ENVIRONMENTS = list(_environments())


@cache
def _expanded(name: str, environment: str) -> tuple[Platform, Graph]:
    file = Path(str(package_files("seawall.platforms"))) / name / "platform.yaml"
    platform = load(read_document(file), kinds(), environment)
    return platform, kubernetes_part(expand(platform))


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_facts_of_shipped_platforms_survive(name: str, environment: str, tmp_path: Path) -> None:
    """What is checked of a shipped platform's objects is what kubectl builds from its files."""
    platform, graph = _expanded(name, environment)
    assert len(graph) > 10
    assert_round_trip(graph, platform, tmp_path, *clusters_of(graph))


@pytest.mark.needs("kubernetes-validate")
@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_manifests_of_shipped_platforms_are_strictly_valid(name: str, environment: str, tmp_path: Path) -> None:
    """What kubectl builds of a shipped platform passes the strict schemas of Kubernetes."""
    refused, _ = problems(_built(name, environment, tmp_path))
    assert refused == []


@pytest.mark.needs("kubernetes-validate", "reference")
@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_custom_resources_of_shipped_platforms_are_valid(
    name: str, environment: str, tmp_path: Path, reference: Path
) -> None:
    """So do its custom resources, of which none but generators of secrets go unchecked for want of a schema."""
    refused, unchecked = problems(_built(name, environment, tmp_path), reference / "schemas" / "crds")
    assert refused == []
    assert unchecked <= {"generators.external-secrets.io/v1alpha1/Password"}


def _built(name: str, environment: str, folder: Path) -> list[dict[str, object]]:
    platform, graph = _expanded(name, environment)
    built = read_back(write(folder, platform, graph), *clusters_of(graph))
    return [
        map_leaves(
            dict(resource.body), lambda leaf: leaf if leaf is None or isinstance(leaf, str | int | float) else str(leaf)
        )
        for resource in built
    ]
