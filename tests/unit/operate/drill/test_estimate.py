"""An estimate is a sum of named parts, whose constants were measured elsewhere."""

from __future__ import annotations

import pytest

from seawall.operate.drill.estimate import Part, detection, line, linear, lines, names, total


def test_the_estimate_is_the_sum_of_its_parts():
    """Nothing is in the total that no line explains."""
    parts = [Part("detect", 1.25, "3 probes"), Part("restore", 4.0)]
    assert total(parts) == 5.25
    assert lines(parts) == ("detect 1.25 s (3 probes)", "restore 4.00 s")


def test_detection_is_between_two_and_three_intervals():
    """Three failures half a second apart are found after 1.25 s on average; what hangs costs a time-out each."""
    assert detection(0.5, 3).seconds == 1.25
    assert detection(10, 3).seconds == 25
    assert detection(10, 3, timeout=4).seconds == 37


def test_several_checkers_agree_when_most_of_them_have_turned():
    """Of eight, seven must have turned where 18 % keep a check well: the last of those is 7/9 of an interval late."""
    assert detection(9, 3, checkers=8, share=0.18).seconds == pytest.approx(2 * 9 + 7)
    # To find something well again, two of them do.
    assert detection(9, 3, checkers=8, share=0.18, well=True).seconds == pytest.approx(2 * 9 + 2)


def test_answers_that_are_kept_are_of_any_age():
    """Names add half of their time on average."""
    assert names(60).seconds == 30


def test_two_sizes_give_a_start_and_a_slope():
    """Other sizes lie on the line through both, whichever was measured first; nothing is below nothing."""
    start, slope = line((10, 0.7), (40, 1.6))
    assert (start, slope) == pytest.approx((0.4, 0.03))
    assert line((40, 1.6), (10, 0.7)) == pytest.approx((0.4, 0.03))
    assert linear({"restore.start": start, "restore.per_mb": slope}, "restore", 200) == pytest.approx(6.4)
    assert line((10, 1.0), (40, 0.9)) == (1.0, 0.0)
