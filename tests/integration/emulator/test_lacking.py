"""The list of what the emulator lacks stays true: each call it names is really not there."""

from __future__ import annotations

import importlib

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from seawall.deploy.emulator.lacking import LACKING

pytestmark = pytest.mark.needs("emulator")
# An empty request is enough for an answer that says that nobody is there; what is there would miss its arguments.
_EMPTY = Config(parameter_validation=False, retries={"total_max_attempts": 1})
# What moto says of a call that it does not know; of one of the query protocol it breaks off with a page of HTML.
_ABSENT = (
    "Internal Server Error",
    "not been implemented",
    "Not yet implemented",
    "NotImplemented",
    "Not Found",
    "404",
    "501",
)


@pytest.mark.parametrize("type", sorted(LACKING))
def test_what_the_emulator_lacks_is_not_there(type, running):
    """The day the emulator learns a call, this test says to take its type off the list."""
    lacking = LACKING[type]
    service = boto3.client(
        lacking.service,
        region_name="eu-west-1",
        endpoint_url=running("patched").url,
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
        config=_EMPTY,
    )
    with pytest.raises((ClientError, ResponseParserError)) as refused:
        getattr(service, lacking.call)()
    answer = getattr(refused.value, "response", {}).get("ResponseMetadata", {})
    said = f"{refused.value} {answer.get('HTTPStatusCode')}"
    assert any(word in said for word in _ABSENT), said
    assert not any(hasattr(responder, lacking.call) for responder in _responders(lacking.service))


def _responders(service):
    """The classes with which moto answers for a service."""
    try:
        module = importlib.import_module(f"moto.{service}.responses")
    except ModuleNotFoundError:
        return []
    return [found for found in vars(module).values() if isinstance(found, type) and found.__module__ == module.__name__]
