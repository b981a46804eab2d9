"""When Amazon EKS ends standard and extended support of each Kubernetes version.

Source: endoflife-date/endoflife.date, products/amazon-eks.md at de1074dab973, which follows the version calendar of the
EKS user guide; as of 2026-07-08.  1.28 to 1.31 were compared with awsdocs/amazon-eks-user-guide at 4d52b4d05e34.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple


class Support(NamedTuple):
    """The last days of standard and of extended support."""

    standard: date
    extended: date


VERSIONS: Final[dict[str, Support]] = {
    "1.24": Support(date(2024, 1, 31), date(2025, 1, 31)),
    "1.25": Support(date(2024, 5, 1), date(2025, 5, 1)),
    "1.26": Support(date(2024, 6, 11), date(2025, 6, 11)),
    "1.27": Support(date(2024, 7, 24), date(2025, 7, 24)),
    "1.28": Support(date(2024, 11, 26), date(2025, 11, 26)),
    "1.29": Support(date(2025, 3, 23), date(2026, 3, 23)),
    "1.30": Support(date(2025, 7, 23), date(2026, 7, 23)),
    "1.31": Support(date(2025, 11, 26), date(2026, 11, 26)),
    "1.32": Support(date(2026, 3, 23), date(2027, 3, 23)),
    "1.33": Support(date(2026, 7, 29), date(2027, 7, 29)),
    "1.34": Support(date(2026, 12, 2), date(2027, 12, 2)),
    "1.35": Support(date(2027, 3, 27), date(2028, 3, 27)),
    "1.36": Support(date(2027, 8, 2), date(2028, 8, 2)),
}

OLDEST: Final = "1.24"
NEWEST: Final = "1.36"
AS_OF: Final = date(2026, 7, 8)

LAST_AL2: Final = "1.32"
"""The last version for which EKS built Amazon Linux 2 images (awslabs/amazon-eks-ami issue 2545)."""
AL2_ENDED: Final = date(2025, 11, 26)
"""The day on which support of the Amazon Linux 2 images of EKS ended (the same issue)."""


def number(version: str) -> tuple[int, int]:
    """A version as something to compare: ``1.36`` is (1, 36). Raises ValueError on anything else."""
    major, _, minor = version.partition(".")
    return int(major), int(minor.partition(".")[0])
