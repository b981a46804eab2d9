"""From a platform.yaml to a Platform, or to every mistake in it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from seawall.kernel.errors import InputError, Problem
from seawall.model.component import Component
from seawall.model.document import Document, Path
from seawall.model.platform import (
    Description,
    Environment,
    Platform,
    Site,
    StatedWaiver,
    claims_of,
    description_type,
)

_FRAME_OF_ENVIRONMENT = frozenset(Environment.model_fields)
_FRAME_OF_SITE = frozenset(Site.model_fields)
_NOT_OVERRIDDEN = frozenset({"platform", "environments"})


def load(document: Document, kinds: Mapping[str, type[Component]], environment: str | None = None) -> Platform:
    """Choose an environment, lay it over the description, and validate the whole.

    Raises InputError with one Problem for each mistake.
    """
    name = _choose(document, environment)
    chosen = document.data["environments"][name]
    for key in _NOT_OVERRIDDEN & set(chosen):
        where = document.origin(("environments", name, key))
        raise InputError(f"an environment cannot say {key} anew", fix="move it to the top", origin=where)
    merged = document.overridden(("environments", name), leave_out=_FRAME_OF_ENVIRONMENT)
    described = _described(document.data, kinds)
    sites: dict[str, Platform] = {}
    home = replace(_platform(merged, kinds, name, described), sites=sites)
    for site in merged.data.get("sites") or ():
        laid = merged.overridden(("sites", site), leave_out=_FRAME_OF_SITE)
        region = str(merged.data["sites"][site]["region"])
        taken = {home.region: "home", **{other.region: known for known, other in sites.items()}}
        if region in taken:
            raise InputError(
                f"site {site} lies in {region}, as {taken[region]} does",
                fix="a site is another region; say what differs there",
                origin=merged.origin(("sites", site)),
            )
        there = _platform(laid, kinds, name, described)
        sites[site] = replace(there, region=region, site=site, at_home=home)
    return home


def _platform(
    merged: Document, kinds: Mapping[str, type[Component]], environment: str, described: frozenset[str]
) -> Platform:
    """The description, laid over already, as a platform; ``described`` are all the components it speaks of."""
    kind_of_description = description_type(kinds)
    data = _with_kinds(merged.data, kinds)
    try:
        description = kind_of_description.model_validate(data)
    except ValidationError as error:
        raise InputError.of(list(problems(error, merged, kind_of_description))) from None
    components = _components(description, kinds)
    _check_names(components, description, merged, described)
    return Platform(
        name=description.platform,
        environment=environment,
        region=description.environments[environment].region,
        domain=description.domain,
        prefix=description.prefix,
        owner=description.owner,
        components=components,
        stacks=_stacks(components, description),
        claims=claims_of(description.claims),
        waivers=tuple(
            StatedWaiver(waive.rule, waive.addresses, waive.reason, waive.until, merged.origin(("waivers", key)))
            for key, waive in description.waivers.items()
        ),
        document=merged,
        needed_by=_needed_by(components),
        tags=description.tags,
    )


def _choose(document: Document, wanted: str | None) -> str:
    environments = document.data.get("environments")
    where = document.origin(("environments",))
    if not isinstance(environments, dict) or not environments:
        raise InputError(
            "a description needs at least one environment",
            fix="add `environments: {production: {region: ap-northeast-2, default: true}}`",
            origin=where,
        )
    for name, environment in environments.items():
        if not isinstance(environment, dict):
            raise InputError(
                f"the environment {name} is not a mapping",
                fix="give it a region",
                origin=document.origin(("environments", name)),
            )
    names = ", ".join(environments)
    if wanted is not None:
        if wanted not in environments:
            raise InputError(f"there is no environment {wanted}", fix=f"choose one of {names}", origin=where)
        return wanted
    marked = [name for name, environment in environments.items() if environment.get("default") is True]
    if len(marked) == 1:
        return str(marked[0])
    if len(marked) > 1:
        raise InputError(f"{' and '.join(marked)} are both marked default", fix="mark one", origin=where)
    if len(environments) == 1:
        return str(next(iter(environments)))
    raise InputError(
        f"there are several environments ({names}) and none is marked default",
        fix="name one with --environment, or mark one `default: true`",
        origin=where,
    )


def _with_kinds(data: dict[str, Any], kinds: Mapping[str, type[Component]]) -> dict[str, Any]:
    # A section's kind is its key; saying it again would be a second way to say the same thing.
    sections = {
        name: {"kind": name, **data[name]}
        for name, kind in kinds.items()
        if kind.section and isinstance(data.get(name), dict)
    }
    return data | sections


def _components(description: Description, kinds: Mapping[str, type[Component]]) -> dict[str, Component]:
    sections = {name: getattr(description, name) for name, kind in kinds.items() if kind.section}
    named: dict[str, Component] = getattr(description, "components", {})  # a field that description_type adds
    return {**{name: found for name, found in sections.items() if found is not None}, **named}


def _described(data: Mapping[str, Any], kinds: Mapping[str, type[Component]]) -> frozenset[str]:
    """The names of every component that any part of a description speaks of: an environment may take some away."""
    found = {name for name, kind in kinds.items() if kind.section}
    pending: list[Any] = [data]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            components = part.get("components")
            found.update(components if isinstance(components, dict) else ())
            for variations in (part.get("environments"), part.get("sites")):
                pending.extend(variations.values() if isinstance(variations, dict) else ())
    return frozenset(found)


def _check_names(
    components: Mapping[str, Component], description: Description, document: Document, described: frozenset[str]
) -> None:
    problems: list[Problem] = []
    for name, component in components.items():
        for number, need in enumerate(component.needs):
            if need not in components:
                where = document.origin(("components", name, "needs", number))
                problems.append(
                    Problem(where, f"{name} needs {need}, which is not a component", _nearest(need, components))
                )
    for stack, members in description.stacks.items():
        for number, member in enumerate(members):
            name, _, part = member.partition(".")
            where = document.origin(("stacks", stack, number))
            if name not in described:
                said = f"stack {stack} names {name}, which is not a component"
                problems.append(Problem(where, said, _nearest(name, components)))
            elif part and name in components and part not in components[name].parts:
                said = f"stack {stack} names {member}, and {name} has no such part"
                problems.append(Problem(where, said, _nearest(part, list(components[name].parts))))
    if not problems:
        cycle = _cycle({name: component.needs for name, component in components.items()})
        if cycle:
            where = document.origin(("components", cycle[0], "needs"))
            problems.append(Problem(where, f"components need each other in a circle: {' -> '.join(cycle)}"))
    if problems:
        raise InputError.of(problems)


def _cycle(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    done: set[str] = set()
    for start in needs:
        pending: list[tuple[str, Iterator[str]]] = [(start, iter(needs[start]))] if start not in done else []
        path: list[str] = [start] if pending else []
        while pending:
            name, rest = pending[-1]
            following = next(rest, None)
            if following is None:
                pending.pop()
                path.pop()
                done.add(name)
            elif following in path:
                return [*path[path.index(following) :], following]
            elif following not in done:
                pending.append((following, iter(needs[following])))
                path.append(following)
    return []


def _needed_by(components: Mapping[str, Component]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, component in components.items():
        for need in dict.fromkeys(component.needs):
            found.setdefault(need, []).append(name)
    return {need: tuple(names) for need, names in found.items()}


def _stacks(components: Mapping[str, Component], description: Description) -> dict[str, str]:
    named = {member: stack for stack, members in description.stacks.items() for member in members}
    found: dict[str, str] = {}
    for name, component in components.items():
        found[name] = named.get(name, component.stack)
        for part in component.parts:
            usual = component.part_stacks.get(part, found[name])
            found[f"{name}.{part}"] = named.get(f"{name}.{part}", usual)
    return found


def _nearest(word: str, known: Mapping[str, Any] | list[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"known are {', '.join(sorted(known))}" if known else ""


def problems(error: ValidationError, document: Document, kind: type[BaseModel]) -> Iterator[Problem]:
    """Each mistake that the validation of a document found, with its place and the nearest right word."""
    for mistake in error.errors(include_url=False):
        location = mistake["loc"]
        path, model = _follow(kind, location)
        word = str(location[-1]) if location else ""
        where = document.origin(path)
        said = ".".join(str(step) for step in path)
        match mistake["type"]:
            case "extra_forbidden":
                known = [field.alias or name for name, field in model.model_fields.items()] if model is not None else []
                yield Problem(where, f"{said}: there is no key {word}", _nearest(word, known))
            case "missing":
                yield Problem(where, f"{'.'.join(str(s) for s in path[:-1]) or 'the description'} needs the key {word}")
            case "union_tag_invalid":
                context = mistake["ctx"]
                kinds = [tag.strip("' ") for tag in str(context["expected_tags"]).split(",")]
                origin = document.origin((*path, "kind"))
                yield Problem(
                    origin, f"{said}: there is no kind {context['tag']}", _nearest(str(context["tag"]), kinds)
                )
            case "union_tag_not_found":
                yield Problem(where, f"{said} needs a kind", "for example `kind: service`")
            case "value_error":
                yield Problem(where, f"{said}: {mistake['ctx']['error']}")
            case "string_pattern_mismatch" if path and model is None and "[key]" in location:
                yield Problem(where, f"{said} is not a name", "use 2 to 40 lower-case letters, digits and hyphens")
            case _:
                yield Problem(
                    where,
                    f"{said}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}, not {_shown(mistake['input'])}",
                )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _follow(kind: Any, location: tuple[int | str, ...]) -> tuple[Path, type[BaseModel] | None]:
    """The path in the document, and the model that the last step was looked for in.

    pydantic names the member of a union by its tag, which the document does not hold; such steps are dropped.
    """
    path: list[str | int] = []
    model: type[BaseModel] | None = None
    here: Any = kind
    for step in location:
        here = _unwrapped(here)
        members = _members(here)
        if members:
            tagged = next((member for member in members if _tag(member) == step), None)
            if tagged is not None:
                here = tagged
                continue
            here = next(
                (member for member in members if isinstance(member, type) and issubclass(member, BaseModel)),
                None,
            )
        if step == "[key]":
            continue
        path.append(step)
        model = None
        if isinstance(here, type) and issubclass(here, BaseModel):
            model = here
            field = here.model_fields.get(str(step))
            here = field.annotation if field else None
        else:
            arguments = get_args(here)
            here = (
                arguments[-1]
                if get_origin(here) not in (tuple, list) and arguments
                else arguments[0]
                if arguments
                else None
            )
    return tuple(path), model


def _unwrapped(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def _members(kind: Any) -> list[Any]:
    if get_origin(kind) in (Union, UnionType):
        return [_unwrapped(member) for member in get_args(kind) if member is not type(None)]
    return []


def _tag(model: Any) -> str | None:
    if isinstance(model, type) and issubclass(model, BaseModel) and "kind" in model.model_fields:
        arguments = get_args(model.model_fields["kind"].annotation)
        return str(arguments[0]) if arguments else None
    return None
