"""What the targets of an Ingress's target group are: nodes or pods."""

from __future__ import annotations

from seawall.analyze.clusters import cluster_of
from seawall.facts.compute import ApiVersion
from seawall.facts.delivery import VALUES_ELSEWHERE, Controller, Installed
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

_AUTO = "eks.amazonaws.com/v1"
"""The API of the load balancers that EKS Auto Mode keeps."""

_CONTROLLER = "aws-load-balancer-controller"
_DEFAULT = "instance"
"""What the controller takes where nobody says anything."""


def target_type(facts: Facts, group: HealthCheck) -> str:
    """``instance`` or ``ip``; empty for what is no Ingress's target group, or where it is not known.

    What the Service says goes before what the Ingress says, and a class of Ingresses with an opinion leaves it open.
    Where none of them says anything it is what the controller was told to take for its default.
    """
    name = group.of.as_kubernetes()
    if name is None or name.kind != "Ingress":
        return ""
    said = _said(facts, group.of)
    service = _said(facts, group.target) if isinstance(group.target, Address) else None
    if service is not None:
        return service if isinstance(service, str) else ""
    if _is_left_open(facts, said):
        return ""
    if said is None:
        return _by_default(facts, group.of)
    return said if isinstance(said, str) else ""


def _said(facts: Facts, of: Address) -> object:
    return next((each.value for each in facts.where(Setting, of=of) if each.key == "target-type"), None)


def _is_left_open(facts: Facts, said: object) -> bool:
    """Whether a class of Ingresses may say something else than the Ingress. EKS's own have another default."""
    if any(each.kind == "IngressClassParams" for each in facts.where(ApiVersion, version=_AUTO)):
        return True
    values = {
        each.value
        for each in facts.where(Setting, key="target-type")
        if isinstance(each.of, Address) and "/IngressClassParams/" in each.of
    }
    return bool(values) and values != {_DEFAULT if said is None else said}


def _by_default(facts: Facts, ingress: Address) -> str:
    cluster = cluster_of(facts, ingress)
    found = set()
    for controller in facts.where(Controller, name=_CONTROLLER):
        at = cluster_of(facts, controller.account)
        if cluster is None or at is None or at == cluster:
            told = dict(controller.told)
            found.add("" if VALUES_ELSEWHERE in told else told.get("target-type", _DEFAULT))
    if not found:
        found = {"" if any(isinstance(each.chart, Unknown) for each in facts.all(Installed)) else _DEFAULT}
    default = found.pop()
    return default if isinstance(default, str) and not found else ""
