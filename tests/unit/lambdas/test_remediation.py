"""The remediation function, out of the very package that ships, against an AWS that answers."""

from __future__ import annotations

import importlib.util
import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from seawall.components.packages import package

pytestmark = pytest.mark.needs("emulator")

REGION, CLUSTER = "ap-northeast-2", "shop-production"
FAILED, RESTARTS = "shop-production-insights-node-failed", "shop-production-insights-was-restarts"


@pytest.fixture
def handler(tmp_path, monkeypatch):
    """The function as Lambda unpacks it, with the environment that it is given."""
    import moto

    with zipfile.ZipFile(io.BytesIO(package("remediation").content)) as archive:
        archive.extractall(tmp_path)
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CLUSTER": CLUSTER,
        "FAILED": json.dumps([FAILED]),
        "RESTARTS": json.dumps({RESTARTS: "shop-production-was"}),
        "COOLDOWN": "900",
        "AN_HOUR": "3",
        "A_DAY": "6",
        "TRIES": "3",
        "WITHIN": "21600",
        "REST": "43200",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    spec = importlib.util.spec_from_file_location("shipped_remediation", tmp_path / "handler.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "shipped_remediation", module)
    spec.loader.exec_module(module)
    # Nodes of this test are as old as they have to be.
    monkeypatch.setattr(module, "JOINING", timedelta(seconds=-1))
    with moto.mock_aws():
        world = World(module)
        monkeypatch.setenv("TOPIC", world.topic)
        yield world


class World:
    """An account with two clusters' node groups, alarms, and somebody who hears what the topic says."""

    def __init__(self, module):
        import boto3

        self.module = module
        self.began = time.time()
        self.ec2, self.scaling = boto3.client("ec2"), boto3.client("autoscaling")
        self.watch, self.sns, self.sqs = boto3.client("cloudwatch"), boto3.client("sns"), boto3.client("sqs")
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        image = "ami-12c6146b"  # one that moto has
        self.ec2.create_launch_template(
            LaunchTemplateName="nodes", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.medium"}
        )
        for name, cluster in (("was", CLUSTER), ("web", CLUSTER), ("other", "somebody-elses")):
            self.group(name, cluster)
        for alarm in (FAILED, RESTARTS):
            self.alarm(alarm)
        self.topic = self.sns.create_topic(Name="alerts")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="ears")["QueueUrl"]
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.arn(), Attributes={})

    def arn(self):
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        return attributes["Attributes"]["QueueArn"]

    def group(self, name, cluster, desired=2, most=4):
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName=f"eks-{name}",
            LaunchTemplate={"LaunchTemplateName": "nodes"},
            MinSize=2,
            MaxSize=most,
            DesiredCapacity=desired,
            VPCZoneIdentifier=self.subnet,
            Tags=[
                {"Key": "eks:cluster-name", "Value": cluster, "PropagateAtLaunch": True},
                {"Key": "eks:nodegroup-name", "Value": f"{cluster}-{name}", "PropagateAtLaunch": True},
            ],
        )

    def alarm(self, name):
        self.watch.put_metric_alarm(
            AlarmName=name, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=0,
            ComparisonOperator="GreaterThanThreshold", Statistic="Maximum",
        )  # fmt: skip
        self.watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it is so")

    def nodes(self, name):
        (group,) = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[f"eks-{name}"])["AutoScalingGroups"]
        return sorted(each["InstanceId"] for each in group["Instances"])

    def desired(self, name):
        (group,) = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[f"eks-{name}"])["AutoScalingGroups"]
        return group["DesiredCapacity"]

    def ready(self, instance, value):
        (reservation,) = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        self.watch.put_metric_data(
            Namespace="ContainerInsights",
            MetricData=[
                {
                    "MetricName": "node_status_condition_ready",
                    "Dimensions": [
                        {"Name": "ClusterName", "Value": CLUSTER},
                        {"Name": "InstanceId", "Value": instance},
                        {"Name": "NodeName", "Value": reservation["Instances"][0]["PrivateDnsName"]},
                    ],
                    "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                    "Value": value,
                }
            ],
        )

    def tell(self, alarm, since=0, state="ALARM"):
        # So many seconds after this test began, as CloudWatch writes a moment.
        since = datetime.fromtimestamp(self.began + since, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        message = json.dumps({"AlarmName": alarm, "NewStateValue": state, "StateChangeTime": since})
        return self.module.lambda_handler({"Records": [{"Sns": {"Message": message}}]}, None)["said"]

    def heard(self):
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in messages]


def test_a_node_that_is_not_ready_is_replaced_and_people_are_told(handler):
    """The instance goes, the group keeps its number, and the topic says which."""
    ill, well = handler.nodes("was")
    handler.ready(ill, 0)
    handler.ready(well, 1)
    (said,) = handler.tell(FAILED)
    assert said == f"{FAILED}: {ill} of shop-production-was had failed and is being replaced."
    assert handler.heard() == [said]
    now = handler.nodes("was")
    assert ill not in now
    assert well in now
    assert handler.desired("was") == 2


