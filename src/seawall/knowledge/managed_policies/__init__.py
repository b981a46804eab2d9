"""Policies that AWS itself keeps: what each allows and denies, as of a version and a date, one file a policy.

May import kernel. Law: only facts (actions, resources, conditions), in a form of our own; a policy of which there is no
file here is not known, rather than empty. A file is read when its policy is asked for, not before.

Source: the documents of AWS's managed policies as moto 5.2.5 carries them (``moto/iam/aws_managed_policies.py``,
Apache-2.0), read 2026-11-22; each file says the version of its policy and the day on which AWS made that version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

_PREFIXES: Final = tuple(f"arn:{partition}:iam::aws:policy/" for partition in ("aws", "aws-cn", "aws-us-gov"))


class Edition(NamedTuple):
    """Which version of a managed policy a document is, and the day on which AWS made it."""

    version: str
    updated: str


def document(arn: str) -> Mapping[str, Any] | None:
    """The policy document of a managed policy of AWS, by its ARN; None of one that is not known here."""
    found = _file(arn)
    if found is None:
        return None
    statements = [_statement(effect, part) for effect in ("Allow", "Deny") for part in found.get(effect.lower(), ())]
    return {"Version": "2012-10-17", "Statement": statements}


def edition(arn: str) -> Edition | None:
    """Which version of the policy ``document`` gives, and of which day."""
    found = _file(arn)
    return Edition(found["version"], found["updated"]) if found is not None else None


def known() -> tuple[str, ...]:
    """The ARNs of the managed policies that are known here, in alphabetical order."""
    names = (entry.name for entry in files(__name__).joinpath("documents").iterdir())
    found = (json.loads(_text(name))["path"] for name in names if name.endswith(".json"))
    return tuple(sorted(f"{_PREFIXES[0]}{path}" for path in found))


def _statement(effect: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as IAM spells it: a file groups actions by service, and leaves out a resource that is any."""
    element = "NotAction" if "but" in part else "Action"
    named = part["but" if "but" in part else "do"]
    actions = [f"{service}:{name}" if service != "*" else "*" for service, names in named.items() for name in names]
    found: dict[str, Any] = {"Effect": effect, element: actions}
    if "off" in part:
        found["NotResource"] = part["off"]
    else:
        found["Resource"] = part.get("on", ["*"])
    if "if" in part:
        found["Condition"] = part["if"]
    return found


@cache
def _file(arn: str) -> Mapping[str, Any] | None:
    path = next((arn.removeprefix(prefix) for prefix in _PREFIXES if arn.startswith(prefix)), None)
    name = (path or "").rpartition("/")[2]
    if not name.isalnum() and not name.replace("_", "").replace("-", "").isalnum():
        return None
    try:
        found: Mapping[str, Any] = json.loads(_text(f"{name}.json"))
    except FileNotFoundError:
        return None
    return found if found["path"] == path else None


def _text(name: str) -> str:
    return files(__name__).joinpath("documents", name).read_text(encoding="utf-8")
