"""A platform: the description with one environment chosen and laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias, Union

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from seawall.facts import isolation
from seawall.facts.cost import Bill
from seawall.facts.resilience import Claim, Recovery
from seawall.kernel.origin import Origin
from seawall.model.component import Component
from seawall.model.document import Document
from seawall.model.fields import Duration, Frame, HostName, Isolations, Line, Money, Name, Region, Share

Member: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,38}[a-z0-9](\.[a-z][a-z-]{0,38})?$")]
"""A component, or a part of one."""


class Environment(BaseModel):
    """A named variation: its region, whether it is the one meant by default, and any key of the platform anew."""

    model_config = ConfigDict(frozen=True, extra="allow")

    region: Region
    default: bool = False


class Site(BaseModel):
    """A further region that the platform runs in at the same time, and any key of the platform anew."""

    model_config = ConfigDict(frozen=True, extra="allow")

    region: Region


class RecoveryClaim(Frame):
    """How long something may be away, and how much of what was written may be lost."""

    rto: Duration
    rpo: Duration


RecoveryStep: TypeAlias = Literal["promote-data", "scale-out", "verify", "shift-traffic", "fail-back"]
Quantile: TypeAlias = Annotated[str, Field(pattern=r"^p[1-9][0-9]?(\.[0-9])?$")]


class RateClaim(Frame):
    """What a line of a bill is said to be worked out from: how many of a thing, each at so much an hour."""

    units: Annotated[float, Field(gt=0)] = 1
    hourly: Money


class BillClaim(Frame):
    """What one provider is said to cost a month: each line, and the sum that stands below them."""

    lines: Mapping[Line, Money]
    total: Money
    rates: Mapping[Line, RateClaim] = {}
    """From what those lines are worked out that say it."""


class Claims(Frame):
    """What the owner promises; each is proved, refuted, or unknown because of something."""

    availability: Share | None = None
    latency: Mapping[Quantile, Duration] = {}
    """Within how long which part of the requests is answered: ``{p95: 300 ms}`` says it of 95 of a hundred."""
    monthly_cost: Money | None = None
    zone_loss: RecoveryClaim | None = None
    region_loss: RecoveryClaim | None = None
    recovery: RecoveryClaim | None = None
    """How long until what was deleted or spoilt is back from a backup, and how much of it is lost then."""
    recoveries: Mapping[Line, RecoveryClaim] = {}
    """The same for environments of which something else is promised, by their names."""
    cloud_loss: RecoveryClaim | None = None
    """The loss of a whole provider, which only what another provider keeps survives."""
    session_timeout: Duration | None = None
    isolation: Isolations = ()
    """Who must never reach whom, or only on some ports: ``dev -> prod never``, ``web -> db only 3306``."""
    https_only: bool | None = None
    """Whether nothing is ever answered in clear."""
    shield: Literal["standard", "advanced"] | None = None
    """Which AWS Shield protects what the internet reaches."""
    recovery_steps: tuple[RecoveryStep, ...] = ()
    """What a runbook does for the loss of a region, in its order."""
    bill: Mapping[Line, BillClaim] = {}
    """What the monthly cost is made of, by provider or account."""
    counts: Mapping[Annotated[str, Field(pattern=r"^[a-z]+_[a-z0-9_]+$")], int] = {}
    """How many resources of a Terraform type there are."""
    zones: tuple[Line, ...] = ()
    """The zones that are in use."""
    several_zones: tuple[Line, ...] = ()
    """Names of databases, caches and workloads that run in more than one zone."""
    backups: Mapping[Line, Duration] = {}
    """For how long the backups of a store, by its name, are kept."""
    encrypted: tuple[Line, ...] = ()
    """Names of stores that are encrypted at rest."""
    failover: Mapping[Line, Literal["automatic", "by-hand"]] = {}
    """Who moves a store, by its name, to its copy in another zone or region."""
    active_active: tuple[Line, ...] = ()
    """Names of stores that are written to in several regions at once."""
    no_downtime: tuple[Line, ...] = ()
    """Names of workloads that change their version without refusing a request."""
    exactly_once: tuple[Line, ...] = ()
    """Names of streams of which every message is handled once, also in another region."""
    names: tuple[Line, ...] = ()
    """Host names, address ranges and regions that the text or a diagram speaks of."""
    stated: Mapping[Line, tuple[Line, ...]] = {}
    """All that is said of one thing, where a document says it in several places."""


class ClaimsFile(Frame):
    """A claims.yaml: what is said of an estate that no description of ours made."""

    claims: Claims


class Waive(Frame):
    """An owner's decision to live with a rule's finding on some addresses, with the reason and the last day."""

    rule: Annotated[str, Field(pattern=r"^[A-Z0-9]+[-_][A-Z0-9_-]+$")]
    addresses: tuple[Line, ...] = ("*",)
    reason: Annotated[Line, Field(min_length=10)]
    until: date


class Description(Frame):
    """A platform.yaml; the sections and kinds of component that exist are added by ``description_type``."""

    platform: Name
    """The platform's name; every resource carries it."""
    domain: HostName | None = None
    """The domain whose names it serves."""
    prefix: Name | None = None
    """What makes global names (buckets) unique; required for --target aws."""
    owner: Line = ""
    """Who answers for it; a tag of every resource."""
    tags: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9/_.-]{0,127}$")], Line] = {}
    """Tags of every AWS resource beside those that say what it belongs to."""
    stacks: Mapping[Name, tuple[Member, ...]] = {}
    """Stack name -> the components (``edge``) and parts of components (``edge.names``) whose resources go there.

    Whatever is not named goes where its kind says.
    """
    sites: Mapping[Name, Site] = {}
    """Further regions, each by a name; the first region is the environment's own."""
    claims: Claims = Claims()
    waivers: Mapping[Name, Waive] = {}
    """Findings that the owner lives with, each under a name, so that an environment can add or drop one."""
    environments: Mapping[Name, Environment]

    @model_validator(mode="after")
    def _tags_differ(self) -> Description:
        ours = {"name", "platform", "environment", "component", *(("owner",) if self.owner else ())}
        for key in self.tags:
            # IAM takes Owner and owner for one key, and refuses both; other services keep them apart.
            if key.lower() in ours:
                raise ValueError(f"tags says {key}, and every resource carries {key.lower()} already")
            ours.add(key.lower())
        return self


