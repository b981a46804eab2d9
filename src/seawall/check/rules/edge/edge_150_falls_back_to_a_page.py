"""A region whose loss is survived by a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.analyze.claimed import written
from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Origin, OriginGroup
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Text, Textual

RULE = Rule(
    id="EDGE-150",
    severity=Severity.HIGH,
    summary="A lost region is claimed to be back soon, and what answers then is a static page",
    why="a static website has no application and none of the database's data: visitors see that something is wrong "
    "sooner, and can do nothing until the region is back",
    fix="have an application with a copy of the data as the second origin, or claim what restoring it elsewhere takes",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
    read=None,
)

_WEBSITES: Final = re.compile(r"\.web\.core\.windows\.net$|\.s3-website[.-][^/]*$")
"""Hosts under which Azure's storage and S3 serve files as a website."""
_COPIED: Final = ("region", "cloud")


def check(facts: Facts) -> Iterator[Finding]:
    """Distributions of which all goes to one origin group, whose later origins are files and whose first is not.

    Only where the databases of the input are in one region and none of them is copied out of it as it is written.
    """
    claims = [claim for claim in facts.where(Claim, subject="region_loss") if claim.measure == "rto"]
    kept = _in_one_region(facts)
    if not claims or not kept:
        return
    for group in facts.all(OriginGroup):
        origins = {origin.id: origin for origin in facts.where(Origin, of=group.of)}
        members = [origins[id] for id in group.members if id in origins]
        if len(members) < 2 or _is_website(members[0]) or not all(_is_website(origin) for origin in members[1:]):
            continue
        if any(forwards.to != group.id for forwards in facts.where(Forwards, of=group.of)):
            continue
        host = members[1].host
        yield RULE.refuted(
            f"region_loss rto {claims[0].value} is claimed, and {group.of} then answers with files of {host}",
            group.of,
            *(store.of for store in kept),
            *written(claims[0]),
            evidence=(
                f"origin group {group.id}: {' then '.join(origin.id for origin in members)}",
                *(f"{store.of} is in {store.region}, and nothing follows it elsewhere" for store in kept),
            ),
        )


def _in_one_region(facts: Facts) -> list[Store]:
    """The databases, if they are all in one region that is known, and no copy of any of them follows it elsewhere."""
    found = sorted(standing_alone(facts, "database"), key=lambda store: store.of)
    regions = {store.region for store in found if isinstance(store.region, str)}
    if len(regions) != 1 or not all(isinstance(store.region, str) for store in found):
        return []
    return [] if any(copy.scope in _COPIED for copy in facts.all(Replicates)) else found


def _is_website(origin: Origin) -> bool:
    return origin.protocol == "s3" or _is_of_files(origin.host)


def _is_of_files(host: Textual) -> bool:
    end = host.parts[-1] if isinstance(host, Text) else host
    if isinstance(end, Ref):
        to = end.to.as_terraform()
        return to is not None and "_web_" in end.attr and to.type == "azurerm_storage_account"
    return isinstance(end, str) and _WEBSITES.search(end) is not None
