"""How a new version is judged: by the queries and conditions of a rendered AnalysisTemplate, asked of Prometheus.

A look ends as Argo Rollouts ends a metric: it has failed once more measurements fail than it tolerates, it is
inconclusive once more are neither good nor bad, and it is an error once five in a row could not be made. Source:
analysis/analysis.go and metricproviders/prometheus/prometheus.go of argoproj/argo-rollouts at 9f8d111d8f8e.
"""

from __future__ import annotations

import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.kernel.verdict import Verdict, proven, refuted, unknown

_ERRORS = 4
"""How many measurements in a row may not be made (``DefaultConsecutiveErrorLimit`` of analysis/analysis.go)."""


class Unanswered(Exception):
    """Prometheus did not answer a query; what it says, or why nobody knows."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus that is asked by HTTP."""

    url: str
    patience: float = 5.0

    def ask(self, query: str) -> list[float]:
        """The values of an instant query, one a series. Raises Unanswered."""
        address = f"{self.url.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        try:
            with urllib.request.urlopen(address, timeout=self.patience) as answer:
                document = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise Unanswered(f"{error.code}: {error.read(300).decode(errors='replace')}") from None
        except (OSError, ValueError) as error:
            raise Unanswered(str(error)) from None
        result = document.get("data", {}).get("result", [])
        match document.get("data", {}).get("resultType"):
            case "vector":
                return [float(one["value"][1]) for one in result]
            case "scalar":
                return [float(result[1])]
            case other:
                raise Unanswered(f"it answers with {other}, which no condition can be asked of")


# -- conditions --------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\s*(?:(?P<word>true|false|len\(result\)|isNaN\(result\[0\]\)|result\[0\])"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)|(?P<sign>\|\||&&|<=|>=|==|!=|<|>|\(|\)))"
)


def holds(condition: str, result: Sequence[float]) -> bool:
    """Whether a condition of an AnalysisTemplate holds of a result, as far as ours are written.

    Raises InputError for one that says more than that, and Unanswered where it asks for what is not there.
    """
    tokens = list(_tokens(condition))
    value, rest = _either(tokens, result)
    if rest:
        raise InputError(f"{condition!r} says more than can be judged here: {' '.join(rest)}")
    return value


def _tokens(condition: str) -> Iterator[str]:
    place, text = 0, condition.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise InputError(f"{condition!r} says more than can be judged here: {text[place:]}")
        place = found.end()
        yield found[0].strip()


def _either(tokens: list[str], result: Sequence[float]) -> tuple[bool, list[str]]:
    value, rest = _both(tokens, result)
    while rest[:1] == ["||"]:
        if value:
            # As Argo's language does it, what comes after is not looked at: it may ask for what is not there.
            rest = _skipped(rest[1:], ("||",))
            continue
        value, rest = _both(rest[1:], result)
    return value, rest


def _both(tokens: list[str], result: Sequence[float]) -> tuple[bool, list[str]]:
    value, rest = _one(tokens, result)
    while rest[:1] == ["&&"]:
        if not value:
            rest = _skipped(rest[1:], ("||", "&&"))
            continue
        value, rest = _one(rest[1:], result)
    return value, rest


def _skipped(tokens: list[str], until: tuple[str, ...]) -> list[str]:
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0 or (depth == 0 and token in until):
            return tokens[place:]
    return []


def _one(tokens: list[str], result: Sequence[float]) -> tuple[bool, list[str]]:
    if not tokens:
        raise InputError("a condition ends in the midst of a sentence")
    if tokens[0] == "(":
        value, rest = _either(tokens[1:], result)
        if rest[:1] != [")"]:
            raise InputError("a condition has a bracket that is not closed")
        return value, rest[1:]
    if tokens[0] in ("true", "false"):
        return tokens[0] == "true", tokens[1:]
    if tokens[0].startswith("isNaN"):
        return math.isnan(_first(result)), tokens[1:]
    if len(tokens) < 3:
        raise InputError(f"{' '.join(tokens)} compares nothing")
    left, sign, right = _number(tokens[0], result), tokens[1], _number(tokens[2], result)
    signs = {
        "<=": left <= right,
        ">=": left >= right,
        "<": left < right,
        ">": left > right,
        "==": left == right,
        "!=": left != right,
    }
    if sign not in signs:
        raise InputError(f"{' '.join(tokens[:3])} compares nothing")
    return signs[sign], tokens[3:]


