"""Whatever a template, an IAM file or a properties file holds, reading it ends well or with an error for a person."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seawall.facts.identity import PolicyDocument
from seawall.graph.graph import Graph
from seawall.ingest.cloudformation.shapes import TWINS
from seawall.ingest.cloudformation.stacks import Estate
from seawall.ingest.cloudformation.template import is_template, template_text
from seawall.ingest.cloudformation.twins import _makers, resources_of
from seawall.ingest.iam_files import iam, is_iam_file
from seawall.ingest.spring import spring_text
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.aws.policy import policy_facts
from seawall.readers.read import facts_of

PIECES = [
    "AWSTemplateFormatVersion: 2010-09-09\n", "Resources:\n", "  A:\n", "    Type: AWS::S3::Bucket\n",
    "    Properties:\n", "      BucketName: ", "!Sub ", "!Ref A", "!GetAtt A.Arn", "!If [", "!Join ", "${A}", "${!a}",
    "{{resolve:ssm:a}}", "- ", "[", "]", "{", "}", ", ", ": ", "\n", '"', "'", "&a ", "*a", "<<: ", "\x00", "\ufeff",
    "!Fn ", "!! ", "!", "{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::Role\"", "NaN", "1e999", "\\ud800",
]  # fmt: skip
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 70000), st.text(max_size=6),
    st.sampled_from(["*", "A", "P", "arn:aws:s3:::x/*", "10.0.0.0/16", "Allow", "-1", "${A.Arn}/*", "AWS::NoValue"]),
)  # fmt: skip
FUNCTIONS = st.sampled_from(
    [
        "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If", "Fn::FindInMap", "Fn::Base64",
        "Fn::GetAZs", "Fn::Cidr", "Fn::ImportValue", "Fn::Length", "Fn::ToJsonString", "Fn::Transform", "Condition",
    ]
)  # fmt: skip
NAMES = sorted(
    {name for twin in TWINS.values() for name in twin.shape}
    | {
        "Policies", "PolicyName", "PolicyDocument", "Statement", "Effect", "Action", "Resource", "Principal",
        "Condition", "Roles", "Users", "Groups", "ManagedPolicyArns", "AssumeRolePolicyDocument", "RoleName", "Tags",
        "Key", "Value", "SecurityGroupIngress", "SecurityGroupEgress", "IpProtocol", "CidrIp", "FromPort", "PortRange",
        "LaunchTemplateData", "ResourcesVpcConfig", "Logging", "ClusterLogging", "EnabledTypes", "AccessPolicies",
        "BucketEncryption", "VersioningConfiguration", "LifecycleConfiguration", "Rules", "LoggingConfiguration",
        "PublicAccessBlockConfiguration", "Queues", "Topics", "Subscription", "Targets", "Config", "Manifest",
        "ClusterName", "TargetIds", "Content", "Type", "Arn", "Parameters", "TemplateURL",
        "Chart", "Values", "Namespace", "Release", "Version",
    }
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
        | st.builds(lambda name, value: {name: value}, FUNCTIONS, inner)
    ),
    max_leaves=20,
)
TYPES = sorted({*TWINS, *_makers, "AWS::CloudFormation::Stack", "Custom::AWSCDKCfnJson", "AWS::X::Y"})
resources = st.builds(
    lambda type, properties, more: {"Type": type, "Properties": properties, **more},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(NAMES), values, max_size=6),
    st.dictionaries(st.sampled_from(["Condition", "DependsOn", "Metadata"]), scalars, max_size=1),
)


def _named(names: list[str], inner: Any) -> Any:
    return st.dictionaries(st.sampled_from(names), inner, max_size=2)


templates = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["A", "B", "C"]), resources, min_size=1, max_size=3)},
    optional={
        "Parameters": _named(["P", "Q"], _named(["Default", "Type"], values)),
        "Conditions": _named(["A", "P"], values),
        "Mappings": _named(["M"], _named(["x"], values)),
        "Outputs": _named(["O"], _named(["Value", "Export"], values)),
    },
)


def _read(text: str) -> None:
    found = template_text(text, Path("nowhere/a.json"))
    if found is not None:
        estate = Estate([found])
        facts_of(Graph(resource for stack in estate.stacks for resource in resources_of(stack)))


@given(texts)
@example("Resources: " + "[" * 3000)
@example("Resources:\n A: !Sub" + " !Sub" * 200 + " x")
@example("Resources: &a {A: {Type: 'AWS::S3::Bucket', Properties: *a}}")
def test_texts_of_templates_are_read_or_refused(written: str) -> None:
    """Any text at all gives resources or an InputError."""
    with suppress(InputError):
        _read(written)


@settings(max_examples=60)
@given(templates)
def test_templates_are_read_or_refused(template: dict[str, Any]) -> None:
    """Whatever stands in a template's sections, its resources are read, or it is refused by name."""
    with suppress(InputError):
        _read(json.dumps(template))


