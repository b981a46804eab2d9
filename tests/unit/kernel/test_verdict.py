"""Three verdicts: a definite answer is never hidden behind an unknown one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.verdict import Answer, all_of, any_of, proven, refuted, unknown

verdicts = st.lists(
    st.one_of(*(st.builds(make, st.text(max_size=2)) for make in (proven, refuted, unknown))), max_size=6
)


@given(verdicts)
def test_all_of_is_the_truth_table(found):
    """Refuted wins, then unknown, else proven, in whatever order they stand."""
    answers = {verdict.answer for verdict in found}
    expected = next((a for a in (Answer.REFUTED, Answer.UNKNOWN) if a in answers), Answer.PROVEN)
    assert all_of(found).answer is expected
    assert all_of(reversed(found)).answer is expected


@given(verdicts)
def test_any_of_is_the_reverse(found):
    """Proven wins, then unknown, else refuted."""
    answers = {verdict.answer for verdict in found}
    expected = next((a for a in (Answer.PROVEN, Answer.UNKNOWN) if a in answers), Answer.REFUTED)
    assert any_of(found).answer is expected


@given(verdicts)
def test_reasons_are_joined_and_said_once(found):
    """Every reason for the answer is kept, none twice."""
    result = all_of(found)
    wanted = {reason for verdict in found if verdict.answer is result.answer for reason in verdict.because}
    assert set(result.because) == wanted
    assert len(result.because) == len(wanted)


def test_a_verdict_is_not_a_condition():
    """`if verdict` would treat unknown as one of the other two."""
    with pytest.raises(TypeError, match="three values"):
        bool(unknown("x"))
