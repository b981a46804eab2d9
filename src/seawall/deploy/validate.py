"""Whether what the states name is really there: every address read through its own service's API.

Proven means that it exists, that what was compared is the same, that its tags are on it, and that it is healthy
where its service is asked for that. What nobody can ask is unknown, never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from seawall.deploy import lifetime
from seawall.deploy.probe import Absent, Seen, Standing, probe_of
from seawall.deploy.progress import Reporter, ResourceChanged, StackStarted, silent
from seawall.deploy.rendered import Rendered, StackFiles, choose
from seawall.deploy.run import Run, opened
from seawall.deploy.target import Cloud
from seawall.deploy.up import applied_stacks
from seawall.deploy.workplace import Workplace
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin
from seawall.kernel.verdict import Verdict, proven, refuted, unknown

_AT_ONCE = 8
_GONE = ("NotFound", "NoSuch", "ResourceNotFound", "NotFoundException", "DoesNotExist")


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of asking for one address; the verdict's reasons are sentences."""

    address: Address
    verdict: Verdict
    origin: Origin


@dataclass(frozen=True, slots=True)
class ValidateResult:
    """Every address of every state, and the stacks that are not up."""

    checked: tuple[Checked, ...]
    not_up: tuple[str, ...]


def validate(
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud,
    report: Reporter = silent,
    *,
    only: Sequence[str] = (),
) -> ValidateResult:
    """Ask for everything that the states name; nothing is changed.

    Raises InputError for stacks that are none, and OutsideError where a state cannot be read.
    """
    chosen, _ = applied_stacks(rendered)
    if only:
        chosen = {key: chosen[key] for key in choose(chosen, only)}
    with (
        lifetime.used(place, cloud) as lasting,
        opened(place, rendered, lasting, "validate", report, changes=False) as run,
    ):
        standing = {key: stack for key, stack in chosen.items() if run.states.read(stack.backend)}
        checked = [one for stack in standing.values() for one in _stack(run, stack)]
    return ValidateResult(tuple(checked), tuple(key for key in chosen if key not in standing))


def judge(standing: Standing) -> Verdict:
    """Ask for one resource and compare; unknown names what kept it from being asked."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    probe = probe_of(standing.type)
    if probe is None:
        return unknown(f"nobody has written how to ask for {standing.type}")
    try:
        seen = probe(standing)
    except Absent:
        return refuted("it is in the state and not there")
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "404" or any(word in code for word in _GONE):
            return refuted(f"it is in the state and not there ({code})")
        return unknown(f"its API answers {code or error}")
    except (BotoCoreError, ResponseParserError) as error:
        return unknown(f"its API cannot be asked: {str(error).splitlines()[0]}")
    except KeyError as error:
        return unknown(f"neither its state nor its API's answer has {error}, which the probe compares")
    wrong = list(_wrong(standing, seen))
    if wrong:
        return refuted(*wrong)
    if seen.healthy is None and seen.health:
        return unknown(f"its health cannot be told: {seen.health}")
    return proven(*_right(seen))


def _stack(run: Run, stack: StackFiles) -> list[Checked]:
    folder = run.prepare(stack)
    run.report(StackStarted(stack.key, "validate"))
    values = run.program.show(folder).get("values", {})
    resources = [
        Standing(
            stack.address(resource["address"]),
            resource["type"],
            resource["values"],
            stack.region_of(resource["address"]),
            run.cloud,
        )
        for resource in _resources(values.get("root_module", {}))
    ]
    checked: list[Checked] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for standing, verdict in zip(resources, pool.map(judge, resources), strict=True):
            path = standing.address.split(":", 1)[1]
            checked.append(Checked(standing.address, verdict, run.rendered.origin(stack, path)))
            run.report(ResourceChanged(stack.key, path, str(verdict.answer), len(checked), len(resources), 0.0))
    return checked


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in module.get("resources", ()):
        if resource.get("mode") == "managed":
            yield resource
    for below in module.get("child_modules", ()):
        yield from _resources(below)


def _wrong(standing: Standing, seen: Seen) -> Iterator[str]:
    for name, (wanted, found) in seen.same.items():
        if wanted != found:
            yield f"{name} is {found!r} and should be {wanted!r}"
    if seen.tags is not None:
        wanted_tags = standing.values.get("tags_all") or standing.values.get("tags") or {}
        for key, value in sorted(wanted_tags.items()):
            if seen.tags.get(key) != value:
                yield f"tag {key} is {seen.tags.get(key)!r} and should be {value!r}"
    if seen.healthy is False:
        yield f"it is not healthy: {seen.health}"


def _right(seen: Seen) -> Iterator[str]:
    yield "it is there"
    if seen.same:
        yield f"{', '.join(seen.same)} as in the state"
    if seen.tags is not None:
        yield "its tags are on it"
    if seen.healthy:
        yield f"healthy: {seen.health}"
