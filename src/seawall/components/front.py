"""What stands before the services: the load balancer that Terraform makes and the controller in the cluster fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seawall.kernel.address import Address
from seawall.kernel.value import Ref


@dataclass(frozen=True, slots=True)
class Front:
    """What an Ingress has to say to be served by the platform's one load balancer.

    The AWS Load Balancer Controller adopts a load balancer that carries ``elbv2.k8s.aws/cluster`` (the cluster's
    name), ``ingress.k8s.aws/stack`` (``ingress_group``) and ``ingress.k8s.aws/resource`` = ``LoadBalancer``, if type
    and scheme are the same; it takes away every tag that no Ingress of the group asks for, so ``tags`` are the others
    that it must keep (source: pkg/deploy/tracking/provider.go and pkg/deploy/elbv2/load_balancer_synthesizer.go of
    kubernetes-sigs/aws-load-balancer-controller).  ``of`` is the load balancer itself, ``group`` the id of the
    security group that pods let in, ``certificate`` the ARN of a certificate of its own region, ``firewall`` that of
    a regional web ACL, ``ranges`` are those of the subnets it lies in, ``stack`` is where rules that name its group
    have to be.  ``groups`` are all the groups that it carries, which an Ingress has to list, since the controller
    takes away those that none asks for; ``names`` are, for each exposed host, every name under which requests for it
    arrive; ``ports`` those on which it listens, all but 443 only to send visitors there.
    """

    component: str
    of: Address
    stack: str
    ingress_group: str
    load_balancer: str
    group: Ref
    certificate: Ref
    firewall: Ref | None
    ranges: tuple[str, ...]
    tags: Mapping[str, str]
    internal: bool = False
    groups: tuple[Ref, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ports: tuple[int, ...] = (80, 443)
