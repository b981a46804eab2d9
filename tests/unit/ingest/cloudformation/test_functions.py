"""CloudFormation's functions, worked out as far as a template says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seawall.ingest.cloudformation.functions import NO_VALUE
from seawall.ingest.cloudformation.stacks import Estate
from seawall.ingest.cloudformation.template import template_text
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, Text, Unknown, text
from seawall.readers.aws.arn import ACCOUNT

TEMPLATE = """
Parameters:
  Env: {Type: String, Default: production}
  Open: {Type: String}
  Password: {Type: String, NoEcho: true, Default: x}
  Ami: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/ami}
  Zones: {Type: "List<AWS::EC2::AvailabilityZone::Name>", Default: "a, c"}
Mappings:
  Sizes: {production: {nodes: 3}, test: {nodes: 1}}
Conditions:
  Prod: !Equals [!Ref Env, production]
  Test: !Not [!Condition Prod]
  Either: !Or [!Condition Test, !Condition Prod]
  Both: !And [!Condition Prod, !Equals [!Ref Open, "yes"]]
  Asked: !Equals [!Ref Open, "yes"]
Resources:
  B: {Type: "AWS::S3::Bucket", Properties: {BucketName: orders}}
  T: {Type: "AWS::SNS::Topic"}
  C: {Type: "AWS::EKS::Cluster"}
  X: {Type: "AWS::X::Y", Properties: {V: !!VALUE!!}}
Outputs:
  Arn: {Value: !GetAtt B.Arn, Export: {Name: orders-arn}}
"""


def value(written: str) -> Any:
    """What a property is worked out to; NO_VALUE if it is not there."""
    found = template_text(TEMPLATE.replace("!!VALUE!!", written), Path("s.yaml"))
    assert found is not None
    (stack,) = Estate([found]).stacks
    return stack.properties("X").get("V", NO_VALUE)


def ref(logical: str, attr: str) -> Ref:
    """A reference to a resource of the stack."""
    return Ref(Address.cloudformation("s", logical), attr)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!Ref Env", "production"),
        ("!Ref Zones", ["a", "c"]),
        ("!Ref B", ref("B", "id")),
        ("!Ref T", ref("T", "arn")),
        ("!Ref AWS::NoValue", NO_VALUE),
        ("!Ref AWS::AccountId", ACCOUNT),
        ("!Ref AWS::Partition", "aws"),
        ("!GetAtt B.Arn", ref("B", "arn")),
        ("!GetAtt [C, OpenIdConnectIssuerUrl]", ref("C", "identity.0.oidc.0.issuer")),
        ("!Sub 'arn:aws:s3:::${B}/*'", text("arn:aws:s3:::", ref("B", "id"), "/*")),
        ("!Sub '${B.Arn}/${Env}'", text(ref("B", "arn"), "/production")),
        ("!Sub ['${a}-${!aws:username}', {a: !Ref Env}]", "production-${aws:username}"),
        ("!Join ['-', [a, !Ref Env, !Ref AWS::NoValue]]", "a-production"),
        ("!Join ['', ['arn:', !Ref B, ':x']]", text("arn:", ref("B", "id"), ":x")),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Split [',', 'x,y']]", "x"),
        ("!Split ['/', !Sub 'a/${B}/c']", ["a", ref("B", "id"), "c"]),
        ("!If [Prod, 1, 2]", 1),
        ("!If [Test, 1, !Ref AWS::NoValue]", NO_VALUE),
        ("!If [Asked, same, same]", "same"),
        ("!FindInMap [Sizes, !Ref Env, nodes]", 3),
        ("!FindInMap [Sizes, stage, nodes, {DefaultValue: 2}]", 2),
        ("!Base64 abc", "YWJj"),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!ImportValue orders-arn", ref("B", "arn")),
        ("{Fn::Length: [1, 2]}", 2),
        ("{Fn::ToJsonString: {a: !Ref Env}}", {"a": "production"}),
        ("{Condition: any text}", {"Condition": "any text"}),
        ("[1, !Ref AWS::NoValue, {a: !Ref AWS::NoValue}]", [1, {}]),
    ],
)  # fmt: skip
def test_what_a_template_says_is_worked_out(written: str, expected: Any) -> None:
    """Each function gives what CloudFormation would, references as holes."""
    assert value(written) == expected


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("!Ref Open", "the parameter has no default"),
        ("!Ref Password", SECRET),
        ("!Ref Ami", "it is what lies under /aws/ami"),
        ("!Ref Nothing", "the template names Nothing, which it does not have"),
        ("!If [Asked, 1, 2]", "the condition Asked is decided when the template is deployed"),
        ("!Select [0, !GetAZs '']", "an account's zones are known only when the template is deployed"),
        ("!ImportValue other", "no stack of the input exports it: other"),
        ("!Select [7, [a]]", "Fn::Select is worked out only when the template is deployed"),
        ("!Transform {Name: x}", "Fn::Transform is worked out only when the template is deployed"),
        ("!FindInMap [Sizes, !Ref Open, nodes]", "Fn::FindInMap is worked out only when the template is deployed"),
        ("!Cidr [!Ref Open, 2, 8]", "Fn::Cidr is worked out only when the template is deployed"),
        ("'{{resolve:secretsmanager:db:SecretString:password}}'", SECRET),
        ("'{{resolve:ssm:/a/b}}'", "it is fetched at deployment"),
    ],
)  # fmt: skip
def test_what_is_left_to_the_day_of_deployment_is_unknown(written: str, why: str) -> None:
    """What no template can say is an Unknown that tells why, never a guess."""
    found = value(written)
    assert isinstance(found, Unknown)
    assert found.why == why


def test_zones_keep_apart() -> None:
    """Two choices of an account's zones are two zones, and the same choice is the same zone."""
    one, two, again = value(
        "[!Select [0, !GetAZs ''], !Select [1, !GetAZs ''], !Select [0, !GetAZs {Ref: AWS::Region}]]"
    )
    assert one != two
    assert one == again


