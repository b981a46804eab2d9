"""Recovery: schedules that keep what is promised, and names that the other cloud takes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

import descriptions
from seawall.components.recovery.azure import Azure
from seawall.components.recovery.dump import schedule
from seawall.components.scope import Scope
from seawall.kernel.units import Duration

PLATFORM = descriptions.platform(descriptions.FRAME)
NAMES = st.from_regex(r"\A[a-z][a-z0-9-]{0,38}[a-z0-9]\Z")


@given(every=st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24]), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_no_two_copies_are_further_apart_than_is_said(every, hour, minute):
    """Around the clock and over midnight, hours lie evenly that far apart; one is the stated one."""
    written = schedule(Duration(every * 3600), f"{hour:02}:{minute:02}")
    at, hours, *rest = written.split()
    assert (int(at), rest) == (minute, ["*", "*", "*"])
    named = list(range(24)) if hours == "*" else [int(one) for one in hours.split(",")]
    assert hour in named
    assert {later - earlier for earlier, later in pairwise([*named, named[0] + 24])} == {every}


@given(name=NAMES, environment=NAMES, prefix=st.none() | NAMES, purpose=st.sampled_from(["copies", "page", "vault"]))
def test_names_are_what_azure_takes_and_differ_between_platforms(name, environment, prefix, purpose):
    """3 to 24 letters and digits, a letter first, and another for another platform."""
    platform = replace(PLATFORM, name=name, environment=environment, prefix=prefix)
    made = Azure(Scope(platform, "recovery", platform.region), "koreacentral").world_name(purpose)
    assert re.fullmatch(r"[a-z][a-z0-9]{2,23}", made)
    assert made.endswith(purpose)
    other = replace(platform, environment=f"{environment}x")
    assert made != Azure(Scope(other, "recovery", other.region), "koreacentral").world_name(purpose)
