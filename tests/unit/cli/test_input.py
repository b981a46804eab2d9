"""What an INPUT means."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.cli.input import description_of, load_graph
from seawall.kernel.errors import InputError


def test_the_documented_state_of_a_platform_has_a_name() -> None:
    """``genai-demo/as_documented`` is an existing estate, wherever Seawall is installed."""
    assert description_of("genai-demo/as_documented") is None
    platform, graph = load_graph(["genai-demo/as_documented"], None)
    assert platform is None
    assert {resource.body["name"] for resource in graph.of_type("aws_eks_cluster")} == {
        "genai-demo-production",
        "genai-demo-dr",
    }


@pytest.mark.parametrize("spelling", ["petclinic/as_drawn", "nothing/as_documented", "genai-demo/as_documented/.."])
def test_no_other_part_of_a_platform_has_one(spelling: str) -> None:
    """A name that means nothing is refused."""
    with pytest.raises(InputError, match="neither a file nor a reference platform"):
        description_of(spelling)


def test_what_lies_there_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the working folder is read rather than a shipped platform of the same name."""
    (tmp_path / "genai-demo" / "as_documented").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="nothing that can be read"):
        load_graph(["genai-demo/as_documented"], None)
