"""AWS as the agent asks it: its clients, and refusals in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seawall.kernel.errors import OutsideError


def client(service: str, region: str = "") -> Any:
    """A new client of a service; an empty region is that of the environment."""
    try:
        import boto3
        import botocore.config
    except ImportError:
        raise OutsideError("boto3 is not here", fix="pip install seawall[agent]") from None
    patience = botocore.config.Config(
        connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}
    )
    with asked(f"be asked for {service}"):
        return boto3.client(service, region_name=region or None, config=patience)


@contextmanager
def asked(what: str) -> Iterator[None]:
    """Say what boto3 raises in our words: the code of a refusal, not its message, which repeats what was sent."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        raise OutsideError(f"AWS does not {what}", f"{status} {code}".strip(), fix=_FIX) from None
    except BotoCoreError as error:
        raise OutsideError(f"AWS does not {what}", str(error).partition("\n")[0], fix=_FIX) from None


_FIX = "see that AWS is reached from here and that this role may do that"


def parameter(name: str, region: str = "") -> str:
    """The value of an SSM parameter."""
    with asked(f"give the parameter {name}"):
        return str(client("ssm", region).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
