"""What a release comes to, and that what looks at a new version tells a bad one from a good one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import descriptions
import promtool
from seawall.components.alert import Series
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError

PLATFORM = """
edge: {{}}
monitoring: {{}}
components:
  api:
    kind: service
    image: api
    framework: {framework}
    scale: {{replicas: 2..10, cpu: 70 %}}
    release: {release}
    expose: {{host: www.shop.example, paths: [/api]}}
{more}"""
RELEASE = "{canary: [10, 50], pause: 30 s}"
ROLLOUT, TEMPLATE = "argoproj.io/v1alpha1/Rollout", "argoproj.io/v1alpha1/AnalysisTemplate"
NEW, OLD = "7c9d8", "5b6f4"


def _graph(release: str = RELEASE, framework: str = "spring", more: str = "") -> Graph:
    exported = "    metrics: {exporter: http}\n" if framework == "plain" else ""
    return descriptions.graph(PLATFORM.format(framework=framework, release=release, more=exported) + more)


def _metrics(found: Graph) -> dict[str, dict[str, Any]]:
    template = descriptions.named(found, TEMPLATE, "api").body["spec"]
    assert template["args"] == [{"name": "version"}]
    return {metric["name"]: metric for metric in template["metrics"]}


def _query(name: str, framework: str = "spring") -> str:
    metric = _metrics(_graph(framework=framework))[name]
    return str(metric["provider"]["prometheus"]["query"]).replace("{{args.version}}", NEW)


def _served(version: str, status: str, values: str, **more: str) -> Series:
    """Requests of one pod of a version, as Micrometer counts them."""
    labels = {"namespace": "shop", "pod": f"api-{version}-x1", "rollouts_pod_template_hash": version, **more}
    labels = {"uri": "/api", "status": status, **labels}
    return Series(f"http_server_requests_seconds_count{{{_spelled(labels)}}}", values)


def _taking(version: str, seconds: float, values: str) -> list[Series]:
    """Requests that all took so long."""
    labels = {"namespace": "shop", "rollouts_pod_template_hash": version, "uri": "/api", "status": "200"}
    found = [Series(f"http_server_requests_seconds_count{{{_spelled(labels)}}}", values)]
    for bound in ("0.5", "1.0", "2.0", "5.0", "+Inf"):
        within = values if float(bound) >= seconds else "0x10"
        buckets = {**labels, "le": bound}
        found.append(Series(f"http_server_requests_seconds_bucket{{{_spelled(buckets)}}}", within))
    return found


def _spelled(labels: dict[str, str]) -> str:
    return ",".join(f'{key}="{value}"' for key, value in labels.items())


# -- what is written -----------------------------------------------------------------------------------------------


def test_a_new_version_is_looked_at_from_its_first_requests_on() -> None:
    """The analysis begins when the first weight is set, and is told which pods are the new ones."""
    canary = descriptions.named(_graph(), ROLLOUT, "api").body["spec"]["strategy"]["canary"]
    assert canary["analysis"] == {
        "templates": [{"templateName": "api"}],
        "startingStep": 1,
        "args": [{"name": "version", "valueFrom": {"podTemplateHashValue": "Latest"}}],
    }
    assert "setWeight" in canary["steps"][0]


def test_whatever_is_asked_is_asked_of_the_new_version_alone() -> None:
    """No query could be answered by a pod of the stable version, or of another service or namespace."""
    for metric in _metrics(_graph()).values():
        query = metric["provider"]["prometheus"]["query"]
        selectors = query.split("{", 1)[1:] and [part.split("}")[0] for part in query.split("{namespace")[1:]]
        assert selectors
        assert query.count("{{args.version}}") == len(selectors)
        assert all(selector.startswith('="shop"') for selector in selectors)


def test_a_bad_version_is_stopped_within_its_first_step() -> None:
    """One look at too many failures is enough, and there are looks before the first pause is over."""
    errors = _metrics(_graph())["errors"]
    assert errors["failureLimit"] == 0
    assert errors["interval"] == "10s"
    with pytest.raises(InputError, match="each step of api's release lasts 20 s"):
        _graph("{canary: [10], pause: 20 s}")


def test_a_version_that_never_gets_ready_is_taken_back() -> None:
    """Pods that do not start are no reason to wait for ever; slow ones have their time."""
    spec = descriptions.named(_graph(), ROLLOUT, "api").body["spec"]
    assert spec["progressDeadlineAbort"] is True
    assert spec["progressDeadlineSeconds"] > 60


def test_pods_of_either_version_outlast_the_last_requests_to_them() -> None:
    """Whether it is promoted or aborted, the load balancer first stops sending, then the pods go."""
    canary = descriptions.named(_graph(), ROLLOUT, "api").body["spec"]["strategy"]["canary"]
    assert canary["scaleDownDelaySeconds"] >= 40
    assert canary["abortScaleDownDelaySeconds"] >= 40


@pytest.mark.parametrize(
    ("release", "more", "errors", "latency"),
    [
        (RELEASE, "", "0.01", "2"),
        (RELEASE, "claims: {availability: 99.5 %}\n", "0.005", "2"),
        (RELEASE, "claims: {latency: {p99: 700 ms}}\n", "0.01", "0.7"),
        ("{canary: [10], analysis: {errors: 3 %, latency: 500 ms}}", "claims: {availability: 99 %}\n", "0.03", "0.5"),
    ],
)
def test_limits_are_what_is_said_else_what_is_claimed(release: str, more: str, errors: str, latency: str) -> None:
    """A release may do no worse than the promise that it is made under, unless it says otherwise."""
    metrics = _metrics(_graph(release, more=more))
    assert metrics["errors"]["successCondition"] == f"len(result) == 0 || isNaN(result[0]) || result[0] <= {errors}"
    assert metrics["latency"]["successCondition"] == f"len(result) == 0 || isNaN(result[0]) || result[0] <= {latency}"


def test_what_is_not_measured_waits_for_a_person() -> None:
    """Pods that Prometheus does not reach are neither good nor bad: the release pauses."""
    measured = _metrics(_graph())["measured"]
    assert measured["successCondition"] == "len(result) > 0"
    assert measured["failureCondition"] == "false"
    assert measured["inconclusiveLimit"] == 2


def test_of_an_nginx_only_restarts_are_known() -> None:
    """Its exporter counts requests and not how they ended, so nothing is made up about them."""
    assert set(_metrics(_graph(framework="nginx"))) == {"measured", "restarts"}


def test_of_pods_that_tell_nothing_nothing_is_wanted() -> None:
    """A plain service that is not said to export anything is judged by its restarts, and does not wait for ever."""
    text = PLATFORM.format(framework="plain", release=RELEASE, more="")
    assert set(_metrics(descriptions.graph(text))) == {"restarts"}


@pytest.mark.parametrize("release", ["{canary: [10], analysis: null}", "{canary: [10], analysis: null, pause: 5 s}"])
def test_a_release_may_go_unseen_if_it_says_so(release: str) -> None:
    """Null is no analysis, and then a step may be as short as one likes."""
    found = _graph(release)
    assert not list(found.of_type(TEMPLATE))
    assert "analysis" not in descriptions.named(found, ROLLOUT, "api").body["spec"]["strategy"]["canary"]


def test_a_release_brings_what_carries_it_out() -> None:
    """However the add-ons are chosen: without its controller nobody would make a single pod."""
    cluster = "  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}\n  addons: [external-secrets]\n"
    released = f"components: {{api: {{kind: service, image: api, release: {RELEASE}}}}}"
    found = descriptions.on_cluster(cluster, released)
    descriptions.named(found, "argoproj.io/v1alpha1/Application", "argo-rollouts")


def test_without_a_prometheus_nobody_is_asked() -> None:
    """A template that asks a server that is not there would take every version back."""
    text = PLATFORM.format(framework="spring", release=RELEASE, more="").replace("monitoring: {}\n", "")
    found = descriptions.graph(text)
    assert not list(found.of_type(TEMPLATE))


def test_limits_that_nobody_could_look_at_are_refused() -> None:
    """Whoever says when a version is bad expects that somebody looks."""
    text = PLATFORM.format(framework="spring", release="{canary: [10], analysis: {errors: 2 %}}", more="")
    with pytest.raises(InputError, match="there is no Prometheus to ask"):
        descriptions.graph(text.replace("monitoring: {}\n", ""))


# -- what the queries say ------------------------------------------------------------------------------------------


@pytest.mark.needs("promtool")
def test_a_bad_version_is_told_by_its_own_requests(tmp_path: Path) -> None:
    """Of the new version half fail and of the stable one none: the share is the new one's."""
    served = [_served(NEW, "200", "10x10"), _served(NEW, "500", "10x10"), _served(OLD, "200", "0+600x10")]
    promtool.values(tmp_path, _query("errors"), served, 1, [0.5])


