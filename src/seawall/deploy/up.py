"""Bringing a platform up: stack by stack, each planned just before it is applied, then its manifests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from seawall.deploy import lifetime, manifests, schedule
from seawall.deploy.progress import Reporter, StackDone, StackFailed, StackHeldBack, silent
from seawall.deploy.recovery import recover
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.retired import retired
from seawall.deploy.run import Counts, Run, opened
from seawall.deploy.states import buckets, no_bucket
from seawall.deploy.target import PROVIDERS, Cloud
from seawall.deploy.workplace import Workplace, write_files
from seawall.kernel.errors import InputError, OutsideError, SeawallError

_LEFT = manifests.Applied(why_not="only the stacks were asked for")


@dataclass(frozen=True, slots=True)
class UpResult:
    """What ``up`` did: counts by stack, the stacks it does not apply with the reason, and the manifests' fate."""

    stacks: dict[str, Counts]
    left_out: dict[str, str]
    manifests: manifests.Applied
    files: Path
    seconds: float


def up(
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud,
    report: Reporter = silent,
    *,
    only: Sequence[str] = (),
    kubeconfig: Path | None = None,
    stacks_only: bool = False,
) -> UpResult:
    """Make the platform exist as rendered; run again after anything went wrong, it goes on from there.

    ``only`` names stacks; those they come after must be up. With ``stacks_only`` the manifests are left to whoever
    keeps the cluster in step with a repository. Raises InputError for stacks that are none, and
    OutsideError with Terraform's own words when a stack fails: the journal and everything done so far stay.
    """
    began = time.monotonic()
    chosen, left_out = applied_stacks(rendered)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    with (
        lifetime.used(place, cloud) as lasting,
        opened(place, rendered, lasting, "up", report, changes=True) as run,
    ):
        write_files(place.out, rendered.files)
        require_buckets(run, chosen)
        _require_upstream(run, chosen)
        _name_retired(run)
        counts = each(run, chosen, lambda stack: _apply(run, stack))
        applied = _LEFT if stacks_only else manifests.SKIPPED if only else manifests.apply(run, kubeconfig)
    return UpResult(counts, left_out, applied, place.out, time.monotonic() - began)


def applied_stacks(rendered: Rendered) -> tuple[dict[str, StackFiles], dict[str, str]]:
    """The stacks that are applied, and those that are only rendered with the reason."""
    chosen: dict[str, StackFiles] = {}
    left_out: dict[str, str] = {}
    for key, stack in rendered.stacks.items():  # upstream ones come first
        waits = next((above for above in stack.after if above in left_out), None)
        if not stack.providers <= PROVIDERS:
            left_out[key] = f"rendered and not applied: {', '.join(sorted(stack.providers - PROVIDERS))}"
        elif waits is not None:
            left_out[key] = f"comes after {waits}, which is not applied"
        else:
            chosen[key] = stack
    return chosen, left_out


def each(
    run: Run,
    stacks: dict[str, StackFiles],
    work: Callable[[StackFiles], Counts],
    *,
    downwards: bool = False,
) -> dict[str, Counts]:
    """Do something for every stack in the order of their dependencies (reversed if ``downwards``).

    Raises the one error there was, or an OutsideError that lists them.
    """
    if downwards:
        order = {key: tuple(below for below in run.rendered.below(key) if below in stacks) for key in stacks}
    else:
        order = {key: stack.after for key, stack in stacks.items()}

    def one(key: str) -> Counts:
        began = time.monotonic()
        try:
            done = work(stacks[key])
        except Exception as error:
            run.report(StackFailed(key, str(error).splitlines()[0]))
            raise
        seconds = time.monotonic() - began
        run.report(StackDone(key, done.added, done.changed, done.destroyed, seconds))
        return done

    outcome = schedule.in_order(order, one, stop=run.stop)
    for key, after in outcome.held_back.items():
        run.report(StackHeldBack(key, after))
    raise_failures(outcome.failed)
    return outcome.done


def raise_failures(failed: dict[str, Exception]) -> None:
    """Raise what went wrong in stacks, if anything did; an error that is not meant for a person goes first."""
    for error in failed.values():
        if not isinstance(error, SeawallError):
            raise error
    if len(failed) == 1:
        raise next(iter(failed.values()))
    if failed:
        raise OutsideError(
            f"{len(failed)} stacks failed: {', '.join(sorted(failed))}",
            "\n\n".join(str(error) for _, error in sorted(failed.items())),
        )


def _apply(run: Run, stack: StackFiles) -> Counts:
    run.prepare(stack)
    recover(run, stack)
    planned = run.plan(stack)
    if planned.changes:
        run.apply(stack, planned)
    return planned.counts


def require_buckets(run: Run, stacks: dict[str, StackFiles]) -> None:
    """The emulator's state buckets are made; on AWS that is ``bootstrap``, once, with its owner looking."""
    for backend in buckets(stack.backend for stack in stacks.values()):
        if run.cloud.emulator is not None:
            run.states.make_bucket(backend)
        elif not run.states.has_bucket(backend):
            raise no_bucket(backend)


def _require_upstream(run: Run, chosen: dict[str, StackFiles]) -> None:
    missing = {
        above
        for key in chosen
        for above in run.rendered.stacks[key].after
        if above not in chosen and not is_up(run, run.rendered.stacks[above])
    }
    if missing:
        raise InputError(
            f"{', '.join(chosen)} comes after {', '.join(sorted(missing))}, which is not up",
            fix="bring those up first: " + " ".join(f"--stack {name}" for name in sorted(missing)),
        )


def _name_retired(run: Run) -> None:
    """What the description has forgotten is never destroyed in passing; whoever wants it gone is told how."""
    for key, stack in retired(run.rendered, run.place).items():
        if is_up(run, stack):
            run.say(f"{key} is up and no longer described: take it down with `--stack {key}`")


def is_up(run: Run, stack: StackFiles) -> bool:
    """Whether a stack has a state with something in it."""
    state = run.states.read(stack.backend)
    return state is not None and not state.is_empty
