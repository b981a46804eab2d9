"""Quantities parse what people write, print it back, and refuse the rest."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.units import Cidr, Cpu, Duration, Money, Ports, Share, Size

networks = st.one_of(
    st.builds(
        lambda address, prefix: ip_network((address, prefix), strict=False),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda address, prefix: ip_network((address, prefix), strict=False),
        st.integers(2**100, 2**128 - 1),
        st.integers(0, 128),
    ),
)


@given(networks)
def test_a_range_prints_as_it_was_read(network):
    """Cidr.parse and str are inverse, and size and bounds agree with the standard library's."""
    cidr = Cidr.parse(str(network))
    assert str(cidr) == str(network)
    assert cidr.size == network.num_addresses
    assert cidr.last == int(network.broadcast_address)


@given(networks, networks)
def test_ranges_overlap_as_the_standard_library_says(one, other):
    """overlaps and contains agree with ipaddress, an oracle we did not write."""
    ours = Cidr.parse(str(one)), Cidr.parse(str(other))
    same_version = one.version == other.version
    assert ours[0].overlaps(ours[1]) == (same_version and one.overlaps(other))
    assert ours[0].contains(ours[1]) == (same_version and other.subnet_of(one))


def test_the_widest_range_of_either_version_keeps_its_version():
    """::/0 does not turn into 0.0.0.0/0 because its first address is the same number."""
    assert str(Cidr.parse("::/0")) == "::/0"
    assert str(Cidr.parse("0.0.0.0/0")) == "0.0.0.0/0"


@given(st.integers(16, 30), st.integers(0, 20))
def test_subnets_of_a_range_lie_within_it_and_apart(prefix, number):
    """subnet gives ranges that are inside and disjoint, or refuses."""
    whole = Cidr.parse("10.0.0.0/16")
    if number >= 2 ** (prefix - 16):
        with pytest.raises(ValueError, match="no room"):
            whole.subnet(prefix, number)
        return
    part = whole.subnet(prefix, number)
    assert whole.contains(part)
    assert number == 0 or not part.overlaps(whole.subnet(prefix, number - 1))
    assert ip_address(part.host(0)) == ip_network(str(part)).network_address


@pytest.mark.parametrize("spelling", ["10.0.0.1/16", "10.0.0.0/33", "ten", "", "10.0.0.0/-1", "10.0.0/8x"])
def test_what_is_no_range_is_refused(spelling):
    """A range with host bits, or no range at all, is a ValueError that says what was read."""
    with pytest.raises(ValueError, match="not an address range"):
        Cidr.parse(spelling)


@pytest.mark.parametrize(
    ("spelling", "seconds", "printed"),
    [
        ("30 s", 30, "30 s"), ("5 min", 300, "5 min"), ("5m", 300, "5 min"), ("24 h", 86400, "1 d"),
        ("7 d", 604800, "7 d"), ("1 h 30 min", 5400, "90 min"), ("500 ms", 0.5, "0.5 s"),
    ],
)  # fmt: skip
def test_durations_read_and_print(spelling, seconds, printed):
    """A duration is its seconds, and prints in the largest unit that divides it."""
    assert Duration.parse(spelling).seconds == seconds
    assert str(Duration.parse(spelling)) == printed


@pytest.mark.parametrize("spelling", ["", "30", "s", "-5 s", "5 weeks", "1 h and", "5 s;"])
def test_what_is_no_duration_is_refused(spelling):
    """A number without a unit is not guessed at."""
    with pytest.raises(ValueError, match="not a duration"):
        Duration.parse(spelling)


def test_sizes_know_powers_of_two_from_powers_of_ten():
    """GiB and GB differ by 7 %, and Kubernetes quantities print exactly."""
    assert Size.parse("20 GiB").bytes == 20 * 2**30
    assert Size.parse("20 GB").bytes == 20 * 10**9
    assert Size.parse("512Mi").quantity == "512Mi"
    assert Size.parse("1536 MiB").quantity == "1536Mi"
    assert str(Size.parse("1024 MiB")) == "1 GiB"


@pytest.mark.parametrize(
    ("spelling", "milli", "printed"), [("500m", 500, "500m"), ("0.5", 500, "500m"), ("2", 2000, "2")]
)
def test_processors_read_both_spellings(spelling, milli, printed):
    """Half a core is 500m however it was written."""
    assert Cpu.parse(spelling).milli == milli
    assert str(Cpu.parse(spelling)) == printed


def test_shares_and_money_keep_their_decimals():
    """99.9 is not 99.90000000000001, and amounts of two currencies do not add."""
    assert str(Share.parse("99.9 %")) == "99.9 %"
    assert str(Money.parse("550 USD") + Money.parse("0.10 USD")) == "550.10 USD"
    with pytest.raises(ValueError, match="different currencies"):
        Money.parse("1 USD") + Money.parse("1 EUR")
    with pytest.raises(ValueError, match="not a share"):
        Share.parse("101 %")


def test_ports_print_for_people():
    """One port, a range, and all of them each read well."""
    assert [str(ports) for ports in (Ports.one(80), Ports(1, 5), Ports(0, 65535))] == ["80", "1-5", "any port"]
