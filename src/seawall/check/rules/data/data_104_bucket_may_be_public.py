"""A bucket whose policies alone keep the public out."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-104",
    severity=Severity.MEDIUM,
    summary="Nothing keeps a policy from making a bucket public",
    why="with the block in place a mistaken policy or access-control list has no effect; without it one line is enough",
    fix="add aws_s3_bucket_public_access_block with all four settings true",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Buckets against the block that is stated for them."""
    for store in facts.all(Store):
        if store.kind != "bucket":
            continue
        asked = facts.ask(Setting, of=store.of)
        said = [setting for setting in asked.matches if setting.key == "block-public"]
        holes = [setting.value for setting in said if isinstance(setting.value, Unknown)]
        doubts = [
            setting.of for setting in asked.doubts if setting.key == "block-public" and isinstance(setting.of, Unknown)
        ]
        if any(setting.value is True for setting in said):
            continue
        if holes or (doubts and not said):
            yield RULE.unknown(f"whether {store.of} blocks public access is not known", [*holes, *doubts], store.of)
        else:
            yield RULE.refuted(f"{store.of} has no complete public access block", store.of)
