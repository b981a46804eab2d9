"""A version is judged as Argo Rollouts judges it, by the conditions that we render, and silence is no pass."""

from __future__ import annotations

import math

import pytest

from platforms import shipped
from seawall.kernel.errors import InputError
from seawall.operate.analysis import Judge, Look, Unanswered, holds, looks_of, template_of

AT_MOST = "len(result) == 0 || isNaN(result[0]) || result[0] <= 0.005"


class Answers:
    """A Prometheus with an answer for each query."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def ask(self, query):
        self.asked.append(query)
        answer = self.answers[query]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("condition", "result", "expected"),
    [
        (AT_MOST, [], True),
        (AT_MOST, [math.nan], True),
        (AT_MOST, [0.005], True),
        (AT_MOST, [0.0051], False),
        ("len(result) > 0", [], False),
        ("len(result) > 0", [0.0], True),
        ("false", [1.0], False),
        ("true && (len(result) > 0 || false)", [], False),
        ("len(result) > 0 && result[0] >= 0.95", [], False),
        ("false && isNaN(result[0]) || true", [], True),
        ("result[0] == 1e3", [1000.0], True),
        ("result[0] != -1", [-1.0], False),
    ],
)
def test_conditions_hold_as_their_language_says(condition, result, expected):
    """Brackets, both connectives with what they leave unasked, not-a-number, and comparisons."""
    assert holds(condition, result) is expected


@pytest.mark.parametrize(
    "condition", ["result[0] < max(1, 2)", "len(result)", "(true", "result[0] 1 2", "true true", ""]
)
def test_a_condition_that_says_more_is_refused(condition):
    """Nothing is guessed of a condition that a person wrote."""
    with pytest.raises(InputError):
        holds(condition, [1.0])


def test_a_condition_about_nothing_is_no_answer():
    """Asking for the first of no values is neither true nor false."""
    with pytest.raises(Unanswered):
        holds("result[0] <= 1", [])


def test_the_conditions_that_ship_can_be_judged():
    """Every look of the platform's own template: its conditions hold of no, a small and a large value, or do not."""
    _, graph = shipped("petclinic")
    [rollout] = [one for one in graph if one.type.endswith("/Rollout")]
    template = template_of([one for one in graph if one.type.endswith("/AnalysisTemplate")], rollout.body)
    looks = looks_of(template)
    assert [look.name for look in looks] == ["measured", "restarts", "errors", "latency"]
    for look in looks:
        assert "{{args" not in look.of("abc123")
        assert "abc123" in look.of("abc123")
        assert holds(look.success, []) is (look.name != "measured")
        assert holds(look.success, [99.0]) is (look.name == "measured")


def look(name, success, failure="", failures=0, inconclusives=0):
    """A metric that is asked every ten seconds."""
    return Look(name, name, 10, success, failure, failures, inconclusives)


MEASURED = look("measured", "len(result) > 0", "false", inconclusives=2)
ERRORS = look("errors", AT_MOST)


def test_nothing_wrong_is_proven_and_a_failure_is_refuted_for_good():
    """One bad measurement is enough where none is tolerated, and later good ones do not undo it."""
    prometheus = Answers(measured=[1.0], errors=[])
    judge = Judge((MEASURED, ERRORS), prometheus, "v")
    assert judge.look().proven
    prometheus.answers["errors"] = [0.3]
    assert judge.look().refuted
    prometheus.answers["errors"] = []
    assert judge.look().refuted


def test_what_is_not_measured_is_no_pass():
    """A version whose pods nobody asks, or a Prometheus that is away: unknown, whatever the other looks find."""
    prometheus = Answers(measured=[], errors=[])
    judge = Judge((MEASURED, ERRORS), prometheus, "v")
    for _ in range(4):
        verdict = judge.look()
        assert not verdict.proven
        assert not verdict.refuted
    away = Judge((ERRORS,), Answers(errors=Unanswered("refused")), "v")
    for number in range(5):
        assert not away.blind, number
        assert not away.look().proven
    assert away.blind


def test_a_look_that_tolerates_some_fails_with_one_more():
    """Three are an accident of slowness, four are not."""
    judge = Judge((look("latency", "result[0] <= 2", failures=3),), Answers(latency=[3.0]), "v")
    assert [judge.look().refuted for _ in range(4)] == [False, False, False, True]
