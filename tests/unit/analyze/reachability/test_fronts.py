"""What API Gateway passes on is reached by whom its operations let in."""

from __future__ import annotations

import json

import pytest

from seawall.analyze.reachability.entrances import exposed, exposures_of
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.cli.main import main
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of

FUNCTION = {"function_name": "f", "role": "arn:aws:iam::123456789012:role/f"}
CALLED = {"function_name": "${aws_lambda_function.f.function_name}", "action": "lambda:InvokeFunction"}
PERMITTED = {"principal": "apigateway.amazonaws.com", "statement_id": "a"}
HTTPS = Traffic.of("tcp", Ports.one(443))
REST = "${aws_api_gateway_rest_api.a.id}"
HTTP = "${aws_apigatewayv2_api.a.id}"


def read(folder, **resources) -> Facts:
    """The facts of some resources and a function that API Gateway may call."""
    given = {
        "aws_lambda_function": {"f": FUNCTION},
        "aws_lambda_permission": {"p": {**CALLED, **PERMITTED}},
        **{type: body if type == "aws_lambda_permission" else {"a": body} for type, body in resources.items()},
    }
    (folder / "main.tf.json").write_text(json.dumps({"resource": given}))
    return facts_of(load_graph([str(folder)], None)[1])


def at(folder, path) -> Address:
    """The address of a resource."""
    return Address(f"/{folder.name}:{path}")


def rest(**changed):
    """A REST API with one operation that a function answers."""
    on = {"rest_api_id": REST, "resource_id": "${aws_api_gateway_resource.a.id}"}
    found = {
        "aws_api_gateway_rest_api": {"name": "a"},
        "aws_api_gateway_resource": {
            "rest_api_id": REST,
            "parent_id": "${aws_api_gateway_rest_api.a.root_resource_id}",
            "path_part": "x",
        },
        "aws_api_gateway_method": {**on, "http_method": "GET", "authorization": "NONE"},
        "aws_api_gateway_integration": {
            **on,
            "http_method": "${aws_api_gateway_method.a.http_method}",
            "type": "AWS_PROXY",
            "integration_http_method": "POST",
            "uri": "${aws_lambda_function.f.invoke_arn}",
        },
        "aws_api_gateway_deployment": {"rest_api_id": REST},
        "aws_api_gateway_stage": {
            "rest_api_id": REST,
            "deployment_id": "${aws_api_gateway_deployment.a.id}",
            "stage_name": "v",
        },
    }
    for type, more in changed.items():
        if more is None:
            del found[type]
        else:
            found[type] = {**found.get(type, {}), **more}
    return found


def test_a_function_behind_a_rest_api_is_reached(tmp_path) -> None:
    """Anybody who asks the operation is answered by the function, through the API."""
    facts = read(tmp_path, **rest())
    (way,) = exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))
    assert way.open.sure == HTTPS
    assert way.anybody
    assert way.through == (at(tmp_path, "aws_api_gateway_rest_api.a"),)
    assert way.by == (at(tmp_path, "aws_api_gateway_integration.a"),)


@pytest.mark.parametrize(
    ("changed", "front", "behind"),
    [
        ({"aws_api_gateway_rest_api": {"endpoint_configuration": {"types": ["PRIVATE"]}}}, 0, 0),
        ({"aws_api_gateway_rest_api": {"endpoint_configuration": {"types": ["REGIONAL"]}}}, 1, 1),
        ({"aws_api_gateway_rest_api": {"disable_execute_api_endpoint": True}}, 0, 0),
        ({"aws_api_gateway_stage": None}, 0, 0),
        ({"aws_api_gateway_stage": None, "aws_api_gateway_deployment": {"stage_name": "v"}}, 1, 1),
        ({"aws_api_gateway_method": {"authorization": "AWS_IAM"}}, 1, 0),
        ({"aws_api_gateway_method": {"authorization": "COGNITO_USER_POOLS"}}, 1, 0),
        ({"aws_api_gateway_method": {"api_key_required": True}}, 1, 0),
        ({"aws_api_gateway_integration": {"type": "MOCK", "uri": None}}, 1, 0),
    ],
)
def test_each_door_of_a_rest_api_counts(tmp_path, changed, front, behind) -> None:
    """It is private, or has no name, or no stage, or its operation asks who calls: then nobody reaches the function."""
    facts = read(tmp_path, **rest(**changed))
    assert len(exposures_of(facts, at(tmp_path, "aws_api_gateway_rest_api.a"))) == front
    assert len(exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))) == behind


