"""The command fails a small platform over to a second region and back, on the emulator; home's states are gone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import descriptions
import operate_regions
from operate_regions import HOME, SITE
from seawall.cli.main import main
from seawall.components.expand import expand
from seawall.deploy import target
from seawall.deploy.emulator import process
from seawall.deploy.lock import Holder
from seawall.deploy.rendered import Backend, Rendered
from seawall.deploy.target import Cloud
from seawall.kernel.verdict import unknown
from seawall.operate.failover import asking
from seawall.render.render import render

pytestmark = pytest.mark.needs("emulator")
DESCRIBED = f"prefix: mine\n{operate_regions.PAIR}"
OUTPUT = "elasticache_global_replication_group_sessions_global_replication_group_id"
HEALTH = "www-ap-northeast-2.shop.example"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The platform's description."""
    path = tmp_path_factory.mktemp("pair") / "platform.yaml"
    # On AWS a description says whose names it takes; that of buckets begins with it.
    path.write_text(DESCRIBED, encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """The working folder, with an emulator in it."""
    process.start(tmp_path)
    yield tmp_path
    process.stop(tmp_path)


@pytest.fixture
def cloud(root: Path) -> Cloud:
    """The emulator's AWS with what the takeover of that platform changes, and what a site's states say of it.

    It is made by hand: Terraform needs minutes for it. Home's states are not made at all.
    """
    found = target.emulator(root, start=False)
    assert found is not None
    database(found)
    name, group = nodes(found)
    found.client("route53", "us-east-1").create_health_check(
        CallerReference="home",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": HEALTH, "Port": 443, "ResourcePath": "/health"},
    )
    platform = descriptions.platform(DESCRIBED)
    graph = expand(platform)
    rendered = Rendered.of_graph(render(platform, graph), graph)
    stacks = rendered.stacks
    put(
        found,
        stacks[f"{SITE}/data"].backend,
        {
            "aws_rds_cluster.orders": {"arn": members(found)[SITE]},
            "aws_elasticache_replication_group.sessions": {"id": "site"},
        },
        remembered(stacks[f"{HOME}/data"].backend, **{OUTPUT: cache(found)}),
    )
    cluster = {"aws_eks_cluster.main": {"name": name}, "aws_eks_node_group.workload": {"node_group_name": group}}
    put(found, stacks[f"{SITE}/cluster"].backend, cluster)
    return found


def database(cloud: Cloud) -> None:
    """A global database whose writer is at home."""
    home, site = cloud.client("rds", HOME), cloud.client("rds", SITE)
    arn = home.create_db_cluster(
        DBClusterIdentifier="shop-production-orders",
        Engine="aurora-postgresql",
        MasterUsername="shop",
        ManageMasterUserPassword=True,
    )["DBCluster"]["DBClusterArn"]
    home.create_global_cluster(GlobalClusterIdentifier="shop-production-orders", SourceDBClusterIdentifier=arn)
    site.create_db_cluster(
        DBClusterIdentifier="shop-production-tokyo-orders",
        Engine="aurora-postgresql",
        GlobalClusterIdentifier="shop-production-orders",
    )


def nodes(cloud: Cloud) -> tuple[str, str]:
    """A cluster at the site, with two nodes."""
    eks = cloud.client("eks", SITE)
    role = "arn:aws:iam::123456789012:role/eks"
    eks.create_cluster(name="shop-tokyo", roleArn=role, resourcesVpcConfig={"subnetIds": [], "securityGroupIds": []})
    eks.create_nodegroup(
        clusterName="shop-tokyo",
        nodegroupName="workload",
        subnets=["subnet-1"],
        nodeRole=role,
        scalingConfig={"minSize": 2, "maxSize": 6, "desiredSize": 2},
    )
    return "shop-tokyo", "workload"


def cache(cloud: Cloud) -> str:
    """A global datastore whose primary is at home; what AWS calls it."""
    more = {"ReplicationGroupDescription": "sessions", "NumCacheClusters": 2}
    home = cloud.client("elasticache", HOME)
    home.create_replication_group(
        ReplicationGroupId="home",
        Engine="redis",
        CacheNodeType="cache.r7g.large",
        AutomaticFailoverEnabled=True,
        **more,
    )
    made = home.create_global_replication_group(GlobalReplicationGroupIdSuffix="shop", PrimaryReplicationGroupId="home")
    called = str(made["GlobalReplicationGroup"]["GlobalReplicationGroupId"])
    cloud.client("elasticache", SITE).create_replication_group(
        ReplicationGroupId="site", GlobalReplicationGroupId=called, **more
    )
    return called


def remembered(backend: Backend, **outputs: str) -> dict[str, Any]:
    """What a state holds of another that its stack has read."""
    attributes = {
        "config": {"value": {"bucket": backend.bucket, "key": backend.key}},
        "outputs": {"value": outputs},
    }
    return {
        "mode": "data",
        "type": "terraform_remote_state",
        "name": "home",
        "instances": [{"attributes": attributes}],
    }


def put(cloud: Cloud, backend: Backend, resources: dict[str, Any], *read: dict[str, Any]) -> None:
    """A state, as Terraform writes it."""
    s3 = cloud.client("s3", backend.region)
    if backend.bucket not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=backend.bucket, CreateBucketConfiguration={"LocationConstraint": backend.region})
    body = [*read]
    for path, values in resources.items():
        kind, _, name = path.partition(".")
        body.append({"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}]})
    s3.put_object(Bucket=backend.bucket, Key=backend.key, Body=json.dumps({"resources": body}).encode())


def members(cloud: Cloud) -> dict[str, str]:
    """The global database's members by their regions."""
    (world,) = cloud.client("rds", SITE).describe_global_clusters()["GlobalClusters"]
    arns = [member["DBClusterArn"] for member in world["GlobalClusterMembers"]]
    return {arn.split(":")[3]: arn for arn in arns}


def is_so(cloud: Cloud) -> tuple[str, str, bool, int]:
    """Where the writer and the cache's primary are, whether home is held away, and how many nodes the site has."""
    (world,) = cloud.client("rds", SITE).describe_global_clusters()["GlobalClusters"]
    (writer,) = [member["DBClusterArn"] for member in world["GlobalClusterMembers"] if member["IsWriter"]]
    (check,) = cloud.client("route53", SITE).list_health_checks()["HealthChecks"]
    group = cloud.client("eks", SITE).describe_nodegroup(clusterName="shop-tokyo", nodegroupName="workload")
    held = bool(check["HealthCheckConfig"].get("Inverted"))
    (store,) = cloud.client("elasticache", SITE).describe_global_replication_groups(ShowMemberInfo=True)[
        "GlobalReplicationGroups"
    ]
    (primary,) = [member["ReplicationGroupRegion"] for member in store["Members"] if member["Role"] == "PRIMARY"]
    return writer.split(":")[3], primary, held, group["nodegroup"]["scalingConfig"]["minSize"]


def test_the_second_region_takes_over_and_gives_back(
    described: Path, root: Path, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dry, without consent, with it, and again: each changes exactly what it says; what is not here is named."""

    def command(*words: str) -> tuple[int, Any]:
        status = main([words[0], str(described), "--state-dir", str(root), "--format", "json", *words[1:]])
        said = capsys.readouterr()
        return status, json.loads(said.out) if said.out else said.err

    before = is_so(cloud)
    assert before == (HOME, HOME, False, 2)
    status, dry = command("failover", "--dry-run")
    assert status == 0, dry
    assert (dry["done"], is_so(cloud)) == ([], before)
    assert "orders-writer" in dry["would"]
    status, refused = command("failover")
    assert (status, is_so(cloud)) == (2, before)
    assert "say --yes" in refused

    status, ran = command("failover", "--yes")
    assert status == 0, ran
    assert ran["resumed"]
    assert is_so(cloud) == (SITE, SITE, True, 3)
    status, again = command("failover", "--yes")
    assert status == 0, again
    assert {"www-hold", "nodes-workload", "orders-writer"} <= set(again["already"])
    audit = [json.loads(line) for line in (root / "shop/production/emulator/operations/audit.jsonl").open()]
    assert [line["action"] for line in audit if line["result"] == "done"].count("orders-writer") == 1

    # Home is back, and its states with it.
    platform = descriptions.platform(DESCRIBED)
    graph = expand(platform)
    backend = Rendered.of_graph(render(platform, graph), graph).stacks[f"{HOME}/data"].backend
    resources = {
        "aws_rds_cluster.orders": {"arn": members(cloud)[HOME]},
        "aws_elasticache_replication_group.sessions": {"id": "home"},
    }
    put(cloud, backend, resources)
    status, back = command("failback", "--yes")
    assert status == 0, back
    assert is_so(cloud) == (HOME, HOME, False, 2)


def test_nobody_operates_from_two_machines_at_once(
    described: Path,
    root: Path,
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On AWS a lock lies in the surviving region's state bucket; a second one is told who holds it."""
    assert cloud.emulator is not None
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    # Whatever speaks to AWS speaks to the emulator; nothing else of the target differs.
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.emulator.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
    monkeypatch.setattr(asking, "asked", lambda url, expects: unknown(f"nobody is asked at {url} in a test"))
    s3 = cloud.client("s3", SITE)
    (bucket,) = [found["Name"] for found in s3.list_buckets()["Buckets"]]
    key = "shop/production/operations/lock.json"
    aws = target.aws
    command = "seawall failover shop-production"
    holder = Holder(1, "", "another-machine", "somebody", command, "2026-11-22T03:00:00+00:00")
    s3.put_object(Bucket=bucket, Key=key, Body=holder.as_json())
    words = ["failover", str(described), "--state-dir", str(root), "--target", "aws", "--yes"]
    before = is_so(cloud)
    assert main(words) == 3
    assert f"`{command}` of somebody on another-machine" in capsys.readouterr().err
    assert is_so(cloud) == before

    s3.delete_object(Bucket=bucket, Key=key)
    # The user's own region may be the one that is lost, where not even the credentials can be asked about.
    asked: list[str] = []
    monkeypatch.setattr(target, "aws", lambda region: asked.append(region) or aws(region))
    assert main(words) == 0, capsys.readouterr().err
    assert asked == [SITE]
    told = f"Nobody can say that {HOME} is lost: nobody is asked at https://{HEALTH}/health in a test"
    assert told in capsys.readouterr().err
    assert is_so(cloud) == (SITE, SITE, True, 3)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=key)
