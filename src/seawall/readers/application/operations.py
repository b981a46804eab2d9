"""Operations of an SDK as calls that IAM decides: their actions, and the ARNs that their arguments name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TYPE_CHECKING, Final, TypeAlias

from seawall.facts.application import MAPPING, Involves, Operation, variable_of
from seawall.facts.demands import Call
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.knowledge import sdk_operations
from seawall.knowledge.resource_names import NAMESPACE, REGION
from seawall.readers.application import names
from seawall.readers.aws.arn import ACCOUNT, SECRET_SUFFIX, partition

if TYPE_CHECKING:
    from seawall.knowledge.authorization import Action, ResourceType

MOST: Final = 50
"""Resources of one call: a list that is longer was hardly written by hand, and its rest says nothing new."""

_PIECE: Final = re.compile(r"\$\{(\w+)\}")
_QUEUE_URL: Final = re.compile(
    r"https?://(?:sqs\.(?P<region>[a-z0-9-]+)\.|(?P<old>[a-z0-9-]+)\.queue\.)?[^/]*/(?P<account>\d{12})/(?P<name>[\w.-]+)"
)
_INFERENCE_PROFILE: Final = re.compile(r"(?:us|us-gov|eu|apac|au|jp|ca|global)\.")

Arguments: TypeAlias = Mapping[str, tuple[Textual, ...]]


def calls_of(
    operation: Operation, source: Address, environment: Mapping[str, Textual], region: Textual
) -> Iterator[Call | Involves]:
    """The calls that an operation makes when ``source`` runs it with that environment.

    ``region`` is the one that an SDK takes where the code names none. An operation that IAM does not know is something
    that the source has to do with the service, and no call.
    """
    service = sdk_operations.prefix(operation.service)
    name = sdk_operations.spelled(operation.operation)
    if f"{service}:{name}" in sdk_operations.NOTHING:
        return
    arguments: dict[str, tuple[Textual, ...]] = {}
    for path, value in operation.arguments:
        if (said := filled(value, environment)) != "":
            arguments[path] = (*arguments.get(path, ()), said)
    where = filled(operation.region, environment) if operation.region != "" else region
    where = names.name(where, REGION, operation.where)
    items = sdk_operations.ITEMS.get(f"{operation.service}:{name}")
    if items is not None and not all(_is_mapping(each) for each in arguments.get(items, (operation.where,))):
        why = f"{operation.where}: the code works out the {items} of {operation.operation}"
        yield Involves(source, service, "*", why)
    found = items is not None
    for action, bound in _actions(operation.service, name, arguments):
        for call in _calls(source, action, arguments, bound, where, operation):
            found = True
            yield call
    if not found:
        why = f"{operation.where}: {operation.service} {operation.operation} is no operation whose actions are known"
        yield Involves(source, service, "*", why)


def _is_mapping(value: Textual) -> bool:
    return isinstance(value, Unknown) and value.why == MAPPING


def filled(value: Textual, environment: Mapping[str, Textual]) -> Textual:
    """A text with what the environment says in place of its variables; their defaults where it does not."""
    parts = value.parts if isinstance(value, Text) else (value,)
    return text(*(_variable(part, environment) if isinstance(part, Unknown) else part for part in parts))


def _variable(hole: Unknown, environment: Mapping[str, Textual]) -> Textual:
    variable = variable_of(hole)
    if variable is None:
        return hole
    name, default = variable
    if name in environment:
        return environment[name]
    if default is not None:
        return default
    return Unknown(hole.what, why=f"nothing in the input sets the environment variable {name}")


def _actions(service: str, name: str, arguments: Arguments) -> Iterator[tuple[str, sdk_operations.Bound]]:
    listed = sdk_operations.OPERATIONS.get(service, {}).get(name)
    if listed is None:
        yield f"{sdk_operations.prefix(service)}:{name}", {}
    else:
        yield from listed
    for path in arguments:
        yield from sdk_operations.EXTRA.get((f"{service}:{name}", path), ())


def _calls(
    source: Address,
    name: str,
    arguments: Arguments,
    bound: sdk_operations.Bound,
    region: Textual,
    operation: Operation,
) -> Iterator[Call]:
    from seawall.knowledge import authorization

    action = authorization.action(name)
    if action is None:
        return
    context: tuple[tuple[str, tuple[Textual, ...]], ...] = ()
    if action.name in sdk_operations.NAMESPACED and "Namespace" in arguments:
        context = (
            (
                "cloudwatch:namespace",
                tuple(names.name(each, NAMESPACE, operation.where) for each in arguments["Namespace"]),
            ),
        )
    said = f"{operation.where}: {operation.operation}"
    for resource, there in islice(resources(action, arguments, bound, region, operation.where), MOST):
        known = there if isinstance(there, str | Unknown) else Unknown(operation.where, why=f"it is {there}")
        yield Call(source, action.name, resource, known, context, said=said)


def resources(
    action: Action, arguments: Arguments, bound: sdk_operations.Bound, region: Textual, where: str
) -> Iterator[tuple[Textual, Textual]]:
    """The ARNs that a call is about, with the region of each; ``*`` if its action is about no resource.

    A resource that may be of several kinds, of which no argument tells, is unknown.
    """
    if not action.targets or sdk_operations.NO_RESOURCE.get(action.name) in arguments:
        yield "*", region
        return
    kinds = [_Kind(action.service, target.type, target.required, arguments, bound) for target in action.targets]
    meant = sdk_operations.MEANT.get(action.name)
    required = [kind for kind in kinds if kind.required]
    chosen = (
        next((kind for kind in kinds if kind.type.name == meant), None)
        or max((kind for kind in kinds if kind.complete), key=lambda kind: kind.given, default=None)
        or max((kind for kind in kinds if kind.given), key=lambda kind: (kind.given, kind.required), default=None)
        or next((kind for kind in (kinds if len(kinds) == 1 else required if len(required) == 1 else ())), None)
    )
    if chosen is not None and not chosen.given and not required and meant is None:
        yield "*", region  # what it may be narrowed to is not what every call is about
    elif chosen is None:
        yield Unknown(f"{where}: {action.name}", why="the code does not say which resource it is about"), region
    else:
        yield from chosen.arns(region, where)


class _Kind:
    """One kind of resource that an action may be about, with the arguments that name one of it."""

    __slots__ = ("arn", "required", "service", "type", "values", "variables")

    def __init__(
        self, service: str, type: ResourceType, required: bool, arguments: Arguments, bound: sdk_operations.Bound
    ) -> None:
        from seawall.knowledge import authorization

        self.service, self.type, self.required = service, type, required
        self.variables = authorization.variables(type.arn)
        self.values: dict[str, tuple[Textual, ...]] = {}
        for variable in self.variables:
            for name in _arguments(service, variable, bound):
                if name in arguments:
                    self.values[variable] = arguments[name]
                    break
        plain = re.sub(r"[^a-z0-9]", "", type.name.lower())
        self.arn = next((arguments[name] for name in arguments if name.lower() == f"{plain}arn"), None)

    @property
    def given(self) -> int:
        """How many of its variables an argument names."""
        return len(self.variables) if self.arn is not None else len(self.values)

    @property
    def complete(self) -> bool:
        """Whether all are named, of at least one."""
        return self.given == len(self.variables) > 0

    def arns(self, region: Textual, where: str) -> Iterator[tuple[Textual, Textual]]:
        """The ARN of each combination of values, and its region."""
        if self.arn is not None:
            for value in self.arn:
                named = names.arn(value, where)
                yield named, _region_of(named, region)
            return
        hole: dict[str, tuple[Textual, ...]] = {}
        for variable in self.variables:
            default = sdk_operations.DEFAULTS.get((self.service, variable))
            unsaid = Unknown(f"{where}: {variable}", why="the code does not say it")
            hole[variable] = (unsaid if default is None else default,)
        for values in product(*(self.values.get(name, hole[name]) for name in self.variables)):
            yield self._arn(dict(zip(self.variables, values, strict=True)), region, where)

    def _arn(self, values: dict[str, Textual], region: Textual, where: str) -> tuple[Textual, Textual]:
        first = self.variables[0] if self.variables else ""
        leading = values.get(first, "")
        account: Textual = ACCOUNT
        if self.service == "sqs" and not isinstance(leading, Ref) and not _is_arn(leading):
            values[first], region, account = _queue(leading, region)
        for variable, value in values.items():
            if variable != first or not _is_arn(value):
                values[variable] = names.of_variable(value, self.service, variable, where)
        if isinstance(leading, Ref):
            # The thing itself: its ARN, and what comes after its name.
            rest = self.type.arn.partition(f"${{{first}}}")[2]
            return text(Ref(leading.to, "arn"), *self._pieces(rest, values, region, ACCOUNT)), region
        if _is_arn(leading):
            leading = names.arn(leading, where)
            rest = self.type.arn.partition(f"${{{first}}}")[2]
            return text(leading, *self._pieces(rest, values, region, ACCOUNT)), _region_of(leading, region)
        for variable, value in values.items():
            values[variable] = _as_in_arns(self.service, variable, value)
        shape = self.type.arn
        if self.service == "bedrock" and self.type.name == "foundation-model":
            model = values.get(first)
            if isinstance(model, str) and _INFERENCE_PROFILE.match(model):
                shape = "arn:${Partition}:bedrock:${Region}:${Account}:inference-profile/${ResourceId}"
        if self.service == "logs" and self.type.name == "log-group":
            shape += ":*"  # what all but the tagging actions are about, says CloudWatch Logs' user guide
        return text(*self._pieces(shape, values, region, account)), region

    @staticmethod
    def _pieces(shape: str, values: Mapping[str, Textual], region: Textual, account: Textual) -> Iterator[Textual]:
        common = {"Region": region, "Account": account, "Partition": partition(_plain(region))}
        for number, piece in enumerate(_PIECE.split(shape)):
            yield piece if number % 2 == 0 else values[piece] if piece in values else common[piece]


def _arguments(service: str, variable: str, bound: sdk_operations.Bound) -> Iterator[str]:
    """The arguments that may name a variable, the likeliest first."""
    if variable in bound:
        yield bound[variable]
        return
    yield from sdk_operations.VARIABLES.get(service, {}).get(variable, ())
    yield variable
    yield variable[:1].lower() + variable[1:]


def _as_in_arns(service: str, variable: str, value: Textual) -> Textual:
    """A name as ARNs write it: parameters without their first slash, secrets with the end that AWS makes up."""
    match service, variable:
        case "ssm", "ParameterNameWithoutLeadingSlash":
            first = _start(value)
            if isinstance(value, str):
                return re.sub(r":[\w.-]+$", "", value.removeprefix("/"))
            if isinstance(value, Text) and isinstance(first, str) and first.startswith("/"):
                return text(first[1:], *value.parts[1:])
        case "secretsmanager", "SecretId":
            why = "AWS makes it up when the secret is created"
            return text(value, "-", Unknown(f"{value}.suffix", why=why, length=SECRET_SUFFIX))
        case "kms", "KeyId" if isinstance(value, str) and value.startswith("alias/"):
            return Unknown(value, why="it is an alias, and any key may be behind it")
        case "iam" | "sts", "RoleNameWithPath" | "UserNameWithPath" if isinstance(value, str):
            return value.removeprefix("/")
    return value


def _queue(value: Textual, region: Textual) -> tuple[Textual, Textual, Textual]:
    """The name, region and account of a queue by its address or its name."""
    if isinstance(value, str):
        match = _QUEUE_URL.match(value)
        if match is not None:
            return match["name"], match["region"] or match["old"] or region, match["account"]
        return value.rpartition("/")[2], region, ACCOUNT
    if isinstance(value, Text):
        after: list[Textual] = []
        for part in reversed(value.parts):
            if isinstance(part, str) and "/" in part:
                after.append(part.rpartition("/")[2])
                break
            after.append(part)
        return text(*reversed(after)), region, ACCOUNT
    return value, region, ACCOUNT


def _is_arn(value: Textual) -> bool:
    start = _start(value)
    return isinstance(start, str) and start.startswith("arn:")


def _start(value: Textual) -> Textual:
    return value.parts[0] if isinstance(value, Text) else value


def _region_of(arn: Textual, region: Textual) -> Textual:
    """The region within an ARN; the one given where it is not known there, or has none."""
    start = _start(arn)
    fields = start.split(":") if isinstance(start, str) else []
    return fields[3] if len(fields) > 4 and fields[3] else region


def _plain(region: Textual) -> str | Unknown:
    return region if isinstance(region, str | Unknown) else Unknown(str(region))
