"""A last snapshot that has no name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-134",
    severity=Severity.LOW,
    summary="A database wants a last snapshot and has no name for it",
    why="the destroy fails halfway, with the database and all that it needs still there and the rest gone; so does a "
    "change that replaces it",
    fix="give it a final_snapshot_identifier, or say skip_final_snapshot where its data may go",
    layers=("terraform",),
    source="https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/rds/instance.go",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases whose description says neither that there be no last snapshot nor what it is called."""
    for setting in facts.where(Setting, key="last-snapshot"):
        if isinstance(setting.of, Unknown) or not facts.where(Store, of=setting.of):
            continue
        if isinstance(setting.value, Unknown):
            yield RULE.unknown(f"whether {setting.of} can be destroyed is not known", [setting.value], setting.of)
        elif not setting.value:
            yield RULE.refuted(f"{setting.of} is to leave a last snapshot, which has no name", setting.of)
