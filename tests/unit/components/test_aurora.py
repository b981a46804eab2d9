"""What a database on Aurora comes to, in one region and in several."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.components.scope import Scope
from seawall.facts.data import Replicates
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, refs
from seawall.readers.read import read
from seawall.render.terraform.stacks import stacks

DATABASE = """
components:
  orders: {kind: aurora%s}
  shop: {kind: service, image: shop, framework: %s, needs: [orders]}
"""
SITES = """
sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}, components: {orders: {%s}}}}
"""


def _graph(said: str = "", framework: str = "spring") -> Graph:
    return descriptions.graph(DATABASE % (said, framework))


def _over_regions(said: str = "", at_site: str = "") -> Graph:
    return descriptions.graph(DATABASE % (said, "spring") + SITES % at_site)


def _in(found: Graph, region: str, type: str, name: str = "orders") -> Any:
    (one,) = (
        resource
        for resource in found.of_type(type)
        if resource.address.startswith(f"{region}/") and resource.address.endswith(f".{name}")
    )
    return one.body


def _servers(found: Graph, region: str = "ap-northeast-2") -> list[tuple[str, int]]:
    return [
        (server.body["instance_class"], server.body["promotion_tier"])
        for server in sorted(found.of_type("aws_rds_cluster_instance"), key=lambda server: server.address)
        if server.address.startswith(f"{region}/")
    ]


def test_it_is_private_encrypted_and_kept_by_default() -> None:
    """One that says nothing is encrypted with its own key, private, watched, backed up, protected."""
    found = _graph()
    body = descriptions.named(found, "aws_rds_cluster", "orders").body
    expected = {
        "engine": "aurora-postgresql",
        "storage_encrypted": True,
        "iam_database_authentication_enabled": True,
        "manage_master_user_password": True,
        "deletion_protection": True,
        "skip_final_snapshot": False,
        "backup_retention_period": 7,
        "copy_tags_to_snapshot": True,
        "enabled_cloudwatch_logs_exports": ["postgresql"],
    }
    assert expected.items() <= body.items()
    assert isinstance(body["kms_key_id"], Ref)
    assert not {"master_password", "master_password_wo", "global_cluster_identifier"} & body.keys()
    for server in found.of_type("aws_rds_cluster_instance"):
        assert server.body["publicly_accessible"] is False
        assert (server.body["monitoring_interval"], server.body["performance_insights_enabled"]) == (60, True)


def test_by_default_a_reader_in_another_zone_takes_over() -> None:
    """Two servers of a class of today, in two zones, the second after the first, so that the first is the writer."""
    found = _graph()
    first, second = (descriptions.named(found, "aws_rds_cluster_instance", f"orders_{number}") for number in (1, 2))
    assert first.body["availability_zone"] != second.body["availability_zone"]
    assert first.body["instance_class"] == second.body["instance_class"] == "db.r7g.large"
    assert first.address in second.meta["depends_on"]


@pytest.mark.parametrize(
    ("said", "servers"),
    [
        (", writer: db.r6g.large, readers: 0", [("db.r6g.large", 0)]),
        (
            ", writer: db.r6g.large, readers: [db.r6g.large, db.t4g.medium]",
            [("db.r6g.large", 0), ("db.r6g.large", 1), ("db.t4g.medium", 15)],
        ),
        (", serverless: {min: 0.5, max: 4}", [("db.serverless", 0), ("db.serverless", 1)]),
        (
            ", writer: db.r7g.large, readers: [db.serverless], serverless: {max: 8}",
            [("db.r7g.large", 0), ("db.serverless", 15)],
        ),
    ],
)
def test_its_servers_are_those_that_are_said(said: str, servers: list[tuple[str, int]]) -> None:
    """Readers are so many of the writer's class or each of its own; as large a one as the writer takes over first."""
    assert _servers(_graph(said)) == servers


def test_a_serverless_one_scales_between_what_is_said_and_pauses_only_from_zero() -> None:
    """Capacities are the cluster's; the time after which it pauses is said where it may."""
    kind = "serverlessv2_scaling_configuration"
    body = descriptions.named(_graph(", serverless: {min: 0.5, max: 4}"), "aws_rds_cluster", "orders").body
    assert body[kind] == {"min_capacity": 0.5, "max_capacity": 4}
    paused = descriptions.named(
        _graph(", serverless: {min: 0, max: 2, pause_after: 10 min}"), "aws_rds_cluster", "orders"
    )
    assert paused.body[kind] == {"min_capacity": 0, "max_capacity": 2, "seconds_until_auto_pause": 600}


