"""The add-ons' charts: pinned, installed by Argo CD and nobody else, and told what the platform is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import descriptions
import prerequisites
from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.components.addons.addon import Addon, addons
from seawall.components.addons.chart import HERE, NAMESPACE, PROJECT, Chart
from seawall.components.addons.table import table
from seawall.components.expand import expand
from seawall.facts.delivery import Installed, Syncs
from seawall.graph.graph import Graph
from seawall.readers.read import facts_of

DESCRIPTION = (
    descriptions.FRAME.replace(
        '  version: "1.36"\n',
        f"""  version: "1.36"
  addons: [{", ".join(addons())}]
  node_pools: {{gpu: {{types: [g4dn.xlarge], capacity: [spot], limits: {{gpus: 4}}}}}}
""",
    )
    + "edge: {}\nlogs: {to: loki, namespaces: [shop]}\nmonitoring: {notify: {critical: [slack]}}\n"
)
APPLICATION = "argoproj.io/v1alpha1/Application"


def _charts(addon: Addon) -> list[Chart]:
    return [chart for chart in (addon.definitions, addon.chart) if chart is not None]


EVERY = [pytest.param(addon, chart, id=chart.name) for addon in addons().values() for chart in _charts(addon)]


@pytest.fixture(scope="module")
def found() -> Graph:
    """A platform with every add-on."""
    return expand(descriptions.platform(DESCRIPTION))


def _values(found: Graph, name: str) -> Any:
    return descriptions.named(found, APPLICATION, name).body["spec"]["source"]["helm"]["valuesObject"]


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, number))
    else:
        yield path, value


def test_the_page_is_current() -> None:
    """docs/addons.md is what the modules say; the page itself says how it is written anew."""
    assert (prerequisites.ROOT / "docs" / "addons.md").read_text("utf-8") == table()


def test_everything_is_installed_by_somebody() -> None:
    """An add-on without a chart is EKS's to install, and none is installed twice."""
    for addon in addons().values():
        assert (addon.chart is None) == (addon.installed is not None), addon.name


@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_a_version_is_one_version(addon: Addon, chart: Chart) -> None:
    """No range, no tag that moves, no repository that anybody on the way could change."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart.version)
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", chart.app_version)
    assert chart.repository.startswith(("https://", "oci://"))
    assert not chart.repository.endswith("/")


@pytest.mark.parametrize(("addon", "chart"), EVERY)
def test_a_module_says_where_it_was_read(addon: Addon, chart: Chart) -> None:
    """Repository and commit, in the module's own words too."""
    repository, _, commit = chart.source.partition("@")
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", repository)
    assert re.fullmatch(r"[0-9a-f]{12}", commit)
    said = importlib.import_module(f"seawall.components.addons.{addon.name.replace('-', '_')}").__doc__ or ""
    assert commit in said
    assert repository in said


def test_no_two_modules_disagree() -> None:
    """Charts of one project are read at one commit, come from one repository, and each is there at one version."""
    read: dict[str, set[str]] = {}
    at: dict[str, set[tuple[str, str]]] = {}
    for addon in addons().values():
        for chart in _charts(addon):
            repository, _, commit = chart.source.partition("@")
            read.setdefault(repository, set()).add(f"{commit} {chart.repository}")
            at.setdefault(chart.name, set()).add((chart.repository, chart.version))
    assert {name: found for name, found in read.items() if len(found) > 1} == {}
    assert {name: found for name, found in at.items() if len(found) > 1} == {}


