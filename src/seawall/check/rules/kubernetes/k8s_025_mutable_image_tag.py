"""An image without a tag, or with the tag latest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Container
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Text

RULE = Rule(
    id="K8S-025",
    severity=Severity.MEDIUM,
    summary="An image is named by a tag that moves",
    why="two pods of one workload may run two programs, and rolling back to the earlier manifest pulls the newer image",
    fix="name a version or, better, a digest",
    layers=("kubernetes", "delivery"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/image.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Images whose last path segment has neither tag nor digest, or the tag latest."""
    for container in facts.all(Container):
        image = container.image
        # What is known of a name with holes is its end, and the tag stands there.
        last = image if isinstance(image, str) else image.parts[-1] if isinstance(image, Text) else None
        if not isinstance(last, str) or not last or "@" in last:
            continue
        name, colon, tag = last.rpartition("/")[2].partition(":")
        if (colon and tag == "latest") or (not colon and isinstance(image, str) and name):
            yield RULE.refuted(
                f"container {container.name} runs {image}, which may be another program tomorrow",
                container.workload,
            )
