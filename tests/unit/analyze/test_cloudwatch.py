"""What is asked of CloudWatch, and that every platform asks only for what is kept."""

from __future__ import annotations

import pytest
import yaml

from platforms import shipped
from seawall.analyze.cloudwatch import asked, emitted, putting
from seawall.cli.input import reference_platforms
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.knowledge.cloudwatch_metrics import kept_by, knows
from seawall.readers.read import facts_of

ENVIRONMENTS = [
    pytest.param(name, environment, id=f"{name}-{environment}")
    for name, folder in reference_platforms().items()
    for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
]
ALARM = Address.terraform("eu-west-1", "telemetry", "aws_cloudwatch_metric_alarm.x")
DEPLOYMENT = Address.kubernetes("shop", "Deployment", "shop", "web")


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_whatever_a_platform_asks_for_is_kept(name, environment):
    """By its service, in that very set of dimensions; of our own namespaces somebody sends it, or may by name."""
    facts = facts_of(shipped(name, environment)[1])
    judged = 0
    for one in asked(facts):
        if knows(one.namespace):
            sets = kept_by(one.namespace, one.metric)
            assert sets, one
            assert one.dimensions in sets, one
            judged += 1
        else:
            assert emitted(facts, one.namespace, one.metric) or putting(facts, one.namespace).named, one
    alarms = list(shipped(name, environment)[1].of_type("aws_cloudwatch_metric_alarm"))
    assert judged >= len(alarms) - 6


def test_prometheus_language_is_not_cloudwatchs():
    """A division is no namespace; an autoscaler's own namespace is one, by dimensions that it does not say."""
    facts = Facts(
        [
            Observe(DEPLOYMENT, "rate(a_total[5m])/rate(b_total[5m])"),
            Observe(DEPLOYMENT, "requests_total"),
            Observe(DEPLOYMENT, "Shop/Production/busy"),
            Observe(ALARM, "AWS/RDS/CPUUtilization", ("DBInstanceIdentifier",)),
        ]
    )
    assert [(one.namespace, one.metric, one.dimensions) for one in asked(facts)] == [
        ("Shop/Production", "busy", None),
        ("AWS/RDS", "CPUUtilization", frozenset({"DBInstanceIdentifier"})),
    ]


def test_what_is_known_tells_apart_what_is_kept():
    """A metric by its sets, one that is not there, one of a kind that is not listed, a namespace that is not."""
    assert kept_by("AWS/ApplicationELB", "UnHealthyHostCount") == (
        frozenset({"LoadBalancer", "TargetGroup"}),
        frozenset({"AvailabilityZone", "LoadBalancer", "TargetGroup"}),
    )
    assert kept_by("AWS/ApplicationELB", "SurgeQueueLength") == ()
    assert kept_by("AWS/ELB", "SurgeQueueLength")
    assert kept_by("ContainerInsights", "node_gpu_limit") is None
    assert kept_by("ContainerInsights", "CpuUtilized") is None
    assert kept_by("AWS/Omics", "Runs") is None
    assert not knows("AWS/Omics")
