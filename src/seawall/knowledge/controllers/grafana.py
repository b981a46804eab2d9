"""Grafana's data source for CloudWatch: metrics, alarms, and the logs that it is told of.

Read in grafana/grafana: docs/sources/datasources/aws-cloudwatch/configure/index.md, read 2026-11-22. Of alarms it shows
the state and asks for their history where panels annotate with it; logs are searched where groups are named.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="grafana",
    version="12.11",
    source="https://grafana.com/docs/grafana/latest/datasources/aws-cloudwatch/configure/",
    read="2026-11-22",
    images=("grafana/grafana",),
    charts=("grafana", "kube-prometheus-stack"),
    account="grafana",
    namespace="monitoring",
    account_at=("grafana.serviceAccount.name", "serviceAccount.name"),
    needs=(
        Need(each("cloudwatch", "DescribeAlarms", "DescribeAlarmsForMetric", "GetMetricData", "ListMetrics"),
             region="{cloudwatch}"),
        Need(("ec2:DescribeRegions",), region="{cloudwatch}"),
        Need(("tag:GetResources",), region="{cloudwatch}"),
        Need(each("logs", "DescribeLogGroups", "GetQueryResults", "StopQuery"), region="{cloudwatch}"),
        Need(each("logs", "GetLogEvents", "GetLogGroupFields", "StartQuery"), ("{log-group}",)),
    ),
)  # fmt: skip
