"""What somebody changed behind Terraform's back, resource by resource.

Three things are told apart, since they ask for different deeds: what was changed outside and would be changed
back (drifted), what the description says otherwise and nobody has applied yet (pending), and what was changed
outside without contradicting the description (noticed). Attributes that a description does not state are the
provider's to fill in, and many change by themselves after apply (a group lists the rules that other resources add to
it), so only stated ones are noticed; rules that nobody described are looked for by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seawall.deploy import lifetime, schedule
from seawall.deploy.progress import Reporter, StackDone, silent
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.run import LOOK_FILE, Run, opened
from seawall.deploy.target import Cloud
from seawall.deploy.terraform import action_word
from seawall.deploy.unmanaged_rules import groups_of, unmanaged
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
    """What differs, how many resources differ in unstated attributes alone, and the stacks that are (not) up."""

    drifted: tuple[Difference, ...] = ()
    pending: tuple[Difference, ...] = ()
    noticed: tuple[Difference, ...] = ()
    not_up: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    unstated: int = 0


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
        # A rule may belong to another stack than its group, so all of them must have been looked at.
        added = () if only else tuple(_added_rules(run, standing, found))
    return DriftResult(
        drifted=tuple(one for look in found for one in look.result.drifted),
        pending=tuple(one for look in found for one in look.result.pending),
        noticed=tuple(one for look in found for one in look.result.noticed) + added,
        not_up=tuple(key for key in chosen if key not in standing),
        stacks=tuple(standing),
        unstated=sum(look.result.unstated for look in found),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found in one stack: the differences, its security groups and its rules."""

    result: DriftResult
    groups: Mapping[str, str]
    rules: set[str]


def _drift(run: Run, stack: StackFiles) -> _Look:
    folder = run.prepare(stack)
    run.plan(stack, lock=False, log="drift")
    shown = run.program.show(folder, LOOK_FILE)
    (folder / LOOK_FILE).unlink()
    result = _differences(run, stack, shown)
    run.report(StackDone(stack.key, 0, len(result.drifted), 0, 0.0))
    return _Look(result, *groups_of(shown))


def _added_rules(run: Run, standing: Mapping[str, StackFiles], found: Sequence[_Look]) -> Iterator[Difference]:
    rules = {rule for look in found for rule in look.rules}
    for stack, look in zip(standing.values(), found, strict=True):
        for group, rule in unmanaged(run.cloud, stack.region, look.groups, rules):
            address = look.groups[group]
            if {"ingress", "egress"}.isdisjoint(stack.body(address)):
                origin = run.rendered.origin(stack, address)
                yield Difference(stack.address(address), "added", {"rule": (rule, "")}, origin)


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
    noticed, unstated = [], 0
    for change in outside.values():
        word = action_word(change["change"]["actions"])
        difference = _difference(run, stack, change, word, swapped=True)
        stated = stack.body(difference.address.split(":", 1)[1])
        attributes = {name: values for name, values in difference.attributes.items() if name in stated}
        if attributes or word != "update":
            noticed.append(replace(difference, attributes=attributes))
        else:
            unstated += 1
    return DriftResult(tuple(drifted), tuple(pending), tuple(noticed), unstated=unstated)


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