@pytest.mark.needs("promtool")
def test_a_bad_version_is_told_from_the_first_scrape_on(tmp_path: Path) -> None:
    """Nothing has to rise first: what stands on a new pod's counters is the new version's."""
    served = [_served(NEW, "503", "40")]
    promtool.values(tmp_path, _query("errors"), served, 0, [1])


@pytest.mark.needs("promtool")
def test_a_good_version_beside_a_bad_stable_one_is_good(tmp_path: Path) -> None:
    """A cure is judged by what it does itself."""
    served = [_served(NEW, "200", "500x10"), _served(OLD, "500", "0+600x10")]
    promtool.values(tmp_path, _query("errors"), served, 5, [])


@pytest.mark.needs("promtool")
def test_nothing_is_concluded_from_one_failure_or_from_none(tmp_path: Path) -> None:
    """Two failed requests of two are no share yet, and no request is no failure."""
    promtool.values(tmp_path, _query("errors"), [_served(NEW, "500", "2x10")], 5, [])
    promtool.values(tmp_path, _query("errors"), [_served(OLD, "500", "0+60x10")], 5, [])


@pytest.mark.needs("promtool")
def test_probes_are_no_requests(tmp_path: Path) -> None:
    """Neither do good answers about health thin failures out, nor do bad ones count."""
    probed = _served(NEW, "200", "900x10", uri="/actuator/health/liveness")
    served = [probed, _served(NEW, "500", "5x10"), _served(NEW, "200", "5x10")]
    promtool.values(tmp_path, _query("errors"), served, 5, [0.5])


