"""The four forms of a report say the same, each in the way its readers expect."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from seawall.check.engine import Report
from seawall.check.formats import findings as page
from seawall.check.formats import json as as_json
from seawall.check.formats import junit, sarif, text
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity, Waiver
from seawall.kernel.origin import Origin
from seawall.kernel.verdict import Answer

DATABASE = Address.terraform("eu-west-1", "data", "aws_db_instance.shop")


@pytest.fixture
def report() -> Report:
    """Three findings: refuted, unknown, waived; with everything that needs escaping."""
    findings = (
        Finding(
            "DATA-025",
            Severity.CRITICAL,
            Answer.REFUTED,
            "A database has a public address",
            'it is <public> & "open"\nwhy: because\nfix: close it',
            (DATABASE,),
            ("step one", "step two \x00"),
            Origin("a folder/main.tf.json", 7, 3),
        ),
        Finding(
            "TF-009",
            Severity.HIGH,
            Answer.UNKNOWN,
            "A database can be deleted by one wrong plan",
            "not known\nwhy: because\nfix: say it",
            (DATABASE,),
            origin=Origin("main.tf.json"),
        ),
        Finding(
            "K8S-030",
            Severity.LOW,
            Answer.REFUTED,
            "What is removed from Git stays in the cluster",
            "it stays",
            (),
            waived=Waiver("on purpose", date(2027, 1, 1)),
        ),
    )
    rules = ("DATA-025", "EDGE-013", "K8S-030", "TF-009")
    return Report(findings, rules, date(2026, 11, 21), {"DATA-025": 0.001, "EDGE-013": 0.0005})


GOLDEN_TEXT = """\
critical (1)

  ✗ DATA-025  A database has a public address
      eu-west-1/data:aws_db_instance.shop  (a folder/main.tf.json:7:3)
      it is <public> & "open"
      why: because
      fix: close it
        · step one
        · step two \x00

high (1)

  ? TF-009  A database can be deleted by one wrong plan  (unknown)
      eu-west-1/data:aws_db_instance.shop  (main.tf.json)
      not known
      why: because
      fix: say it

waived (1)

  K8S-030
      until 2027-01-01: on purpose

4 rules, 1 finding, 1 unknown, 1 waived (as of 2026-11-21)
"""


def test_text_is_what_a_person_reads(report: Report) -> None:
    """Place, why, fix and path of every finding, the worst first, and a summary at the end."""
    assert text.render(report) == GOLDEN_TEXT


def test_colour_is_only_added(report: Report) -> None:
    """On a terminal the same text is coloured; elsewhere there is no escape sequence."""
    coloured = text.render(report, colour=True)
    assert "\x1b[" in coloured
    assert "\x1b[" not in text.render(report)


def test_json_keeps_its_schema(report: Report) -> None:
    """The JSON is what seawall/schemas/check.json says, so that programs may rely on it."""
    schema = json.loads(files("seawall.schemas").joinpath("check.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in (report, Report((), (), date(2026, 11, 21))):
        document = json.loads(as_json.render(each))
        jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())


def test_json_says_everything(report: Report) -> None:
    """Nothing of a finding is lost in the JSON."""
    document = json.loads(as_json.render(report))
    assert document["summary"] == {
        "refuted": 1,
        "unknown": 1,
        "waived": 1,
        "severities": {"critical": 1, "high": 1, "medium": 0, "low": 0},
    }
    first, second, third = document["findings"]
    assert first["origin"] == {"file": "a folder/main.tf.json", "line": 7}
    assert first["evidence"] == ["step one", "step two \x00"]
    assert second["verdict"] == "unknown"
    assert second["origin"] == {"file": "main.tf.json", "line": None}
    assert third["origin"] is None
    assert third["waived"] == {"reason": "on purpose", "until": "2027-01-01"}


def test_sarif_has_what_the_standard_asks(report: Report) -> None:
    """SARIF 2.1.0: version, one run, a driver with its rules, results that point at them, and valid locations."""
    document = json.loads(sarif.render(report))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(report.rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        assert rule["helpUri"].startswith("https://")
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        # 3.27.10: a result whose kind is not "fail" has the level "none".
        assert (result["kind"] == "fail") == (result["level"] != "none")
    first, second, third = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "a%20folder/main.tf.json"},
        "region": {"startLine": 7, "startColumn": 3},
    }
    assert second["kind"] == "open"
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert third["suppressions"] == [{"kind": "external", "justification": "on purpose (until 2027-01-01)"}]


def test_sarif_fingerprints_survive_a_move(report: Report) -> None:
    """The same finding further down in its file is the same finding."""
    moved = Report(
        tuple(
            Finding(f.rule, f.severity, f.answer, f.summary, f.detail, f.addresses, f.evidence, Origin("x", 99))
            for f in report.findings
        ),
        report.rules,
        report.as_of,
    )
    before, after = (
        [result["partialFingerprints"] for result in sarif.document(each)["runs"][0]["results"]]
        for each in (report, moved)
    )
    assert before == after


def test_junit_is_xml_that_a_build_server_reads(report: Report) -> None:
    """A case for each rule or finding; failures and skips add up; no character that XML forbids."""
    suite = ElementTree.fromstring(junit.render(report))
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases) == 4
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == 2
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped")) == 1
    by_name = {case.attrib["name"].split(" ")[0]: case for case in cases}
    assert list(by_name["EDGE-013"]) == []
    assert by_name["DATA-025"][0].attrib["type"] == "critical refuted"
    assert by_name["TF-009"][0].attrib["type"] == "high unknown"


@pytest.mark.parametrize("render", [text.render, as_json.render, sarif.render, junit.render])
def test_a_report_is_rendered_the_same_twice(report: Report, render: object) -> None:
    """Reports can be compared byte by byte."""
    assert callable(render)
    assert render(report) == render(report)


def test_page_quotes_the_input(report: Report, tmp_path: Path) -> None:
    """The page quotes the lines that a finding is about, by their place below the folder, and no secret in them."""
    file = tmp_path / "main.tf"
    file.write_text(
        'resource "aws_db_instance" "shop" {\n  publicly_accessible = true\n  password            = "hunter2"\n}\n'
    )
    finding = Finding(
        "DATA-025",
        Severity.CRITICAL,
        Answer.REFUTED,
        "A database has a public address",
        f"{DATABASE} is open, publicly_accessible\nwhy: because\nfix: close it, and change 'password'",
        (DATABASE,),
        ("step one",),
    )
    only = Report((finding,), ("DATA-025",), date(2026, 11, 21))
    written = page.render(only, title="shop", root=tmp_path, place={DATABASE: Origin(str(file), 1)}.get)
    assert "(`main.tf:1`)" in written
    assert "  publicly_accessible = true" in written
    assert "hunter2" not in written
    assert "- step one" in written
    assert "**Fix:** close it, and change 'password'." in written
    assert str(tmp_path) not in written


def test_page_leaves_waived_findings_out(report: Report, tmp_path: Path) -> None:
    """What the owner lives with is no fault; where nothing is left, the page says so."""
    waived = Report(report.findings[2:], report.rules, report.as_of)
    assert page.render(waived, title="shop", root=tmp_path, place={}.get).endswith("\nNothing, as of 2026-11-21.\n")
