"""What ``up`` or ``down`` would do, as far as it can be known: the stacks whose inputs exist, planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from seawall.deploy import lifetime, schedule
from seawall.deploy.progress import Reporter, StackDone, silent
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.run import LOOK_FILE, Planned, Run, opened
from seawall.deploy.target import Cloud
from seawall.deploy.up import applied_stacks, raise_failures, require_buckets
from seawall.deploy.workplace import Workplace


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The plans by stack, the stacks that can be planned only after others, and those that are not applied.

    A stack without a change is among the plans, with ``changes`` false.
    """

    stacks: dict[str, Planned]
    after: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether everything is as described."""
        return not self.after and not any(planned.changes for planned in self.stacks.values())


def plan(
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud,
    report: Reporter = silent,
    *,
    only: Sequence[str] = (),
    destroy: bool = False,
) -> PlanResult:
    """Plan every stack whose inputs exist; nothing is changed and no state is locked.

    With ``destroy`` it is what ``down`` would do to the stacks that are up. An emulator that holds nothing is
    ended again. Raises InputError for stacks that are none and OutsideError with Terraform's own words.
    """
    chosen, left_out = applied_stacks(rendered)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    try:
        with (
            lifetime.used(place, cloud) as lasting,
            opened(place, rendered, lasting, "plan", report, changes=False) as run,
        ):
            # On the emulator the buckets are part of the tool; on AWS this only looks.
            require_buckets(run, chosen)
            if destroy:
                chosen = {key: stack for key, stack in chosen.items() if run.states.read(stack.backend)}
            after = {} if destroy else _after(run, chosen)
            ready = {key: stack for key, stack in chosen.items() if key not in after}
            outcome = schedule.in_order(
                dict.fromkeys(ready, ()),
                lambda key: _plan(run, ready[key], destroy),
                stop=run.stop,
            )
            raise_failures(outcome.failed)
            if cloud.emulator is not None:
                for stack in chosen.values():
                    run.states.remove_bucket(stack.backend)
    finally:
        lifetime.end_if_unused(place.root, cloud)
    return PlanResult({key: outcome.done[key] for key in ready}, after, left_out)


def _plan(run: Run, stack: StackFiles, destroy: bool) -> Planned:
    run.prepare(stack)
    planned = run.plan(stack, *(["-destroy"] if destroy else []), lock=False)
    (run.folder(stack) / LOOK_FILE).unlink()
    counts = planned.counts
    run.report(StackDone(stack.key, counts.added, counts.changed, counts.destroyed, 0.0))
    return planned


def _after(run: Run, chosen: dict[str, StackFiles]) -> dict[str, tuple[str, ...]]:
    """The stacks that read an output which does not exist yet, with the stacks it is to come from."""
    by_backend = {stack.backend: key for key, stack in run.rendered.stacks.items()}
    found: dict[str, tuple[str, ...]] = {}
    for key, stack in chosen.items():
        missing = []
        for backend, outputs in stack.reads.values():
            state = run.states.read(backend)
            if state is None or not state.names.issuperset(outputs):
                missing.append(by_backend.get(backend, backend.key))
        if missing:
            found[key] = tuple(sorted(missing))
    return found
