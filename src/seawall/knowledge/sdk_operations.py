"""Which IAM actions an operation of the AWS SDKs needs, where the two are not called alike.

Where to look them up: "Required permissions for Amazon S3 API operations" (S3 user guide), the developer guides of
DynamoDB ("API permissions reference"), SQS, SNS, Lambda, Bedrock ("Inference prerequisites"), Cognito and STS, and
boto3's reference for what its own methods call. The tables were not read again page by page; tests hold every action
and ARN in them against the Service Authorization Reference. Operations that are not listed need the action of their
own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

PREFIXES: Final[Mapping[str, str]] = {
    "amp": "aps",
    "apigatewaymanagementapi": "execute-api",
    "apigatewayv2": "apigateway",
    "appconfigdata": "appconfig",
    "bedrock-agent": "bedrock",
    "bedrock-agent-runtime": "bedrock",
    "bedrock-runtime": "bedrock",
    "cloudsearchdomain": "cloudsearch",
    "connectcampaigns": "connect-campaigns",
    "customer-profiles": "profile",
    "docdb": "rds",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "forecastquery": "forecast",
    "iot-data": "iot",
    "iot-jobs-data": "iot",
    "ivs-realtime": "ivs",
    "keyspaces": "cassandra",
    "lex-models": "lex",
    "lex-runtime": "lex",
    "lexv2-models": "lex",
    "lexv2-runtime": "lex",
    "location": "geo",
    "mediastore-data": "mediastore",
    "mturk": "mechanicalturk",
    "neptune": "rds",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "personalize-events": "personalize",
    "personalize-runtime": "personalize",
    "pinpoint": "mobiletargeting",
    "pinpoint-sms-voice-v2": "sms-voice",
    "qldb-session": "qldb",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sagemaker-featurestore-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
}
"""IAM's prefix of a service by the name that boto3 gives it, where they differ."""

NOTHING: Final = frozenset(
    {
        "cognito-identity:getcredentialsforidentity",
        "cognito-identity:getid",
        "cognito-identity:getopenidtoken",
        "cognito-idp:confirmforgotpassword",
        "cognito-idp:confirmsignup",
        "cognito-idp:forgotpassword",
        "cognito-idp:getuser",
        "cognito-idp:globalsignout",
        "cognito-idp:initiateauth",
        "cognito-idp:resendconfirmationcode",
        "cognito-idp:respondtoauthchallenge",
        "cognito-idp:signup",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:getcalleridentity",
        "sts:getsessiontoken",
    }
)
"""Operations that no policy has to allow: anybody may call them, or they carry their own proof."""

Bound = Mapping[str, str]
"""Which argument of an operation names which variable of an ARN, ``{"BucketName": "CopySource.Bucket"}``."""

_ALIKE: Final[Bound] = {}
_COPIED: Final[Bound] = {"BucketName": "CopySource.Bucket", "ObjectName": "CopySource.Key"}


def _item(action: str, kind: str) -> tuple[tuple[str, Bound], ...]:
    return ((action, {"TableName": f"TransactItems.{kind}.TableName"}),)


