"""Step Functions: moto neither validates a definition nor lists the versions of a state machine.

Seen from the provider: aws_sfn_state_machine ends in a 500 before it is made, and again when it is read.
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import add_operations


def apply() -> None:
    """Check that a definition is JSON with states, and say that there are no versions, which moto never makes."""
    from moto.core.responses import ActionResult
    from moto.stepfunctions.responses import StepFunctionResponse

    def validate_state_machine_definition(response: Any) -> Any:
        trouble = _trouble(response._get_param("definition"))
        diagnostics = [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": trouble}] if trouble else []
        return ActionResult({"result": "FAIL" if trouble else "OK", "diagnostics": diagnostics, "truncated": False})

    def list_state_machine_versions(response: Any) -> str:
        return json.dumps({"stateMachineVersions": []})

    add_operations(StepFunctionResponse, validate_state_machine_definition, list_state_machine_versions)


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
