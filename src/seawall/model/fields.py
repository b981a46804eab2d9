"""The types that fields of a description have: names and quantities, each parsed from the text people write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from seawall.facts import isolation
from seawall.kernel import units


class Frame(BaseModel):
    """What every part of a description has in common: it is frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _quantity(parse: Callable[[str], Any], what: str, *examples: str) -> Any:
    kind = type(parse(examples[0]))

    def read(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"this is not {what} like {examples[0]}")
        return parse(str(value))

    return Annotated[
        kind,
        PlainValidator(read),
        PlainSerializer(str),
        WithJsonSchema({"type": "string", "description": what, "examples": list(examples)}),
    ]


def _one_or_more(kind: Any, *examples: str) -> Any:
    """A list of these, or just one of them."""
    one = {"type": "string", "examples": list(examples)}
    return Annotated[
        tuple[kind, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
        WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]}),
    ]


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most, both included; written ``2..10``, or ``3`` where both are the same."""

    least: int
    most: int

    @classmethod
    def parse(cls, spelling: str) -> Range:
        """Read ``2..10`` or ``3``; ValueError otherwise."""
        match = re.fullmatch(r"(\d{1,6})(?:\s*\.\.\s*(\d{1,6}))?", spelling.strip())
        if match is None:
            raise ValueError(f"{spelling!r} is not a range like 2..10")
        least, most = int(match[1]), int(match[2] or match[1])
        if least > most:
            raise ValueError(f"{spelling!r} has its ends the wrong way round")
        return cls(least, most)

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}..{self.most}"


def _host_name(value: str) -> str:
    if len(value) > 253 or not re.fullmatch(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", value
    ):
        raise ValueError(f"{value!r} is not a host name like www.petclinic.example")
    return value


Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$")]
"""A name that every layer accepts: lower-case letters, digits and hyphens, 2 to 40 of them."""
Region: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
HostName: TypeAlias = Annotated[str, AfterValidator(_host_name)]
UrlPath: TypeAlias = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/._*-]*$")]
Image: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-zA-Z0-9./:@_-]{0,254}$")]
Port: TypeAlias = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535})]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=1000)]
"""One line of free text."""

Cidr = _quantity(units.Cidr.parse, "an address range", "10.0.0.0/16")
Duration = _quantity(units.Duration.parse, "a length of time", "30 s", "24 h", "7 d")
Size = _quantity(units.Size.parse, "an amount of storage or memory", "20 GiB", "512 MiB")
Cpu = _quantity(units.Cpu.parse, "an amount of processor", "500m", "0.5")
Share = _quantity(units.Share.parse, "a share", "99.9 %", "70 %")
Money = _quantity(units.Money.parse, "an amount of money a month", "550 USD")
Isolation = _quantity(isolation.Isolation.parse, "who must not reach whom", "dev -> prod never", "web -> db only 3306")
Isolations = _one_or_more(Isolation, "dev -> prod never", "web -> db only 3306")
Replicas = _quantity(Range.parse, "a range", "2..10", "3")
