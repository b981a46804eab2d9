"""Images that leave a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.delivery import Job, Pushes
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

_PULL_REQUESTS = frozenset({"pull_request", "pull_request_target"})

RULE = Rule(
    id="CD-122",
    severity=Severity.HIGH,
    summary="A pull request pushes an image, so unreviewed code is in the registry",
    why="who may open a pull request then decides what clusters can pull, before anybody has looked",
    fix="build without a push on pull requests, and build and push once what was reviewed is merged",
    layers=("pipelines",),
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Jobs that a pull request starts and that push whatever started them."""
    starts = {job.of: job.starts for job in facts.all(Job)}
    for pushes in facts.all(Pushes):
        if by := [event for event in starts.get(pushes.of, ()) if event in _PULL_REQUESTS]:
            yield RULE.refuted(
                f"{pushes.of} runs on {' and '.join(by)} and pushes an image", pushes.of, evidence=(pushes.command,)
            )
