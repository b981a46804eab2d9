"""Workflows of GitHub Actions: what starts a job, what its token may do, what it uses, whether it pushes an image.

Syntax: docs.github.com, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.facts.delivery import Job, Pushes, TakesOn, Uses
from seawall.facts.fact import Demand, Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.yaml_documents import yaml_documents
from seawall.readers.registry import reads

_CREDENTIALS: Final = "aws-actions/configure-aws-credentials"
_ROLE: Final = re.compile(r":role/(?:[^$]+/)?(?P<name>[A-Za-z0-9+=,.@_-]+)")
_OF_THE_MATRIX: Final = re.compile(r"\$\{\{ *matrix\.(?P<key>[A-Za-z0-9_-]+) *\}\}")
EVERY_SCOPE: Final = "all"
_ALL: Final = {"write-all": "write", "read-all": "read"}
_OWN: Final = ("./", "$/")
"""How a step names an action or workflow of the very commit that runs."""
_BUILD_AND_PUSH: Final = "docker/build-push-action"
# A line of a script that begins with the command, or has it after a separator; not one that is quoted or commented.
_COMMAND: Final = re.compile(
    r"(?:^|[;&|(]|\bthen\b|\bdo\b)\s*(?P<command>docker\s+(?:image\s+)?push\b"
    r"|docker\s+(?:buildx\s+)?build\b[^\n;&|#]*\s--push\b)",
    re.MULTILINE,
)


def workflow_text(text: str, file: str) -> Mapping[str, Any]:
    """A workflow's structure, its scalars as YAML 1.2 has them. Raises InputError for what is no YAML."""
    data = next((document.data for document in yaml_documents(text, file)), None)
    return data if isinstance(data, Mapping) else {}


@reads("file/github-workflow")
def workflow(resource: Resource) -> Iterator[Fact | Demand]:
    """The jobs of a workflow; a text that is no YAML says nothing, as GitHub would not run it."""
    text = resource.body.get("text")
    try:
        body = workflow_text(text if isinstance(text, str) else "", resource.origin.file)
    except InputError:
        return
    starts = _starts(body.get("on"))
    for name, job in _mapping(body.get("jobs")).items():
        if isinstance(job, Mapping):
            yield from _job(resource.address.implied(str(name)), body, job, starts)


def _job(of: Address, body: Mapping[str, Any], job: Mapping[str, Any], starts: tuple[str, ...]) -> Iterator[Fact]:
    environment = job.get("environment")
    if isinstance(environment, Mapping):
        environment = environment.get("name")
    permissions = _permissions(job["permissions"] if "permissions" in job else body.get("permissions"))
    yield Job(of, starts, permissions, environment if isinstance(environment, str) else "")
    yield from _uses(of, job.get("uses"))
    subjects = _subjects(body.get("on"), environment)
    steps = job.get("steps")
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping):
            yield from _uses(of, step.get("uses"))
            for role in _roles(step, job):
                yield TakesOn(of, role, subjects, _audience(step))
            if "if" not in job and "if" not in step:
                yield from _pushes(of, step)


def _starts(on: Any) -> tuple[str, ...]:
    names = on if isinstance(on, list | Mapping) else [on] if isinstance(on, str) else []
    return tuple(sorted(str(name) for name in names))


def _subjects(on: Any, environment: Any) -> tuple[str, ...]:
    """What a token says of its job: its environment, or else what started it; nothing where that could be anything."""
    if environment is not None:
        known = isinstance(environment, str) and "${{" not in environment
        return (f"environment:{environment}",) if known else ()
    found: list[str] = []
    for event in _starts(on):
        branches = _mapping(_mapping(on).get(event)).get("branches")
        if event == "pull_request":
            found.append("pull_request")
        elif event == "release":
            found.append("ref:refs/tags/*")
        elif event == "push" and isinstance(branches, list) and "tags" not in _mapping(_mapping(on).get(event)):
            found += (f"ref:refs/heads/{branch}" for branch in branches)
        else:
            return ()
    return tuple(found)


def _audience(step: Mapping[str, Any]) -> Textual:
    """Whom a step has its token written for, unless it says so AWS's STS.

    Source: README of aws-actions/configure-aws-credentials, inputs, read 2026-11-22.
    """
    said = str(_mapping(step.get("with")).get("audience") or "sts.amazonaws.com")
    return Unknown("the audience of the job's token", why=f"the workflow says {said}") if "${{" in said else said


def _roles(step: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[str]:
    """The names of the roles that a step takes on: as they stand there, or in the matrix of the job."""
    if str(step.get("uses")).partition("@")[0] != _CREDENTIALS:
        return
    said = str(_mapping(step.get("with")).get("role-to-assume", ""))
    key = _OF_THE_MATRIX.fullmatch(said)
    included = _mapping(_mapping(job.get("strategy")).get("matrix")).get("include")
    given = [said]
    if key is not None:
        given = [str(_mapping(one).get(key["key"], "")) for one in (included if isinstance(included, list) else ())]
    for role in dict.fromkeys(given):
        match = _ROLE.search(role)
        if match is not None and match.end() == len(role):
            yield match["name"]


def _permissions(given: Any) -> tuple[tuple[str, str], ...] | None:
    if given is None:
        return None
    if isinstance(given, str):
        return ((EVERY_SCOPE, _ALL[given]),) if given in _ALL else ()
    return tuple(sorted((str(scope), str(access)) for scope, access in _mapping(given).items() if access != "none"))


def _uses(of: Address, uses: Any) -> Iterator[Fact]:
    if isinstance(uses, str) and not uses.startswith(_OWN):
        action, _, version = uses.partition("@")
        yield Uses(of, action, version)


def _pushes(of: Address, step: Mapping[str, Any]) -> Iterator[Fact]:
    run, uses = step.get("run"), step.get("uses")
    if isinstance(run, str):
        for match in _COMMAND.finditer(run.replace("\\\n", " ")):
            yield Pushes(of, " ".join(match["command"].split()))
    if isinstance(uses, str) and uses.partition("@")[0] == _BUILD_AND_PUSH:
        push = _mapping(step.get("with")).get("push")
        if push is True or push == "true":
            yield Pushes(of, f"{_BUILD_AND_PUSH} with push: true")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
