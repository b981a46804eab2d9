"""What every workflow keeps: pinned, narrow, nothing leaves a pull request, and who it is in AWS is who it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.components.delivery import Delivery
from seawall.components.pipelines.actions import ACTIONS
from seawall.components.pipelines.places import places
from seawall.components.pipelines.workflow import text
from seawall.components.scope import Scope
from seawall.graph.graph import Graph
from seawall.kernel.value import render_text
from seawall.readers.pipelines.github import workflow_text

PLATFORMS = sorted(reference_platforms())
OURS = (
    "github.event.pull_request.head.repo.full_name == github.repository"
    " && github.event.pull_request.user.login != 'dependabot[bot]'"
)
NOT_OURS = (
    "github.event.pull_request.head.repo.full_name != github.repository"
    " || github.event.pull_request.user.login == 'dependabot[bot]'"
)
WORKFLOWS = "file:repository/.github/workflows/"
REFS = {
    "pull-request.yml": "pull_request",
    "development.yml": "ref:refs/heads/main",
    "release.yml": "ref:refs/tags/v1",
}
"""What a token of a job without an environment says of what started it."""


def texts(graph: Graph) -> dict[str, str]:
    """The workflows of a platform, by file name."""
    return {
        str(one.address).removeprefix(WORKFLOWS): str(one.body["text"]) for one in graph.of_type("file/github-workflow")
    }


def jobs(graph: Graph) -> Iterator[tuple[str, Mapping[str, Any], str, Mapping[str, Any]]]:
    """File, workflow, name and body of every job."""
    for file, said in texts(graph).items():
        body = workflow_text(said, file)
        for name, job in body["jobs"].items():
            yield file, body, name, job


@pytest.fixture(scope="module", params=PLATFORMS)
def graph(request: pytest.FixtureRequest) -> Graph:
    """A platform in its default environment."""
    return shipped(request.param)[1]


def test_every_action_is_a_commit_with_its_version_beside_it(graph: Graph) -> None:
    """Nobody but us decides which commit runs, and people and Dependabot can read which release it is."""
    versions = {action.uses: action.version for action in ACTIONS}
    for said in texts(graph).values():
        for line in said.splitlines():
            if "uses: " in line and "$/" not in line:
                found = re.fullmatch(r"\s+(?:- )?uses: (\S+@[0-9a-f]{40})  # (v\d+\.\d+\.\d+)", line)
                assert found is not None, line
                assert versions[found[1]] == found[2]


def test_every_job_is_narrow_and_ends(graph: Graph) -> None:
    """No permission that a job does not name, no credential left in a checkout, a time limit, and a strict shell."""
    for file, body, name, job in jobs(graph):
        assert body["permissions"] == {}, file
        assert "permissions" in job, (file, name)
        assert body["defaults"]["run"]["shell"].startswith("bash -euo pipefail")
        if "uses" in job:
            continue
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            if "checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_nothing_from_outside_is_put_into_a_script(graph: Graph) -> None:
    """What an event, a matrix or another step says reaches a script through its environment alone."""
    runs = [step["run"] for _, _, _, job in jobs(graph) for step in job.get("steps", ()) if "run" in step]
    assert runs
    assert [run for run in runs if "${{" in run] == []


def test_nothing_leaves_a_pull_request(graph: Graph) -> None:
    """It pushes no image, writes no code, and only looks at AWS; one from a fork does not even that, and is told so."""
    seen = {}
    for file, _, name, job in jobs(graph):
        if file not in ("pull-request.yml", "checks.yml"):
            continue
        seen[name] = job
        assert job["permissions"].get("contents", "read") == "read"
        for step in job.get("steps", ()):
            assert "push" not in re.sub(r"\bpush the branch\b|, and push nothing", "", step.get("run", ""))
        if "id-token" in job["permissions"]:
            assert job["if"] == OURS
            assert all(each["role"].endswith("-plan") for each in job["strategy"]["matrix"]["include"])
    assert seen["stranger"]["permissions"] == {}
    assert seen["stranger"]["if"] == NOT_OURS
    assert seen["comment"]["permissions"]["pull-requests"] == "write"


def test_what_is_approved_is_shown_before_and_compared_after(graph: Graph) -> None:
    """The job that waits for people needs the one that shows the plan and the digests, and applies no others."""
    release = {name: job for file, _, name, job in jobs(graph) if file == "release.yml"}
    for name, job in release.items():
        if name.startswith("show-"):
            assert "environment" not in job
            continue
        shown = release[job["needs"]]
        assert job["environment"] == name
        said = "\n".join(step.get("run", "") for step in job["steps"])
        assert "docker" not in said
        assert "cp approved/images.txt images.txt" in said
        assert "diff approved/plan.json plan.json" in said
        names = [step["name"] for step in job["steps"]]
        assert names.index("Compare with what was agreed to") < names.index("Bring up")
        assert "GITHUB_STEP_SUMMARY" in "\n".join(step.get("run", "") for step in shown["steps"])
        waits = next(step for step in job["steps"] if step["name"] == "Wait for Argo CD")
        assert waits["env"]["SYNC"] == "yes", "where a person has to agree, nothing syncs by itself"


@pytest.mark.parametrize(
    ("name", "automatic", "approved"),
    [
        ("petclinic", ["development"], ["production"]),
        ("pocketbank", ["dev", "staging"], ["prod"]),
        ("pingvas", ["dev"], ["prod"]),
        ("genai-demo", ["development", "staging"], ["production"]),
    ],
)
def test_versions_go_through_the_stages_in_order(name: str, automatic: list[str], approved: list[str]) -> None:
    """A merge goes as far as nobody has to agree, each stage after the one before; a release goes the rest."""
    _, graph = shipped(name)
    needs: dict[str, dict[str, Any]] = {"development.yml": {}, "release.yml": {}}
    for file, _, job, body in jobs(graph):
        if file in needs:
            needs[file][job] = body.get("needs")
    assert needs["development.yml"] == {
        "checks": None, "build": "checks", **dict(zip(automatic, ["build", *automatic], strict=False)),
    }  # fmt: skip
    assert needs["release.yml"] == {f"show-{approved[0]}": None, approved[0]: f"show-{approved[0]}"}


def test_every_image_is_built_once_and_then_copied() -> None:
    """genai-demo: built in Tokyo's development, copied by digest to staging, and to both regions of production."""
    _, graph = shipped("genai-demo")
    said = texts(graph)
    assert said["development.yml"].count("pipeline/build.sh") == 1
    assert "TITLE: genai-demo-development" in said["development.yml"]
    copy = "bash pipeline/copy.sh images.txt"
    assert f"{copy} genai-demo-development=ap-northeast-1 genai-demo-staging=ap-east-2" in said["development.yml"]
    both = "genai-demo-production=ap-east-2 genai-demo-production-tokyo=ap-northeast-1"
    assert f"{copy} genai-demo-staging=ap-east-2 {both}" in said["release.yml"]
    assert "build.sh" not in said["release.yml"]


