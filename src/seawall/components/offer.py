"""What a component gives to those that need it: where it is, how it is spoken to, and what opens the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.network import Protocol
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods inside the cluster: their namespace, the labels that select them, and the address of what runs them."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    workload: Address


@dataclass(frozen=True, slots=True)
class Door:
    """One port that a need opens, and on whose behalf: a security group outside the cluster or pods inside it.

    ``group`` is the security group that must let it in; ``pods`` are the pods that must; ``ranges`` are the address
    ranges a NetworkPolicy has to name when the other end is no pod.
    """

    port: int
    protocol: Protocol = "tcp"
    group: Address | None = None
    pods: Pods | None = None
    ranges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where a user's name and password lie, under these properties; never their values.

    ``secret`` is the ARN of a secret in AWS, which each consumer has synchronised into its namespace, and ``key`` the
    ARN of the key that encrypts it.  Where ``secret`` is None it is the Secret ``name`` that the provider keeps in its
    own namespace; where ``user`` is None there is a password alone.
    """

    secret: Textual | None
    name: str
    user: str | None = "username"
    password: str = "password"
    key: Textual | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """AWS actions on resources that a need has to allow, with the conditions that narrow them."""

    actions: tuple[str, ...]
    resources: tuple[Textual, ...]
    conditions: tuple[tuple[str, str, tuple[Textual, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Where a secret of several keys lies; never their values.

    ``secret`` is what AWS knows it by, which each consumer has synchronised into its namespace, ``arn`` what policies
    name, and ``key`` the ARN of the key that encrypts it.  Where ``secret`` is None it is the Secret ``name`` that
    the provider keeps in its own namespace.
    """

    name: str
    keys: tuple[str, ...]
    secret: Textual | None = None
    arn: Textual | None = None
    key: Textual | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume that a consumer's pods mount: the claim in its namespace, and where in its file system."""

    claim: str
    path: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What others may know of a component.

    ``target`` is the thing that a demand to reach it names; ``speaks`` the protocol of the application, from which
    the one that needs it derives its environment; ``name`` the database, key space or topic within it;
    ``nodes`` are the hosts of its single members, where clients have to know them; ``user`` is whom a client connects
    as where its own role is what lets it in.  ``held`` is a secret that pods are given, ``mounts`` what they mount;
    ``reader`` is the host of those members that only read, where there are any.
    """

    component: str
    target: Address
    speaks: Literal[
        "mysql", "postgresql", "redis", "redis-sentinel", "redis-cluster", "kafka", "http", "aws", "secret", "files"
    ]
    host: Textual
    port: int
    doors: tuple[Door, ...] = ()
    name: str = ""
    tls: bool = False
    credentials: Credentials | None = None
    rights: tuple[Right, ...] = ()
    nodes: tuple[Textual, ...] = ()
    user: str = ""
    held: Held | None = None
    mounts: tuple[Mount, ...] = ()
    reader: Textual | None = None
