"""What a workflow of GitHub Actions says of its jobs: events, permissions, actions, pushes."""

from __future__ import annotations

import pytest

from seawall.facts.delivery import Job, Pushes, TakesOn, Uses
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.pipelines.github import workflow

FILE = Address.file(".github/workflows/build.yml")
BUILD = FILE.implied("build")


def facts(text: str, kind: type[Fact]) -> list[Fact]:
    """The facts of a kind that a workflow states."""
    return [fact for fact in workflow(Resource(FILE, "file/github-workflow", {"text": text})) if type(fact) is kind]


def job(said: str, *, on: str = "push", top: str = "") -> str:
    """A workflow with one job."""
    return f"on: {on}\n{top}\njobs:\n  build:\n    runs-on: ubuntu-24.04\n{said}"


@pytest.mark.parametrize(
    ("on", "starts"),
    [
        ("push", ("push",)),
        ("[push, pull_request]", ("pull_request", "push")),
        ("{release: {types: [published]}}", ("release",)),
        ("", ()),
    ],
)
def test_events_are_read_in_every_spelling(on: str, starts: tuple[str, ...]) -> None:
    """`on` is a word here, whatever YAML 1.1 takes it for."""
    assert facts(job("    steps: []\n", on=on), Job) == [Job(BUILD, starts, None)]


@pytest.mark.parametrize(
    ("top", "own", "permissions"),
    [
        ("", "", None),
        ("permissions: {}", "", ()),
        ("permissions: write-all", "", (("all", "write"),)),
        ("permissions: write-all", "    permissions: {contents: read}\n", (("contents", "read"),)),
        ("permissions: read-all", "    permissions: {contents: none, packages: write}\n", (("packages", "write"),)),
    ],
)
def test_a_job_s_own_permissions_replace_the_workflow_s(top: str, own: str, permissions: object) -> None:
    """Silence is not the same as nothing: it leaves the repository's default."""
    (found,) = facts(job(f"{own}    steps: []\n", top=top), Job)
    assert isinstance(found, Job)
    assert found.permissions == permissions


def test_actions_are_those_of_other_repositories() -> None:
    """Steps and called workflows alike; what lies in the same commit is none."""
    steps = "    steps: [{uses: a/b@v1}, {uses: ./own}, {uses: $/own}, {uses: 'docker://alpine:3'}]\n"
    assert facts(job(steps), Uses) == [Uses(BUILD, "a/b", "v1"), Uses(BUILD, "docker://alpine:3", "")]
    called = "on: push\njobs: {build: {uses: a/b/.github/workflows/c.yml@main}}\n"
    assert facts(called, Uses) == [Uses(BUILD, "a/b/.github/workflows/c.yml", "main")]


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ("{run: docker push x}", "docker push"),
        ("{run: 'make && docker image push x'}", "docker image push"),
        ("{run: 'docker buildx build --tag x --push .'}", "docker buildx build --tag x --push"),
        ('{run: "docker build \\\\\\n  --push ."}', "docker build --push"),
        ("{uses: docker/build-push-action@v6, with: {push: true}}", "docker/build-push-action with push: true"),
        ("{uses: docker/build-push-action@v6, with: {push: '${{ github.event_name }}'}}", None),
        ("{uses: docker/build-push-action@v6}", None),
        ("{run: 'docker build . # --push'}", None),
        ("{run: 'echo docker push'}", None),
        ("{run: '# docker push'}", None),
        ("{run: git push}", None),
        ("{if: 'github.event_name == 1', run: docker push x}", None),
    ],
)
def test_a_push_is_one_that_always_happens(step: str, command: str | None) -> None:
    """What hangs on a condition, is quoted or is a comment pushes nothing for certain."""
    found = facts(job(f"    steps:\n      - {step}\n"), Pushes)
    assert found == ([Pushes(BUILD, command)] if command else [])


@pytest.mark.parametrize(
    "text", ["", "a: [", "jobs: 3", "on: push\njobs: {a: 1, b: {steps: 3}}", "- x", "jobs: {a: {steps: [1]}}"]
)
def test_what_is_no_workflow_says_nothing_wrong(text: str) -> None:
    """GitHub would not run it, and a reader does not fall over it."""
    assert facts(text, Uses) == []
    assert facts(text, Pushes) == []


CREDENTIALS = "aws-actions/configure-aws-credentials@" + "a" * 40
ARN = "arn:aws:iam::${{ vars.ACCOUNT }}:role"


def takes(on: str, role: str = f"{ARN}/shop", extra: str = "") -> list[Fact]:
    """What is said of a job that takes on a role."""
    step = f"    steps:\n      - uses: {CREDENTIALS}\n        with: {{role-to-assume: '{role}'}}\n"
    return facts(job(f"{extra}{step}", on=on), TakesOn)


@pytest.mark.parametrize(
    ("on", "extra", "subjects"),
    [
        ("pull_request", "", ("pull_request",)),
        ("{push: {branches: [main, next]}}", "", ("ref:refs/heads/main", "ref:refs/heads/next")),
        ("{release: {types: [published]}}", "", ("ref:refs/tags/*",)),
        ("{release: {}, pull_request: {}}", "", ("pull_request", "ref:refs/tags/*")),
        ("push", "", ()),
        ("{push: {branches: [main], tags: [v1]}}", "", ()),
        ("schedule", "", ()),
        ("pull_request", "    environment: production\n", ("environment:production",)),
        ("push", "    environment: {name: production}\n", ("environment:production",)),
        ("push", "    environment: ${{ inputs.where }}\n", ()),
    ],
)
def test_a_token_says_what_started_the_job_or_its_environment(on: str, extra: str, subjects: tuple[str, ...]) -> None:
    """As GitHub words it; where it could be anything, nothing is said of it."""
    assert takes(on, extra=extra) == [TakesOn(BUILD, "shop", subjects)]


@pytest.mark.parametrize(
    ("said", "known"),
    [("", "sts.amazonaws.com"), (", audience: sts.example", "sts.example"), (", audience: '${{ x }}'", None)],
)
def test_a_token_is_written_for_whom_its_step_says(said: str, known: str | None) -> None:
    """AWS's own STS unless the step says otherwise; what is worked out at run time is not known."""
    step = f"    steps:\n      - uses: {CREDENTIALS}\n        with: {{role-to-assume: '{ARN}/shop'{said}}}\n"
    [taken] = facts(job(step, on="pull_request"), TakesOn)
    assert isinstance(taken, TakesOn)
    assert taken.audience == known if known is not None else isinstance(taken.audience, Unknown)


def test_roles_are_known_by_their_names() -> None:
    """Through a matrix and behind a path, too; a name that is put together at run time is nobody's."""
    matrix = f"    strategy: {{matrix: {{include: [{{r: '{ARN}/a'}}, {{r: '{ARN}/b'}}]}}}}\n"
    found = takes("pull_request", "${{ matrix.r }}", matrix)
    assert found == [TakesOn(BUILD, "a", ("pull_request",)), TakesOn(BUILD, "b", ("pull_request",))]
    assert takes("pull_request", f"{ARN}/path/to/shop") == [TakesOn(BUILD, "shop", ("pull_request",))]
    assert takes("pull_request", f"{ARN}/${{{{ vars.ROLE }}}}") == []
    assert takes("pull_request", f"{ARN}/shop-${{{{ vars.STAGE }}}}") == []
