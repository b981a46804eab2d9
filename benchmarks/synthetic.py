"""Platforms of any size, alike but for their number of services; about 15 resources a service."""

from __future__ import annotations

HEAD = """\
platform: synthetic
domain: synthetic.example
network: {cidr: 10.0.0.0/16, zones: 3}
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 400}}
environments:
  production: {region: ap-northeast-2, default: true}
components:
"""


def description(services: int) -> str:
    """A platform.yaml with that many services; each four share a database and a cache, and call one another."""
    lines = [HEAD]
    for number in range(services):
        group = number // 4
        if number % 4 == 0:
            lines.append(f"  store-{group}: {{kind: database, engine: mysql, class: db.t4g.small}}\n")
            lines.append(f"  cache-{group}: {{kind: cache, engine: redis, place: cluster, sentinels: 3}}\n")
            needs = f"store-{group}, cache-{group}"
        else:
            needs = f"service-{number - 1}, cache-{group}"
        lines.append(
            f"  service-{number}: {{kind: service, image: service-{number}, port: 8080, framework: spring, "
            f"needs: [{needs}], scale: {{replicas: 2..4, cpu: 70 %}}}}\n"
        )
    return "".join(lines)
