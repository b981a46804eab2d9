"""Names of single pods behind a headless service."""

from __future__ import annotations

import pytest

import descriptions
from seawall.analyze.reachability.targets import resolve
from seawall.kernel.address import Address
from seawall.readers.read import read

CACHE = "components:\n  sessions: {kind: cache}\n  shop: {kind: service, image: shop, needs: [sessions]}\n"


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("sessions-0.sessions-nodes.shop.svc.cluster.local", True),
        ("sessions-2.sessions-nodes.shop.svc", True),
        ("sessions-3.sessions-nodes.shop.svc.cluster.local", False),
        ("shop-0.sessions-nodes.shop.svc.cluster.local", False),
        ("shop-0.shop.shop.svc.cluster.local", False),
    ],
)
def test_only_pods_that_are_numbered_have_names(host: str, known: bool) -> None:
    """A headless service names the pods of its StatefulSet, from 0 to one below their number, and nothing else."""
    facts = read(descriptions.graph(CACHE))
    source = Address.kubernetes("shop-production", "Deployment", "shop", "shop")
    found = resolve(facts, source, host)
    service = Address.kubernetes("shop-production", "Service", "shop", "sessions-nodes")
    assert found.things == ((service,) if known else ())
