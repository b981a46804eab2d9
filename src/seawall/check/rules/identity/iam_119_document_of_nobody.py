"""A policy document in a file of its own that belongs to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Attaches, PolicyDocument, Principal
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-119",
    severity=Severity.MEDIUM,
    summary="A policy in a file is attached to nothing",
    why="a policy has a say in what its owner may do or lets others do; without the owner it decides nothing",
    fix="call the file after its owner (ROLE.trust.json, QUEUE.queue.json ...), and give what makes the owner, too",
    layers=("files",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html",
    read=None,
)


_OWNERS = ("bucket", "queue", "topic", "key", "secret", "repository")


def check(facts: Facts) -> Iterator[Finding]:
    """Documents whose holder is the file that they stand in, or of which nobody knows whose they are; roles of none."""
    for document in facts.all(PolicyDocument):
        if isinstance(document.holder, Unknown):
            if document.by.startswith(tuple(f"iam/{kind}." for kind in _OWNERS)):
                yield RULE.unknown(f"{document.where} may be attached to nothing", (document.holder,), document.by)
        elif document.holder.startswith("file:"):
            file = document.holder.removeprefix("file:")
            name, _, ending = file.rpartition("/")[2].removesuffix(".json").rpartition(".")
            because = f": the input has no {ending.lower()} {name}" if ending.lower() in _OWNERS else ""
            yield RULE.refuted(f"{file} is attached to nothing{because}", document.holder)
    trusted = {document.holder for document in facts.all(PolicyDocument) if document.kind == "trust"}
    carrying = {document.holder for document in facts.all(PolicyDocument) if document.kind == "identity"}
    carrying |= {attached.principal for attached in facts.all(Attaches)}
    for principal in facts.all(Principal):
        carries = principal.of in carrying or principal.boundary is not None
        if principal.of.startswith("iam/role.") and carries and principal.of not in trusted:
            what = f"the input holds policies of the role {principal.name}, and not the role with whom it trusts"
            yield RULE.refuted(what, principal.of)