def test_one_of_two_delivers() -> None:
    """Where GitHub and Jenkins both could, one variable says which: not both build, apply and publish a merge."""
    _, graph = shipped("petclinic")
    started = {name: job for file, _, name, job in jobs(graph) if file in ("development.yml", "release.yml")}
    assert started["build"]["if"] == started["show-production"]["if"] == "vars.DELIVERED_BY != 'jenkins'"
    (jenkinsfile,) = graph.of_type("file/jenkinsfile")
    stages = re.split(r"^ +stage\('", str(jenkinsfile.body["text"]), flags=re.MULTILINE)[1:]
    for stage in stages:
        if stage.startswith(("Build", "Deploy", "Show", "Agree")):
            assert "environment name: 'DELIVERED_BY', value: 'jenkins'" in stage


def test_a_pipeline_s_own_commits_build_nothing() -> None:
    """What is written to `deployed/` must not be what builds the next version: that would never end."""
    _, graph = shipped("petclinic")
    (jenkinsfile,) = graph.of_type("file/jenkinsfile")
    assert "changeset pattern: '^(?!deployed/).*', comparator: 'REGEXP'" in str(jenkinsfile.body["text"])
    body = workflow_text(texts(graph)["development.yml"], "development.yml")
    assert body["on"] == {"push": {"branches": ["main"], "paths-ignore": ["deployed/**"]}}


