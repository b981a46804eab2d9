"""Policy variables in a document whose version does not know them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Text, Textual

RULE = Rule(
    id="IAM-113",
    severity=Severity.MEDIUM,
    summary="A policy uses variables that its version does not know",
    why="without Version 2012-10-17 a variable is plain text, which no resource and no value is equal to",
    fix='write "Version": "2012-10-17"',
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    read=None,
)

_VARIABLE = re.compile(r"\$\{[A-Za-z][\w-]*:[^}]+\}")


def check(facts: Facts) -> Iterator[Finding]:
    """Statements of such documents with a variable in a resource or in a condition's value."""
    for statement in facts.all(Statement):
        if statement.variables or statement.kind == "rbac" or not isinstance(statement.holder, Address):
            continue
        texts = [*statement.resources, *(value for condition in statement.conditions for value in condition.values)]
        found = sorted({match for text in texts for match in _variables(text)})
        if found:
            sid = f"statement {statement.sid} of " if statement.sid else ""
            what = f"{sid}{statement.holder} uses {', '.join(found)} in a document of version 2008-10-17 or of none"
            yield RULE.refuted(what, statement.holder, statement.by)


def _variables(text: Textual) -> list[str]:
    parts = text.parts if isinstance(text, Text) else (text,)
    return [match for part in parts if isinstance(part, str) for match in _VARIABLE.findall(part)]
