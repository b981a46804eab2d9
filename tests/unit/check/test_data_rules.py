"""Rules about data, where a page's fires and quiet would not tell severity or wording."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from seawall.check.engine import examine
from seawall.graph.graph import Graph
from seawall.ingest.terraform_json import terraform_json
from seawall.kernel.finding import Finding, Severity
from seawall.readers.read import read
from seawall.readers.settle import settle


def found(rule: str, folder: Path, resources: dict[str, Any]) -> list[Finding]:
    """What a rule finds in these resources of Terraform."""
    written = {"provider": {"aws": {"region": "eu-west-1"}}, "resource": resources}
    (folder / "main.tf.json").write_text(json.dumps(written))
    graph = settle(Graph(terraform_json(folder)))
    return list(examine(graph, read(graph), select=[rule], as_of=date(2026, 11, 22)).findings)


def test_a_version_that_terraform_leaves_alone_is_low(tmp_path: Path) -> None:
    """What runs was not made by its version any more, so only a database made anew would ask for what is gone."""
    body = {"identifier": "shop", "engine": "mysql", "engine_version": "8.4.3", "instance_class": "db.m6g.large"}
    left = {**body, "identifier": "left", "lifecycle": {"ignore_changes": ["engine_version"]}}
    severities = {
        str(finding.addresses[0]).rpartition(".")[2]: finding.severity
        for finding in found("DATA-130", tmp_path, {"aws_db_instance": {"shop": body, "left": left}})
    }
    assert severities == {"shop": Severity.HIGH, "left": Severity.LOW}


def test_only_what_is_enrolled_is_said_to_be(tmp_path: Path) -> None:
    """Out of standard support a server costs more, or is upgraded where extended support is declined."""
    body = {"identifier": "shop", "engine": "mysql", "engine_version": "8.0.46", "instance_class": "db.m6g.large"}
    declined = {**body, "identifier": "left", "engine_lifecycle_support": "open-source-rds-extended-support-disabled"}
    details = {
        str(finding.addresses[0]).rpartition(".")[2]: finding.detail
        for finding in found("DATA-125", tmp_path, {"aws_db_instance": {"shop": body, "left": declined}})
    }
    assert "AWS enrols it in extended support, which ends on 2029-07-31" in details["shop"]
    assert "extended support is declined, so AWS upgrades it" in details["left"]
