"""Runbooks: steps with a check before and after, done once each however often the run is killed and begun again.

A step is asked whether it is so already, done if it is not, and asked again. What it finds out and later steps need it
keeps in the journal before it acts on it, so that a run that goes on after a kill decides nothing anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from seawall.deploy.journal import Journal, read, user_name
from seawall.deploy.lock import local_lock
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Answer, Verdict, proven

Plain: TypeAlias = str | int | float | bool | list[str] | None
"""What may stand in a journal: never a secret."""


@dataclass(frozen=True, slots=True)
class StepEvent:
    """How a step goes, the ``number``-th of ``total``: begun, done, already, failed, would, or said (its own words)."""

    runbook: str
    step: str
    number: int
    total: int
    state: str
    seconds: float = 0.0
    detail: str = ""


Reporter: TypeAlias = Callable[[StepEvent], None]
Approver: TypeAlias = Callable[[str], bool]


def silent(event: StepEvent) -> None:
    """Tell nobody."""


def nobody(question: str) -> bool:
    """Approve nothing: for runs where nobody is there to ask."""
    return False


@dataclass(slots=True)
class Doing:
    """What a step is handed: what earlier steps kept, and where it says what it does."""

    kept: MutableMapping[str, Plain]
    _journal: Journal | None
    _audit: Callable[[str, str, str], None]
    _say: Callable[[str], None]
    _part: str = ""

    def __getitem__(self, name: str) -> Plain:
        return self.kept[name]

    def text(self, name: str) -> str:
        """What was kept under this name, as text."""
        return str(self.kept[name])

    def keep(self, **values: Plain) -> None:
        """Remember values for later steps and later runs; they are on the disk when this returns. Never a secret."""
        if self._journal is not None:
            self._journal.write("keep", values={self._part + name: value for name, value in values.items()})
        self.kept.update(values)

    def audit(self, action: str, target: str, result: str = "done") -> None:
        """Add a line to the audit, for a step that does more than one thing."""
        self._audit(action, target, result)

    def say(self, words: str) -> None:
        """Tell whoever watches how far it is."""
        self._say(words)

    def within(self, part: str) -> Doing:
        """What a step of a part is handed: it keeps under names of its own, and reads the whole's where it has none."""
        own = _Named(self.kept, f"{part}/")
        return Doing(ChainMap(own, self.kept), self._journal, self._audit, self._say, f"{self._part}{part}/")


class _Named(MutableMapping[str, Plain]):
    """What a part keeps, as it names it; the whole holds it under the part's name."""

    def __init__(self, whole: MutableMapping[str, Plain], part: str) -> None:
        self._whole, self._part = whole, part

    def __getitem__(self, name: str) -> Plain:
        return self._whole[self._part + name]

    def __setitem__(self, name: str, value: Plain) -> None:
        self._whole[self._part + name] = value

    def __delitem__(self, name: str) -> None:
        del self._whole[self._part + name]

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self._part) for name in self._whole if name.startswith(self._part))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _always(doing: Doing) -> Verdict:
    return proven("nothing has to be so beforehand")


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a runbook.

    ``says`` is a sentence that tells what it does and to what. ``so`` asks the world whether it has been done: asked
    before, a proof means that nothing is left to do; asked after, all but a proof is a failure. ``ready`` asks
    beforehand whether it may be done. Neither changes anything. ``approval`` is the question that a person must
    answer with yes first, or what makes it of what is known by then; none where it is empty.
    """

    name: str
    says: str
    act: Callable[[Doing], None]
    so: Callable[[Doing], Verdict]
    ready: Callable[[Doing], Verdict] = _always
    approval: str | Callable[[Doing], str] = ""


def part(name: str, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of one runbook as a part of another: what they keep, and their own names, begin with the part's."""
    return tuple(_within(name, step) for step in steps)


def _within(name: str, step: Step) -> Step:
    approval = step.approval
    return replace(
        step,
        name=f"{name}-{step.name}",
        act=lambda doing: step.act(doing.within(name)),
        so=lambda doing: step.so(doing.within(name)),
        ready=lambda doing: step.ready(doing.within(name)),
        approval=approval if isinstance(approval, str) else lambda doing: approval(doing.within(name)),
    )


