"""Grafana's dashboards: each is laid out whole, asks in PromQL, and says what a platform lacks for it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import promql_parser
import pytest

import descriptions
import platforms
import prerequisites
import promtool
from seawall.cli.input import load_platform
from seawall.components.alert import Series
from seawall.components.dashboards import grafana, registry
from seawall.components.dashboards.layout import document
from seawall.components.dashboards.panel import COLUMNS, Dashboard, Panel, Query, Row
from seawall.components.dashboards.sources import datasources
from seawall.components.scope import Scope
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.model.platform import Platform
from seawall.readers.kubernetes.promql import of_grafana

SHIPPED = {
    ("petclinic", "production"): (
        "system",
        "aws",
        "jvm",
        "nodes",
        "cost",
        "dr-status",
        "sessions",
        "rds-backup",
    ),
    ("pingvas", "shared"): ("generation", "infrastructure", "business", "gpu"),
}
CASES = [pytest.param(place, name, id=name) for place, names in SHIPPED.items() for name in names]
UNITS = {
    "Bps",
    "bytes",
    "celsius",
    "cpm",
    "cps",
    "currencyUSD",
    "iops",
    "none",
    "ops",
    "percent",
    "percentunit",
    "pps",
    "reqps",
    "s",
    "short",
    "watt",
}
"""Grafana's names of units: packages/grafana-data/src/valueFormats/categories.ts of grafana/grafana at v11.4.0."""


def scope(platform: Platform) -> Scope:
    """The section that dashboards are chosen in."""
    return Scope(platform, "monitoring", platform.region)


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[str, Any]]:
    """Every shipped dashboard by name, as Grafana loads it: what stands in the ConfigMaps of the platforms."""
    found: dict[str, dict[str, Any]] = {}
    for name, environment in SHIPPED:
        _, graph = platforms.shipped(name, environment)
        home = [each for each in written(graph) if each[0].partition("/")[0] == f"{name}-{environment}"]
        for address, data in home:
            [content] = data.values()
            found[address.rpartition("dashboard-")[2]] = json.loads(content)
    return found


def written(graph: Graph) -> Iterator[tuple[str, dict[str, str]]]:
    """The ConfigMaps that Grafana's sidecar finds."""
    for resource in graph.of_type("v1/ConfigMap"):
        if resource.body["metadata"]["labels"].get("grafana_dashboard") == "1":
            yield resource.address, resource.body["data"]


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels that ask for something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def test_the_twelve_dashboards_are_there(shipped: dict[str, dict[str, Any]]) -> None:
    """Eight of petclinic and four of pingvas, and none is known that no platform shows."""
    assert set(shipped) == {name for names in SHIPPED.values() for name in names}
    assert set(registry.known()) == set(shipped)
    uids = [dashboard["uid"] for dashboard in shipped.values()]
    assert len(set(uids)) == len(uids)
    assert all(len(uid) <= 40 for uid in uids)


