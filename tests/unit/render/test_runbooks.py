"""Whoever is woken finds a page, and on it what to do."""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml

import descriptions
from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.components.alarm import LONGEST_DESCRIPTION
from seawall.render.runbooks.alerts import in_words
from seawall.render.runbooks.files import files

ENVIRONMENTS = [
    pytest.param(name, environment, id=f"{name}-{environment}")
    for name, folder in reference_platforms().items()
    for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
]
ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")


@cache
def _written(name, environment):
    platform, graph = shipped(name, environment)
    return graph, {path: content.decode() for path, content in files(platform, graph)}


def _alerts(graph):
    for rules in graph.of_type("monitoring.coreos.com/v1/PrometheusRule"):
        for group in rules.body["spec"]["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_alarm_and_alert_leads_to_a_page_with_steps(name, environment):
    """What its description or annotation names is a page that is written, with at least one thing to do on it."""
    graph, pages = _written(name, environment)
    named = {
        alarm.body["alarm_name"]: alarm.body["alarm_description"].rpartition(" ")[2]
        for type in ALARMS
        for alarm in graph.of_type(type)
    } | {rule["alert"]: rule["annotations"]["runbook_url"] for rule in _alerts(graph)}
    for who, where in named.items():
        path = where[where.index("runbooks/") :]
        assert path in pages, who
        steps = re.findall(r"^\d+\. (.+)$", pages[path].partition("## What to do first")[2], re.M)
        assert steps, who
        assert all(len(step) > 20 for step in steps), who
    alone = [path for path in pages if not path.startswith("runbooks/takeover-")]
    assert len(alone) == (len(set(named.values())) + 1 if named else 0)


@pytest.mark.parametrize(("name", "site"), [("genai-demo", "tokyo"), ("pingvas", "oregon")])
def test_a_takeover_has_a_page_by_which_it_is_started_answered_and_done_by_hand(name, site):
    """Each machine's page names it, its steps in order, both ways to answer it, and every call as a command."""
    graph, pages = _written(name, None)
    for machine in graph.of_type("aws_sfn_state_machine"):
        told = machine.meta["takeover"]
        page = pages[f"runbooks/takeover-{site}-{told['move']}.md"]
        assert f"aws stepfunctions start-execution --region {machine.region}" in page
        assert machine.body["name"] in page
        assert "states:SendTaskSuccess" in page
        steps = re.findall(r"^\| (\d+) \| ([a-z0-9-]+) \|", page, re.M)
        assert steps == [(str(number), action.name) for number, action in enumerate(told["actions"], 1)]
        called = re.findall(r"^aws (\w+) ([a-z-]+) ", page.partition("## When it fails")[2], re.M)
        wanted = [(one.service, one.operation.replace("_", "-")) for one in told["actions"] if one.operation]
        assert called[1:] == wanted
        assert f"takeover-{site}-{told['move']}.md" in pages["runbooks/README.md"]


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_link_of_the_pages_leads_somewhere(name, environment):
    """Links between pages name pages that are there, and the index names each of them."""
    _, pages = _written(name, environment)
    for text in pages.values():
        for target in re.findall(r"\]\(([^)#]+\.md)\)", text):
            assert f"runbooks/{target}" in pages
    if pages:
        index = pages["runbooks/README.md"]
        for path in pages.keys() - {"runbooks/README.md"}:
            assert f"({path.removeprefix('runbooks/')})" in index


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_no_description_is_longer_than_cloudwatch_takes(name, environment):
    """PutMetricAlarm and PutCompositeAlarm take 1,024 characters."""
    graph, _ = _written(name, environment)
    for type in ALARMS:
        for alarm in graph.of_type(type):
            assert len(alarm.body["alarm_description"]) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_steps_name_what_is_there(name, environment):
    """Commands about databases, node groups, clusters and workloads name those of this very environment."""
    graph, pages = _written(name, environment)
    text = "\n".join(pages.values())
    called = {
        "--db-instance-identifier": ("aws_db_instance", "identifier"),
        "--db-cluster-identifier": ("aws_rds_cluster", "cluster_identifier"),
        "--nodegroup-name": ("aws_eks_node_group", "node_group_name"),
        "--cluster-name": ("aws_eks_cluster", "name"),
        "--replication-group-id": ("aws_elasticache_replication_group", "replication_group_id"),
    }
    for option, (type, attribute) in called.items():
        there = {str(one.body[attribute]) for one in graph.of_type(type)}
        asked = set(re.findall(rf"{option} ([\w-]+)", text))
        asked = {word for word in asked if not word.isupper() and not word.endswith("-restored")}
        assert asked <= there, option
    workloads = {
        (one.body["kind"].lower(), one.body["metadata"]["namespace"], one.body["metadata"]["name"])
        for one in graph
        if one.is_kubernetes and one.body["kind"] in ("Deployment", "StatefulSet")
    }
    for namespace, kind, one in re.findall(r"kubectl -n (\S+) rollout (?:restart|undo) (\w+)/([\w-]+)", text):
        assert (kind, namespace, one) in workloads


def test_a_page_says_when_whom_and_what_depends_on_it():
    """The condition with its periods, what silence means, who is told, and who needs the thing."""
    found = descriptions.graph(
        "edge: {}\nalerts: {email: [one@shop.example]}\ncomponents:\n"
        "  orders: {kind: database, engine: mysql, class: db.t4g.small}\n"
        "  shop: {kind: service, image: shop, needs: [orders], expose: {host: www.shop.example}}\n"
    )
    platform = descriptions.platform(descriptions.FRAME)
    text = dict(files(platform, found))["runbooks/orders-silent.md"].decode()
    assert "while SampleCount is below 1" in text
    assert "5 of 5 periods of 1 min" in text
    assert "bad: who says nothing may be gone" in text
    assert "`shop-production-alerts` in ap-northeast-2: email" in text
    assert "needed by Deployment shop" in text
    assert "--db-instance-identifier shop-production-orders" in text
    assert "**Critical.**" in text


def test_a_platform_without_alarms_has_no_page():
    """An index of nothing would only be looked at once."""
    frame = descriptions.platform(descriptions.FRAME)
    assert not list(files(frame, descriptions.expand(frame)))


def test_an_alert_s_page_says_whom_alertmanager_tells():
    """By the routes that the chart is given: what is critical goes to PagerDuty too, the watchdog to nobody here."""
    _, pages = _written("pingvas", "shared")
    severities = {
        severity: [text for path, text in pages.items() if path[9].isupper() and text.count(f"**{severity}.**")]
        for severity in ("Critical", "Warning")
    }
    assert all("- Told: PagerDuty" in text for text in severities["Critical"])
    warned = [text for text in severities["Warning"] if "# Watchdog" not in text]
    assert warned
    assert all("- Told: Slack #" in text and "- Told: PagerDuty" not in text for text in warned)
    assert "- Told: nobody by itself" in pages["runbooks/Watchdog.md"]


# Of the AWS CLI itself, with no operation of the API behind them (AWS CLI Command Reference).
OF_THE_CLI = {("logs", "tail"), ("s3", "ls"), ("eks", "update-kubeconfig")}
GLOBAL = {"region", "query", "output", "max-items", "cli-input-json"}


@cache
def _options(service, operation):
    """What an operation of AWS's API takes, as the CLI spells it; None if there is no such operation."""
    from botocore import xform_name
    from botocore.session import get_session

    model = get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return None
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): member for name, member in shape.members.items()} if shape is not None else {}
    # What is true or false may be said either way.
    return members.keys() | {f"no-{name}" for name, member in members.items() if member.type_name == "boolean"}


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_commands_are_ones_that_the_aws_cli_has(name, environment):
    """Each service, operation and option of a page is AWS's own: nobody looks up an option at three in the morning."""
    _, pages = _written(name, environment)
    seen = set()
    for text in pages.values():
        for command in re.findall(r"(?:^|[`(]|; do )aws ([^`\n]+)", text, re.M):
            # What stands in $(…) is a command of its own, and is found as one.
            own = re.sub(r"\$\([^()]*(?:\([^()]*\)[^()]*)*\)", "VALUE", command)
            service, operation, *rest = re.split(r"[;|]", own)[0].split()
            options = {word[2:].rstrip(")`") for word in rest if re.fullmatch(r"--[a-z][a-z0-9-]+\)?", word)}
            seen.add((service, operation, frozenset(options)))
    for service, operation, options in seen:
        if (service, operation) in OF_THE_CLI:
            continue
        known = _options(service, operation)
        assert known is not None, f"aws {service} {operation}"
        assert options - GLOBAL <= known, f"aws {service} {operation}"
    assert len(seen) > 3 or not pages


def test_what_prometheus_fills_in_is_named():
    """A page says which label and that a number stands there, not how Prometheus spells it."""
    message = "{{ $value | printf `%.0f` }} pods of {{ $labels.dimension_TargetGroup }} wait for {{$labels.job}}"
    assert in_words(message) == "*N* pods of *TargetGroup* wait for *job*"
