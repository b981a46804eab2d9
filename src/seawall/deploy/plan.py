"""What ``up`` or ``down`` would do, as far as it can be known: the stacks whose inputs exist, planned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
    digests: bool = False,
    secrets: bool = True,
) -> PlanResult:
    """Plan every stack whose inputs exist; nothing is changed and no state is locked.

    With ``digests`` each plan has the digest of what it would change, by which a later one can be told to be the same.
    Without ``secrets`` a stack that reads a secret's value while it is planned is left out, and named.
    With ``destroy`` it is what ``down`` would do to the stacks that are up. An emulator that holds nothing is
    ended again. Raises InputError for stacks that are none and OutsideError with Terraform's own words.
    """
    chosen, left_out = applied_stacks(rendered)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    if not secrets:
        reading = {key: _READS for key, stack in chosen.items() if _reads_secrets(stack)}
        chosen = {key: stack for key, stack in chosen.items() if key not in reading}
        left_out |= reading
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
                lambda key: _plan(run, ready[key], destroy, digests),
                stop=run.stop,
            )
            raise_failures(outcome.failed)
            if cloud.emulator is not None:
                for stack in chosen.values():
                    run.states.remove_bucket(stack.backend)
    finally:
        lifetime.end_if_unused(place.root, cloud)
    return PlanResult({key: outcome.done[key] for key in ready}, after, left_out)


_READS = "reads a secret's value while it is planned"


def _reads_secrets(stack: StackFiles) -> bool:
    """Whether Terraform asks for a secret's value, be it to refresh one that it has written or to use it."""
    return any(b'"aws_secretsmanager_secret_version"' in content for content in stack.files.values())


def _plan(run: Run, stack: StackFiles, destroy: bool, digests: bool) -> Planned:
    run.prepare(stack)
    planned = run.plan(stack, *(["-destroy"] if destroy else []), lock=False)
    if digests and planned.changes:
        planned = replace(planned, digest=digest_of(run.program.show(run.folder(stack), LOOK_FILE)))
    (run.folder(stack) / LOOK_FILE).unlink()
    counts = planned.counts
    run.report(StackDone(stack.key, counts.added, counts.changed, counts.destroyed, 0.0))
    return planned


def digest_of(shown: Mapping[str, Any]) -> str:
    """The digest of every change of a saved plan, values and what is only known after apply; secrets are left out."""
    resources = {
        str(one.get("address")): _change(one.get("change") or {})
        for one in shown.get("resource_changes") or []
        if (one.get("change") or {}).get("actions") != ["no-op"]
    }
    outputs = {name: _change(one) for name, one in (shown.get("output_changes") or {}).items()}
    said = json.dumps([resources, outputs], sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def _change(change: Mapping[str, Any]) -> list[Any]:
    after = _without(change.get("after"), change.get("after_sensitive"))
    return [change.get("actions"), after, change.get("after_unknown")]


def _without(value: Any, sensitive: Any) -> Any:
    """A value without what Terraform marks as sensitive."""
    if sensitive is True:
        return None
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {key: _without(item, sensitive.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(sensitive, list):
        marks = [*sensitive, *([None] * len(value))]
        return [_without(item, mark) for item, mark in zip(value, marks, strict=False)]
    return value


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