@pytest.mark.parametrize(
    ("condition", "sure"),
    [
        (None, True),
        ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, False),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
    ],
)
def test_a_policy_may_keep_strangers_out(tmp_path, condition, sure) -> None:
    """An API with a policy answers whom this allows alone."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    if condition is not None:
        statement["Condition"] = condition
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    facts = read(tmp_path, **rest(), aws_api_gateway_rest_api_policy={"rest_api_id": REST, "policy": policy})
    assert bool(exposed(facts)) is sure


def test_a_function_that_lets_nobody_call_it_is_perhaps_reached(tmp_path) -> None:
    """Where no permission is in the input it may be elsewhere: perhaps, and the function's policy is named."""
    facts = read(tmp_path, **rest(), aws_lambda_permission={})
    (way,) = exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))
    assert not way.open.sure
    assert way.open.because[0].what.endswith("aws_lambda_function.f.policy")


def test_a_document_of_an_api_is_read(tmp_path) -> None:
    """Operations of an OpenAPI document count as those that are resources."""
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${aws_lambda_function.f.arn}/invocations"
    behind = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    operation = {"x-amazon-apigateway-integration": behind}
    for security, ways in (({}, 1), ({"security": [{"token": []}]}, 0)):
        document = json.dumps({"openapi": "3.0.1", "paths": {"/x": {"get": {**operation, **security}}}})
        resources = rest(aws_api_gateway_rest_api={"body": document})
        for type in ("method", "integration", "resource"):
            del resources[f"aws_api_gateway_{type}"]
        facts = read(tmp_path, **resources)
        assert len(exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))) == ways


def http(**changed):
    """An HTTP API with one route that a function answers."""
    found = {
        "aws_apigatewayv2_api": {"name": "a", "protocol_type": "HTTP"},
        "aws_apigatewayv2_integration": {
            "api_id": HTTP,
            "integration_type": "AWS_PROXY",
            "integration_uri": "${aws_lambda_function.f.invoke_arn}",
        },
        "aws_apigatewayv2_route": {
            "api_id": HTTP,
            "route_key": "GET /x",
            "target": "integrations/${aws_apigatewayv2_integration.a.id}",
        },
        "aws_apigatewayv2_stage": {"api_id": HTTP, "name": "$default", "auto_deploy": True},
    }
    return {type: {**body, **changed.get(type, {})} for type, body in found.items()}


@pytest.mark.parametrize(
    ("changed", "ways"),
    [
        ({}, 1),
        ({"aws_apigatewayv2_route": {"authorization_type": "JWT"}}, 0),
        ({"aws_apigatewayv2_route": {"authorization_type": "AWS_IAM"}}, 0),
        ({"aws_apigatewayv2_api": {"disable_execute_api_endpoint": True}}, 0),
        ({"aws_apigatewayv2_route": {"route_key": "$connect", "authorization_type": "CUSTOM"}}, 0),
    ],
)
def test_a_function_behind_an_http_api_is_reached(tmp_path, changed, ways) -> None:
    """By a route that asks nobody who he is; of a WebSocket API by nobody who may not connect."""
    facts = read(tmp_path, **http(**changed))
    found = exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))
    assert len(found) == ways
    assert all(way.open.sure == HTTPS for way in found)


def test_a_name_of_ones_own_leads_to_an_api_without_one(tmp_path) -> None:
    """An API whose own name is off is reached by a domain that is mapped to it, unless this asks for certificates."""
    domain = {"domain_name": "api.example.com", "domain_name_configuration": {"endpoint_type": "REGIONAL"}}
    mapped = {"api_id": HTTP, "domain_name": "${aws_apigatewayv2_domain_name.a.id}", "stage": "v"}
    off = http(aws_apigatewayv2_api={"disable_execute_api_endpoint": True})
    facts = read(tmp_path, **off, aws_apigatewayv2_domain_name=domain, aws_apigatewayv2_api_mapping=mapped)
    (way,) = exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))
    assert [str(each).partition(":")[2] for each in way.through] == [
        "aws_apigatewayv2_domain_name.a",
        "aws_apigatewayv2_api.a",
    ]
    trust = {**domain, "mutual_tls_authentication": {"truststore_uri": "s3://b/t.pem"}}
    facts = read(tmp_path, **off, aws_apigatewayv2_domain_name=trust, aws_apigatewayv2_api_mapping=mapped)
    assert exposures_of(facts, at(tmp_path, "aws_lambda_function.f")) == ()


VPC = {"vpc_id": "${aws_vpc.a.id}"}


