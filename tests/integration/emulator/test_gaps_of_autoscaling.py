"""Each test here passes with the patch of Auto Scaling and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_scaling_policy_is_enabled(aws: Clients) -> None:
    """A scaling policy is enabled, and is predictive only where it was made so."""
    ec2, groups, name = aws("ec2"), aws("autoscaling"), f"g-{uuid.uuid4().hex[:8]}"
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    groups.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=0,
        LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        VPCZoneIdentifier=subnet,
    )
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    groups.put_scaling_policy(
        AutoScalingGroupName=name,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 50.0},
    )
    policy = groups.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"][0]
    assert policy["Enabled"] is True
    assert "PredictiveScalingConfiguration" not in policy


def test_a_group_keeps_how_long_its_instances_may_live(aws: Clients) -> None:
    """The longest life of an instance is answered as made, as changed, and not at all once it is taken off."""
    ec2, groups, name = aws("ec2"), aws("autoscaling"), f"g-{uuid.uuid4().hex[:8]}"
    ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    )
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    groups.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=0,
        LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        VPCZoneIdentifier=subnet,
        MaxInstanceLifetime=604800,
    )

    def lifetime() -> int | None:
        (group,) = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        found: int | None = group.get("MaxInstanceLifetime")
        return found

    assert lifetime() == 604800
    groups.update_auto_scaling_group(AutoScalingGroupName=name, MaxInstanceLifetime=86400)
    assert lifetime() == 86400
    groups.update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=1)
    assert lifetime() == 86400
    groups.update_auto_scaling_group(AutoScalingGroupName=name, MaxInstanceLifetime=0)
    assert lifetime() is None
