"""The X-Ray daemon: takes segments from applications beside it, and sends them on in its own name.

It asks for sampling rules on behalf of whoever asks it. Read in AWS X-Ray Developer Guide, "AWS X-Ray daemon" and
"Running the X-Ray daemon locally". Published: AWS's AWSXRayDaemonWriteAccess.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, each

CONTROLLER = Controller(
    name="xray-daemon",
    version="3",
    source="https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSXRayDaemonWriteAccess.html",
    read="2026-11-22",
    images=("aws-xray-daemon",),
    account="xray-daemon",
    namespace="amazon-cloudwatch",
    needs=(
        Need(
            each(
                "xray",
                "GetSamplingRules",
                "GetSamplingStatisticSummaries",
                "GetSamplingTargets",
                "PutTelemetryRecords",
                "PutTraceSegments",
            )
        ),
    ),
)
