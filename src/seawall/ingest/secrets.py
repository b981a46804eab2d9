"""Secrets stop at the door: what would be one is replaced before anything else can look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.kernel.value import SECRET, Ref, Text, Unknown

# Arguments that the providers mark as sensitive, for inputs that come without the provider's schema.
_NAMES = frozenset(
    {
        "admin_password", "administrator_password", "administrator_login_password", "auth_token", "master_password",
        "master_user_password", "password", "passwords", "password_wo", "private_key", "private_key_pem",
        "secret_access_key", "secret_binary", "secret_key", "secret_string", "secret_string_wo",
        "shared_access_key", "sensitive_value", "value_wo",
    }
)  # fmt: skip


def without_secrets(address: str, type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with an Unknown in place of each literal secret, told by the argument's name."""
    secure = type == "aws_ssm_parameter" and body.get("type", "SecureString") == "SecureString"
    return {
        name: redacted(f"{address}.{name}", value)
        if name in _NAMES or (secure and name == "value")
        else _inside(f"{address}.{name}", value)
        for name, value in body.items()
    }


def redacted(what: str, value: Any) -> Any:
    """An Unknown in place of a secret; nothing, or a reference to where it lies, is no secret."""
    return value if value in (None, "", [], {}) or _names_one(value) else Unknown(what, why=SECRET)


def _names_one(value: Any) -> bool:
    """Whether a value only says where a secret lies: alone, or among words what lives no longer than Terraform runs."""
    if isinstance(value, Text):
        return any(isinstance(hole, Ref) and ":ephemeral." in hole.to for hole in value.holes)
    return isinstance(value, Ref | Unknown)


def _inside(what: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(what, "", value)
    if isinstance(value, list):
        return [_inside(f"{what}.{number}", item) for number, item in enumerate(value)]
    return value
