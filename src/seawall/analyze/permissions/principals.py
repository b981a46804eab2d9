"""Whom a statement of a resource or trust policy names, held against who asks."""

from __future__ import annotations

from enum import StrEnum


class Match(StrEnum):
    """By which of its names a caller is meant, for IAM treats them differently.

    ``account`` only hands the decision on to the account's own policies; ``session`` and ``user`` are the caller
    itself, whose boundary an Allow does not ask; ``role`` is the role behind a session.
    """

    EVERYBODY = "everybody"
    ACCOUNT = "account"
    ROLE = "role"
    SESSION = "session"
    USER = "user"
    SERVICE = "service"
    FEDERATED = "federated"
