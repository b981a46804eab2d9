"""The node termination handler, in the mode in which it reads a queue; in the other it asks nodes about themselves.

Read in aws/aws-node-termination-handler at 62a8761d812b: README.md.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="aws-node-termination-handler",
    version="1.25",
    source="https://github.com/aws/aws-node-termination-handler/blob/62a8761d812b/README.md",
    read="2026-11-22",
    images=("aws-node-termination-handler",),
    charts=("aws-node-termination-handler",),
    account="aws-node-termination-handler",
    told=(
        Told("queue", ("queueURL",), ("--queue-url",), ("QUEUE_URL",)),
        Told("reads-queue", ("enableSqsTerminationDraining",), ("--enable-sqs-termination-draining",),
             ("ENABLE_SQS_TERMINATION_DRAINING",)),
    ),
    needs=(
        Need(
            each("autoscaling", "CompleteLifecycleAction"),
            ("arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/*",),
            when="reads-queue",
        ),
        Need(each("autoscaling", "DescribeAutoScalingInstances", "DescribeTags"), when="reads-queue"),
        Need(("ec2:DescribeInstances",), when="reads-queue"),
        Need(each("sqs", "DeleteMessage", "ReceiveMessage"), ("{queue-arn}",), when="reads-queue"),
    ),
)  # fmt: skip
