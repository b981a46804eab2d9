"""External Secrets: Secrets of a cluster from Secrets Manager and Parameter Store.

Read in external-secrets/external-secrets at cc5bfbc2234a: docs/provider/aws-secrets-manager.md and
aws-parameter-store.md for what is published, providers/v1/aws for what is called when: one secret is read by
GetSecretValue alone, its tags too where metadata is asked for, and those found by a pattern by BatchGetSecretValue and
ListSecrets.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need, each

_MANAGED: Final = (("secretsmanager:resourcetag/managed-by", ("external-secrets",)),)

CONTROLLER = Controller(
    name="external-secrets",
    version="2.9.0",
    source="https://github.com/external-secrets/external-secrets/blob/cc5bfbc2234a/docs/provider/aws-secrets-manager.md",
    read="2026-11-22",
    images=("external-secrets/external-secrets",),
    charts=("external-secrets",),
    account="external-secrets",
    namespace="external-secrets",
    needs=(
        Need(("secretsmanager:GetSecretValue",), ("{secret}",)),
        Need(("secretsmanager:DescribeSecret",), ("{secret-with-tags}",)),
        Need(each("secretsmanager", "BatchGetSecretValue", "ListSecrets"), when="finds-secrets"),
        Need(each("ssm", "GetParameter"), ("{parameter}",)),
        Need(each("ssm", "DescribeParameters"), when="finds-parameters"),
        Need(
            each("ssm", "GetParametersByPath"), ("arn:{partition}:ssm:{region}:{account}:parameter/*",),
            when="finds-parameters",
        ),
        Need(("kms:Decrypt",), ("{secret-key}",), (("kms:viaservice", ("secretsmanager.{region}.amazonaws.com",)),)),
        Need(
            each(
                "secretsmanager", "CreateSecret", "DeleteResourcePolicy", "DescribeSecret", "GetResourcePolicy",
                "GetSecretValue", "PutResourcePolicy", "PutSecretValue", "RemoveRegionsFromReplication",
                "ReplicateSecretToRegions", "TagResource",
            ),
            ("{pushed-secret}",),
        ),
        Need(("secretsmanager:DeleteSecret",), ("{pushed-secret}",), _MANAGED),
        Need(("sts:AssumeRole",), ("{role}",)),
    ),
    unused=("secretsmanager:ListSecretVersionIds",),
)  # fmt: skip
