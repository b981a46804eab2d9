"""CloudFront: a distribution before each exposed host, and one that answers while the load balancer cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from seawall.components.buckets import LOG_VERSIONS, bucket
from seawall.components.component import Expandable
from seawall.components.edge import maintenance
from seawall.components.edge.names import GLOBAL_REGION, Names, certificate
from seawall.components.scope import Scope
from seawall.components.serving import Serving
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref
from seawall.knowledge.cloudfront import ALL_VIEWER_EXCEPT_HOST, CACHING_DISABLED

_READS = ["GET", "HEAD", "OPTIONS"]
_EVERY_METHOD = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
_SERVICE, _MAINTENANCE, _ELSEWHERE = "service", "maintenance", "elsewhere"
_AWAY = (502, 503, 504)
"""What CloudFront or the load balancer answers when nobody behind them does."""


def logs(scope: Scope, kept: Duration, *, protected: bool) -> Iterator[Resource]:
    """The bucket of the access logs; in us-east-1, since CloudFront cannot write to buckets of every region."""
    yield from bucket(
        scope,
        "distribution_logs",
        purpose="distribution-logs",
        region=GLOBAL_REGION,
        expires_after=round(kept.days),
        versions=LOG_VERSIONS,
        takes_acls=True,
        emptied=not protected,
    )


def static_cache(scope: Scope, kept: Duration) -> Resource:
    """How static paths are cached: by path and query alone, for so long unless the origin says otherwise."""
    seconds = round(kept.seconds)
    body = {
        "name": f"{scope.title}-static",
        "comment": "Static paths: the same for every visitor",
        "min_ttl": 0,
        "default_ttl": seconds,
        "max_ttl": seconds,
        "parameters_in_cache_key_and_forwarded_to_origin": [
            {
                "enable_accept_encoding_gzip": True,
                "enable_accept_encoding_brotli": True,
                "cookies_config": [{"cookie_behavior": "none"}],
                "headers_config": [{"header_behavior": "none"}],
                "query_strings_config": [{"query_string_behavior": "all"}],
            }
        ],
    }
    return scope.aws("aws_cloudfront_cache_policy", "static", body)


def headers(scope: Scope) -> Resource:
    """What browsers are told beside the answer: TLS alone for a year, no guessing of types, no frames elsewhere."""
    body = {
        "name": f"{scope.title}-security",
        "comment": "Headers that keep browsers from being used against their owners",
        "security_headers_config": [
            {
                "strict_transport_security": [
                    {"access_control_max_age_sec": 31_536_000, "include_subdomains": False, "override": True}
                ],
                "content_type_options": [{"override": True}],
                "frame_options": [{"frame_option": "SAMEORIGIN", "override": False}],
                "referrer_policy": [{"referrer_policy": "strict-origin-when-cross-origin", "override": False}],
            }
        ],
    }
    return scope.aws("aws_cloudfront_response_headers_policy", "security", body)


def arn_of(scope: Scope, host: str) -> Ref:
    """The ARN of the distribution of a host that some service exposes; InputError where there is none.

    ``scope`` is anybody's at home, since that is where distributions are.
    """
    components = scope.platform.components
    if getattr(components.get("edge"), "cdn", None) is None:
        raise InputError(
            f"{scope.name} is to be served as {host}, and the platform has no CloudFront to serve it",
            fix="add `edge: {}`, and leave its `cdn` on",
            origin=scope.origin,
        )
    if not any(host in cast(Expandable, one).exposes(scope.at(name)) for name, one in components.items()):
        raise InputError(
            f"{scope.name} is to be served as {host}, which no service exposes, so there is no distribution for it",
            fix=f"name the host of a service's `expose`, or give a service `expose: {{host: {host}}}`",
            origin=scope.origin,
        )
    at = scope.at("edge")
    return at.ref("aws_cloudfront_distribution", Names.of(at, host).identifier, "arn")


def servings(scope: Scope) -> list[Serving]:
    """What is served straight from buckets; ``scope`` is the edge's."""
    components = scope.platform.components.items()
    return [serving for name, component in components for serving in cast(Expandable, component).serves(scope.at(name))]


