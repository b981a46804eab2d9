"""Velero, cert-manager, Strimzi and how containers stop: what their manifests come to."""

from __future__ import annotations

from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.compute import Stops
from seawall.facts.data import BackupPlace, ClusterBackup, Parameter
from seawall.facts.ingress import Asks, Issues, TlsSecret
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.read import facts_of


@pytest.mark.parametrize(
    ("spec", "volumes"),
    [
        ({}, "snapshot"),
        ({"snapshotVolumes": False}, "none"),
        ({"snapshotMoveData": True}, "moved"),
        ({"snapshotVolumes": False, "snapshotMoveData": True}, "none"),
        ({"defaultVolumesToFsBackup": True, "snapshotVolumes": False}, "moved"),
    ],
)
def test_how_volumes_are_backed_up(spec: dict[str, Any], volumes: str) -> None:
    """A snapshot stays where the volume is unless its data is moved or files are copied."""
    template = {"includedNamespaces": ["b", "*", "a"], **spec}
    found = facts_of(Graph([thing("velero.io/v1", "Schedule", "nightly", spec={"template": template})]))
    (backup,) = found.all(ClusterBackup)
    assert backup.volumes == volumes
    assert [place.rpartition("/")[2] for place in backup.namespaces] == ["a", "b"]
    assert backup.place.endswith("/BackupStorageLocation/petclinic/default")


def test_a_place_without_a_region_is_not_known() -> None:
    """Velero asks AWS for the bucket's region where nobody says it, so nothing is guessed."""
    body = {"provider": "aws", "objectStorage": {"bucket": "copies"}}
    (place,) = facts_of(Graph([thing("velero.io/v1", "BackupStorageLocation", "default", spec=body)])).all(BackupPlace)
    assert place.bucket == "copies"
    assert isinstance(place.region, Unknown)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"sleep": {"seconds": 20}}, 20),
        ({"exec": {"command": ["sh", "-c", "sleep 15 && nginx -s quit"]}}, 15),
        ({"exec": {"command": ["/bin/sleep", "5"]}}, 5),
        ({"exec": {"command": ["/leave.sh"]}}, None),
        ({"httpGet": {"path": "/leave", "port": 8080}}, None),
    ],
)
def test_how_long_a_container_goes_on(before: dict[str, Any], after: int | None) -> None:
    """A sleep in so many words is a length of time; any other command is not known."""
    container = {"name": "web", "image": "web:1", "lifecycle": {"preStop": before}}
    body = {"selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": [container]}}}
    (stops,) = facts_of(Graph([thing("apps/v1", "Deployment", "web", spec=body)])).all(Stops)
    assert stops.container == "web"
    assert isinstance(stops.after, Unknown) if after is None else stops.after == after


def test_only_a_reading_controller_is_said_to_read_a_secret() -> None:
    """An Ingress of AWS's controller names a secret in vain, one of nginx does not; ACM's needs none."""
    spec = {"tls": [{"hosts": ["a.example"], "secretName": "tls"}]}
    for name, notes, expected in (
        ("alb", {}, [False]),
        ("nginx", {}, [True]),
        ("alb", {"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}, []),
    ):
        notes = {**notes, "cert-manager.io/issuer": "ca"}
        body = {**spec, "ingressClassName": name}
        found = facts_of(Graph([thing("networking.k8s.io/v1", "Ingress", "web", spec=body, annotations=notes)]))
        assert [secret.read for secret in found.all(TlsSecret)] == expected
        assert len(found.all(Issues)) == len(expected)


def test_what_an_ingress_of_a_group_asks_of_the_balancer() -> None:
    """Only what the whole group must agree on is asked, and only by a member of one."""
    notes = {"alb.ingress.kubernetes.io/scheme": "internal", "alb.ingress.kubernetes.io/target-type": "ip"}
    for group, names in ((None, []), ("shared", ["scheme"])):
        more = {"alb.ingress.kubernetes.io/group.name": group} if group else {}
        body = {"ingressClassName": "alb"}
        graph = Graph([thing("networking.k8s.io/v1", "Ingress", "web", spec=body, annotations={**notes, **more})])
        assert [asks.name for asks in facts_of(graph).all(Asks)] == names


def test_a_topic_says_how_many_replicas_it_has() -> None:
    """A number and a text are the same parameter."""
    spec = {"replicas": 3, "config": {"min.insync.replicas": "2"}}
    found = facts_of(Graph([thing("kafka.strimzi.io/v1beta2", "KafkaTopic", "orders", spec=spec)]))
    of = Address.kubernetes(CLUSTER, "KafkaTopic", "petclinic", "orders")
    assert [(each.of, each.name, each.value) for each in found.all(Parameter)] == [
        (of, "replication.factor", "3"),
        (of, "min.insync.replicas", "2"),
    ]
