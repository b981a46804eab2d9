"""What a document means by a name, whose cloud a host is in, and where a key is."""

from __future__ import annotations

import pytest

from seawall.analyze.clouds import cloud_named
from seawall.analyze.copies import promoted_by_something, wholes
from seawall.analyze.keys import region_of_key
from seawall.analyze.named import stores_named, workloads_named
from seawall.facts.application import Operation
from seawall.facts.compute import Workload
from seawall.facts.data import Replicates, Store
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Performs
from seawall.facts.network import Hostname, Member
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Estimate
from seawall.kernel.value import Text, Unknown

DB = Address.terraform("eu-west-1", "data", "aws_db_instance.orders_main")
HOLE = Unknown("host")


def store(of: Address) -> Store:
    """A database."""
    return Store(of, "database", "mysql", "8.0", "eu-west-1")


@pytest.mark.parametrize("name", ["orders_main", "orders-main", "shop-orders", "SHOP-ORDERS", str(DB)])
def test_a_store_is_called_by_its_own_name_and_by_aws(name: str) -> None:
    """Terraform's name, the identifier in the host and the ARN, and the address all mean the same store."""
    facts = Facts(
        [
            store(DB),
            Hostname(DB, "address", Text(("shop-orders.", HOLE, ".eu-west-1.rds.amazonaws.com")), "writer"),
            Identifier(DB, "arn", Text(("arn:aws:rds:eu-west-1:", HOLE, ":db:shop-orders"))),
        ]
    )
    assert [found.of for found in stores_named(facts, name)] == [DB]
    assert stores_named(facts, "orders") == ()


def test_a_cache_is_not_called_by_the_role_in_its_host() -> None:
    """`master` and `clustercfg` are in every cache's host and are nobody's name."""
    cache = Address.terraform("eu-west-1", "data", "aws_elasticache_replication_group.r")
    host = Hostname(cache, "primary_endpoint_address", Text(("master.sessions.", HOLE, ".cache.amazonaws.com")))
    facts = Facts([Store(cache, "cache", "redis", "7.1", "eu-west-1"), host])
    assert [found.of for found in stores_named(facts, "sessions")] == [cache]
    assert stores_named(facts, "master") == ()


def test_a_workload_is_called_with_or_without_its_namespace() -> None:
    """Two of one name in two namespaces are both meant, unless the namespace is said."""
    webs = [
        Workload(of, Address(f"c/Namespace/{of.split('/')[2]}"), (), Address("account"), "Deployment", 1)
        for of in (Address.kubernetes("c", "Deployment", space, "web") for space in ("dev", "prod"))
    ]
    facts = Facts(webs)
    assert set(workloads_named(facts, "web")) == set(webs)
    assert workloads_named(facts, "prod/web") == (webs[1],)


@pytest.mark.parametrize(
    ("host", "cloud"),
    [
        ("bank.mysql.database.azure.com", "azure"),
        (Text(("bank.", HOLE, ".rds.amazonaws.com")), "aws"),
        ("www.shop.example", ""),
        (HOLE, ""),
    ],
)
def test_a_cloud_is_known_by_its_domain(host: str, cloud: str) -> None:
    """Only a name under a provider's own domain says whose it is."""
    assert cloud_named(host) == cloud


def test_a_key_is_where_its_arn_says() -> None:
    """A literal ARN and one with an unknown account both say the region; an alias alone does not."""
    key = Address.terraform("eu-west-1", "data", "aws_kms_key.k")
    facts = Facts([Identifier(key, "arn", Text(("arn:aws:kms:eu-west-1:", HOLE, ":key/", HOLE)))])
    assert region_of_key(facts, key) == "eu-west-1"
    assert region_of_key(facts, Address.outside("arn:aws:kms:us-east-1:111122223333:key/1")) == "us-east-1"
    assert region_of_key(facts, Address.outside("alias/aws/rds")) == ""
    assert region_of_key(facts, None) == ""


@pytest.mark.parametrize(
    "fact",
    [
        Performs(DB, "rds:PromoteReadReplica"),
        Operation(DB, "rds", "promote_read_replica", (), "eu-west-1", "handler.py:3"),
    ],
)
def test_a_machine_and_code_may_promote(fact: Fact) -> None:
    """A state machine spells an action as IAM does, code as boto3 does; both count."""
    assert promoted_by_something(Facts([fact]), "rds:PromoteReadReplica")
    assert not promoted_by_something(Facts([fact]), "rds:FailoverGlobalCluster")


def test_the_writer_of_a_global_database_comes_first() -> None:
    """Whoever follows the whole is a secondary, in whatever order they are stated."""
    whole, home, away = (Address(f"eu-west-1/data:aws_rds_cluster.{name}") for name in ("whole", "z-home", "a-away"))
    follows = Replicates(whole, away, "asynchronous", "region", "manual", Estimate(1, 2, 3, "s"))
    members = [Member(whole, away), Member(whole, home)]
    facts = Facts([store(away), store(home), *members, follows, Setting(whole, "global", True)])
    assert [[member.of for member in found] for _, found in wholes(facts, "database")] == [[home, away]]