def test_tls_is_insisted_on_for_both_engines() -> None:
    """Each engine's own parameter of the cluster refuses connections without TLS."""
    for engine, parameter, value in (("mysql", "require_secure_transport", "ON"), ("postgresql", "rds.force_ssl", "1")):
        group = descriptions.named(_graph(f", engine: {engine}"), "aws_rds_cluster_parameter_group", "orders").body
        assert {"name": parameter, "value": value}.items() <= next(
            item for item in group["parameter"] if item["name"] == parameter
        ).items()


def test_the_group_opens_only_for_those_that_need_it() -> None:
    """A single rule lets nodes in on the engine's port, where somebody needs it."""
    found = _graph()
    (rule,) = [r for r in found.of_type("aws_vpc_security_group_ingress_rule") if "data:" in r.address]
    assert rule.body["from_port"] == rule.body["to_port"] == 5432


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (", version: '9.6'", "9.6 is not a version"),
        (", backups: 40 d", "1 to 35 days"),
        (", readers: [db.serverless]", "need `serverless"),
        (", writer: db.r7g.large, serverless: {max: 4}, readers: 0", "no server is of the class"),
        (", serverless: {min: 8, max: 4}", "below min"),
        (", serverless: {min: 0.5, max: 4, pause_after: 10 min}", "whose min is 0"),
        (", class: db.r7g.large", "no key class"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(said: str, complaint: str) -> None:
    """A wrong value is one message with file and line."""
    with pytest.raises(InputError) as caught:
        _graph(said)
    assert complaint in str(caught.value)
    assert "platform.yaml:" in str(caught.value)


def test_what_runs_out_is_watched() -> None:
    """Servers that are provisioned run out of processor and disk, serverless ones of capacity; both of connections."""

    def watched(said: str) -> set[str]:
        platform = descriptions.platform(descriptions.FRAME + DATABASE % (said, "spring"))
        scope = Scope(platform, "orders", platform.region)
        return {watch.name for watch in scope.component("orders").watches(scope)}

    assert watched("") == {"silent", "processor", "local-storage", "memory", "connections", "lag"}
    assert watched(", serverless: {min: 0.5, max: 4}") == {"silent", "capacity", "connections", "lag"}
    # One that pauses says nothing then.
    assert watched(", serverless: {min: 0, max: 4}, readers: 0") == {"capacity", "connections"}


# -- in several regions ------------------------------------------------------------------------------------------------


def test_a_site_s_cluster_follows_home_s_under_a_key_of_its_own() -> None:
    """The site's cluster is in the global one, has no user of its own, its own key, and its own readers alone."""
    found = _over_regions(at_site="readers: [db.r7g.large, db.r7g.xlarge]")
    home, site = (_in(found, region, "aws_rds_cluster") for region in ("ap-northeast-2", "ap-northeast-1"))
    (world,) = found.of_type("aws_rds_global_cluster")
    assert world.address.startswith("ap-northeast-2/")
    assert world.body["source_db_cluster_identifier"].to == "ap-northeast-2/data:aws_rds_cluster.orders"
    assert site["global_cluster_identifier"].to == world.address
    assert not {"master_username", "database_name", "manage_master_user_password", "master_password_wo"} & site.keys()
    assert found[site["kms_key_id"].to].region == "ap-northeast-1"
    assert found[home["kms_key_id"].to].region == "ap-northeast-2"
    assert _servers(found, "ap-northeast-1") == [("db.r7g.large", 0), ("db.r7g.xlarge", 15)]
    assert home["engine_version"] == site["engine_version"] == "17.11"


def test_a_failover_is_not_undone() -> None:
    """Terraform ignores who follows whom and which version runs: a promotion or an upgrade decides that."""
    found = _over_regions()
    for cluster in found.of_type("aws_rds_cluster"):
        assert {"global_cluster_identifier", "replication_source_identifier", "engine_version"} <= set(
            cluster.meta["lifecycle"]["ignore_changes"]
        )


def test_home_comes_first_and_goes_last() -> None:
    """The site's stack needs home's, and home's none of the site's: it is made without a circle, and ended so."""
    found = stacks(_over_regions())
    keys = list(found)
    home, site = (
        next(key for key in keys if key == (region, "data")) for region in ("ap-northeast-2", "ap-northeast-1")
    )
    assert home in found[site].upstream
    assert not [above for above in found[home].upstream if above.region == "ap-northeast-1"]


def test_the_password_of_a_global_one_is_in_no_state_and_in_every_region() -> None:
    """Aurora cannot keep it, so it passes through what is ephemeral alone, into a secret copied to each site."""
    found = _over_regions()
    made = [r for r in found if {"master_password_wo", "secret_string_wo"} & r.body.keys()]
    assert len(made) == 3
    for resource in made:
        value = resource.body.get("master_password_wo", resource.body.get("secret_string_wo"))
        assert {ref.to.as_terraform().type.split(".")[0] for ref in refs(value)} == {"ephemeral"}  # type: ignore[union-attr]
    assert not [r for r in found if {"master_password", "secret_string"} & r.body.keys()]
    secret = _in(found, "ap-northeast-2", "aws_secretsmanager_secret")
    assert [copy["region"] for copy in secret["replica"]] == ["ap-northeast-1"]
    assert found[secret["replica"][0]["kms_key_id"].to].region == "ap-northeast-1"


def test_pods_of_each_region_speak_to_their_own_cluster() -> None:
    """Whichever name of the region's own cluster may write is taken: pods have no way to the other's network."""
    found = _over_regions()
    for region in ("ap-northeast-2", "ap-northeast-1"):
        (shop,) = (r for r in found.of_type("apps/v1/Deployment") if r.region == region and "shop" in r.address)
        (container,) = shop.body["spec"]["template"]["spec"]["containers"]
        (url,) = (item["value"] for item in container["env"] if item["name"] == "SPRING_DATASOURCE_URL")
        assert [ref.attr for ref in refs(url)] == ["endpoint", "reader_endpoint"]
        assert {ref.to for ref in refs(url)} == {f"{region}/data:aws_rds_cluster.orders"}
        assert "targetServerType=preferPrimary" in str(url)
        assert "sslmode=verify-full" in str(url)


def test_a_headless_site_has_storage_alone() -> None:
    """Without readers a site's cluster follows without a server."""
    found = _over_regions(at_site="readers: 0")
    assert _servers(found, "ap-northeast-1") == []
    assert not [
        r for r in found.of_type("aws_iam_role") if "orders_monitoring" in r.address and "northeast-1" in r.address
    ]


def test_the_copy_is_read_as_one() -> None:
    """Facts know an asynchronous copy in another region that is promoted by hand."""
    copies = [copy for copy in read(_over_regions()).all(Replicates) if copy.scope == "region"]
    assert [(copy.target, copy.mode, copy.promotion) for copy in copies] == [
        ("ap-northeast-1/data:aws_rds_cluster.orders", "asynchronous", "manual")
    ]


@pytest.mark.parametrize(
    ("said", "at_site", "complaint"),
    [
        (", writer: db.t4g.medium", "", "no burstable ones"),
        ("", "readers: [db.t4g.medium]", "no burstable ones"),
        (", version: '17'", "version: '16'", "is postgresql 17.11 at home and postgresql 16.15"),
    ],
)
def test_what_cannot_span_regions_is_refused(said: str, at_site: str, complaint: str) -> None:
    """What AWS would refuse in the middle of making it is refused before."""
    with pytest.raises(InputError, match=complaint):
        _over_regions(said, at_site)


def test_one_that_a_site_alone_has_stands_by_itself() -> None:
    """A database of a site alone has a writer there, and nothing global."""
    text = descriptions.FRAME + SITES % "kind: aurora" + "\ncomponents: {web: {kind: service, image: web}}\n"
    found = expand(descriptions.platform(text))
    assert not list(found.of_type("aws_rds_global_cluster"))
    assert len(_servers(found, "ap-northeast-1")) == 2


def test_what_is_ephemeral_asks_its_own_stack_alone() -> None:
    """A password is read back from a secret of the same stack: no output has to carry it from one to another."""
    for resource in _over_regions():
        if resource.type.startswith("ephemeral."):
            assert _stacks(resource) <= {resource.address.split(":")[0]}


def _stacks(resource: Resource) -> set[str]:
    return {ref.to.split(":")[0] for ref in refs(resource.body)}
