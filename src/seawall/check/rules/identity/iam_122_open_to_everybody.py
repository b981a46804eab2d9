"""A thing that everybody in the world may use."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.deputies import narrows
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Condition, Statement
from seawall.facts.network import Gateway
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-122",
    severity=Severity.HIGH,
    summary="A resource policy lets everybody in the world in",
    why="a principal of * is every account and every visitor, with or without credentials; only a condition narrows it",
    fix="name the account, role or service that is meant, or add a condition on aws:PrincipalOrgID, aws:SourceAccount "
    "or aws:SourceVpce",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    read=None,
)

_PASSED = ("aws_vpc_endpoint", "aws_vpc_endpoint_policy", "aws_efs_file_system", "aws_ecrpublic_repository")
"""Things whose policies only take away from what the caller's own says, that only the network reaches, or that are
public by their nature: there the principal of * is what AWS itself writes."""
_ENDPOINTS = ("gateway-endpoint", "interface-endpoint")
_KEYS = (
    "aws:principal", "aws:sourcevp", "aws:sourceip", "aws:vpcsourceip", "aws:userid", "aws:username", "aws:calledvia",
    "kms:calleraccount", "kms:viaservice", "s3:dataaccesspoint", "lambda:functionurlauthtype", "sns:endpoint",
    "saml:", "aws:federatedprovider",
)  # fmt: skip


def check(facts: Facts) -> Iterator[Finding]:
    """Allow statements of resource policies for everybody under no condition that says who or from where."""
    for statement in facts.all(Statement):
        holder = statement.holder
        if statement.kind != "resource" or not statement.allow or not isinstance(holder, Address):
            continue
        if ("AWS", "*") not in statement.principals or statement.not_principals:
            continue
        resource = holder.as_terraform()
        if (resource is not None and resource.type in _PASSED) or _reached_by_network(facts, holder):
            continue
        # Fine-grained access control asks for a user of its own, and AWS's own advice is to let the policy be open.
        if any(setting.value is not False for setting in facts.where(Setting, of=holder) if setting.key == "own-users"):
            continue
        if narrows(statement.conditions) or any(_says_who(condition) for condition in statement.conditions):
            continue
        actions = ", ".join(str(action) for action in statement.actions)
        yield RULE.refuted(f"{holder} allows {actions} to everybody", holder)


def _reached_by_network(facts: Facts, holder: Address) -> bool:
    """Whether it is an endpoint or a file system, however its input spells types."""
    gateways = facts.where(Gateway, of=holder)
    stores = facts.where(Store, of=holder)
    return any(gateway.kind in _ENDPOINTS for gateway in gateways) or any(
        store.kind == "file-system" for store in stores
    )


def _says_who(condition: Condition) -> bool:
    key = str(condition.key).lower()
    positive = "not" not in condition.operator.lower() and not condition.operator.lower().startswith("null")
    return positive and key.startswith(_KEYS) and not any(value == "*" for value in condition.values)
