"""What the emulator lacks is left out with what cannot be without it, and everything else stays."""

from __future__ import annotations

from seawall.deploy.emulator.lacking import LACKING, without_lacking
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text


def made(type, name, body=None, after=(), stack="data"):
    """A resource of a stack in Ireland."""
    address = Address.terraform("eu-west-1", stack, f"{type}.{name}")
    return Resource(address, type, body or {}, meta={"depends_on": tuple(after)} if after else {})


def test_what_needs_the_lacking_goes_with_it_and_the_rest_stays():
    """A reference is a need, however far; an order is not."""
    store = made("aws_msk_replicator", "copy")
    alarm = made("aws_cloudwatch_metric_alarm", "lag", {"arn": text("x:", Ref(store.address, "arn"))})
    board = made("aws_cloudwatch_dashboard", "all", {"body": {"alarms": [Ref(alarm.address, "arn")]}})
    after = made("aws_sns_topic", "after", after=[store.address, board.address])
    left = without_lacking(Graph([store, alarm, board, after]))
    assert set(left.graph.resources) == {after.address}
    assert left.graph[after.address].meta["depends_on"] == ()
    assert left.why == {
        store.address: LACKING["aws_msk_replicator"].why,
        alarm.address: f"needs {store.address}",
        board.address: f"needs {alarm.address}",
    }


def test_azure_stays_and_what_needs_it_does_not():
    """Azure's stacks are rendered whole; a record that names an address of Azure cannot be made."""
    address = made("azurerm_public_ip", "main", stack="azure")
    record = made("aws_route53_record", "main", {"records": [Ref(address.address, "ip_address")]})
    left = without_lacking(Graph([address, record]))
    assert set(left.graph.resources) == {address.address}
    assert left.why == {record.address: f"needs {address.address}, which is Azure's"}


def test_a_manifest_says_in_words_which_value_is_not_there():
    """Manifests are built all the same; they are applied to no cluster."""
    store = made("aws_msk_replicator", "copy")
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x"},
        "data": {"arn": Ref(store.address, "arn")},
    }
    there = Resource(Address.kubernetes("c", "ConfigMap", "default", "x"), "v1/ConfigMap", body)
    left = without_lacking(Graph([store, there]))
    assert str(store.address) in left.graph[there.address].body["data"]["arn"]
    assert not left.graph[there.address].body["data"]["arn"].startswith("${")


def test_a_graph_that_lacks_nothing_stays_the_same():
    """Not a resource is touched where nothing is left out."""
    graph = Graph([made("aws_sns_topic", "one"), made("aws_sqs_queue", "two")])
    left = without_lacking(graph)
    assert list(left.graph) == list(graph)
    assert left.why == {}
