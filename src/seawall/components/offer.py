"""What a component gives to those that need it: where it is, how it is spoken to, and what opens the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.network import Protocol
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True)
class Door:
    """One port that a need opens, and on whose behalf: a security group outside the cluster or pods inside it.

    ``group`` is the security group that must let it in; ``pods`` are the (namespace, labels) of the pods that must;
    ``ranges`` are the address ranges a NetworkPolicy has to name when the other end is no pod.
    """

    port: int
    protocol: Protocol = "tcp"
    group: Address | None = None
    pods: tuple[str, tuple[tuple[str, str], ...]] | None = None
    ranges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """A secret in AWS with a user and a password under these properties; never their values."""

    secret: Textual
    name: str
    user: str = "username"
    password: str = "password"


@dataclass(frozen=True, slots=True)
class Right:
    """AWS actions on resources that a need has to allow, with the conditions that narrow them."""

    actions: tuple[str, ...]
    resources: tuple[Textual, ...]
    conditions: tuple[tuple[str, str, tuple[Textual, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """What others may know of a component.

    ``target`` is the thing that a demand to reach it names; ``speaks`` the protocol of the application, from which
    the one that needs it derives its environment; ``name`` the database, key space or topic within it.
    """

    component: str
    target: Address
    speaks: Literal["mysql", "postgresql", "redis", "redis-sentinel", "http", "aws"]
    host: Textual
    port: int
    doors: tuple[Door, ...] = ()
    name: str = ""
    tls: bool = False
    credentials: Credentials | None = None
    rights: tuple[Right, ...] = ()
