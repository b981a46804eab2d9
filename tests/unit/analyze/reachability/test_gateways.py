"""Pods behind a route of the Gateway API may be reached from the internet, and no answer says that they are not."""

from __future__ import annotations

import pytest

from seawall.analyze.reachability.entrances import exposures_of
from seawall.cli.input import load_graph
from seawall.cli.main import main
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: a}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: a}
spec:
  parentRefs: [{name: gw, kind: KIND}]
  rules: [{backendRefs: [{name: TO, port: 80}]}]
"""


@pytest.mark.parametrize(
    ("kind", "to", "status"), [("Gateway", "web", True), ("Service", "web", False), ("Gateway", "b", False)]
)
def test_pods_behind_a_route(tmp_path, capsys, kind, to, status):
    """They are perhaps reached where the route is a gateway's, and for certain not where nothing leads to them."""
    (tmp_path / "m.yaml").write_text(MANIFESTS.replace("KIND", kind).replace("TO", to))
    found = exposures_of(facts_of(load_graph([str(tmp_path)], None)[1]), Address("cluster/Deployment/a/web"))
    assert bool(found) is status
    assert not any(each.open.sure for each in found)
    main(["reach", str(tmp_path), "--from", "internet", "--to", "Deployment/a/web", "--port", "8080"])
    assert capsys.readouterr().out.startswith("unknown" if status else "blocked")