OPERATIONS: Final[Mapping[str, Mapping[str, tuple[tuple[str, Bound], ...]]]] = {
    "s3": {
        "completemultipartupload": (("s3:PutObject", _ALIKE),),
        "copyobject": (("s3:GetObject", _COPIED), ("s3:PutObject", _ALIKE)),
        "createmultipartupload": (("s3:PutObject", _ALIKE),),
        "deletebucketanalyticsconfiguration": (("s3:PutAnalyticsConfiguration", _ALIKE),),
        "deletebucketcors": (("s3:PutBucketCORS", _ALIKE),),
        "deletebucketencryption": (("s3:PutEncryptionConfiguration", _ALIKE),),
        "deletebucketintelligenttieringconfiguration": (("s3:PutIntelligentTieringConfiguration", _ALIKE),),
        "deletebucketinventoryconfiguration": (("s3:PutInventoryConfiguration", _ALIKE),),
        "deletebucketlifecycle": (("s3:PutLifecycleConfiguration", _ALIKE),),
        "deletebucketmetricsconfiguration": (("s3:PutMetricsConfiguration", _ALIKE),),
        "deletebucketownershipcontrols": (("s3:PutBucketOwnershipControls", _ALIKE),),
        "deletebucketreplication": (("s3:PutReplicationConfiguration", _ALIKE),),
        "deletebuckettagging": (("s3:PutBucketTagging", _ALIKE),),
        "deleteobjects": (("s3:DeleteObject", _ALIKE),),
        "deletepublicaccessblock": (("s3:PutBucketPublicAccessBlock", _ALIKE),),
        "getbucketaccelerateconfiguration": (("s3:GetAccelerateConfiguration", _ALIKE),),
        "getbucketanalyticsconfiguration": (("s3:GetAnalyticsConfiguration", _ALIKE),),
        "getbucketencryption": (("s3:GetEncryptionConfiguration", _ALIKE),),
        "getbucketintelligenttieringconfiguration": (("s3:GetIntelligentTieringConfiguration", _ALIKE),),
        "getbucketinventoryconfiguration": (("s3:GetInventoryConfiguration", _ALIKE),),
        "getbucketlifecycle": (("s3:GetLifecycleConfiguration", _ALIKE),),
        "getbucketlifecycleconfiguration": (("s3:GetLifecycleConfiguration", _ALIKE),),
        "getbucketmetricsconfiguration": (("s3:GetMetricsConfiguration", _ALIKE),),
        "getbucketnotificationconfiguration": (("s3:GetBucketNotification", _ALIKE),),
        "getbucketreplication": (("s3:GetReplicationConfiguration", _ALIKE),),
        "getobjectlockconfiguration": (("s3:GetBucketObjectLockConfiguration", _ALIKE),),
        "getpublicaccessblock": (("s3:GetBucketPublicAccessBlock", _ALIKE),),
        "headbucket": (("s3:ListBucket", _ALIKE),),
        "headobject": (("s3:GetObject", _ALIKE),),
        "listbucketanalyticsconfigurations": (("s3:GetAnalyticsConfiguration", _ALIKE),),
        "listbucketintelligenttieringconfigurations": (("s3:GetIntelligentTieringConfiguration", _ALIKE),),
        "listbucketinventoryconfigurations": (("s3:GetInventoryConfiguration", _ALIKE),),
        "listbucketmetricsconfigurations": (("s3:GetMetricsConfiguration", _ALIKE),),
        "listbuckets": (("s3:ListAllMyBuckets", _ALIKE),),
        "listmultipartuploads": (("s3:ListBucketMultipartUploads", _ALIKE),),
        "listobjects": (("s3:ListBucket", _ALIKE),),
        "listobjectsv2": (("s3:ListBucket", _ALIKE),),
        "listobjectversions": (("s3:ListBucketVersions", _ALIKE),),
        "listparts": (("s3:ListMultipartUploadParts", _ALIKE),),
        "putbucketaccelerateconfiguration": (("s3:PutAccelerateConfiguration", _ALIKE),),
        "putbucketanalyticsconfiguration": (("s3:PutAnalyticsConfiguration", _ALIKE),),
        "putbucketencryption": (("s3:PutEncryptionConfiguration", _ALIKE),),
        "putbucketintelligenttieringconfiguration": (("s3:PutIntelligentTieringConfiguration", _ALIKE),),
        "putbucketinventoryconfiguration": (("s3:PutInventoryConfiguration", _ALIKE),),
        "putbucketlifecycle": (("s3:PutLifecycleConfiguration", _ALIKE),),
        "putbucketlifecycleconfiguration": (("s3:PutLifecycleConfiguration", _ALIKE),),
        "putbucketmetricsconfiguration": (("s3:PutMetricsConfiguration", _ALIKE),),
        "putbucketnotificationconfiguration": (("s3:PutBucketNotification", _ALIKE),),
        "putbucketreplication": (("s3:PutReplicationConfiguration", _ALIKE),),
        "putobjectlockconfiguration": (("s3:PutBucketObjectLockConfiguration", _ALIKE),),
        "putpublicaccessblock": (("s3:PutBucketPublicAccessBlock", _ALIKE),),
        "selectobjectcontent": (("s3:GetObject", _ALIKE),),
        "uploadpart": (("s3:PutObject", _ALIKE),),
        "uploadpartcopy": (("s3:GetObject", _COPIED), ("s3:PutObject", _ALIKE)),
        # Methods of boto3 that are no operations: managed transfers, which send what is large in parts.
        "copy": (("s3:GetObject", _COPIED), ("s3:PutObject", _ALIKE), ("s3:AbortMultipartUpload", _ALIKE)),
        "downloadfile": (("s3:GetObject", _ALIKE),),
        "downloadfileobj": (("s3:GetObject", _ALIKE),),
        "generatepresignedpost": (("s3:PutObject", _ALIKE),),
        "uploadfile": (("s3:PutObject", _ALIKE), ("s3:AbortMultipartUpload", _ALIKE)),
        "uploadfileobj": (("s3:PutObject", _ALIKE), ("s3:AbortMultipartUpload", _ALIKE)),
    },
    "sqs": {
        "changemessagevisibilitybatch": (("sqs:ChangeMessageVisibility", _ALIKE),),
        "deletemessagebatch": (("sqs:DeleteMessage", _ALIKE),),
        "sendmessagebatch": (("sqs:SendMessage", _ALIKE),),
    },
    "sns": {"publishbatch": (("sns:Publish", _ALIKE),)},
    "lambda": {
        "invoke": (("lambda:InvokeFunction", _ALIKE),),
        "invokeasync": (("lambda:InvokeFunction", _ALIKE),),
        "invokewithresponsestream": (("lambda:InvokeFunction", _ALIKE),),
    },
    "bedrock-runtime": {
        "converse": (("bedrock:InvokeModel", _ALIKE),),
        "conversestream": (("bedrock:InvokeModelWithResponseStream", _ALIKE),),
        "startasyncinvoke": (("bedrock:InvokeModel", _ALIKE),),
    },
    "apigatewaymanagementapi": {
        "deleteconnection": (("execute-api:ManageConnections", _ALIKE),),
        "getconnection": (("execute-api:ManageConnections", _ALIKE),),
        "posttoconnection": (("execute-api:ManageConnections", _ALIKE),),
    },
    "budgets": {
        "createbudget": (("budgets:ModifyBudget", _ALIKE),),
        "deletebudget": (("budgets:ModifyBudget", _ALIKE),),
        "describebudget": (("budgets:ViewBudget", _ALIKE),),
        "describebudgets": (("budgets:ViewBudget", _ALIKE),),
        "updatebudget": (("budgets:ModifyBudget", _ALIKE),),
    },
    "rds": {"generatedbauthtoken": (("rds-db:connect", {"DbUserName": "DBUsername"}),)},
    "secretsmanager": {
        "batchgetsecretvalue": (
            ("secretsmanager:BatchGetSecretValue", _ALIKE),
            ("secretsmanager:GetSecretValue", {"SecretId": "SecretIdList"}),
        )
    },
    "iot-data": {"publish": (("iot:Publish", {"TopicName": "topic"}),)},
}
"""By boto3's name of the service and the operation in lower case: the actions, and where their arguments stand."""

