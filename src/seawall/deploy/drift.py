"""What somebody changed behind Terraform's back, resource by resource.

Three things are told apart, since they ask for different deeds: what was changed outside and would be changed
back (drifted), what the description says otherwise and nobody has applied yet (pending), and what was changed
outside without contradicting the description (noticed), such as what one resource adds to another's list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seawall.deploy import lifetime, schedule
from seawall.deploy.progress import Reporter, StackDone, silent
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.run import PLAN_FILE, Run, opened
from seawall.deploy.target import Cloud
from seawall.deploy.terraform import action_word
from seawall.deploy.up import applied_stacks, raise_failures
from seawall.deploy.workplace import Workplace
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin

_SENSITIVE = "(sensitive)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One resource that is not as it was: what Terraform would do about it, and the attributes that differ.

    ``attributes`` maps a name to what is there and what should be (for ``noticed``: what was there before), as
    text; sensitive values read ``(sensitive)``.
    """

    address: Address
    action: str
    attributes: Mapping[str, tuple[str, str]]
    origin: Origin


@dataclass(frozen=True, slots=True)
class DriftResult:
    """What differs, and the stacks that are not up."""

    drifted: tuple[Difference, ...] = ()
    pending: tuple[Difference, ...] = ()
    noticed: tuple[Difference, ...] = ()
    not_up: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()


def drift(
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud,
    report: Reporter = silent,
    *,
    only: Sequence[str] = (),
) -> DriftResult:
    """Compare what is with what was applied and what is described; nothing is changed and no state is locked.

    Raises InputError for stacks that are none and OutsideError with Terraform's own words.
    """
    chosen, _ = applied_stacks(rendered)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    with (
        lifetime.used(place, cloud) as lasting,
        opened(place, rendered, lasting, "drift", report, changes=False) as run,
    ):
        standing = {key: stack for key, stack in chosen.items() if run.states.read(stack.backend)}
        outcome = schedule.in_order(dict.fromkeys(standing, ()), lambda key: _drift(run, standing[key]), stop=run.stop)
    raise_failures(outcome.failed)
    found = [outcome.done[key] for key in standing]
    return DriftResult(
        drifted=tuple(one for result in found for one in result.drifted),
        pending=tuple(one for result in found for one in result.pending),
        noticed=tuple(one for result in found for one in result.noticed),
        not_up=tuple(key for key in chosen if key not in standing),
        stacks=tuple(standing),
    )


def _drift(run: Run, stack: StackFiles) -> DriftResult:
    folder = run.prepare(stack)
    run.plan(stack, lock=False, log="drift")
    shown = run.program.show(folder, PLAN_FILE)
    (folder / PLAN_FILE).unlink()
    result = _differences(run, stack, shown)
    run.report(StackDone(stack.key, 0, len(result.drifted), 0, 0.0))
    return result


def _differences(run: Run, stack: StackFiles, shown: Mapping[str, Any]) -> DriftResult:
    # A resource whose state was brought up to date without a change in it is listed as a no-op.
    outside = {
        change["address"]: change
        for change in shown.get("resource_drift", ())
        if action_word(change["change"]["actions"]) != "no-op" and change.get("mode") == "managed"
    }
    drifted: list[Difference] = []
    pending: list[Difference] = []
    for change in shown.get("resource_changes", ()):
        action = action_word(change["change"]["actions"])
        if change.get("mode") != "managed" or action in ("no-op", "read"):
            continue
        was_changed = outside.pop(change["address"], None) is not None
        (drifted if was_changed else pending).append(_difference(run, stack, change, action))
    noticed = [
        _difference(run, stack, change, action_word(change["change"]["actions"]), swapped=True)
        for change in outside.values()
    ]
    return DriftResult(tuple(drifted), tuple(pending), tuple(noticed))


def _difference(
    run: Run, stack: StackFiles, change: Mapping[str, Any], action: str, *, swapped: bool = False
) -> Difference:
    address = str(change["address"])
    attributes = dict(_attributes(change["change"]))
    if swapped:
        attributes = {name: (after, before) for name, (before, after) in attributes.items()}
    return Difference(stack.address(address), action, attributes, run.rendered.origin(stack, address))


def _attributes(change: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    before, after = change.get("before"), change.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    unknown = change.get("after_unknown") or {}
    for name in sorted(before.keys() | after.keys()):
        if unknown.get(name) is True or before.get(name) == after.get(name):
            continue
        if _is_sensitive(change, name):
            yield name, (_SENSITIVE, _SENSITIVE)
        else:
            yield name, (_text(before.get(name)), _text(after.get(name)))


def _is_sensitive(change: Mapping[str, Any], name: str) -> bool:
    """Whether any part of an attribute is marked; a part of a list is enough to keep all of it back."""
    for side in ("before_sensitive", "after_sensitive"):
        marks = change.get(side)
        if marks is True or (isinstance(marks, dict) and _any_true(marks.get(name))):
            return True
    return False


def _any_true(marks: Any) -> bool:
    match marks:
        case bool():
            return marks
        case dict():
            return any(_any_true(mark) for mark in marks.values())
        case list():
            return any(_any_true(mark) for mark in marks)
        case _:
            return False


def _text(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
