"""A condition on a key that no request has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-111",
    severity=Severity.MEDIUM,
    summary="A condition tests a key that AWS does not have",
    why="no request has the key: most operators are then false and the statement never applies, negated ones are true",
    fix="write the key that is meant, as the service's condition keys spell it",
    layers=("terraform", "cloudformation"),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    read=date(2026, 10, 27),
)

_GLOBAL: Final = (
    "AssumedRoot", "CalledVia", "CalledViaFirst", "CalledViaLast", "ChatbotSourceArn", "CurrentTime",
    "Ec2InstanceSourcePrivateIPv4", "Ec2InstanceSourceVpc", "EpochTime", "FederatedProvider", "MultiFactorAuthAge",
    "MultiFactorAuthPresent", "PrincipalAccount", "PrincipalArn", "PrincipalIsAWSService", "PrincipalOrgID",
    "PrincipalOrgPaths", "PrincipalServiceName", "PrincipalServiceNamesList", "PrincipalTag", "PrincipalType",
    "Referer", "RequestedRegion", "RequestTag", "ResourceAccount", "ResourceOrgID", "ResourceOrgPaths", "ResourceTag",
    "SecureTransport", "SignInSessionArn", "SourceAccount", "SourceArn", "SourceIdentity", "SourceIp", "SourceOrgID",
    "SourceOrgPaths", "SourceVpc", "SourceVpcArn", "SourceVpce", "TagKeys", "TokenIssueTime", "UserAgent", "userid",
    "username", "ViaAWSService", "VpceAccount", "VpceOrgID", "VpceOrgPaths", "VpcSourceIp",
)  # fmt: skip
_ALIKE = 0.8


def check(facts: Facts) -> Iterator[Finding]:
    """Keys of a service that it does not have, and keys spelled almost like one of the global ones."""
    for statement in facts.all(Statement):
        if statement.kind == "rbac" or not isinstance(statement.holder, Address):
            continue
        for condition in statement.conditions:
            key = condition.key
            if not isinstance(key, str):
                continue
            known, meant = _known(key)
            if known:
                continue
            sid = f"statement {statement.sid} of " if statement.sid else ""
            what = f"{sid}{statement.holder} tests {key}, which no request has"
            what += f"; the nearest is {meant}" if meant else ""
            fix = f"write {meant}, if that is meant" if meant else ""
            yield RULE.refuted(what, statement.holder, statement.by, fix=fix)


def _known(key: str) -> tuple[bool, str]:
    """Whether a key may be one that a request has, and if not, which was likely meant."""
    import difflib

    from seawall.knowledge import authorization

    service, _, name = key.partition(":")
    service, bare = service.lower(), name.partition("/")[0].lower()
    if service == "aws":
        known = {each.lower(): each for each in _GLOBAL}
        # The list of global keys grows: only what is almost one of them is called a mistake.
        near = [] if bare in known else difflib.get_close_matches(bare, known, n=1, cutoff=_ALIKE)
        return not near, f"aws:{known[near[0]]}" if near else ""
    if service not in authorization.services():
        return True, ""  # the key of an issuer, or of something that is no service
    keys = authorization.condition_keys(service)
    if key.lower() in keys or any(_pattern(each).fullmatch(key.lower()) for each in keys if "{" in each or "<" in each):
        return True, ""
    if not any(each.startswith(f"{service}:") for each in keys):
        return True, ""  # the reference lists none of the service's own
    near = difflib.get_close_matches(key.lower(), keys, n=1, cutoff=_ALIKE)
    return False, near[0] if near else ""


def _pattern(key: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in re.split(r"\$\{[^}]*\}|<[^>]*>", key))
    return re.compile(".+".join(parts), re.DOTALL)
