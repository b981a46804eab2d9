"""Layers of policies written as plain documents, for tests that ask what they decide together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import Policies
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.kernel.address import Address
from seawall.readers.aws.policy import statements

Document = Mapping[str, Any]

HOME, ELSEWHERE = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HOME}:role/app"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/app/one"
USER = f"arn:aws:iam::{HOME}:user/jo"
PROVIDER = f"arn:aws:iam::{HOME}:oidc-provider/oidc.example.com/id/1"
OBJECT = "arn:aws:s3:::bucket/key"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234"
TARGET = f"arn:aws:iam::{HOME}:role/target"

CALLERS = {
    "role": Caller("role", ROLE, HOME, SESSION),
    "user": Caller("user", USER, HOME),
    "service": Caller("service", "sns.amazonaws.com"),
    "anonymous": Caller("anonymous", ""),
    "federated": Caller("federated", PROVIDER),
    "linked": Caller("role", f"arn:aws:iam::{HOME}:role/aws-service-role/autoscaling.amazonaws.com/Linked", HOME),
}


def document(*statements: Mapping[str, Any], version: str = "2012-10-17") -> Document:
    """A document of these statements."""
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> Document:
    """A statement that allows; ``more`` are its further elements."""
    return _statement("Allow", action, resource, more)


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> Document:
    """A statement that denies."""
    return _statement("Deny", action, resource, more)


def _statement(effect: str, action: Any, resource: Any, more: Mapping[str, Any]) -> Document:
    found = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {name: value for name, value in found.items() if value is not None}


Kind = Literal["identity", "trust", "resource", "boundary", "session", "scp", "rcp"]


def policy(found: Document, kind: Kind) -> Policy:
    """A document as a policy of that kind."""
    holder = Address(f"r/s:{kind}.it")
    return Policy(statements(found, holder, kind, f"{holder}.policy"))


def policies(
    *,
    identity: Sequence[Document] = (),
    boundary: Document | None = None,
    session: Document | None = None,
    resource: Document | None = None,
    scps: Sequence[Sequence[Document]] = (),
    rcps: Sequence[Sequence[Document]] = (),
    endpoint: Document | None = None,
    which: Layer = Layer.RESOURCE,
    **more: Any,
) -> Policies:
    """Documents as the layers of a decision."""
    return Policies(
        tuple(policy(one, "identity") for one in identity),
        None if boundary is None else policy(boundary, "boundary"),
        None if session is None else policy(session, "session"),
        None if resource is None else policy(resource, "trust" if which is Layer.TRUST else "resource"),
        tuple(tuple(policy(one, "scp") for one in level) for level in scps),
        tuple(tuple(policy(one, "rcp") for one in level) for level in rcps),
        None if endpoint is None else policy(endpoint, "resource"),
        which=which,
        **more,
    )


def request(
    caller: str | Caller = "role",
    action: str = "s3:GetObject",
    resource: Any = OBJECT,
    *,
    owner: Any = HOME,
    context: Mapping[str, tuple[Any, ...]] | None = None,
    open: bool = False,
) -> Request:
    """A request; what its context does not mention is not there."""
    who = CALLERS[caller] if isinstance(caller, str) else caller
    return Request(who, action, resource, owner, context or {}, open)
