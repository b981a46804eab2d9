"""Alarms over a claim of availability: their windows against a count of every minute, and what CloudWatch takes."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import descriptions
from platforms import shipped
from seawall.components import burn_rate
from seawall.components.alarm import looks_back
from seawall.components.burn_rate import PACES
from seawall.kernel.units import Share
from seawall.kernel.value import refs

ASKED = 1000
"""Requests a minute."""
claims = st.sampled_from(["99 %", "99.5 %", "99.9 %", "99.95 %"]).map(Share.parse)
shares = st.integers(1, 100).map(lambda percent: Fraction(percent, 100))


def _bad(failed: list[int], seconds: int, bad: Fraction) -> list[bool]:
    """For each minute whether the window that ends with it is bad, by counting; before the first nothing was asked."""
    until = [0, *accumulate(failed)]
    length = seconds // 60
    return [
        (until[end] - until[start]) * bad.denominator > bad.numerator * ASKED * (end - start)
        for end in range(1, len(until))
        for start in [max(0, end - length)]
    ]


def _minutes(claim: Share, pace: burn_rate.Pace, failed: list[int]) -> list[bool]:
    bad = burn_rate.threshold(claim, pace)
    return [all(both) for both in zip(_bad(failed, pace.long, bad), _bad(failed, pace.short, bad), strict=True)]


@settings(max_examples=40, deadline=None)
@given(claims, st.sampled_from(PACES), shares)
def test_it_is_raised_when_counting_says_so(claim, pace, failing):
    """After a quiet that fills the long window, errors begin: the first bad minute is the one that was worked out."""
    quiet = pace.long // 60
    after = burn_rate.raised_after(claim, pace, failing)
    states = _minutes(claim, pace, [0] * quiet + [int(failing * ASKED)] * quiet)
    if after is None:
        assert not any(states)
        return
    first = states.index(True) - quiet + 1
    # The alarm is looked at each minute, and has to be past its threshold, not at it.
    assert after <= first * 60 <= after + 60


@settings(max_examples=40, deadline=None)
@given(claims, st.sampled_from(PACES), shares)
def test_it_is_over_when_counting_says_so(claim, pace, failing):
    """Once errors that filled both windows end, the short window ends the alarm, long before the long one would."""
    if burn_rate.raised_after(claim, pace, failing) is None:
        return
    filled = pace.long // 60
    states = _minutes(claim, pace, [int(failing * ASKED)] * filled + [0] * filled)
    assert states[filled - 1]
    over = states[filled:].index(False) + 1
    worked_out = burn_rate.over_after(claim, pace, failing)
    assert worked_out - 60 <= over * 60 <= worked_out + 60
    assert over * 60 <= pace.short


@pytest.mark.parametrize(("pace", "spent"), list(zip(PACES, ("2 %", "5 %", "10 %"), strict=True)))
def test_each_pace_spends_its_share_of_the_budget(pace, spent):
    """Two, five and ten hundredths of a month's budget, as the workbook has them; counted, too."""
    assert pace.spends * 100 == Fraction(Share.parse(spent).percent)
    claim = Share.parse("99.5 %")
    failed = burn_rate.threshold(claim, pace) * ASKED * (pace.long // 60)
    budget = burn_rate.allowed(claim) * ASKED * (burn_rate.MONTH // 60)
    assert failed / budget == pace.spends


@given(claims, st.sampled_from(PACES))
def test_one_failure_alone_raises_nothing(claim, pace):
    """A window with fewer requests than are wanted is not judged; in one with as many, one failure is not too much."""
    least = burn_rate.fewest(claim, pace)
    assert Fraction(1, least) <= burn_rate.threshold(claim, pace) < Fraction(1, least - 1)


PLATFORM = """
edge: {}
alerts: {email: [one@shop.example]}
claims: {availability: 99.9 %}
components:
  shop: {kind: service, image: shop, framework: spring, expose: {host: www.shop.example}}
"""


def test_both_windows_have_to_be_bad():
    """The one that tells names both windows; they tell nobody, and each judges one period of its own length."""
    found = descriptions.graph(PLATFORM)
    for pace in PACES:
        both = descriptions.named(found, "aws_cloudwatch_composite_alarm", f"burn_{pace.name}").body
        windows = [found[ref.to].body for ref in refs(both["alarm_rule"])]
        assert str(both["alarm_rule"]).count(" AND ") == 1
        assert [window["metric_query"][1]["metric"][0]["period"] for window in windows] == [pace.long, pace.short]
        assert both["alarm_actions"]
        for window in windows:
            assert "alarm_actions" not in window
            assert window["threshold"] == pytest.approx(0.1 * float(pace.factor))
            assert (window["evaluation_periods"], window["treat_missing_data"]) == (1, "notBreaching")


def test_those_turned_away_are_requests_too():
    """RequestCount knows only requests for which there was a target; without the others an outage would be 0 of 0."""
    found = descriptions.graph(PLATFORM)
    window = descriptions.named(found, "aws_cloudwatch_metric_alarm", "burn_fast_long").body
    queries = {query["id"]: query for query in window["metric_query"]}
    assert queries["away"]["metric"][0]["metric_name"] == "HTTPCode_ELB_503_Count"
    assert "/ (asked + away)" in queries["failed"]["expression"]
    assert [query["id"] for query in window["metric_query"] if query["return_data"]] == ["failed"]
    assert "asked + away >= 70" in queries["failed"]["expression"]


def test_there_are_none_without_a_claim():
    """What nobody promised cannot be used up."""
    found = descriptions.graph(PLATFORM.replace("claims: {availability: 99.9 %}\n", ""))
    assert not [one for one in found.of_type("aws_cloudwatch_metric_alarm") if "burn" in one.address]


@pytest.mark.parametrize(
    ("platform", "there"), [("pocketbank", True), ("genai-demo", True), ("petclinic", False), ("pingvas", False)]
)
def test_prometheus_watches_where_there_is_one(platform, there):
    """One burn rate a claim: CloudWatch's where there is no Prometheus."""
    _, graph = shipped(platform)
    assert bool([one for one in graph.of_type("aws_cloudwatch_metric_alarm") if ".burn_" in one.address]) == there


@pytest.mark.parametrize("platform", ["pocketbank", "genai-demo", "petclinic", "pingvas"])
def test_no_alarm_looks_back_further_than_cloudwatch_does(platform):
    """A day with periods below an hour, seven days with longer ones; beyond that PutMetricAlarm refuses."""
    _, graph = shipped(platform)
    for alarm in graph.of_type("aws_cloudwatch_metric_alarm"):
        body = alarm.body
        stated = [query["metric"][0]["period"] for query in body.get("metric_query", ()) if query.get("metric")]
        stated += [query["period"] for query in body.get("metric_query", ()) if "period" in query]
        period = body.get("period") or stated[0]
        assert looks_back(period, body["evaluation_periods"]), alarm.address
        assert period in (10, 20, 30) or period % 60 == 0
    assert not looks_back(300, 289)
    assert not looks_back(3600, 169)
