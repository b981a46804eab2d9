"""A line that Redis does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from seawall.check.rule import Rule
from seawall.facts.application import Directive
from seawall.facts.compute import Container, Mounts
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.redis_directives import DIRECTIVES, NEWEST, is_directive

RULE = Rule(
    id="DATA-123",
    severity=Severity.HIGH,
    summary="A redis.conf has a line that Redis does not know",
    why="Redis ends with a fatal error at the first line that it does not know: the pod never starts, or does not "
    "start again after its next restart",
    fix="take the line away, or write the directive as Redis spells it",
    layers=("kubernetes", "app"),
    source="https://github.com/redis/redis/blob/7.2.0/src/config.c",
    read=date(2026, 11, 22),
)


_REDIS = re.compile(r"(?:[^/]*[-_])?redis(?:[-_](?:stack|stack-server|cluster|server|ha|alpine))?")
"""What the last word of an image of Redis itself is; KeyDB, Valkey and others have directives of their own."""


def check(facts: Facts) -> Iterator[Finding]:
    """Every line of every redis.conf, against the directives that were read, and the server that is given the file."""
    for directive in facts.where(Directive, server="redis"):
        if is_directive(directive.name):
            continue
        near = get_close_matches(directive.name.lower(), sorted(DIRECTIVES), n=1, cutoff=0.75)
        fix = f"{RULE.fix}; did you mean {near[0]}?" if near else ""
        said = f"line {directive.line} of {directive.of} says {directive.name}"
        evidence = (f"{directive.name} {directive.value}",)
        images = _images(facts, directive.of)
        doubts = [image for image in images if isinstance(image, Unknown)]
        if not images or any(image == "read" for image in images):
            what = f"{said}, and no version of Redis from 3.2 to {NEWEST} has that"
            yield RULE.refuted(what, directive.of, evidence=evidence, fix=fix)
        elif doubts:
            what = f"{said}, and whether the server that reads it knows that is not known"
            yield RULE.unknown(what, doubts, directive.of, evidence=evidence)


def _images(facts: Facts, of: Address) -> list[str | Unknown]:
    """What each server is that is given the file: one whose directives were read, another's, or not known."""
    found: list[str | Unknown] = []
    for mounts in facts.where(Mounts, volume=of.owner):
        containers = [each for each in facts.where(Container, workload=mounts.workload) if not each.init]
        found += [_server(container) for container in containers]
    return found


def _server(container: Container) -> str | Unknown:
    what = f"{container.workload}.containers.{container.name}.image"
    if not isinstance(container.image, str):
        return Unknown(what, why="it is not known which image that is")
    repository, _, tag = container.image.partition("@")[0].rpartition("/")[2].partition(":")
    if _REDIS.fullmatch(repository) is None:
        return "another"
    version = re.match(r"v?(\d+)(?:\.(\d+))?", tag)
    if version is None:
        return Unknown(what, why="its tag says no version")
    newest = tuple(int(part) for part in NEWEST.split("."))
    if (int(version[1]), int(version[2] or 0)) > newest:
        return Unknown(what, why=f"the directives of Redis are known here up to {NEWEST}")
    return "read"
