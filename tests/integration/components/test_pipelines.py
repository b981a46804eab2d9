"""Pipelines as their own linters see them: workflows, scripts, the Jenkinsfile, Dockerfiles, YAML."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from prerequisites import ROOT, program
from seawall.cli.input import load_graph, reference_platforms
from seawall.render.written.files import files

PARSE = """
def unit = new org.codehaus.groovy.control.CompilationUnit()
args.each { unit.addSource(new File(it)) }
unit.compile(org.codehaus.groovy.control.Phases.CONVERSION)
"""


def taken_over(name: str, environment: str | None, folder: Path) -> Path:
    """The repository's own files of a platform, where a repository has them."""
    platform, graph = load_graph([name], environment)
    for path, content in files(platform, graph):
        if path.startswith("repository/"):
            file = folder / path.removeprefix("repository/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder


@pytest.fixture(scope="module", params=sorted(reference_platforms()))
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform's repository: its own files and its description."""
    folder = taken_over(request.param, None, tmp_path_factory.mktemp(request.param))
    shutil.copy(reference_platforms()[request.param] / "platform.yaml", folder)
    # Linters look for the repository that a file belongs to.
    (folder / ".git").mkdir()
    return folder


def linted(name: str, *arguments: str, folder: Path, **environment: str) -> str:
    """What a linter says; nothing where all is well."""
    found = program(name)
    assert found is not None
    ran = subprocess.run(
        [found, *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr or f"exit status {ran.returncode}"


def workflows(repository: Path) -> list[str]:
    """The workflows of a repository, by their paths in it."""
    found = sorted(str(file.relative_to(repository)) for file in repository.glob(".github/workflows/*.yml"))
    assert len(found) == 4
    return found


@pytest.mark.needs("actionlint", "shellcheck")
def test_actionlint_finds_nothing(repository: Path) -> None:
    """Workflows are what GitHub takes, expressions and inputs of actions too, and shellcheck reads every script."""
    shellcheck = program("shellcheck") or ""
    assert linted("actionlint", "-shellcheck", shellcheck, *workflows(repository), folder=repository) == ""


@pytest.mark.needs("actionlint", "shellcheck")
def test_actionlint_would_find_something(repository: Path, tmp_path: Path) -> None:
    """The linter that finds nothing reads scripts: a variable without quotes is found."""
    text = (repository / workflows(repository)[0]).read_text().replace('"$SEAWALL"', "$SEAWALL")
    (tmp_path / "workflow.yml").write_text(text)
    said = linted("actionlint", "-shellcheck", program("shellcheck") or "", "workflow.yml", folder=tmp_path)
    assert "SC2086" in said


@pytest.mark.needs("zizmor")
def test_zizmor_finds_nothing(repository: Path) -> None:
    """No injection, no credential that stays, no action that can be moved, no permission too many."""
    assert linted("zizmor", "--offline", "--no-progress", "--quiet", ".", folder=repository) == ""


@pytest.mark.needs("shellcheck")
def test_shellcheck_finds_nothing(repository: Path) -> None:
    """Every script of the repository, as it is written there."""
    scripts = sorted(str(file.relative_to(repository)) for file in repository.glob("**/*.sh"))
    assert scripts
    assert linted("shellcheck", *scripts, folder=repository) == ""


@pytest.mark.needs("yamllint")
def test_yamllint_finds_nothing(repository: Path) -> None:
    """The description and the workflows, by the very settings that the pipeline uses."""
    settings = ("--strict", "--config-file", "pipeline/yamllint.yaml")
    assert linted("yamllint", *settings, "platform.yaml", ".github", folder=repository) == ""


@pytest.mark.needs("groovy")
def test_a_jenkinsfile_is_groovy(repository: Path, tmp_path: Path) -> None:
    """Where a platform has Jenkins, its file parses; and a parenthesis too many is found."""
    file = repository / "Jenkinsfile"
    if not file.exists():
        assert "jenkins" not in yaml.safe_load((repository / "platform.yaml").read_text())["delivery"].get(
            "pipelines", []
        )
        return
    (tmp_path / "parse.groovy").write_text(PARSE)
    broken = tmp_path / "Broken"
    broken.write_text(file.read_text().replace("stage(", "stage((", 1))
    java = {"JAVA_HOME": str(Path(os.path.realpath(program("java") or "")).parent.parent)}
    assert linted("groovy", str(tmp_path / "parse.groovy"), str(file), folder=tmp_path, **java) == ""
    assert "startup failed" in linted("groovy", str(tmp_path / "parse.groovy"), str(broken), folder=tmp_path, **java)


@pytest.mark.needs("hadolint")
def test_hadolint_finds_nothing() -> None:
    """The agent's Dockerfile and those that ship with platforms; a platform's own lie in its own repository."""
    found = sorted(
        str(file) for folder in reference_platforms().values() for file in folder.glob("images/*/Dockerfile")
    )
    assert found
    found.append(str(ROOT / "Dockerfile"))
    assert linted("hadolint", *found, folder=Path.cwd()) == ""


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_every_environment_has_the_same_repository(name: str, tmp_path: Path) -> None:
    """A repository has one root, so whichever environment is compiled says the same of it."""
    environments = yaml.safe_load((reference_platforms()[name] / "platform.yaml").read_text())["environments"]
    written = {
        environment: {
            str(file.relative_to(folder)): file.read_bytes()
            for folder in [taken_over(name, environment, tmp_path / environment)]
            for file in folder.rglob("*")
            if file.is_file()
        }
        for environment in environments
    }
    first, *others = written.values()
    assert ".github/workflows/pull-request.yml" in first
    assert all(other == first for other in others)
