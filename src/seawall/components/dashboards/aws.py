"""002 AWS infrastructure: load balancer, databases, CloudFront and health checks, as CloudWatch knows them."""

from __future__ import annotations

from seawall.components.dashboards import cloudwatch
from seawall.components.dashboards.panel import Dashboard
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope


def dashboard(scope: Scope) -> Dashboard:
    """What lies outside the cluster; InputError where nothing tells Prometheus of it."""
    found = cloudwatch.asked(scope)
    if not found:
        raise lacks(scope, "aws", "what CloudWatch's exporter exports", "add yace to cluster.addons")
    return Dashboard(
        uid=f"{scope.platform.name}-aws",
        title="002 AWS Infrastructure",
        tags=(scope.platform.name, "infrastructure"),
        rows=(*cloudwatch.cdn_row(found), *cloudwatch.balancer_row(found), *cloudwatch.database_row(found)),
    )
