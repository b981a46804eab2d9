"""A resource that was meant for another region than the one it lands in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Secret
from seawall.facts.network import Interface
from seawall.facts.resilience import Located, Setting, Tagged
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="TF-007",
    severity=Severity.CRITICAL,
    summary="A resource lands in another region than the one it is meant for",
    why="a resource without `provider` is made by the default one: what should stand in for a lost region is made in "
    "that "
    "very region, and the plan looks well",
    fix="give it the provider's alias of its region (`provider = aws.dr`, or `providers` of its module)",
    layers=("terraform",),
    source="https://developer.hashicorp.com/terraform/language/block/provider",
    read=None,
)

_REGION = re.compile(r"(?:af|ap|ca|eu|il|me|mx|sa|us|cn|us-gov)-(?:[a-z]+-)?[a-z]+-\d")
_SAYS_REGION = frozenset({"region", "aws-region", "awsregion", "aws:region", "aws_region"})
"""Tags whose value is the region that their thing is in, in lower case."""


def check(facts: Facts) -> Iterator[Finding]:
    """What a resource's own zones, tags, copies and neighbours say of its region, against the provider's."""
    for of, says, where in (*_zones(facts), *_tags(facts), *_copies(facts), *_neighbours(facts)):
        here = _region(facts, of)
        yield RULE.refuted(f"{of} lands in {here}, and {says}", of, *where)


def _region(facts: Facts, of: Address) -> str:
    located = facts.one(Located, of=of)
    return located.region if located is not None and isinstance(located.region, str) else ""


_Found = tuple[Address, str, tuple[Address, ...]]


def _zones(facts: Facts) -> Iterator[_Found]:
    for located in facts.all(Located):
        if isinstance(located.region, Unknown) or isinstance(located.zones, Unknown) or not located.region:
            continue
        elsewhere = [zone for zone in located.zones if _REGION.match(zone) and not zone.startswith(located.region)]
        if elsewhere:
            yield located.of, f"its zones are {', '.join(elsewhere)}", ()


def _tags(facts: Facts) -> Iterator[_Found]:
    for tag in facts.all(Tagged):
        if tag.key.lower() not in _SAYS_REGION or not isinstance(tag.value, str) or not _REGION.fullmatch(tag.value):
            continue
        here = _region(facts, tag.of)
        if here and here != tag.value:
            yield tag.of, f"its tag {tag.key} says {tag.value}", ()


def _copies(facts: Facts) -> Iterator[_Found]:
    """Copies in other regions, of which AWS takes none in the same: of global databases and caches, keys, secrets."""
    pairs = [
        (each.target, each.source)
        for each in facts.all(Replicates)
        if each.scope == "region" and _is_global(facts, each.target)
    ]
    pairs += [(each.of, each.value) for each in facts.all(Setting) if each.key == "copy-of"]
    for copy, source in pairs:
        if not (isinstance(copy, Address) and isinstance(source, Address)):
            continue
        here = _region(facts, copy)
        if here and here == _region(facts, source):
            yield copy, f"what it is a copy of, {source}, is there too", (source,)
    for secret in facts.all(Secret):
        if isinstance(secret.region, str) and secret.region in secret.replicas:
            yield secret.of, "so does its copy", ()


def _is_global(facts: Facts, of: object) -> bool:
    store = facts.one(Store, of=of)
    return store is not None and store.kind in ("database", "cache")


def _neighbours(facts: Facts) -> Iterator[_Found]:
    """What AWS takes only if it is of the same region: subnets, security groups, keys."""
    for of, uses in _uses(facts):
        here = _region(facts, of)
        other = {thing: there for thing in uses if (there := _region(facts, thing)) and there != here}
        if here and other:
            named = ", ".join(f"{thing} is in {there}" for thing, there in sorted(other.items()))
            yield of, named, tuple(sorted(other))


def _uses(facts: Facts) -> Iterator[tuple[Address, tuple[Address, ...]]]:
    for interface in facts.all(Interface):
        links = [each for each in (interface.subnets, interface.groups) if not isinstance(each, Unknown)]
        yield interface.of, tuple({each for some in links for each in some if isinstance(each, Address)})
    for store in facts.all(Store):
        if isinstance(store.key, Address):
            yield store.of, (store.key,)
