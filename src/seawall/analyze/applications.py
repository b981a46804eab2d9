"""What applications call of AWS: their files, ConfigMaps, environment and code put together for the pods that run them.

A reader sees one body. Which file a pod reads, what a variable of its environment says and which profile is active
stands in several, so that calls that follow from configuration and code are worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.facts.application import Code, Configuration, Entry, Involves, Operation
from seawall.facts.compute import Container, Environment, Mounts, Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Secret
from seawall.kernel.address import Address
from seawall.kernel.value import SECRET, Ref, Text, Textual, Unknown, text
from seawall.readers.application.aws import IMPORTS, Found, aws, named
from seawall.readers.application.operations import calls_of
from seawall.readers.application.spring import Properties

_SYSTEM: Final = frozenset({"kube-system", "kube-public", "kube-node-lease", "amazon-cloudwatch"})
_NAME_LABELS: Final = ("app.kubernetes.io/name", "app", "k8s-app")
_INDEX: Final = re.compile(r"\[\d+\]$")
_TOKEN: Final = re.compile(r"\s*([()!&|,]|[^\s()!&|,]+)")


def calls(facts: Facts) -> tuple[Call, ...]:
    """Every call that configuration and code ask for, by the workload that makes it.

    What belongs to no workload of the input has its file or code as source, and is in ``unplaced``.
    """
    return facts.derive(_calls)


def involved(facts: Facts) -> tuple[Involves, ...]:
    """Services and resources that workloads have to do with, though nothing says what they do there."""
    return facts.derive(_involved)


def unread(facts: Facts) -> tuple[Involves, ...]:
    """Places in source code that may call AWS, and of which nobody can say what they call; each once."""
    return facts.derive(_unread)


def unplaced(facts: Facts) -> tuple[Unknown, ...]:
    """Files and code of which the input does not say who runs them, with the reason."""
    return facts.derive(_unplaced)


def workloads_of(facts: Facts, source: Address) -> tuple[Address, ...] | Unknown:
    """The workloads that run with a configuration file or run some code, sorted; unknown with the reason.

    A file within a ConfigMap is of those that mount it. Any other is of the workload that its folder's
    ``spring.application.name`` names, or else of the only one there is. Code is of the workload it was given for.
    """
    return facts.derive(_placed).get(source, Unknown(str(source), why="nothing is known of it"))


def homeless(facts: Facts, source: Address) -> Unknown | None:
    """Why nobody can say who runs a file or code; None for what belongs to a workload, and for any other source."""
    place = facts.derive(_placed).get(source)
    return place if isinstance(place, Unknown) else None


def configured(facts: Facts) -> tuple[tuple[Address, Properties], ...]:
    """What each ordinary container of each workload is configured with for certain: its files and its environment.

    Files count for the container that is the application, in the profiles that are active.
    """
    return facts.derive(_configured)


@dataclass(frozen=True, slots=True)
class _Document:
    """A document of configuration with where it stands, in the order in which documents are laid over each other."""

    of: Address
    profile: str
    properties: Mapping[str, Textual]


def _calls(facts: Facts) -> tuple[Call, ...]:
    found: dict[Call, None] = {}
    for each in facts.derive(_everything):
        if isinstance(each, Call) and not _is_done(facts, each):
            call = _settled(facts, each)
            found[call] = None
            found.update(dict.fromkeys(_decrypted(facts, call)))
    return tuple(found)


def _involved(facts: Facts) -> tuple[Involves, ...]:
    stated: dict[Involves, None] = {}
    for each in facts.all(Involves):
        places = workloads_of(facts, each.of)
        for place in (each.of,) if isinstance(places, Unknown) else places:
            stated[Involves(place, each.service, each.resource, each.why, by=each.by)] = None
    stated.update(dict.fromkeys(each for each in facts.derive(_everything) if isinstance(each, Involves)))
    coded = {place for code in facts.all(Code) for place in _listed(workloads_of(facts, code.of))}
    told = {(call.source, str(call.resource)) for call in facts.derive(_calls) if call.source in coded}
    # A bucket that a variable names is no riddle where the code says what it does with it.
    return tuple(
        each
        for each in stated
        if each.resource == "*"
        or not any(source == each.of and arn.startswith(str(each.resource)) for source, arn in told)
    )


def _unread(facts: Facts) -> tuple[Involves, ...]:
    found: dict[tuple[Address, str], Involves] = {}
    for code in facts.all(Code):
        called = _called(facts, code.of, code.of, {})
        for each in (*facts.where(Involves, of=code.of), *called):
            if isinstance(each, Involves):
                found.setdefault((code.of, each.why), each)
    return tuple(found.values())


def _listed(places: tuple[Address, ...] | Unknown) -> tuple[Address, ...]:
    return () if isinstance(places, Unknown) else places


def _unplaced(facts: Facts) -> tuple[Unknown, ...]:
    placed = facts.derive(_placed)
    return tuple(placed[source] for source in sorted(placed) if isinstance(placed[source], Unknown))  # type: ignore[misc]


def _everything(facts: Facts) -> tuple[Found, ...]:
    found: dict[Found, None] = {}
    placed = facts.derive(_placed)
    documents = facts.derive(_documents)
    of_workload: dict[Address, list[_Document]] = {}
    code_of: dict[Address, list[Address]] = {}
    for source, places in placed.items():
        is_code = bool(facts.where(Code, of=source))
        for place in (source,) if isinstance(places, Unknown) else places:
            if is_code:
                code_of.setdefault(place, []).append(source)
            else:
                of_workload.setdefault(place, []).extend(documents[source])
    for workload in facts.all(Workload):
        environments = _environments(facts, workload.of)
        own = of_workload.pop(workload.of, [])
        main = _main(workload.of, environments)
        for container, environment in environments.items():
            its = own if container == main else []
            if its or environment:
                found.update(dict.fromkeys(_of(facts, workload.of, its, environment, container)))
        for source in code_of.pop(workload.of, ()):
            together = {**_merged(environments), **environments.get(main, {})}
            found.update(dict.fromkeys(_called(facts, source, workload.of, together)))
    for source, left in of_workload.items():
        found.update(dict.fromkeys(_of(facts, source, left, {}, "")))
    for source, codes in code_of.items():
        for code in codes:
            found.update(dict.fromkeys(_called(facts, code, source, {})))
    return tuple(found)


# -- who runs what


def _placed(facts: Facts) -> dict[Address, tuple[Address, ...] | Unknown]:
    placed: dict[Address, tuple[Address, ...] | Unknown] = {}
    mounted: dict[Address, list[Address]] = {}
    for mounts in facts.all(Mounts):
        mounted.setdefault(mounts.volume, []).append(mounts.workload)
    for source in dict.fromkeys(
        each.of
        for kind in (Configuration, Involves)
        for each in facts.all(kind)
        if isinstance(each, Configuration | Involves)
    ):
        if source.as_kubernetes() is not None:
            by = mounted.get(source.owner, ())
            placed[source] = tuple(sorted(set(by))) or Unknown(str(source), why=f"no pod mounts {source.owner}")
    for folder, files in _folders(facts).items():
        answer = _by_name(facts, folder, files)
        placed.update(dict.fromkeys(files, answer))
    for code in facts.all(Code):
        placed[code.of] = _by_spelling(facts, code)
    return placed


def _folders(facts: Facts) -> dict[str, list[Address]]:
    """Files of configuration by the folder that they lie in: those of one folder are one application's."""
    folders: dict[str, list[Address]] = {}
    for each in facts.all(Configuration):
        if each.of.startswith("file:"):
            files = folders.setdefault(each.of.rpartition("/")[0], [])
            if each.of not in files:
                files.append(each.of)
    return folders


