"""Databases and caches over two regions, made by the real Terraform on the emulator from a description."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.deploy.emulator.clients import client
from seawall.deploy.emulator.lacking import without_lacking
from seawall.deploy.emulator.leftovers import leftovers
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import protections_lifted, provider_override
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, map_leaves, text
from seawall.render.terraform.files import alias, root_module
from seawall.render.terraform.stacks import stacks

HOME, SITE = "ap-northeast-2", "ap-northeast-1"
STORES = f"""
platform: shop
domain: shop.example
network: {{cidr: 10.0.0.0/16, zones: 2, nat: none, endpoints: [], flow_logs: null}}
cluster:
  version: "1.36"
  node_groups: {{workload: {{types: [t3.medium], min: 3, max: 6}}}}
takeover: {{email: [oncall@shop.example]}}
environments: {{production: {{region: {HOME}}}}}
sites: {{tokyo: {{region: {SITE}, network: {{cidr: 10.1.0.0/16, zones: [a, c]}}, components: {{stock: null}}}}}}
components:
  orders: {{kind: aurora, writer: db.r7g.large, readers: [db.serverless], serverless: {{min: 0.5, max: 4}}}}
  stock: {{kind: aurora, engine: mysql, writer: db.t4g.medium, readers: 0}}
  queries: {{kind: cache, place: managed, class: cache.t4g.micro, replicas: 0, shards: 1, follows: false}}
  sessions: {{kind: cache, place: managed, class: cache.r7g.large, replicas: 1, shards: 1, reserved_memory: 20 %}}
  shop: {{kind: service, image: shop, needs: [orders, sessions]}}
"""

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")


def test_stores_over_two_regions_come_up_stay_and_go(
    tmp_path: Path, emulator: Emulator, terraform: Callable[..., None]
) -> None:
    """All are applied, the second plan is empty, no state holds the password, and after destroy nothing is left.

    In between the site takes over and gives back, by the machines that came up with it; no plan wants to undo that.
    """
    folder = tmp_path / "root_module"
    _write(folder)
    terraform("init")
    terraform("apply", "-auto-approve", "-parallelism=30")
    terraform("plan", "-detailed-exitcode", "-parallelism=30")
    _look(emulator, folder)
    _move(emulator, "failover")
    assert _places(emulator) == {SITE}
    terraform("plan", "-detailed-exitcode", "-parallelism=30")
    _move(emulator, "failback")
    assert _places(emulator) == {HOME}
    terraform("destroy", "-auto-approve", "-parallelism=30")
    assert leftovers(emulator, (HOME, SITE)) == []


def _look(emulator: Emulator, folder: Path) -> None:
    """The site follows home, the password that both know is in no file of Terraform's, and RDS keeps the other one."""
    (world,) = client(emulator, "rds", HOME).describe_global_clusters()["GlobalClusters"]
    assert sorted(
        (member["DBClusterArn"].split(":")[3], member["IsWriter"]) for member in world["GlobalClusterMembers"]
    ) == [(SITE, False), (HOME, True)]
    secrets = [
        json.loads(
            client(emulator, "secretsmanager", region).get_secret_value(SecretId="shop-production-orders")[
                "SecretString"
            ]
        )
        for region in (HOME, SITE)
    ]
    (stock,) = client(emulator, "rds", HOME).describe_db_clusters(DBClusterIdentifier="shop-production-stock")[
        "DBClusters"
    ]
    groups = client(emulator, "elasticache", HOME).describe_replication_groups()["ReplicationGroups"]
    assert [group["ConfigurationEndpoint"]["Address"].split(".")[0] for group in groups] == ["clustercfg"] * 2
    assert stock["MasterUserSecret"]["SecretArn"].split(":")[6].startswith("rds!")
    assert secrets[0] == secrets[1]
    assert secrets[0]["username"] == "dbadmin"
    assert len(secrets[0]["password"]) == 40
    assert not [file for file in folder.glob("*.tfstate*") if secrets[0]["password"] in file.read_text()]


def _places(emulator: Emulator) -> set[str]:
    """Where the writer of the database and the primary of the cache are, as the site knows it."""
    (world,) = client(emulator, "rds", SITE).describe_global_clusters()["GlobalClusters"]
    writers = {each["DBClusterArn"].split(":")[3] for each in world["GlobalClusterMembers"] if each["IsWriter"]}
    (cache,) = client(emulator, "elasticache", SITE).describe_global_replication_groups(ShowMemberInfo=True)[
        "GlobalReplicationGroups"
    ]
    return writers | {each["ReplicationGroupRegion"] for each in cache["Members"] if each["Role"] == "PRIMARY"}


def _move(emulator: Emulator, move: str) -> None:
    """Start a machine of the site, say yes when it asks, and see it through."""
    machines, queues = client(emulator, "stepfunctions", SITE), client(emulator, "sqs", SITE)
    queue = queues.create_queue(QueueName=f"listener-{move}")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = client(emulator, "sns", SITE)
    (topic,) = (one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].endswith("-takeover"))
    heard = topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    (machine,) = (
        one["stateMachineArn"]
        for one in machines.list_state_machines()["stateMachines"]
        if one["name"] == f"shop-production-tokyo-{move}"
    )
    execution = machines.start_execution(stateMachineArn=machine)["executionArn"]
    end, told = time.monotonic() + 60, []
    while (status := machines.describe_execution(executionArn=execution)["status"]) == "RUNNING":
        assert time.monotonic() < end, told
        for message in queues.receive_message(QueueUrl=queue).get("Messages", ()):
            told.append(json.loads(message["Body"])["Message"])
            if "--task-token " in told[-1]:
                token = told[-1].split("--task-token ")[1].split()[0]
                machines.send_task_success(taskToken=token, output="true")
        time.sleep(0.05)
    assert status == "SUCCEEDED", told
    topics.unsubscribe(SubscriptionArn=heard)
    queues.delete_queue(QueueUrl=queue)


def _write(folder: Path) -> None:
    """The networks and stores of both regions as one root module, whose state lies beside it."""
    described = descriptions.platform(STORES)
    everything = without_lacking(expand(described)).graph
    stores = [
        resource
        for resource in everything
        if resource.is_terraform and resource.address.split(":")[0].endswith(("/network", "/data", "/takeover"))
    ]
    found = stacks(Graph(_in_one_stack(resource) for resource in stores))
    (stack,) = found.values()
    files = root_module(described, stack, found)
    del files["terraform.tf.json"]["terraform"]["backend"]
    files["_emulator_override.tf.json"] = provider_override([alias(SITE)]) | {
        "resource": protections_lifted(files.values())
    }
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))


def _in_one_stack(resource: Resource) -> Resource:
    body = map_leaves(resource.body, _renamed)
    meta = dict(resource.meta)
    if "depends_on" in meta:
        meta["depends_on"] = tuple(_moved(address) for address in meta["depends_on"])
    return replace(resource, address=_moved(resource.address), body=body, meta=meta)


def _moved(address: Address) -> Address:
    name = address.as_terraform()
    assert name is not None
    return Address.terraform(HOME, "all", f"{name.type}.{name.region.replace('-', '_')}_{name.stack}_{name.name}")


def _renamed(leaf: Any) -> Any:
    match leaf:
        case Ref():
            return Ref(_moved(leaf.to), leaf.attr)
        case Text():
            return text(*(_renamed(part) for part in leaf.parts))
        case _:
            return leaf