def test_argo_cd_installs_each_chart(found: Graph) -> None:
    """One application a chart, of the one project, kept as it is written; what its kinds need comes before it."""
    facts = facts_of(found)
    installed = {fact.chart: fact for fact in facts.all(Installed)}
    assert set(installed) == {chart.name for addon in addons().values() for chart in _charts(addon)}
    for addon in addons().values():
        for chart in _charts(addon):
            fact = installed[chart.name]
            assert (fact.repository, fact.version) == (chart.url, chart.version)
            assert fact.namespace == f"shop-production/Namespace/{addon.namespace}"
            [sync] = facts.where(Syncs, of=fact.of)
            assert sync.automated
            assert sync.self_heal
            assert sync.prune
    waves = {
        each.body["metadata"]["name"]: int(each.body["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for each in found.of_type(APPLICATION)
    }
    assert waves["prometheus-operator-crds"] < min(waves["karpenter"], waves["keda"], waves["external-secrets"])
    assert waves["karpenter-crd"] < waves["karpenter"]
    # Each wave waits for the one before: Alertmanager would wait for its Secret, and that for Alertmanager.
    [secret] = [
        each.body["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0")
        for each in found.of_type("external-secrets.io/v1/ExternalSecret")
        if each.body["metadata"]["name"] == "alertmanager-receivers"
    ]
    assert waves["external-secrets"] < -3 < int(secret) < waves["prometheus"]


def test_the_project_is_as_narrow_as_its_charts(found: Graph) -> None:
    """An application of another repository, or for another namespace, is refused."""
    spec = descriptions.named(found, "argoproj.io/v1alpha1/AppProject", PROJECT).body["spec"]
    applications = [each.body["spec"] for each in found.of_type(APPLICATION)]
    assert set(spec["sourceRepos"]) == {each["source"]["repoURL"] for each in applications}
    allowed = {(each["server"], each["namespace"]) for each in spec["destinations"]}
    used = {(each["destination"]["server"], each["destination"]["namespace"]) for each in applications}
    assert used <= allowed
    assert allowed - used <= {(HERE, "kube-system")}
    assert all(each["project"] == PROJECT for each in applications)


def test_an_oci_repository_is_spelled_as_argo_cd_takes_it(found: Graph) -> None:
    """With a scheme, Argo CD would take it for an artefact of manifests instead of a registry of charts."""
    source = descriptions.named(found, APPLICATION, "karpenter").body["spec"]["source"]
    assert (source["repoURL"], source["chart"]) == ("public.ecr.aws/karpenter", "karpenter")


def test_a_chart_uses_the_account_that_has_the_rights(found: Graph) -> None:
    """Pod Identity knows a controller by its service account; a chart's own name for it would have no rights."""
    for addon in addons().values():
        if addon.chart is not None and addon.rights is not None:
            leaves = _leaves(_values(found, addon.name))
            named = [value for path, value in leaves if path[-1] == "name" and "serviceAccount" in path]
            named += [value for path, value in _leaves(_values(found, addon.name)) if path[-2:] == ("operator", "name")]
            assert addon.account in named, addon.name


def test_values_hold_nothing_but_values(found: Graph) -> None:
    """The VPC's id alone is known only after apply; nothing is unknown, and nothing is a secret."""
    for each in found.of_type(APPLICATION):
        for path, value in _leaves(each.body["spec"]["source"]["helm"]["valuesObject"]):
            plain = isinstance(value, str | int | float | bool)
            assert plain or path == ("vpcId",), (each.address, path, value)


def test_without_a_prometheus_nobody_brings_monitors() -> None:
    """A monitor is of a kind that only the operator brings: without it the chart could not be installed."""
    few = set(addons()) - {"prometheus", "opencost", "yace", "dcgm-exporter", "loki", "fluent-bit", "karpenter"}
    named = ", ".join(sorted(few - {"nvidia-device-plugin"}))
    frame = descriptions.FRAME.replace('version: "1.36"', f'version: "1.36"\n  addons: [{named}]')
    graph = expand(descriptions.platform(frame + "edge: {}\n"))
    assert "prometheus" not in {each.body["metadata"]["name"] for each in graph.of_type(APPLICATION)}
    for each in graph.of_type(APPLICATION):
        for path, value in _leaves(each.body["spec"]["source"]["helm"]["valuesObject"]):
            if path[-1] == "enabled" and {"serviceMonitor", "podMonitor"} & set(path):
                assert value is False, (each.address, path)


def test_charts_bring_argo_cd_with_them() -> None:
    """Without it nobody would install them."""
    frame = descriptions.FRAME.replace('version: "1.36"', 'version: "1.36"\n  addons: [cluster-autoscaler]')
    graph = expand(descriptions.platform(frame))
    assert {each.body["metadata"]["name"] for each in graph.of_type(APPLICATION)} == {"argo-cd", "cluster-autoscaler"}


def test_processors_are_looked_at_where_they_are(found: Graph) -> None:
    """The exporter of graphics processors lies on the same nodes as what hands them out, whatever their taints."""
    plugin, exporter = _values(found, "nvidia-device-plugin"), _values(found, "dcgm-exporter")
    for key in ("affinity", "tolerations"):
        assert plugin[key] == exporter[key]
    [term] = plugin["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["gpu"]


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_every_kind_that_a_platform_uses_is_brought_by_a_chart(name: str) -> None:
    """An object whose kind nobody defines would never be applied."""
    _, graph = shipped(name)
    charts = {chart.name: chart for addon in addons().values() for chart in _charts(addon)}
    there = {fact.chart for fact in facts_of(graph).all(Installed)}
    brought = {group for chart in there for group in charts[chart].defines}
    groups = {str(each.body["apiVersion"]).rpartition("/")[0] for each in graph if each.is_kubernetes}
    # Kubernetes' own groups have no dots, or end so.
    assert {group for group in groups - brought if "." in group and not group.endswith(".k8s.io")} == set()


def test_applications_lie_where_argo_cd_looks(found: Graph) -> None:
    """In its own namespace: it sees no other."""
    assert {each.body["metadata"]["namespace"] for each in found.of_type(APPLICATION)} == {NAMESPACE}
