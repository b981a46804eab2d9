"""A policy document in a file of its own that belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import PolicyDocument
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

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


_OWNERS = ("bucket", "queue", "topic", "key", "secret", "repository")


def check(facts: Facts) -> Iterator[Finding]:
    """Documents whose holder is the file that they stand in, or of which nobody knows whose they are."""
    for document in facts.all(PolicyDocument):
        if isinstance(document.holder, Unknown):
            if document.by.startswith("iam/"):
                yield RULE.unknown(f"{document.where} may be attached to nothing", (document.holder,), document.by)
        elif document.holder.startswith("file:"):
            file = document.holder.removeprefix("file:")
            name, _, ending = file.rpartition("/")[2].removesuffix(".json").rpartition(".")
            because = f": the input has no {ending.lower()} {name}" if ending.lower() in _OWNERS else ""
            yield RULE.refuted(f"{file} is attached to nothing{because}", document.holder)
