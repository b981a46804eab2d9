"""What some things cost an hour that stand there day and night, and what remains of it at the greatest discount.

For lower bounds alone: what is not in the table costs nothing here.  On demand, in US dollars, of regions that the
platforms use.

Sources: lamngockhuong/aws-price at ce57d15e54b2 (natgateway, ec2-transformed; 2025-10-28, 2025-11-03) and 115fdc61c709
(msk; 2025-10-09), copies of the feeds behind AWS's own price pages; us-east-1's instances from
aws/karpenter-provider-aws at 6fc13b5236fd, zz_generated.pricing_aws.go (2026-07-20); ElastiCache and Aurora from the
price list as vantage-sh/ec2instances.info at 14ede5a54df6 keeps it (2025-04-24, 2021-08-03).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

CONTROL_PLANE: Final = Decimal("0.10")
"""A cluster of EKS in standard support, in every region (lamngockhuong/aws-price, eks; 2025-10-28)."""
RESERVED: Final = Decimal("0.28")
"""What is left of a price at the greatest discount for a commitment: up to 72 % of instances, less of all else.

Source: https://aws.amazon.com/savingsplans/ ; common knowledge, not read anew.
"""
HOURS: Final = 672
"""Of the shortest month."""

_HOURLY: Final[dict[str, str]] = {
    "ap-east-2": """
        kafka.m7g.large=0.237 kafka.t3.small=0.05297352 m6i.large=0.1116 m6i.xlarge=0.2232 m7i.large=0.11718
        nat=0.0558 t3.large=0.0979 t3.medium=0.049 t3.small=0.0245 t3.xlarge=0.1958
    """,
    "ap-northeast-1": """
        aurora/db.r5.large=0.35 aurora/db.r6g.large=0.313 aurora/db.t3.medium=0.125 cache.m6g.large=0.191
        cache.r6g.large=0.247 cache.r7g.large=0.263 cache.t3.medium=0.103 cache.t3.micro=0.026
        cache.t3.small=0.052 cache.t4g.medium=0.098 cache.t4g.micro=0.025 cache.t4g.small=0.049
        kafka.m5.large=0.271 kafka.m7g.large=0.2635 kafka.t3.small=0.0596 m5.large=0.124 m5.xlarge=0.248
        m6i.large=0.124 m6i.xlarge=0.248 m7i.large=0.1302 nat=0.062 t3.large=0.1088 t3.medium=0.0544
        t3.small=0.0272 t3.xlarge=0.2176
    """,
    "ap-northeast-2": """
        aurora/db.r5.large=0.35 aurora/db.r6g.large=0.313 aurora/db.t3.medium=0.125 cache.m6g.large=0.181
        cache.r6g.large=0.246 cache.r7g.large=0.262 cache.t3.medium=0.099 cache.t3.micro=0.025
        cache.t3.small=0.049 cache.t4g.medium=0.094 cache.t4g.micro=0.024 cache.t4g.small=0.047
        kafka.m5.large=0.258 kafka.m7g.large=0.2508 kafka.t3.small=0.0569 m5.large=0.118 m5.xlarge=0.236
        m6i.large=0.118 m6i.xlarge=0.236 m7i.large=0.1239 nat=0.059 t3.large=0.104 t3.medium=0.052 t3.small=0.026
        t3.xlarge=0.208
    """,
    "us-east-1": """
        aurora/db.r5.large=0.29 aurora/db.r6g.large=0.26 aurora/db.t3.medium=0.082 cache.m6g.large=0.149
        cache.r6g.large=0.206 cache.r7g.large=0.219 cache.t3.medium=0.068 cache.t3.micro=0.017
        cache.t3.small=0.034 cache.t4g.medium=0.065 cache.t4g.micro=0.016 cache.t4g.small=0.032
        kafka.m5.large=0.21 kafka.m7g.large=0.204 kafka.t3.small=0.0456 m5.large=0.096 m5.xlarge=0.192
        m6i.large=0.096 m6i.xlarge=0.192 m7i.large=0.1008 nat=0.045 t3.large=0.0832 t3.medium=0.0416
        t3.small=0.0208 t3.xlarge=0.1664
    """,
    "us-west-2": """
        aurora/db.r5.large=0.29 aurora/db.r6g.large=0.26 aurora/db.t3.medium=0.082 cache.m6g.large=0.149
        cache.r6g.large=0.206 cache.r7g.large=0.219 cache.t3.medium=0.068 cache.t3.micro=0.017
        cache.t3.small=0.034 cache.t4g.medium=0.065 cache.t4g.micro=0.016 cache.t4g.small=0.032
        kafka.m5.large=0.21 kafka.m7g.large=0.204 kafka.t3.small=0.0456 m5.large=0.096 m5.xlarge=0.192
        m6i.large=0.096 m6i.xlarge=0.192 m7i.large=0.1008 nat=0.045 t3.large=0.0832 t3.medium=0.0416
        t3.small=0.0208 t3.xlarge=0.1664
    """,
}


def hourly(region: str, what: str) -> Decimal | None:
    """What a thing costs an hour: ``nat``, ``t3.large``, ``aurora/db.r6g.large``; None if it is not here."""
    for item in _HOURLY.get(region, "").split():
        name, _, price = item.partition("=")
        if name == what:
            return Decimal(price)
    return None
