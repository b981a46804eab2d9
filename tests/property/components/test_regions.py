"""Stores over any number of regions have one writer, follow it without a circle, and leave no password behind."""

from __future__ import annotations

from typing import Any

import hypothesis
import hypothesis.strategies as st

import descriptions
from seawall.components.expand import expand
from seawall.facts.data import Replicates
from seawall.graph.graph import Graph
from seawall.kernel.value import refs
from seawall.readers.read import read
from seawall.render.terraform.stacks import stacks

HOME = "ap-northeast-2"
SITES = {"tokyo": "ap-northeast-1", "oregon": "us-west-2"}
CLASSES = ("db.r7g.large", "db.r6g.xlarge", "db.serverless")


@st.composite
def descriptions_over_regions(draw: st.DrawFn) -> tuple[str, list[str], dict[str, list[str]], bool]:
    """A description; the regions of its sites; the classes of the servers of each region; whether its cache follows."""
    sites = draw(st.lists(st.sampled_from(sorted(SITES)), unique=True))
    servers = {HOME: draw(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=3))}
    lines = []
    for number, site in enumerate(sites, 1):
        servers[SITES[site]] = draw(st.lists(st.sampled_from(CLASSES), max_size=3))
        orders = _said(servers, SITES[site], servers[HOME][0])
        body = f"network: {{cidr: 10.{number}.0.0/16}}, components: {{orders: {{{orders}}}}}"
        lines.append(f"  {site}: {{region: {SITES[site]}, {body}}}\n")
    follows = draw(st.booleans())
    text = (
        f"{descriptions.FRAME}components:\n"
        f"  orders: {{kind: aurora, writer: {servers[HOME][0]}, {_said(servers, HOME, servers[HOME][0])}}}\n"
        f"  sessions: {{kind: cache, place: managed, class: cache.r7g.large, follows: {str(follows).lower()}}}\n"
        "  shop: {kind: service, image: shop, needs: [orders, sessions]}\n"
    )
    if lines:
        text += "sites:\n" + "".join(lines)
    return text, [SITES[site] for site in sites], servers, follows


def _said(servers: dict[str, list[str]], region: str, writer: str) -> str:
    readers = servers[region][1:] if region == HOME else servers[region]
    scaling = "db.serverless" in (writer, *readers)
    return f"readers: [{', '.join(readers)}], serverless: {'{min: 0.5, max: 4}' if scaling else 'null'}"


def _by_region(found: Graph, type: str) -> dict[str, list[dict[str, Any]]]:
    regions: dict[str, list[dict[str, Any]]] = {}
    for resource in found.of_type(type):
        regions.setdefault(resource.address.split("/")[0], []).append(dict(resource.body))
    return regions


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(descriptions_over_regions())
def test_there_is_one_writer_and_everybody_else_follows(
    drawn: tuple[str, list[str], dict[str, list[str]], bool],
) -> None:
    """Home alone has a user and a source; every site has its own key and servers, and is read as a copy of home's."""
    text, sites, servers, follows = drawn
    found = expand(descriptions.platform(text))
    clusters = _by_region(found, "aws_rds_cluster")
    assert [region for region, (body,) in clusters.items() if "master_username" in body] == [HOME]
    assert len(list(found.of_type("aws_rds_global_cluster"))) == (1 if sites else 0)
    for region, (body,) in clusters.items():
        assert found[body["kms_key_id"].to].region == region
        made = sorted(body["instance_class"] for body in _by_region(found, "aws_rds_cluster_instance").get(region, []))
        assert made == sorted(servers[region])
    copies = {copy.target for copy in read(found).all(Replicates) if copy.scope == "region"}
    wanted = {f"{region}/data:aws_rds_cluster.orders" for region in sites}
    if follows:
        wanted |= {f"{region}/data:aws_elasticache_replication_group.sessions" for region in sites}
    assert copies == wanted


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(descriptions_over_regions())
def test_home_is_made_first_and_no_state_holds_a_password(
    drawn: tuple[str, list[str], dict[str, list[str]], bool],
) -> None:
    """No stack of home's needs a site's; what is write-only comes from what is ephemeral, nothing else is secret."""
    found = expand(descriptions.platform(drawn[0]))
    for name, stack in stacks(found).items():
        if name.region == HOME:
            assert {above.region for above in stack.upstream} <= {HOME}
    for resource in found:
        if not resource.is_terraform:
            continue
        assert not {"master_password", "secret_string", "auth_token", "password"} & resource.body.keys()
        for argument in ("master_password_wo", "secret_string_wo"):
            if argument in resource.body:
                assert all(":ephemeral." in ref.to for ref in refs(resource.body[argument]))
