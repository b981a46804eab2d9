"""API Gateway: APIs of both generations, their stages, what they offer to whom, and what stands behind; and AppSync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.facts.fact import Fact, Known, Link
from seawall.facts.fronts import Front, Offers, Passes, Published
from seawall.facts.network import Interface, Member
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.policy import parsed, statements
from seawall.readers.registry import link, reads

link("aws_api_gateway_base_path_mapping", "domain_name", to="aws_api_gateway_domain_name", by="domain_name")
link("aws_apigatewayv2_api_mapping", "domain_name", to="aws_apigatewayv2_domain_name", by="domain_name")
link("aws_lambda_alias", "function_name", to="aws_lambda_function", by="function_name")

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")
_INTEGRATION = "x-amazon-apigateway-integration"
QUICK = "$default"
"""The route and the stage that an HTTP API has where it is made with a target."""


@reads("aws_api_gateway_rest_api")
def rest_api(resource: Resource) -> Iterator[Fact]:
    """A REST API: whether the internet has a way to it, whom its policy lets in, and the operations of its document.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html
    """
    body, address = Arguments(resource), resource.address
    types = body.block("endpoint_configuration").known_texts("types")
    public: Known[bool] = types if isinstance(types, Unknown) else "PRIVATE" not in types
    yield Front(address, _unless_disabled(body, public))
    if body.has("policy"):
        yield from statements(body.raw("policy"), address, "resource", f"{address}.policy")
    if body.has("body"):
        yield from _document(resource, body)


def _unless_disabled(body: Arguments, public: Known[bool]) -> Known[bool]:
    """Without its own name an API is reached by a domain that is mapped to it, which is another front."""
    disabled = body.flag("disable_execute_api_endpoint")
    if disabled is True or public is False:
        return False
    return disabled if isinstance(disabled, Unknown) else public


@reads("aws_api_gateway_rest_api_policy")
def rest_api_policy(resource: Resource) -> Iterator[Fact]:
    """Whom an API lets in."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from statements(body.raw("policy"), body.required_link("rest_api_id"), "resource", what)


def _document(resource: Resource, body: Arguments) -> Iterator[Fact]:
    """The operations of an API's document; one that cannot be read may offer anything."""
    address = resource.address
    document = parsed(body.raw("body"), f"{address}.body")
    if isinstance(document, Unknown) or not isinstance(document, Mapping):
        why = document if isinstance(document, Unknown) else body.unknown("body", document)
        yield Offers(address, why, why, why)
        return
    paths = document.get("paths")
    asked = bool(document.get("security"))
    for path, operations in sorted(paths.items(), key=str) if isinstance(paths, Mapping) else ():
        for method in _METHODS:
            operation = operations.get(method) if isinstance(operations, Mapping) else None
            if not isinstance(operation, Mapping):
                continue
            name = f"{method.upper().removeprefix('X-AMAZON-APIGATEWAY-').removesuffix('-METHOD')} {path}"
            own = operation.get("security")
            yield Offers(address, name, name, not (asked if own is None else bool(own)))
            behind = operation.get(_INTEGRATION)
            if isinstance(behind, Mapping):
                yield from _passes(body, address, name, behind)


def _passes(body: Arguments, api: Address, route: str, behind: Mapping[str, Any]) -> Iterator[Passes]:
    link = behind.get("connectionId")
    to = _target(behind.get("uri"))
    if to is not None:
        by = None if link is None else body.as_link("body", link)
        yield Passes(api, route, to, by, behind.get("credentials") is not None)


@reads("aws_api_gateway_stage", "aws_apigatewayv2_stage")
def stage(resource: Resource) -> Iterator[Fact]:
    """An API is there for its callers."""
    body = Arguments(resource)
    yield Published(body.required_link("rest_api_id" if body.has("rest_api_id") else "api_id"))


@reads("aws_api_gateway_deployment")
def deployment(resource: Resource) -> Iterator[Fact]:
    """A deployment that names a stage makes it."""
    body = Arguments(resource)
    if body.has("stage_name"):
        yield Published(body.required_link("rest_api_id"))


@reads("aws_api_gateway_method")
def method(resource: Resource) -> Iterator[Fact]:
    """An operation, and whether it asks who calls; a key that all callers share is asked for, too."""
    body = Arguments(resource)
    route = _route(body)
    kind, key = body.known_text("authorization", "NONE"), body.flag("api_key_required")
    anybody: Known[bool]
    if key is True or (isinstance(kind, str) and kind != "NONE"):
        anybody = False
    else:
        anybody = next((each for each in (kind, key) if isinstance(each, Unknown)), True)
    yield Offers(body.required_link("rest_api_id"), route, route, anybody)


@reads("aws_api_gateway_integration")
def integration(resource: Resource) -> Iterator[Fact]:
    """What an operation is answered by."""
    body = Arguments(resource)
    to = _target(body.raw("uri"))
    if to is None:
        return
    by = body.link("connection_id")
    yield Passes(body.required_link("rest_api_id"), _route(body), to, by, body.has("credentials"))