def _by_name(facts: Facts, folder: str, files: list[Address]) -> tuple[Address, ...] | Unknown:
    names = {
        value
        for file in files
        for each in facts.where(Configuration, of=file)
        for key, value in each.properties
        if key == "spring.application.name" and isinstance(value, str)
    }
    shown = files[0].removeprefix("file:")
    workloads = facts.all(Workload)
    if len(names) == 1:
        name = next(iter(names))
        found = sorted({each.of for each in workloads if name in _names(facts, each)})
        return tuple(found) or Unknown(shown, why=f"no workload of the input is called {name}")
    if len(names) > 1:
        return Unknown(shown, why=f"its folder names several applications: {', '.join(sorted(names))}")
    others = [each for each in workloads if _parts(each.of)[0] not in _SYSTEM]
    alone = {(_parts(each.of)[0], _parts(each.of)[1]) for each in others}
    if len(alone) == 1:
        return tuple(sorted(each.of for each in others))
    why = "it has no spring.application.name, and the input has " + (
        f"{len(alone)} workloads" if alone else "no workload"
    )
    return Unknown(shown, why=why)


def _names(facts: Facts, workload: Workload) -> set[str]:
    """What a workload is called: by its object, its labels, its containers, and by its environment for Spring."""
    found = {_parts(workload.of)[1]}
    found.update(value for key, value in workload.labels if key in _NAME_LABELS)
    found.update(each.name for each in facts.where(Container, workload=workload.of) if not each.init)
    for variable in facts.where(Environment, workload=workload.of):
        if variable.name == "SPRING_APPLICATION_NAME" and isinstance(variable.value, str):
            found.add(variable.value)
    return found


