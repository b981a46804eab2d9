"""Step Functions: moto neither validates a definition nor lists versions, runs no machine, and misspells calls.

Seen from the provider: aws_sfn_state_machine ends in a 500 before it is made, and again when it is read.  Seen from
whoever starts an execution: it ends before it began.  moto has an interpreter of the States Language, which calls other
services of the emulator; of the calls of AWS's SDK it takes the names that boto3 has, and AWS those of its Java.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, around


def apply() -> None:
    """Check that a definition is JSON with states, say that there are no versions, and run machines."""
    _definitions()
    _executions()


def _definitions() -> None:
    from moto.core.responses import ActionResult
    from moto.stepfunctions.responses import StepFunctionResponse

    def validate_state_machine_definition(response: Any) -> Any:
        trouble = _trouble(response._get_param("definition"))
        diagnostics = [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": trouble}] if trouble else []
        return ActionResult({"result": "FAIL" if trouble else "OK", "diagnostics": diagnostics, "truncated": False})

    def list_state_machine_versions(response: Any) -> str:
        return json.dumps({"stateMachineVersions": []})

    add_operations(StepFunctionResponse, validate_state_machine_definition, list_state_machine_versions)


def _executions() -> None:
    from moto.core.config import default_user_config
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
        StateTaskServiceAwsSdk,
    )

    default_user_config["stepfunctions"]["execute_state_machine"] = True

    @around(StateTaskServiceAwsSdk, "_normalise_parameters")
    def _normalise_parameters(original: Any, task: Any, parameters: dict[str, Any], *args: Any) -> None:
        spelt = _as_boto3(parameters, _operation(task.resource.api_name, task.resource.api_action).input_shape)
        parameters.clear()
        parameters.update(spelt)

    @around(StateTaskServiceAwsSdk, "_normalise_response")
    def _normalise_response(original: Any, task: Any, answer: Any, *args: Any) -> None:
        if isinstance(answer, dict):
            spelt = _as_java(answer, _operation(task.resource.api_name, task.resource.api_action).output_shape)
            answer.clear()
            answer.update(spelt)


@cache
def _operation(service: str, action: str) -> Any:
    """Botocore's model of an operation by the name that a state gives it: ``rds``, ``describeDBClusters``."""
    import botocore.session

    model = botocore.session.get_session().get_service_model(_SERVICES.get(service, service))
    return model.operation_model(action[:1].upper() + action[1:])


_SERVICES = {"cloudwatchlogs": "logs", "elasticloadbalancingv2": "elbv2", "sfn": "stepfunctions"}


def _as_boto3(value: Any, shape: Any) -> Any:
    """Parameters with their names as boto3 has them. Raises ValueError for one that the operation does not have."""
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict):
        names = {_java(name): name for name in shape.members}
        for name in value:
            if name not in names:
                raise ValueError(f"The field {name!r} is not supported by Step Functions: {shape.name} has none.")
        return {names[name]: _as_boto3(inner, shape.members[names[name]]) for name, inner in value.items()}
    if shape is not None and shape.type_name == "list" and isinstance(value, list):
        return [_as_boto3(inner, shape.member) for inner in value]
    return value


def _as_java(value: Any, shape: Any) -> Any:
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict):
        return {_java(name): _as_java(inner, shape.members.get(name)) for name, inner in value.items()}
    if shape is not None and shape.type_name == "list" and isinstance(value, list):
        return [_as_java(inner, shape.member) for inner in value]
    return value


_CAPITALS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])")


def _java(name: str) -> str:
    """A member's name as AWS's SDK for Java has it, its first letter large: DBClusterArn is DbClusterArn."""
    spelt = _CAPITALS.sub(lambda match: match[0].capitalize(), name)
    return spelt[:1].upper() + spelt[1:]


def _trouble(definition: str) -> str | None:
    """Return what is wrong with a definition; no more than its frame is checked (Amazon States Language)."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return f"not JSON: {error}"
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or not states:
        return "States is missing"
    if machine.get("StartAt") not in states:
        return "StartAt names no state"
    return None
