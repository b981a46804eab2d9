"""A function that is run here sees what it would see in Lambda, and nothing of this machine."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from platforms import shipped
from seawall.components.packages import package
from seawall.operate import cost_guard, remediate
from seawall.operate.functions import Clock, Function, code_of, run_here


def function(source, timeout=20, **environment):
    """A function of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", source)
    return Function("shop", "ap-northeast-2", "handler.lambda_handler", buffer.getvalue(), environment, timeout)


SHOWS = """
import os, time
def lambda_handler(event, context):
    print("a line of its log")
    left = context.get_remaining_time_in_millis()
    return {"event": event, "environment": dict(os.environ), "now": time.time(), "left": left}
"""


def test_it_is_given_its_own_environment_and_no_other(monkeypatch):
    """Its variables, the region and whom to ask; nothing of the user's own gets in; what it prints is kept."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-users-own")
    monkeypatch.setenv("AWS_PROFILE", "the-users-own")
    ended = run_here(function(SHOWS, TOPIC="t", AWS_ACCESS_KEY_ID="x"), {"a": 1}, "http://127.0.0.1:9")
    assert ended.failed == ""
    assert ended.answer["event"] == {"a": 1}
    given = ended.answer["environment"]
    assert (given["TOPIC"], given["AWS_REGION"]) == ("t", "ap-northeast-2")
    assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert given["AWS_ACCESS_KEY_ID"] == "emulator"
    assert "the-users-own" not in str(given)
    assert ended.log == "a line of its log\n"
    assert ended.answer["left"] > 0


def test_its_clock_may_run_faster():
    """An hour of its own in seconds of ours; another clock that is asked for the same moment shows the same."""
    began = time.time() - 10
    clock = Clock(began, 360)
    ended = run_here(function(SHOWS), {}, "http://127.0.0.1:9", clock)
    assert began + 3600 <= ended.answer["now"] <= clock.at(time.time())


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def lambda_handler(event, context):\n    raise ValueError('no such group')\n", "ValueError: no such group"),
        ("def lambda_handler(event, context):\n    __import__('time').sleep(30)\n", "more than 1 s"),
        ("raise RuntimeError('at once')\n", "RuntimeError: at once"),
    ],
)
def test_what_fails_says_why(source, why):
    """An error, a run without an end, and code that cannot be loaded."""
    ended = run_here(function(source, timeout=1), {}, "http://127.0.0.1:9")
    assert ended.answer is None
    assert why in ended.failed


def test_what_is_called_by_hand_is_the_package_that_ships():
    """The code that lies beside the rendered function is the one that is tested, of either function."""
    _, bank = shipped("pocketbank")
    _, demo = shipped("genai-demo")
    assert code_of(remediate.function_of(bank, "x")) == package("remediation").content
    assert code_of(cost_guard.function_of(demo, "x")) == package("cost_guard").content