def _by_spelling(facts: Facts, code: Code) -> tuple[Address, ...] | Unknown:
    found = [each.of for each in facts.all(Workload) if code.workload in _spellings(each.of)]
    if found:
        return tuple(sorted(found))
    return Unknown(str(code.of), why=f"no workload of the input is called {code.workload}")


def _spellings(workload: Address) -> set[str]:
    name = workload.as_kubernetes()
    if name is None:
        return {str(workload)}
    return {
        name.name,
        f"{name.namespace}/{name.name}",
        f"{name.kind}/{name.namespace}/{name.name}",
        str(workload),
    }


def _parts(workload: Address) -> tuple[str, str]:
    name = workload.as_kubernetes()
    return (name.namespace, name.name) if name is not None else ("", str(workload))


# -- what it is configured with


def _documents(facts: Facts) -> dict[Address, list[_Document]]:
    found: dict[Address, list[tuple[int, _Document]]] = {}
    for each in facts.all(Configuration):
        found.setdefault(each.of, []).append((each.order, _Document(each.of, each.profile, dict(each.properties))))
    return {
        source: [document for _, document in sorted(listed, key=lambda pair: pair[0])]
        for source, listed in found.items()
    } | {each.of: [] for each in facts.all(Involves) if each.of not in found}


def _environments(facts: Facts, workload: Address) -> dict[str, dict[str, Textual]]:
    """The environment of each ordinary container, with the values that ConfigMaps hold."""
    found: dict[str, dict[str, Textual]] = {
        each.name: {} for each in facts.where(Container, workload=workload) if not each.init
    }
    for variable in facts.where(Environment, workload=workload):
        if variable.container not in found:
            continue
        values = found[variable.container]
        if variable.secret is not None:
            secret, key = variable.secret
            if not variable.name.endswith("*"):
                values[variable.name] = Unknown(f"{secret}.{key}", why=SECRET)
        elif isinstance(variable.value, Ref) and variable.value.attr == "data":
            for entry in facts.where(Entry, of=variable.value.to):
                values[f"{variable.name[:-1]}{entry.key}"] = entry.value
        elif isinstance(variable.value, Ref) and variable.value.attr.startswith("data."):
            key = variable.value.attr.removeprefix("data.")
            held = [entry.value for entry in facts.where(Entry, of=variable.value.to) if entry.key == key]
            missing = Unknown(f"{variable.value.to}.{variable.value.attr}", why="the input does not hold it")
            values[variable.name] = held[0] if held else missing
        else:
            values[variable.name] = variable.value
    return found


def _main(workload: Address, environments: Mapping[str, Mapping[str, Textual]]) -> str:
    """The container that is the application: the one set up for Spring, else of the workload's name, else the first."""
    sprung = [name for name, values in environments.items() if any(key.startswith("SPRING_") for key in values)]
    if len(sprung) == 1:
        return sprung[0]
    own = _parts(workload)[1]
    return own if own in environments else next(iter(environments), "")


def _merged(environments: Mapping[str, Mapping[str, Textual]]) -> dict[str, Textual]:
    return {key: value for values in environments.values() for key, value in values.items()}