def _number(token: str, result: Sequence[float]) -> float:
    if token == "len(result)":
        return float(len(result))
    return _first(result) if token == "result[0]" else float(token)


def _first(result: Sequence[float]) -> float:
    if not result:
        raise Unanswered("it has no value")
    return result[0]


# -- what is looked at -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """A metric of an AnalysisTemplate: ``every`` seconds the query is asked, of a version's pods."""

    name: str
    query: str
    every: float
    success: str
    failure: str
    failures: int
    inconclusives: int

    def of(self, version: str) -> str:
        """The query about one version."""
        return self.query.replace("{{args.version}}", version)


def looks_of(template: Resource) -> tuple[Look, ...]:
    """The metrics of an AnalysisTemplate that ask Prometheus."""
    return tuple(
        Look(
            str(metric["name"]),
            str(metric["provider"]["prometheus"]["query"]),
            float(Duration.parse(str(metric["interval"])).seconds),
            str(metric.get("successCondition", "")),
            str(metric.get("failureCondition", "")),
            int(metric.get("failureLimit", 0)),
            int(metric.get("inconclusiveLimit", 0)),
        )
        for metric in template.body["spec"]["metrics"]
        if "prometheus" in metric["provider"]
    )


@dataclass(slots=True)
class _Count:
    good: int = 0
    bad: int = 0
    unclear: int = 0
    errors: int = 0
    why: str = ""


@dataclass(slots=True)
class Judge:
    """Looks at one version again and again, and remembers what it saw."""

    looks: Sequence[Look]
    prometheus: Prometheus
    version: str
    _seen: dict[str, _Count] = field(default_factory=dict)

    def look(self) -> Verdict:
        """Ask each query once; the verdict of all that has been seen so far."""
        for look in self.looks:
            self._ask(look, self._seen.setdefault(look.name, _Count()))
        return self.verdict()

    def verdict(self) -> Verdict:
        """Refuted as soon as one look has failed; unknown while one has seen nothing, or too little; else proven."""
        bad = [
            f"{look.name}: {self._seen[look.name].why}"
            for look in self.looks
            if look.name in self._seen and self._seen[look.name].bad > look.failures
        ]
        if bad:
            return refuted(*bad)
        unclear = list(self._unclear())
        return unknown(*unclear) if unclear else proven(f"{len(self.looks)} looks find nothing wrong")

    @property
    def blind(self) -> bool:
        """Whether a look could not be made so often in a row that Argo Rollouts would take the version back."""
        return any(count.errors > _ERRORS for count in self._seen.values())

    def _unclear(self) -> Iterator[str]:
        for look in self.looks:
            seen = self._seen.get(look.name, _Count())
            if seen.errors:
                yield f"{look.name}: Prometheus could not be asked: {seen.why}"
            elif not seen.good and not seen.bad:
                yield f"{look.name}: {seen.why or 'nothing was seen yet'}"
            elif seen.unclear > look.inconclusives:
                yield f"{look.name}: {seen.unclear} measurements were neither good nor bad"

    def _ask(self, look: Look, count: _Count) -> None:
        try:
            result = self.prometheus.ask(look.of(self.version))
            good = bool(look.success) and holds(look.success, result)
            bad = holds(look.failure, result) if look.failure else not good
        except Unanswered as error:
            count.errors += 1
            count.why = str(error)
            return
        count.errors = 0
        if bad:
            count.bad += 1
            count.why = f"{_shown(result)} where {look.success or look.failure} is wanted"
        elif good:
            count.good += 1
        else:
            count.unclear += 1
            count.why = f"{_shown(result)} is neither good nor bad"


def _shown(result: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in result[:3]) or "no value"


def template_of(templates: Sequence[Resource], rollout: Mapping[str, Any]) -> Resource | None:
    """The AnalysisTemplate that looks at a Rollout in the background; None where none does."""
    named = rollout["spec"]["strategy"]["canary"].get("analysis", {}).get("templates", ())
    wanted = {one["templateName"] for one in named}
    namespace = rollout["metadata"].get("namespace", "")
    for template in templates:
        about = template.body["metadata"]
        if about["name"] in wanted and about.get("namespace", "") == namespace:
            return template
    return None
