"""Where the machines of a fleet are, as far as its template says."""

from __future__ import annotations

from seawall.analyze.clusters import fleet_interfaces
from seawall.facts.compute import Fleet
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

GROUP = Address.terraform("eu-west-1", "shop", "aws_autoscaling_group.web")
SUBNET = Address.terraform("eu-west-1", "shop", "aws_subnet.a")


def test_a_template_that_is_not_known_is_what_its_machines_groups_hang_on() -> None:
    """Where the template is chosen by whoever calls a module, nobody knows the groups, and the choice is named."""
    launch = Unknown(f"{GROUP}.launch_template")
    fleet = Fleet(GROUP, launch, 1, 2)
    (found,) = fleet_interfaces(Facts([fleet, Interface(GROUP, (SUBNET,), ())]), fleet)
    assert (found.subnets, found.groups) == ((SUBNET,), launch)