EXTRA: Final[Mapping[tuple[str, str], tuple[tuple[str, Bound], ...]]] = {
    ("s3:getobject", "VersionId"): (("s3:GetObjectVersion", _ALIKE),),
    ("s3:headobject", "VersionId"): (("s3:GetObjectVersion", _ALIKE),),
    ("s3:deleteobject", "VersionId"): (("s3:DeleteObjectVersion", _ALIKE),),
    ("s3:deleteobject", "BypassGovernanceRetention"): (("s3:BypassGovernanceRetention", _ALIKE),),
    ("s3:putobject", "ACL"): (("s3:PutObjectAcl", _ALIKE),),
    ("s3:putobject", "Tagging"): (("s3:PutObjectTagging", _ALIKE),),
    ("s3:copyobject", "ACL"): (("s3:PutObjectAcl", _ALIKE),),
    ("s3:copyobject", "Tagging"): (("s3:PutObjectTagging", _ALIKE),),
    ("s3:createmultipartupload", "ACL"): (("s3:PutObjectAcl", _ALIKE),),
    ("s3:createmultipartupload", "Tagging"): (("s3:PutObjectTagging", _ALIKE),),
    ("s3:putobject", "ObjectLockMode"): (("s3:PutObjectRetention", _ALIKE),),
    ("s3:putobject", "ObjectLockLegalHoldStatus"): (("s3:PutObjectLegalHold", _ALIKE),),
    # Each item of a transaction needs what its operation needs by itself. Source: Amazon DynamoDB Developer Guide,
    # "Using IAM with DynamoDB transactions", read 2026-11-22.
    ("dynamodb:transactgetitems", "TransactItems.Get"): _item("dynamodb:GetItem", "Get"),
    ("dynamodb:transactwriteitems", "TransactItems.ConditionCheck"): _item(
        "dynamodb:ConditionCheckItem", "ConditionCheck"
    ),
    ("dynamodb:transactwriteitems", "TransactItems.Put"): _item("dynamodb:PutItem", "Put"),
    ("dynamodb:transactwriteitems", "TransactItems.Update"): _item("dynamodb:UpdateItem", "Update"),
    ("dynamodb:transactwriteitems", "TransactItems.Delete"): _item("dynamodb:DeleteItem", "Delete"),
    ("sqs:createqueue", "tags"): (("sqs:TagQueue", _ALIKE),),
    ("sns:createtopic", "Tags"): (("sns:TagResource", {"TopicName": "Name"}),),
    ("secretsmanager:createsecret", "Tags"): (("secretsmanager:TagResource", {"SecretId": "Name"}),),
    ("ssm:putparameter", "Tags"): (("ssm:AddTagsToResource", _ALIKE),),
    # Whoever hands a role to a service must be allowed to pass it.
    ("lambda:createfunction", "Role"): (("iam:PassRole", {"RoleNameWithPath": "Role"}),),
    ("lambda:updatefunctionconfiguration", "Role"): (("iam:PassRole", {"RoleNameWithPath": "Role"}),),
    ("stepfunctions:createstatemachine", "roleArn"): (("iam:PassRole", {"RoleNameWithPath": "roleArn"}),),
    ("stepfunctions:updatestatemachine", "roleArn"): (("iam:PassRole", {"RoleNameWithPath": "roleArn"}),),
    ("scheduler:createschedule", "Target.RoleArn"): (("iam:PassRole", {"RoleNameWithPath": "Target.RoleArn"}),),
    ("glue:createjob", "Role"): (("iam:PassRole", {"RoleNameWithPath": "Role"}),),
    ("sagemaker:createtrainingjob", "RoleArn"): (("iam:PassRole", {"RoleNameWithPath": "RoleArn"}),),
    ("eks:createcluster", "roleArn"): (("iam:PassRole", {"RoleNameWithPath": "roleArn"}),),
    ("eks:createnodegroup", "nodeRole"): (("iam:PassRole", {"RoleNameWithPath": "nodeRole"}),),
}
"""What an operation needs besides, where an argument is given: by ``service:operation`` and the argument's path."""