def test_an_instance_that_ec2_finds_impaired_is_replaced(handler):
    """EC2's own checks count although the cluster says nothing of the node."""
    ill, _ = handler.nodes("web")

    def impair(parsed, **_):
        for status in parsed["InstanceStatuses"]:
            if status["InstanceId"] == ill:
                status["SystemStatus"]["Status"] = "impaired"

    handler.module.client("ec2").meta.events.register("after-call.ec2.DescribeInstanceStatus", impair)
    (said,) = handler.tell(FAILED)
    assert ill in said
    assert ill not in handler.nodes("web")


def test_silence_replaces_nobody(handler):
    """A node of which nothing is known is left alone, and people learn that nothing was done."""
    before = handler.nodes("was"), handler.nodes("web")
    (said,) = handler.tell(FAILED)
    assert "Nothing was done" in said
    assert (handler.nodes("was"), handler.nodes("web")) == before


def test_another_clusters_nodes_are_never_touched(handler):
    """An ill node of somebody else's group is none of ours."""
    theirs = handler.nodes("other")
    for instance in theirs:
        handler.ready(instance, 0)
    handler.tell(FAILED)
    assert handler.nodes("other") == theirs


def test_when_most_of_a_group_has_failed_nothing_is_replaced(handler):
    """A zone or a release is at fault then; replacing every node would finish what is left."""
    nodes = handler.nodes("was")
    for instance in nodes:
        handler.ready(instance, 0)
    (said,) = handler.tell(FAILED)
    assert "2 of 2 nodes" in said
    assert handler.nodes("was") == nodes


def test_a_young_node_is_not_replaced(handler, monkeypatch):
    """A group whose new nodes never become ready must not spin."""
    monkeypatch.setattr(handler.module, "JOINING", timedelta(minutes=15))
    ill, _ = handler.nodes("was")
    handler.ready(ill, 0)
    assert "Nothing was done" in handler.tell(FAILED)[0]
    assert ill in handler.nodes("was")


def test_a_storm_of_alarms_replaces_once_a_cooldown(handler, monkeypatch):
    """The second alarm within the cooldown waits; once it is over, it is acted on."""
    ill, other = handler.nodes("was")
    handler.ready(ill, 0)
    handler.tell(FAILED, 0)
    handler.ready(other, 0)
    (said,) = handler.tell(FAILED, 1)
    assert "was mended a moment ago" in said
    assert f"seawall remediate INPUT --alarm {FAILED}" in said
    assert other in handler.nodes("was")
    monkeypatch.setattr(handler.module, "now", lambda: handler.began + 1000)
    monkeypatch.setattr(handler.module, "LOOKED_AT", timedelta(minutes=60))
    handler.tell(FAILED, 1000)
    assert other not in handler.nodes("was")


def test_the_same_event_twice_is_done_once(handler):
    """SNS delivers at least once: a group grows by one for one event, however often it arrives."""
    assert handler.tell(RESTARTS) == [f"{RESTARTS}: shop-production-was gets a node more, 3 of 4."]
    assert handler.tell(RESTARTS) == []
    assert handler.desired("was") == 3
    assert handler.desired("web") == 2


def test_what_was_cut_short_is_done_again_for_the_same_event(handler, monkeypatch):
    """If AWS fails between the mark and the deed, Lambda's second attempt does the deed."""
    scaling = handler.module.client("autoscaling")
    real = scaling.set_desired_capacity

    def fails(**_):
        raise RuntimeError("AWS is away")

    monkeypatch.setattr(scaling, "set_desired_capacity", fails)
    with pytest.raises(RuntimeError, match="away"):
        handler.tell(RESTARTS)
    assert handler.desired("was") == 2
    monkeypatch.setattr(scaling, "set_desired_capacity", real)
    handler.tell(RESTARTS)
    assert handler.desired("was") == 3


def test_a_group_never_grows_beyond_its_most(handler):
    """Its owner's bound holds, whatever restarts."""
    handler.scaling.set_desired_capacity(AutoScalingGroupName="eks-was", DesiredCapacity=4)
    (said,) = handler.tell(RESTARTS)
    assert "all the 4 nodes" in said
    assert handler.desired("was") == 4


def test_an_alarm_that_is_over_is_not_acted_on(handler):
    """A message that was on its way for an hour must not change a platform that is well again."""
    handler.watch.set_alarm_state(AlarmName=RESTARTS, StateValue="OK", StateReason="over")
    (said,) = handler.tell(RESTARTS)
    assert "over by itself" in said
    assert handler.desired("was") == 2


def test_what_is_not_for_it_is_ignored(handler):
    """Alarms that end, other alarms, and its own words on the same topic lead to nothing, not even a message."""
    assert handler.tell(RESTARTS, state="OK") == []
    assert handler.tell("shop-production-orders-processor") == []
    words = {"Records": [{"Sns": {"Message": f"{RESTARTS}: shop-production-was gets a node more, 3 of 4."}}]}
    assert handler.module.lambda_handler(words, None) == {"said": []}
    assert handler.heard() == []
