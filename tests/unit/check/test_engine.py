"""The engine: which rules run, what waivers do, in which order findings come, and what they are about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from seawall.check.engine import Report, check, examine
from seawall.check.registry import check_of, modules, selected
from seawall.check.waivers import WaiverLine, waive
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.origin import Origin
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.read import read

TODAY = date(2026, 11, 21)
DATABASE = Address.terraform("eu-west-1", "data", "aws_db_instance.shop")
OTHER = Address.terraform("eu-west-1", "data", 'aws_db_instance.shop["b"]')


def database(address: Address, line: int, **more: object) -> Resource:
    """A database that is written in this line."""
    body = {"identifier": "shop", "engine": "mysql", "instance_class": "db.t4g.small", **more}
    return Resource(address, "aws_db_instance", body, Origin("main.tf.json", line), "eu-west-1")


@pytest.fixture
def graph() -> Graph:
    """Two databases, the second of them with an instance key and a public address."""
    return Graph([database(DATABASE, 7), database(OTHER, 9, publicly_accessible=True)])


def examined(graph: Graph, *waivers: WaiverLine, as_of: date = TODAY, **more: object) -> Report:
    """The report of some rules about databases."""
    chosen = {"select": ["DATA-*", "TF-009", "WAIVER"], **more}
    return examine(graph, read(graph), waivers=waivers, as_of=as_of, **chosen)  # type: ignore[arg-type]


def waiver(rule: str, *addresses: str, until: date = TODAY) -> WaiverLine:
    """A waiver with a reason."""
    return WaiverLine(rule, addresses or ("*",), "we are moving it next month", until)


def test_findings_carry_the_place_of_their_resource(graph: Graph) -> None:
    """A finding points at the file and line of its first resource, without the rule having seen the resource."""
    found = {(finding.rule, finding.addresses[0]): finding for finding in examined(graph).findings}
    assert found["DATA-025", OTHER].origin == Origin("main.tf.json", 9)
    assert found["TF-009", DATABASE].origin == Origin("main.tf.json", 7)


def test_an_implied_thing_is_found_at_its_owner() -> None:
    """What AWS makes by itself is written where its owner is written."""
    cluster = Resource(
        Address.terraform("eu-west-1", "cluster", "aws_eks_cluster.main"),
        "aws_eks_cluster",
        {"name": "main", "version": "1.36", "vpc_config": {"subnet_ids": ["subnet-1"]}},
        Origin("cluster.tf.json", 3),
        "eu-west-1",
    )
    graph = Graph([cluster])
    findings = examine(graph, read(graph), select=["NET-021"], as_of=TODAY).findings
    assert [finding.origin.line for finding in findings] == [3]


def test_findings_are_sorted_by_severity_rule_and_address(graph: Graph) -> None:
    """The worst comes first, and two runs print the same."""
    found = examined(graph).findings
    keys = [(-finding.severity, finding.rule, finding.addresses) for finding in found]
    assert keys == sorted(keys)
    assert found[0].severity is Severity.CRITICAL


def test_the_order_of_resources_changes_nothing(graph: Graph) -> None:
    """Facts are a set: findings do not depend on which file was read first."""
    turned = Graph(reversed(list(graph)))
    assert examined(turned).findings == examined(graph).findings


def test_an_unknown_is_a_finding_of_its_own_kind() -> None:
    """What is not known before apply is neither a pass nor a fault; the finding names the attribute."""
    hole = Unknown(f"{DATABASE}.deletion_protection")
    graph = Graph([database(DATABASE, 1, deletion_protection=hole)])
    report = examine(graph, read(graph), select=["TF-009"], as_of=TODAY)
    assert [finding.answer for finding in report.findings] == [Answer.UNKNOWN]
    assert hole.what in report.findings[0].evidence[0]
    assert report.count(Answer.UNKNOWN) == 1
    assert report.count(Answer.REFUTED) == 0
    assert report.reaching(Severity.HIGH), "an unknown finding counts for --fail-on"


def test_a_waiver_waives_on_its_last_day_and_not_after(graph: Graph) -> None:
    """A waiver holds up to and including its day; the day is an input."""
    line = waiver("DATA-025", until=TODAY)
    assert next(f.waived for f in examined(graph, line).findings if f.rule == "DATA-025") is not None
    later = examined(graph, line, as_of=TODAY + timedelta(days=1)).findings
    finding = next(f for f in later if f.rule == "DATA-025")
    assert finding.waived is None
    assert f"expired on {TODAY}" in finding.evidence[-1]
    assert "WAIVER-002" in {f.rule for f in later}


def test_a_waived_finding_is_shown_and_does_not_count(graph: Graph) -> None:
    """Waiving hides nothing; it only takes the finding out of the exit status."""
    line = waiver("DATA-025", until=TODAY)
    report = examined(graph, line, select=["DATA-025", "WAIVER"])
    assert [finding.rule for finding in report.findings] == ["DATA-025"]
    assert report.reaching(Severity.LOW) == ()


def test_a_waiver_matches_by_glob_or_by_the_very_address(graph: Graph) -> None:
    """The brackets of an instance key are text, not a set of characters, when the whole address is written."""
    for pattern in (str(OTHER), "eu-west-1/data:*", "*"):
        found = examined(graph, waiver("DATA-025", pattern), select=["DATA-025", "WAIVER"]).findings
        assert [f.waived is not None for f in found] == [True], pattern
    missed = examined(graph, waiver("DATA-025", str(DATABASE)), select=["DATA-025", "WAIVER"]).findings
    assert {f.rule: f.waived for f in missed} == {"DATA-025": None, "WAIVER-001": None}


def test_what_another_scanner_finds_is_waived_by_its_own_id() -> None:
    """Waivers name checks of trivy and checkov, too; whoever ran these asks here what stays, and which are idle."""
    found = [
        Finding(rule, Severity.HIGH, Answer.REFUTED, "", "", (DATABASE,))
        for rule in ("CKV_AWS_338", "AWS-0104", "CKV2_AWS_8")
    ]
    lines = [waiver("CKV_AWS_338"), waiver("AWS-0104"), waiver("CKV_AWS_111")]
    said = list(waive(found, lines, TODAY, ("CKV_AWS_338", "AWS-0104", "CKV2_AWS_8", "CKV_AWS_111", "WAIVER-001")))
    waived = {each.rule: each.waived is not None for each in said[:3]}
    assert waived == {"CKV_AWS_338": True, "AWS-0104": True, "CKV2_AWS_8": False}
    assert [(each.rule, "CKV_AWS_111" in each.detail) for each in said[3:]] == [("WAIVER-001", True)]


def test_a_waiver_of_a_rule_that_did_not_run_is_not_called_unused(graph: Graph) -> None:
    """Selecting a part of the rules must not ask for waivers to be removed."""
    found = examined(graph, waiver("NET-021"), select=["DATA-025", "WAIVER"]).findings
    assert "WAIVER-001" not in {f.rule for f in found}


def test_of_two_waivers_the_longer_one_counts(graph: Graph) -> None:
    """An expired waiver beside one that holds does not undo it."""
    lines = (waiver("DATA-025", until=TODAY - timedelta(days=1)), waiver("DATA-025", until=TODAY))
    found = examined(graph, *lines, select=["DATA-025"]).findings
    assert found[0].waived is not None
    assert found[0].waived.until == TODAY


def test_a_waiver_needs_a_reason(graph: Graph) -> None:
    """An exception without a reason is a typing error, and ends the run before it hides anything."""
    with pytest.raises(InputError, match="has no reason"):
        examined(graph, WaiverLine("DATA-025", ("*",), " ", TODAY))


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["EDGE-013"], {"EDGE-013"}),
        (["edge-01[34]"], {"EDGE-013", "EDGE-014"}),
        (["WAIVER"], {"WAIVER-001", "WAIVER-002"}),
        (["waiver"], {"WAIVER-001", "WAIVER-002"}),
    ],
)
def test_select_takes_ids_globs_prefixes_and_areas(patterns: list[str], expected: set[str]) -> None:
    """One spelling for each way in which a person thinks of rules."""
    assert set(selected(patterns)) == expected


def test_ignore_wins_over_select() -> None:
    """What is ignored does not run, however it was chosen."""
    assert "EDGE-013" not in selected(["EDGE"], ["EDGE-013"])
    assert "EDGE-014" in selected(["EDGE"], ["EDGE-013"])


def test_a_pattern_that_means_no_rule_is_an_error_with_the_nearest() -> None:
    """A typing error in --select must not turn a check off."""
    with pytest.raises(InputError, match="EGDE-013") as caught:
        selected(["EGDE-013"])
    assert "EDGE-013" in caught.value.problems[0].fix


def test_timings_name_every_rule_that_ran(graph: Graph) -> None:
    """`--timings` leaves no rule out."""
    report = examined(graph)
    assert set(report.timings) == {id for id in report.rules if check_of(id) is not None}


def test_check_returns_the_findings_of_examine(graph: Graph) -> None:
    """The short form is the same use case."""
    facts = read(graph)
    assert check(graph, facts, as_of=TODAY) == list(examine(graph, facts, as_of=TODAY).findings)


def test_nothing_in_nothing_out() -> None:
    """An empty estate has nothing wrong with it, and no rule stumbles over it."""
    report = examine(Graph(), Facts([]), as_of=TODAY)
    assert report.findings == ()
    assert len(report.rules) == len(modules())


def test_there_are_rules_in_every_area() -> None:
    """The breadth that is promised: at least fifteen rules in at least five areas."""
    areas = {name.split(".")[-2] for name in modules().values()}
    assert {"network", "data", "identity", "kubernetes", "edge", "cluster", "telemetry", "delivery", "cost"} <= areas
    assert len(modules()) >= 15


def test_a_waiver_that_names_no_rule_is_a_mistake(graph: Graph) -> None:
    """A misspelt id would waive nothing, silently; the ids of other scanners are left alone."""
    reason, until = "long enough to be a reason", date(2027, 1, 1)
    with pytest.raises(InputError, match=r"a waiver names NET-999, and there is no rule NET-999(?s:.*)fix:"):
        examined(graph, WaiverLine("NET-999", ("*",), reason, until))
    for other in ("CKV_AWS_18", "AWS-0053", "CKV2_AWS_5"):
        assert examined(graph, WaiverLine(other, ("*",), reason, until)).findings == examined(graph).findings