ITEMS: Final[Mapping[str, str]] = {
    "dynamodb:transactgetitems": "TransactItems",
    "dynamodb:transactwriteitems": "TransactItems",
}
"""Operations that need what their items say, each a mapping, and the argument that lists these."""

VARIABLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "s3": {"BucketName": ("Bucket",), "ObjectName": ("Key",)},
    "sqs": {"QueueName": ("QueueUrl", "QueueName")},
    "sns": {"TopicName": ("TopicArn", "TargetArn", "Name")},
    "ssm": {"ParameterNameWithoutLeadingSlash": ("Name", "Names", "Path", "ResourceId")},
    "secretsmanager": {"SecretId": ("SecretId", "Name", "SecretIdList")},
    "kms": {"KeyId": ("KeyId", "TargetKeyId"), "Alias": ("AliasName",)},
    "dynamodb": {"TableName": ("TableName", "ResourceArn"), "IndexName": ("IndexName",)},
    "lambda": {"FunctionName": ("FunctionName",), "LayerName": ("LayerName",)},
    "states": {"StateMachineName": ("stateMachineArn",), "ActivityName": ("activityArn",)},
    "logs": {
        "LogGroupName": ("logGroupName", "logGroupNames", "logGroupIdentifier", "logGroupIdentifiers"),
        "LogStreamName": ("logStreamName", "logStreamNames"),
    },
    "events": {"EventBusName": ("EventBusName", "Entries.EventBusName", "Name"), "RuleName": ("Rule", "Name")},
    "kinesis": {"StreamName": ("StreamName", "StreamARN")},
    "firehose": {"DeliveryStreamName": ("DeliveryStreamName",)},
    "cloudwatch": {"AlarmName": ("AlarmNames", "AlarmName"), "DashboardName": ("DashboardName", "DashboardNames")},
    "sts": {"RoleNameWithPath": ("RoleArn",)},
    "iam": {
        "RoleNameWithPath": ("RoleName",),
        "UserNameWithPath": ("UserName",),
        "PolicyNameWithPath": ("PolicyArn",),
        "GroupNameWithPath": ("GroupName",),
    },
    "ecr": {"RepositoryName": ("repositoryName", "repositoryNames")},
    "eks": {"ClusterName": ("clusterName", "name"), "NodegroupName": ("nodegroupName",), "AddonName": ("addonName",)},
    "rds": {
        "DbInstanceName": ("DBInstanceIdentifier",),
        "DbClusterInstanceName": ("DBClusterIdentifier",),
        "SnapshotName": ("DBSnapshotIdentifier",),
        "ClusterSnapshotName": ("DBClusterSnapshotIdentifier",),
    },
    "autoscaling": {"GroupFriendlyName": ("AutoScalingGroupName", "AutoScalingGroupNames")},
    "scheduler": {"GroupName": ("GroupName",), "ScheduleName": ("Name",)},
    "athena": {"WorkGroupName": ("WorkGroup",)},
    "bedrock": {"ResourceId": ("modelId",)},
    "ses": {"IdentityName": ("Source", "FromEmailAddress", "Identity")},
    "ecs": {"ClusterName": ("cluster",), "ServiceName": ("service",)},
    "sagemaker": {"EndpointName": ("EndpointName",)},
}
"""By IAM's prefix and the variable of an ARN: the arguments that name it, where they are not called alike."""