def balanced(ingress):
    """An internal load balancer behind a link of an HTTP API."""
    return {
        "aws_vpc": {"cidr_block": "10.0.0.0/16"},
        "aws_subnet": {**VPC, "cidr_block": "10.0.0.0/24"},
        "aws_security_group": {
            **VPC,
            "ingress": [{"from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": [ingress]}],
            "egress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}],
        },
        "aws_lb": {
            "internal": True,
            "subnets": ["${aws_subnet.a.id}"],
            "security_groups": ["${aws_security_group.a.id}"],
        },
        "aws_lb_listener": {
            "load_balancer_arn": "${aws_lb.a.arn}",
            "port": 80,
            "protocol": "HTTP",
            "default_action": {"type": "fixed-response", "fixed_response": {"content_type": "text/plain"}},
        },
        "aws_apigatewayv2_vpc_link": {
            "name": "l",
            "subnet_ids": ["${aws_subnet.a.id}"],
            "security_group_ids": ["${aws_security_group.a.id}"],
        },
        **http(
            aws_apigatewayv2_integration={
                "integration_type": "HTTP_PROXY",
                "integration_uri": "${aws_lb_listener.a.arn}",
                "connection_type": "VPC_LINK",
                "connection_id": "${aws_apigatewayv2_vpc_link.a.id}",
            }
        ),
    }


@pytest.mark.parametrize(("ingress", "ways"), [("10.0.0.0/16", 1), ("10.1.0.0/16", 0)])
def test_a_link_leads_to_an_internal_balancer(tmp_path, ingress, ways) -> None:
    """What the balancer's group lets in of the link's subnets is reached through the API, though nothing is public."""
    facts = read(tmp_path, **balanced(ingress))
    found = exposures_of(facts, at(tmp_path, "aws_lb.a"))
    assert len(found) == ways
    for way in found:
        assert way.open.sure == Traffic.of("tcp", Ports.one(80))
        assert way.through == (at(tmp_path, "aws_apigatewayv2_api.a"), at(tmp_path, "aws_apigatewayv2_vpc_link.a"))


def test_a_link_of_a_rest_api_leads_to_network_balancers(tmp_path) -> None:
    """A private network load balancer without groups takes whatever its link brings, on its listeners' ports."""
    resources = rest(
        aws_api_gateway_integration={
            "type": "HTTP_PROXY",
            "uri": "http://${aws_lb.a.dns_name}:8080/",
            "connection_type": "VPC_LINK",
            "connection_id": "${aws_api_gateway_vpc_link.a.id}",
        }
    )
    own = balanced("10.0.0.0/16")
    facts = read(
        tmp_path,
        **resources,
        aws_vpc=own["aws_vpc"],
        aws_subnet=own["aws_subnet"],
        aws_api_gateway_vpc_link={"name": "l", "target_arns": ["${aws_lb.a.arn}"]},
        aws_lb={"internal": True, "load_balancer_type": "network", "subnets": ["${aws_subnet.a.id}"]},
        aws_lb_listener={**own["aws_lb_listener"], "port": 8080, "protocol": "TCP"},
    )
    (way,) = exposures_of(facts, at(tmp_path, "aws_lb.a"))
    assert way.open.sure == Traffic.of("tcp", Ports.one(8080))


STACK = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: f, Role: "arn:aws:iam::123456789012:role/f"}
  P:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref F, Action: "lambda:InvokeFunction", Principal: apigateway.amazonaws.com}
"""
OF_HTTP = """
  A: {Type: "AWS::ApiGatewayV2::Api", Properties: {Name: a, ProtocolType: HTTP}}
  I:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref A, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}
  R:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref A, RouteKey: "GET /", Target: !Sub "integrations/${I}", AuthorizationType: KIND}
  S: {Type: "AWS::ApiGatewayV2::Stage", Properties: {ApiId: !Ref A, StageName: $default}}
"""
OF_REST = """
  A: {Type: "AWS::ApiGateway::RestApi", Properties: {Name: a}}
  M:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref A
      ResourceId: !GetAtt A.RootResourceId
      HttpMethod: GET
      AuthorizationType: KIND
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"
  D: {Type: "AWS::ApiGateway::Deployment", Properties: {RestApiId: !Ref A, StageName: v}}
"""


@pytest.mark.parametrize("api", [OF_HTTP, OF_REST])
@pytest.mark.parametrize(("kind", "count"), [("NONE", 1), ("AWS_IAM", 0)])
def test_apis_of_templates_are_followed_alike(tmp_path, api, kind, count) -> None:
    """An API that CloudFormation makes leads where one that Terraform makes does."""
    (tmp_path / "s.yaml").write_text(STACK + api.replace("KIND", kind))
    facts = facts_of(load_graph([str(tmp_path)], None)[1])
    found = [each for each in exposed(facts) if each.thing == "s/F"]
    assert [each.open.sure for each in found] == [HTTPS] * count
    assert [each.thing for each in exposed(facts) if not each.through] != []


URL = """
  U:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt F.Arn, AuthType: KIND}
