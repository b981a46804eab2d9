"""A claim of isolation is read as people write it, or refused with an example."""

from __future__ import annotations

import pytest

from seawall.facts.isolation import Isolation
from seawall.kernel.units import ALL_PORTS, Ports


@pytest.mark.parametrize(
    ("spelling", "source", "target", "only"),
    [
        ("dev -> prod never", "dev", "prod", ()),
        ("  dev->prod   never ", "dev", "prod", ()),
        ("prod/web -> prod/db only 3306", "prod/web", "prod/db", (("tcp", Ports(3306, 3306)),)),
        (
            "a -> b only 80, udp 53,8000 - 8010, sctp",
            "a",
            "b",
            (("tcp", Ports(80, 80)), ("udp", Ports(53, 53)), ("tcp", Ports(8000, 8010)), ("sctp", ALL_PORTS)),
        ),
        ("internet -> * only tcp 443", "internet", "*", (("tcp", Ports(443, 443)),)),
    ],
)
def test_a_claim_says_who_whom_and_on_what(spelling, source, target, only):
    """Both ends and the ports, and what is printed of it means the same again."""
    read = Isolation.parse(spelling)
    assert (read.source, read.target, read.only) == (source, target, only)
    assert Isolation.parse(str(read).replace("any port", "")) == read


@pytest.mark.parametrize(
    "spelling",
    ["", "dev prod never", "dev -> prod", "dev -> prod sometimes", "a -> b only", "a -> b only 0", "a -> b only 70000",
     "a -> b only 9-1", "a -> b only http", "a -> b only 80,", "-> b never"],
)  # fmt: skip
def test_what_is_no_claim_is_refused_with_what_one_looks_like(spelling):
    """ValueError, whose text becomes the message with file and line."""
    with pytest.raises(ValueError, match=r"is not a claim like|is not a port like|is no range of ports"):
        Isolation.parse(spelling)
