"""How root modules of one estate find each other through their states."""

from __future__ import annotations

from seawall.graph.resource import Resource
from seawall.ingest.root_module import RootModule, joined
from seawall.kernel.address import Address
from seawall.kernel.value import Ref

STATE = Address.terraform("west", "data", "data.terraform_remote_state.network")


def test_stacks_of_the_same_name_are_told_apart_by_their_region() -> None:
    """A plan does not say where its state lies; of several stacks of a name the key's region names the one."""
    networks = [RootModule("network", region, (), {"id": f"vpc-{region}"}) for region in ("east", "west")]
    for region in ("east", "west"):
        group = Resource(Address.terraform("west", "data", "aws_x.y"), "aws_x", {"vpc_id": Ref(STATE, "outputs.id")})
        key = f"shop/production/{region}/network.tfstate"
        data = RootModule("data", "west", (group,), remote={STATE: ("s3", "states", key)})
        (settled,) = joined([*networks, data])
        assert settled.body["vpc_id"] == f"vpc-{region}"
