"""What the targets of an Ingress's target group are: nodes or pods."""

from __future__ import annotations

from seawall.facts.compute import ApiVersion
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address

_AUTO = "eks.amazonaws.com/v1"
"""The API of the load balancers that EKS Auto Mode keeps."""


def target_type(facts: Facts, group: HealthCheck) -> str:
    """``instance`` or ``ip``; empty for what is no Ingress's target group, or where it is not known.

    What the Service says goes before what the Ingress says, and a class of Ingresses with an opinion leaves it open.
    """
    said = _said(facts, group.of)
    service = _said(facts, group.target) if isinstance(group.target, Address) else None
    if service is not None:
        return service if isinstance(service, str) else ""
    if not isinstance(said, str) or said == _said_by_class(facts, said):
        return said if isinstance(said, str) else ""
    return ""


def _said(facts: Facts, of: Address) -> object:
    return next((each.value for each in facts.where(Setting, of=of) if each.key == "target-type"), None)


def _said_by_class(facts: Facts, said: str) -> object:
    """What classes of Ingresses say; the same as the Ingress where there are none. EKS's own have another default."""
    if any(each.kind == "IngressClassParams" for each in facts.where(ApiVersion, version=_AUTO)):
        return None
    values = {
        each.value
        for each in facts.where(Setting, key="target-type")
        if isinstance(each.of, Address) and "/IngressClassParams/" in each.of
    }
    return values.pop() if len(values) == 1 else None if values else said
