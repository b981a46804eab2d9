"""An address prints, parses and sorts, whatever it names."""

from __future__ import annotations

import pytest

from seawall.kernel.address import Address


@pytest.mark.parametrize(
    ("path", "type", "name"),
    [
        ("aws_vpc.main", "aws_vpc", "main"),
        ('aws_subnet.private["a.b"]', "aws_subnet", 'private["a.b"]'),
        ("module.db.aws_db_instance.db[0]", "aws_db_instance", "db[0]"),
        ('module.zone["x"].data.aws_iam_policy_document.trust', "data.aws_iam_policy_document", "trust"),
    ],
)
def test_a_terraform_address_gives_back_its_parts(path, type, name):
    """Modules, instance keys and data sources are told apart."""
    address = Address.terraform("ap-northeast-2", "network", path)
    parts = address.as_terraform()
    assert (parts.region, parts.stack, parts.type, parts.name) == ("ap-northeast-2", "network", type, name)
    assert address.as_kubernetes() is None


def test_a_kubernetes_address_gives_back_its_parts():
    """With a namespace and without."""
    assert Address.kubernetes("c", "Deployment", "ns", "web").as_kubernetes() == ("c", "Deployment", "ns", "web")
    assert Address.kubernetes("c", "Namespace", "", "ns").as_kubernetes() == ("c", "Namespace", "", "ns")
    assert Address.kubernetes("c", "Namespace", "", "ns").as_terraform() is None


def test_other_spellings_are_neither():
    """Files, outside things and hosts are not taken apart."""
    for address in (Address.file("a/b.yaml"), Address.outside("vpc-1/2"), Address.host("a/b:c")):
        assert address.as_terraform() is None
        assert address.as_kubernetes() is None


def test_an_implied_thing_knows_its_owner():
    """A VPC's main route table belongs to the VPC."""
    vpc = Address.terraform("r", "network", "aws_vpc.main")
    assert vpc.implied("main").owner == vpc
    assert vpc.implied("main").as_terraform().type == "aws_vpc"
    assert vpc.owner == vpc
