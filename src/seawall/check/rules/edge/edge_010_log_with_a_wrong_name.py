"""A log that WAF does not write to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import FirewallRule
from seawall.facts.telemetry import Logs
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Text

RULE = Rule(
    id="EDGE-010",
    severity=Severity.MEDIUM,
    summary="A web firewall's log goes to a place whose name WAF does not take",
    why="log groups, buckets and delivery streams for WAF must be called aws-waf-logs-SOMETHING; anything else is "
    "refused at apply",
    fix="begin the name with aws-waf-logs-",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html",
    read=date(2023, 6, 1),
)


PREFIX = "aws-waf-logs-"
_NAME = re.compile(r"arn:[^:]*:(?:logs:.*?:log-group:|s3:::|firehose:.*?:deliverystream/)(?P<name>.*)")


def check(facts: Facts) -> Iterator[Finding]:
    """Where web firewalls log to, by the name in the place's ARN as far as it is known."""
    for logs in facts.all(Logs):
        if not facts.where(FirewallRule, firewall=logs.of) or not isinstance(logs.to, Address):
            continue
        for arn in _arns(facts, logs.to):
            match = _NAME.match(arn)
            name = match["name"] if match else ""
            # A hole may stand within the name; what comes before it decides only if it is long enough.
            if name and not PREFIX.startswith(name.partition("{?")[0]) and not name.startswith(PREFIX):
                yield RULE.refuted(f"{logs.of} logs to {name}", *(of for of in (logs.by, logs.to) if not of.is_outside))


def _arns(facts: Facts, of: Address) -> Iterator[str]:
    if of.is_outside:
        yield of.removeprefix("outside:")
    for identifier in facts.where(Identifier, of=of):
        if identifier.attr == "arn" and isinstance(identifier.value, str | Text):
            yield str(identifier.value)
