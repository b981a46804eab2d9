"""Actions that are not pinned by their commit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.delivery import Uses
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

_PINNED = re.compile(r"[0-9a-f]{40}|sha256:[0-9a-f]{64}")

RULE = Rule(
    id="CD-121",
    severity=Severity.MEDIUM,
    summary="An action is run by a tag or branch, which others can move",
    why="whoever takes over an action's repository moves its tags, and the next run hands over the job's token",
    fix="name the full commit, with the version as a comment that Dependabot keeps",
    layers=("pipelines",),
    source="https://docs.github.com/en/actions/reference/security/secure-use",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Actions at anything but a commit of 40 digits; images of containers at anything but a digest."""
    for uses in facts.all(Uses):
        if not _PINNED.fullmatch(uses.version):
            said = f"at {uses.version}" if uses.version else "without a version"
            yield RULE.refuted(f"{uses.of} uses {uses.action} {said}", uses.of, evidence=(f"uses: {uses.action}",))
