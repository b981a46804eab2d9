"""The tables of operations hold what the reference knows, and nothing that it would derive by itself."""

from __future__ import annotations

import pytest

from seawall.knowledge import authorization, sdk_operations

LISTED = [
    (service, operation, name, bound)
    for service, operations in sdk_operations.OPERATIONS.items()
    for operation, actions in operations.items()
    for name, bound in actions
]


def test_every_action_that_is_listed_exists() -> None:
    """A misspelt action would be a demand that nobody can meet."""
    extra = [name for actions in sdk_operations.EXTRA.values() for name, _ in actions]
    named = {name for _, _, name, _ in LISTED} | set(extra) | set(sdk_operations.MEANT) | sdk_operations.NAMESPACED
    assert not [name for name in sorted(named) if not authorization.exists(name)]


def test_every_operation_that_is_listed_is_spelled_as_it_is_looked_up() -> None:
    """A name with a capital or an underscore would never be found."""
    listed = {operation for _, operation, _, _ in LISTED}
    assert all(operation == sdk_operations.spelled(operation) for operation in listed)


def test_every_prefix_and_variable_exists() -> None:
    """A prefix is one of IAM's, and a variable stands in an ARN of its service."""
    assert set(sdk_operations.PREFIXES.values()) <= authorization.services()
    assert not [name for name, prefix in sdk_operations.PREFIXES.items() if name == prefix]
    for service, variables in sdk_operations.VARIABLES.items():
        known = {name for kind in authorization.resource_types(service) for name in authorization.variables(kind.arn)}
        assert set(variables) <= known, service


def test_no_operation_is_listed_that_is_called_like_its_action() -> None:
    """The tables say where the two differ; a line that says they are alike is noise."""
    alike = [
        (service, operation)
        for service, operation, name, bound in LISTED
        if len(sdk_operations.OPERATIONS[service][operation]) == 1
        and not bound
        and name.lower() == f"{sdk_operations.prefix(service)}:{operation}"
    ]
    assert not alike


@pytest.mark.parametrize(
    ("service", "path", "kept"),
    [
        ("s3", "Bucket", True),
        ("s3", "CopySource.Key", True),
        ("s3", "Body", False),
        ("sqs", "QueueUrl", True),
        ("sqs", "MessageBody", False),
        ("dynamodb", "TableName", True),
        ("dynamodb", "Item", False),
        ("secretsmanager", "SecretString", False),
        ("stepfunctions", "stateMachineArn", True),
        ("cloudwatch", "Namespace", True),
        ("eks", "clusterName", True),
    ],
)
def test_which_arguments_name_something(service: str, path: str, kept: bool) -> None:
    """What names a resource is kept of a call; what is sent is not."""
    assert (path in sdk_operations.naming(service)) is kept
