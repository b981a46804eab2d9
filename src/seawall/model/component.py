"""The frame of a component: one wanted thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from seawall.model.fields import Frame, Name


class Component(Frame):
    """What every component may say; each kind adds its own fields.

    A kind with ``section`` is said once, at the top of a description under its own kind's name, rather than among
    the components, and must be there if ``required``. ``stack`` is the Terraform stack its resources go to unless
    the description maps it elsewhere; ``parts`` are those of them that can be mapped by themselves, as
    ``component.part``, and go where the component goes unless they are, or ``part_stacks`` says otherwise.
    """

    section: ClassVar[bool] = False
    required: ClassVar[bool] = False
    stack: ClassVar[str] = "platform"
    parts: ClassVar[tuple[str, ...]] = ()
    part_stacks: ClassVar[Mapping[str, str]] = {}

    kind: str
    needs: tuple[Name, ...] = ()
