"""What flows and what is asked of it: MSK, Firehose, Glue, Athena, Grafana, Step Functions, and storage that grows."""

from __future__ import annotations

import json

from seawall.deploy.probe import Seen, Standing, only, probes


@probes("aws_msk_cluster")
def stream(standing: Standing) -> Seen:
    """A cluster of brokers; healthy when active."""
    found = standing.client("kafka").describe_cluster(ClusterArn=standing["arn"])["ClusterInfo"]
    same = {"number_of_broker_nodes": (standing["number_of_broker_nodes"], found["NumberOfBrokerNodes"])}
    return Seen(same, found.get("Tags") or {}, found["State"] == "ACTIVE", f"state {found['State']}")


@probes("aws_msk_configuration")
def stream_configuration(standing: Standing) -> Seen:
    """The brokers' settings, in their newest revision."""
    found = standing.client("kafka").describe_configuration(Arn=standing["arn"])
    return Seen({"latest_revision": (standing["latest_revision"], found["LatestRevision"]["Revision"])})


@probes("aws_msk_cluster_policy")
def stream_policy(standing: Standing) -> Seen:
    """Who from outside may use a cluster of brokers."""
    found = standing.client("kafka").get_cluster_policy(ClusterArn=standing["cluster_arn"])["Policy"]
    return Seen({"policy": (json.loads(standing["policy"]), json.loads(found))})


@probes("aws_appautoscaling_target")
def scaled(standing: Standing) -> Seen:
    """What grows by itself, and how far."""
    found = only(
        standing.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace=standing["service_namespace"],
            ResourceIds=[standing["resource_id"]],
            ScalableDimension=standing["scalable_dimension"],
        )["ScalableTargets"]
    )
    return Seen({"max_capacity": (standing["max_capacity"], found["MaxCapacity"])})


@probes("aws_appautoscaling_policy")
def scaling(standing: Standing) -> Seen:
    """When something grows."""
    found = only(
        standing.client("application-autoscaling").describe_scaling_policies(
            PolicyNames=[standing["name"]],
            ServiceNamespace=standing["service_namespace"],
            ResourceId=standing["resource_id"],
        )["ScalingPolicies"]
    )
    return Seen({"policy_type": (standing["policy_type"], found["PolicyType"])})


@probes("aws_kinesis_firehose_delivery_stream")
def delivery(standing: Standing) -> Seen:
    """A stream that is delivered somewhere; healthy when active."""
    client = standing.client("firehose")
    found = client.describe_delivery_stream(DeliveryStreamName=standing["name"])["DeliveryStreamDescription"]
    state = found["DeliveryStreamStatus"]
    return Seen({"arn": (standing["arn"], found["DeliveryStreamARN"])}, None, state == "ACTIVE", f"status {state}")


@probes("aws_glue_catalog_database")
def catalogue(standing: Standing) -> Seen:
    """A database of the catalogue."""
    standing.client("glue").get_database(Name=standing["name"])
    return Seen()


@probes("aws_glue_catalog_table")
def catalogue_table(standing: Standing) -> Seen:
    """A table of the catalogue, and where its files lie."""
    found = standing.client("glue").get_table(DatabaseName=standing["database_name"], Name=standing["name"])["Table"]
    wanted = [each["location"] for each in standing["storage_descriptor"]]
    return Seen({"location": (wanted, [found["StorageDescriptor"]["Location"]])})


@probes("aws_athena_workgroup")
def questions(standing: Standing) -> Seen:
    """Where and how questions are asked; healthy when enabled."""
    found = standing.client("athena").get_work_group(WorkGroup=standing["name"])["WorkGroup"]
    return Seen({"state": (standing["state"], found["State"])})


@probes("aws_grafana_workspace")
def grafana(standing: Standing) -> Seen:
    """A workspace of Grafana; healthy when active."""
    found = standing.client("grafana").describe_workspace(workspaceId=standing["id"])["workspace"]
    return Seen({}, found.get("tags") or {}, found["status"] == "ACTIVE", f"status {found['status']}")


@probes("aws_sfn_state_machine")
def state_machine(standing: Standing) -> Seen:
    """A state machine, what it does and under whose name; healthy when active."""
    found = standing.client("stepfunctions").describe_state_machine(stateMachineArn=standing["arn"])
    same = {
        "definition": (json.loads(standing["definition"]), json.loads(found["definition"])),
        "role_arn": (standing["role_arn"], found["roleArn"]),
    }
    state = found.get("status", "ACTIVE")
    return Seen(same, None, state == "ACTIVE", f"status {state}")


@probes("aws_msk_replicator")
def replicator(standing: Standing) -> Seen:
    """What copies a stream into another region; healthy when running."""
    found = standing.client("kafka").describe_replicator(ReplicatorArn=standing["arn"])
    state = found["ReplicatorState"]
    same = {"replicator_name": (standing["replicator_name"], found["ReplicatorName"])}
    return Seen(same, found.get("Tags") or {}, state == "RUNNING", f"state {state}")
