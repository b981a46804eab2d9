"""Who logs in to a database: held in memory, shown nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and its password; printing it shows the user alone."""

    user: str
    password: str = field(repr=False)
