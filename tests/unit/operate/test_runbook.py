"""Steps are done once each, whatever ends a run; checks, approvals, resumption and the audit are the engine's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.runbook import Doing, Runbook, Step, StepEvent, part, run


class World:
    """What the steps change: a list of what was done; each may be done once."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fail: str = ""
        self.sees: bool = True

    def step(self, name: str, approval: str = "", ready: Verdict | None = None) -> Step:
        """A step that adds its name."""

        def act(doing: Doing) -> None:
            if self.fail == f"before {name}":
                raise KeyboardInterrupt
            doing.keep(**{f"chosen_{name}": len(self.done)})
            self.done.append(name)
            if self.fail == f"after {name}":
                raise KeyboardInterrupt

        def so(doing: Doing) -> Verdict:
            if not self.sees:
                return unknown("nobody can be asked")
            return proven() if name in self.done else refuted(f"{name} is not done")

        return Step(
            name, f"does {name}", act, so, ready=lambda doing: proven() if ready is None else ready, approval=approval
        )


def book(world: World, *names: str, **inputs: str) -> Runbook:
    """A runbook of steps of these names."""
    return Runbook("mend", "shop-production", tuple(world.step(name) for name in names), inputs)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("cut", ["one", "two", "three"])
def test_a_run_that_is_cut_short_anywhere_goes_on_and_does_nothing_twice(tmp_path: Path, moment: str, cut: str) -> None:
    """Interrupted before or after any step, the next run does exactly what is left, with what was kept."""
    world = World()
    world.fail = f"{moment} {cut}"
    with pytest.raises(KeyboardInterrupt):
        run(book(world, "one", "two", "three"), tmp_path)
    world.fail = ""
    ran = run(book(world, "one", "two", "three"), tmp_path)
    assert world.done == ["one", "two", "three"]
    assert ran.resumed
    assert ran.kept == {"chosen_one": 0, "chosen_two": 1, "chosen_three": 2}


def test_a_step_that_is_so_already_is_not_done(tmp_path: Path) -> None:
    """The world is asked before a step, by a run that knows nothing of an earlier one."""
    world = World()
    world.done = ["one"]
    ran = run(book(world, "one", "two"), tmp_path)
    assert (ran.done, ran.already) == (("two",), ("one",))


def test_what_nobody_can_prove_afterwards_is_a_failure(tmp_path: Path) -> None:
    """A step whose effect is unknown afterwards does not count as done."""
    world = World()
    world.sees = False
    with pytest.raises(OutsideError, match="nobody can be asked"):
        run(book(world, "one"), tmp_path)


def test_a_check_beforehand_that_is_not_proven_keeps_the_step_from_being_begun(tmp_path: Path) -> None:
    """Refused beforehand means that nothing was changed."""
    world = World()
    steps = (world.step("one", ready=refuted("the copy is too old")),)
    with pytest.raises(OutsideError, match="the copy is too old"):
        run(Runbook("mend", "shop", steps), tmp_path)
    assert world.done == []


def test_a_step_that_asks_for_approval_is_not_done_without_it(tmp_path: Path) -> None:
    """Nobody there to ask is no consent; afterwards the run goes on at that step."""
    world = World()
    steps = (world.step("one"), world.step("two", approval="Lose a day of data?"))
    asked: list[str] = []
    with pytest.raises(InputError, match="Lose a day of data"):
        run(Runbook("mend", "shop", steps), tmp_path)
    assert world.done == ["one"]
    run(Runbook("mend", "shop", steps), tmp_path, approve=lambda question: not asked.append(question))  # type: ignore[func-returns-value]
    assert (world.done, asked) == (["one", "two"], ["Lose a day of data?"])


def test_a_run_with_other_inputs_does_not_go_on_with_the_one_that_was_cut_short(tmp_path: Path) -> None:
    """Two intentions are never mixed; giving the first up has to be said."""
    world = World()
    world.fail = "after one"
    with pytest.raises(KeyboardInterrupt):
        run(book(world, "one", to="tokyo"), tmp_path)
    world.fail = ""
    with pytest.raises(InputError, match="to tokyo"):
        run(book(world, "one", to="azure"), tmp_path)
    assert run(book(world, "one", to="azure"), tmp_path, anew=True).already == ("one",)


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(tmp_path: Path) -> None:
    """Not even a folder is made, and the first step that is not so makes all after it uncertain."""
    world = World()
    world.done = ["one"]
    events: list[StepEvent] = []
    run(book(world, "one", "two", "three"), tmp_path / "state", dry_run=True, report=events.append)
    assert [event.state for event in events] == ["already", "would", "would"]
    assert world.done == ["one"]
    assert not (tmp_path / "state").exists()


def test_every_action_leaves_a_line_in_the_audit_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    """Who did what to what, when, with which result; failures and refusals too."""
    world = World()
    world.fail = "before two"
    with pytest.raises(KeyboardInterrupt):
        run(book(world, "one", "two"), tmp_path)
    world.fail = ""
    run(book(world, "one", "two"), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["result"]) for line in lines] == [("one", "done"), ("two", "done")]
    assert all(line["by"] and line["at"] and line["target"] == "shop-production" for line in lines)
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_part_keeps_under_its_own_name_and_reads_the_whole(tmp_path: Path) -> None:
    """Two parts that keep under one name do not meet, and each sees what the whole knows."""
    seen: list[object] = []

    def inner(doing: Doing) -> None:
        seen.append((doing["ordered"], "name" in doing.kept))
        doing.keep(name=f"of part {len(seen)}")

    def keeping(name: str) -> Step:
        return Step(name, "keeps", inner, lambda doing: proven() if "name" in doing.kept else refuted("no name"))

    first = Step(
        "order",
        "orders",
        lambda doing: doing.keep(ordered="tea"),
        lambda doing: proven() if "ordered" in doing.kept else refuted("nothing ordered"),
    )
    steps = (first, *part("left", [keeping("keep")]), *part("right", [keeping("keep")]))
    ran = run(Runbook("serve", "shop", steps), tmp_path)
    assert ran.done == ("order", "left-keep", "right-keep")
    assert seen == [("tea", False), ("tea", False)]
    assert ran.kept == {"ordered": "tea", "left/name": "of part 1", "right/name": "of part 2"}


def test_a_question_may_be_made_of_what_is_known_by_then(tmp_path: Path) -> None:
    """A person is asked about the copy that was chosen, and not at all where there is nothing to ask."""
    asked: list[str] = []
    world = World()

    def approve(question: str) -> bool:
        asked.append(question)
        return True

    chooses = world.step("choose")
    accepts = replace(world.step("accept"), approval=lambda doing: f"Take {doing['chosen_choose']}?")
    silent = replace(world.step("go"), approval=lambda doing: "")
    run(Runbook("mend", "shop", (chooses, accepts, silent)), tmp_path, approve=approve)
    assert asked == ["Take 0?"]


def test_what_was_done_is_not_forgotten_by_a_second_kill(tmp_path: Path) -> None:
    """A run that goes on, and is killed at once, hands on all that the first had done."""
    world = World()
    world.fail = "before three"
    with pytest.raises(KeyboardInterrupt):
        run(book(world, "one", "two", "three"), tmp_path)
    world.fail = ""

    def kill(event: StepEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(book(world, "one", "two", "three"), tmp_path, report=kill)
    # What was waited for, such as health, need not be so for ever.
    world.done.remove("two")
    ran = run(book(world, "one", "two", "three"), tmp_path)
    assert ran.done == ("three",)
    assert world.done == ["one", "three"]