"""
LET = """
  L:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref F, Action: "lambda:InvokeFunctionUrl", Principal: "*"}
"""


@pytest.mark.parametrize(
    ("kind", "more", "answer"),
    [("NONE", LET, True), ("NONE", "", None), ("AWS_IAM", "", False), ("AWS_IAM", LET, False)],
)
def test_a_function_s_url_of_a_template_needs_a_permission(tmp_path, kind, more, answer) -> None:
    """One that asks for a signature is for nobody unnamed; one that does not is so once a permission lets everybody."""
    (tmp_path / "s.yaml").write_text(STACK + URL.replace("KIND", kind) + more)
    found = exposed(facts_of(load_graph([str(tmp_path)], None)[1]))
    assert bool(found) is (answer is not False)
    assert bool(found and found[0].open.sure) is (answer is True)


@pytest.mark.parametrize(
    ("named", "authorized", "status"),
    [("f", {}, 0), ("aws_lambda_function.f", {}, 0), ("aws_apigatewayv2_api.a", {}, 0), ("f", {"IAM": True}, 1)],
)
def test_what_is_in_no_network_may_be_asked_for_by_name(tmp_path, capsys, named, authorized, status) -> None:
    """A function and an API are ends of the internet's connections, reached or not."""
    read(tmp_path, **http(aws_apigatewayv2_route={"authorization_type": "AWS_IAM"} if authorized else {}))
    assert main(["reach", str(tmp_path), "--from", "internet", "--to", named, "--port", "443"]) == status
    assert ("blocked" in capsys.readouterr().out) is bool(status)


@pytest.mark.parametrize(("seen", "count"), [({}, 1), ({"visibility": "GLOBAL"}, 1), ({"visibility": "PRIVATE"}, 0)])
def test_an_api_of_appsync_is_there_unless_it_is_private(tmp_path, seen, count) -> None:
    """Its endpoint answers everybody, if only to ask who he is."""
    facts = read(tmp_path, aws_appsync_graphql_api={"name": "a", "authentication_type": "API_KEY", **seen})
    assert len(exposed(facts)) == count


@pytest.mark.parametrize(
    ("named", "principal", "reached"),
    [
        ('${replace(aws_lambda_function_url.a.function_url, "https://", "")}', "cloudfront.amazonaws.com", True),
        ("${aws_lambda_function_url.a.url_id}.lambda-url.eu-west-1.on.aws", "cloudfront.amazonaws.com", True),
        ("${aws_lambda_function_url.a.url_id}.lambda-url.eu-west-1.on.aws", "apigateway.amazonaws.com", False),
        ("www.example.com", "cloudfront.amazonaws.com", False),
    ],
)
def test_a_distribution_signs_for_whoever_asks_it(tmp_path, named, principal, reached) -> None:
    """A function whose URL wants a signature is reached through a distribution that it lets in."""
    origin = {"origin_id": "f", "domain_name": named, "custom_origin_config": {"origin_protocol_policy": "https-only"}}
    permission = {**CALLED, "action": "lambda:InvokeFunctionUrl", "principal": principal}
    url = {"function_name": "${aws_lambda_function.f.function_name}", "authorization_type": "AWS_IAM"}
    facts = read(
        tmp_path,
        aws_lambda_permission={"p": permission},
        aws_lambda_function_url=url,
        aws_cloudfront_distribution={"enabled": True, "origin": [origin]},
    )
    found = exposures_of(facts, at(tmp_path, "aws_lambda_function.f"))
    assert [each.through for each in found] == ([(at(tmp_path, "aws_cloudfront_distribution.a"),)] if reached else [])
    assert all(each.open.sure == HTTPS for each in found)


@pytest.mark.parametrize(("enabled", "sure", "may"), [(True, 1, 1), (False, 0, 0), ("${var.on}", 0, 1), (None, 1, 1)])
def test_a_distribution_that_is_off_answers_nobody(tmp_path, enabled, sure, may) -> None:
    """A distribution is there for everybody while it is on; whether a variable turns it off may not be known."""
    origin = {"origin_id": "f", "domain_name": "www.example.com"}
    more = {} if enabled is None else {"enabled": enabled}
    (tmp_path / "v.tf").write_text('variable "on" {}\n')
    found = exposed(read(tmp_path, aws_cloudfront_distribution={"origin": [origin], **more}))
    assert (len(found), sum(1 for each in found if each.open.sure)) == (may, sure)
