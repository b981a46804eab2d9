"""Folders of source code as resources, and what iam-policy-autopilot answers of other languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import seawall.lambdas
from seawall.facts.application import environment_hole
from seawall.ingest import autopilot
from seawall.ingest.autopilot import found
from seawall.ingest.code import MAX_BYTES, code
from seawall.kernel.errors import InputError
from seawall.kernel.value import Unknown
from seawall.knowledge.sdk_operations import naming

CALL = "import boto3\nboto3.client('s3').list_buckets()\n"
JAVA = """import software.amazon.awssdk.services.sqs.SqsClient;
public class A {
  void send(SqsClient sqs, String text) {
    sqs.sendMessage(m -> m.queueUrl(System.getenv("QUEUE")).messageBody("hunter2"));
  }
}
"""


def keeps(service: str, path: str) -> bool:
    """As the code is read in earnest."""
    return path in naming(service)


def test_tests_and_other_peoples_code_are_left_out(tmp_path: Path) -> None:
    """What a workload runs is read; its tests, its packages and what is hidden are not."""
    for name in ("app.py", "tests/a.py", "test_a.py", "a_test.py", "conftest.py", "vendor/b.py", ".venv/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CALL)
    (resource,) = code({"shop": tmp_path})
    assert [call["where"] for call in resource.body["calls"]] == ["app.py:2"]
    assert resource.body["workload"] == "shop"


def test_what_our_own_functions_call_is_found() -> None:
    """The function that restricts a spent budget is read like anybody's; its clients come from a helper."""
    folder = Path(seawall.lambdas.__file__).parent / "cost_guard"
    (resource,) = code({"cost-guard": folder})
    called = {(call["service"], call["operation"]) for call in resource.body["calls"]}
    assert {("budgets", "describe_budget"), ("eks", "update_nodegroup_config"), ("sns", "publish")} <= called
    assert resource.body["unread"] == []


def test_a_single_file_will_do(tmp_path: Path) -> None:
    """A function of one file needs no folder."""
    (tmp_path / "app.py").write_text(CALL)
    (resource,) = code({"shop": tmp_path / "app.py"})
    assert len(resource.body["calls"]) == 1


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_where_no_code_is_there_is_an_error(tmp_path: Path, name: str) -> None:
    """A misspelt folder must not look like code that calls nothing."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        list(code({"shop": tmp_path / name}))


def test_what_is_no_text_or_too_large_is_said(tmp_path: Path) -> None:
    """It is beside what was read, with its name."""
    (tmp_path / "a.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.py").write_text("#" * (MAX_BYTES + 1))
    (resource,) = code({"shop": tmp_path})
    assert [each["where"] for each in resource.body["unread"]] == ["a.py", "b.py"]


def test_other_languages_without_their_reader_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that names an SDK and cannot be read is unread; one that names none has nothing to do with AWS."""
    (tmp_path / "A.java").write_text(JAVA)
    (tmp_path / "B.java").write_text("class B {}")
    monkeypatch.setattr(autopilot.shutil, "which", lambda *_, **__: None)
    (resource,) = code({"shop": tmp_path})
    assert [each["where"] for each in resource.body["unread"]] == ["A.java"]
    assert "not installed" in resource.body["unread"][0]["why"]


@pytest.mark.needs("iam-policy-autopilot")
def test_java_is_read_where_the_reader_is_installed(tmp_path: Path) -> None:
    """The real program, without a network: operation, queue from the environment, and no message."""
    (tmp_path / "A.java").write_text(JAVA)
    (resource,) = code({"shop": tmp_path})
    (call,) = resource.body["calls"]
    assert (call["service"], call["operation"], call["where"]) == ("sqs", "sendMessage", "A.java:4")
    assert ["QueueUrl", environment_hole("QUEUE")] in call["arguments"]
    assert "hunter2" not in repr(resource.body)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "ended with status 3"),
        ("echo '{'", "answers in a form that is not known"),
        ("echo '[{\"Name\": 1}]'", "answers in a form that is not known"),
        ("echo '\"x\"'", "answers in a form that is not known"),
    ],
)
def test_a_reader_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str) -> None:
    """Its failure leaves the file unread, with the reason, and is no failure of the command."""
    program = tmp_path / "bin" / autopilot.COMMAND
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "A.java").write_text(JAVA)
    (resource,) = code({"shop": tmp_path / "src"})
    (unread,) = resource.body["unread"]
    assert why in unread["why"]


def _answer(name: str, services: list[str], *parameters: object, file: str = "a.ts", expression: str = "f()") -> object:
    metadata = {"Expr": expression, "Location": f"{file}:3.1-3.9", "Parameters": list(parameters)}
    return {"Name": name, "PossibleServices": services, "Metadata": metadata}


def _keyword(name: str, **value: str) -> object:
    return {"Keyword": {"name": name, "value": value, "position": 0}}


def test_answers_of_the_reader(tmp_path: Path) -> None:
    """Literals and variables of the environment are kept where they name something; the rest is a hole."""
    parameters = (
        _keyword("Bucket", Unresolved="process.env.BUCKET"),
        _keyword("Key", Unresolved="`in/${k}`"),
        _keyword("Body", Resolved="hunter2"),
    )
    (call,) = found([_answer("GetObject", ["s3"], *parameters)], tmp_path, keeps)
    assert (call.service, call.operation, call.where, call.region) == ("s3", "GetObject", "a.ts:3", "")
    given = dict(call.arguments)
    assert given["Bucket"] == environment_hole("BUCKET")
    assert isinstance(given["Key"], Unknown)
    assert "hunter2" not in repr(call)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_answer("ListThings", ["a", "b"]), "ListThings may be of a or b"),
        (_answer("paginateX", ["s3"], expression="paginateX"), "paginateX is imported, and nothing says whether"),
        (_answer("GetObject", ["s3"], file="a.go"), "GetObject gets no input of an SDK where it is called"),
    ],
)
def test_what_the_reader_is_not_sure_of_is_no_call(tmp_path: Path, answer: object, why: str) -> None:
    """Several services, an import alone, a method of Go that anybody may have: said, and not demanded."""
    calls = list(found([answer], tmp_path, keeps))
    assert all(call.operation == "" and call.why.startswith(why) for call in calls)
    assert calls


def test_clients_made_with_regions_or_credentials_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where some file speaks of regions, none is taken for granted; beside other credentials nothing is the pod's."""
    (call,) = found([_answer("ListBuckets", ["s3"])], tmp_path, keeps, regional=True)
    assert isinstance(call.region, Unknown)
    source = tmp_path / "a.ts"
    source.write_text('import {S3Client} from "@aws-sdk/client-s3"; new S3Client({credentials: {accessKeyId: k}})')
    monkeypatch.setattr(autopilot, "_asked", lambda *_: found([_answer("ListBuckets", ["s3"])], tmp_path, keeps))
    monkeypatch.setattr(autopilot.shutil, "which", lambda *_, **__: "there")
    (call,) = autopilot.autopilot([source], tmp_path, keeps)
    assert (call.operation, call.service) == ("", "s3")
