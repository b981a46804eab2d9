"""A pipeline that delivers what nobody has tried."""

from __future__ import annotations

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
    goals = _BUILDERS.get(_builder(command), ())
    return not _skips(command) and any(str(word) in goals for word in command.arguments)


def _pushes(command: Command) -> bool:
    words = [str(word) for word in command.arguments]
    if command.program in ("docker", "podman", "buildah"):
        return "push" in words[:2]
    return command.program == "git" and "push" in words[:3]
