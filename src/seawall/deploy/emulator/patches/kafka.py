"""MSK: moto's clusters never become active, and it has no configurations and no bootstrap brokers.

Seen from the provider: aws_msk_cluster waits for ever, its bootstrap brokers are missing, and what moto puts into the
place of settings that were not made plans changes; aws_msk_configuration ends in a 404; a cluster that replicators of
other regions may reach ends in a 500, because the provider opens it once it is made.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from seawall.deploy.emulator.grafting import add_operations, add_routes, after_init, around, store

# Ports of the listeners of a broker, by how clients reach it (MSK developer guide, "Port information").
PLAINTEXT, TLS, SASL_SCRAM, SASL_IAM = 9092, 9094, 9096, 9098


def apply() -> None:
    """Let clusters become active, and add brokers and configurations."""
    _clusters()
    _bootstrap_brokers()
    _configurations()
    _connectivity()


def _clusters() -> None:
    from moto.kafka.exceptions import NotFoundException
    from moto.kafka.models import FakeKafkaCluster, KafkaBackend

    @after_init(FakeKafkaCluster)
    def complete(cluster: Any, arguments: dict[str, Any]) -> None:
        cluster.state = "ACTIVE"
        kind = "cluster" if cluster.cluster_type == "PROVISIONED" else "serverless-cluster"
        place = f"{cluster.region_name}:{cluster.account_id}"
        cluster.arn = f"arn:aws:kafka:{place}:{kind}/{cluster.cluster_name}/{cluster.cluster_id}-1"
        cluster.creation_time = _now()
        if cluster.broker_node_group_info:
            _complete_brokers(cluster.broker_node_group_info)
        at_rest = {"dataVolumeKMSKeyId": f"arn:aws:kms:{place}:alias/aws/kafka"}
        in_transit = {"clientBroker": "TLS", "inCluster": True}
        given = cluster.encryption_info or {}
        cluster.encryption_info = {
            "encryptionAtRest": given.get("encryptionAtRest") or at_rest,
            "encryptionInTransit": in_transit | (given.get("encryptionInTransit") or {}),
        }

    @around(KafkaBackend, "create_cluster_v2")
    def create_cluster_v2(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        answer = original(backend, *args, **kwargs)
        provisioned = kwargs.get("provisioned") or {}
        cluster = backend.clusters[answer[0]]
        for name, attribute in (
            ("clientAuthentication", "client_authentication"),
            ("configurationInfo", "configuration_info"),
            ("enhancedMonitoring", "enhanced_monitoring"),
            ("openMonitoring", "open_monitoring"),
            ("loggingInfo", "logging_info"),
        ):
            if provisioned.get(name):
                setattr(cluster, attribute, provisioned[name])
        for name, given in (provisioned.get("encryptionInfo") or {}).items():
            cluster.encryption_info[name] = cluster.encryption_info[name] | given
        return answer

    def without_inventions(original: Any, backend: Any, cluster_arn: str) -> dict[str, Any]:
        if cluster_arn not in backend.clusters:
            raise NotFoundException("The requested resource doesn't exist.")
        described: dict[str, Any] = original(backend, cluster_arn)
        for name in ("activeOperationArn", "stateInfo"):
            del described[name]
        _clean(described.get("provisioned", described), backend.clusters[cluster_arn])
        return described

    around(KafkaBackend, "describe_cluster")(without_inventions)
    around(KafkaBackend, "describe_cluster_v2")(without_inventions)


def _complete_brokers(brokers: dict[str, Any]) -> None:
    brokers.setdefault("brokerAZDistribution", "DEFAULT")
    brokers.setdefault("storageInfo", {}).setdefault("ebsStorageInfo", {}).setdefault("volumeSize", 1000)
    connectivity = brokers.setdefault("connectivityInfo", {})
    connectivity.setdefault("publicAccess", {"type": "DISABLED"})
    off = {"enabled": False}
    connectivity.setdefault(
        "vpcConnectivity", {"clientAuthentication": {"sasl": {"iam": off, "scram": off}, "tls": off}}
    )


def _clean(body: dict[str, Any], cluster: Any) -> None:
    """Take out what moto puts in where nothing was given, and name ZooKeeper's nodes after the cluster."""
    if "zookeeperConnectString" not in body:
        return
    if not cluster.configuration_info:
        software = body["currentBrokerSoftwareInfo"]
        del software["configurationArn"], software["configurationRevision"]
    for name in ("clientAuthentication", "openMonitoring", "loggingInfo"):
        if not body[name]:
            del body[name]
    body["zookeeperConnectString"] = _hosts(cluster, "z", 3, 2181)
    body["zookeeperConnectStringTls"] = _hosts(cluster, "z", 3, 2182)


def _hosts(cluster: Any, prefix: str, count: int, port: int) -> str:
    domain = f"{cluster.cluster_name}.emulated.c2.kafka.{cluster.region_name}.amazonaws.com"
    return ",".join(f"{prefix}-{number}.{domain}:{port}" for number in range(1, count + 1))


