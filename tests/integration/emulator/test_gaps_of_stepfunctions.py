"""Each test here passes with the patch of Step Functions and fails on plain moto."""

from __future__ import annotations

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
