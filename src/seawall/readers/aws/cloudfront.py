"""CloudFront: distributions with their origins, behaviours and certificate."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import Forwards, Guards, Hostname, Origin, OriginGroup, Presents
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Body, Ref, Textual, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.registry import answers, reads

# CloudFront's own cache policies, which have the same id in every account (AWS, "Use managed cache policies").
MANAGED = {
    "Managed-CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "Managed-CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "Managed-CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "UseOriginCacheControlHeaders": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
}
MANAGED_DEFAULT_TTL = {
    MANAGED["Managed-CachingDisabled"]: 0,
    MANAGED["Managed-CachingOptimized"]: 86400,
    MANAGED["Managed-CachingOptimizedForUncompressedObjects"]: 86400,
    MANAGED["UseOriginCacheControlHeaders"]: 0,
}


@answers("data.aws_cloudfront_cache_policy", "id")
def managed_cache_policy(body: Body, _region: str | Unknown) -> Value:
    """The id of one of CloudFront's own policies, which are looked up by name."""
    name = body.get("name")
    return MANAGED.get(name) if isinstance(name, str) else None


@reads("aws_cloudfront_distribution")
def distribution(resource: Resource) -> Iterator[Fact]:
    """A distribution: what it fetches from where, how it answers, and what it shows for which names.

    The settings of an ordered behaviour are those of ``distribution//behaviour PATH``.
    """
    body, address = Arguments(resource), resource.address
    yield Hostname(address, "domain_name", text(made_up(resource, "host"), ".cloudfront.net"))
    identifier = arn(resource, "cloudfront", "distribution/", made_up(resource, "id"), everywhere=True)
    yield Identifier(address, "arn", identifier)
    on = body.flag("enabled", True)
    if on is not True:
        yield Setting(address, "switched-off", on if isinstance(on, Unknown) else True)
    for origin in body.blocks("origin"):
        yield _origin(address, origin)
    for group in body.blocks("origin_group"):
        yield _origin_group(address, group)
    for behaviour in body.blocks("default_cache_behavior"):
        yield from _behaviour(address, address, behaviour, "/*")
    for behaviour in body.blocks("ordered_cache_behavior"):
        path = behaviour.text("path_pattern")
        yield from _behaviour(address, address.implied(f"behaviour {path}"), behaviour, path)
    yield _certificate(body)
    firewall = body.link("web_acl_id")
    if firewall is not None:
        yield Guards(firewall, address, "global", "")
    if body.has("logging_config"):
        yield Logs(address, body.block("logging_config").required_link("bucket"), ("access",))


def _origin(address: Address, origin: Arguments) -> Origin:
    host = origin.raw("domain_name")
    custom = origin.block("custom_origin_config")
    protocol = str(custom.text("origin_protocol_policy")) if origin.has("custom_origin_config") else "s3"
    if origin.has("vpc_origin_config"):
        protocol = "vpc"
    return Origin(
        address,
        str(origin.text("origin_id")),
        origin.text("domain_name"),
        origin.as_link("domain_name", host) if isinstance(host, Ref) else None,
        protocol,
        origin.count("connection_attempts", 3),
        origin.count("connection_timeout", 10),
        (origin.block("vpc_origin_config") if protocol == "vpc" else custom).count("origin_read_timeout", 30),
        origin.text("origin_path"),
        origin.number("response_completion_timeout"),
    )


def _origin_group(address: Address, group: Arguments) -> OriginGroup:
    codes = group.block("failover_criteria").raw("status_codes")
    known = codes if isinstance(codes, list | tuple) else []
    return OriginGroup(
        address,
        str(group.text("origin_id")),
        tuple(str(member.text("origin_id")) for member in group.blocks("member")),  # the first is the primary
        tuple(sorted(int(code) for code in known if str(code).isdigit())),
    )


def _behaviour(of: Address, place: Address, behaviour: Arguments, path: Textual) -> Iterator[Fact]:
    methods = behaviour.known_texts("allowed_methods")
    known = () if isinstance(methods, Unknown) else methods
    yield Forwards(of, str(behaviour.text("target_origin_id")), "*", path, known)
    yield Setting(place, "viewer-protocol", behaviour.known_text("viewer_protocol_policy"))
    yield Setting(place, "cache-default-ttl", _default_ttl(behaviour))


def _default_ttl(behaviour: Arguments) -> Known[int]:
    if behaviour.has("cache_policy_id"):
        policy = behaviour.known_text("cache_policy_id")
        if isinstance(policy, Unknown):
            return policy
        managed = MANAGED_DEFAULT_TTL.get(policy)
        return (
            behaviour.unknown("cache_policy_id", Ref(Address.outside(policy), "default_ttl"))
            if managed is None
            else managed
        )
    return behaviour.count("default_ttl", 86400)


def _certificate(body: Arguments) -> Presents:
    """The certificate for its aliases; without one of its own, CloudFront's, which allows TLS 1.0."""
    aliases = body.texts("aliases")
    names = (aliases,) if isinstance(aliases, Unknown) else aliases
    viewer = body.block("viewer_certificate")
    for name in ("acm_certificate_arn", "iam_certificate_id"):
        certificate = viewer.link(name)
        if certificate is not None:
            return Presents(body.address, certificate, names, viewer.known_text("minimum_protocol_version", "TLSv1"))
    return Presents(body.address, body.address.implied("cloudfront-certificate"), names, "TLSv1")


@reads("aws_cloudfront_cache_policy")
def cache_policy(resource: Resource) -> Iterator[Fact]:
    """How long answers are kept by behaviours that name this policy."""
    ttl = Arguments(resource).count("default_ttl", 86400)
    yield Setting(resource.address, "cache-default-ttl", ttl)
