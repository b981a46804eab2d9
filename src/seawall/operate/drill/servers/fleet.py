"""Node groups, alarms and a topic on a stage's AWS, as a platform describes them, and whoever makes nodes ill.

The emulator makes no machines for EKS's node groups and evaluates no alarm: the groups are made as EKS would make
them, and the alarms are raised and told here, with CloudWatch's own message.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from seawall.deploy.target import Cloud
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref
from seawall.operate.drill.events import Events
from seawall.operate.functions import Clock, Function, code_of

Variables: TypeAlias = Mapping[str, str]

_READY = "node_status_condition_ready"
_TOLD = 180
"""Minutes for which a node that is ill says so, from when it falls ill on."""


def remediation(graph: Graph) -> Resource | None:
    """The function that alarms call, or None."""
    return next((one for one in graph.of_type("aws_lambda_function") if one.address.endswith(".remediation")), None)


@dataclass(slots=True)
class Fleet:
    """The groups of one cluster: alarms and nodes are changed here as the world would change them."""

    cloud: Cloud
    region: str
    cluster: str
    topic: str
    clock: Clock
    events: Events
    ill: set[str]

    def groups(self) -> dict[str, list[str]]:
        """Group -> its instances in service."""
        found = self._ask("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {
            group["AutoScalingGroupName"]: sorted(
                each["InstanceId"] for each in group["Instances"] if each["LifecycleState"] == "InService"
            )
            for group in found
        }

    def desired(self) -> dict[str, tuple[int, int, int]]:
        """Group -> its least, wanted and most nodes."""
        found = self._ask("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {
            group["AutoScalingGroupName"]: (group["MinSize"], group["DesiredCapacity"], group["MaxSize"])
            for group in found
        }

    def marks(self, prefix: str) -> list[str]:
        """The values of the groups' tags whose keys begin so."""
        found = self._ask("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return [tag["Value"] for group in found for tag in group["Tags"] if tag["Key"].startswith(prefix)]

    def terminated(self) -> int:
        """How many instances have gone for good."""
        pages = self._ask("ec2").get_paginator("describe_instances").paginate()
        states = [one["State"]["Name"] for page in pages for held in page["Reservations"] for one in held["Instances"]]
        return sum(state in ("terminated", "shutting-down") for state in states)

    def fall_ill(self, instance: str) -> None:
        """Have the cluster say of a node that it is not ready, from now on."""
        [held] = self._ask("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
        dimensions = [
            {"Name": "ClusterName", "Value": self.cluster},
            {"Name": "InstanceId", "Value": instance},
            {"Name": "NodeName", "Value": held["Instances"][0]["PrivateDnsName"]},
        ]
        began = self.now() - 120
        for first in range(0, _TOLD, 60):
            moments = [datetime.fromtimestamp(began + 60 * (first + minute), UTC) for minute in range(60)]
            self._ask("cloudwatch").put_metric_data(
                Namespace="ContainerInsights",
                MetricData=[
                    {"MetricName": _READY, "Dimensions": dimensions, "Timestamp": moment, "Value": 0}
                    for moment in moments
                ],
            )
        self.ill.add(instance)
        self.events.add("nodes", f"{instance} is not ready any more")

    def tell(self, alarm: str, state: str) -> float:
        """Have an alarm change to a state and tell its topic; the moment, monotonic."""
        self._ask("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="the drill says so")
        moment = datetime.fromtimestamp(self.now(), UTC)
        message = {
            "AlarmName": alarm,
            "NewStateValue": state,
            "OldStateValue": "OK" if state == "ALARM" else "ALARM",
            "NewStateReason": "the drill says so",
            "StateChangeTime": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000",
            "Region": self.region,
        }
        at = time.monotonic()
        self.events.add("alarms", f"{alarm}: {state}")
        self._ask("sns").publish(TopicArn=self.topic, Subject=f"{state}: {alarm}"[:100], Message=json.dumps(message))
        return at

    def now(self) -> float:
        """The moment that the function's clock shows."""
        return self.clock.at(time.time())

    def _ask(self, service: str) -> Any:
        return self.cloud.client(service, self.region)


def make(cloud: Cloud, graph: Graph, clock: Clock, events: Events) -> tuple[Fleet, Function, Resource]:
    """Make what the function of a platform looks at: the fleet, the function as deployed, and its subscription."""
    made = remediation(graph)
    assert made is not None
    region = str(made.region)
    variables = made.body["environment"][0]["variables"]
    subscription = next(
        one for one in graph.of_type("aws_sns_topic_subscription") if one.body["endpoint"] == Ref(made.address, "arn")
    )
    topic = cloud.client("sns", region).create_topic(Name="alerts")["TopicArn"]
    cluster = str(variables["CLUSTER"])
    _groups(cloud, graph, region, cluster)
    for alarm in _alarms(variables):
        cloud.client("cloudwatch", region).put_metric_alarm(
            AlarmName=alarm,
            MetricName="cluster_failed_node_count",
            Namespace="ContainerInsights",
            Period=60,
            EvaluationPeriods=5,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            Statistic="Maximum",
            AlarmActions=[topic],
        )
        cloud.client("cloudwatch", region).set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="as it begins")
    environment = {name: topic if isinstance(value, Ref) else str(value) for name, value in variables.items()}
    function = Function(
        str(made.body["function_name"]),
        region,
        str(made.body["handler"]),
        code_of(made),
        environment,
        int(made.body["timeout"]),
    )
    return Fleet(cloud, region, cluster, topic, clock, events, set()), function, subscription


def _alarms(variables: dict[str, Any]) -> Iterator[str]:
    yield from json.loads(variables["FAILED"])
    yield from json.loads(variables["RESTARTS"])


def _groups(cloud: Cloud, graph: Graph, region: str, cluster: str) -> None:
    ec2, scaling = cloud.client("ec2", region), cloud.client("autoscaling", region)
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    for group in graph.of_type("aws_eks_node_group"):
        if group.region != region:
            continue
        name, [sizes] = str(group.body["node_group_name"]), group.body["scaling_config"]
        template = {"ImageId": image, "InstanceType": "t3.medium"}
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=template)
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=f"eks-{name}",
            LaunchTemplate={"LaunchTemplateName": name},
            MinSize=sizes["min_size"],
            MaxSize=sizes["max_size"],
            DesiredCapacity=sizes["desired_size"],
            VPCZoneIdentifier=subnet,
            Tags=[
                {"Key": "eks:cluster-name", "Value": cluster, "PropagateAtLaunch": True},
                {"Key": "eks:nodegroup-name", "Value": name, "PropagateAtLaunch": True},
            ],
        )
