"""The closing lines of a run: what exists, where the files are, the verdicts, the next command."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.facts.isolation import Isolation
from seawall.kernel.verdict import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seawall.check.claims import Judgement
    from seawall.check.engine import Report
    from seawall.cli.deployment import Deployment
    from seawall.deploy.up import UpResult


def of_up(deployment: Deployment, result: UpResult, report: Report, claims: Sequence[Judgement]) -> str:
    """At most 25 lines on what ``up`` did."""
    platform = deployment.platform
    rendered = deployment.rendered
    regions = " and ".join(platform.regions)
    where = "AWS" if deployment.on_aws else "the emulator"
    stacks = [stack for stack in rendered.stacks if stack in result.stacks]
    within = tuple(f"{stack}:" for stack in stacks)
    standing = sum(
        resource.address.startswith(within)
        and not resource.is_data_source
        and resource.address not in deployment.left_out
        for resource in deployment.graph
    )
    objects = sum(resource.is_kubernetes for resource in deployment.graph)
    lines = [
        f"{platform.name} {platform.environment} is up on {where} in {regions} after {result.seconds:.0f} s",
        "",
        *_stacks(stacks, several=len(platform.regions) > 1),
        f"exists     {standing} AWS resources ({_changes(result)})",
    ]
    if result.manifests.applied:
        lines.append(f"manifests  {objects} objects, applied")
    else:
        checked = f"{result.manifests.checked} checked against schemas, " if result.manifests.checked else ""
        lines.append(f"manifests  {objects} objects built, {checked}not applied: {result.manifests.why_not}")
    lines += _left_out([*result.left_out.items(), *deployment.left_out.items()])
    refuted, unknown = report.count(Answer.REFUTED), report.count(Answer.UNKNOWN)
    lines += [
        f"files      {_near(result.files)}",
        f"checked    {len(report.rules)} rules: {refuted} finding{'s' * (refuted != 1)}, {unknown} unknown, "
        "none at high or above",
    ]
    lines += _claims(claims)
    name = deployment.spelling
    lines += ["", f"next: seawall validate {name}    seawall drift {name}    seawall down {name}"]
    return "\n".join(lines)


_SHOWN, _WIDTH, _INDENT = 3, 110, 11


def _stacks(stacks: Sequence[str], *, several: bool) -> list[str]:
    """The stacks that are up: their names, or a line a region where there are several."""
    regions: dict[str, list[str]] = {}
    for stack in stacks:
        region, _, name = stack.partition("/")
        regions.setdefault(region if several else "", []).append(name)
    lines: list[str] = []
    for region, names in regions.items():
        said = f"{f'{region}: ' if region else ''}{', '.join(names)}"
        lines += textwrap.wrap(said, _WIDTH - _INDENT, break_on_hyphens=False)
    return [f"{'stacks' if number == 0 else '':<{_INDENT}}{line}" for number, line in enumerate(lines)]


def _left_out(why: Sequence[tuple[str, str]]) -> list[str]:
    """What was not applied, and why; the first few in words, the rest as a number."""
    lines = [_short(f"left out   {name}: {reason}", 120) for name, reason in why[:_SHOWN]]
    if len(why) > _SHOWN:
        lines.append(f"           and {len(why) - _SHOWN} more: `seawall plan` names them all")
    return lines


def _near(path: Path) -> Path:
    """A path as a person in this folder would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _changes(result: UpResult) -> str:
    counts = list(result.stacks.values())
    added, changed, destroyed = (
        sum(getattr(count, name) for count in counts) for name in ("added", "changed", "destroyed")
    )
    return f"+{added} ~{changed} -{destroyed} now" if added + changed + destroyed else "nothing changed now"


def _claims(claims: Sequence[Judgement]) -> list[str]:
    """A line a claim; those of one measure, and all of who must never reach whom, are one line with their verdicts."""
    alike: dict[str, list[Judgement]] = {}
    for judgement in claims:
        claim = judgement.claim
        whole = isinstance(claim.value, Isolation)
        alike.setdefault(claim.subject if whole else f"{claim.subject} {claim.measure}", []).append(judgement)
    said: list[str] = []
    for name, found in alike.items():
        if len(found) == 1:
            said.append(_claim(found[0]))
            continue
        answers = Counter(str(judgement.verdict.answer) for judgement in found)
        said.append(f"{name}: " + ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items())))
    return [f"{'claims' if number == 0 else '':<{_INDENT}}{line}" for number, line in enumerate(said)]


def _claim(judgement: Judgement) -> str:
    claim = judgement.claim
    value = "" if isinstance(claim.value, Isolation) else f" {claim.value}"
    line = f"{claim.subject} {claim.measure}{value}: {judgement.verdict.answer}"
    if judgement.verdict.unknown and judgement.verdict.because:
        line += f" ({getattr(judgement.verdict.because[-1], 'why', judgement.verdict.because[-1])})"
    return _short(line, _WIDTH - 1)


def _short(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[: most - 3]}..."
