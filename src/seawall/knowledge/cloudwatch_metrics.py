"""Metrics that AWS's services and the CloudWatch agent keep, and the sets of dimensions by which they keep them.

CloudWatch keeps a series for each exact set of dimensions; an alarm that asks by another one has no data, and says so
to nobody.  Names: pkg/cloudWatchConsts/metrics.go of grafana/grafana-aws-sdk at bffb8ad, of 2026-08-06, which follows
the lists of AWS's guides.  Sets of dimensions, by guide (all in awsdocs): Application Load Balancers, "CloudWatch
metrics", at fb24293; RDS at 802bc36 and Aurora at 6ab614f, "CloudWatch dimensions"; of the others as their guides'
pages on monitoring list them, as known 2026-11.  Container Insights of EKS with enhanced observability:
translator/translate/otel/exporter/awsemf/kubernetes.go of aws/amazon-cloudwatch-agent at 0316fb693cef.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

CLASSIC_ONLY: Final = ("SurgeQueueLength", "SpilloverCount")
"""What Classic Load Balancers keep, and what is asked of the others in vain."""

_UNJUDGED: Final = {
    # Those of ECS, and those of accelerators, are kept by sets of their own.
    "ContainerInsights": re.compile(r"[A-Z]|.*(?:gpu|neuron|efa)|hyper_pod|apiserver|etcd|rest_client"),
}
"""Names of a namespace that this list does not hold although they may be kept."""

Sets = tuple[frozenset[str], ...]


def knows(namespace: str) -> bool:
    """Whether the namespace's metrics are known here."""
    return namespace in _NAMESPACES


def kept_by(namespace: str, metric: str) -> Sets | None:
    """The sets of dimensions by which a metric is kept; none where there is no such metric, None where not known."""
    if namespace not in _NAMESPACES:
        return None
    unjudged = _UNJUDGED.get(namespace)
    if unjudged is not None and unjudged.match(metric):
        return None
    return _kept(namespace).get(metric, ())


@cache
def _kept(namespace: str) -> dict[str, Sets | None]:
    return {
        name: None if sets == "?" else tuple(_set(one) for one in sets.split(" | "))
        for names, sets in _NAMESPACES[namespace]
        for name in names.split()
    }


def _set(spelled: str) -> frozenset[str]:
    return frozenset() if spelled == "-" else frozenset(spelled.split(", "))