def bucket_access(scope: Scope) -> Iterator[Resource]:
    """Who CloudFront is when it asks for objects that are served, and how long it keeps each bucket's."""
    found = servings(scope)
    if found:
        yield maintenance.access(scope, "objects", "Reads the objects that buckets serve")
    for serving in found:
        seconds = round(serving.kept.seconds)
        body = {
            "name": f"{scope.title}-objects-{serving.name.replace('_', '-')}",
            "comment": f"Objects under {serving.path}: the same for every visitor, whatever the query",
            "min_ttl": 0,
            "default_ttl": seconds,
            "max_ttl": max(seconds, 31_536_000),
            "parameters_in_cache_key_and_forwarded_to_origin": [
                {
                    "enable_accept_encoding_gzip": True,
                    "enable_accept_encoding_brotli": True,
                    "cookies_config": [{"cookie_behavior": "none"}],
                    "headers_config": [{"header_behavior": "none"}],
                    "query_strings_config": [{"query_string_behavior": "none"}],
                }
            ],
        }
        yield scope.aws("aws_cloudfront_cache_policy", f"objects_{serving.name}", body)


def distribution(
    scope: Scope,
    names: Names,
    *,
    dynamic: Sequence[str],
    static: Sequence[str],
    price_class: str,
    web_acl: Ref | None,
) -> Resource:
    """The distribution of one host.

    It asks the name that fails over, with every method; where the answer is 502, 503 or 504 the visitor gets the
    maintenance page with 503. What buckets serve is asked of them, and of their copies where one fails: only those
    have origin groups, which fail over for reads and nothing else.
    """
    served = [serving for serving in servings(scope) if serving.host == names.public]
    pattern_of_page = maintenance.PATH.rsplit("/", 1)[0] + "/*"
    behaviors = [
        _behavior(scope, _MAINTENANCE, _READS, CACHING_DISABLED, pattern=pattern_of_page),
        *(
            _behavior(
                scope,
                _objects(serving),
                _READS[:2],
                scope.ref("aws_cloudfront_cache_policy", f"objects_{serving.name}", "id"),
                pattern=serving.path,
            )
            for serving in served
        ),
        *(_behavior(scope, _SERVICE, _EVERY_METHOD, CACHING_DISABLED, pattern=path, passes=True) for path in dynamic),
        *(
            _behavior(scope, _SERVICE, _READS, scope.ref("aws_cloudfront_cache_policy", "static", "id"), pattern=path)
            for path in static
        ),
    ]
    service = {
        "origin_id": _SERVICE,
        "domain_name": names.origin,
        "connection_attempts": 2,
        "connection_timeout": 5,
        # The load balancer is asked by the origin's name; applications build their own links from this one.
        "custom_header": [{"name": "X-Forwarded-Host", "value": names.public}],
        "custom_origin_config": [
            {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
                "origin_read_timeout": 30,
                "origin_keepalive_timeout": 30,
            }
        ],
    }
    body = {
        **_common(scope, f"{names.public}, served by the load balancer", [names.public], price_class, web_acl),
        "origin": [service, _page_origin(scope), *(origin for one in served for origin in _origins(scope, one))],
        "origin_group": [_origin_group(one) for one in served if len(one.origins) > 1] or None,
        "default_cache_behavior": [_behavior(scope, _SERVICE, _EVERY_METHOD, CACHING_DISABLED, passes=True)],
        "ordered_cache_behavior": behaviors,
        "custom_error_response": _away_page(_AWAY),
        "logging_config": [_log(scope, names.identifier)],
    }
    written = scope.address("aws_s3_bucket_ownership_controls", "distribution_logs")
    return scope.aws("aws_cloudfront_distribution", names.identifier, body, depends_on=[written], called=names.public)


def fallback(scope: Scope, aliases: Sequence[str], *, price_class: str, web_acl: Ref | None) -> Resource:
    """The distribution that answers under the names that failed over: with 503 and the page, whatever is asked.

    A page that is kept outside AWS is asked for there; where that does not answer either, ours in the bucket is shown.
    """
    elsewhere = maintenance.kept_elsewhere(scope)
    if elsewhere:
        behavior = _behavior(scope, _ELSEWHERE, _EVERY_METHOD, CACHING_DISABLED) | {
            "lambda_function_association": [
                {
                    "event_type": event,
                    "lambda_arn": scope.ref("aws_lambda_function", "maintenance_page", "qualified_arn"),
                    "include_body": False,
                }
                for event in ("origin-request", "origin-response")
            ]
        }
    else:
        behavior = _behavior(scope, _MAINTENANCE, _EVERY_METHOD, CACHING_DISABLED) | {
            "function_association": [
                {
                    "event_type": "viewer-request",
                    "function_arn": scope.ref("aws_cloudfront_function", "maintenance", "arn"),
                }
            ]
        }
    body = {
        **_common(scope, "The maintenance page, while the load balancer is away", aliases, price_class, web_acl),
        "origin": [_page_origin(scope)],
        "default_cache_behavior": [behavior],
        **(_elsewhere(scope, elsewhere) if elsewhere else {}),
        "logging_config": [_log(scope, "maintenance")],
    }
    written = scope.address("aws_s3_bucket_ownership_controls", "distribution_logs")
    return scope.aws(
        "aws_cloudfront_distribution", "maintenance", body, depends_on=[written], called=f"{scope.title}-maintenance"
    )


