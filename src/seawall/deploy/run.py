"""A run: one command on one workplace, with its lock, its journal, its AWS and its Terraform.

``opened`` gives a run to a use case and sees to its end, whatever that is. The stacks' own steps (prepare, plan,
apply, destroy) are here too, since every use case is made of them.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.deploy import progress, terraform
from seawall.deploy.bucket_journal import BucketJournal
from seawall.deploy.journal import Interrupted, Journal
from seawall.deploy.lock import bucket_lock, local_lock
from seawall.deploy.progress import Note, Reporter, ResourceChanged, ResourceWaits, StackStarted
from seawall.deploy.rendered import Backend, Rendered, StackFiles
from seawall.deploy.states import States, no_bucket
from seawall.deploy.target import OVERRIDE_FILE, Cloud
from seawall.deploy.terraform import Diagnostic, Message, Ran, Terraform
from seawall.deploy.workplace import Workplace
from seawall.kernel.errors import OutsideError
from seawall.kernel.origin import NOWHERE

PLAN_FILE = "plan.tfplan"
LOOK_FILE = "look.tfplan"
"""The plan of a command that only looks: the one that an interrupted apply has left is still needed."""
ERRORED_STATE = "errored.tfstate"
_INITIALISED = "initialised"
_LEFT_BEHIND = (ERRORED_STATE, PLAN_FILE)
_LOGS_KEPT = 30
_PARALLELISM = "-parallelism=20"
# Long enough for a Terraform that was interrupted elsewhere to let go, short enough to say who holds the lock.
_LOCK_PATIENCE = "-lock-timeout=20s"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many resources a plan adds, changes and destroys."""

    added: int = 0
    changed: int = 0
    destroyed: int = 0

    @property
    def total(self) -> int:
        """How many resources it touches."""
        return self.added + self.changed + self.destroyed

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.added + other.added, self.changed + other.changed, self.destroyed + other.destroyed)


@dataclass(frozen=True, slots=True)
class Planned:
    """A saved plan: whether it changes anything (outputs included) and what it does to which resource.

    ``digest`` is that of everything it would change, where that was asked for.
    """

    changes: bool
    counts: Counts
    actions: Mapping[str, str]
    digest: str = ""


