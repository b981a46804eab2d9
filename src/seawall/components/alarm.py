"""What every CloudWatch alarm of a platform has in common: its name, its words, and rules over several of them."""

from __future__ import annotations

from collections.abc import Iterable

from seawall.components import runbook
from seawall.components.scope import Scope
from seawall.kernel.value import Textual, text

LONGEST_DESCRIPTION = 1024
"""Characters of an alarm's description (Amazon CloudWatch API, PutMetricAlarm)."""
LONGEST_SHORT, LONGEST = 86_400, 604_800
"""Seconds that an alarm can look back, with periods below an hour and with longer ones.

Source: Amazon CloudWatch API, PutMetricAlarm, Period, as AWS's SDK for Kotlin words it; read 2026-11-21.
"""


def alarm_name(scope: Scope, name: str) -> str:
    """The alarm's name in CloudWatch."""
    return f"{scope.title}-{name.replace('_', '-')}"


def looks_back(period: int, periods: int) -> bool:
    """Whether CloudWatch takes an alarm that looks back for so many periods of so many seconds."""
    return period * periods <= (LONGEST_SHORT if period < 3600 else LONGEST)


def described(scope: Scope, called: str, says: str) -> str:
    """An alarm's description: what it says, and where its page lies if both fit."""
    whole = f"{says} {runbook.link(scope, runbook.page_of(scope, called))}"
    return whole if len(whole) <= LONGEST_DESCRIPTION else says[:LONGEST_DESCRIPTION]


def any_of(scope: Scope, alarms: Iterable[str]) -> Textual:
    """The rule of a composite alarm that is raised as soon as one of these alarms is, by their Terraform names."""
    return _rule(scope, alarms, " OR ")


def all_of(scope: Scope, alarms: Iterable[str]) -> Textual:
    """The rule of a composite alarm that is raised while every one of these alarms is."""
    return _rule(scope, alarms, " AND ")


def _rule(scope: Scope, alarms: Iterable[str], between: str) -> Textual:
    rule: list[Textual] = []
    for alarm in alarms:
        at = scope.ref("aws_cloudwatch_metric_alarm", alarm, "alarm_name")
        rule += [between if rule else "", 'ALARM("', at, '")']
    return text(*rule)
