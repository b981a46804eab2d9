"""CloudFront: moto lacks policies and the publishing of functions, and loses parts of a distribution.

Seen from the provider: cache, origin request and response headers policies and published functions end in
404, the managed policies of AWS among them; a distribution whose default behaviour targets an origin group is
refused (NoSuchOrigin); the associations with functions and Lambda@Edge, the origin access control of an
origin, the origin groups, the error responses and the fact that a certificate of ACM is used are lost, so the
second plan changes them.
"""

from __future__ import annotations

import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, add_routes, around, now, store

# Kind of policy -> path below the API version.
POLICIES = {
    "CachePolicy": "cache-policy",
    "OriginRequestPolicy": "origin-request-policy",
    "ResponseHeadersPolicy": "response-headers-policy",
}

# The managed policies most used, with the ids AWS documents (CloudFront developer guide, "Use managed ...
# policies", 2025); the settings beside the name are the ones the guide lists, as far as the API carries them.
MANAGED: dict[str, dict[str, dict[str, Any]]] = {
    "CachePolicy": {
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {
            "Name": "Managed-CachingDisabled",
            "MinTTL": 0,
            "DefaultTTL": 0,
            "MaxTTL": 0,
        },
        "658327ea-f89d-4fab-a63d-7e88639e58f6": {
            "Name": "Managed-CachingOptimized",
            "MinTTL": 1,
            "DefaultTTL": 86400,
            "MaxTTL": 31536000,
        },
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": {"Name": "Managed-AllViewer"},
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": {"Name": "Managed-AllViewerExceptHostHeader"},
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": {"Name": "Managed-CORS-S3Origin"},
    },
    "ResponseHeadersPolicy": {
        "67f7725c-6f97-4210-82d7-5512b31e9d03": {"Name": "Managed-SecurityHeadersPolicy"},
        "60669652-455b-4ae9-85a4-c4c02393f86c": {"Name": "Managed-SimpleCORS"},
    },
}


def apply() -> None:
    """Add policies and publishing; keep what a distribution was given."""
    for kind, path in POLICIES.items():
        _policies(kind, path)
    _functions()
    _distributions()


def _policies(kind: str, path: str) -> None:
    from moto.cloudfront import urls
    from moto.cloudfront.exceptions import CloudFrontException
    from moto.cloudfront.responses import CloudFrontResponse
    from moto.core.responses import ActionResult, EmptyResult

    snake = path.replace("-", "_")

    def known(response: Any) -> dict[str, dict[str, Any]]:
        policies = store(response.backend, snake)
        if not policies:
            policies.update(
                {
                    identifier: {
                        "id": identifier,
                        "type": "managed",
                        "changed": now(),
                        "etag": "MANAGED",
                        "config": config,
                    }
                    for identifier, config in MANAGED[kind].items()
                }
            )
        return policies

    def asked_for(response: Any) -> dict[str, Any]:
        policies = known(response)
        identifier = response._get_param("Id")
        if identifier not in policies:
            # moto finds the service of an error by the module of its class, so it must be one of its own
            # classes.
            raise CloudFrontException(f"NoSuch{kind}", f"The {path.replace('-', ' ')} does not exist.")
        return policies[identifier]

    def body(policy: dict[str, Any]) -> dict[str, Any]:
        return {"Id": policy["id"], "LastModifiedTime": policy["changed"], f"{kind}Config": policy["config"]}

    def answer(policy: dict[str, Any]) -> Any:
        location = f"https://cloudfront.amazonaws.com/2020-05-31/{path}/{policy['id']}"
        return ActionResult({kind: body(policy), "ETag": policy["etag"], "Location": location})

    def write(policy: dict[str, Any], response: Any) -> Any:
        policy.update(changed=now(), etag=_etag(), config=_plain(response._get_param(f"{kind}Config")))
        return answer(policy)

    def create(response: Any) -> Any:
        policy: dict[str, Any] = {"id": str(uuid.uuid4()), "type": "custom"}
        known(response)[policy["id"]] = policy
        return write(policy, response)

    def get(response: Any) -> Any:
        return answer(asked_for(response))

    def get_config(response: Any) -> Any:
        policy = asked_for(response)
        return ActionResult({f"{kind}Config": policy["config"], "ETag": policy["etag"]})

    def update(response: Any) -> Any:
        return write(asked_for(response), response)

    def delete(response: Any) -> Any:
        del known(response)[asked_for(response)["id"]]
        return EmptyResult()

    def list_all(response: Any) -> Any:
        wanted = response._get_param("Type")
        items = [
            {"Type": policy["type"], kind: body(policy)}
            for policy in known(response).values()
            if wanted in (None, policy["type"])
        ]
        return ActionResult({f"{kind}List": {"MaxItems": 100, "Quantity": len(items), "Items": items}})

    plural = f"{snake.removesuffix('y')}ies"
    for name, operation in (
        (f"create_{snake}", create),
        (f"get_{snake}", get),
        (f"get_{snake}_config", get_config),
        (f"update_{snake}", update),
        (f"delete_{snake}", delete),
        (f"list_{plural}", list_all),
    ):
        operation.__name__ = name
        add_operations(CloudFrontResponse, operation)
    add_routes(
        urls.url_paths,
        CloudFrontResponse.dispatch,
        f"{{0}}/2020-05-31/{path}$",
        f"{{0}}/2020-05-31/{path}/(?P<policy>[^/]+)$",
        f"{{0}}/2020-05-31/{path}/(?P<policy>[^/]+)/config$",
    )


