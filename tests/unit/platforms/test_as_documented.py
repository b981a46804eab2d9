"""The documented state of a platform is what its page says: one set of manifests, a list with reasons."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml

from seawall.ingest.folders import files_below
from seawall.knowledge.authorization import exists

FOLDER = Path(str(files("seawall.platforms"))) / "genai-demo" / "as_documented"


def test_both_clusters_run_the_same_manifests() -> None:
    """One pod is documented, so that what the clusters run does not differ by a byte."""
    home, away = (
        {path.name: path.read_bytes() for path in sorted((FOLDER / "kubernetes" / cluster).iterdir())}
        for cluster in ("genai-demo-production", "genai-demo-dr")
    )
    assert home == away


def test_every_line_of_the_list_is_whole() -> None:
    """Each says from which line of the facts it comes, what is wrong, why, and names actions that AWS has."""
    said = yaml.safe_load((FOLDER / "expected.yaml").read_text())
    for item in (*said["permissions"], *said["excess"]):
        assert isinstance(item["line"], int)
        assert item["fact"]
        assert item["because"]
        assert [action for action in item["actions"] if not exists(action)] == []
    for item in said["permissions"]:
        assert item["kind"] in ("missing", "missed", "asked", "none")
        assert item["defect"]
        assert ("link" in item) == (item["kind"] in ("missing", "missed"))
    assert all(item["because"] for item in said["corrections"])


def test_a_scan_of_the_platform_does_not_descend() -> None:
    """Whoever reads the platform's folder does not get the mistakes of its documents with it."""
    assert not [path for path in files_below(FOLDER.parent) if FOLDER in path.parents]
    assert [path for path in files_below(FOLDER) if path.suffix == ".json"]