# Namespace -> names of metrics, with the sets by which each of them is kept: ``A | A, B`` is by A alone or by both,
# ``-`` by none, ``?`` not known here.
_NAMESPACES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "AWS/ApplicationELB": (
        (
            "ActiveConnectionCount ClientTLSNegotiationErrorCount ConsumedLCUs "
            "DesyncMitigationMode_NonCompliant_Request_Count DroppedInvalidHeaderRequestCount ELBAuthError "
            "ELBAuthFailure ELBAuthLatency ELBAuthRefreshTokenSuccess ELBAuthSuccess ELBAuthUserClaimsSizeExceeded "
            "ForwardedInvalidHeaderRequestCount GrpcRequestCount HTTPCode_ELB_3XX_Count HTTPCode_ELB_4XX_Count "
            "HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count HTTPCode_ELB_504_Count "
            "HTTPCode_ELB_5XX_Count HTTP_Fixed_Response_Count HTTP_Redirect_Count "
            "HTTP_Redirect_Url_Limit_Exceeded_Count IPv6ProcessedBytes IPv6RequestCount NewConnectionCount "
            "ProcessedBytes RejectedConnectionCount RuleEvaluations StandardProcessedBytes",
            "LoadBalancer | AvailabilityZone, LoadBalancer",
        ),
        (
            "HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count "
            "HTTPCode_Target_5XX_Count LambdaInternalError LambdaTargetProcessedBytes LambdaUserError "
            "NonStickyRequestCount RequestCount TargetConnectionErrorCount TargetResponseTime "
            "TargetTLSNegotiationErrorCount",
            "LoadBalancer | AvailabilityZone, LoadBalancer | LoadBalancer, TargetGroup | AvailabilityZone, "
            "LoadBalancer, TargetGroup",
        ),
        (
            "AnomalousHostCount HealthyHostCount HealthyStateDNS HealthyStateRouting MitigatedHostCount "
            "UnHealthyHostCount UnhealthyRoutingRequestCount UnhealthyStateDNS UnhealthyStateRouting",
            "LoadBalancer, TargetGroup | AvailabilityZone, LoadBalancer, TargetGroup",
        ),
        (
            "RequestCountPerTarget",
            "TargetGroup | LoadBalancer, TargetGroup | AvailabilityZone, LoadBalancer, TargetGroup",
        ),
    ),
    "AWS/ELB": (
        (
            "BackendConnectionErrors EstimatedALBActiveConnectionCount EstimatedALBConsumedLCUs "
            "EstimatedALBNewConnectionCount EstimatedProcessedBytes HTTPCode_Backend_2XX HTTPCode_Backend_3XX "
            "HTTPCode_Backend_4XX HTTPCode_Backend_5XX HTTPCode_ELB_4XX HTTPCode_ELB_5XX HealthyHostCount Latency "
            "RequestCount SpilloverCount SurgeQueueLength UnHealthyHostCount",
            "LoadBalancerName | AvailabilityZone | AvailabilityZone, LoadBalancerName | -",
        ),
    ),
    "AWS/NetworkELB": (
        (
            "ActiveFlowCount ActiveFlowCount_TCP ActiveFlowCount_TLS ActiveFlowCount_UDP "
            "ClientTLSNegotiationErrorCount ConsumedLCUs ConsumedLCUs_TCP ConsumedLCUs_TLS ConsumedLCUs_UDP "
            "NewFlowCount NewFlowCount_QUIC NewFlowCount_TCP NewFlowCount_TLS NewFlowCount_UDP PeakBytesPerSecond "
            "PeakPacketsPerSecond PortAllocationErrorCount ProcessedBytes ProcessedBytes_QUIC ProcessedBytes_TCP "
            "ProcessedBytes_TLS ProcessedBytes_UDP ProcessedPackets QUIC_Unknown_Server_ID_Packet_Drop_Count "
            "RejectedFlowCount RejectedFlowCount_TCP ReservedLCUs SecurityGroupBlockedFlowCount_Inbound_ICMP "
            "SecurityGroupBlockedFlowCount_Inbound_TCP SecurityGroupBlockedFlowCount_Inbound_UDP "
            "SecurityGroupBlockedFlowCount_Outbound_ICMP SecurityGroupBlockedFlowCount_Outbound_TCP "
            "SecurityGroupBlockedFlowCount_Outbound_UDP TCP_Client_Reset_Count TCP_ELB_Reset_Count "
            "TCP_Target_Reset_Count TargetTLSNegotiationErrorCount",
            "LoadBalancer | AvailabilityZone, LoadBalancer | LoadBalancer, TargetGroup | AvailabilityZone, "
            "LoadBalancer, TargetGroup",
        ),
        (
            "ActiveZonalShiftHostCount HealthyHostCount UnHealthyHostCount UnhealthyRoutingFlowCount ZonalHealthStatus",
            "LoadBalancer, TargetGroup | AvailabilityZone, LoadBalancer, TargetGroup | LoadBalancer | "
            "AvailabilityZone, LoadBalancer",
        ),
    ),
    "AWS/RDS": (
        (
            "ACUUtilization AbortedClients ActiveTransactions AuroraBinlogReplicaLag AuroraDMLRejectedMasterFull "
            "AuroraDMLRejectedWriterFull AuroraEstimatedSharedMemoryBytes AuroraMemoryHealthState "
            "AuroraMemoryNumDeclinedSqlTotal AuroraMemoryNumKillConnTotal AuroraMemoryNumKillQueryTotal "
            "AuroraMillisecondsSpentInOomRecovery AuroraNumOomRecoverySuccessful AuroraNumOomRecoveryTriggered "
            "AuroraOptimizedReadsCacheHitRatio AuroraReplicaLag AuroraSlowConnectionHandleCount "
            "AuroraSlowHandshakeCount BacktrackChangeRecordsCreationRate BacktrackChangeRecordsStored "
            "BacktrackWindowActual BacktrackWindowAlert BinLogDiskUsage BlockedTransactions BufferCacheHitRatio "
            "BurstBalance CPUCreditBalance CPUCreditUsage CPUSurplusCreditBalance CPUSurplusCreditsCharged "
            "CPUUtilization CheckpointLag CommitLatency CommitThroughput ConnectionAttempts DBLoad DBLoadCPU "
            "DBLoadNonCPU DBLoadRelativeToNumVCPUs DDLLatency DDLThroughput DMLLatency DMLThroughput "
            "DatabaseConnections Deadlocks DeleteLatency DeleteThroughput DiskQueueDepth DiskQueueDepthLogVolume "
            "EBSByteBalance% EBSIOBalance% EngineUptime FailedSQLServerAgentJobsCount FreeEphemeralStorage "
            "FreeLocalStorage FreeStorageSpace FreeStorageSpaceLogVolume FreeableMemory InsertLatency "
            "InsertThroughput LoginFailures MaximumUsedTransactionIDs NetworkReceiveThroughput NetworkThroughput "
            "NetworkTransmitThroughput NumBinaryLogFiles OldestReplicationSlotLag PurgeBoundary PurgeFinishedPoint "
            "Queries RDSToAuroraPostgreSQLReplicaLag ReadIOPS ReadIOPSEphemeralStorage ReadIOPSLogVolume "
            "ReadLatency ReadLatencyEphemeralStorage ReadLatencyLogVolume ReadThroughput "
            "ReadThroughputEphemeralStorage ReadThroughputLogVolume ReplicaLag ReplicationChannelLag "
            "ReplicationSlotDiskUsage ResultSetCacheHitRatio RollbackSegmentHistoryListLength RowLockTime "
            "SelectLatency SelectThroughput ServerlessDatabaseCapacity StorageNetworkReceiveThroughput "
            "StorageNetworkThroughput StorageNetworkTransmitThroughput SumBinaryLogSize SwapUsage TempStorageIOPS "
            "TempStorageThroughput TransactionAgeMaximum TransactionLogsDiskUsage TransactionLogsGeneration "
            "TruncateFinishedPoint UpdateLatency UpdateThroughput WriteIOPS WriteIOPSEphemeralStorage "
            "WriteIOPSLogVolume WriteLatency WriteLatencyEphemeralStorage WriteLatencyLogVolume WriteThroughput "
            "WriteThroughputEphemeralStorage WriteThroughputLogVolume",
            "DBInstanceIdentifier | DatabaseClass | EngineName | SourceRegion | - | DBClusterIdentifier | "
            "DBClusterIdentifier, Role | DbClusterIdentifier, EngineName | DBClusterIdentifier, EngineName",
        ),
        (
            "AuroraGlobalDBDataTransferBytes AuroraGlobalDBProgressLag AuroraGlobalDBRPOLag "
            "AuroraGlobalDBReplicatedWriteIO AuroraGlobalDBReplicationLag AuroraReplicaLagMaximum "
            "AuroraReplicaLagMinimum AuroraVolumeBytesLeftTotal BackupRetentionPeriodStorageUsed "
            "SnapshotStorageUsed TotalBackupStorageBilled VolumeBytesUsed VolumeReadIOPs VolumeWriteIOPs",
            "DBClusterIdentifier | DBClusterIdentifier, Role | DbClusterIdentifier, EngineName | "
            "DBClusterIdentifier, EngineName | EngineName | DBInstanceIdentifier | DBClusterIdentifier, "
            "SourceRegion | -",
        ),
        (
            "AvailabilityPercentage ClientConnections ClientConnectionsClosed ClientConnectionsNoTLS "
            "ClientConnectionsReceived ClientConnectionsSetupFailedAuth ClientConnectionsSetupSucceeded "
            "ClientConnectionsTLS DatabaseConnectionRequests DatabaseConnectionRequestsWithTLS "
            "DatabaseConnectionsBorrowLatency DatabaseConnectionsCurrentlyBorrowed "
            "DatabaseConnectionsCurrentlyInTransaction DatabaseConnectionsCurrentlySessionPinned "
            "DatabaseConnectionsSetupFailed DatabaseConnectionsSetupSucceeded DatabaseConnectionsWithTLS "
            "MaxDatabaseConnectionsAllowed QueryDatabaseResponseLatency QueryRequests QueryRequestsNoTLS "
            "QueryRequestsTLS QueryResponseLatency",
            "?",
        ),
    ),
    "AWS/EC2": (
        (
            "CPUCreditBalance CPUCreditUsage CPUSurplusCreditBalance CPUSurplusCreditsCharged CPUUtilization "
            "DiskReadBytes DiskReadOps DiskWriteBytes DiskWriteOps EBSByteBalance% EBSIOBalance% EBSReadBytes "
            "EBSReadOps EBSWriteBytes EBSWriteOps GPUPowerUtilization InstanceEBSIOPSExceededCheck "
            "InstanceEBSThroughputExceededCheck MetadataNoToken MetadataNoTokenRejected NetworkIn NetworkMirrorIn "
            "NetworkMirrorOut NetworkOut NetworkPacketsIn NetworkPacketsMirrorIn NetworkPacketsMirrorOut "
            "NetworkPacketsOut NetworkPacketsSkipMirrorIn NetworkPacketsSkipMirrorOut NetworkSkipMirrorIn "
            "NetworkSkipMirrorOut StatusCheckFailed StatusCheckFailed_AttachedEBS StatusCheckFailed_Instance "
            "StatusCheckFailed_System",
            "InstanceId | AutoScalingGroupName | ImageId | InstanceType | -",
        ),
        (
            "DedicatedHostCPUUtilization NetworkAddressUsage NetworkAddressUsagePeered",
            "?",
        ),
    ),
    "AWS/ElastiCache": (
        (
            "ActiveDefragHits AllocatorFragmentationBytes AllocatorFragmentationRatio AuthenticationFailures "
            "BlockedConnections BytesReadFromDisk BytesReadIntoMemcached BytesUsedForCache BytesUsedForCacheItems "
            "BytesUsedForHash BytesUsedForMemoryDB BytesWrittenOutFromMemcached BytesWrittenToDisk "
            "CPUCreditBalance CPUCreditUsage CPUUtilization CacheHitRate CacheHits CacheMisses CasBadval CasHits "
            "CasMisses ChannelAuthorizationFailures ClusterBasedCmds ClusterBasedCmdsLatency CmdConfigGet "
            "CmdConfigSet CmdFlush CmdGet CmdSet CmdTouch CommandAuthorizationFailures CurrConfig CurrConnections "
            "CurrItems CurrItemsWithVolatileFields CurrVolatileItems DB0AverageTTL DatabaseAuthorizationFailures "
            "DatabaseCapacityUsagePercentage DatabaseMemoryUsagePercentage DecrHits DecrMisses DeleteHits "
            "DeleteMisses DurabilityBufferExceededErrorCount DurabilityLag ElastiCacheProcessingUnits ErrorCount "
            "EvalBasedCmds EvalBasedCmdsECPUs EvalBasedCmdsLatency EvictedUnfetched Evictions ExpiredUnfetched "
            "FreeableMemory GeoSpatialBasedCmds GeoSpatialBasedCmdsECPUs GeoSpatialBasedCmdsLatency GetHits "
            "GetMisses GetTypeCmds GetTypeCmdsECPUs GetTypeCmdsLatency GlobalDatastoreReplicationLag HashBasedCmds "
            "HashBasedCmdsECPUs HashBasedCmdsLatency HyperLogLogBasedCmds HyperLogLogBasedCmdsECPUs "
            "HyperLogLogBasedCmdsLatency IamAuthenticationExpirations IamAuthenticationThrottling IncrHits "
            "IncrMisses IsMaster IsPrimary JsonBasedCmds JsonBasedCmdsECPUs JsonBasedCmdsLatency JsonBasedGetCmds "
            "JsonBasedGetCmdsECPUs JsonBasedGetCmdsLatency JsonBasedSetCmds JsonBasedSetCmdsECPUs "
            "JsonBasedSetCmdsLatency KeyAuthorizationFailures KeyBasedCmds KeyBasedCmdsECPUs KeyBasedCmdsLatency "
            "KeysTracked KeyspaceHits KeyspaceMisses ListBasedCmds ListBasedCmdsECPUs ListBasedCmdsLatency "
            "MajorPageFaults MasterLinkHealthStatus MaxReplicationThroughput MemoryFragmentationRatio "
            "NetworkBandwidthInAllowanceExceeded NetworkBandwidthOutAllowanceExceeded "
            "NetworkBaselineMaxUsageInPercentage NetworkBaselineMaxUsageOutPercentage "
            "NetworkBaselineUsageInPercentage NetworkBaselineUsageOutPercentage NetworkBytesIn NetworkBytesOut "
            "NetworkConntrackAllowanceExceeded NetworkLinkLocalAllowanceExceeded NetworkMaxBytesIn "
            "NetworkMaxBytesOut NetworkMaxPacketsIn NetworkMaxPacketsOut NetworkPacketsIn NetworkPacketsOut "
            "NetworkPacketsPerSecondAllowanceExceeded NewConnections NewItems NonKeyTypeCmds NonKeyTypeCmdsECPUs "
            "NonKeyTypeCmdsLatency NumItemsReadFromDisk NumItemsWrittenToDisk PrimaryLinkHealthStatus "
            "ProcessedCommands PubSubBasedCmds PubSubBasedCmdsECPUs PubSubBasedCmdsLatency PubSubChannels "
            "PubSubShardChannels Reclaimed ReclaimedFields RejectedConnections ReplicationBytes "
            "ReplicationDelayedWriteCommands ReplicationLag SaveInProgress SearchBasedCmds SearchBasedCmdsLatency "
            "SearchBasedGetCmds SearchBasedGetCmdsLatency SearchBasedSetCmds SearchBasedSetCmdsLatency "
            "SearchNumberOfIndexedKeys SearchNumberOfIndexes SearchTotalIndexSize SearchTotalIndexedDocuments "
            "SearchUsedMemoryBytes SetBasedCmds SetBasedCmdsECPUs SetBasedCmdsLatency SetTypeCmds SetTypeCmdsECPUs "
            "SetTypeCmdsLatency SlabsMoved SortedSetBasedCmds SortedSetBasedCmdsECPUs SortedSetBasedCmdsLatency "
            "StreamBasedCmds StreamBasedCmdsECPUs StreamBasedCmdsLatency StringBasedCmds StringBasedCmdsECPUs "
            "StringBasedCmdsLatency SuccessfulReadRequestLatency SuccessfulWriteRequestLatency SwapUsage "
            "ThrottledCmds TotalCmdsCount TouchHits TouchMisses TrafficManagementActive UnusedMemory "
            "UsedMemoryDataset",
            "CacheClusterId | CacheClusterId, CacheNodeId | clusterId | -",
        ),
        (
            "EngineCPUUtilization DatabaseMemoryUsageCountedForEvictPercentage "
            "DatabaseCapacityUsageCountedForEvictPercentage",
            "CacheClusterId | CacheClusterId, CacheNodeId | clusterId | - | ReplicationGroupId | "
            "ReplicationGroupId, Role",
        ),
    ),
    "AWS/Kafka": (
        (
            "ActiveControllerCount GlobalPartitionCount GlobalTopicCount OfflinePartitionsCount",
            "Cluster Name",
        ),
        (
            "EstimatedMaxTimeLag MaxOffsetLag SumOffsetLag",
            "Cluster Name, Consumer Group, Topic",
        ),
        (
            "EstimatedTimeLag OffsetLag",
            "Cluster Name, Consumer Group, Partition, Topic",
        ),
        (
            "AuthError ConsumerGroupCount ConsumerGroupOffsetSyncFailure KafkaClusterPingSuccessCount MessageLag "
            "ReplicationLatency ReplicatorBytesInPerSec ReplicatorFailure ReplicatorThroughput",
            "ReplicatorName | ClusterAlias, ReplicatorName | ReplicatorName, Topic | ClusterAlias, ReplicatorName, "
            "Topic",
        ),
        (
            "BytesInPerSec BytesOutPerSec MessagesInPerSec FetchMessageConversionsPerSec "
            "ProduceMessageConversionsPerSec RemoteCopyBytesPerSec RemoteCopyErrorsPerSec RemoteFetchBytesPerSec "
            "RemoteFetchErrorsPerSec RemoteFetchRequestsPerSec",
            "Broker ID, Cluster Name | Broker ID, Cluster Name, Topic",
        ),
        (
            "BurstBalance BwInAllowanceExceeded BwOutAllowanceExceeded CPUCreditBalance ConnTrackAllowanceExceeded "
            "ConnectionCloseRate ConnectionCount ConnectionCreationRate CpuCreditUsage CpuIdle CpuIoWait CpuSystem "
            "CpuUser FetchConsumerLocalTimeMsMean FetchConsumerRequestQueueTimeMsMean "
            "FetchConsumerResponseQueueTimeMsMean FetchConsumerResponseSendTimeMsMean FetchConsumerTotalTimeMsMean "
            "FetchFollowerLocalTimeMsMean FetchFollowerRequestQueueTimeMsMean FetchFollowerResponseQueueTimeMsMean "
            "FetchFollowerResponseSendTimeMsMean FetchFollowerTotalTimeMsMean FetchThrottleByteRate "
            "FetchThrottleQueueSize FetchThrottleTime HeapMemoryAfterGC KafkaAppLogsDiskUsed KafkaDataLogsDiskUsed "
            "LeaderCount MemoryBuffered MemoryCached MemoryFree MemoryUsed NetworkProcessorAvgIdlePercent "
            "NetworkRxDropped NetworkRxErrors NetworkRxPackets NetworkTxDropped NetworkTxErrors NetworkTxPackets "
            "PartitionCount PpsAllowanceExceeded ProduceLocalTimeMsMean ProduceMessageConversionsTimeMsMean "
            "ProduceRequestQueueTimeMsMean ProduceResponseQueueTimeMsMean ProduceResponseSendTimeMsMean "
            "ProduceThrottleByteRate ProduceThrottleQueueSize ProduceThrottleTime ProduceTotalTimeMsMean "
            "RemoteLogManagerTasksAvgIdlePercent RemoteLogReaderAvgIdlePercent RemoteLogReaderTaskQueueSize "
            "ReplicationBytesInPerSec ReplicationBytesOutPerSec RequestBytesMean RequestExemptFromThrottleTime "
            "RequestHandlerAvgIdlePercent RequestThrottleQueueSize RequestThrottleTime RequestTime RootDiskUsed "
            "SwapFree SwapUsed TCPConnections TcpConnections UnderMinIsrPartitionCount UnderReplicatedPartitions "
            "VolumeQueueLength VolumeReadBytes VolumeReadOps VolumeTotalReadTime VolumeTotalWriteTime "
            "VolumeWriteBytes VolumeWriteOps ZooKeeperRequestLatencyMsMean ZooKeeperSessionState",
            "Broker ID, Cluster Name",
        ),
        (
            "ClientConnectionCount ThrottleTime ReplicationFailures TrafficBytes TrafficShaping RemoteCopyLagBytes",
            "?",
        ),
    ),
    "AWS/CloudFront": (
        (
            "401ErrorRate 403ErrorRate 404ErrorRate 4xxErrorRate 502ErrorRate 503ErrorRate 504ErrorRate "
            "5xxErrorRate BytesDownloaded BytesUploaded CacheHitRate LambdaExecutionError "
            "LambdaLimitExceededErrors LambdaValidationError OriginLatency Requests TotalErrorRate",
            "DistributionId, Region",
        ),
        (
            "FunctionComputeUtilization FunctionExecutionErrors FunctionInvocations FunctionThrottles "
            "FunctionValidationErrors",
            "FunctionName, Region",
        ),
    ),
    "AWS/Route53": (
        (
            "DNSQueries",
            "HostedZoneId",
        ),
        (
            "ChildHealthCheckHealthyCount ConnectionTime HealthCheckPercentageHealthy HealthCheckStatus "
            "SSLHandshakeTime TimeToFirstByte",
            "HealthCheckId | Region | HealthCheckId, Region",
        ),
    ),
    "AWS/WAFV2": (
        (
            "AllowedRequests BlockedRequests CaptchaRequests CaptchasAttempted CaptchasSolved ChallengeRequests "
            "CountedRequests PassedRequests RequestsWithValidCaptchaToken RequestsWithValidChallengeToken",
            "Rule, WebACL | Region, Rule, WebACL | Rule, RuleGroup | Region, Rule, RuleGroup",
        ),
    ),
    "AWS/CertificateManager": (
        (
            "DaysToExpiry",
            "CertificateArn",
        ),
    ),
    "AWS/Lambda": (
        (
            "Invocations Errors Duration Throttles ConcurrentExecutions DeadLetterErrors AsyncEventAge "
            "AsyncEventsDropped AsyncEventsReceived DestinationDeliveryFailures IteratorAge "
            "PostRuntimeExtensionsDuration ProvisionedConcurrencyInvocations "
            "ProvisionedConcurrencySpilloverInvocations ProvisionedConcurrencyUtilization "
            "ProvisionedConcurrentExecutions RecursiveInvocationsDropped",
            "FunctionName | FunctionName, Resource | ExecutedVersion, FunctionName | ExecutedVersion, "
            "FunctionName, Resource | Resource | -",
        ),
        (
            "UnreservedConcurrentExecutions ClaimedAccountConcurrency",
            "-",
        ),
        (
            "DeletedEventCount DroppedEventCount FailedInvokeEventCount FilteredOutEventCount InvokedEventCount "
            "OffsetLag OnFailureDestinationDeliveredEventCount OversizedRecordCount PolledEventCount "
            "ProvisionedPollers",
            "?",
        ),
    ),
    "AWS/SQS": (
        (
            "ApproximateAgeOfOldestMessage ApproximateNumberOfGroupsWithInflightMessages "
            "ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible "
            "ApproximateNumberOfMessagesVisible NumberOfDeduplicatedSentMessages NumberOfEmptyReceives "
            "NumberOfMessagesDeleted NumberOfMessagesReceived NumberOfMessagesSent SentMessageSize",
            "QueueName",
        ),
    ),
    "AWS/SNS": (
        (
            "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed "
            "NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-InvalidAttributes "
            "NumberOfNotificationsFilteredOut-MessageBody NumberOfNotificationsFilteredOut-NoMessageAttributes "
            "PublishSize",
            "TopicName | -",
        ),
        (
            "SMSMonthToDateSpentUSD SMSSuccessRate",
            "?",
        ),
    ),
    "AWS/EFS": (
        (
            "StorageBytes",
            "FileSystemId, StorageClass",
        ),
        (
            "TimeSinceLastSync",
            "?",
        ),
        (
            "BurstCreditBalance ClientConnections DataReadIOBytes DataWriteIOBytes MetadataIOBytes "
            "MetadataReadIOBytes MetadataWriteIOBytes MeteredIOBytes PercentIOLimit PermittedThroughput "
            "TotalIOBytes",
            "FileSystemId",
        ),
    ),
    "AWS/NATGateway": (
        (
            "ActiveConnectionCount BytesInFromDestination BytesInFromSource BytesOutToDestination BytesOutToSource "
            "ConnectionAttemptCount ConnectionEstablishedCount ErrorPortAllocation IdleTimeoutCount "
            "PacketsDropCount PacketsInFromDestination PacketsInFromSource PacketsOutToDestination "
            "PacketsOutToSource",
            "NatGatewayId",
        ),
    ),
    "AWS/Firehose": (
        (
            "ActivePartitionsLimit BackupToS3.Bytes BackupToS3.DataFreshness BackupToS3.Records BackupToS3.Success "
            "BytesPerSecondLimit DataReadFromKinesisStream.Bytes DataReadFromKinesisStream.Records "
            "DataReadFromSource.Backpressured DataReadFromSource.Bytes DataReadFromSource.Records "
            "DeliveryToAmazonOpenSearchServerless.AuthFailure DeliveryToAmazonOpenSearchServerless.Bytes "
            "DeliveryToAmazonOpenSearchServerless.DataFreshness "
            "DeliveryToAmazonOpenSearchServerless.DeliveryRejected DeliveryToAmazonOpenSearchServerless.Records "
            "DeliveryToAmazonOpenSearchServerless.Success DeliveryToAmazonOpenSearchService.AuthFailure "
            "DeliveryToAmazonOpenSearchService.Bytes DeliveryToAmazonOpenSearchService.DataFreshness "
            "DeliveryToAmazonOpenSearchService.DeliveryRejected DeliveryToAmazonOpenSearchService.Records "
            "DeliveryToAmazonOpenSearchService.Success DeliveryToElasticsearch.Bytes "
            "DeliveryToElasticsearch.Records DeliveryToElasticsearch.Success DeliveryToHttpEndpoint.Bytes "
            "DeliveryToHttpEndpoint.DataFreshness DeliveryToHttpEndpoint.ProcessedBytes "
            "DeliveryToHttpEndpoint.ProcessedRecords DeliveryToHttpEndpoint.Records DeliveryToHttpEndpoint.Success "
            "DeliveryToRedshift.Bytes DeliveryToRedshift.Records DeliveryToRedshift.Success DeliveryToS3.Bytes "
            "DeliveryToS3.DataFreshness DeliveryToS3.ObjectCount DeliveryToS3.Records DeliveryToS3.Success "
            "DeliveryToSnowflake.Bytes DeliveryToSnowflake.DataCommitLatency DeliveryToSnowflake.DataFreshness "
            "DeliveryToSnowflake.Records DeliveryToSnowflake.Success DeliveryToSplunk.Bytes "
            "DeliveryToSplunk.DataAckLatency DeliveryToSplunk.DataFreshness DeliveryToSplunk.Records "
            "DeliveryToSplunk.Success DescribeDeliveryStream.Latency DescribeDeliveryStream.Requests "
            "ExecuteProcessing.Duration ExecuteProcessing.Success FailedConversion.Bytes FailedConversion.Records "
            "FailedValidation.Bytes FailedValidation.Records IncomingBytes IncomingPutRequests IncomingRecords "
            "JQProcessing.Duration KMSKeyAccessDenied KMSKeyDisabled KMSKeyInvalidState KMSKeyNotFound "
            "KinesisMillisBehindLatest ListDeliveryStreams.Latency ListDeliveryStreams.Requests "
            "OutputDecompressedBytes.Failed OutputDecompressedBytes.Success OutputDecompressedRecords.Failed "
            "OutputDecompressedRecords.Success PartitionCount PartitionCountExceeded PerPartitionThroughput "
            "PutRecord.Bytes PutRecord.Latency PutRecord.Requests PutRecordBatch.Bytes PutRecordBatch.Latency "
            "PutRecordBatch.Records PutRecordBatch.Requests PutRequestsPerSecondLimit RecordsPerSecondLimit "
            "SucceedConversion.Bytes SucceedConversion.Records SucceedProcessing.Bytes SucceedProcessing.Records "
            "ThrottledDescribeStream ThrottledGetRecords ThrottledGetShardIterator ThrottledRecords "
            "UpdateDeliveryStream.Latency UpdateDeliveryStream.Requests",
            "DeliveryStreamName",
        ),
        (
            "ResourceCount KafkaOffsetLag SourceThrottled.Delay",
            "?",
        ),
    ),
    "AWS/AutoScaling": (
        (
            "GroupAndWarmPoolDesiredCapacity GroupAndWarmPoolTotalCapacity GroupDesiredCapacity "
            "GroupInServiceCapacity GroupInServiceInstances GroupMaxSize GroupMinSize GroupPendingCapacity "
            "GroupPendingInstances GroupStandbyCapacity GroupStandbyInstances GroupTerminatingCapacity "
            "GroupTerminatingInstances GroupTotalCapacity GroupTotalInstances WarmPoolDesiredCapacity "
            "WarmPoolMinSize WarmPoolPendingCapacity WarmPoolTerminatingCapacity WarmPoolTotalCapacity "
            "WarmPoolWarmedCapacity",
            "AutoScalingGroupName",
        ),
        (
            "PredictiveScalingCapacityForecast PredictiveScalingLoadForecast PredictiveScalingMetricPairCorrelation",
            "?",
        ),
    ),
    "AWS/EBS": (
        (
            "BurstBalance VolumeAvgReadLatency VolumeAvgWriteLatency VolumeConsumedReadWriteOps "
            "VolumeIOPSExceededCheck VolumeIdleTime VolumeQueueLength VolumeReadBytes VolumeReadOps "
            "VolumeStalledIOCheck VolumeThroughputExceededCheck VolumeThroughputPercentage VolumeTotalReadTime "
            "VolumeTotalWriteTime VolumeWriteBytes VolumeWriteOps",
            "VolumeId | InstanceId, VolumeId",
        ),
        (
            "EBSByteBalance% EBSIOBalance% EBSReadBytes EBSReadOps EBSWriteBytes EBSWriteOps "
            "EnableCopiedImageDeprecationCompleted EnableCopiedImageDeprecationFailed "
            "EnableImageDeprecationCompleted EnableImageDeprecationFailed FastSnapshotRestoreCreditsBalance "
            "FastSnapshotRestoreCreditsBucketSize ImagesCopiedRegionCompleted "
            "ImagesCopiedRegionDeregisterCompleted ImagesCopiedRegionDeregisteredFailed ImagesCopiedRegionFailed "
            "ImagesCopiedRegionStarted ImagesCreateCompleted ImagesCreateFailed ImagesCreateStarted "
            "ImagesDeregisterCompleted ImagesDeregisterFailed ResourcesTargeted SnapshotCopyBytesTransferred "
            "SnapshotsCopiedAccountCompleted SnapshotsCopiedAccountDeleteCompleted "
            "SnapshotsCopiedAccountDeleteFailed SnapshotsCopiedAccountFailed SnapshotsCopiedAccountStarted "
            "SnapshotsCopiedRegionCompleted SnapshotsCopiedRegionDeleteCompleted SnapshotsCopiedRegionDeleteFailed "
            "SnapshotsCopiedRegionFailed SnapshotsCopiedRegionStarted SnapshotsCreateCompleted "
            "SnapshotsCreateFailed SnapshotsCreateStarted SnapshotsDeleteCompleted SnapshotsDeleteFailed "
            "SnapshotsSharedCompleted",
            "?",
        ),
    ),
    "ContainerInsights": (
        (
            "container_cpu_utilization container_cpu_utilization_over_container_limit container_cpu_limit "
            "container_cpu_request container_memory_utilization container_memory_utilization_over_container_limit "
            "container_memory_failures_total container_memory_limit container_memory_request "
            "container_filesystem_usage container_filesystem_available container_filesystem_utilization",
            "ClusterName | ContainerName, FullPodName, PodName, Namespace, ClusterName | ContainerName, PodName, "
            "Namespace, ClusterName",
        ),
        (
            "pod_cpu_utilization pod_memory_utilization pod_network_rx_bytes pod_network_tx_bytes "
            "pod_cpu_utilization_over_pod_limit pod_memory_utilization_over_pod_limit",
            "ClusterName | PodName, Namespace, ClusterName | Service, Namespace, ClusterName | Namespace, "
            "ClusterName | FullPodName, PodName, Namespace, ClusterName",
        ),
        (
            "pod_cpu_reserved_capacity pod_memory_reserved_capacity pod_number_of_container_restarts "
            "pod_number_of_containers pod_number_of_running_containers pod_status_ready pod_status_scheduled "
            "pod_status_running pod_status_pending pod_status_failed pod_status_unknown pod_status_succeeded "
            "pod_memory_request pod_memory_limit pod_cpu_limit pod_cpu_request pod_container_status_running "
            "pod_container_status_terminated pod_container_status_waiting "
            "pod_container_status_waiting_reason_crash_loop_back_off "
            "pod_container_status_waiting_reason_image_pull_error pod_container_status_waiting_reason_start_error "
            "pod_container_status_waiting_reason_create_container_error "
            "pod_container_status_waiting_reason_create_container_config_error "
            "pod_container_status_terminated_reason_oom_killed",
            "ClusterName | PodName, Namespace, ClusterName | FullPodName, PodName, Namespace, ClusterName | "
            "Service, Namespace, ClusterName",
        ),
        (
            "pod_interface_network_rx_dropped pod_interface_network_tx_dropped",
            "ClusterName | Namespace, ClusterName | PodName, Namespace, ClusterName | FullPodName, PodName, "
            "Namespace, ClusterName",
        ),
        (
            "node_cpu_utilization node_memory_utilization node_network_total_bytes node_cpu_reserved_capacity "
            "node_memory_reserved_capacity node_number_of_running_pods node_number_of_running_containers "
            "node_cpu_usage_total node_cpu_limit node_memory_working_set node_memory_limit "
            "node_status_condition_ready node_status_condition_disk_pressure node_status_condition_memory_pressure "
            "node_status_condition_pid_pressure node_status_condition_network_unavailable "
            "node_status_condition_unknown node_status_capacity_pods node_status_allocatable_pods "
            "node_interface_network_rx_dropped node_interface_network_tx_dropped "
            "node_diskio_io_service_bytes_total node_diskio_io_serviced_total node_filesystem_utilization "
            "node_filesystem_inodes node_filesystem_inodes_free",
            "ClusterName | NodeName, InstanceId, ClusterName",
        ),
        (
            "service_number_of_running_pods",
            "ClusterName | Service, Namespace, ClusterName",
        ),
        (
            "replicas_desired replicas_ready status_replicas_available status_replicas_unavailable "
            "daemonset_status_number_available daemonset_status_number_unavailable",
            "ClusterName | PodName, Namespace, ClusterName",
        ),
        (
            "namespace_number_of_running_pods",
            "ClusterName | Namespace, ClusterName",
        ),
        (
            "cluster_node_count cluster_failed_node_count cluster_number_of_running_pods",
            "ClusterName",
        ),
    ),
}
