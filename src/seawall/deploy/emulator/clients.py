"""boto3 clients that speak to the emulator whatever the user's own AWS configuration says."""

from __future__ import annotations

import os
from typing import Any

from seawall.deploy.emulator.process import Emulator

# Services whose clients put the account's number before the host, which resolves nowhere; see
# surroundings.environment.
_PREFIX_THE_HOST = {"s3control"}


def client(emulator: Emulator, service: str, region: str) -> Any:
    """Return a boto3 client of a service in a region of the emulator; it never reads a profile or a
    credential."""
    import boto3
    import botocore.session
    from botocore.config import Config

    nowhere = (None, None, os.devnull, None)
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": nowhere,
            "credentials_file": nowhere,
            "ca_bundle": (None, None, None, None),
        }
    )
    session = boto3.session.Session(
        botocore_session=core,
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
        region_name=region,
    )
    return session.client(
        service,
        endpoint_url=emulator.url,
        config=Config(
            proxies={"http": emulator.url} if service in _PREFIX_THE_HOST else {},
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            read_timeout=30,
        ),
    )
