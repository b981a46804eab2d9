"""What hangs on a role decides what it may: refusals first, and conditions leave it open."""

from __future__ import annotations

import pytest

from seawall.kernel.verdict import Answer
from seawall.operate.deployed_policies import DeployedPolicies, judged

READ = {"Effect": "Allow", "Action": ["s3:Get*", "s3:ListBucket"], "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]}
TAGGED = {
    "Effect": "Allow",
    "Action": "ec2:StopInstances",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:ResourceTag/x": "y"}},
}
NEVER = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::a/secret/*"}
PLAIN = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
BUT = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b*"}


@pytest.mark.parametrize(
    ("statements", "action", "resource", "answer"),
    [
        ((READ,), "s3:GetObject", "arn:aws:s3:::a/one", Answer.PROVEN),
        ((READ,), "S3:getobject", "arn:aws:s3:::a/*", Answer.PROVEN),
        ((READ,), "s3:PutObject", "arn:aws:s3:::a/one", Answer.REFUTED),
        ((READ,), "s3:GetObject", "arn:aws:s3:::ab/one", Answer.REFUTED),
        ((READ,), "s3:ListBucket", "*", Answer.REFUTED),
        ((READ, NEVER), "s3:GetObject", "arn:aws:s3:::a/secret/one", Answer.REFUTED),
        ((READ, NEVER), "s3:GetObject", "arn:aws:s3:::a/one", Answer.PROVEN),
        ((TAGGED,), "ec2:StopInstances", "arn:aws:ec2:r:1:instance/i", Answer.UNKNOWN),
        ((READ, PLAIN), "s3:GetObject", "arn:aws:s3:::a/one", Answer.UNKNOWN),
        ((BUT,), "sts:AssumeRole", "r", Answer.PROVEN),
        ((BUT,), "iam:PassRole", "r", Answer.REFUTED),
        ((BUT,), "s3:GetObject", "arn:aws:s3:::bee/x", Answer.REFUTED),
        ((), "s3:GetObject", "x", Answer.REFUTED),
    ],
)
def test_statements_are_judged(statements, action, resource, answer):
    """Stars, the case of actions, refusals before all, exceptions, and conditions."""
    assert judged(statements, action, resource).answer is answer


@pytest.mark.needs("emulator")
def test_what_hangs_on_a_role_is_read():
    """Policies written into it and policies attached to it, each once."""
    import json

    import boto3
    import moto

    with moto.mock_aws():
        iam = boto3.client("iam", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
        iam.put_role_policy(
            RoleName="r", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": READ})
        )
        made = iam.create_policy(
            PolicyName="q", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [NEVER]})
        )
        iam.attach_role_policy(RoleName="r", PolicyArn=made["Policy"]["Arn"])
        policies = DeployedPolicies(iam)
        assert policies.allow("r", "s3:GetObject", "arn:aws:s3:::a/one").proven
        assert policies.allow("r", "s3:GetObject", "arn:aws:s3:::a/secret/one").refuted
        iam.delete_role_policy(RoleName="r", PolicyName="p")
        assert policies.allow("r", "s3:GetObject", "arn:aws:s3:::a/one").proven, "it is read once"


@pytest.mark.needs("emulator")
def test_a_boundary_caps_what_hangs_on_a_role():
    """What the boundary leaves out is refused, and said to be the boundary's; what it allows stays allowed."""
    import json

    import boto3
    import moto

    def document(*statements):
        return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

    with moto.mock_aws():
        iam = boto3.client("iam", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        cap = iam.create_policy(PolicyName="cap", PolicyDocument=document(READ))["Policy"]["Arn"]
        iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}", PermissionsBoundary=cap)
        wide = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(wide))
        policies = DeployedPolicies(iam)
        assert policies.allow("r", "s3:GetObject", "arn:aws:s3:::a/one").proven
        refused = policies.allow("r", "sqs:SendMessage", "arn:aws:sqs:r:1:q")
        assert refused.refuted
        assert "boundary" in str(refused.because)