def _functions() -> None:
    from moto.cloudfront import urls
    from moto.cloudfront.responses import CloudFrontResponse
    from moto.core.responses import ActionResult

    def publish_function(response: Any) -> Any:
        function = response.backend.describe_function(response._get_param("Name"))
        function.stage = "LIVE"
        function.status = "UNASSOCIATED"
        return ActionResult({"FunctionSummary": function.function_summary})

    def update_function(response: Any) -> Any:
        function = response.backend.describe_function(response._get_param("Name"))
        function.config = _plain(response._get_param("FunctionConfig"))
        function.code = response._get_param("FunctionCode")
        function.etag = _etag()
        function.last_modified_time = now()
        return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})

    add_operations(CloudFrontResponse, publish_function, update_function)
    add_routes(
        urls.url_paths,
        CloudFrontResponse.dispatch,
        "{0}/2020-05-31/function/(?P<function_name>[^/]+)/publish$",
    )


def _distributions() -> None:
    from moto.cloudfront.models import DistributionConfig

    @around(DistributionConfig, "__init__")
    def keep_what_was_given(original: Any, config: Any, arguments: Any) -> None:
        given = _plain(arguments)
        target = given["DefaultCacheBehavior"]["TargetOriginId"]
        groups = _items(given, "OriginGroups")
        if any(group["Id"] == target for group in groups):
            # AWS takes the id of an origin group as a target, moto only that of an origin: let it check a
            # member's.
            first = next(group for group in groups if group["Id"] == target)["Members"]["Items"][0]
            arguments["DefaultCacheBehavior"]["TargetOriginId"] = first["OriginId"]
        original(config, arguments)
        config.DefaultCacheBehavior.target_origin_id = target
        _restore_behaviour(config.DefaultCacheBehavior, given["DefaultCacheBehavior"])
        behaviours = config.CacheBehaviors.get("Items") or []
        for behaviour, given_behaviour in zip(behaviours, _items(given, "CacheBehaviors"), strict=True):
            _restore_behaviour(behaviour, given_behaviour)
        for origin, given_origin in zip(config.Origins["Items"], _items(given, "Origins"), strict=True):
            origin.origin_access_control_id = given_origin.get("OriginAccessControlId") or ""
        for block in ("OriginGroups", "CustomErrorResponses"):
            if _items(given, block):
                setattr(config, block, given[block])
        if (given.get("ViewerCertificate") or {}).get("ACMCertificateArn"):
            config.ViewerCertificate.cloud_front_default_certificate = False
        config.Staging = given.get("Staging", False)
        config.ContinuousDeploymentPolicyId = given.get("ContinuousDeploymentPolicyId", "")


def _restore_behaviour(behaviour: Any, given: dict[str, Any]) -> None:
    for attribute, block in (
        ("lambda_function_associations", "LambdaFunctionAssociations"),
        ("function_associations", "FunctionAssociations"),
    ):
        items = _items(given, block)
        setattr(behaviour, attribute, {"Quantity": len(items), "Items": items})
    if not given.get("ForwardedValues"):
        behaviour.forwarded_values = None  # a behaviour with a cache policy forwards by that policy
    behaviour.grpc_config = given.get("GrpcConfig")


def _items(given: dict[str, Any], block: str) -> list[Any]:
    """Return the items of one of CloudFront's ``{Quantity, Items}`` lists, which may be absent or empty."""
    found: list[Any] = (given.get(block) or {}).get("Items") or []
    return found


def _etag() -> str:
    return f"E{uuid.uuid4().hex[:12].upper()}"


def _plain(value: Any) -> Any:
    """Return a parsed request as dictionaries and lists that moto, which edits what it parses, does not
    share."""
    if hasattr(value, "original_dict"):
        value = value.original_dict()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
