"""A pipeline that delivers what nobody has tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.application import Command
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-131",
    severity=Severity.MEDIUM,
    summary="A pipeline skips the tests and pushes what it has built",
    why="the first to try the version are its users; with automated sync nobody is asked in between",
    fix="run the tests before the push: mvn verify, gradle check",
    layers=("ci",),
    source="https://maven.apache.org/surefire/maven-surefire-plugin/examples/skipping-tests.html",
    read=None,
)

_SKIPPED: Final = ("-DskipTests", "-DskipTests=true", "-Dmaven.test.skip=true", "-Dmaven.test.skip")
_MAY_RUN = """
    make just task npm yarn pnpm npx go cargo python python3 tox nox poetry uv pipenv bundle rake dotnet bazel bash sh
    docker-compose
"""
_RUNNERS: Final = frozenset(_MAY_RUN.split())
"""Programs that run something else, which their words name."""
_CONTAINERS: Final = frozenset(("docker", "podman", "buildah"))
_SOUNDS_LIKE_TESTS: Final = re.compile(r"(?<![a-z])(tests?|pytest|checks?|verify|spec|junit)(?![a-z])", re.IGNORECASE)
_BUILDERS: Final = {"mvn": ("test", "verify", "install", "package"), "gradle": ("test", "check", "build")}


def check(facts: Facts) -> Iterator[Finding]:
    """Scripts that build without tests, never test, and push an image or a repository."""
    scripts: dict[Address, list[Command]] = {}
    for command in facts.all(Command):
        scripts.setdefault(command.of, []).append(command)
    for of, commands in scripts.items():
        skips = [command for command in commands if _skips(command)]
        pushes = [command for command in commands if _pushes(command)]
        if skips and pushes and not any(_tests(command) for command in commands):
            yield RULE.refuted(
                f"{of} builds without tests in line {skips[0].line} and pushes in line {pushes[0].line}",
                of,
                evidence=[
                    f"line {command.line}: {' '.join([command.program, *map(str, command.arguments)])}"
                    for command in (skips[0], pushes[0])
                ],
            )


def _builder(command: Command) -> str:
    name = command.program
    return "mvn" if name in ("mvn", "mvnw") else "gradle" if name in ("gradle", "gradlew") else ""


def _skips(command: Command) -> bool:
    words = [str(word) for word in command.arguments]
    match _builder(command):
        case "mvn":
            return any(word in _SKIPPED for word in words)
        case "gradle":
            return any(pair == ("-x", "test") for pair in pairwise(words))
    return False


def _tests(command: Command) -> bool:
    """Whether it runs tests, or may: what a Makefile or a script of that name does is not looked into."""
    words = [str(word) for word in command.arguments]
    if goals := _BUILDERS.get(_builder(command), ()):
        return not _skips(command) and any(word in goals for word in words)
    if command.program in _CONTAINERS:
        return words[:1] in (["run"], ["exec"], ["compose"]) and any(_SOUNDS_LIKE_TESTS.search(word) for word in words)
    if command.program == "test":
        return False  # the shell's own
    if command.program in _RUNNERS:
        return any(_SOUNDS_LIKE_TESTS.search(word) for word in words)
    return bool(_SOUNDS_LIKE_TESTS.search(command.program))


def _pushes(command: Command) -> bool:
    words = [str(word) for word in command.arguments]
    if command.program in _CONTAINERS:
        return "push" in words[:2] or ("build" in words[:2] and _is_pushed(words))
    return command.program == "git" and "push" in words[:3]


def _is_pushed(words: list[str]) -> bool:
    """Whether a build sends what it has built to its registry by itself."""
    return any(
        word == "--push" or word == "--push=true" or ("type=registry" in word or "push=true" in word) for word in words
    )
