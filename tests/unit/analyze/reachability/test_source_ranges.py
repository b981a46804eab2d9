"""The load balancer of a Service lets in whom it is told to, and nobody else."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.cli.input import load_graph
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.readers.read import facts_of

SERVICE = """
apiVersion: v1
kind: Service
metadata:
  name: pub
  namespace: a
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing
    {note}
spec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 80}}]{ranges}}}
"""
RANGE = Cidr.parse("203.0.113.0/24")
GROUPS = "service.beta.kubernetes.io/aws-load-balancer-security-groups: sg-1"
NOTED = "service.beta.kubernetes.io/load-balancer-source-ranges: 203.0.113.0/24"


@pytest.mark.parametrize(
    ("note", "ranges", "anybody"),
    [
        ("", ", loadBalancerSourceRanges: [203.0.113.0/24]", False),
        (NOTED, "", False),
        ("", "", True),
        (GROUPS, ", loadBalancerSourceRanges: [203.0.113.0/24]", True),  # groups of somebody else's decide
    ],
)
def test_a_service_says_from_where_its_load_balancer_is_reached(tmp_path, note, ranges, anybody) -> None:
    """With ranges these alone are let in; without, or with groups of its own, it may be anybody."""
    (tmp_path / "m.yaml").write_text(SERVICE.format(note=note, ranges=ranges))
    facts = facts_of(load_graph([str(tmp_path)], None)[1])
    (way,) = exposures_of(facts, Address("cluster/Service/a/pub//load-balancer"))
    assert way.anybody is anybody
    assert anybody or way.who == RANGE