@pytest.mark.needs("promtool")
def test_a_slow_version_is_told_once_there_is_enough_to_tell(tmp_path: Path) -> None:
    """Of fifty requests that take between two and five seconds the slowest twentieth takes nearly five."""
    query = _query("latency").replace("[1m]", "[2m]")  # series of tests have a value a minute
    promtool.values(tmp_path, query, _taking(NEW, 3, "0+100x10"), 5, [4.85])
    promtool.values(tmp_path, query, _taking(NEW, 3, "0+4x10"), 5, [])
    promtool.values(tmp_path, query, _taking(OLD, 3, "0+100x10"), 5, [])


@pytest.mark.needs("promtool")
def test_a_version_that_was_slow_at_first_only_is_good(tmp_path: Path) -> None:
    """What a process took for its first requests is not held against it once it is warm."""
    query = _query("latency").replace("[1m]", "[2m]")
    served = [
        Series(each.series, "0x3 100+100x9" if each.values == "0x10" else "0+100x13")
        for each in _taking(NEW, 3, "0+100x13")
    ]
    promtool.values(tmp_path, query, served, 3, [4.85])
    promtool.values(tmp_path, query, served, 9, [0.475])


@pytest.mark.needs("promtool")
def test_a_plain_service_is_told_by_its_own_metrics(tmp_path: Path) -> None:
    """Statuses may be whole or grouped as 5xx; health and metrics do not count."""
    labels = f'namespace="shop",rollouts_pod_template_hash="{NEW}"'
    served = [
        Series(f'http_requests_total{{{labels},handler="/users",status="5xx"}}', "30x10"),
        Series(f'http_requests_total{{{labels},handler="/users",status="200"}}', "70x10"),
        Series(f'http_requests_total{{{labels},handler="/health",status="200"}}', "900x10"),
    ]
    promtool.values(tmp_path, _query("errors", "plain"), served, 5, [0.3])


@pytest.mark.needs("promtool")
def test_a_restart_of_a_new_pod_counts_and_one_of_an_old_pod_does_not(tmp_path: Path) -> None:
    """A container that is killed for its memory starts anew and answers well for a while; it is bad all the same."""

    def started(version: str, values: str) -> Series:
        labels = {"namespace": "shop", "pod": f"api-{version}-x1", "container": "api"}
        return Series(f"kube_pod_container_status_restarts_total{{{_spelled(labels)}}}", values)

    promtool.values(tmp_path, _query("restarts"), [started(NEW, "0 1x10"), started(OLD, "0x10")], 5, [1])
    promtool.values(tmp_path, _query("restarts"), [started(NEW, "0x10"), started(OLD, "3x10")], 5, [0])


@pytest.mark.needs("promtool")
def test_a_version_is_measured_if_any_of_its_pods_answers(tmp_path: Path) -> None:
    """Whether Prometheus reaches the stable version's pods says nothing of the new ones."""

    def reached(version: str, value: str) -> Series:
        return Series(f'up{{namespace="shop",rollouts_pod_template_hash="{version}"}}', value)

    promtool.values(tmp_path, _query("measured"), [reached(NEW, "1x10"), reached(OLD, "1x10")], 5, [1])
    promtool.values(tmp_path, _query("measured"), [reached(NEW, "0x10"), reached(OLD, "1x10")], 5, [])
