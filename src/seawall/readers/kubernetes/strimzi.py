"""Strimzi: topics of Kafka that a cluster's operator keeps."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Parameter
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads


@reads("kafka.strimzi.io/v1beta2/KafkaTopic", "kafka.strimzi.io/v1/KafkaTopic")
def kafka_topic(resource: Resource) -> Iterator[Fact]:
    """How many brokers keep a topic's records, and how many of them must have one before it counts."""
    body = Manifest(resource)
    if body.spec.has("replicas"):
        yield Parameter(resource.address, "replication.factor", body.spec.text("replicas"))
    config = body.spec.block("config")
    if config.has("min.insync.replicas"):
        yield Parameter(resource.address, "min.insync.replicas", config.text("min.insync.replicas"))
