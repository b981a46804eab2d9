"""Names lead where Route 53 would lead them, and answers are kept for exactly as long as they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms import shipped
from seawall.operate.drill.servers.dns import PRIMARY, SECONDARY, Record, Resolver, Zone, records

CHAIN = (
    Record("origin", "home", 60, False, PRIMARY, "check-home"),
    Record("origin", "origin-2", 60, True, SECONDARY, "", True),
    Record("origin-2", "site", 30, False, PRIMARY, "check-site"),
    Record("origin-2", "page", 60, False, SECONDARY),
)
ADDRESSES = {"home": "127.0.0.11", "site": "127.0.0.12", "page": "127.0.0.13"}


@pytest.mark.parametrize(
    ("well", "address"),
    [
        ({"check-home", "check-site"}, "127.0.0.11"),
        ({"check-home"}, "127.0.0.11"),
        ({"check-site"}, "127.0.0.12"),
        (set(), "127.0.0.13"),
    ],
)
def test_the_first_place_that_is_well_answers(well, address):
    """Home, then the standby, then the page: a chain of names is gone through as far as checks demand."""
    found = Zone(CHAIN, ADDRESSES, lambda check: check in well).ask("origin")
    assert found is not None
    assert found[0] == address


def test_where_nobody_is_well_the_first_is_given():
    """Route 53 takes all for well when none is: better an answer that may fail than none."""
    pair = (Record("www", "home", 60, False, PRIMARY, "one"), Record("www", "site", 60, False, SECONDARY, "two"))
    assert Zone(pair, ADDRESSES, lambda check: False).ask("www") == ("127.0.0.11", 60)


def test_an_alias_is_kept_for_as_long_as_what_it_leads_to_and_an_override_counts_for_all():
    """The time to live is the record's own unless a drill's setting takes its place; DNS has whole seconds."""
    away = Zone(CHAIN, ADDRESSES, lambda check: check != "check-home")
    assert away.ask("origin") == ("127.0.0.12", 30)
    assert Zone(CHAIN, ADDRESSES, lambda check: check != "check-home", 0.5).ask("origin") == ("127.0.0.12", 1)
    assert Zone(CHAIN, ADDRESSES).ask("nothing") is None


def test_what_is_not_there_is_passed_over():
    """A place that the drill does not have leads nowhere, and the next one answers."""
    found = Zone(CHAIN, {"page": "127.0.0.13"}).ask("origin")
    assert found == ("127.0.0.13", 60)


def test_petclinics_names_lead_home_then_to_azure_then_to_the_page():
    """The chain is read out of the platform's own records."""
    _, graph = shipped("petclinic")
    addresses = {
        "ap-northeast-2/edge:aws_lb.main": "127.0.0.1",
        "koreacentral/recovery:azurerm_public_ip.machine": "127.0.0.2",
        "ap-northeast-2/edge:aws_cloudfront_distribution.maintenance": "127.0.0.3",
    }
    home, site = (
        "ap-northeast-2/edge:aws_route53_health_check.www",
        "ap-northeast-2/recovery:aws_route53_health_check.www",
    )
    for bad, address in ((set(), "127.0.0.1"), ({home}, "127.0.0.2"), ({home, site}, "127.0.0.3")):
        zone = Zone(records(graph), addresses, lambda check, bad=bad: check not in bad)
        assert zone.ask("www-origin.petclinic.example") == (address, 60)
    # A place's own name never fails over.
    zone = Zone(records(graph), addresses, lambda check: False)
    assert zone.ask("www-ap-northeast-2.petclinic.example") == ("127.0.0.1", 60)


@given(
    st.integers(0, 20),
    st.lists(st.floats(0, 10, allow_nan=False), max_size=20),
    st.floats(0, 50, allow_nan=False),
)
def test_a_client_sees_a_change_no_later_than_the_time_to_live(ttl, pauses, change):
    """Whenever it asks, what it is given was true at most so many seconds ago: failing over by names adds 0 to TTL."""
    now = [0.0]
    resolver = Resolver(ask=lambda name: ("new" if now[0] >= change else "old", ttl), clock=lambda: now[0])
    for pause in pauses:
        now[0] += pause
        address = resolver.address("www")
        if now[0] < change:
            assert address == "old"
        if now[0] >= change + ttl:
            assert address == "new"


def test_an_answer_is_asked_for_once_while_it_may_be_kept():
    """A client does not burden the name server while it holds an answer."""
    now, asked = [0.0], []
    resolver = Resolver(ask=lambda name: (asked.append(name) or "address", 5), clock=lambda: now[0])
    for moment in (0.0, 1.0, 4.9, 5.0, 9.9, 10.0):
        now[0] = moment
        resolver.address("www")
    assert len(asked) == 3
