"""Each test here passes with the patch of Step Functions and fails on plain moto."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]

MACHINE = '{"StartAt": "One", "States": {"One": {"Type": "Succeed"}}}'
STARTS_NOWHERE = '{"StartAt": "Two", "States": {"One": {"Type": "Succeed"}}}'


@pytest.mark.parametrize(
    ("definition", "result"),
    [
        (MACHINE, "OK"),
        ("no json", "FAIL"),
        ("{}", "FAIL"),
        (MACHINE.replace('"StartAt": "One"', '"StartAt": "Two"'), "FAIL"),
    ],
)
def test_a_definition_is_validated(aws: Clients, definition: str, result: str) -> None:
    """A definition that is no state machine is refused before it is made."""
    assert aws("stepfunctions").validate_state_machine_definition(definition=definition)["result"] == result


def test_versions_can_be_asked_for(aws: Clients) -> None:
    """A state machine without versions says so."""
    machines = aws("stepfunctions")
    made = machines.create_state_machine(
        name=f"m-{uuid.uuid4().hex[:8]}", definition=MACHINE, roleArn="arn:aws:iam::123456789012:role/machine"
    )
    assert machines.list_state_machine_versions(stateMachineArn=made["stateMachineArn"])["stateMachineVersions"] == []


def test_a_machine_runs_and_calls_other_services(aws: Clients) -> None:
    """A state calls the SDK as AWS spells it, what it finds is handed on, and a name of the API's own is refused."""
    rds, machines = aws("rds"), aws("stepfunctions")
    cluster = f"c-{uuid.uuid4().hex[:8]}"
    rds.create_db_cluster(
        DBClusterIdentifier=cluster, Engine="aurora-mysql", MasterUsername="a", ManageMasterUserPassword=True
    )

    def ended(parameter: str) -> dict[str, Any]:
        asking = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:rds:describeDBClusters",
            "Parameters": {parameter: cluster},
            "ResultSelector": {"found.$": "$.DbClusters[*].DbClusterArn"},
            "End": True,
        }
        made = machines.create_state_machine(
            name=f"m-{uuid.uuid4().hex[:8]}",
            definition=json.dumps({"StartAt": "Ask", "States": {"Ask": asking}}),
            roleArn="arn:aws:iam::123456789012:role/machine",
        )
        execution = machines.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
        for _ in range(200):
            found: dict[str, Any] = machines.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                break
            time.sleep(0.05)
        return found

    found = ended("DbClusterIdentifier")
    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["found"][0].endswith(f":cluster:{cluster}")
    assert ended("DBClusterIdentifier")["status"] == "FAILED"
