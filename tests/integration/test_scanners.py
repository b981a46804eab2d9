"""Scanners of other houses over every shipped platform: what they find is repaired, or waived with a reason.

Both scan what a team would give them: plans, since neither sees nested blocks in Terraform's JSON syntax, and what
Kustomize builds. Neither knows Argo's Rollout; its pods are those of a Deployment, so it is shown to them as one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

from azure_plan import azure_plan
from mocked_plans import mocked_plans
from scanners import Failure, checkov, trivy
from seawall.check.registry import meant
from seawall.check.waivers import UNUSED, WaiverLine, waive
from seawall.cli.input import load_graph, reference_platforms
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.verdict import Answer
from seawall.model.platform import Platform
from seawall.render.kubernetes.files import files as kubernetes_files

pytestmark = pytest.mark.needs("terraform", "aws-provider", "trivy", "checkov", "kubectl")

AS_OF = date(2026, 11, 21)
GRAVE = ("high", "critical")
"""Severities of trivy that count; checkov gives none, so there everything does."""


@dataclass(frozen=True)
class Scanned:
    """What both scanners found in each environment, and how many of their checks passed in all."""

    platforms: Mapping[str, Platform]
    """By environment."""
    found: Mapping[str, tuple[Finding, ...]]
    passed: Mapping[str, int]


@pytest.fixture(scope="module", params=sorted(reference_platforms()))
def scanned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]
) -> Scanned:
    """Every environment of a platform, planned, built and scanned once."""
    loaded = {environment: _loaded(request.param, environment) for environment in _environments(request.param)}
    folder = tmp_path_factory.mktemp("scanned")
    plans = mocked_plans(loaded, tmp_path_factory.mktemp("rendered"), terraform_environment)
    known: dict[tuple[str, str], Address] = {}
    for environment, (platform, graph) in loaded.items():
        (folder / environment).mkdir()
        (folder / environment / "tfplan.json").write_text(json.dumps(plans[environment].content))
        known |= {(environment, path): address for path, address in plans[environment].addresses.items()}
        azure, there = azure_plan(graph)
        if azure:
            (folder / environment / "azure.tfplan.json").write_text(json.dumps(azure))
            known |= {(environment, path): address for path, address in there.items()}
        for file, address in _built(platform, graph, tmp_path_factory.mktemp("built"), folder / environment):
            known[environment, file] = address
    with ThreadPoolExecutor(2) as pool:
        by_checkov = pool.submit(checkov, folder)
        by_trivy = dict(zip(loaded, pool.map(trivy, [folder / name for name in loaded]), strict=True))
    found: dict[str, list[Finding]] = {environment: [] for environment in loaded}
    for environment, scan in by_trivy.items():
        for failure in scan.failures:
            if failure.severity in GRAVE:
                where = known[environment, failure.resource or failure.file]
                found[environment].append(_finding(failure, where))
    for failure in by_checkov.result().failures:
        environment, _, file = failure.file.partition("/")
        found[environment].append(_finding(failure, known[environment, failure.resource or file]))
    passed = {"checkov": by_checkov.result().passed, "trivy": sum(scan.passed for scan in by_trivy.values())}
    return Scanned(
        {environment: platform for environment, (platform, _) in loaded.items()},
        {environment: tuple(findings) for environment, findings in found.items()},
        passed,
    )


def test_nothing_that_scanners_find_is_left(scanned: Scanned) -> None:
    """Trivy has nothing high or critical, checkov nothing at all, that no waiver of the description accounts for."""
    # Both were shown everything: a scanner that could read nothing would find nothing.
    assert scanned.passed["checkov"] > 1000
    assert scanned.passed["trivy"] > 200
    left = [
        f"{environment}: {finding.rule} {finding.addresses[0]}: {finding.summary}"
        for environment in scanned.platforms
        for finding in _waived(scanned, environment)
        if finding.rule != UNUSED and finding.waived is None
    ]
    assert not left, "\n" + "\n".join(sorted(left))


def test_every_waiver_of_a_scanners_check_waives_something(scanned: Scanned) -> None:
    """An address of a waiver that no failure matches, in any environment that states it, has to go."""
    idle: dict[str, list[bool]] = {}
    for environment in scanned.platforms:
        unused = " ".join(finding.detail for finding in _waived(scanned, environment) if finding.rule == UNUSED)
        for waiver in _foreign(scanned.platforms[environment]):
            line = f"{waiver.rule} at {waiver.addresses[0]}"
            idle.setdefault(line, []).append(f"{line} until" in unused)
    rotten = [line for line, everywhere in idle.items() if all(everywhere)]
    assert len(idle) > 20
    assert not rotten, "\n" + "\n".join(sorted(rotten))


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_what_kustomize_needs_for_itself_is_not_applied(name: str, tmp_path: Path) -> None:
    """The ConfigMap of outputs, which scanners take for secrets in the open, is in no built manifest."""
    for environment in _environments(name):
        platform, graph = _loaded(name, environment)
        built = dict(_built(platform, graph, tmp_path / f"{environment}-files", tmp_path / environment))
        assert len(built) > 20
        assert not any(address.endswith("/outputs") for address in built.values())


def _environments(name: str) -> list[str]:
    return list(yaml.safe_load((reference_platforms()[name] / "platform.yaml").read_text())["environments"])


def _loaded(name: str, environment: str) -> tuple[Platform, Graph]:
    platform, graph = load_graph([name], environment)
    assert platform is not None
    return platform, graph


def _built(platform: Platform, graph: Graph, rendered: Path, folder: Path) -> Iterator[tuple[str, Address]]:
    """Write each object that Kustomize builds into a file of its own; yields the file's path and the object's name."""
    for path, content in kubernetes_files(platform, graph):
        (rendered / path).parent.mkdir(parents=True, exist_ok=True)
        (rendered / path).write_bytes(content)
    overlay = rendered / "kubernetes" / "overlays" / platform.environment
    clusters = {str(resource.address).partition("/")[0] for resource in graph if resource.is_kubernetes}
    for cluster in sorted(clusters):
        # Objects of several clusters lie in an overlay each.
        yield from _built_for(cluster, overlay / cluster if len(clusters) > 1 else overlay, folder)


def _built_for(cluster: str, overlay: Path, folder: Path) -> Iterator[tuple[str, Address]]:
    command = ["kubectl", "kustomize", str(overlay)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    for document in yaml.safe_load_all(built):
        metadata = document["metadata"]
        address = Address.kubernetes(cluster, document["kind"], metadata.get("namespace", ""), metadata["name"])
        if document["kind"] == "Rollout":
            document |= {"apiVersion": "apps/v1", "kind": "Deployment"}
        file = folder / f"{address}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document))
        yield str(file.relative_to(folder)), address


def _finding(failure: Failure, address: Address) -> Finding:
    return Finding(failure.check, Severity.HIGH, Answer.REFUTED, failure.title, failure.title, (address,))


def _foreign(platform: Platform) -> list[WaiverLine]:
    """The waivers that mean no rule of ours, each address by itself."""
    return [
        WaiverLine(waiver.rule, (address,), waiver.reason, waiver.until)
        for waiver in platform.waivers
        if not meant(waiver.rule)
        for address in waiver.addresses
    ]


def _waived(scanned: Scanned, environment: str) -> list[Finding]:
    """The findings of an environment after the description's waivers, by the same hand that waives our own."""
    waivers = _foreign(scanned.platforms[environment])
    return list(waive(scanned.found[environment], waivers, AS_OF, [*(waiver.rule for waiver in waivers), UNUSED]))
