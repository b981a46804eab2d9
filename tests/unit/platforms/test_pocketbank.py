"""What PocketBank's page says of it is so: its tiers are apart, its copies find their way, its alarms are there."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from seawall.analyze.reachability.reach import reach
from seawall.cli.input import load_graph, reference_platforms
from seawall.facts.demands import Reach
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of

ENVIRONMENTS = ("prod", "staging", "dev")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def graph(request):
    """Each environment."""
    return load_graph(["pocketbank"], request.param)[1]


def _demand(graph, source, target):
    (found,) = [
        demand
        for demand in graph.demands
        if isinstance(demand, Reach) and source in demand.source and target in str(demand.target)
    ]
    return found


def test_each_tier_reaches_the_next_and_no_other(graph):
    """nginx reaches the application, the application the database; nginx does not reach the database."""
    facts = facts_of(graph)
    inward = _demand(graph, "Deployment/pocketbank/web", "was")
    onward = _demand(graph, "Deployment/pocketbank/was", "bank_db")
    assert reach(facts, inward).verdict.answer is Answer.PROVEN
    assert reach(facts, onward).verdict.answer is Answer.PROVEN
    past = replace(onward, source=inward.source)
    assert reach(facts, past).verdict.answer is Answer.REFUTED


def test_the_backup_instance_reaches_the_database(graph):
    """The path that the document leaves closed: from the instance's group to 3306."""
    assert (
        reach(facts_of(graph), _demand(graph, "aws_autoscaling_group.backup", "bank_db")).verdict.answer
        is Answer.PROVEN
    )


def test_nodes_lie_in_their_own_tiers(graph):
    """web's nodes in web's subnets, was's nodes and the instance in was's, the database in data's."""
    places = {
        resource.address.as_terraform().path: {ref.to.as_terraform().name[:-2] for ref in resource.body[argument]}
        for type, argument in (
            ("aws_eks_node_group", "subnet_ids"),
            ("aws_autoscaling_group", "vpc_zone_identifier"),
            ("aws_db_subnet_group", "subnet_ids"),
        )
        for resource in graph.of_type(type)
    }
    assert places == {
        "aws_eks_node_group.web": {"web"},
        "aws_eks_node_group.was": {"was"},
        "aws_autoscaling_group.backup": {"was"},
        "aws_db_subnet_group.bank_db": {"data"},
    }


def test_the_alarms_of_the_page_are_those_of_the_platform():
    """Each of the document's nineteen has what the page says became of it."""
    page = (reference_platforms()["pocketbank"] / "README.md").read_text()
    table = page.partition("## Alarms")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("|")][2:]
    documented = [name for row in rows for name in row[0].split(",") if re.search(r"[a-z]", name)]
    assert len(documented) == 19
    said = {name for row in rows for name in re.findall(r"`([^`]+)`", row[1])}
    _, graph = load_graph(["pocketbank"], "prod")
    there = {alarm.body["alarm_name"] for alarm in graph.of_type("aws_cloudwatch_metric_alarm")}
    assert {f"pocketbank-prod-{name}" for name in said} <= there
    assert "thirty-five in prod" in table
    assert len(there) == 35
