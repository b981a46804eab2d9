"""What a description says of alerts: who is told, what of a known alert is different, and alerts of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from seawall.kernel import units
from seawall.model.fields import Duration, Frame, Line

AlertName: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{2,60}$")]
LabelName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
Severity: TypeAlias = Literal["critical", "warning"]
Receiver: TypeAlias = Literal["pagerduty", "slack"]
Values: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-zA-Z_+.\- ]+$")]
Words: TypeAlias = Annotated[Line, Field(min_length=10)]


KEYS: Final[Mapping[Receiver, str]] = {"slack": "slack-url", "pagerduty": "pagerduty-key"}
"""Receiver -> its key in the secret."""
HEARTBEAT: Final = "heartbeat-url"
"""The key of the address of whoever is told that alerting works."""


class Notify(Frame):
    """Who is told of alerts, and how many of them come together."""

    critical: tuple[Receiver, ...] = ()
    """Who is told of what users feel now."""
    warning: tuple[Receiver, ...] = ()
    """Who is told of what they will feel if nobody does anything."""
    channel: Annotated[str, Field(pattern=r"^#[a-z0-9_-]{1,79}$")] = "#alerts"
    """Slack's channel."""
    heartbeat: bool = False
    """Whether a service outside is told every five minutes that alerting works, so that it can tell of silence."""
    group_by: Annotated[tuple[LabelName, ...], Field(min_length=1)] = ("alertname", "cluster", "service")
    """Alerts that are alike in these labels come as one message."""
    wait: Duration = units.Duration(30)
    """How long the first message of a group waits for others to come along."""
    interval: Duration = units.Duration(300)
    """How long the next message of a group waits."""
    repeat: Duration = units.Duration(4 * 3600)
    """How long until a message comes again while nothing has changed."""

    @model_validator(mode="after")
    def _in_order(self) -> Notify:
        if self.repeat.seconds < self.interval.seconds:
            raise ValueError(f"repeat is {self.repeat}, and a group is only looked at every {self.interval}")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """What everybody who is told of anything is known by, as keys of one secret."""
        told = dict.fromkeys((*self.critical, *self.warning))
        return (*(KEYS[receiver] for receiver in told), *((HEARTBEAT,) if self.heartbeat else ()))


class Stated(Frame):
    """Of a known alert what is to be different; of an alert of one's own, all of it but ``above``."""

    wanted: bool = True
    """False leaves it out; where it is said of one environment, there alone."""
    severity: Severity | None = None
    above: float | None = None
    """The threshold anew, of a known alert whose expression ends in one; ``fires`` and ``quiet`` go with it."""
    for_: Annotated[Duration | None, Field(alias="for")] = None
    """How long it must hold."""
    expr: Annotated[str, Field(min_length=3, max_length=2000)] | None = None
    says: Words | None = None
    """What a person reads."""
    first: Annotated[tuple[Words, ...], Field(min_length=1)] | None = None
    """What to do about it, in order."""
    fires: Annotated[Mapping[Line, Values], Field(min_length=1)] | None = None
    """Series under which it must be raised, each with its values minute by minute in promtool's notation."""
    quiet: Annotated[Mapping[Line, Values], Field(min_length=1)] | None = None
    """Series under which it must not, though they look alike."""
    after: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """After how many minutes of those series that is looked at."""
