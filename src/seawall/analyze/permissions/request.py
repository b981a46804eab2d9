"""What is asked of IAM: who wants to do what to which resource, and what is known about the circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from seawall.kernel.address import Address
from seawall.kernel.value import Textual

Context: TypeAlias = Mapping[str, tuple[Textual, ...]]
"""Values by condition key in lower case. No value at all says that the key is certainly not there; an ``Unknown``
among the values says that the key is there and could have any value."""

NOTHING_KNOWN: Context = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``arn`` is what ``aws:PrincipalArn`` holds: of a role's session that is the role.

    ``session`` is the ARN of the session, where one is known; ``account`` is "" for a service, for a token that no
    account has vouched for yet (``federated``) and for nobody at all (``anonymous``). ``service`` has the name of the
    service in ``arn``, ``federated`` the ARN of the identity provider. ``of`` is the resource that says so.
    """

    kind: Literal["role", "user", "service", "federated", "anonymous"]
    arn: Textual
    account: Textual = ""
    session: Textual = ""
    of: Address | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One call: the action in IAM's spelling, the ARN it is about.

    ``*`` is no resource where the action needs none, as ``ec2:DescribeInstances``, and every resource where it does.
    A star within ``resource`` means every resource of that shape: an Allow must cover them all, a Deny that covers
    one of them is met. ``owner`` is the account of the resource, "" where it has none. With ``open`` a key that the
    context does not mention may be there or not, with any value, as when an estate is looked at; without, it is not
    there, as in a simulation where everything that matters is given.
    """

    caller: Caller
    action: str
    resource: Textual
    owner: Textual = ""
    context: Context = field(default_factory=dict)
    open: bool = False
