"""Workflows are found where GitHub looks for them, although the folder is hidden, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.ingest.estate import ingest
from seawall.ingest.pipelines import MAX_BYTES, workflows
from seawall.kernel.errors import InputError

TEXT = "on: push\njobs: {build: {runs-on: ubuntu-24.04, steps: [{run: make}]}}\n"


def workflow(folder: Path, name: str = "build.yml", text: str = TEXT) -> Path:
    """A workflow in a repository."""
    file = folder / ".github" / "workflows" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def addresses(*paths: Path) -> list[str]:
    """The workflows that an estate comes to."""
    return sorted(str(one.address) for one in ingest(list(paths)) if one.type == "file/github-workflow")


def test_a_repository_is_read_at_any_depth(tmp_path: Path) -> None:
    """A repository within a folder is found; other hidden folders, other suffixes and other places are not."""
    workflow(tmp_path)
    workflow(tmp_path / "services" / "shop", "check.yaml")
    workflow(tmp_path / ".hidden")
    workflow(tmp_path, "notes.txt")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "build.yml").write_text(TEXT)
    assert addresses(tmp_path) == [
        "file:.github/workflows/build.yml",
        "file:services/shop/.github/workflows/check.yaml",
    ]


def test_the_folder_itself_or_a_file_can_be_given(tmp_path: Path) -> None:
    """Whoever names the hidden folder means it."""
    file = workflow(tmp_path)
    assert addresses(tmp_path / ".github") == ["file:workflows/build.yml"]
    assert addresses(tmp_path / ".github" / "workflows") == ["file:build.yml"]
    assert addresses(file) == [f"file:{file}"]


def test_two_repositories_do_not_take_each_others_names(tmp_path: Path) -> None:
    """Each workflow of several inputs is named by its input, too."""
    workflow(tmp_path / "one")
    workflow(tmp_path / "two")
    assert len(addresses(tmp_path / "one", tmp_path / "two")) == 2


def test_what_cannot_be_a_workflow_is_refused(tmp_path: Path) -> None:
    """Too large, or no text at all: with the file's name."""
    workflow(tmp_path, text="#" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="larger than"):
        list(workflows(tmp_path))
    workflow(tmp_path).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        list(workflows(tmp_path))
