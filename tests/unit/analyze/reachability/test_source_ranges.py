"""The load balancer of a Service lets in whom it is told to, and nobody else."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.entrances import exposed, exposures_of
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


@pytest.mark.parametrize(
    ("notes", "perhaps"),
    [
        ("", True),
        ('service.beta.kubernetes.io/azure-load-balancer-internal: "true"', False),
        ('service.beta.kubernetes.io/azure-load-balancer-internal: "false"', True),
        ('service.beta.kubernetes.io/aws-load-balancer-internal: "true"', False),
        ("networking.gke.io/load-balancer-type: Internal", False),
    ],
)
def test_a_service_of_any_cloud_may_ask_for_a_private_address(tmp_path, notes, perhaps) -> None:
    """In a cluster that nobody knows a load balancer is perhaps public, unless the Service says that it is not."""
    (tmp_path / "m.yaml").write_text(
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: w, namespace: a, annotations: {{{notes}}}}}\n"
        "spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n"
    )
    found = exposed(facts_of(load_graph([str(tmp_path)], None)[1]))
    assert bool(found) is perhaps
    assert not any(way.open.sure for way in found)


def test_what_an_ingress_of_an_unknown_class_leads_to_is_perhaps_reached(tmp_path) -> None:
    """Who answers for the class is not in the input, so that nobody can say that its pods are shut off."""
    (tmp_path / "m.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\n"
        "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, "
        'spec: {containers: [{name: c, image: "x:1"}]}}}\n---\n'
        "apiVersion: v1\nkind: Service\nmetadata: {name: w, namespace: a}\n"
        "spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n---\n"
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: a}\n"
        "spec: {ingressClassName: nginx, defaultBackend: {service: {name: w, port: {number: 80}}}}\n"
    )
    found = {way.thing.rpartition("/")[2]: way for way in exposed(facts_of(load_graph([str(tmp_path)], None)[1]))}
    assert set(found) == {"i", "web"}
    assert not any(way.open.sure for way in found.values())
