"""What a client saw is summed up as somebody would who reads the whole record line by line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.operate.drill import measure
from seawall.operate.drill.events import Event
from seawall.operate.drill.load import Request

FAULT = 10.0
MOMENTS = st.integers(0, 400).map(lambda tenths: tenths / 10)
STATUSES = st.sampled_from((0, 200, 201, 404, 409, 500, 502, 503, 504))


@st.composite
def records(draw):
    """Requests in any order, writes with numbers of their own, some under way when the fault comes."""
    found = []
    for number in range(1, draw(st.integers(0, 25)) + 1):
        method, status, sent = draw(st.sampled_from(("GET", "POST"))), draw(STATUSES), draw(MOMENTS)
        took, page = draw(MOMENTS) / 10, draw(st.booleans()) and status == 503
        found.append(Request(method, "/api/visits", number, sent, sent + took, status, page))
    return draw(st.permutations(found))


def post(number, sent, answered, status=201):
    """A write."""
    return Request("POST", "/api/visits", number, sent, answered, status)


@given(records())
def test_recovery_is_what_reading_on_from_the_last_failed_write_gives(requests):
    """RTO: the first acknowledgement of a write that was sent after the fault and after the last write that failed."""
    best = None
    for one in requests:
        later = [other for other in requests if other.method == "POST" and other.sent >= max(FAULT, one.sent)]
        came_back = one.method == "POST" and one.status in (200, 201) and one.sent >= FAULT
        if came_back and not any(other.status == 0 or other.status >= 500 for other in later):
            best = one.answered if best is None else min(best, one.answered)
    found = measure.recovery(requests, FAULT)
    assert found == (None if best is None else pytest.approx(best - FAULT))


@given(records(), st.sets(st.integers(1, 25)))
def test_loss_is_what_comparing_number_by_number_gives(requests, present):
    """RPO: acknowledged numbers that are not there, and how long before the fault the first was acknowledged."""
    lost, extra, seconds = 0, 0, 0.0
    for one in requests:
        if one.method != "POST":
            continue
        if one.status in (200, 201):
            if one.number not in present:
                lost += 1
                seconds = max(seconds, FAULT - one.answered)
        elif one.number in present:
            extra += 1
    found = measure.loss(requests, present, FAULT)
    assert (found.rows, found.extra, found.seconds) == (lost, extra, pytest.approx(seconds))


@given(records(), MOMENTS, MOMENTS)
def test_every_request_is_counted_once_by_method(requests, begin, end):
    """Sent, failed and answered by the page, of the requests of a span and of no other."""
    counted = measure.failed(requests, begin, end)
    for method in ("GET", "POST"):
        those = [one for one in requests if one.method == method and begin <= one.sent < end]
        expected = {
            "sent": len(those),
            "failed": sum(one.status == 0 or one.status >= 500 for one in those),
            "page": sum(one.page for one in those),
        }
        assert counted.get(method, {"sent": 0, "failed": 0, "page": 0}) == expected


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=200), st.sampled_from((50, 99)))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values, percent):
    """p50 and p99 as the definition has them, whatever the number of values."""
    found = measure.percentile(sorted(values), percent)
    expected = min(value for value in values if sum(other <= value for other in values) * 100 >= percent * len(values))
    assert found == expected


def test_a_write_under_way_when_the_fault_comes_is_no_recovery():
    """An acknowledgement right after the fault of a write sent before it says nothing of what came back."""
    requests = [post(1, 9.99, 10.01), post(2, 10.5, 10.6, 502), post(3, 14.0, 14.2)]
    assert measure.recovery(requests, FAULT) == pytest.approx(4.2)
    assert measure.recovery(requests[:2], FAULT) is None


def test_service_that_comes_and_goes_has_not_come_back():
    """One write that gets through while others fail ends no outage; the first one is a figure of its own."""
    requests = [post(1, 11.0, 11.1), post(2, 12.0, 12.1, 503), post(3, 13.0, 13.5)]
    assert measure.recovery(requests, FAULT) == pytest.approx(3.5)
    assert measure.first_write(requests, FAULT) == pytest.approx(1.1)


def test_a_page_and_a_detection_before_the_fault_do_not_count():
    """First maintenance page and detection are counted from the fault on, and are None where nothing came."""
    page = Request("GET", "/", 0, 10.2, 10.3, 503, True)
    early = Request("GET", "/", 0, 9.0, 10.5, 503, True)
    assert measure.first_page([early, page], FAULT) == pytest.approx(0.3)
    assert measure.first_page([early], FAULT) is None
    events = [Event(9.0, "check", "unhealthy"), Event(12.5, "check", "unhealthy"), Event(12.0, "other", "unhealthy")]
    assert measure.detection(events, FAULT, "check", "unhealthy") == pytest.approx(2.5)
    assert measure.detection(events[:1], FAULT, "check", "unhealthy") is None


def test_latency_is_of_what_was_served():
    """A request that failed at once makes no service fast, and nothing has no percentile."""
    requests = [post(1, 1.0, 1.5), post(2, 1.0, 1.001, 502)]
    assert measure.latency(requests) == measure.Latency(1, pytest.approx(0.5), pytest.approx(0.5))
    assert math.isnan(measure.latency([]).p99)


def test_a_visit_read_in_vain_after_its_acknowledgement_is_told():
    """What a client wrote and could not read again is known by its number; one read before it was written is not."""
    visit = Request("GET", "/api/visits/1", 1, 5.0, 5.1, 404)
    early = Request("GET", "/api/visits/2", 2, 0.5, 0.6, 404)
    assert measure.unread([post(1, 1.0, 1.1), post(2, 1.0, 1.1), visit, early]) == {1}
