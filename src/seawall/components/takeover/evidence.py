"""What the site's own alarms know of home, and of the site."""

from __future__ import annotations

from collections.abc import Iterable

from seawall.components.alarm import alarm_name
from seawall.components.scope import Scope
from seawall.components.takeover.action import Question
from seawall.components.watch import Watch


def raised(
    scope: Scope, watches: Iterable[Watch], names: tuple[str, ...], *, is_raised: bool = True, within: int = 0
) -> tuple[Question, ...]:
    """Whether these of a component's watches are raised, or are not; none where the platform has no alarms there."""
    if "alerts" not in scope.platform.components:
        return ()
    found = []
    for watch in watches:
        if watch.name not in names:
            continue
        made = f"{scope.name}_{watch.name}".replace("-", "_")
        called = alarm_name(scope, made)
        region = watch.region or scope.region
        found.append(
            Question(
                f"the alarm {called} is {'raised' if is_raised else 'not raised'}",
                "cloudwatch",
                "describe_alarms",
                {"AlarmNames": [called]},
                region,
                "MetricAlarms[].StateValue",
                ("ALARM",) if is_raised else ("OK",),
                (scope.at("alerts").ref("aws_cloudwatch_metric_alarm", made, "arn"),),
                every=15,
                within=within,
            )
        )
    return tuple(found)