@pytest.mark.parametrize(("place", "name"), CASES)
def test_panels_fill_the_grid_and_do_not_overlap(
    shipped: dict[str, dict[str, Any]], place: tuple[str, str], name: str
) -> None:
    """Every cell belongs to one panel, ids are unique, and each row's heading has something below it."""
    taken: dict[tuple[int, int], str] = {}
    found = shipped[name]["panels"]
    for panel in found:
        at = panel["gridPos"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert (x, y) not in taken, (panel["title"], taken.get((x, y)))
                taken[x, y] = panel["title"]
    assert {x for x, _ in taken} == set(range(COLUMNS))
    assert len(taken) == COLUMNS * (1 + max(y for _, y in taken))
    assert len({panel["id"] for panel in found}) == len(found)
    kinds = [panel["type"] for panel in found]
    assert kinds[0] == "row"
    assert kinds[-1] != "row"
    assert ("row", "row") not in list(pairwise(kinds))


@pytest.mark.parametrize(("place", "name"), CASES)
def test_every_panel_asks_in_promql_and_has_a_unit(
    shipped: dict[str, dict[str, Any]], place: tuple[str, str], name: str
) -> None:
    """Queries parse as they stand, have letters of their own, ask Prometheus, and numbers say what they count."""
    for panel in panels(shipped[name]):
        letters = [target["refId"] for target in panel["targets"]]
        assert letters == sorted(set(letters)), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        for target in panel["targets"]:
            promql_parser.parse(target["expr"])
            assert target["datasource"] == {"type": "prometheus", "uid": "prometheus"}
            assert target["instant"] != target["range"]


@pytest.mark.parametrize(("place", "name"), CASES)
def test_every_variable_is_used_and_every_used_one_is_there(
    shipped: dict[str, dict[str, Any]], place: tuple[str, str], name: str
) -> None:
    """What people choose at the top changes something, and no query waits for what nobody can choose."""
    queries = " ".join(target["expr"] for panel in panels(shipped[name]) for target in panel["targets"])
    declared = {variable["name"] for variable in shipped[name]["templating"]["list"]}
    for variable in declared:
        assert f'"${variable}"' in queries
        queries = queries.replace(f'"${variable}"', '""')
    assert "$" not in queries
    assert "$" not in of_grafana(queries)


@pytest.mark.needs("grafana-foundation-sdk")
@pytest.mark.parametrize(("place", "name"), CASES)
def test_a_dashboard_is_of_grafana_s_schema(
    shipped: dict[str, dict[str, Any]], place: tuple[str, str], name: str
) -> None:
    """Read by Grafana's own types and written again it is the same: no field is of another name or shape."""
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models.dashboard import Dashboard as Known

    register_default_plugins()
    back = json.loads(JSONEncoder(sort_keys=False).encode(Known.from_json(shipped[name])))
    assert list(_lost(shipped[name], back, name)) == []


def _lost(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(ours, dict):
        for key, value in ours.items():
            if key in theirs:
                yield from _lost(value, theirs[key], f"{path}.{key}")
            elif value not in (None, [], {}, ""):
                yield f"{path}.{key}"
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            yield path
        for number, pair in enumerate(zip(ours, theirs, strict=False)):
            yield from _lost(*pair, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} is {theirs!r}"


def test_claims_are_drawn_beside_what_is_measured(shipped: dict[str, dict[str, Any]]) -> None:
    """The claims of the description as numbers, and the newest copy's age with the claim as its threshold."""
    by_title = {panel["title"]: panel for panel in panels(shipped["dr-status"])}
    claimed = by_title["Loss of the region: loses at most"]["targets"][0]["expr"]
    assert claimed == "vector(86400)"
    age = by_title["The newest copy's age"]
    assert "kube_cronjob_status_last_successful_time" in age["targets"][0]["expr"]
    assert [step["value"] for step in age["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, 86400.0]


def test_thresholds_are_those_of_the_documents(shipped: dict[str, dict[str, Any]]) -> None:
    """More than 1,000 sessions, a queue of 100, jobs of 60 s, nodes at 90 %, 80 degrees, five restarts."""
    wanted = [
        ("sessions", "Sessions", 1000),
        ("generation", "Waiting jobs", 100),
        ("generation", "The slowest hundredth of jobs", 60),
        ("infrastructure", "Busiest node", 0.9),
        ("infrastructure", "Most restarts in an hour", 5),
        ("gpu", "Warmest", 80),
    ]
    for name, title, value in wanted:
        [panel] = [
            panel for panel in panels(shipped[name]) if panel["title"] == title and panel["type"] in ("stat", "gauge")
        ]
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert steps[-1] == {"color": "red", "value": value}, title


@pytest.mark.parametrize("name", sorted(set(registry.known()) - {"nodes", "infrastructure"}))
def test_a_dashboard_of_what_the_platform_lacks_is_refused(name: str) -> None:
    """A dead dashboard is worse than none: the message says what is missing and what to do."""
    # What exports AWS's metrics comes with Prometheus itself.
    platform = descriptions.platform(descriptions.FRAME + ("" if name == "aws" else "monitoring: {}\n"))
    with pytest.raises(InputError) as raised:
        registry.known()[name](Scope(platform, "cluster", platform.region))
    assert f"dashboard {name}" in str(raised.value)
    assert "monitoring.dashboards" in str(raised.value)


def test_an_unknown_dashboard_is_refused_with_those_that_are_known() -> None:
    """The message names them."""
    with pytest.raises(InputError, match="no dashboard weather") as raised:
        descriptions.graph("monitoring: {dashboards: [weather]}\n")
    assert "sessions" in str(raised.value)


def test_a_lone_panel_joins_the_line_above() -> None:
    """Five figures share a line, and what is left of it goes to the last."""
    figures = tuple(Panel(f"figure {number}", "short", (Query("up"),), "stat") for number in range(5))
    lines = document(Dashboard("u", "t", (Row("r", figures),)))["panels"][1:]
    assert [panel["gridPos"]["w"] for panel in lines] == [5, 5, 5, 5, 4]
    assert len({panel["gridPos"]["y"] for panel in lines}) == 1


def test_a_panel_without_a_query_or_too_wide_is_an_error() -> None:
    """Neither would be seen before somebody opened the dashboard."""
    for panel in (Panel("none", "short", ()), Panel("wide", "short", (Query("up"),), width=25)):
        with pytest.raises(ValueError, match=panel.title):
            document(Dashboard("u", "t", (Row("r", (panel,)),)))


# -- what queries come to, as Prometheus itself answers them -------------------------------------------------------

NODE = 'node="n1",instance="n1",instance_type="t3.medium"'
WAS = 'namespace="petclinic",pod="was-1",container="was",node="n1",instance="n1"'
JOB = 'namespace="petclinic",job_name="recovery-29000001"'
KEYS = 'job="sessions",db="db0",key="spring:session:sessions:*"'
FIGURES = {
    # Ten GiB at 0.0001 USD an hour and GiB.
    ("cost", "Volumes"): (
        730 * 10 * 0.0001,
        {'pv_hourly_cost{persistentvolume="v"}': "0.0001x10",
         'kube_persistentvolume_capacity_bytes{persistentvolume="v"}': "10737418240x10"},
    ),
    # Half a processor and a GiB, of a node that costs 0.05 USD an hour.
    ("cost", "Asked for by nobody"): (
        1 - (0.5 * 0.02 + 1 * 0.003) / 0.05,
        {f"container_cpu_allocation{{{WAS}}}": "0.5x10",
         f"container_memory_allocation_bytes{{{WAS}}}": "1073741824x10",
         f"node_cpu_hourly_cost{{{NODE}}}": "0.02x10",
         f"node_ram_hourly_cost{{{NODE}}}": "0.003x10",
         f"node_total_hourly_cost{{{NODE}}}": "0.05x10"},
    ),
    # The finished pod of a job is not ready, and nobody waits for it.
    ("system", "Pods that are not ready"): (
        1,
        {'kube_pod_status_ready{namespace="a",pod="was",condition="false"}': "1x10",
         'kube_pod_status_phase{namespace="a",pod="was",phase="Running"}': "1x10",
         'kube_pod_status_phase{namespace="a",pod="was",phase="Succeeded"}': "0x10",
         'kube_pod_status_ready{namespace="a",pod="job",condition="false"}': "1x10",
         'kube_pod_status_phase{namespace="a",pod="job",phase="Running"}': "0x10",
         'kube_pod_status_phase{namespace="a",pod="job",phase="Succeeded"}': "1x10"},
    ),
    ("dr-status", "The newest copy's age"): (
        600, {'kube_cronjob_status_last_successful_time{namespace="petclinic",cronjob="recovery"}': "0x10"}
    ),
    ("rds-backup", "The last one took"): (
        600,
        {f"kube_job_status_start_time{{{JOB}}}": "300x10", f"kube_job_status_completion_time{{{JOB}}}": "900x10"},
    ),
    # Ten more a minute, while sixty a minute end; the replica has what the primary has, and expires nothing.
    ("sessions", "Created"): (
        10 / 60 + 1,
        {f'redis_keys_count{{{KEYS},pod="sessions-0"}}': "100+10x10",
         f'redis_keys_count{{{KEYS},pod="sessions-1"}}': "100+10x10",
         'redis_expired_keys_total{job="sessions",pod="sessions-0"}': "0+60x10",
         'redis_expired_keys_total{job="sessions",pod="sessions-1"}': "0x10"},
    ),
    # Of two pods that tell the same length, one counts; of two namespaces, both.
    ("generation", "Waiting jobs"): (
        50,
        {'redis_queue_length{namespace="prod",queue="generations",pod="a"}': "30x10",
         'redis_queue_length{namespace="prod",queue="generations",pod="b"}': "30x10",
         'redis_queue_length{namespace="dev",queue="generations",pod="c"}': "20x10"},
    ),
}  # fmt: skip


@pytest.mark.needs("promtool")
@pytest.mark.parametrize(("name", "title"), list(FIGURES))
def test_a_figure_means_what_it_says(shipped: dict[str, dict[str, Any]], tmp_path: Path, name: str, title: str) -> None:
    """Prometheus' own answer to the panel's query, for series of which the answer is known."""
    expected, given = FIGURES[name, title]
    query = next(panel["targets"][0]["expr"] for panel in panels(shipped[name]) if panel["title"] == title)
    series = [Series(labels, values) for labels, values in given.items()]
    promtool.values(tmp_path, query.replace("$namespace", ".*"), series, 10, [expected])


@pytest.mark.needs("promtool")
def test_prometheus_itself_takes_every_query(shipped: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """Its own parser, which also minds types."""
    queries = [target["expr"] for name in shipped for panel in panels(shipped[name]) for target in panel["targets"]]
    assert len(queries) > 150
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.json").write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    run = subprocess.run(
        [str(prerequisites.program("promtool")), "check", "rules", "queries.json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


# -- Grafana itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "environment"), list(SHIPPED))
def test_grafana_keeps_no_secret_and_lets_nobody_in_unasked(name: str, environment: str) -> None:
    """No value that is a password, no anonymous visitor, no Ingress, nothing that would have to be backed up."""
    values = grafana.values(scope(load_platform(name, environment)))
    assert "adminPassword" not in json.dumps(values)
    assert values["admin"]["existingSecret"] == grafana.ADMINISTRATOR
    ini = values["grafana.ini"]
    assert ini["auth.anonymous"] == {"enabled": False}
    assert ini["users"]["allow_sign_up"] is False
    assert ini["security"]["cookie_secure"] is True
    assert values["ingress"] == {"enabled": False}
    assert values["persistence"] == {"enabled": False}


@pytest.mark.parametrize(("name", "environment"), list(SHIPPED))
def test_whatever_asks_grafana_asks_below_its_path(name: str, environment: str) -> None:
    """It sends whoever leaves the path out elsewhere, which a kubelet takes for health and a sidecar for nothing."""
    values = grafana.values(scope(load_platform(name, environment)))
    assert values["grafana.ini"]["server"]["root_url"].endswith("/grafana/")
    asked = [values[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe")]
    asked += [values["serviceMonitor"]["path"]]
    assert all(path.startswith("/grafana/") for path in asked)
    for sidecar in ("dashboards", "datasources"):
        assert "/grafana/api/" in values["sidecar"][sidecar]["reloadURL"]


def test_sources_are_those_that_the_platform_has() -> None:
    """Loki only where logs lie there; one source is asked where none is named; panels find theirs by its uid."""
    found = {name: datasources(scope(load_platform(name, environment))) for name, environment in SHIPPED}
    assert [source["uid"] for source in found["petclinic"]] == ["prometheus", "alertmanager", "loki", "cloudwatch"]
    assert [source["uid"] for source in found["pingvas"]] == ["prometheus", "alertmanager", "cloudwatch"]
    for sources in found.values():
        assert [source["uid"] for source in sources if source["isDefault"]] == ["prometheus"]
        assert not any(source["editable"] for source in sources)


def test_grafana_reads_cloudwatch_and_changes_nothing() -> None:
    """Its role lists and reads; of logs it may search those of the pods alone."""
    _, graph = platforms.shipped("pingvas", "shared")
    policies = [
        each
        for each in graph.of_type("aws_iam_role_policy")
        if each.address.startswith("us-east-1/") and each.address.endswith(".grafana")
    ]
    [policy] = policies
    verbs = ("Describe", "Get", "List", "StartQuery", "StopQuery")
    for statement in policy.body["policy"]["Statement"]:
        assert all(action.partition(":")[2].startswith(verbs) for action in statement["Action"])
        if statement["Resource"] == ["*"]:
            assert "aws:RequestedRegion" in statement["Condition"]["StringEquals"]
            assert "logs:GetLogEvents" not in statement["Action"]
