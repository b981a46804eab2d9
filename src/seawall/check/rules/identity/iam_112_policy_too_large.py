"""A policy that is longer than AWS takes."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, PolicyDocument, Principal
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Text
from seawall.knowledge.policy_sizes import INLINE, MANAGED, ORGANIZATION, RESOURCE, TRUST

RULE = Rule(
    id="IAM-112",
    severity=Severity.HIGH,
    summary="A policy is longer than AWS takes",
    why="the apply fails at this policy, with everything before it already changed",
    fix="split it into several managed policies, or name what is common with a wildcard",
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Documents over the limit of their kind; the inline policies of a principal count together."""
    inline: dict[Address, list[PolicyDocument]] = {}
    for document in facts.all(PolicyDocument):
        if not isinstance(document.size, int) or not isinstance(document.holder, Address):
            continue
        if document.kind == "identity" and document.holder in facts.derive(_principals):
            inline.setdefault(document.holder, []).append(document)
            continue
        limit = _limit(facts, document)
        if limit is not None and document.size > limit:
            what = f"{document.where} has {document.size:,} characters, and AWS takes {limit:,}"
            yield RULE.refuted(what, document.by, document.holder)
    for holder, documents in inline.items():
        limit = INLINE[facts.derive(_principals)[holder]]
        size = sum(document.size for document in documents if isinstance(document.size, int))
        if size > limit:
            what = f"the inline policies of {holder} have {size:,} characters together, and AWS takes {limit:,}"
            yield RULE.refuted(what, holder, *(document.by for document in documents))


def _principals(facts: Facts) -> dict[Address, str]:
    return {principal.of: principal.kind for principal in facts.all(Principal) if principal.kind in INLINE}


def _limit(facts: Facts, document: PolicyDocument) -> int | None:
    match document.kind:
        case "identity" | "boundary":
            # A policy whose principal is not in the input is inline or managed: the larger limit is the sure one.
            holder = document.holder
            inline = isinstance(holder, Address) and holder.is_outside
            return max(INLINE.values()) if inline else MANAGED
        case "trust":
            return TRUST
        case "scp" | "rcp":
            return ORGANIZATION[document.kind]
        case "resource":
            return RESOURCE.get(_service(facts, document))
        case _:
            return None


def _service(facts: Facts, document: PolicyDocument) -> str:
    for identifier in facts.where(Identifier, of=document.holder):
        value = identifier.value
        first = value.parts[0] if isinstance(value, Text) else value
        if identifier.attr == "arn" and isinstance(first, str) and first.startswith("arn:"):
            words = first.split(":")
            return words[2] if len(words) > 2 else ""
    return ""
