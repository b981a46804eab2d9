"""What rules say of templates, where the page of a rule can only show Terraform."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from seawall.check.engine import examine
from seawall.ingest.estate import ingest
from seawall.readers.read import facts_of

HEAD = "Resources:\n  Thing:\n"
POLICY = "{Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}]}"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("    Type: AWS::EC2::VPCEndpoint\n    Properties: {VpcId: v, ServiceName: com.amazonaws.eu-west-1.s3}\n", []),
        (f"    Type: AWS::EFS::FileSystem\n    Properties: {{FileSystemPolicy: {POLICY}}}\n", []),
        (f"    Type: AWS::SQS::QueuePolicy\n    Properties: {{Queues: [q], PolicyDocument: {POLICY}}}\n", ["IAM-122"]),
    ],
)
def test_what_only_the_network_reaches_is_not_open_to_the_world(tmp_path: Path, body: str, found: list[str]) -> None:
    """A policy of an endpoint or a file system that names everybody is AWS's own; one of a queue is a mistake."""
    file = tmp_path / "stack.yaml"
    file.write_text(HEAD + body, encoding="utf-8")
    graph = ingest([file])
    findings = examine(graph, facts_of(graph), select=["IAM-122"], as_of=date(2026, 11, 22)).findings
    assert [finding.rule for finding in findings] == found


def test_what_a_function_of_a_template_calls_is_not_known_without_its_code(tmp_path: Path) -> None:
    """What Lambda does as a function's role is not all that the role is for, in whatever format it is written."""
    trust = "{Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]}"
    grants = "{Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}]}"
    (tmp_path / "stack.yaml").write_text(
        "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n"
        f"      AssumeRolePolicyDocument: {trust}\n"
        f"      Policies: [{{PolicyName: p, PolicyDocument: {grants}}}]\n"
        "  F:\n    Type: AWS::Lambda::Function\n    Properties: {FunctionName: f, Role: !GetAtt R.Arn}\n",
        encoding="utf-8",
    )
    graph = ingest([tmp_path])
    found = examine(graph, facts_of(graph), select=["IAM-103", "IAM-100"], as_of=date(2026, 11, 22)).findings
    assert [finding.rule for finding in found if finding.answer == "refuted"] == ["IAM-100"]
