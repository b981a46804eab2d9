"""A policy document in a file of its own that belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import PolicyDocument
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-119",
    severity=Severity.MEDIUM,
    summary="A policy in a file is attached to nothing",
    why="it names principals, so it is a resource's policy or a role's trust, and nothing says whose: it has no say",
    fix="call the file ROLE.trust.json, or BUCKET.bucket.json, QUEUE.queue.json, KEY.key.json and so on",
    layers=("files",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Documents whose holder is the file that they stand in."""
    for document in facts.all(PolicyDocument):
        if isinstance(document.holder, Address) and document.holder.startswith("file:"):
            yield RULE.refuted(f"{document.holder.removeprefix('file:')} is attached to nothing", document.holder)
