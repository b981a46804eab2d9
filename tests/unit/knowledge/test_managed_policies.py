"""Managed policies: what is said of them is what AWS's documents say, statement by statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from seawall.knowledge import managed_policies
from seawall.knowledge.managed_policies import document, edition, known

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@cache
def _published() -> dict[str, dict[str, Any]]:
    pytest.importorskip("moto", reason="needs moto: AWS's own documents of managed policies")
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return found


def _triples(policy: Mapping[str, Any]) -> set[tuple[str, str, str, str]]:
    """Every effect, action, resource and condition that a document holds, whichever statement says it."""
    statements = policy["Statement"]
    return {triple for part in _many(statements) for triple in _of(part)}


def _of(part: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    element = "NotAction" if "NotAction" in part else "Action"
    target = "NotResource" if "NotResource" in part else "Resource"
    condition = json.dumps(
        {operator: {key: _many(values) for key, values in keys.items()}
         for operator, keys in part.get("Condition", {}).items()},
        sort_keys=True,
    )  # fmt: skip
    named = [json.dumps(sorted(_many(part[element])))] if element == "NotAction" else _many(part[element])
    for action in named:
        for resource in _many(part[target]):
            yield part["Effect"], f"{element} {action}", f"{target} {resource}", condition


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("arn", known(), ids=lambda arn: str(arn).rpartition("/")[2])
def test_each_document_says_what_aws_says(arn: str) -> None:
    """A managed policy here allows and denies exactly what AWS's document of that version does."""
    published = _published()[arn.rpartition("/")[2]]
    found, told = document(arn), edition(arn)
    assert found is not None
    assert told is not None
    if told.version != published["DefaultVersionId"]:
        pytest.skip(f"needs {arn} {told.version}: the moto that is installed has {published['DefaultVersionId']}")
    assert told.updated == published["UpdateDate"][:10]
    assert _triples(found) == _triples(published["Document"])


def test_those_of_the_platforms_are_known() -> None:
    """Every managed policy that a component attaches has its document here."""
    names = {arn.partition(":policy/")[2] for arn in known()}
    assert {
        "AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKS_CNI_Policy", "service-role/AmazonEBSCSIDriverPolicy", "service-role/AmazonEFSCSIDriverPolicy",
        "service-role/AmazonRDSEnhancedMonitoringRole", "service-role/AWSBackupServiceRolePolicyForBackup",
        "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy", "AWSDenyAll", "AdministratorAccess",
    } <= names  # fmt: skip


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/service-role/AdministratorAccess",
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/../documents/AdministratorAccess",
        "arn:aws:iam::aws:policy/",
        "",
    ],
)
def test_of_others_nothing_is_said(arn: str) -> None:
    """A policy of another path, another account or another name is unknown, not taken for one that is like it."""
    assert document(arn) is None
    assert edition(arn) is None


def test_administrators_may_do_everything() -> None:
    """The one action that has no service is spelled as IAM spells it, in each partition."""
    wanted = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    for arn in (ADMINISTRATOR, ADMINISTRATOR.replace("arn:aws:", "arn:aws-cn:")):
        assert managed_policies.document(arn) == {"Version": "2012-10-17", "Statement": [wanted]}