def _region(facts: Facts, source: Address, environment: Mapping[str, Textual]) -> Textual:
    """The region that an SDK takes: the environment's, which EKS sets to its cluster's where nothing else does."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if name in environment and environment[name] != "":
            return environment[name]
    cluster = cluster_of(facts, source) if facts.where(Workload, of=source) else None
    if cluster is not None:
        return cluster.region
    return Unknown(f"{source}: region", why="neither the configuration nor a cluster of the input says it")


def _of(
    facts: Facts, source: Address, documents: list[_Document], environment: Mapping[str, Textual], container: str
) -> Iterator[Found]:
    """What a container with this configuration calls; what holds only under a profile that may be active is open."""
    region = _region(facts, source, environment)
    where = f"{source}, container {container}" if container else _file(source)
    common = [each for each in documents if not each.profile]
    settled = Properties(_over(common), environment, where)
    active = _active(settled)
    sure = common + [each for each in documents if each.profile and _holds(each.profile, active) is True]
    found = dict.fromkeys(_found(source, sure, environment, where, region))
    yield from found
    perhaps = [each for each in documents if each.profile and _holds(each.profile, active) is None]
    for document in perhaps:
        for each in _found(source, [*sure, document], environment, where, region):
            if each not in found:
                service = each.action.partition(":")[0] if isinstance(each, Call) else each.service
                why = f"{_file(document.of)} asks for it under the profile {document.profile}, which may be active"
                yield Involves(source, service, each.resource, why)
    values = ((name, value, f"{where}: {name}") for name, value in environment.items())
    yield from named(source, values)
    for document in sure:
        listed = ((key, value, f"{_file(document.of)}: {key}") for key, value in document.properties.items())
        yield from named(source, ((key, value, place) for key, value, place in listed if not key.startswith(IMPORTS)))


def _configured(facts: Facts) -> tuple[tuple[Address, Properties], ...]:
    of_workload: dict[Address, list[_Document]] = {}
    documents = facts.derive(_documents)
    for source, places in facts.derive(_placed).items():
        for place in _listed(places):
            of_workload.setdefault(place, []).extend(documents.get(source, ()))
    found: list[tuple[Address, Properties]] = []
    for workload in facts.all(Workload):
        environments = _environments(facts, workload.of)
        main = _main(workload.of, environments)
        for container, environment in environments.items():
            its = of_workload.get(workload.of, []) if container == main else []
            where = f"{workload.of}, container {container}"
            common = [each for each in its if not each.profile]
            active = _active(Properties(_over(common), environment, where))
            sure = common + [each for each in its if each.profile and _holds(each.profile, active) is True]
            origins = {key: _file(each.of) for each in sure for key in each.properties}
            if sure or environment:
                found.append((workload.of, Properties(_over(sure), environment, where, origins)))
    return tuple(found)


def _found(
    source: Address,
    documents: list[_Document],
    environment: Mapping[str, Textual],
    where: str,
    region: Textual,
) -> Iterator[Found]:
    origins = {key: _file(each.of) for each in documents for key in each.properties}
    properties = Properties(_over(documents), environment, where, origins)
    imports = [
        (f"{_file(each.of)}: {IMPORTS}", value)
        for each in documents
        for key, value in each.properties.items()
        if _INDEX.sub("", key) == IMPORTS
    ]
    if "SPRING_CONFIG_IMPORT" in environment:
        imports.append((f"{where}: SPRING_CONFIG_IMPORT", environment["SPRING_CONFIG_IMPORT"]))
    spring = bool(documents) or any(name.startswith(("SPRING_", "MANAGEMENT_")) for name in environment)
    yield from aws(source, properties, imports, region, spring=spring)


def _over(documents: list[_Document]) -> dict[str, Textual]:
    return {key: value for document in documents for key, value in document.properties.items()}


def _file(source: Address) -> str:
    return source.removeprefix("file:")


def _active(properties: Properties) -> frozenset[str] | None:
    """The active profiles, ``default`` where none is; None if nobody can say."""
    value = properties.get("spring.profiles.active")
    more = properties.get("spring.profiles.include")
    if isinstance(value, Text | Ref | Unknown) or isinstance(more, Text | Ref | Unknown):
        return None
    chosen = [name.strip() for name in (value or "").split(",") if name.strip()]
    included = [name.strip() for name in (more or "").split(",") if name.strip()]
    found = dict.fromkeys(chosen or ["default"])
    for name in chosen:
        group = properties.get(f"spring.profiles.group.{name}")
        if isinstance(group, str):
            found.update(dict.fromkeys(each.strip() for each in group.split(",")))
    return frozenset((*found, *included))


def _holds(expression: str, active: frozenset[str] | None) -> bool | None:
    """Whether a document's profile expression holds: names with ``!``, ``&``, ``|``, parentheses; a comma is or."""
    if active is None:
        return None
    return _Expression(_tokens(expression), active).answer()


@cache
def _tokens(expression: str) -> tuple[str, ...]:
    return tuple(match[1] for match in _TOKEN.finditer(expression))


