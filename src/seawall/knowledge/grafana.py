"""Regions of Amazon Managed Grafana.

Source: botocore 1.44.5, the regions of the service ``grafana`` in ``endpoints.json``, read 2026-11-21.
"""

from __future__ import annotations

from typing import Final

REGIONS: Final = frozenset(
    {
        "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1",
        "eu-west-2", "us-east-1", "us-east-2", "us-west-2",
    }
)  # fmt: skip