@dataclass(slots=True)
class Run:
    """One command on one workplace; made by ``opened``."""

    place: Workplace
    rendered: Rendered
    cloud: Cloud
    program: Terraform
    report: Reporter
    states: States
    journal: Journal | None
    stop: threading.Event = field(default_factory=threading.Event)
    interrupted: dict[str, Interrupted] = field(default_factory=dict)
    _init: threading.Lock = field(default_factory=threading.Lock)

    def say(self, text: str) -> None:
        """Tell the reporter something worth knowing."""
        self.report(Note(text))

    def folder(self, stack: StackFiles) -> Path:
        """Where Terraform runs for a stack."""
        return self.place.run / stack.region / stack.name

    def prepare(self, stack: StackFiles) -> Path:
        """Lay out a stack's files with what the target adds, and initialise them; return the folder."""
        folder = self.folder(stack)
        files = {**stack.beside, **stack.files}
        override = self.cloud.override(stack)
        if override is not None:
            files[OVERRIDE_FILE] = override
        _lay_out(folder, files)
        _thin_out(folder)
        stamp = _stamp(files, self.program, self.cloud.world)
        mark = folder / _INITIALISED
        if not _is_of_this_world(mark, self.cloud.world):
            for name in _LEFT_BEHIND:
                (folder / name).unlink(missing_ok=True)
        if not _is_initialised(folder, stamp):
            # One at a time: a plugin cache of the user's is not made for more (its documentation says so).
            with self._init:
                self.report(StackStarted(stack.key, "init"))
                mark.write_text(f"\n{self.cloud.world}\n")
                # -reconfigure: the backend of an emulator that is gone has nothing that could be moved.
                ran = self.program.run(folder, "init", "-json", "-reconfigure", log="init", stop=self.stop)
            if ran.status != 0:
                raise self.error(stack, "init", ran)
            mark.write_text(stamp)
        return folder

    def plan(self, stack: StackFiles, *arguments: str, lock: bool = True, log: str = "plan") -> Planned:
        """Plan a stack whose folder is prepared, saved as ``plan.tfplan``.

        Without ``lock`` nobody else is kept from the state meanwhile and the plan is saved as ``look.tfplan``, which
        is right for a look only.
        """
        file = PLAN_FILE if lock else LOOK_FILE
        actions: dict[str, str] = {}
        counts = Counts()

        def on_message(message: Message) -> None:
            nonlocal counts
            match message:
                case {"type": "planned_change", "change": {"resource": {"addr": str(address)}, "action": action}}:
                    actions[address] = str(action)
                case {"type": "change_summary", "changes": {"add": add, "change": change, "remove": remove}}:
                    counts = Counts(int(add), int(change), int(remove))
                case _:
                    pass

        ran = self._run(
            stack,
            log,
            *("plan", "-json", "-input=false", "-detailed-exitcode", f"-out={file}", _PARALLELISM),
            *((_LOCK_PATIENCE,) if lock else ("-lock=false",)),
            *arguments,
            on_message=on_message,
            journalled=lock,
            good=(0, 2),
        )
        (self.folder(stack) / file).chmod(0o600)
        return Planned(ran.status == 2, counts, actions)

    def apply(self, stack: StackFiles, planned: Planned, step: str = "apply") -> None:
        """Apply a stack's saved plan and remove it."""
        progress_of = _Progress(stack.key, planned.counts.total, self.report)
        try:
            self._run(
                stack,
                step,
                *("apply", "-json", "-input=false", _PARALLELISM, _LOCK_PATIENCE, PLAN_FILE),
                on_message=progress_of,
                journalled=True,
            )
        except _CutOffError:
            # What it planned tells the next run what may exist without being in the state.
            raise
        except OutsideError:
            (self.folder(stack) / PLAN_FILE).unlink(missing_ok=True)
            raise
        (self.folder(stack) / PLAN_FILE).unlink()

    def error(self, stack: StackFiles, step: str, ran: Ran) -> OutsideError:
        """A failed command in Terraform's own words, with our address and where it was described."""
        first = next((error for error in ran.errors if error.resource), None)
        origin = self.rendered.origin(stack, first.resource) if first else NOWHERE
        what = f"terraform {step} failed in stack {stack.key}"
        kind = OutsideError
        fix = "mend it and run the same command again: what is done stays done"
        if ran.was_killed:
            kind = _CutOffError
            what = f"terraform was killed during {step} of stack {stack.key}"
            fix = "run the same command again: it releases the lock and looks for what was left behind"
        elif self.stop.is_set():
            kind = _CutOffError
            what = f"terraform {step} was interrupted in stack {stack.key}"
            fix = "run the same command again: it goes on from here"
        said = "\n".join(_with_address(stack, error) for error in ran.errors) or ran.describe()
        return kind(what, said, fix, origin)

    def _run(
        self,
        stack: StackFiles,
        step: str,
        *arguments: str,
        on_message: Any,
        journalled: bool,
        good: tuple[int, ...] = (0,),
    ) -> Ran:
        folder = self.folder(stack)
        journal = self.journal if journalled else None
        log = f"{step}-{time.strftime('%Y%m%dT%H%M%S')}" if journal else step
        if journal:
            journal.begin(stack.key, step, backend=[stack.backend.bucket, stack.backend.key])

        def on_start(pid: int, birth: str) -> None:
            if journal:
                journal.process(stack.key, step, pid, birth, str(folder / f"{log}.jsonl"))

        self.report(StackStarted(stack.key, step))
        ran = self.program.run(folder, *arguments, log=log, on_start=on_start, on_message=on_message, stop=self.stop)
        if ran.status in good:
            if journal:
                journal.end(stack.key, step, "done")
            return ran
        # A Terraform that was killed has no end: the step stays open, and the next run looks after it. Nor has one
        # that was interrupted: its provider drops the requests under way, and AWS may have carried them out.
        if journal and not ran.was_killed and not self.stop.is_set():
            journal.end(stack.key, step, "failed", errors=[error.summary for error in ran.errors])
        raise self.error(stack, step, ran)


class _CutOffError(OutsideError):
    """Terraform was killed or interrupted, so what it did last may not be in its state."""