@dataclass(frozen=True, slots=True)
class Runbook:
    """An operation: its steps in order.

    ``subject`` is what it is done to, such as ``petclinic-production``. ``inputs`` are what tells one run from
    another: a run that was cut short goes on only with the same ones.
    """

    name: str
    subject: str
    steps: tuple[Step, ...]
    inputs: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if len(set(names)) != len(names):
            raise ValueError(f"two steps of {self.name} have one name: {names}")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: the steps done in it, those that were so already, what was kept, and where its journal is."""

    runbook: str
    done: tuple[str, ...]
    already: tuple[str, ...]
    kept: Mapping[str, Plain]
    seconds: Mapping[str, float]
    journal: Path | None
    resumed: str = ""


def run(
    runbook: Runbook,
    folder: Path,
    *,
    report: Reporter = silent,
    approve: Approver = nobody,
    dry_run: bool = False,
    anew: bool = False,
) -> Ran:
    """Do what is left of a runbook; ``folder`` holds journals, the audit and the lock of what is operated on.

    A run of the same runbook, subject and inputs that was cut short is gone on with. ``dry_run`` asks every step
    whether it is so, up to the first that hangs on one that is not, and changes nothing, not even the folder.
    ``anew`` gives an interrupted run up instead of going on with it.

    Raises InputError where another run with other inputs was cut short or an approval is missing, OutsideError where
    a check refuses, a step fails, or the lock is held.
    """
    if dry_run:
        return _dry(runbook, report)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with local_lock(folder / "lock", f"seawall {runbook.name} {runbook.subject}", lambda words: None):
        earlier = None if anew else _cut_short(folder / "journal", runbook)
        journal = Journal(folder / "journal", runbook.name, world=_world(runbook))
        with _closing(journal) as close:
            journal.write("inputs", values=dict(runbook.inputs), resumes=earlier.name if earlier else "")
            kept = dict(earlier.kept) if earlier else {}
            if kept:
                journal.write("keep", values=kept)
            # All at once: a run that is killed before it comes to them must not forget them for the next.
            for name in names(runbook.steps):
                if earlier is not None and name in earlier.ended:
                    journal.end(runbook.name, name, "already")
            ran = _Run(runbook, folder, journal, report, approve, kept, earlier.ended if earlier else frozenset()).all()
            close("done")
    return Ran(runbook.name, *ran, journal.path, earlier.name if earlier else "")


class _Run:
    """One run from its first step to its last."""

    def __init__(
        self,
        runbook: Runbook,
        folder: Path,
        journal: Journal,
        report: Reporter,
        approve: Approver,
        kept: dict[str, Plain],
        ended: frozenset[str],
    ) -> None:
        self.runbook, self.folder, self.journal = runbook, folder, journal
        self.report, self.approve, self.kept, self.ended = report, approve, kept, ended

    def all(self) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Plain], dict[str, float]]:
        done: list[str] = []
        already: list[str] = []
        seconds: dict[str, float] = {}
        for number, step in enumerate(self.runbook.steps, 1):
            began = time.monotonic()
            doing = self._doing(step, number)
            if step.name in self.ended or step.so(doing).proven:
                already.append(step.name)
                # What an earlier run was seen to do needs no second line in the audit.
                if step.name not in self.ended:
                    self._audit(step.name, self.runbook.subject, "already so")
                    self.journal.end(self.runbook.name, step.name, "already")
                self._tell(step, number, "already")
            else:
                self._do(step, doing, number)
                done.append(step.name)
            seconds[step.name] = time.monotonic() - began
        return tuple(done), tuple(already), self.kept, seconds

    def _do(self, step: Step, doing: Doing, number: int) -> None:
        before = step.ready(doing)
        if not before.proven:
            self._audit(step.name, self.runbook.subject, "refused")
            raise OutsideError(
                f"{self.runbook.name}: {step.name} was not begun",
                _reasons(before),
                fix=f"mend that and run it again; it goes on at {step.name}",
            )
        question = step.approval if isinstance(step.approval, str) else step.approval(doing)
        if question:
            self._ask(step, question)
        began = time.monotonic()
        self.journal.begin(self.runbook.name, step.name)
        self._tell(step, number, "begun")
        try:
            step.act(doing)
            after = step.so(doing)
            if not after.proven:
                raise OutsideError(
                    f"{self.runbook.name}: {step.name} was done, and is not so",
                    _reasons(after),
                    fix=f"mend that and run it again; it goes on at {step.name}",
                )
        except Exception as error:
            self.journal.end(self.runbook.name, step.name, "failed")
            self._audit(step.name, self.runbook.subject, "failed")
            self._tell(step, number, "failed", time.monotonic() - began, str(error).partition("\n")[0])
            raise
        self.journal.end(self.runbook.name, step.name, "done")
        self._audit(step.name, self.runbook.subject, "done")
        self._tell(step, number, "done", time.monotonic() - began)

    def _ask(self, step: Step, question: str) -> None:
        if not self.approve(question):
            self._audit(f"{step.name}: approval", self.runbook.subject, "refused")
            raise InputError(
                f"{self.runbook.name}: {step.name} needs an approval: {question}",
                fix="run it in a terminal and answer yes, or say --yes; it goes on where it is",
            )
        self.journal.write("approved", step=step.name, by=user_name())
        self._audit(f"{step.name}: approval", self.runbook.subject, "given")

    def _doing(self, step: Step, number: int) -> Doing:
        return Doing(self.kept, self.journal, self._audit, lambda words: self._tell(step, number, "said", 0.0, words))

    def _tell(self, step: Step, number: int, state: str, seconds: float = 0.0, detail: str = "") -> None:
        total = len(self.runbook.steps)
        self.report(StepEvent(self.runbook.name, step.name, number, total, state, seconds, detail or step.says))

    def _audit(self, action: str, target: str, result: str) -> None:
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "by": user_name(),
            "runbook": self.runbook.name,
            "run": self.journal.name,
            "action": action,
            "target": target,
            "result": result,
        }
        file = os.open(self.folder / "audit.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, json.dumps(line).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)


def _dry(runbook: Runbook, report: Reporter) -> Ran:
    """What a run would do; a step is asked as long as nothing that it may hang on is still to be done."""
    total = len(runbook.steps)
    already: list[str] = []
    doing = Doing({}, None, lambda action, target, result: None, lambda words: None)
    for number, step in enumerate(runbook.steps, 1):
        if len(already) == number - 1 and step.so(doing).answer is Answer.PROVEN:
            already.append(step.name)
            report(StepEvent(runbook.name, step.name, number, total, "already", 0.0, step.says))
        else:
            report(StepEvent(runbook.name, step.name, number, total, "would", 0.0, step.says))
    return Ran(runbook.name, (), tuple(already), {}, {}, None)


@dataclass(frozen=True, slots=True)
class _Earlier:
    name: str
    kept: Mapping[str, Plain]
    ended: frozenset[str]


def _cut_short(folder: Path, runbook: Runbook) -> _Earlier | None:
    """The newest run of this runbook if it did not come to its end; InputError where its inputs were others."""
    for path in sorted(folder.glob(f"*-{runbook.name}-*.jsonl"), reverse=True):
        entries = list(read(path))
        if not any(entry.get("what") == "run" and entry.get("world") == _world(runbook) for entry in entries):
            continue
        inputs: Mapping[str, Plain] = {}
        kept: dict[str, Plain] = {}
        ended: set[str] = set()
        for entry in entries:
            match entry:
                case {"what": "inputs", "values": dict(values)}:
                    inputs = values
                case {"what": "keep", "values": dict(values)}:
                    kept.update(values)
                case {"what": "end", "step": str(step), "result": "done" | "already"}:
                    ended.add(step)
                case {"what": "closed", "result": "done"}:
                    return None
        if dict(inputs) != dict(runbook.inputs):
            other = ", ".join(f"{name} {value}" for name, value in sorted(inputs.items()))
            raise InputError(
                f"{runbook.name} of {runbook.subject} was cut short with other inputs: {other}",
                fix="run it with those and it goes on, or say --anew to give that run up",
            )
        return _Earlier(path.name, kept, frozenset(ended))
    return None


def unfinished(folder: Path, runbook: Runbook) -> Mapping[str, Plain] | None:
    """What the run kept that ``run`` would go on with; None where it would begin anew. Raises InputError as it does."""
    earlier = _cut_short(folder / "journal", runbook)
    return earlier.kept if earlier is not None else None


@contextmanager
def _closing(journal: Journal) -> Iterator[Callable[[str], None]]:
    result = ["failed"]
    try:
        yield lambda word: result.__setitem__(0, word)
    except KeyboardInterrupt:
        result[0] = "interrupted"
        raise
    finally:
        journal.close(result[0])


def _world(runbook: Runbook) -> str:
    return hashlib.sha256(f"{runbook.name} {runbook.subject}".encode()).hexdigest()[:16]


def _reasons(verdict: Verdict) -> str:
    return "\n".join(map(str, verdict.because)) or str(verdict)


def names(steps: Sequence[Step]) -> tuple[str, ...]:
    """The names of steps, in order."""
    return tuple(step.name for step in steps)
