"""Taking a platform away again: the stacks in reverse order, their states, and the emulator with the last one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seawall.deploy import lifetime, manifests
from seawall.deploy.progress import Reporter, silent
from seawall.deploy.recovery import recover
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.retired import retired
from seawall.deploy.run import Counts, Run, opened
from seawall.deploy.states import buckets
from seawall.deploy.target import Cloud
from seawall.deploy.up import applied_stacks, each, is_up
from seawall.deploy.workplace import Workplace
from seawall.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class DownResult:
    """What ``down`` did: counts by stack, what is left in the emulator all the same, and whether it was ended.

    ``nothing_up`` says that there was nothing to take away.
    """

    stacks: dict[str, Counts]
    leftovers: tuple[str, ...]
    emulator_ended: bool
    seconds: float
    nothing_up: bool = False


NOTHING = DownResult({}, (), False, 0.0, nothing_up=True)


def down(
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud | None,
    report: Reporter = silent,
    *,
    only: Sequence[str] = (),
    kubeconfig: Path | None = None,
) -> DownResult:
    """Destroy what is up, in reverse order; run again after anything went wrong, it goes on from there.

    ``cloud`` is None where the emulator is gone: then nothing is up. Stacks that were brought up from here and
    are described no longer go too. Raises InputError if something that is up comes after a stack of ``only``,
    and OutsideError with Terraform's own words when a stack cannot be destroyed.
    """
    if cloud is None:
        return NOTHING
    began = time.monotonic()
    everything = replace(rendered, stacks={**rendered.stacks, **retired(rendered, place)})
    chosen, _ = applied_stacks(everything)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    leftovers: tuple[str, ...] = ()
    with (
        lifetime.used(place, cloud) as lasting,
        opened(place, everything, lasting, "down", report, changes=True) as run,
    ):
        # A Terraform that was killed early has made things before it saved any state.
        standing = {
            key: stack
            for key, stack in chosen.items()
            if key in run.interrupted or run.states.read(stack.backend) is not None
        }
        _require_nothing_below(run, standing)
        if not only:
            manifests.delete(run, kubeconfig)
        counts = each(run, standing, lambda stack: _destroy(run, stack), downwards=True)
        # What reads a state needs it to be there: the states go last, and those that are read go after their readers.
        for stack in reversed(standing.values()):
            run.states.forget(stack.backend)
        if cloud.emulator is not None:
            for backend in buckets(stack.backend for stack in everything.stacks.values()):
                run.states.remove_bucket(backend)
            leftovers = _leftovers(run, lasting, everything)
    ended = lifetime.end_if_unused(place.root, cloud)
    return DownResult(counts, leftovers, ended, time.monotonic() - began, nothing_up=not standing)


def _destroy(run: Run, stack: StackFiles) -> Counts:
    if stack.key not in run.interrupted and not is_up(run, stack):
        return Counts()
    run.prepare(stack)
    recover(run, stack)
    planned = run.plan(stack, "-destroy")
    if planned.changes:
        run.apply(stack, planned, "destroy")
    return planned.counts


def _require_nothing_below(run: Run, chosen: dict[str, StackFiles]) -> None:
    standing = {
        below
        for key in chosen
        for below in run.rendered.below(key)
        if below not in chosen and is_up(run, run.rendered.stacks[below])
    }
    if standing:
        raise InputError(
            f"{', '.join(sorted(standing))} comes after {', '.join(chosen)} and is still up",
            fix="take it down first: " + " ".join(f"--stack {name}" for name in sorted(standing)),
        )


def _leftovers(run: Run, cloud: Cloud, rendered: Rendered) -> tuple[str, ...]:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    from seawall.deploy.emulator.leftovers import leftovers
    from seawall.deploy.emulator.surroundings import REGION_FOR_GLOBAL_SERVICES

    # While another platform is up there is no telling whose a thing is.
    if cloud.emulator is None or run.states.any_left(REGION_FOR_GLOBAL_SERVICES):
        return ()
    try:
        return tuple(leftovers(cloud.emulator, _regions(rendered)))
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        # Everything is destroyed by now; not being able to look is worth a word and no more.
        run.say(f"what is left in the emulator could not be asked: {error}")
        return ()


def _regions(rendered: Rendered) -> list[str]:
    """Where a platform may have things: in its stacks' regions, and in those of their aliased providers."""
    stacks = [stack for stack in rendered.stacks.values() if stack.backend.kind == "s3"]
    return sorted({region for stack in stacks for region in (stack.region, *stack.aliases.values()) if region})
