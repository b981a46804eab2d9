"""What ``terraform import`` wants to hear for a type, where that is not simply the id.

Two questions: by which id a resource that was made is imported (its id is known, its arguments too), and by
which name one that may have been made can be looked for. From the "Import" sections of the AWS provider's
documentation, release 5.100.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seawall.deploy.target import Cloud

# Made of the resource's own arguments, so it serves whether or not the id is known.
_BY_ARGUMENTS = {
    "aws_appautoscaling_policy": "{service_namespace}/{resource_id}/{scalable_dimension}/{name}",
    "aws_appautoscaling_target": "{service_namespace}/{resource_id}/{scalable_dimension}",
    "aws_athena_workgroup": "{name}",
    "aws_autoscaling_group": "{name}",
    "aws_backup_vault": "{name}",
    "aws_backup_vault_lock_configuration": "{backup_vault_name}",
    "aws_backup_vault_notifications": "{backup_vault_name}",
    "aws_cloudwatch_dashboard": "{dashboard_name}",
    "aws_cloudwatch_event_rule": "{name}",
    "aws_cloudwatch_event_target": "{rule}/{target_id}",
    "aws_cloudwatch_log_group": "{name}",
    "aws_cloudwatch_log_metric_filter": "{log_group_name}:{name}",
    "aws_cloudwatch_log_subscription_filter": "{log_group_name}|{name}",
    "aws_cloudwatch_metric_alarm": "{alarm_name}",
    "aws_db_instance": "{identifier}",
    "aws_db_option_group": "{name}",
    "aws_db_parameter_group": "{name}",
    "aws_db_subnet_group": "{name}",
    "aws_dynamodb_table": "{name}",
    "aws_ecr_lifecycle_policy": "{repository}",
    "aws_ecr_repository": "{name}",
    "aws_eks_access_entry": "{cluster_name}:{principal_arn}",
    "aws_eks_access_policy_association": "{cluster_name}#{principal_arn}#{policy_arn}",
    "aws_eks_addon": "{cluster_name}:{addon_name}",
    "aws_eks_cluster": "{name}",
    "aws_eks_node_group": "{cluster_name}:{node_group_name}",
    "aws_elasticache_parameter_group": "{name}",
    "aws_elasticache_replication_group": "{replication_group_id}",
    "aws_elasticache_subnet_group": "{name}",
    "aws_elasticache_user": "{user_id}",
    "aws_elasticache_user_group": "{user_group_id}",
    "aws_iam_group": "{name}",
    "aws_iam_instance_profile": "{name}",
    "aws_iam_role": "{name}",
    "aws_iam_role_policy": "{role}:{name}",
    "aws_iam_role_policy_attachment": "{role}/{policy_arn}",
    "aws_iam_user": "{name}",
    "aws_kms_alias": "{name}",
    "aws_kms_key_policy": "{key_id}",
    "aws_lambda_function": "{function_name}",
    "aws_lambda_permission": "{function_name}/{statement_id}",
    "aws_rds_cluster": "{cluster_identifier}",
    "aws_rds_cluster_instance": "{identifier}",
    "aws_rds_cluster_parameter_group": "{name}",
    "aws_rds_global_cluster": "{global_cluster_identifier}",
    "aws_route": "{route_table_id}_{destination_cidr_block}",
    "aws_route_table_association": "{subnet_id}/{route_table_id}",
    "aws_s3_bucket": "{bucket}",
    "aws_scheduler_schedule": "default/{name}",
    "aws_ssm_parameter": "{name}",
    "aws_vpc_endpoint_route_table_association": "{vpc_endpoint_id}/{route_table_id}",
    "aws_xray_sampling_rule": "{rule_name}",
}

# Made of the id and the arguments.
_BY_ID_AND_ARGUMENTS = {
    "aws_backup_selection": "{plan_id}|{id}",
    "aws_eks_pod_identity_association": "{cluster_name},{id}",
    "aws_wafv2_ip_set": "{id}/{name}/{scope}",
    "aws_wafv2_regex_pattern_set": "{id}/{name}/{scope}",
    "aws_wafv2_rule_group": "{id}/{name}/{scope}",
    "aws_wafv2_web_acl": "{id}/{name}/{scope}",
}

# Making one again is a call that AWS accepts twice, or there is nothing behind it.
MADE_AGAIN = frozenset(
    {
        "aws_acm_certificate_validation",
        "aws_efs_backup_policy",
        "aws_efs_file_system_policy",
        "aws_iam_role_policy_attachment",
        "aws_lb_target_group_attachment",
        "aws_s3_bucket_intelligent_tiering_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_replication_configuration",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_version",
        "aws_sns_topic",
        "aws_sqs_queue",
        "terraform_data",
    }
)

# What EC2 calls them when it is asked for the tags of everything.
EC2_KINDS = {
    "aws_ebs_volume": "volume",
    "aws_egress_only_internet_gateway": "egress-only-internet-gateway",
    "aws_eip": "elastic-ip",
    "aws_flow_log": "vpc-flow-log",
    "aws_instance": "instance",
    "aws_internet_gateway": "internet-gateway",
    "aws_launch_template": "launch-template",
    "aws_nat_gateway": "natgateway",
    "aws_network_acl": "network-acl",
    "aws_route_table": "route-table",
    "aws_security_group": "security-group",
    "aws_subnet": "subnet",
    "aws_vpc": "vpc",
    "aws_vpc_dhcp_options": "dhcp-options",
    "aws_vpc_endpoint": "vpc-endpoint",
    "aws_vpc_peering_connection": "vpc-peering-connection",
    "aws_vpc_security_group_egress_rule": "security-group-rule",
    "aws_vpc_security_group_ingress_rule": "security-group-rule",
}

# EC2 shows these for an hour or two after they have been deleted, with their tags.
_STANDING = {
    "aws_instance": (
        "describe_instances",
        "Reservations[].Instances[?State.Name!='shutting-down' && State.Name!='terminated'][].InstanceId",
    ),
    "aws_nat_gateway": (
        "describe_nat_gateways",
        "NatGateways[?State=='pending' || State=='available'].NatGatewayId",
    ),
    "aws_vpc_endpoint": (
        "describe_vpc_endpoints",
        'VpcEndpoints[?!contains(`["deleting", "deleted", "Deleting", "Deleted"]`, State)].VpcEndpointId',
    ),
    "aws_vpc_peering_connection": (
        "describe_vpc_peering_connections",
        "VpcPeeringConnections[?Status.Code=='pending-acceptance' || Status.Code=='provisioning' "
        "|| Status.Code=='active'].VpcPeeringConnectionId",
    ),
}

# Other services' things without a name of their own: what the tagging API calls them, where it keeps them (empty:
# in their own region), and the import id, made of the ARN or of what stands after its last slash.
_TAGGED = {
    "aws_acm_certificate": ("acm:certificate", "", "{arn}"),
    "aws_cloudfront_distribution": ("cloudfront:distribution", "us-east-1", "{last}"),
    "aws_efs_access_point": ("elasticfilesystem:access-point", "", "{last}"),
    "aws_kms_key": ("kms:key", "", "{last}"),
    "aws_msk_cluster": ("kafka:cluster", "", "{arn}"),
    "aws_lb": ("elasticloadbalancing:loadbalancer", "", "{arn}"),
    "aws_lb_target_group": ("elasticloadbalancing:targetgroup", "", "{arn}"),
    "aws_route53_health_check": ("route53:healthcheck", "us-east-1", "{last}"),
    "aws_route53_zone": ("route53:hostedzone", "us-east-1", "{last}"),
    "aws_secretsmanager_secret": ("secretsmanager:secret", "", "{arn}"),
}

# Things that are found by other arguments than a name: service, the question with its arguments, and where the answer
# has their ids.
ASKED_FOR = {
    # Making one of either again is the same one; whoever takes the stack down has to know of it all the same.
    "aws_sns_topic": ("sns", "list_topics", {}, "Topics[?ends_with(TopicArn, ':{name}')].TopicArn"),
    "aws_sqs_queue": ("sqs", "list_queues", {"QueueNamePrefix": "name"}, "QueueUrls[?ends_with(@, '/{name}')]"),
    "aws_sfn_state_machine": (
        "stepfunctions",
        "list_state_machines",
        {},
        "stateMachines[?name=='{name}'].stateMachineArn",
    ),
    "aws_elasticache_global_replication_group": (
        "elasticache",
        "describe_global_replication_groups",
        {},
        "GlobalReplicationGroups[?ends_with(GlobalReplicationGroupId, '-{global_replication_group_id_suffix}')]"
        ".GlobalReplicationGroupId",
    ),
    "aws_efs_file_system": (
        "efs",
        "describe_file_systems",
        {"CreationToken": "creation_token"},
        "FileSystems[?LifeCycleState!='deleting' && LifeCycleState!='deleted'].FileSystemId",
    ),
    # There is one in a zone and file system, and a second is refused.
    "aws_efs_mount_target": (
        "efs",
        "describe_mount_targets",
        {"FileSystemId": "file_system_id"},
        "MountTargets[?SubnetId=='{subnet_id}' && LifeCycleState!='deleting'].MountTargetId",
    ),
}

_HOLE = re.compile(r"\{(\w+)\}")


def of_made(type: str, id: str, values: Mapping[str, Any]) -> str:
    """The import id of a resource whose id Terraform reported; ``values`` are its planned arguments."""
    for forms in (_BY_ID_AND_ARGUMENTS, _BY_ARGUMENTS):
        filled = _fill(forms.get(type, ""), {**values, "id": id})
        if filled:
            return filled
    return id


def lacks_arguments(type: str, values: Mapping[str, Any]) -> bool:
    """Whether the import id is made of arguments that are not all known, such as the id of something else."""
    form = _BY_ARGUMENTS.get(type) or _BY_ID_AND_ARGUMENTS.get(type, "")
    return bool(form) and not _fill(form, {**values, "id": "known"})


def of_named(cloud: Cloud, region: str, type: str, values: Mapping[str, Any]) -> list[str]:
    """The import ids of what may be a resource that was being made, by its name or tags; sorted.

    A name gives its one id whether or not there is such a thing. Things without a name of their own are looked for
    by all the tags they were to carry; of several there is no telling which is it, and whose the others are.
    """
    tags = values.get("tags") or {}
    if type in EC2_KINDS:
        return _by_ec2_tags(cloud, region, type, tags)
    if type in _TAGGED:
        kind, home, form = _TAGGED[type]
        return _by_tags(cloud, home or region, kind, form, tags)
    if type in ASKED_FOR:
        return _by_question(cloud, region, type, values)
    named = _fill(_BY_ARGUMENTS.get(type, ""), values)
    return [named] if named else []


def _fill(form: str, values: Mapping[str, Any]) -> str:
    names = _HOLE.findall(form)
    if not names or any(not isinstance(values.get(name), str) or not values[name] for name in names):
        return ""
    return form.format(**{name: values[name] for name in names})


def _by_ec2_tags(cloud: Cloud, region: str, type: str, tags: Mapping[str, str]) -> list[str]:
    if not tags.get("Name"):
        return []
    client = cloud.client("ec2", region)
    found: set[str] | None = None
    for key, value in tags.items():
        filters = [
            {"Name": "resource-type", "Values": [EC2_KINDS[type]]},
            {"Name": "key", "Values": [key]},
            {"Name": "value", "Values": [value]},
        ]
        pages = client.get_paginator("describe_tags").paginate(Filters=filters)
        carrying = {str(tag["ResourceId"]) for page in pages for tag in page["Tags"]}
        found = carrying if found is None else found & carrying
    if found and type in _STANDING:
        operation, identifiers = _STANDING[type]
        found &= set(client.get_paginator(operation).paginate().search(identifiers))
    return sorted(found or ())


def _by_tags(cloud: Cloud, region: str, kind: str, form: str, tags: Mapping[str, str]) -> list[str]:
    if not tags.get("Name"):
        return []
    client = cloud.client("resourcegroupstaggingapi", region)
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    pages = client.get_paginator("get_resources").paginate(TagFilters=filters, ResourceTypeFilters=[kind])
    found = [str(one["ResourceARN"]) for page in pages for one in page["ResourceTagMappingList"]]
    return sorted(form.format(arn=arn, last=arn.rsplit("/", 1)[-1]) for arn in found)


def _by_question(cloud: Cloud, region: str, type: str, values: Mapping[str, Any]) -> list[str]:
    service, operation, arguments, ids = ASKED_FOR[type]
    wanted = {argument: values.get(name) for argument, name in arguments.items()}
    path = _fill(ids, values) if "{" in ids else ids
    if not path or not all(wanted.values()):
        return []
    pages = cloud.client(service, region).get_paginator(operation).paginate(**wanted)
    return sorted(str(found) for found in pages.search(path))
