"""A copy whose absence nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.programs import DUMPS, LOCAL
from seawall.check.rule import Rule
from seawall.facts.application import Command
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm, Notifies
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-151",
    severity=Severity.MEDIUM,
    summary="A machine copies a database away, and nobody is told whether the copy came",
    why="the first night on which the dump or the upload fails is like any other; that copies are missing shows on the "
    "day on which one is to be restored",
    fix="send a metric at the end of the script (aws cloudwatch put-metric-data) and alarm on its absence "
    "(treat_missing_data breaching), or publish every failure to the topic of the alarms",
    layers=("terraform", "app"),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html",
    read=None,
)

_SILENT: Final[dict[str, tuple[str, ...]]] = {
    "aws": ("configure", "kms", "rds", "s3", "secretsmanager", "sts"),
    "az": ("account", "keyvault", "login", "storage"),
}
"""Of programs that can do anything, what tells nobody how the script goes on."""
_UPLOADS: Final = (("aws", "s3", "cp"), ("aws", "s3", "mv"), ("aws", "s3", "sync"))
_BLIND: Final = ("AWS/", "ContainerInsights/")
_SEEING: Final = ("AWS/S3/", "AWS/Logs/", "AWS/Events/")
"""Metrics of AWS's that may show that a copy did not come."""


def check(facts: Facts) -> Iterator[Finding]:
    """What instances run as they start, where that dumps and uploads, and no program of it tells anybody anything.

    Only where the input has alarms, each of them is on a metric that AWS keeps of something else, and nothing of
    Azure's watches the place of the copies.
    """
    alarms = facts.all(Alarm)
    if not alarms or not all(_is_blind(alarm) for alarm in alarms) or _azure_watches(facts):
        return
    for of in dict.fromkeys(command.of for command in facts.all(Command) if command.program in DUMPS):
        commands = sorted(facts.where(Command, of=of), key=lambda command: command.order)
        first = next(command for command in commands if command.program in DUMPS)
        upload = next((command for command in commands if command.order > first.order and _uploads(command)), None)
        if _is_machine(of) and upload is not None and all(_is_silent(command) for command in commands):
            yield RULE.refuted(
                f"{of} dumps a database (line {first.line}) and copies the dump away (line {upload.line}), and neither "
                "the script nor an alarm says when that fails",
                of,
                evidence=(
                    f"programs that it runs: {', '.join(sorted({command.program for command in commands}))}",
                    f"none of {len(alarms)} alarms is on anything that the script does",
                ),
            )


def _is_machine(of: Address) -> bool:
    named = of.as_terraform()
    return named is not None and named.type in ("aws_instance", "aws_launch_template")


def _is_blind(alarm: Alarm) -> bool:
    return alarm.metric.startswith(_BLIND) and not alarm.metric.startswith(_SEEING)


def _azure_watches(facts: Facts) -> bool:
    named = [each.of.as_terraform() for each in facts.all(Notifies) if isinstance(each.of, Address)]
    return any(name is not None and name.type.startswith("azurerm_") for name in named)


def _uploads(command: Command) -> bool:
    words = (command.program, *command.arguments[:2])
    return words in _UPLOADS or (words[:2] == ("az", "storage") and any("upload" in str(w) for w in command.arguments))


def _is_silent(command: Command) -> bool:
    silent = _SILENT.get(command.program)
    return (
        command.program in LOCAL if silent is None else command.arguments[:1] != () and command.arguments[0] in silent
    )
