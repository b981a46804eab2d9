"""Every alert of a platform: what its components say, what the description changes of it, and what it adds."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from seawall.components.alert import Alert, Series
from seawall.components.monitoring.group import Group
from seawall.components.monitoring.stated import Stated
from seawall.components.scope import Scope
from seawall.kernel.errors import InputError, Problem
from seawall.readers.kubernetes.promql import is_limited, proved

_THRESHOLD: Final = re.compile(r"(?s)(?P<before>.*\s(?:>=|<=|>|<)\s)(?P<number>-?[0-9.]+(?:e[+-]?[0-9]+)?)")
_WHOLE: Final = ("expr", "says", "first", "fires", "quiet", "severity")
"""What an alert of one's own says, each of it."""


def of_components(scope: Scope) -> Iterator[Group]:
    """What components say of themselves, one group a component that says anything."""
    for name in scope.platform.components:
        said = tuple(scope.component(name).alerts(scope.at(name)))
        if said:
            yield Group(name, name, alerts=said, service=name)


def changed(scope: Scope, groups: Iterable[Group], stated: Mapping[str, Stated | None]) -> list[Group]:
    """The groups with what the description says of their alerts, and a group of its own ones.

    Raises InputError, with file and line, for what is said of an alert that there is not, and for one of the
    description's own that does not say everything.
    """
    found = list(groups)
    known = sorted({alert.name for group in found for alert in group.alerts})
    problems = [problem for name, said in stated.items() for problem in _problems(scope, name, said, known)]
    if problems:
        raise InputError.of(problems)
    kept = [replace(group, alerts=tuple(_kept(scope, group.alerts, stated))) for group in found]
    for name, said in stated.items():
        if said is not None and said.expr is not None:
            proved(said.expr, scope.platform.document.origin((scope.name, "alerts", name, "expr")))
    new = {name: said for name, said in stated.items() if said is not None and said.wanted and name not in known}
    own = tuple(_own(name, said) for name, said in new.items())
    groups = [group for group in kept if group.alerts or group.records]
    return [*groups, Group("own", scope.name, alerts=own, file="own")] if own else groups


def _problems(scope: Scope, name: str, said: Stated | None, known: list[str]) -> Iterator[Problem]:
    origin = scope.platform.document.origin((scope.name, "alerts", name))
    if name in known:
        if said is not None and (said.expr is not None or said.says is not None):
            fix = "give it another name, and null to this one if that is not wanted beside it"
            yield Problem(origin, f"alerts.{name}: there is an alert of that name, which asks for something else", fix)
        return
    if said is None or said.expr is None:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        fix = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
        yield Problem(origin, f"alerts.{name}: there is no alert of that name to change", fix)
        return
    lacking = [field for field in _WHOLE if getattr(said, field) is None]
    if lacking:
        yield Problem(
            origin,
            f"alerts.{name} is an alert of the description's own and lacks {', '.join(lacking)}",
            "say what is read, what is done first, and under which series it is raised and under which it is not",
        )
    if said.above is not None:
        yield Problem(origin, f"alerts.{name}.above: the threshold stands in its own expr", "take `above` out")


def _kept(scope: Scope, alerts: Iterable[Alert], stated: Mapping[str, Stated | None]) -> Iterator[Alert]:
    for alert in alerts:
        if alert.name not in stated:
            yield alert
        elif (said := stated[alert.name]) is not None and said.wanted:
            yield _changed(scope, alert, said)


def _changed(scope: Scope, alert: Alert, said: Stated) -> Alert:
    expr = alert.expr
    if said.above is not None:
        match = _THRESHOLD.fullmatch(expr)
        if match is None or not is_limited(expr):
            raise InputError(
                f"alerts.{alert.name}.above: its expression does not end in a threshold: {expr}",
                fix="give null to it, and your own alert with an expr",
                origin=scope.platform.document.origin((scope.name, "alerts", alert.name, "above")),
            )
        expr = f"{match['before']}{said.above:g}"
        if said.fires is None or said.quiet is None:
            raise InputError(
                f"alerts.{alert.name}.above: the series that test it were made for {match['number']}",
                fix=f"say beside it `fires`, now {_spelled(alert.fires)}, and `quiet`, now {_spelled(alert.quiet)}",
                origin=scope.platform.document.origin((scope.name, "alerts", alert.name, "above")),
            )
    return replace(
        alert,
        expr=expr,
        severity=said.severity or alert.severity,
        lasts=alert.lasts if said.for_ is None else round(said.for_.seconds),
        first=said.first or alert.first,
        fires=alert.fires if said.fires is None else _series(said.fires),
        quiet=alert.quiet if said.quiet is None else _series(said.quiet),
        after=said.after or alert.after,
    )


def _own(name: str, said: Stated) -> Alert:
    assert said.expr
    assert said.says
    assert said.first
    assert said.fires
    assert said.quiet
    assert said.severity
    return Alert(
        name=name,
        severity=said.severity,
        expr=said.expr,
        lasts=0 if said.for_ is None else round(said.for_.seconds),
        says=said.says,
        first=said.first,
        fires=_series(said.fires),
        quiet=_series(said.quiet),
        after=said.after or 30,
    )


def _series(said: Mapping[str, str]) -> tuple[Series, ...]:
    return tuple(Series(series, values) for series, values in said.items())


def _spelled(series: Iterable[Series]) -> str:
    """Series as a description says them."""
    return "{" + ", ".join(f"'{one.series}': {one.values}" for one in series) + "}"