def test_words_around_a_hole_stay() -> None:
    """A parameter without a default is a hole in a longer string, not the end of it."""
    found = value("!Sub 'orders-${Open}-x'")
    assert isinstance(found, Text)
    assert (found.parts[0], found.parts[2]) == ("orders-", "-x")


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ("Resources: {A: {Type: 'AWS::X::Y', Condition: Nope}}", "there is no condition Nope"),
        ("Conditions: {A: !Condition A}\nResources: {A: {Type: 'AWS::X::Y', Condition: A}}", "asks for itself"),
        ("Resources:\n  A: {Type: 'AWS::Serverless::Function'}", r"s\.yaml:2: A is of a type that AWS replaces"),
        ("Resources:\n  Fn::ForEach::A: [x, [a], {}]", "makes resources when the template is deployed"),
        ("Resources:\n  A-B: {Type: 'AWS::X::Y'}", "is no logical id"),
        ("Resources:\n  A: {Properties: {}}", "A has no Type"),
        ("Resources:\n  A: {Type: 'AWS::X::Y', Properties: []}\n", None),
        ("Resources:\n  A: {Type: 'AWS::X::Y', Properties: [1]}\n", "the Properties of A are no object"),
        ("Resources:\n  A: {Type: 'AWS::X::Y'}\n  A: {Type: 'AWS::X::Y'}", r"s\.yaml:3:3: A is said twice"),
        ("AWSTemplateFormatVersion: x\nResources: []", "a template has Resources"),
        ("Parameters: {P: 1}\nResources: {A: {Type: 'AWS::X::Y'}}", "Parameters.P is an object"),
        ('{"Resources": {"A": {"Type": "AWS::X::Y", "Type": "b"}}}', "Type is said twice"),
        ("Resources: {A: {Type: !Rain::Module x}}", "has no meaning here"),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_by_line(written: str, match: str | None) -> None:
    """A template that CloudFormation would not take, or that is not whole yet, is an error with file and line."""

    def read() -> None:
        found = template_text(written, Path("s.yaml"))
        assert found is not None
        for stack in Estate([found]).stacks:
            assert all(stack.exists(logical) for logical in stack.resources())

    if match is None:
        read()
    else:
        with pytest.raises(InputError, match=match):
            read()
