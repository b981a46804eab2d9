"""What every AWS resource says of itself: its tags and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seawall.facts.fact import Fact, Known
from seawall.facts.resilience import Located, Tagged
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import EVERY, reads

TAGGED = "tagged"
"""What a tag by itself is of, where that is not known."""

_NOWHERE = ("aws_iam_", "aws_route53_", "aws_cloudfront_", "aws_budgets_", "aws_organizations_")
"""Types of services that are not in any region, whatever region their provider was given."""

_ZONES = ("availability_zone", "availability_zones", "preferred_cache_cluster_azs")


@reads(EVERY)
def everything(resource: Resource) -> Iterator[Fact]:
    """Tags, and the region and zones that a resource is bound to; a body whose tags are unknown may carry any."""
    if not resource.type.startswith("aws_"):
        return
    body = Arguments(resource)
    tags = body.raw("tags")
    if isinstance(tags, Mapping):
        for key in sorted(tags, key=str):
            if tags[key] is None:
                continue
            # A key may hold what is known later, and then nobody can say which tag it is.
            if isinstance(key, str):
                yield Tagged(resource.address, key, body.as_text("tags", tags[key]))
            else:
                yield Tagged(resource.address, "*", body.unknown("tags", key))
    elif tags is not None:
        yield Tagged(resource.address, "*", body.unknown("tags", tags))
    if resource.region != "" and not resource.type.startswith(_NOWHERE):
        yield Located(resource.address, resource.region, _zones(resource))


@reads("aws_ec2_tag")
def tag_of_another(resource: Resource) -> Iterator[Fact]:
    """A tag by itself, of a thing that is somewhere else, as it is given to subnets of a shared network.

    Where that thing is not known it is what the tag implies: ``ADDRESS//tagged``.
    """
    body = Arguments(resource)
    key, of = body.known_text("key"), body.required_link("resource_id")
    yield Tagged(
        resource.address.implied(TAGGED) if isinstance(of, Unknown) else of,
        "*" if isinstance(key, Unknown) else key,
        body.unknown("key", key) if isinstance(key, Unknown) else body.text("value"),
    )


def _zones(resource: Resource) -> Known[tuple[str, ...]]:
    body = Arguments(resource)
    found: set[str] = set()
    for name in _ZONES:
        if name not in resource.body:
            continue
        zones = body.known_texts(name)
        if isinstance(zones, Unknown):
            return zones
        found.update(zones)
    return tuple(sorted(found))
