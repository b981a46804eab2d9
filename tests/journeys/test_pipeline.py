"""The pipeline of PetClinic, from a merge to a platform that is up, played with the very commands of its workflows.

What stands in: the application (a Dockerfile and a test that passes), GitHub (a bare repository, folders for
artifacts), and Argo CD (it says of each application that the branch's last commit is synced and healthy, as nobody
applies anything: the emulator has no cluster). What is not played is listed by the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline import Runner
from prerequisites import program
from seawall.cli.input import reference_platforms

pytestmark = pytest.mark.needs(
    "terraform", "aws-provider", "kubectl", "emulator", "git", "jq", "shellcheck", "hadolint", "yamllint"
)

DIGESTS = {"petclinic-was": "sha256:" + "1" * 64, "petclinic-web": "sha256:" + "2" * 64}
NEWER = {"petclinic-was": "sha256:" + "3" * 64, "petclinic-web": "sha256:" + "4" * 64}
LEFT_OUT = {
    "Install the linters": "they are here",
    "Install Seawall": "it is this tree",
    "Build and push": "no registry to push to",
    "Let git push as this job": "no GitHub to push to",
}
KUBECTL = """#!/usr/bin/env bash
# Argo CD, as far as the pipeline asks: whatever is on the branch is applied, and well.
set -euo pipefail
case " $* " in
*" get applications.argoproj.io "*)
    for word in "$@"; do [ "${previous-}" = applications.argoproj.io ] && name=$word; previous=$word; done
    jq -n --arg name "$name" --arg revision "$(git ls-remote --heads origin main | cut -f1)" \\
        '{metadata: {name: $name, labels: {environment: "development"}},
          status: {sync: {status: "Synced", revision: $revision}, health: {status: "Healthy"}}}' ;;
*) exec "$REAL_KUBECTL" "$@" ;;
esac
"""
AWS = """#!/usr/bin/env bash
set -euo pipefail
[ "$1 $2" = "eks update-kubeconfig" ] || { echo "nobody plays aws $*" >&2; exit 1; }
"""


def git(folder: Path, *arguments: str) -> str:
    """What git says in a folder."""
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"]
    return subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def environment(tmp_path: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    """What a step sees: this tree's seawall and linters, the real git and Terraform, and those who stand in."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("kubectl", KUBECTL), ("aws", AWS)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (programs / "seawall").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seawall "$@"\n')
    (programs / "seawall").chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return terraform_environment | {"PATH": path, "REAL_KUBECTL": program("kubectl") or ""}


@pytest.fixture
def remote(tmp_path: Path, environment: dict[str, str]) -> Path:
    """The bare repository of an application that was prepared as `pipeline/README.md` says."""
    repository = tmp_path / "repository"
    for image in ("was", "web"):
        (repository / image).mkdir(parents=True)
        (repository / image / "Dockerfile").write_text("FROM scratch\nCOPY . /\nUSER 10001\n")
    (repository / "was" / "mvnw").write_text("#!/bin/sh\nset -eu\n[ \"$*\" = '--batch-mode verify' ]\n")
    (repository / "was" / "mvnw").chmod(0o755)
    shutil.copy(reference_platforms()["petclinic"] / "platform.yaml", repository)
    for name in ("production", "development"):
        words = ["seawall", "compile", "platform.yaml", "--environment", name, "--output", f"platform/{name}"]
        subprocess.run(words, cwd=repository, env=environment, check=True, capture_output=True)
    shutil.copytree(repository / "platform" / "production" / "repository", repository, dirs_exist_ok=True)
    git(repository, "init", "--quiet", "--initial-branch", "main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Begin")
    bare = tmp_path / "remote.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    return bare