DEFAULTS: Final[Mapping[tuple[str, str], str]] = {
    ("events", "EventBusName"): "default",
    ("scheduler", "GroupName"): "default",
    ("athena", "WorkGroupName"): "primary",
}
"""What a variable of an ARN is where an operation leaves its argument out."""

MEANT: Final[Mapping[str, str]] = {
    "bedrock:InvokeModel": "foundation-model",
    "bedrock:InvokeModelWithResponseStream": "foundation-model",
    "events:PutEvents": "event-bus",
    "logs:PutLogEvents": "log-stream",
    "kms:CreateAlias": "key",
    "ses:SendEmail": "identity",
    "ses:SendRawEmail": "identity",
}
"""The kind of resource that a call is about, where an action may be about several and no argument tells."""

NO_RESOURCE: Final[Mapping[str, str]] = {"sns:Publish": "PhoneNumber"}
"""The argument with which a call is about none of the resources that its action is about otherwise: IAM sees ``*``.

A telephone has no ARN: the only resources of SNS in the Service Authorization Reference are topics.
"""

NAMESPACED: Final = frozenset({"cloudwatch:PutMetricData"})
"""Actions whose call sends the namespace of a metric, the condition key ``cloudwatch:namespace``."""


def prefix(service: str) -> str:
    """IAM's prefix of a service by the name that boto3 gives it."""
    return PREFIXES.get(service, service)


def spelled(operation: str) -> str:
    """An operation's name as the tables have it: ``list_objects_v2`` and ``ListObjectsV2`` are ``listobjectsv2``."""
    return operation.replace("_", "").lower()


@cache
def naming(service: str) -> frozenset[str]:
    """The paths of arguments by which a service's operations name what they are about."""
    from seawall.knowledge import authorization

    iam = prefix(service)
    found = {argument for arguments in VARIABLES.get(iam, {}).values() for argument in arguments}
    for actions in OPERATIONS.get(service, {}).values():
        found.update(path for _, bound in actions for path in bound.values())
    found.update(path for key, path in (*EXTRA, *ITEMS.items()) if key.startswith(f"{service}:"))
    extra = (actions for (key, _), actions in EXTRA.items() if key.startswith(f"{service}:"))
    found.update(path for actions in extra for _, bound in actions for path in bound.values())
    for each in authorization.resource_types(iam):
        for variable in authorization.variables(each.arn):
            found.update((variable, variable[:1].lower() + variable[1:]))
        plain = each.name.replace(" ", "").replace("-", "")
        found.update(f"{name}{ending}" for name in (plain, plain.title()) for ending in ("Arn", "ARN"))
    return frozenset(found | {"Namespace"})