def _route(body: Arguments) -> Textual:
    """An operation by its resource and method, which its integration names alike."""
    of, name = body.raw("resource_id"), body.known_text("http_method")
    if isinstance(name, Unknown) or not isinstance(of, Ref | str):
        return name if isinstance(name, Unknown) else body.unknown("resource_id", of)
    return f"{name} {of}"


def _target(uri: Any) -> Link | None:
    """What a URI leads to: the one thing of the input that it mentions; None if it is somebody else's."""
    match uri:
        case Ref():
            return uri.to
        case Unknown():
            return uri
        case Text():
            named = [(hole.to, hole.to.as_terraform()) for hole in uri.holes if isinstance(hole, Ref)]
            things = dict.fromkeys(of for of, name in named if name is None or not name.type.startswith("data."))
            return next(iter(things)) if len(things) == 1 else None
        case _:
            return None


@reads("aws_api_gateway_vpc_link")
def vpc_link(resource: Resource) -> Iterator[Fact]:
    """A way of REST APIs to network load balancers in private networks."""
    targets = Arguments(resource).links("target_arns")
    for target in () if isinstance(targets, Unknown) else targets:
        yield Member(resource.address, target)


@reads("aws_apigatewayv2_api")
def http_api(resource: Resource) -> Iterator[Fact]:
    """An HTTP or WebSocket API; one that is made with a target offers it to everybody in a stage of its own."""
    body, address = Arguments(resource), resource.address
    yield Front(address, _unless_disabled(body, True))
    if body.has("body"):
        yield from _document(resource, body)
    if body.has("target"):
        route = body.text("route_key", QUICK)
        yield Published(address)
        yield Offers(address, route, route, True)
        to = _target(body.raw("target"))
        if to is not None:
            yield Passes(address, route, to, None, body.has("credentials_arn"))


@reads("aws_apigatewayv2_route")
def http_route(resource: Resource) -> Iterator[Fact]:
    """What an HTTP or WebSocket API is asked, whether it asks who calls, and the integration that answers."""
    body = Arguments(resource)
    kind, key = body.known_text("authorization_type", "NONE"), body.flag("api_key_required")
    anybody: Known[bool]
    if key is True or (isinstance(kind, str) and kind != "NONE"):
        anybody = False
    else:
        anybody = next((each for each in (kind, key) if isinstance(each, Unknown)), True)
    target = _target(body.raw("target"))
    route = body.unknown("target", body.raw("target")) if not isinstance(target, Address) else str(target)
    yield Offers(body.required_link("api_id"), route, body.text("route_key"), anybody)


@reads("aws_apigatewayv2_integration")
def http_integration(resource: Resource) -> Iterator[Fact]:
    """What routes are answered by."""
    body = Arguments(resource)
    to = _target(body.raw("integration_uri"))
    if to is not None:
        by = body.link("connection_id")
        yield Passes(body.required_link("api_id"), str(resource.address), to, by, body.has("credentials_arn"))


@reads("aws_apigatewayv2_vpc_link")
def http_vpc_link(resource: Resource) -> Iterator[Fact]:
    """A way of HTTP APIs into a private network: interfaces in its subnets, with groups."""
    body = Arguments(resource)
    yield Interface(resource.address, body.links("subnet_ids"), body.links("security_group_ids"))


@reads("aws_api_gateway_domain_name", "aws_apigatewayv2_domain_name")
def domain_name(resource: Resource) -> Iterator[Fact]:
    """A name of one's own in front of APIs; one that insists on the client's certificate is not for anybody."""
    body, address = Arguments(resource), resource.address
    types = body.block("endpoint_configuration").known_texts("types")
    yield Front(address, types if isinstance(types, Unknown) else "PRIVATE" not in types)
    yield Published(address)
    yield Offers(address, "/", "/", not body.has("mutual_tls_authentication"))


@reads("aws_api_gateway_base_path_mapping", "aws_apigatewayv2_api_mapping")
def mapping(resource: Resource) -> Iterator[Fact]:
    """A name leads to an API."""
    body = Arguments(resource)
    yield Passes(body.required_link("domain_name"), "/", body.required_link("api_id"))


@reads("aws_lambda_alias")
def alias(resource: Resource) -> Iterator[Fact]:
    """Another name of a function, by which it is called."""
    yield Passes(resource.address, QUICK, Arguments(resource).required_link("function_name"))


@reads("aws_appsync_graphql_api")
def graphql_api(resource: Resource) -> Iterator[Fact]:
    """An API of AppSync, which asks everybody for a key, a token or a signature, and so passes on nothing unasked.

    Source: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
    """
    seen = Arguments(resource).known_text("visibility", "GLOBAL")
    yield Front(resource.address, seen if isinstance(seen, Unknown) else seen != "PRIVATE")
    yield Published(resource.address)
