"""The add-ons' charts rendered by Helm with the values that they are told: what then runs is what was meant.

Charts lie in no package registry, so this runs where somebody has them: when a version is changed, at the latest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import descriptions
from seawall.components.addons.addon import Addon, addons
from seawall.components.addons.chart import Chart
from seawall.components.expand import expand
from seawall.graph.graph import Graph
from seawall.kernel.value import Ref, map_leaves

pytestmark = pytest.mark.needs("charts")
DESCRIPTION = (
    descriptions.FRAME.replace(
        '  version: "1.36"\n',
        f"""  version: "1.36"
  addons: [{", ".join(addons())}]
  node_pools: {{gpu: {{types: [g4dn.xlarge], capacity: [spot], limits: {{gpus: 4}}}}}}
""",
    )
    + "edge: {}\nlogs: {to: loki, namespaces: [shop]}\nmonitoring: {}\n"
)
EVERY = [
    pytest.param(addon, chart, id=chart.name)
    for addon in addons().values()
    for chart in (addon.definitions, addon.chart)
    if chart is not None
]
# Mappings of the reader's own: options, labels, parts of a pod that Kubernetes defines.
FREE = {
    "affinity", "cm", "containerSecurityContext", "extraArgs", "grafana", "kube-state-metrics", "limits_config",
    "podDisruptionBudget", "podSecurityContext", "prometheus-node-exporter", "resources", "securityContext",
    "serviceMonitor", "storage",
}  # fmt: skip
# Of a container that NVIDIA or the sidecar of Grafana's chart makes, nobody is asked.
WRITABLE = {
    "exporter", "nvidia-device-plugin-ctr", "mps-control-daemon-ctr", "mps-control-daemon-mounts",
    "grafana-sc-dashboard", "grafana-sc-datasources",
}  # fmt: skip


class _Loader(yaml.CSafeLoader):
    """A definition of Prometheus' operator has `=` as a value, for which YAML 1.1 has a type of its own."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A platform with every add-on."""
    return expand(descriptions.platform(DESCRIPTION))


def _folder(chart: Chart) -> Path:
    return Path(os.environ["SEAWALL_CHARTS"]) / chart.name


def _source(graph: Graph, addon: Addon, chart: Chart) -> dict[str, Any]:
    name = addon.name if chart is addon.chart else chart.name
    body = descriptions.named(graph, "argoproj.io/v1alpha1/Application", name).body
    plain: dict[str, Any] = map_leaves(body["spec"]["source"], lambda leaf: "a" if isinstance(leaf, Ref) else leaf)
    return plain


def _rendered(graph: Graph, addon: Addon, chart: Chart) -> list[dict[str, Any]]:
    import helm_python

    helm = _source(graph, addon, chart)["helm"]
    with helm_python.Chart.load(str(_folder(chart))) as loaded:
        loaded.validate_schema(helm["valuesObject"])
        files = loaded.render(helm["valuesObject"], name=helm["releaseName"], namespace=addon.namespace)
    texts = [text for name, text in files.items() if not name.endswith("NOTES.txt")]
    return [each for text in texts for each in yaml.load_all(text, _Loader) if isinstance(each, dict)]


def _pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in objects:
        if each["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"}:
            yield f"{each['kind']} {each['metadata']['name']}", each["spec"]["template"]["spec"]


def _unknown(said: Mapping[str, Any], known: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in said.items():
        if key not in known:
            yield f"{path}{key}"
        elif key not in FREE and isinstance(value, Mapping) and isinstance(known[key], Mapping) and known[key]:
            yield from _unknown(value, known[key], f"{path}{key}.")


@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_the_chart_is_the_one_that_is_named(graph: Graph, addon: Addon, chart: Chart) -> None:
    """Its version is ours, and every key that we say is one that it has."""
    described = yaml.safe_load((_folder(chart) / "Chart.yaml").read_text())
    assert (described["name"], described["version"]) == (chart.name, chart.version)
    values = _folder(chart) / "values.yaml"
    known = yaml.safe_load(values.read_text()) if values.is_file() else None
    said = _source(graph, addon, chart)["helm"]["valuesObject"]
    assert list(_unknown(said, known or {})) == []


@pytest.mark.needs("kubernetes-validate")
@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_what_it_makes_fits_its_schemas_and_its_project(graph: Graph, addon: Addon, chart: Chart) -> None:
    """Objects of Kubernetes' own kinds are what 1.36 takes, and lie in namespaces that the project allows."""
    import kubernetes_validate as checker

    project = descriptions.named(graph, "argoproj.io/v1alpha1/AppProject", "addons").body["spec"]
    allowed = {destination["namespace"] for destination in project["destinations"]}
    objects = _rendered(graph, addon, chart)
    assert objects or chart.skips_kinds or chart is addon.definitions
    for each in objects:
        assert each["metadata"].get("namespace", addon.namespace) in allowed
        try:
            checker.validate(each, "1.36", strict=True)
        except checker.SchemaNotFoundError:
            continue


@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_its_pods_are_let_in_and_have_an_end(graph: Graph, addon: Addon, chart: Chart) -> None:
    """Each container says what it needs and where its memory ends, and is what its namespace lets in."""
    mistakes = [
        f"{where}: {mistake}"
        for where, pod in _pods(_rendered(graph, addon, chart))
        for mistake in _mistakes(pod, addon.pod_security)
    ]
    assert mistakes == []


def _mistakes(pod: Mapping[str, Any], level: str | None) -> Iterator[str]:
    whole = pod.get("securityContext") or {}
    confined = level in {"baseline", "restricted"}
    if confined and (any(pod.get(f"host{what}") for what in ("Network", "PID", "IPC")) or _hosts_files(pod)):
        yield "uses its node"
    for container in (*pod["containers"], *(pod.get("initContainers") or ())):
        name, own = container["name"], container.get("securityContext") or {}
        resources = container.get("resources") or {}
        if "memory" not in (resources.get("limits") or {}) or "cpu" not in (resources.get("requests") or {}):
            yield f"{name} says not what it needs"
        if not own.get("readOnlyRootFilesystem") and name not in WRITABLE:
            yield f"{name} may write to its root"
        if level == "restricted":
            seccomp = own.get("seccompProfile") or whole.get("seccompProfile") or {}
            fits = (
                own.get("allowPrivilegeEscalation") is False,
                "ALL" in ((own.get("capabilities") or {}).get("drop") or ()),
                own.get("runAsNonRoot", whole.get("runAsNonRoot")) is True,
                own.get("runAsUser", whole.get("runAsUser", 1)) != 0,
                seccomp.get("type") == "RuntimeDefault",
            )
            if not all(fits):
                yield f"{name} is not let in: {fits}"


def _hosts_files(pod: Mapping[str, Any]) -> bool:
    return any("hostPath" in volume for volume in pod.get("volumes") or ())


@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_its_pods_are_known_to_aws(graph: Graph, addon: Addon, chart: Chart) -> None:
    """The account that has the rights in AWS is the account of a pod."""
    if addon.rights is not None and chart is addon.chart:
        accounts = {pod.get("serviceAccountName") for _, pod in _pods(_rendered(graph, addon, chart))}
        assert addon.account in accounts
