"""What a run does first about a stack whose last step nobody saw end.

Three things may be left behind. A Terraform that was interrupted is still saving its state: it is waited for. One
that was killed left its lock: it is released, if the journal shows that it is ours. And what that one had made
since it last saved its state exists without being in it: it is imported, by the ids in its own messages or by the
names it was about to give; what cannot be imported is named.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from seawall.deploy import child, import_ids, journal, terraform
from seawall.deploy.emulator.process import birth_mark
from seawall.deploy.journal import Interrupted
from seawall.deploy.progress import StackStarted
from seawall.deploy.rendered import StackFiles
from seawall.deploy.run import ERRORED_STATE, LOOK_FILE, PLAN_FILE, Run
from seawall.deploy.states import StateLock
from seawall.kernel.errors import OutsideError

_PATIENCE = 600.0
# Cut off in its making, such a thing is not what was described and no plan shows it: AWS gives a new group a rule
# that lets everything out, which the provider takes away in a second call. Terraform is told to make it anew.
_MADE_IN_STEPS = frozenset({"aws_security_group"})
_LOOKS = (0, 2, 4)
"""Seconds before each look for what may have been made."""


@dataclass(slots=True)
class Traces:
    """What an interrupted Terraform said: what it made (address -> type and id) and what it had only begun."""

    made: dict[str, tuple[str, str]] = field(default_factory=dict)
    begun: dict[str, str] = field(default_factory=dict)


def recover(run: Run, stack: StackFiles) -> None:
    """Put a stack, whose folder is prepared, into a state from which Terraform can go on.

    Does next to nothing where the journal knows of no interrupted step. Raises OutsideError where what is left
    cannot be waited for.
    """
    if run.journal is None:
        return
    left = run.interrupted.get(stack.key)
    if left is None:
        # A Terraform that ended by itself may have failed to save its state all the same.
        _push_state(run, stack)
        return
    run.say(f"{stack.key}: the {left.step} that began {left.started:%H:%M:%S} UTC was cut off; looking after it")
    _wait_for(run, stack, left)
    _push_state(run, stack)
    _release(run, stack, left)
    if left.step in ("apply", "destroy"):
        _adopt(run, stack, left)
    run.journal.end(stack.key, left.step, "recovered")
    del run.interrupted[stack.key]


def traces(log: Path) -> Traces:
    """Read what an interrupted Terraform said, its last line perhaps torn."""
    found = Traces()
    if not log.is_file():
        return found
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        message = terraform.parse(line) or {}
        hook = message.get("hook") or {}
        resource = hook.get("resource") or {}
        address, type = str(resource.get("addr", "")), str(resource.get("resource_type", ""))
        match message.get("type"), hook.get("action"):
            case "apply_start", "create":
                found.begun[address] = type
            case "apply_complete", "create":
                found.begun.pop(address, None)
                found.made[address] = (type, str(hook.get("id_value", "")))
            case "apply_complete", "delete":
                found.made.pop(address, None)
            case _:
                pass
    return found


def is_ours(lock: StateLock, left: Interrupted) -> bool:
    """Whether a state's lock is that of the interrupted step: same user and machine, and taken since it began."""
    # Terraform writes whole seconds, and both clocks are this machine's.
    since = left.started - timedelta(seconds=1)
    return lock.who == f"{left.user}@{left.host}" and lock.created >= since


def _wait_for(run: Run, stack: StackFiles, left: Interrupted) -> None:
    if left.host != journal.host_name():
        return
    if birth_mark(left.pid) == left.birth:
        run.say(f"{stack.key}: waiting for its Terraform (process {left.pid}) to save its state and end")
        if sys.platform != "linux":
            # Elsewhere nothing told it that its Seawall had died.
            os.kill(left.pid, signal.SIGINT)
    deadline = time.monotonic() + _PATIENCE
    while birth_mark(left.pid) == left.birth:
        if time.monotonic() > deadline:
            raise OutsideError(
                f"Terraform of an earlier run (process {left.pid}) does not end",
                fix="end it by its process id, then run the same command again",
            )
        time.sleep(0.1)
    # Its providers, should it have been killed, would go on by themselves.
    if left.pid:
        child.end_group(left.pid, left.birth)


def _push_state(run: Run, stack: StackFiles) -> None:
    """Terraform leaves its state beside the files when the bucket did not take it."""
    kept = run.folder(stack) / ERRORED_STATE
    if kept.is_file():
        run.program.ask(run.folder(stack), "state", "push", "-lock=false", ERRORED_STATE)
        kept.unlink()
        run.say(f"{stack.key}: put the state that Terraform could not save into its place")


def _release(run: Run, stack: StackFiles, left: Interrupted) -> None:
    lock = run.states.lock(stack.backend)
    if lock is not None and is_ours(lock, left):
        run.program.ask(run.folder(stack), "force-unlock", "-force", lock.id)
        run.say(f"{stack.key}: released the lock of a Terraform that is gone ({lock})")


