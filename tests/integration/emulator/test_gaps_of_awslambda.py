"""Each test here passes with the patch of Lambda and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


@pytest.fixture
def role(aws: Clients) -> str:
    """The ARN of a role that Lambda may take."""
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    )
    name = f"r-{uuid.uuid4().hex[:8]}"
    return aws("iam", "us-east-1").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def test_a_function_keeps_its_dead_letter_queue(aws: Clients, role: str) -> None:
    """The dead-letter queue of a function is answered as made, and as changed."""
    functions, name = aws("lambda"), f"f-{uuid.uuid4().hex[:8]}"
    queue = "arn:aws:sqs:ap-northeast-2:123456789012:dead"
    functions.create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.13",
        Handler="main.handler",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        DeadLetterConfig={"TargetArn": queue},
    )
    assert functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == {"TargetArn": queue}
    functions.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": f"{queue}2"})
    assert functions.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == {"TargetArn": f"{queue}2"}


def test_a_function_keeps_where_it_logs(aws: Clients, role: str) -> None:
    """Format and group of a function's log are answered as made and as changed; without any they are AWS's own."""
    functions, name = aws("lambda"), f"f-{uuid.uuid4().hex[:8]}"
    made = {
        "Role": role,
        "Runtime": "python3.13",
        "Handler": "main.handler",
        "Code": {"ZipFile": b"PK\x05\x06" + bytes(18)},
    }

    def logging(function: str) -> dict[str, Any]:
        answer: dict[str, Any] = functions.get_function_configuration(FunctionName=function)
        found: dict[str, Any] = answer["LoggingConfig"]
        return found

    wanted = {"LogFormat": "JSON", "LogGroup": "/mine"}
    functions.create_function(FunctionName=name, LoggingConfig=wanted, **made)
    assert logging(name) == wanted
    functions.update_function_configuration(FunctionName=name, LoggingConfig={"LogFormat": "Text", "LogGroup": "/its"})
    assert logging(name) == {"LogFormat": "Text", "LogGroup": "/its"}
    functions.create_function(FunctionName=f"{name}-2", **made)
    assert logging(f"{name}-2") == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}-2"}