def description_type(kinds: Mapping[str, type[Component]]) -> type[Description]:
    """The description with these kinds of component: sections at the top, the others under ``components``."""
    return _description_type(tuple(kinds.items()))


# Every environment and site of every platform is read by the same type, and pydantic needs a while to build it.
@lru_cache(maxsize=8)
def _description_type(kinds: tuple[tuple[str, type[Component]], ...]) -> type[Description]:
    sections: dict[str, Any] = {
        kind: (component, ...) if component.required else (component | None, None)
        for kind, component in kinds
        if component.section
    }
    others = [component for _, component in kinds if not component.section]
    if len(others) > 1:
        anything: Any = Annotated[Union[tuple(others)], Field(discriminator="kind")]  # noqa: UP007
    else:
        anything = others[0] if others else Component
    return create_model("Description", __base__=Description, components=(dict[Name, anything], {}), **sections)


@dataclass(frozen=True, slots=True)
class StatedWaiver:
    """A waiver of the description, with where it is written."""

    rule: str
    addresses: tuple[str, ...]
    reason: str
    until: date
    origin: Origin


@dataclass(frozen=True, slots=True)
class Platform:
    """One environment of a description, whole and valid, in one region.

    ``components`` holds the sections too, by their kind; ``needed_by`` is ``needs`` the other way round: a
    component's name -> the names of those that need it.  ``stacks`` has components and ``component.part``.
    In a further region it is a site: ``site`` is its name, ``home`` the platform in the environment's own region.
    """

    name: str
    environment: str
    region: str
    domain: str | None
    prefix: str | None
    owner: str
    components: Mapping[str, Component]
    stacks: Mapping[str, str]
    claims: tuple[Claim, ...]
    waivers: tuple[StatedWaiver, ...]
    document: Document
    needed_by: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, str] = field(default_factory=dict)
    site: str = ""
    # Out of comparison and repr: each is found in the other.
    sites: Mapping[str, Platform] = field(default_factory=dict, compare=False, repr=False)
    at_home: Platform | None = field(default=None, compare=False, repr=False)

    @property
    def home(self) -> Platform:
        """The platform in the environment's own region; itself unless it is a site."""
        return self.at_home or self

    @property
    def regions(self) -> tuple[str, ...]:
        """The region at home, then those of the further sites."""
        return (self.home.region, *(site.region for site in self.home.sites.values()))

    def origin(self, component: str) -> Origin:
        """Where a component or section is described."""
        place = self.document.places.get(("components", component))
        return place or self.document.origin((component,))


Target = Literal["emulator", "aws"]


def claims_of(claims: Claims) -> tuple[Claim, ...]:
    """The claims as facts: one a measure, those of a loss split into how long and how much.

    What a claim says of several things is one fact for each: ``Claim("backups", "orders-db", Duration)``.
    """
    found: list[Claim] = []
    for name in type(claims).model_fields:
        value = getattr(claims, name)
        if isinstance(value, Mapping):
            found += [Claim(name, part, _plain(limit)) for part, limit in value.items()]
        elif name == "recovery_steps":
            found += [Claim("platform", name, value)] if value else []
        elif isinstance(value, tuple):
            found += [_listed(name, part) for part in value]
        elif isinstance(value, RecoveryClaim):
            found.append(Claim(name, "rto", value.rto))
            found.append(Claim(name, "rpo", value.rpo))
        elif value is not None:
            found.append(Claim("platform", name, value))
    return tuple(found)


def _listed(name: str, part: Any) -> Claim:
    return Claim(name, part.spelling, part) if isinstance(part, isolation.Isolation) else Claim(name, part, True)


def _plain(value: Any) -> Any:
    if isinstance(value, RecoveryClaim):
        return Recovery(value.rto, value.rpo)
    if not isinstance(value, BillClaim):
        return value
    rates = tuple((line, rate.units, rate.hourly) for line, rate in value.rates.items())
    return Bill(tuple(value.lines.items()), value.total, rates)