def _elsewhere(scope: Scope, url: str) -> dict[str, Any]:
    """The arguments of a distribution whose page is kept elsewhere, and ours for when it is not to be had there."""
    origin = {
        "origin_id": _ELSEWHERE,
        "domain_name": url.removeprefix("https://").partition("/")[0],
        "connection_attempts": 2,
        "connection_timeout": 3,
        "custom_origin_config": [
            {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
                "origin_read_timeout": 5,
                "origin_keepalive_timeout": 5,
            }
        ],
    }
    pattern = maintenance.PATH.rsplit("/", 1)[0] + "/*"
    return {
        "origin": [_page_origin(scope), origin],
        "ordered_cache_behavior": [_behavior(scope, _MAINTENANCE, _READS, CACHING_DISABLED, pattern=pattern)],
        "custom_error_response": _away_page((502, 504)),
    }


def _away_page(codes: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "error_code": code,
            "response_code": 503,
            "response_page_path": maintenance.PATH,
            "error_caching_min_ttl": 5,
        }
        for code in codes
    ]


def _common(
    scope: Scope, comment: str, aliases: Sequence[str], price_class: str, web_acl: Ref | None
) -> dict[str, Any]:
    return {
        "enabled": True,
        "comment": comment,
        "aliases": list(aliases),
        "is_ipv6_enabled": True,
        "http_version": "http2and3",
        "price_class": price_class,
        "web_acl_id": web_acl,
        "viewer_certificate": [
            {
                "acm_certificate_arn": certificate(scope, "global"),
                "ssl_support_method": "sni-only",
                "minimum_protocol_version": "TLSv1.2_2021",
            }
        ],
        "restrictions": [{"geo_restriction": [{"restriction_type": "none"}]}],
    }


def _page_origin(scope: Scope) -> dict[str, Any]:
    return {
        "origin_id": _MAINTENANCE,
        "domain_name": scope.ref("aws_s3_bucket", "maintenance", "bucket_regional_domain_name"),
        "origin_access_control_id": scope.ref("aws_cloudfront_origin_access_control", "maintenance", "id"),
    }


def _objects(serving: Serving) -> str:
    """The id of what a behavior asks for objects: an origin, or the group of several."""
    return f"objects-{serving.name}"


def _origin_id(serving: Serving, number: int) -> str:
    return _objects(serving) if len(serving.origins) == 1 else f"{_objects(serving)}-{number}"


def _origins(scope: Scope, serving: Serving) -> Iterator[dict[str, Any]]:
    for number, domain in enumerate(serving.origins, 1):
        yield {
            "origin_id": _origin_id(serving, number),
            "domain_name": domain,
            "origin_access_control_id": scope.ref("aws_cloudfront_origin_access_control", "objects", "id"),
        }


def _origin_group(serving: Serving) -> dict[str, Any]:
    # A group has two members. A copy may be minutes behind: what is missing at home is asked of it as well.
    return {
        "origin_id": _objects(serving),
        "failover_criteria": [{"status_codes": [403, 404, 500, 502, 503, 504]}],
        "member": [{"origin_id": _origin_id(serving, number)} for number in (1, 2)],
    }


def _log(scope: Scope, folder: str) -> dict[str, Any]:
    return {
        "bucket": scope.ref("aws_s3_bucket", "distribution_logs", "bucket_domain_name"),
        "prefix": f"{folder}/",
        "include_cookies": False,
    }


def _behavior(
    scope: Scope,
    target: str,
    methods: Sequence[str],
    cache: str | Ref,
    *,
    pattern: str | None = None,
    passes: bool = False,
) -> dict[str, Any]:
    behavior: dict[str, Any] = {
        "path_pattern": pattern,
        "target_origin_id": target,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": list(methods),
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy_id": cache,
        "origin_request_policy_id": ALL_VIEWER_EXCEPT_HOST if passes else None,
        "response_headers_policy_id": scope.ref("aws_cloudfront_response_headers_policy", "security", "id"),
    }
    return {name: value for name, value in behavior.items() if value is not None}
