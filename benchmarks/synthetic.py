"""Platforms of any size, alike but for their number of services."""

from __future__ import annotations

HEAD = """\
platform: synthetic
domain: synthetic.example
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 400}}
environments:
  production: {region: ap-northeast-2, default: true}
components:
  store: {kind: database, engine: mysql}
"""


def description(services: int) -> str:
    """A platform.yaml with that many services; every fourth needs the database, the others the one before."""
    lines = [HEAD]
    for number in range(services):
        need = "store" if number % 4 == 0 else f"service-{number - 1}"
        lines.append(
            f"  service-{number}: {{kind: service, image: service-{number}, port: 8080, "
            f"needs: [{need}], scale: {{replicas: 2..4, cpu: 70 %}}}}\n"
        )
    return "".join(lines)