def _bootstrap_brokers() -> None:
    from moto.kafka.responses import KafkaResponse

    def get_bootstrap_brokers(response: Any) -> str:
        cluster = response.kafka_backend.clusters[_arn(response, "clusters").removesuffix("/bootstrap-brokers")]
        in_transit = cluster.encryption_info["encryptionInTransit"]["clientBroker"]
        sasl = (cluster.client_authentication or {}).get("sasl", {})
        listeners = {
            "bootstrapBrokerString": (in_transit != "TLS", PLAINTEXT),
            "bootstrapBrokerStringTls": (in_transit != "PLAINTEXT", TLS),
            "bootstrapBrokerStringSaslScram": (sasl.get("scram", {}).get("enabled"), SASL_SCRAM),
            "bootstrapBrokerStringSaslIam": (sasl.get("iam", {}).get("enabled"), SASL_IAM),
        }
        brokers = cluster.number_of_broker_nodes or 1
        return json.dumps(
            {name: _hosts(cluster, "b", brokers, port) for name, (is_open, port) in listeners.items() if is_open}
        )

    # Its route is the one of clusters, whose last part takes in everything.
    add_operations(KafkaResponse, get_bootstrap_brokers)


def _configurations() -> None:
    from moto.kafka import urls
    from moto.kafka.exceptions import BadRequestException
    from moto.kafka.responses import KafkaResponse

    def known(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.kafka_backend, "configurations")

    def asked_for(response: Any) -> dict[str, Any]:
        arn = _arn(response, "configurations").split("/revisions")[0]
        if arn not in known(response):
            raise BadRequestException("Configuration ARN does not exist.")
        return known(response)[arn]

    def new_revision(response: Any, number: int) -> dict[str, Any]:
        return {
            "revision": number,
            "creationTime": _now(),
            "description": response._get_param("description") or "",
            "serverProperties": response._get_param("serverProperties"),
        }

    def latest(configuration: dict[str, Any]) -> dict[str, Any]:
        revision = configuration["revisions"][-1]
        return {name: revision[name] for name in ("revision", "creationTime", "description")}

    def body(configuration: dict[str, Any]) -> dict[str, Any]:
        without = {name: value for name, value in configuration.items() if name != "revisions"}
        return without | {"latestRevision": latest(configuration)}

    def create_configuration(response: Any) -> str:
        name = response._get_param("name")
        arn = f"arn:aws:kafka:{response.region}:{response.current_account}:configuration/{name}/{uuid.uuid4()}-1"
        known(response)[arn] = {
            "arn": arn,
            "name": name,
            "state": "ACTIVE",
            "creationTime": _now(),
            "description": response._get_param("description") or "",
            "kafkaVersions": response._get_param("kafkaVersions") or [],
            "revisions": [new_revision(response, 1)],
        }
        return json.dumps(body(known(response)[arn]))

    def describe_configuration(response: Any) -> str:
        return json.dumps(body(asked_for(response)))

    def describe_configuration_revision(response: Any) -> str:
        configuration = asked_for(response)
        number = int(_arn(response, "revisions"))
        return json.dumps(configuration["revisions"][number - 1] | {"arn": configuration["arn"]})

    def list_configurations(response: Any) -> str:
        return json.dumps({"configurations": [body(each) for each in known(response).values()]})

    def update_configuration(response: Any) -> str:
        configuration = asked_for(response)
        configuration["revisions"].append(new_revision(response, len(configuration["revisions"]) + 1))
        return json.dumps({"arn": configuration["arn"], "latestRevision": latest(configuration)})

    def delete_configuration(response: Any) -> str:
        configuration = asked_for(response)
        del known(response)[configuration["arn"]]
        return json.dumps({"arn": configuration["arn"], "state": "DELETING"})

    add_operations(
        KafkaResponse,
        create_configuration,
        describe_configuration,
        describe_configuration_revision,
        list_configurations,
        update_configuration,
        delete_configuration,
    )
    add_routes(
        urls.url_paths,
        KafkaResponse.dispatch,
        "{0}/v1/configurations$",
        "{0}/v1/configurations/(?P<arn>.+)$",
    )


def _connectivity() -> None:
    from moto.kafka import urls
    from moto.kafka.responses import KafkaResponse

    def update_connectivity(response: Any) -> str:
        cluster = response.kafka_backend.clusters[_arn(response, "clusters").removesuffix("/connectivity")]
        given = response._get_param("connectivityInfo") or {}
        cluster.broker_node_group_info.setdefault("connectivityInfo", {}).update(given)
        operation = f"{cluster.arn.replace(':cluster/', ':cluster-operation/')}/{uuid.uuid4()}"
        return json.dumps({"clusterArn": cluster.arn, "clusterOperationArn": operation})

    def describe_cluster_operation(response: Any) -> str:
        arn = _arn(response, "operations")
        return json.dumps({"clusterOperationInfo": {"operationArn": arn, "operationState": "UPDATE_COMPLETE"}})

    add_operations(KafkaResponse, update_connectivity, describe_cluster_operation)
    add_routes(urls.url_paths, KafkaResponse.dispatch, "{0}/v1/operations/(?P<arn>.+)$")


def _arn(response: Any, parent: str) -> str:
    """Return what follows a part of the path; the ARN in it has slashes of its own."""
    return unquote(response.parsed_url.path).split(f"/{parent}/", 1)[1]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
