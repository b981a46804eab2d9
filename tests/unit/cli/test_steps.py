"""How a runbook is told: a line a step, questions only to somebody who is there, and JSON as its schema says."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from pathlib import Path

import pytest

from seawall.cli.main import main
from seawall.cli.steps import Steps, document
from seawall.kernel.verdict import proven, refuted
from seawall.operate.runbook import Doing, Runbook, Step, StepEvent, run


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def told(*events: StepEvent, stream: io.StringIO | None = None) -> list[str]:
    """What is written of events, without the times at the head of each line."""
    written = stream or io.StringIO()
    with Steps(written) as steps:
        for event in events:
            steps(event)
    return [line.partition("] ")[2] for line in written.getvalue().splitlines()]


def event(state: str, detail: str = "Load it.", seconds: float = 0.0) -> StepEvent:
    """How the second of three steps goes."""
    return StepEvent("restore", "load", 2, 3, state, seconds, detail)


def test_a_step_is_one_line_with_its_last_words() -> None:
    """What a log keeps of a step: that it is done, how long it took, and what it said last."""
    lines = told(event("begun"), event("said", "1 MB"), event("said", "2 MB"), event("done", seconds=1.25))
    assert lines == ["2/3 load: Load it: done in 1.2 s (2 MB)"]


def test_what_was_so_what_would_be_done_and_what_failed_is_said() -> None:
    """Every way in which a step can end, or not be begun."""
    lines = told(event("already"), event("would"), event("failed", "no room", 2.0))
    assert lines == [
        "2/3 load: Load it: already so",
        "2/3 load: would: Load it",
        "2/3 load: failed after 2.0 s: no room",
    ]


def test_on_a_terminal_the_last_line_moves_and_goes() -> None:
    """Nothing of the moving line is left when the command ends."""
    stream = Terminal()
    told(event("begun"), event("said", "1 MB"), stream=stream)
    assert "2/3 load: 1 MB" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nobody_there_is_no_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question in a pipe is not answered by whatever comes down the pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    steps = Steps(io.StringIO())
    assert steps.approver(given=False)("Lose it?") is False
    assert steps.approver(given=True)("Lose it?") is True


@pytest.mark.parametrize(("answer", "consents"), [("yes\n", True), ("y\n", False), ("no\n", False), ("", False)])
def test_only_yes_is_consent(monkeypatch: pytest.MonkeyPatch, answer: str, consents: bool) -> None:
    """Whoever presses Enter has agreed to nothing."""
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    stream = io.StringIO()
    assert Steps(stream).approver(given=False)("Lose it?") is consents
    assert stream.getvalue().startswith("Lose it?")


@pytest.mark.needs("jsonschema")
def test_what_is_printed_keeps_to_its_schema(tmp_path: Path) -> None:
    """Whatever may be kept, and a dry run, which has no journal."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath("runbook.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    def act(doing: Doing) -> None:
        doing.keep(text="a", number=1, share=0.5, listed=["a"], nothing=None, agreed=True)

    step = Step("keep", "keep it", act, lambda doing: proven() if "text" in doing.kept else refuted("not kept"))
    book = Runbook("failover", "shop", (step,))
    for dry_run in (True, False):
        printed = document(run(book, tmp_path, dry_run=dry_run), "shop", dry_run=dry_run, would=("keep",) * dry_run)
        jsonschema.validate(json.loads(json.dumps(printed)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1}, schema)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["failover", "pocketbank"], 2, "has no place that could take over"),
        (["failover", "petclinic", "--to", "mars"], 2, "the places: azure"),
        (["failover", "petclinic"], 2, "the emulator has no Azure"),
        (["failover", "petclinic", "--planned", "--although-it-answers"], 2, "say one of them"),
        (["failback", "petclinic"], 3, "is done by hand"),
        (["failover", "genai-demo"], 2, "nothing is up"),
        (["failback", "genai-demo", "--from", "tokyo"], 2, "nothing is up"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(
    arguments: list[str], status: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends as the contract says, before anything is asked or written."""
    assert main([*arguments, "--state-dir", str(tmp_path / "state")]) == status
    assert words in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
