"""A registry whose tags can be moved."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="CD-133",
    severity=Severity.LOW,
    summary="A registry lets a tag be moved to another image",
    why="two nodes that pull the same tag may run different images, and what is rolled back to may be something else "
    "than what ran",
    fix="set image_tag_mutability to IMMUTABLE, or deploy by digest",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Repositories of ECR as they are set; AWS's default is that tags move."""
    for setting in facts.where(Setting, key="immutable-tags"):
        if isinstance(setting.of, Unknown):
            continue
        if isinstance(setting.value, Unknown):
            yield RULE.unknown(f"whether tags of {setting.of} can be moved is not known", [setting.value], setting.of)
        elif not setting.value:
            yield RULE.refuted(f"tags of {setting.of} can be moved", setting.of)
