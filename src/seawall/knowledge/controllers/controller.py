"""What there is to know of a controller: how it is recognised, how it is told things, what it asks of AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Sent: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Condition keys with what the controller's requests have under them; no value says that the key is not there."""

_HOLE: Final = re.compile(r"\{([^{}]+)\}")
_ALWAYS: Final = frozenset({"*", "partition", "region", "account", "cluster"})
ANY: Final = "{*}"
"""A value that cannot be told beforehand, though there is one: a pod's name, a volume's."""


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that a controller must be allowed, on resources of these shapes.

    ``{partition}``, ``{region}``, ``{account}`` and ``{cluster}`` (the cluster's name) are the controller's own.  Any
    other name in braces is a circumstance: the need is there once for each of its values, and not at all where it has
    none; ``when`` names one that no shape mentions, ``unless`` one that takes the need away.  ``region`` is where the
    call goes if that is not the controller's own region.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    sends: Sent = ()
    when: str = ""
    unless: str = ""
    region: str = ""

    @property
    def holes(self) -> tuple[str, ...]:
        """The circumstances that its shapes mention, sorted; it is there once for each of their values."""
        shapes = (*self.resources, self.region, *(part for key, values in self.sends for part in (key, *values)))
        return tuple(sorted({name for shape in shapes for name in _HOLE.findall(shape)} - _ALWAYS))


@dataclass(frozen=True, slots=True)
class Told:
    """A circumstance that a controller's own configuration tells it.

    ``values`` are paths in its chart's values (or its add-on's configuration), ``arguments`` options of its command
    line, ``variables`` those of its environment; ``default`` is what holds where nothing says otherwise.  What is false
    or empty is no circumstance; a list has one value an item.
    """

    name: str
    values: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Controller:
    """A controller at the version at which its needs were read; ``read`` is the day, ``source`` the place.

    It is recognised by ``charts``, by ``addons`` of EKS, and by the ends of image repositories in ``images``.
    ``account`` and ``namespace`` are where it runs unless its configuration says otherwise at ``account_at``; a chart
    that has several accounts tells this one's there.  ``unused`` are actions that its published policy has and that its
    source calls nowhere, with the reason why nobody else asks for them either.
    """

    name: str
    version: str
    source: str
    read: str
    needs: tuple[Need, ...]
    images: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    addons: tuple[str, ...] = ()
    account: str = ""
    namespace: str = "kube-system"
    account_at: tuple[str, ...] = ("serviceAccount.name",)
    told: tuple[Told, ...] = ()
    unused: tuple[str, ...] = ()

    def actions(self) -> frozenset[str]:
        """Every action that it can need, in any configuration."""
        return frozenset(action for need in self.needs for action in need.actions)


def each(service: str, *names: str) -> tuple[str, ...]:
    """Actions of one service: ``each("ec2", "CreateTags")``."""
    return tuple(f"{service}:{name}" for name in names)
