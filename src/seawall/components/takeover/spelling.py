"""How boto3, IAM and Step Functions spell the same call.

Step Functions names parameters and members of answers as AWS's SDK for Java does, whatever the API's own spelling:
``DBClusterArn`` is ``DbClusterArn``, ``clusterName`` is ``ClusterName``.  Source: AWS Step Functions Developer Guide,
"Learning to use AWS service SDK integrations" and "Passing parameters to a service API", read 2026-11-22.
"""

from __future__ import annotations

import re
from typing import Any

_ACRONYMS = {"db": "DB"}
"""Words that the operations' own names write in capitals."""
_ARN_SERVICES = {"elbv2": "elasticloadbalancingv2"}
_IAM_SERVICES = {"elbv2": "elasticloadbalancing"}
_CAPITALS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])")

GLOBAL = frozenset({"route53"})
"""Services with one endpoint for all regions."""


def api_name(operation: str) -> str:
    """The operation's own name: ``describe_db_clusters`` is ``DescribeDBClusters``."""
    return "".join(_ACRONYMS.get(word, word[:1].upper() + word[1:]) for word in operation.split("_"))


def resource(service: str, operation: str) -> str:
    """The call as a state names it: ``arn:aws:states:::aws-sdk:rds:failoverGlobalCluster``."""
    name = api_name(operation)
    return f"arn:aws:states:::aws-sdk:{_ARN_SERVICES.get(service, service)}:{name[:1].lower()}{name[1:]}"


def permission(service: str, operation: str) -> str:
    """The call as IAM names it: ``rds:FailoverGlobalCluster``."""
    return f"{_IAM_SERVICES.get(service, service)}:{api_name(operation)}"


def member(name: str) -> str:
    """A parameter's or member's name as Step Functions has it."""
    spelt = _CAPITALS.sub(lambda match: match[0].capitalize(), name)
    return spelt[:1].upper() + spelt[1:]


def members(value: Any) -> Any:
    """Parameters with every name in them spelt so; mappings within are taken for structures, never for maps."""
    if isinstance(value, dict):
        return {member(name): members(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [members(inner) for inner in value]
    return value