class _Progress:
    """Turns Terraform's messages during an apply into events."""

    def __init__(self, stack: str, total: int, report: Reporter) -> None:
        self._stack, self._total, self._report = stack, total, report
        self._number = 0

    def __call__(self, message: Message) -> None:
        hook = message.get("hook") or {}
        resource = str((hook.get("resource") or {}).get("addr", ""))
        action = str(hook.get("action", ""))
        seconds = float(hook.get("elapsed_seconds") or 0)
        if action in ("", "read"):
            return
        match message.get("type"):
            case "apply_complete":
                self._number += 1
                # A replacement is one change of the plan and two of its execution.
                self._total = max(self._total, self._number)
                self._report(ResourceChanged(self._stack, resource, action, self._number, self._total, seconds))
            case "apply_progress":
                self._report(ResourceWaits(self._stack, resource, action, seconds))
            case _:
                pass


@contextmanager
def opened(
    place: Workplace, rendered: Rendered, cloud: Cloud, command: str, report: Reporter, *, changes: bool
) -> Iterator[Run]:
    """Open a run, which holds the workplace's lock until it is closed.

    With ``changes`` it keeps a journal, and on AWS it holds the lock in the state bucket too.

    Raises OutsideError where the lock is taken or Terraform is missing.
    """
    report = progress.one_at_a_time(report)
    place.make()
    program = terraform.find(cloud.environment)
    run = Run(place, rendered, cloud, program, report, States(cloud), None)
    with ExitStack() as held:
        words = f"seawall {command} {place.platform}"
        held.enter_context(local_lock(place.lock, words, run.say))
        if not changes:
            yield run
            return
        copy = None
        if cloud.emulator is None:
            home = home_of(rendered)
            if not run.states.has_bucket(home):
                raise no_bucket(home)
            client = cloud.client("s3", home.region)
            folder = f"{place.platform}/{place.environment}/seawall"
            held.enter_context(bucket_lock(client, home.bucket, f"{folder}/lock.json", words, run.say))
            copy = BucketJournal(client, home.bucket, f"{folder}/journal")
        run.journal = Journal(place.journal, command, world=cloud.world, copy=copy)
        result = "failed"
        try:
            run.interrupted = {step.stack: step for step in run.journal.interrupted()}
            yield run
            result = "done"
        except KeyboardInterrupt:
            result = "interrupted"
            raise
        finally:
            run.journal.close(result)


def home_of(rendered: Rendered) -> Backend:
    """The state bucket that holds the lock and the journal: that of the stack all others come after."""
    return next(stack.backend for stack in rendered.stacks.values() if stack.backend.kind == "s3")


def _lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a stack's files; what Terraform and earlier runs left beside them stays, other ``.tf.json`` go."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.tf.json"):
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)


def _thin_out(folder: Path) -> None:
    """Remove all but the newest logs; that of an interrupted step is always among them."""
    for ending in ("jsonl", "err"):
        logs = sorted(folder.glob(f"*-*.{ending}"), key=lambda path: path.stat().st_mtime)
        for path in logs[:-_LOGS_KEPT]:
            path.unlink()


def _stamp(files: Mapping[str, bytes], program: Terraform, world: str) -> str:
    digest = hashlib.sha256()
    for name in ("terraform.tf.json", "providers.tf.json", OVERRIDE_FILE):
        digest.update(files.get(name, b"") + b"\0")
    configuration = program.environment.get("TF_CLI_CONFIG_FILE", "")
    digest.update(json.dumps([program.program, program.version, configuration]).encode())
    return f"{digest.hexdigest()}\n{world}\n"


def _is_of_this_world(mark: Path, world: str) -> bool:
    """Whether what lies here was left by a run on this AWS, and not on an emulator that is gone."""
    return mark.is_file() and mark.read_text().splitlines()[1:] == [world]


def _is_initialised(folder: Path, stamp: str) -> bool:
    mark = folder / _INITIALISED
    if not mark.is_file() or mark.read_text() != stamp:
        return False
    # A provider is linked, not copied, from a mirror, and the mirror may be gone.
    return all(path.exists() for path in (folder / ".terraform" / "providers").glob("*/*/*/*/*"))


def _with_address(stack: StackFiles, error: Diagnostic) -> str:
    if not error.resource:
        return str(error)
    return f"{stack.address(error.resource)}: {error.summary}" + (f"\n{error.detail}" if error.detail else "")