documents = st.one_of(
    values,
    st.dictionaries(st.sampled_from(["Version", "Statement", "Id"]), values),
    st.fixed_dictionaries({"Statement": st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=5))}),
)
HOLES = (Ref(Address("a/b:aws_iam_role.x"), "arn"), Unknown("u"), text("a", Unknown("u"), "b"))


@given(
    st.one_of(documents, documents.map(json.dumps), texts, st.sampled_from(HOLES)), st.sampled_from(["trust", "rcp"])
)
@example("[" * 100_000, "trust")
@example('{"Statement": "\\ud800"}', "trust")
@example('{"Statement": {"Effect": ' + "9" * 5000 + "}}", "trust")
@example(
    {"Statement": [{"Effect": HOLES[0], "Action": HOLES[1], "Condition": {HOLES[2]: {HOLES[2]: [HOLES[0]]}}}]}, "rcp"
)
def test_policies_are_read_whatever_they_are(value: Any, kind: Any) -> None:
    """A document of any form is a document with faults, or one that cannot be read, and never an exception."""
    found = list(policy_facts(value, Address("a/b:aws_iam_role.x"), kind, "x.policy"))
    empty = value is None or (isinstance(value, str) and not value.strip())
    assert empty or sum(isinstance(fact, PolicyDocument) for fact in found) == 1


IAM = st.sampled_from(
    [
        "RoleName", "UserName", "GroupName", "PolicyName", "PolicyDocument", "PolicyArn", "AssumeRolePolicyDocument",
        "Policies", "RoleDetailList", "Role", "Roles", "PolicyVersion", "Document", "Url", "ClientIDList", "Tags",
        "RolePolicyList", "AttachedManagedPolicies", "ManagedPolicyArns", "PermissionsBoundary", "Path", "association",
        "clusterName", "namespace", "serviceAccount", "roleArn", "Statement", "Version", "UserDetailList", "GroupList",
        "Arn", "IsTruncated", "DefaultVersionId", "PolicyVersionList", "Policy", "Attributes", "ResourcePolicy",
        "Content",
    ]
)  # fmt: skip
exports = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(IAM, inner, max_size=5), max_leaves=25
)


NAMES = ["a", "a.trust", "a.policy", "a.Scp", "a.bucket", "a.queue", "a.KEY", "[*.topic"]


@settings(max_examples=40)
@given(st.one_of(exports.map(json.dumps), texts), st.sampled_from(NAMES))
def test_iam_files_are_read_or_refused(written: str, name: str) -> None:
    """Any JSON file under any name of the convention gives resources or an InputError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.json"
        file.write_text(written, encoding="utf-8", errors="replace")
        assert name == "a" or is_iam_file(file) or is_template(file)
        with suppress(InputError):
            facts_of(Graph(iam([file])))


ESCAPES = [
    "a",
    "=",
    ":",
    " ",
    "\\",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\u00e9",
    "\n",
    "\r",
    "#---\n",
    "!",
    "\x00",
    "\f",
    "${x}",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(ESCAPES), max_size=20).map("".join)))
def test_properties_are_read_or_refused(written: str) -> None:
    """Any text at all is properties, whose keys and values can be written down, or is refused."""
    with suppress(InputError):
        found = spring_text(written, "application.properties")
        json.dumps(found.body, default=str, ensure_ascii=False).encode()