def test_a_merge_brings_petclinic_up(tmp_path: Path, remote: Path, environment: dict[str, str]) -> None:
    """Lint, test, compile, check, up, publish, wait, smoke tests; then a version that is not well, taken back."""
    commit = git(remote, "rev-parse", "main")
    runner = Runner(remote, commit, tmp_path / "jobs", environment, {"SEAWALL_TARGET": "emulator"}, LEFT_OUT)
    runner.folder.mkdir()
    built = {f"image-{image}": f"{image}@{digest}\n" for image, digest in DIGESTS.items()}
    for artifact, line in built.items():
        (runner.folder / "artifacts" / artifact).mkdir(parents=True)
        (runner.folder / "artifacts" / artifact / artifact.removeprefix("image-")).write_text(line)
    try:
        runner.play("development.yml")
        _all_was_played(runner)
        _what_is_deployed(remote, tmp_path / "first", commit, environment, DIGESTS)
        _taken_back(runner, remote)
        _what_is_deployed(remote, tmp_path / "second", commit, environment, DIGESTS)
    finally:
        place = runner.folder / "development"
        if place.is_dir():
            subprocess.run(["seawall", "emulator", "stop"], cwd=place, env=environment, check=False, timeout=60)


def _all_was_played(runner: Runner) -> None:
    assert runner.played == [
        "lint: Lint Dockerfiles",
        "lint: Lint scripts",
        "lint: Lint YAML",
        "test: Test",
        "synthesise: Compile",
        "synthesise: Compare with what is committed",
        "synthesise: Check",
        "development: List the images",
        "development: Bring up",
        "development: Publish",
        "development: Wait for Argo CD",
        "development: Smoke tests",
    ]
    assert sorted(set(runner.not_played)) == [
        "build: Build and push: no registry to push to",
        "build: Take on the role: aws-actions/configure-aws-credentials",
        "development: Install Seawall: it is this tree",
        "development: Let git push as this job: no GitHub to push to",
        "development: Set up Python: actions/setup-python",
        "development: Set up Terraform: hashicorp/setup-terraform",
        "development: Take on the role: aws-actions/configure-aws-credentials",
        "lint: Install the linters: they are here",
        "lint: Set up Python: actions/setup-python",
        "synthesise: Install Seawall: it is this tree",
        "synthesise: Set up Python: actions/setup-python",
    ]


def _what_is_deployed(
    remote: Path, checkout: Path, commit: str, environment: dict[str, str], digests: dict[str, str]
) -> None:
    """The branch holds it: filled, by digest, and as Kustomize builds it."""
    git(remote, "clone", "--quiet", str(remote), str(checkout))
    assert git(checkout, "log", "-1", "--format=%an") == "pipeline"
    deployed = checkout / "deployed" / "development"
    assert (deployed / "development.images").read_text() == "".join(
        f"{image}@{digest}\n" for image, digest in sorted(digests.items())
    )
    found: set[str] = set()
    for folder in sorted(path for path in deployed.iterdir() if path.is_dir()):
        words = [environment["REAL_KUBECTL"], "kustomize", str(folder)]
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert "${ap-northeast-2" not in text, "every reference is filled with what is up"
        found |= {line.split("image: ")[1] for line in text.splitlines() if ".dkr.ecr." in line and "image: " in line}
        assert [body["kind"] for body in yaml.safe_load_all(text)]
    ours = {f"petclinic-development/{image}@{digest}" for image, digest in digests.items()}
    assert {image.partition("/")[2] for image in found} == ours
    assert git(checkout, "diff", "--stat", commit, "HEAD", "--", ".", ":!deployed") == "", "it writes nothing else"


def _taken_back(runner: Runner, remote: Path) -> None:
    """A second version is published, its smoke tests fail, and the step that takes it back is played."""
    body = runner.workflow("development.yml")
    place = runner.folder / "development"
    steps = {step["name"]: step for step in body["jobs"]["development"]["steps"]}
    (place / "images.txt").write_text("".join(f"{image}@{digest}\n" for image, digest in NEWER.items()))
    runner.play_step(body, "development", steps["Publish"], {}, place)
    published = runner.outputs["publish"]["commit"]
    assert git(remote, "rev-parse", "main") == published
    assert NEWER["petclinic-was"] in git(remote, "show", f"{published}:deployed/development/development.images")
    assert steps["Roll back"]["if"] == "failure() && steps.publish.outputs.commit != ''"
    runner.play_step(body, "development", steps["Roll back"], {}, place)
    assert git(remote, "rev-parse", "main~1") == published
    assert git(remote, "diff", "--stat", f"{published}~1", "main") == ""
