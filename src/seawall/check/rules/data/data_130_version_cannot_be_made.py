"""A version of an engine that AWS does not make any more, or never did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from seawall.analyze.stores import setting, standing_alone
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.engine_versions import cache_versions, is_gone

RULE = Rule(
    id="DATA-130",
    severity=Severity.HIGH,
    summary="A version of an engine cannot be made",
    why="the plan is accepted and the apply fails; what runs in such a version today cannot be made again "
    "from its own description, as a recovery does",
    fix="name a version that is offered, or a major version alone, of which AWS takes its default",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html",
    read=date(2026, 10, 20),
)

_MAJOR = re.compile(r"\d+")


def check(facts: Facts) -> Iterator[Finding]:
    """Databases of a version that is gone, and caches of one that ElastiCache does not name."""
    for store in standing_alone(facts, "database", "cache"):
        if isinstance(store.version, Unknown) or not store.version:
            continue
        if store.kind == "database":
            if is_gone(store.engine, store.version):
                alone = setting(facts, store.of, "version-left-alone")
                if alone is not None and alone.value is True:
                    # What runs was upgraded by AWS, or will be; Terraform does not look at it again.
                    what = f"{store.of}, made anew, asks for {store.engine} {store.version}, which AWS makes no more"
                    yield RULE.refuted(what, store.of, severity=Severity.LOW)
                    continue
                what = f"{store.of} asks for {store.engine} {store.version}, which AWS makes no more"
                yield RULE.refuted(what, store.of)
            continue
        offered = cache_versions(store.engine)
        if offered is not None and store.version not in offered and not _MAJOR.fullmatch(store.version):
            yield RULE.refuted(
                f"{store.of} asks for {store.engine} {store.version}; ElastiCache has {', '.join(offered)}", store.of
            )
