"""A function in no network of the input: out to the internet, in where everybody is let in, and nowhere else."""

from __future__ import annotations

from seawall.analyze.reachability import layers
from seawall.analyze.reachability.ends import ends
from seawall.analyze.reachability.matrix import INTERNET, matrix
from seawall.analyze.reachability.over_internet import any_path
from seawall.analyze.reachability.to_internet import to_internet
from seawall.analyze.reachability.traffic import ALL_OPEN
from seawall.check.isolation import judged
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.network import Interface, Outside, Subnet
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr

FUNCTION, MACHINE = Address("r/n:aws_lambda_function.f"), Address("r/n:aws_instance.i")
VPC, SUBNET = Address("r/n:aws_vpc.v"), Address("r/n:aws_subnet.s")
FACTS = Facts(
    [Outside(FUNCTION), Subnet(SUBNET, VPC, Cidr.parse("10.0.0.0/24"), "a"), Interface(MACHINE, (SUBNET,), ())]
)


def test_it_gets_out_and_into_no_private_network() -> None:
    """The internet is open to it; a private machine is shut, for the path and for what all layers say together."""
    assert FUNCTION in ends(FACTS, "source")
    assert FUNCTION not in ends(FACTS, "target")
    assert to_internet(FACTS, Reach(FUNCTION, Address("internet"), 443)).verdict.proven
    assert any_path(FACTS, Reach(FUNCTION, MACHINE, 80)).verdict.refuted
    assert not layers.between(FACTS, FUNCTION, MACHINE).some.may


def test_it_has_a_row_in_the_matrix_and_no_column() -> None:
    """The matrix says of it what its paths say."""
    whole = matrix(FACTS)
    assert FUNCTION in whole.sources
    assert FUNCTION not in whole.targets
    assert whole.between(FUNCTION, INTERNET) == ALL_OPEN
    assert [(cell.source, cell.target) for cell in whole.cells() if cell.source == FUNCTION] == [(FUNCTION, INTERNET)]
    assert judged(FACTS, Isolation.parse("f -> i never"))[0].proven
    assert judged(FACTS, Isolation.parse("f -> internet never"))[0].refuted
