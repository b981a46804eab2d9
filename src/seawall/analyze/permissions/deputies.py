"""Confused deputies: whether a policy that lets a service in says on whose behalf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from seawall.facts.identity import Condition

_KEYS: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")


def narrows(conditions: Iterable[Condition]) -> bool:
    """Whether a condition says on whose behalf a service has to call; a star alone says nothing."""
    return any(
        str(one.key).lower().startswith(_KEYS) and "Not" not in one.operator and "*" not in one.values
        for one in conditions
    )
