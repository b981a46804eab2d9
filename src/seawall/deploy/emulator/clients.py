"""boto3 clients that speak to the emulator whatever the user's own AWS configuration says."""

from __future__ import annotations

import os
import threading
from functools import cache
from typing import Any

from seawall.deploy.emulator.process import Emulator

# Services whose clients put the account's number before the host, which resolves nowhere (see surroundings).
_PREFIX_THE_HOST = {"s3control"}

# boto3 makes clients from a session that is not safe to share between threads; the clients themselves are.
_making = threading.Lock()


def client(emulator: Emulator, service: str, region: str) -> Any:
    """Return a boto3 client of a service in a region of the emulator; it never reads a profile or a credential."""
    from botocore.config import Config

    settings = Config(
        proxies={"http": emulator.url} if service in _PREFIX_THE_HOST else {},
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        read_timeout=30,
    )
    with _making:
        return _session().client(service, region_name=region, endpoint_url=emulator.url, config=settings)


@cache
def _session() -> Any:
    """Return the one session of this process, which keeps the API models it has parsed."""
    import boto3
    import botocore.session

    nowhere = (None, None, os.devnull, None)
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": nowhere,
            "credentials_file": nowhere,
            "ca_bundle": (None, None, None, None),
        }
    )
    return boto3.session.Session(botocore_session=core, aws_access_key_id="emulator", aws_secret_access_key="emulator")
