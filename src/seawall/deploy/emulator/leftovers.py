"""Asks an emulator what still exists in it, through the public API of each service.

Its law: it names whatever a platform could have made, and nothing that an account has from its first day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from seawall.deploy.emulator.clients import client
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import REGION_FOR_GLOBAL_SERVICES


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of thing: the operation that lists it, and a JMESPath expression for the names of those that
    count."""

    kind: str
    service: str
    operation: str
    names: str
    arguments: dict[str, Any] = field(default_factory=dict)


REGIONAL = (
    Listing("certificate", "acm", "list_certificates", "CertificateSummaryList[].CertificateArn"),
    Listing("workspace of Prometheus", "amp", "list_workspaces", "workspaces[].workspaceId"),
    Listing(
        "Auto Scaling group",
        "autoscaling",
        "describe_auto_scaling_groups",
        "AutoScalingGroups[].AutoScalingGroupName",
    ),
    Listing("backup plan", "backup", "list_backup_plans", "BackupPlansList[].BackupPlanName"),
    Listing(
        "backup vault",
        "backup",
        "list_backup_vaults",
        "BackupVaultList[?BackupVaultName!='Default'].BackupVaultName",
    ),
    Listing("trail", "cloudtrail", "list_trails", "Trails[].Name"),
    Listing("alarm", "cloudwatch", "describe_alarms", "[MetricAlarms, CompositeAlarms][][].AlarmName"),
    Listing("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    Listing(
        "configuration recorder",
        "config",
        "describe_configuration_recorders",
        "ConfigurationRecorders[].name",
    ),
    Listing("table", "dynamodb", "list_tables", "TableNames[]"),
    Listing("Elastic IP", "ec2", "describe_addresses", "Addresses[].PublicIp"),
    Listing("flow log", "ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    Listing(
        "instance",
        "ec2",
        "describe_instances",
        "Reservations[].Instances[?State.Name!='terminated'][].InstanceId",
    ),
    Listing("internet gateway", "ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId"),
    Listing("key pair", "ec2", "describe_key_pairs", "KeyPairs[].KeyName"),
    Listing("launch template", "ec2", "describe_launch_templates", "LaunchTemplates[].LaunchTemplateName"),
    Listing("NAT gateway", "ec2", "describe_nat_gateways", "NatGateways[?State!='deleted'].NatGatewayId"),
    Listing("prefix list", "ec2", "describe_managed_prefix_lists", "PrefixLists[?OwnerId!='AWS'].PrefixListId"),
    Listing("security group", "ec2", "describe_security_groups", "SecurityGroups[?GroupName!='default'].GroupName"),
    Listing("subnet", "ec2", "describe_subnets", "Subnets[?!DefaultForAz].SubnetId"),
    Listing(
        "transit gateway",
        "ec2",
        "describe_transit_gateways",
        "TransitGateways[?State!='deleted'].TransitGatewayId",
    ),
    Listing("volume", "ec2", "describe_volumes", "Volumes[].VolumeId"),
    Listing("VPC", "ec2", "describe_vpcs", "Vpcs[?!IsDefault].VpcId"),
    Listing("VPC endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    Listing(
        "VPC peering connection",
        "ec2",
        "describe_vpc_peering_connections",
        "VpcPeeringConnections[?Status.Code!='deleted'].VpcPeeringConnectionId",
    ),
    Listing("image repository", "ecr", "describe_repositories", "repositories[].repositoryName"),
    Listing("file system", "efs", "describe_file_systems", "FileSystems[].FileSystemId"),
    Listing("cluster of Kubernetes", "eks", "list_clusters", "clusters[]"),
    Listing("cache cluster", "elasticache", "describe_cache_clusters", "CacheClusters[].CacheClusterId"),
    Listing(
        "cache parameter group",
        "elasticache",
        "describe_cache_parameter_groups",
        "CacheParameterGroups[?!starts_with(CacheParameterGroupName, 'default.')].CacheParameterGroupName",
    ),
    Listing(
        "cache subnet group",
        "elasticache",
        "describe_cache_subnet_groups",
        "CacheSubnetGroups[?CacheSubnetGroupName!='default'].CacheSubnetGroupName",
    ),
    Listing("cache user", "elasticache", "describe_users", "Users[?UserId!='default'].UserId"),
    Listing(
        "global datastore",
        "elasticache",
        "describe_global_replication_groups",
        "GlobalReplicationGroups[].GlobalReplicationGroupId",
    ),
    Listing(
        "replication group",
        "elasticache",
        "describe_replication_groups",
        "ReplicationGroups[].ReplicationGroupId",
    ),
    Listing("load balancer", "elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerName"),
    Listing("target group", "elbv2", "describe_target_groups", "TargetGroups[].TargetGroupName"),
    Listing("event bus", "events", "list_event_buses", "EventBuses[?Name!='default'].Name"),
    Listing("event rule", "events", "list_rules", "Rules[].Name"),
    Listing("detector of GuardDuty", "guardduty", "list_detectors", "DetectorIds[]"),
    Listing("cluster of Kafka", "kafka", "list_clusters_v2", "ClusterInfoList[].ClusterName"),
    Listing("alias of a key", "kms", "list_aliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),
    Listing("function", "lambda", "list_functions", "Functions[].FunctionName"),
    Listing("log group", "logs", "describe_log_groups", "logGroups[].logGroupName"),
    Listing(
        "copy of a database's backups",
        "rds",
        "describe_db_instance_automated_backups",
        "DBInstanceAutomatedBackups[?Status=='replicating'].DBInstanceAutomatedBackupsArn",
    ),
    Listing("database cluster", "rds", "describe_db_clusters", "DBClusters[].DBClusterIdentifier"),
    Listing(
        "parameter group of database clusters",
        "rds",
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroups[?!starts_with(DBClusterParameterGroupName, 'default.')].DBClusterParameterGroupName",
    ),
    Listing("global database", "rds", "describe_global_clusters", "GlobalClusters[].GlobalClusterIdentifier"),
    Listing("database instance", "rds", "describe_db_instances", "DBInstances[].DBInstanceIdentifier"),
    Listing(
        "database option group",
        "rds",
        "describe_option_groups",
        "OptionGroupsList[?!starts_with(OptionGroupName, 'default:')].OptionGroupName",
    ),
    Listing(
        "database parameter group",
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups[?!starts_with(DBParameterGroupName, 'default.')].DBParameterGroupName",
    ),
    Listing("database proxy", "rds", "describe_db_proxies", "DBProxies[].DBProxyName"),
    Listing("database snapshot", "rds", "describe_db_snapshots", "DBSnapshots[].DBSnapshotIdentifier"),
    Listing("database subnet group", "rds", "describe_db_subnet_groups", "DBSubnetGroups[].DBSubnetGroupName"),
    Listing(
        "event subscription",
        "rds",
        "describe_event_subscriptions",
        "EventSubscriptionsList[].CustSubscriptionId",
    ),
    Listing("schedule", "scheduler", "list_schedules", "Schedules[].Name"),
    Listing("secret", "secretsmanager", "list_secrets", "SecretList[].Name"),
    Listing("namespace of services", "servicediscovery", "list_namespaces", "Namespaces[].Name"),
    Listing("topic", "sns", "list_topics", "Topics[].TopicArn"),
    Listing("queue", "sqs", "list_queues", "QueueUrls[]"),
    Listing("parameter", "ssm", "describe_parameters", "Parameters[].Name"),
    Listing("state machine", "stepfunctions", "list_state_machines", "stateMachines[].name"),
    Listing("web ACL", "wafv2", "list_web_acls", "WebACLs[].Name", {"Scope": "REGIONAL"}),
    Listing("IP set", "wafv2", "list_ip_sets", "IPSets[].Name", {"Scope": "REGIONAL"}),
)

GLOBAL = (
    Listing("distribution", "cloudfront", "list_distributions", "DistributionList.Items[].Id"),
    Listing("function of CloudFront", "cloudfront", "list_functions", "FunctionList.Items[].Name"),
    Listing(
        "origin access control",
        "cloudfront",
        "list_origin_access_controls",
        "OriginAccessControlList.Items[].Name",
    ),
    Listing(
        "cache policy",
        "cloudfront",
        "list_cache_policies",
        "CachePolicyList.Items[].CachePolicy.CachePolicyConfig.Name",
        {"Type": "custom"},
    ),
    Listing(
        "origin request policy",
        "cloudfront",
        "list_origin_request_policies",
        "OriginRequestPolicyList.Items[].OriginRequestPolicy.OriginRequestPolicyConfig.Name",
        {"Type": "custom"},
    ),
    Listing(
        "response headers policy",
        "cloudfront",
        "list_response_headers_policies",
        "ResponseHeadersPolicyList.Items[].ResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name",
        {"Type": "custom"},
    ),
    Listing("web ACL", "wafv2", "list_web_acls", "WebACLs[].Name", {"Scope": "CLOUDFRONT"}),
    Listing("IP set", "wafv2", "list_ip_sets", "IPSets[].Name", {"Scope": "CLOUDFRONT"}),
    Listing("group of users", "iam", "list_groups", "Groups[].GroupName"),
    Listing("identity provider", "iam", "list_open_id_connect_providers", "OpenIDConnectProviderList[].Arn"),
    Listing("instance profile", "iam", "list_instance_profiles", "InstanceProfiles[].InstanceProfileName"),
    Listing("policy", "iam", "list_policies", "Policies[].PolicyName", {"Scope": "Local"}),
    # AWS makes service-linked roles by itself, in every account that uses the service, and they cost nothing.
    Listing("role", "iam", "list_roles", "Roles[?!starts_with(Path, '/aws-service-role/')].RoleName"),
    Listing("user", "iam", "list_users", "Users[].UserName"),
    Listing("health check", "route53", "list_health_checks", "HealthChecks[].Id"),
    Listing("hosted zone", "route53", "list_hosted_zones", "HostedZones[].Name"),
    Listing("bucket", "s3", "list_buckets", "Buckets[].Name"),
    Listing("budget", "budgets", "describe_budgets", "Budgets[].BudgetName", {"AccountId": "123456789012"}),
)


def leftovers(emulator: Emulator, regions: Iterable[str], *, except_buckets: Iterable[str] = ()) -> list[str]:
    """Return what exists in the emulator as lines ``region: kind name``, sorted; empty where nothing does.

    ``except_buckets`` names the buckets that are allowed to stay, such as that of Terraform's state.
    """
    allowed = {f"global: bucket {name}" for name in except_buckets}
    found = {
        line
        for region in dict.fromkeys(regions)
        for listing in REGIONAL
        for line in _lines(emulator, region, region, listing)
    }
    found |= {f"{region}: key {name}" for region in dict.fromkeys(regions) for name in _keys(emulator, region)}
    for listing in GLOBAL:
        found |= set(_lines(emulator, REGION_FOR_GLOBAL_SERVICES, "global", listing))
    return sorted(found - allowed)


def _lines(emulator: Emulator, region: str, place: str, listing: Listing) -> list[str]:
    speaker = client(emulator, listing.service, region)
    if speaker.can_paginate(listing.operation):
        names = speaker.get_paginator(listing.operation).paginate(**listing.arguments).search(listing.names)
    else:
        import jmespath  # type: ignore[import-untyped]

        names = jmespath.search(listing.names, getattr(speaker, listing.operation)(**listing.arguments))
    return [f"{place}: {listing.kind} {name}" for name in names or () if name is not None]


def _keys(emulator: Emulator, region: str) -> list[str]:
    """Return the customer's keys that are not on their way out; only a description tells, key by key."""
    kms = client(emulator, "kms", region)
    identifiers = [key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    described = [kms.describe_key(KeyId=identifier)["KeyMetadata"] for identifier in identifiers]
    return [
        key["KeyId"] for key in described if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion"
    ]