def test_jenkins_skips_no_test_and_tells_of_failures() -> None:
    """The document's skipped tests run; what fails is told; no two builds deliver at once; all ends."""
    _, graph = shipped("petclinic")
    (jenkinsfile,) = graph.of_type("file/jenkinsfile")
    said = str(jenkinsfile.body["text"])
    assert "dir('was') { sh './mvnw --batch-mode verify' }" in said
    assert "skipTests" not in said
    assert "failure { slackSend" in said
    assert "disableConcurrentBuilds()" in said
    assert said.count("timeout(") >= 4
    assert not re.search(r"(?i)aws_(secret_)?access_key", said)


def _assumed(graph: Graph) -> Iterator[tuple[str, str]]:
    """Role and subject of the token of every job that takes one on."""
    for file, _, _, job in jobs(graph):
        subject = f"environment:{job['environment']}" if "environment" in job else REFS.get(file, "")
        for step in job.get("steps", ()):
            role = step.get("with", {}).get("role-to-assume", "")
            if role.startswith("${{"):
                yield from ((each["role"], subject) for each in job["strategy"]["matrix"]["include"])
            elif role:
                yield role, subject


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_role_that_is_taken_on_is_there_and_lets_the_job_in(name: str) -> None:
    """Each job's token is one that the role of its environment takes: no more roles than jobs, and none refused."""
    import fnmatch

    environments = yaml.safe_load((reference_platforms()[name] / "platform.yaml").read_text())["environments"]
    trusted: dict[str, list[str]] = {}
    for environment in environments:
        platform, graph = shipped(name, environment)
        assert platform is not None
        for role in graph.of_type("aws_iam_role"):
            for statement in role.body["assume_role_policy"]["Statement"]:
                if "token.actions" in repr(statement.get("Condition")):
                    subjects = [
                        one
                        for test in statement["Condition"].values()
                        for key, value in test.items()
                        if key.endswith(":sub")
                        for one in ([value] if isinstance(value, str) else value)
                    ]
                    trusted[render_text(role.body["name"], str)] = subjects
    _, graph = shipped(name)
    assumed = list(_assumed(graph))
    assert assumed
    for role, subject in assumed:
        allowed = trusted[role.rpartition("/")[2]]
        assert any(fnmatch.fnmatch(f"repo:{name}-example/{name}:{subject}", one) for one in allowed), (role, subject)


def test_a_stage_that_shares_its_environment_applies_nothing_before_the_last() -> None:
    """pingvas: development and production are namespaces of one environment, and Terraform reaches both."""
    platform, graph = shipped("pingvas")
    assert platform is not None
    delivery = platform.components["delivery"]
    assert isinstance(delivery, Delivery)
    dev, prod = places(Scope(platform, "delivery", platform.region), delivery)
    assert (dev.applies, prod.applies) == (False, True)
    assert (dev.labels, prod.labels) == (("dev",), ("prod", "shared"))
    assert "seawall up" not in texts(graph)["development.yml"]
    assert list(dev.clusters) == ["pingvas-shared"], "there is no development in Oregon"


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_workflow_is_read_back_as_it_was_meant(name: str) -> None:
    """The writer's YAML means the structure that it was given, to GitHub's reading of YAML and to PyYAML's."""
    _, graph = shipped(name)
    for file, said in texts(graph).items():
        body = workflow_text(said, file)
        assert workflow_text(text(body), file) == body
        assert yaml.safe_load(said) == body


@pytest.mark.parametrize(
    "value",
    ["yes", "no: really", "a #b", "- x", "", "'", '"', "1.0", "true", "${{ a }} b", "a: b", "x\ny\n", "@a", "*"],
)
def test_any_word_survives_the_writer(value: str) -> None:
    """A string that YAML could take for something else stays a string."""
    body = {"name": value, "list": [value.replace("\n", " ")], "map": {"run": value}}
    read = workflow_text(text(body), "x")
    assert read["name"] == value
    assert read["list"] == [value.replace("\n", " ")]
    assert read["map"]["run"].rstrip("\n") == value.rstrip("\n")
