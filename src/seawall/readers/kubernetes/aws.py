"""Objects of AWS's own controllers: target-group bindings and security groups for pods."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.network import Forwards, Interface
from seawall.facts.pod_network import PodGroups, Selector
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import link, reads

link("elbv2.k8s.aws/v1beta1/TargetGroupBinding", "spec.targetGroupName", to="aws_lb_target_group", by="name")


@reads("elbv2.k8s.aws/v1beta1/TargetGroupBinding")
def target_group_binding(resource: Resource) -> Iterator[Fact]:
    """A target group made elsewhere, named by its ARN or its name, has a Service's pods as its targets."""
    body = Manifest(resource)
    group = body.spec.link("targetGroupARN") or body.spec.link_or_text("targetGroupName")
    to = body.spec.block("serviceRef")
    service = body.sibling("Service", to.string("name"))
    yield Forwards(group if isinstance(group, Address) else resource.address, service)
    if to.has("port"):
        yield Setting(resource.address, "service-port", to.known_text("port"))
    if body.spec.has("targetType"):
        yield Setting(resource.address, "target-type", body.spec.known_text("targetType"))


@reads("vpcresources.k8s.aws/v1beta1/SecurityGroupPolicy")
def security_group_policy(resource: Resource) -> Iterator[Fact]:
    """Selected pods have an interface of their own with these groups, in a subnet of their node."""
    body = Manifest(resource)
    groups = body.spec.block("securityGroups").links("groupIds")
    why = "each pod's node decides"
    yield Interface(resource.address, Unknown(f"{resource.address}.subnets", why=why), groups)
    spec = body.spec
    yield PodGroups(
        resource.address,
        body.in_namespace,
        spec.selector("podSelector", Selector()) if spec.mentions("podSelector") else None,
        spec.selector("serviceAccountSelector", Selector()) if spec.mentions("serviceAccountSelector") else None,
        groups,
    )
