"""Plays a state machine with moto's interpreter of the States Language, against services that a test makes up.

Every call is held against botocore's models: a parameter that the operation does not have, in the spelling of Step
Functions, fails there as it would on AWS. Nobody really waits.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from seawall.components.takeover.spelling import member

REGION = "ap-northeast-1"
Answers = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""What the services answer: (service, operation in snake case, parameters as boto3 spells them) -> the answer."""


class Refused(Exception):
    """A service's refusal of a call."""


@dataclass(frozen=True)
class Played:
    """How an execution ended: SUCCEEDED, FAILED or KILLED, and with which error."""

    status: str
    error: str
    cause: str


@cache
def model(service: str) -> Any:
    """Botocore's model of a service."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def operation(service: str, method: str) -> Any:
    """An operation by its method's name, exactly as a state names it: ``describeDBClusters``."""
    return model(service).operation_model(method[:1].upper() + method[1:])


def as_boto3(value: Any, shape: Any) -> Any:
    """Parameters as boto3 spells them; ValueError for a name that Step Functions would not know."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names = {member(name): name for name in shape.members}
        if unknown := value.keys() - names.keys():
            raise ValueError(f"{shape.name} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(names))}")
        return {names[name]: as_boto3(inner, shape.members[names[name]]) for name, inner in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [as_boto3(inner, shape.member) for inner in value]
    return value


def as_step_functions(value: Any, shape: Any) -> Any:
    """An answer as Step Functions spells it; ValueError for a member that the operation does not answer."""
    if shape is not None and shape.type_name == "structure" and isinstance(value, Mapping):
        if unknown := value.keys() - shape.members.keys():
            raise ValueError(f"{shape.name} has no {', '.join(sorted(unknown))}")
        return {member(name): as_step_functions(inner, shape.members[name]) for name, inner in value.items()}
    if shape is not None and shape.type_name == "list" and isinstance(value, list):
        return [as_step_functions(inner, shape.member) for inner in value]
    return value


class Machines:
    """Plays definitions; ``answers`` is asked for every call, ``told`` takes what is published and may answer it."""

    def __init__(self, monkeypatch: Any, region: str = REGION) -> None:
        from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
        from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
            state_task_service_aws_sdk,
            state_task_service_sns,
        )
        from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
        from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
        from moto.stepfunctions.parser.models import StepFunctionsParserBackend

        # It tells of every failure at length, and failures are what is played.
        logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
        self.region = region
        self._backend: Any = StepFunctionsParserBackend(region, "123456789012")
        self._answers: Answers = lambda *_: {}
        self._told: Callable[[dict[str, Any]], None] = lambda _: None
        self.waited: list[float] = []
        quick = SimpleNamespace(sleep=self.waited.append, time=time.time)
        monkeypatch.setattr(retrier_decl, "time", quick)
        monkeypatch.setattr(
            wait_function.WaitFunction, "_wait_interval", lambda _, env, wait_seconds: self.waited.append(wait_seconds)
        )
        # Reading a definition takes the interpreter a second; the same one is read once.
        read = AmazonStateLanguageParser.parse
        monkeypatch.setattr(AmazonStateLanguageParser, "parse", staticmethod(lru_cache(maxsize=8)(read)))
        for module in (state_task_service_aws_sdk, state_task_service_sns):
            monkeypatch.setattr(module, "boto_client_for", self._client)

    def play(
        self,
        definition: Mapping[str, Any],
        answers: Answers,
        told: Callable[[dict[str, Any]], None],
        *,
        within: float = 30,
    ) -> Played:
        """Run an execution to its end."""
        self._answers, self._told = answers, told
        self.waited.clear()
        self._killed = threading.Event()
        machine = self._backend.create_state_machine(
            f"machine-{len(self._backend.state_machines)}", json.dumps(definition), "arn:aws:iam::123456789012:role/r"
        )
        self._execution = self._backend.start_execution(machine.arn, execution_input="{}")
        end = time.monotonic() + within
        while (status := self._status()) == "RUNNING":
            if self._killed.is_set():
                return Played("KILLED", "", "")
            assert time.monotonic() < end, "the machine does not come to an end"
            time.sleep(0.002)
        return Played(status, self._execution.error or "", self._execution.cause or "")

    def _status(self) -> str:
        return str(getattr(self._execution.exec_status, "value", "RUNNING"))

    def kill(self) -> None:
        """End the execution that runs, from within one of its calls, which never returns."""
        self._killed.set()
        threading.Event().wait()

    def say(self, token: str, word: bool) -> None:
        """Answer an approval, as soon as it is waited for."""

        def answer() -> None:
            if word:
                self._backend.send_task_success(token, "true")
            else:
                self._backend.send_task_failure(token, "Refused", "somebody said no")

        threading.Timer(0.01, answer).start()

    def _client(self, region: str, service: str, state_credentials: Any = None) -> Any:
        return _Client(self, service)

    def call(self, service: str, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """One call of a state."""
        if service == "sns":
            self._told(parameters)
            return {"MessageId": "1", "ResponseMetadata": {}}
        from botocore import xform_name
        from botocore.exceptions import ClientError
        from botocore.validate import ParamValidator

        found = next(name for name in model(service).operation_names if xform_name(name) == method)
        shapes = model(service).operation_model(found)
        given = as_boto3(parameters, shapes.input_shape)
        report = ParamValidator().validate(given, shapes.input_shape)
        if report.has_errors():
            raise ValueError(report.generate_report())
        try:
            answer = self._answers(service, method, given)
        except Refused as why:
            refused = {"Error": {"Code": "Refused", "Message": str(why)}}
            status = {"ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "1"}}
            raise ClientError({**refused, **status}, found) from None  # type: ignore[typeddict-item]
        return dict(as_step_functions(answer, shapes.output_shape))


class _Client:
    def __init__(self, machines: Machines, service: str) -> None:
        self._machines, self._service = machines, service

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        return lambda **parameters: self._machines.call(self._service, method, parameters)
