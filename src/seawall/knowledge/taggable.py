"""Resource types of the AWS provider that take tags.

Source: ``terraform providers schema -json`` of hashicorp/aws 5.100.0, read 2026-11-21: the types with an optional
attribute ``tags`` that is a map of strings, for the services that a platform here can use.
"""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
    acm_certificate alb alb_listener alb_listener_rule alb_target_group api_gateway_api_key
    api_gateway_client_certificate api_gateway_domain_name api_gateway_domain_name_access_association
    api_gateway_rest_api api_gateway_stage api_gateway_usage_plan api_gateway_vpc_link appautoscaling_target
    athena_capacity_reservation athena_data_catalog athena_workgroup backup_framework
    backup_logically_air_gapped_vault backup_plan backup_report_plan backup_restore_testing_plan backup_vault
    budgets_budget budgets_budget_action chatbot_slack_channel_configuration cloudfront_distribution
    cloudfront_vpc_origin cloudtrail
    cloudtrail_event_data_store cloudwatch_composite_alarm cloudwatch_contributor_insight_rule
    cloudwatch_contributor_managed_insight_rule cloudwatch_event_bus cloudwatch_event_rule
    cloudwatch_log_anomaly_detector cloudwatch_log_delivery cloudwatch_log_delivery_destination
    cloudwatch_log_delivery_source cloudwatch_log_destination cloudwatch_log_group cloudwatch_metric_alarm
    cloudwatch_metric_stream codebuild_fleet codebuild_project codebuild_report_group customer_gateway
    db_cluster_snapshot db_event_subscription db_instance db_option_group db_parameter_group db_proxy
    db_proxy_endpoint db_snapshot db_snapshot_copy db_subnet_group default_network_acl default_route_table
    default_security_group default_subnet default_vpc default_vpc_dhcp_options docdb_cluster
    docdb_cluster_instance docdb_cluster_parameter_group docdb_event_subscription docdb_subnet_group
    dynamodb_table dynamodb_table_replica ebs_snapshot ebs_snapshot_copy ebs_snapshot_import ebs_volume
    ec2_capacity_block_reservation ec2_capacity_reservation ec2_carrier_gateway ec2_client_vpn_endpoint
    ec2_fleet ec2_host ec2_instance_connect_endpoint ec2_local_gateway_route_table_vpc_association
    ec2_managed_prefix_list ec2_network_insights_analysis ec2_network_insights_path ec2_traffic_mirror_filter
    ec2_traffic_mirror_session ec2_traffic_mirror_target ec2_transit_gateway ec2_transit_gateway_connect
    ec2_transit_gateway_connect_peer ec2_transit_gateway_multicast_domain ec2_transit_gateway_peering_attachment
    ec2_transit_gateway_peering_attachment_accepter ec2_transit_gateway_policy_table
    ec2_transit_gateway_route_table ec2_transit_gateway_vpc_attachment
    ec2_transit_gateway_vpc_attachment_accepter ecr_repository ecs_capacity_provider ecs_cluster ecs_service
    ecs_task_definition ecs_task_set efs_access_point efs_file_system egress_only_internet_gateway eip
    eks_access_entry eks_addon eks_cluster eks_fargate_profile eks_identity_provider_config eks_node_group
    eks_pod_identity_association elasticache_cluster elasticache_parameter_group elasticache_replication_group
    elasticache_reserved_cache_node elasticache_serverless_cache elasticache_subnet_group elasticache_user
    elasticache_user_group flow_log fsx_backup fsx_data_repository_association fsx_file_cache
    fsx_lustre_file_system fsx_ontap_file_system fsx_ontap_storage_virtual_machine fsx_ontap_volume
    fsx_openzfs_file_system fsx_openzfs_snapshot fsx_openzfs_volume fsx_windows_file_system
    glue_catalog_database glue_connection glue_crawler glue_data_quality_ruleset glue_dev_endpoint glue_job
    glue_ml_transform glue_registry glue_schema glue_trigger glue_workflow grafana_workspace guardduty_detector
    guardduty_filter guardduty_ipset guardduty_malware_protection_plan guardduty_threatintelset
    iam_instance_profile iam_openid_connect_provider iam_policy iam_role iam_saml_provider
    iam_server_certificate iam_service_linked_role iam_user iam_virtual_mfa_device instance internet_gateway
    key_pair kinesis_analytics_application kinesis_firehose_delivery_stream kinesis_stream kinesis_video_stream
    kms_external_key kms_key kms_replica_external_key kms_replica_key lambda_code_signing_config
    lambda_event_source_mapping lambda_function launch_template lb lb_listener lb_listener_rule lb_target_group
    lb_trust_store msk_cluster msk_replicator msk_serverless_cluster msk_vpc_connection nat_gateway network_acl
    network_interface opensearch_domain prometheus_rule_group_namespace prometheus_scraper prometheus_workspace
    rds_cluster rds_cluster_endpoint rds_cluster_instance rds_cluster_parameter_group rds_cluster_snapshot_copy
    rds_custom_db_engine_version rds_global_cluster rds_integration rds_reserved_instance rds_shard_group
    route53_health_check route53_resolver_endpoint route53_resolver_firewall_domain_list
    route53_resolver_firewall_rule_group route53_resolver_firewall_rule_group_association
    route53_resolver_query_log_config route53_resolver_rule route53_zone route_table s3_bucket s3_bucket_object
    s3_object s3_object_copy scheduler_schedule_group secretsmanager_secret security_group
    service_discovery_http_namespace service_discovery_private_dns_namespace
    service_discovery_public_dns_namespace service_discovery_service sfn_activity sfn_state_machine
    shield_protection shield_protection_group sns_topic sqs_queue ssm_activation ssm_association ssm_document
    ssm_maintenance_window ssm_parameter ssm_patch_baseline subnet synthetics_canary synthetics_group vpc
    vpc_block_public_access_exclusion vpc_dhcp_options vpc_endpoint vpc_endpoint_service vpc_ipam vpc_ipam_pool
    vpc_ipam_resource_discovery vpc_ipam_resource_discovery_association vpc_ipam_scope vpc_peering_connection
    vpc_peering_connection_accepter vpc_route_server vpc_route_server_endpoint vpc_route_server_peer
    vpc_security_group_egress_rule vpc_security_group_ingress_rule wafv2_ip_set wafv2_regex_pattern_set
    wafv2_rule_group wafv2_web_acl xray_group xray_sampling_rule
"""

TAGGABLE: Final = frozenset(_NAMES.split())
"""Type names without their ``aws_``."""


def takes_tags(type: str) -> bool:
    """Whether a resource type, with its ``aws_``, takes tags."""
    return type.removeprefix("aws_") in TAGGABLE