def _adopt(run: Run, stack: StackFiles, left: Interrupted) -> None:
    found = traces(Path(left.log)) if left.log else Traces()
    state = run.states.read(stack.backend)
    known = set(state.resources) if state else set()
    lost = {address: made for address, made in found.made.items() if address not in known}
    unsure = {address: type for address, type in found.begun.items() if address not in known}
    if not lost and not unsure:
        return
    planned = _planned_values(run, stack, PLAN_FILE)
    types = unsure | {address: type for address, (type, _) in lost.items()}
    unknown = {
        address
        for address, type in types.items()
        if type not in import_ids.MADE_AGAIN and import_ids.lacks_arguments(type, planned.get(address, {}))
    }
    _adopt_these(run, stack, types.keys() - unknown, lost, unsure, planned)
    if unknown:
        # They are named by what was made after that plan; now that it is in the state, a new plan knows it.
        _adopt_these(run, stack, unknown, lost, unsure, _plan_anew(run, stack))


def _adopt_these(
    run: Run,
    stack: StackFiles,
    addresses: Set[str],
    lost: Mapping[str, tuple[str, str]],
    unsure: Mapping[str, str],
    planned: Mapping[str, Mapping[str, Any]],
) -> None:
    _adopt_lost(run, stack, {address: made for address, made in lost.items() if address in addresses}, planned)
    _adopt_unsure(run, stack, {address: type for address, type in unsure.items() if address in addresses}, planned)


def _adopt_lost(
    run: Run, stack: StackFiles, lost: Mapping[str, tuple[str, str]], planned: Mapping[str, Mapping[str, Any]]
) -> None:
    for address, (type, id) in sorted(lost.items()):
        wanted = import_ids.of_made(type, id, planned.get(address, {}))
        if not _import(run, stack, address, wanted) and type not in import_ids.MADE_AGAIN:
            run.say(f"{stack.address(address)} exists as {id} and cannot be adopted: import or remove it by hand")


def _adopt_unsure(
    run: Run, stack: StackFiles, unsure: Mapping[str, str], planned: Mapping[str, Mapping[str, Any]]
) -> None:
    found_ids = _look_for_all(run, stack, unsure, planned)
    for address, type in sorted(unsure.items()):
        match found_ids.get(address, []):
            case [only]:
                if _import(run, stack, address, only) and type in _MADE_IN_STEPS:
                    run.program.ask(run.folder(stack), "taint", "-lock-timeout=20s", address)
            case [] if type not in import_ids.MADE_AGAIN:
                run.say(
                    f"{stack.address(address)} was being made when Terraform was cut off, and nothing of ours was "
                    "found by its name or tags: should it exist all the same, remove it by hand"
                )
            case [_, *_] as several:
                run.say(
                    f"{stack.address(address)} was being made when Terraform was cut off, and {', '.join(several)} "
                    "carry all of its tags: none is adopted, remove by hand what nobody uses"
                )
            case _:
                pass


def _look_for_all(
    run: Run, stack: StackFiles, unsure: Mapping[str, str], planned: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if not unsure:
        return found
    # A request that was under way when Terraform died may still be carried out, and be seen by others only later.
    for pause in _LOOKS:
        time.sleep(pause)
        for address, type in sorted(unsure.items()):
            if not found.get(address):
                found[address] = _look_for(run, stack, address, type, planned.get(address, {}))
        if all(found[address] or not _worth_waiting_for(type) for address, type in unsure.items()):
            break
    return found


def _worth_waiting_for(type: str) -> bool:
    return type not in import_ids.MADE_AGAIN or type in import_ids.ASKED_FOR


def _look_for(run: Run, stack: StackFiles, address: str, type: str, values: Mapping[str, Any]) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return import_ids.of_named(run.cloud, stack.region_of(address), type, values)
    except (BotoCoreError, ClientError) as error:
        run.say(f"{stack.address(address)} could not be looked for: {error}")
        return []


def _plan_anew(run: Run, stack: StackFiles) -> Mapping[str, Mapping[str, Any]]:
    try:
        run.plan(stack, lock=False)
    except OutsideError as error:
        # Whoever takes the stack down needs no description that can be planned.
        run.say(f"{stack.key}: it cannot be planned to see what is missing ({str(error).splitlines()[0]})")
        return {}
    return _planned_values(run, stack, LOOK_FILE)


def _planned_values(run: Run, stack: StackFiles, plan: str) -> Mapping[str, Mapping[str, Any]]:
    folder = run.folder(stack)
    if not (folder / plan).is_file():
        return {}
    try:
        shown = run.program.show(folder, plan)
    except (OutsideError, json.JSONDecodeError) as error:
        # Killed while it was being written; then nothing of it was applied either.
        run.say(f"{stack.key}: the saved plan cannot be read ({str(error).splitlines()[0]})")
        return {}
    changes = shown.get("resource_changes", ())
    return {change["address"]: change["change"].get("after") or {} for change in changes}


def _import(run: Run, stack: StackFiles, address: str, id: str) -> bool:
    run.report(StackStarted(stack.key, "adopt"))

    def on_start(pid: int, birth: str) -> None:
        if run.journal:
            run.journal.process(stack.key, "adopt", pid, birth, "")

    ran = run.program.run(
        run.folder(stack),
        *("import", "-input=false", "-no-color", "-lock-timeout=20s", address, id),
        log="adopt",
        on_start=on_start,
        stop=run.stop,
    )
    if ran.status == 0:
        run.say(f"{stack.address(address)}: adopted {id}, which a killed Terraform had made")
    return ran.status == 0
