"""Asking Debian's promtool whether expressions and alerts mean what is said of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import prerequisites
from seawall.components.alert import Alert, Series


def values(folder: Path, query: str, series: Iterable[Series], at: int, expected: Iterable[float]) -> None:
    """Assert that the query comes to these numbers, without labels, ``at`` minutes after the series began."""
    samples = [{"labels": "{}", "value": value} for value in expected]
    case = {"expr": query, "eval_time": f"{at}m", "exp_samples": samples}
    _run(folder, [], [_test(series, promql_expr_test=[case])])


def fires_and_keeps_quiet(folder: Path, alert: Alert) -> None:
    """Assert that the alert is valid, raised under its own series, and not under those that look alike."""
    rule = {"alert": alert.name, "expr": alert.expr, "for": f"{alert.lasts}s", "labels": {"severity": alert.severity}}
    raised = 'count(ALERTS{alertstate="firing"}) > bool 0 or vector(0)'
    tests = []
    for series, expected in ((alert.fires, 1), (alert.quiet, 0)):
        samples = [{"labels": "{}", "value": expected}]
        case = {"expr": raised, "eval_time": f"{alert.after}m", "exp_samples": samples}
        tests.append(_test(series, promql_expr_test=[case]))
    _run(folder, [rule], tests)


def _test(series: Iterable[Series], **more: Any) -> dict[str, Any]:
    given = [{"series": each.series, "values": each.values} for each in series]
    return {"interval": "1m", "input_series": given, **more}


def _run(folder: Path, rules: Sequence[Mapping[str, Any]], tests: Sequence[Mapping[str, Any]]) -> None:
    program = prerequisites.program("promtool")
    assert program is not None, "a test that asks promtool says `needs`"
    (folder / "rules.yaml").write_text(json.dumps({"groups": [{"name": "all", "rules": rules}] if rules else []}))
    (folder / "tests.yaml").write_text(
        json.dumps({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests})
    )
    run = subprocess.run(
        [program, "test", "rules", "tests.yaml"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
