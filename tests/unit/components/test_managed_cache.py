"""What a cache on ElastiCache comes to: its shards, what it evicts, and what follows it in other regions."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.components.scope import Scope
from seawall.facts.data import Replicates
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs
from seawall.readers.read import read
from seawall.render.terraform.stacks import stacks

CACHE = """
components:
  sessions: {kind: cache, place: managed, class: cache.r7g.large%s}
  shop: {kind: service, image: shop, framework: spring, needs: [sessions]}
"""
SITES = """
sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}, components: {sessions: {%s}}}}
"""
HOME, SITE = "ap-northeast-2", "ap-northeast-1"


def _graph(said: str = "") -> Graph:
    return descriptions.graph(CACHE % said)


def _over_regions(said: str = "", at_site: str = "") -> Graph:
    return descriptions.graph(CACHE % said + SITES % at_site)


def _in(found: Graph, region: str, type: str) -> Any:
    (one,) = (
        resource
        for resource in found.of_type(type)
        if resource.address.startswith(f"{region}/") and resource.address.endswith(".sessions")
    )
    return one.body


def _environment(found: Graph, region: str = HOME) -> dict[str, Any]:
    (shop,) = (r for r in found.of_type("apps/v1/Deployment") if r.region == region and "shop" in r.address)
    (container,) = shop.body["spec"]["template"]["spec"]["containers"]
    return {item["name"]: item.get("value") for item in container["env"]}


def test_cluster_mode_is_off_unless_shards_are_said() -> None:
    """Clients that know nothing of shards get the primary's name, and no parameter turns the mode on."""
    found = _graph()
    body = _in(found, HOME, "aws_elasticache_replication_group")
    assert body["num_cache_clusters"] == 2
    assert not {"num_node_groups", "replicas_per_node_group"} & body.keys()
    assert [ref.attr for ref in refs(_environment(found)["SPRING_DATA_REDIS_HOST"])] == ["primary_endpoint_address"]


def test_a_single_shard_is_cluster_mode_for_clients_that_insist_on_it() -> None:
    """One shard with its replicas in cluster mode, under the one name that answers for all shards."""
    found = _graph(", shards: 1, replicas: 2")
    body = _in(found, HOME, "aws_elasticache_replication_group")
    assert (body["num_node_groups"], body["replicas_per_node_group"]) == (1, 2)
    assert "num_cache_clusters" not in body
    assert body["automatic_failover_enabled"] is True
    group = _in(found, HOME, "aws_elasticache_parameter_group")
    assert {"name": "cluster-enabled", "value": "yes"} in group["parameter"]
    environment = _environment(found)
    for name in ("SPRING_DATA_REDIS_CLUSTER_NODES", "REDIS_CLUSTER_NODES"):
        assert [ref.attr for ref in refs(environment[name])] == ["configuration_endpoint_address"]
        assert str(environment[name]).endswith(":6379")
    assert environment["SPRING_DATA_REDIS_SSL_ENABLED"] == "true"


@pytest.mark.parametrize(
    ("said", "parameters"),
    [
        ("", {"maxmemory-policy": "volatile-lru"}),
        (", eviction: allkeys-lru", {"maxmemory-policy": "allkeys-lru"}),
        (", reserved_memory: 20 %", {"maxmemory-policy": "volatile-lru", "reserved-memory-percent": "20"}),
    ],
)
def test_what_is_evicted_is_what_may_go(said: str, parameters: dict[str, str]) -> None:
    """Only what expires by itself may go, so that a lock without an end is not; anything else has to be said."""
    group = _in(_graph(said), HOME, "aws_elasticache_parameter_group")
    assert {item["name"]: item["value"] for item in group["parameter"]} == parameters


def test_its_windows_are_those_that_are_said() -> None:
    """Snapshots and maintenance happen when nobody is there, wherever that is night."""
    said = ', backups: 1 d, backup_window: "04:00-05:00", maintenance_window: "sun:19:00-sun:20:00"'
    body = _in(_graph(said), HOME, "aws_elasticache_replication_group")
    assert (body["snapshot_window"], body["maintenance_window"]) == ("04:00-05:00", "sun:19:00-sun:20:00")


def test_each_node_is_watched_by_the_name_that_it_will_have() -> None:
    """Nodes are numbered within the group, and within their shard where there are shards."""

    def nodes(said: str) -> set[Any]:
        platform = descriptions.platform(descriptions.FRAME + CACHE % said)
        scope = Scope(platform, "sessions", platform.region)
        return {dict(watch.dimensions)["CacheClusterId"] for watch in scope.component("sessions").watches(scope)}

    name = "shop-production-sessions"
    assert nodes(", replicas: 1") == {f"{name}-001", f"{name}-002"}
    assert nodes(", replicas: 0, shards: 2") == {f"{name}-0001-001", f"{name}-0002-001"}


# -- in several regions ------------------------------------------------------------------------------------------------


def test_a_site_s_follows_home_s_with_its_own_key_and_users() -> None:
    """It takes engine, nodes and parameters from home's, and says itself what only its own region has."""
    found = _over_regions(", shards: 1")
    (world,) = found.of_type("aws_elasticache_global_replication_group")
    assert world.address.startswith(f"{HOME}/")
    # A promotion decides who is the primary.
    assert world.meta["lifecycle"]["ignore_changes"] == ["primary_replication_group_id"]
    site = _in(found, SITE, "aws_elasticache_replication_group")
    assert site["global_replication_group_id"].to == world.address
    refused = {"engine", "engine_version", "node_type", "num_node_groups", "parameter_group_name"}
    refused |= {"at_rest_encryption_enabled", "transit_encryption_enabled"}
    assert not refused & site.keys()
    assert found[site["kms_key_id"].to].region == SITE
    assert {ref.to.split("/")[0] for ref in refs(site["user_group_ids"])} == {SITE}
    assert not [g for g in found.of_type("aws_elasticache_parameter_group") if g.address.startswith(SITE)]


def test_home_comes_first() -> None:
    """The site's stack needs home's, and home's nothing of the site's."""
    found = stacks(_over_regions())
    home, site = (next(key for key in found if key == (region, "data")) for region in (HOME, SITE))
    assert home in found[site].upstream
    assert not [above for above in found[home].upstream if above.region == SITE]


def test_it_can_stand_by_itself_everywhere() -> None:
    """A cache that is not to follow has an engine, parameters and nodes of its own in each region."""
    found = _over_regions(", follows: false")
    assert not list(found.of_type("aws_elasticache_global_replication_group"))
    assert _in(found, SITE, "aws_elasticache_replication_group")["engine"] == "redis"


def test_the_copy_is_read_as_one() -> None:
    """Facts know an asynchronous copy in another region that is promoted by hand, encrypted as its source."""
    copies = [copy for copy in read(_over_regions()).all(Replicates) if copy.scope == "region"]
    assert [(copy.target, copy.mode, copy.promotion) for copy in copies] == [
        (f"{SITE}/data:aws_elasticache_replication_group.sessions", "asynchronous", "manual")
    ]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (", replicas: 0", "has no replicas"),
        ("", "no burstable ones"),
    ],
)
def test_what_cannot_span_regions_is_refused(said: str, complaint: str) -> None:
    """What AWS would refuse in the middle of making it is refused before."""
    components = CACHE % said + SITES % ""
    if not said:
        components = components.replace("cache.r7g.large", "cache.t4g.medium")
    with pytest.raises(InputError, match=complaint):
        descriptions.graph(components)
