"""Fenced inputs of rule pages as a graph, through the very ingest that the command uses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from seawall.check.engine import examine
from seawall.check.page import Case
from seawall.facts.demands import Call, Reach
from seawall.facts.isolation import Isolation
from seawall.facts.resilience import Claim
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.claims_file import claims_file, is_claims_file
from seawall.ingest.helm_releases import helm_releases
from seawall.ingest.iam_files import iam
from seawall.ingest.manifests import manifests
from seawall.ingest.pipelines import workflows
from seawall.ingest.scripts import is_script, script_file
from seawall.ingest.terraform_json import terraform_json
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding
from seawall.kernel.units import Duration, Money, Share
from seawall.readers.read import read
from seawall.readers.settle import settle

CLUSTER = "example"
AS_OF = date(2026, 11, 22)


def graph_of(case: Case, folder: Path) -> tuple[Graph, date]:
    """Write the fences of a case into files and ingest them; a document ``given`` holds what no file would."""
    resources: list[Resource] = []
    claims: list[Claim] = []
    needs: list[Reach | Call] = []
    as_of = AS_OF
    for number, fence in enumerate(case.fences):
        if fence.language == "json":
            stack = folder / f"stack{number}"
            stack.mkdir()
            (stack / "main.tf.json").write_text(fence.text)
            resources += terraform_json(stack)
            continue
        given, documents = _split(fence.text)
        claims += [_claim(**claim) for claim in given.get("claims", ())]
        needs += [_need(need) for need in given.get("needs", ())]
        needs += [_call(call) for call in given.get("calls", ())]
        for name, workflow in given.get("workflows", {}).items():
            file = folder / ".github" / "workflows" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            # Its reader knows that `on` is a word, and yaml.safe_load took it for a truth value.
            file.write_text(yaml.safe_dump({"on" if key is True else key: value for key, value in workflow.items()}))
            resources += workflows(file)
        files = [folder / name for name in given.get("files", {})]
        for file in files:
            file.write_text(given["files"][file.name])
        resources += [script_file(file) for file in files if is_script(file)]
        resources += iam((file for file in files if not is_claims_file(file) and not is_script(file)), resources)
        for file in filter(is_claims_file, files):
            for claim, resource in claims_file(file):
                claims.append(claim)
                resources.append(resource)
        as_of = given.get("as_of", as_of)
        if documents:
            file = folder / f"manifests{number}.yaml"
            file.write_text("---\n".join(documents))
            resources += manifests(file, given.get("cluster", CLUSTER))
    resources += list(helm_releases(resources, CLUSTER))
    return Graph(resources, needs, claims), as_of


def findings(case: Case, rule: str, folder: Path) -> list[Finding]:
    """What one rule finds in the inputs of a case."""
    graph, as_of = graph_of(case, folder)
    return list(examine(graph, read(settle(graph)), select=[rule], as_of=as_of).findings)


def _split(text: str) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    documents: list[str] = []
    for document in text.split("\n---\n"):
        if document.lstrip().startswith("given:"):
            given |= yaml.safe_load(document)["given"]
        else:
            documents.append(document.rstrip("\n") + "\n")
    return given, documents


_UNITS = {
    "rto": Duration.parse,
    "rpo": Duration.parse,
    "session_timeout": Duration.parse,
    "availability": Share.parse,
    "monthly_cost": Money.parse,
    "isolation": Isolation.parse,
}


def _claim(subject: str, measure: str, value: Any) -> Claim:
    """A claim as the description makes it: lengths of time are parsed, lists are tuples, words and switches stay."""
    if isinstance(value, list):
        return Claim(subject, measure, tuple(value))
    parse = Duration.parse if subject == "backups" else _UNITS.get(measure)
    return Claim(subject, measure, parse(value) if parse else value)


def _need(need: dict[str, Any]) -> Reach:
    return Reach(Address(need["from"]), Address(need["to"]), need["port"], said="given")


def _call(call: dict[str, Any]) -> Call:
    return Call(Address(call["from"]), call["action"], call["resource"], said="given")
