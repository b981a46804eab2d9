"""OpenSearch: domains, where they answer, and whom their policies let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import Interface, Listens
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.aws.policy import statements
from seawall.readers.registry import link, reads

_TYPES = ("aws_opensearch_domain", "aws_elasticsearch_domain")
for _type in _TYPES:
    link(f"{_type}_policy", "domain_name", to=_type, by="domain_name")


@reads(*_TYPES)
def domain(resource: Resource) -> Iterator[Fact]:
    """A domain: in a network, or with an endpoint of which its policy alone says who may use it.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
    """
    body, address = Arguments(resource), resource.address
    yield Identifier(address, "arn", arn(resource, "es", "domain/", body.text("domain_name")))
    unknown = body.unknown_blocks("vpc_options")
    if body.has("vpc_options") and unknown is None:
        network = body.block("vpc_options")
        yield Interface(address, network.links("subnet_ids"), network.links("security_group_ids"))
    yield Setting(address, "public-endpoint", not body.has("vpc_options") if unknown is None else unknown)
    insists = body.block("domain_endpoint_options").flag("enforce_https")
    tls: Known[Literal["optional", "required"]] = (
        insists if isinstance(insists, Unknown) else "required" if insists else "optional"
    )
    yield Listens(address, "tcp", Ports.one(443), tls)
    users = body.block("advanced_security_options")
    anonymous = users.flag("anonymous_auth_enabled")
    yield Setting(address, "own-users", users.flag("enabled") if anonymous is False else False)
    if body.has("access_policies"):
        yield from statements(body.raw("access_policies"), address, "resource", f"{address}.access_policies")


@reads(*(f"{each}_policy" for each in _TYPES))
def domain_policy(resource: Resource) -> Iterator[Fact]:
    """Whom a domain lets in."""
    body = Arguments(resource)
    what = f"{resource.address}.access_policies"
    yield from statements(body.raw("access_policies"), body.required_link("domain_name"), "resource", what)
