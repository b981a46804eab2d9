"""Checkers turn their opinion after so many answers in a row, and all is well while more than 18 % think so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms import shipped
from seawall.operate.drill.servers.health import CHECKERS, Agreement, Opinion, described


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_an_opinion_turns_after_so_many_answers_in_a_row(answers, failures):
    """A single answer of the other kind starts the count anew, in both directions."""
    opinion, said = Opinion(failures), []
    for answer in answers:
        said.append(opinion.heard(answer))
    expected, now = [], True
    for number in range(len(answers)):
        row = answers[max(0, number + 1 - failures) : number + 1]
        if len(row) == failures and all(answer != now for answer in row):
            now = not now
        expected.append(now)
    assert said == expected


@given(st.integers(0, 2**32), st.floats(0, 100, allow_nan=False), st.sampled_from((0.5, 10.0, 30.0)))
def test_a_failure_is_detected_between_two_and_three_intervals(seed, fault, every):
    """By the phases of checkers: it takes more than two intervals, and never more than three."""
    chance = random.Random(seed)
    agreement = Agreement(3)
    asked = [[chance.random() * every, number] for number in range(CHECKERS)]
    while True:
        asked.sort()
        now, number = asked[0]
        if not agreement.heard(int(number), now < fault):
            break
        asked[0][0] = now + every
    assert 2 * every <= now - fault <= 3 * every + 1e-6


@pytest.mark.parametrize(("unwell", "well"), [(0, True), (6, True), (7, False), (8, False)])
def test_eighteen_percent_decide(unwell, well):
    """Two of eight are more than 18 %, one is not."""
    agreement = Agreement(1, 8)
    for number in range(unwell):
        agreement.heard(number, False)
    assert agreement.well is well


def test_petclinics_checks_are_as_its_description_says():
    """Ten seconds, three failures, and the word that the health page must hold."""
    _, graph = shipped("petclinic")
    found = {one.name: one for one in described(graph)}
    home = found["www-ap-northeast-2.petclinic.example"]
    assert (home.every, home.failures, home.path, home.expects) == (10, 3, "/actuator/health", '"status":"UP"')