class _Expression:
    """A profile expression, read once from left to right; what is no expression is not known to hold."""

    def __init__(self, tokens: tuple[str, ...], active: frozenset[str]) -> None:
        self._tokens, self._active, self._at = tokens, active, 0

    def answer(self) -> bool | None:
        if self._tokens.count("(") > 20:
            return None
        try:
            value = self._either()
        except (IndexError, ValueError):
            return None
        return value if self._at == len(self._tokens) else None

    def _either(self) -> bool:
        value = self._both()
        while self._at < len(self._tokens) and self._tokens[self._at] in ("|", ","):
            self._at += 1
            value = self._both() or value
        return value

    def _both(self) -> bool:
        value = self._one()
        while self._at < len(self._tokens) and self._tokens[self._at] == "&":
            self._at += 1
            value = self._one() and value
        return value

    def _one(self) -> bool:
        negated = False
        while self._tokens[self._at] == "!":
            negated = not negated
            self._at += 1
        token = self._tokens[self._at]
        self._at += 1
        if token == "(":
            value = self._either()
            if self._tokens[self._at] != ")":
                raise ValueError(token)
            self._at += 1
        elif token in (")", "&", "|", ","):
            raise ValueError(token)
        else:
            value = token in self._active
        return value is not negated


# -- what its code calls


def _called(facts: Facts, code: Address, source: Address, environment: Mapping[str, Textual]) -> Iterator[Found]:
    region = _region(facts, source, environment)
    for operation in facts.where(Operation, of=code):
        yield from calls_of(operation, source, environment, region)


# -- what the estate itself says of what is called


def _settled(facts: Facts, call: Call) -> Call:
    """A call about a secret by its name, as one about that secret's own ARN, where the input has it."""
    if not call.action.startswith("secretsmanager:") or not isinstance(call.resource, Text):
        return call
    name = facts.derive(_secret_names).get(_without_suffix(call.resource))
    if name is None:
        return call
    return Call(call.source, call.action, name, call.region, call.context, by=call.by, said=call.said)


def _is_done(facts: Facts, call: Call) -> bool:
    """Whether nobody has to make the log group that a call would make, because the input makes it."""
    if call.action != "logs:CreateLogGroup" or not isinstance(call.resource, Text):
        return False
    *before, last = call.resource.parts
    group = text(*before, last.removesuffix(":*") if isinstance(last, str) else last)
    return any(each.attr == "arn" for each in facts.where(Identifier, value=group))


def _decrypted(facts: Facts, call: Call) -> Iterator[Call]:
    """Parameters under a path are decrypted in their reader's name, each under its key."""
    if call.action != "ssm:GetParametersByPath":
        return
    for secret in facts.all(Secret):
        if not isinstance(secret.key, Address):
            continue
        for identifier in facts.where(Identifier, of=secret.of):
            if identifier.attr == "arn" and _within(identifier.value, call.resource):
                service = (("kms:viaservice", (text("ssm.", call.region, ".amazonaws.com"),)),)
                said = f"{call.said}; {secret.of} is encrypted with {secret.key}"
                yield Call(call.source, "kms:Decrypt", Ref(secret.key, "arn"), call.region, service, said=said)


def _within(arn: Textual, path: Textual) -> bool:
    """Whether a parameter's ARN lies under that of a path."""
    inner, outer = _pieces(arn), _pieces(path)
    if len(outer) > len(inner) or outer[:-1] != inner[: len(outer) - 1]:
        return False
    last, other = outer[-1], inner[len(outer) - 1]
    if isinstance(last, str) and isinstance(other, str):
        return other.startswith(f"{last.rstrip('/')}/")
    return False


def _pieces(value: Textual) -> tuple[Textual, ...]:
    return value.parts if isinstance(value, Text) else (value,)


def _secret_names(facts: Facts) -> dict[Textual, Textual]:
    """The ARNs of the input's secrets, without the end that AWS makes up, with what they are in whole."""
    found: dict[Textual, Textual] = {}
    for secret in facts.all(Secret):
        for identifier in facts.where(Identifier, of=secret.of):
            if identifier.attr == "arn" and isinstance(identifier.value, Text) and ":secret:" in str(identifier.value):
                found[_without_suffix(identifier.value)] = identifier.value
    return found


def _without_suffix(arn: Text) -> Textual:
    *parts, last = arn.parts
    return text(*parts) if isinstance(last, Unknown) else arn
