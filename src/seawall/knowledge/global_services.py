"""Services with one endpoint for the whole partition: calls carry its region, whatever region the caller is in.

Source: AWS General Reference, "Service endpoints and quotas" (read 2026-11-22), and AWS Global Accelerator's, which
takes requests in us-west-2 alone. The endpoints are those of the partition ``aws``.
"""

from __future__ import annotations

from typing import Final

REGIONS: Final = {
    "budgets": "us-east-1",
    "ce": "us-east-1",
    "cloudfront": "us-east-1",
    "globalaccelerator": "us-west-2",
    "iam": "us-east-1",
    "organizations": "us-east-1",
    "route53": "us-east-1",
    "sts": "us-east-1",
    "support": "us-east-1",
}
"""By IAM's prefix; of STS that is so for the old endpoint only, so that it may be either."""
