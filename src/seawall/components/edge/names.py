"""The zone, the certificates for its names, and the records that lead visitors and CloudFront to what serves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref

GLOBAL_REGION = "us-east-1"
"""Where CloudFront looks for certificates and web ACLs, and where the metrics of global services are kept."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one exposed host.

    ``public`` is what visitors type; ``origin`` what CloudFront asks, which fails over; ``site`` is this region's own,
    which never fails over, so that a health check of it tests this region and nothing else.
    """

    public: str
    origin: str
    site: str
    identifier: str

    def at_level(self, level: int, *, behind_cdn: bool) -> str:
        """The name that fails over at a level of the chain of places; the first is the one that is asked."""
        first = self.origin if behind_cdn else self.public
        label, _, domain = first.partition(".")
        return first if level == 0 else f"{label}-{level + 1}.{domain}"

    @classmethod
    def of(cls, scope: Scope, host: str) -> Names:
        """The names of a host; InputError unless it is the domain or one label below it."""
        domain = domain_of(scope)
        label = host.removesuffix(f".{domain}") if host != domain else ""
        if label == host or "." in label:
            raise InputError(
                f"{host} is neither {domain} nor one label below it, so no certificate covers it",
                fix=f"expose a host such as www.{domain}",
                origin=scope.origin,
            )
        before = f"{label}-" if label else ""
        return cls(
            host,
            f"{before}origin.{domain}",
            f"{before}{scope.region}.{domain}",
            label.replace("-", "_") or "apex",
        )


def domain_of(scope: Scope) -> str:
    """The platform's domain; InputError if it has none."""
    if scope.platform.domain is None:
        raise InputError(
            "an edge needs the domain whose names it serves, and there is none",
            fix="add `domain:` at the top, for example `domain: petclinic.example`",
            origin=scope.origin,
        )
    return scope.platform.domain


PART = "names"
"""The part of the edge that holds zone and certificates: whoever has them may be somebody else."""


def zone(scope: Scope, kind: Literal["new", "existing"], *, protected: bool) -> Resource:
    """The hosted zone, made or looked up."""
    domain = domain_of(scope)
    if kind == "existing":
        body: dict[str, Any] = {"name": domain, "private_zone": False}
        return scope.lookup("aws_route53_zone", "main", body, stack=scope.stack(PART))
    body = {"name": domain, "comment": f"Names of {scope.title}", "force_destroy": not protected}
    return scope.aws("aws_route53_zone", "main", body, called=domain, stack=scope.stack(PART))


def zone_id(scope: Scope, kind: Literal["new", "existing"]) -> Ref:
    """The zone's id, the same in every region."""
    home = scope.home
    type = "data.aws_route53_zone" if kind == "existing" else "aws_route53_zone"
    return home.ref(type, "main", "zone_id", stack=home.stack(PART))


def certificates(scope: Scope, zone: Ref) -> Iterator[Resource]:
    """A certificate in the region, for the load balancer, and at home one where CloudFront looks for it.

    All are proved by one record: ACM asks an account for the same record wherever it wants the same name.
    """
    stack, home = scope.stack(PART), scope.home
    regions = [("regional", scope.region), *([("global", GLOBAL_REGION)] if scope.is_home else [])]
    domain = domain_of(scope)
    body = {"domain_name": domain, "subject_alternative_names": [f"*.{domain}"], "validation_method": "DNS"}
    # A certificate in use cannot be taken away: the new one has to be there first.
    lifecycle = {"create_before_destroy": True}
    option = "domain_validation_options.0.resource_record"
    for name, region in regions:
        yield scope.aws(
            "aws_acm_certificate", name, body, region=region, lifecycle=lifecycle, called=domain, stack=stack
        )
    if scope.is_home:
        record = {
            "zone_id": zone,
            "name": scope.ref("aws_acm_certificate", "regional", f"{option}_name", stack=stack),
            "type": scope.ref("aws_acm_certificate", "regional", f"{option}_type", stack=stack),
            "records": [scope.ref("aws_acm_certificate", "regional", f"{option}_value", stack=stack)],
            "ttl": 300,
        }
        yield scope.aws("aws_route53_record", "validation", record, stack=stack)
    proof = home.address("aws_route53_record", "validation", stack=home.stack(PART))
    for name, region in regions:
        validation: dict[str, Any] = {"certificate_arn": scope.ref("aws_acm_certificate", name, "arn", stack=stack)}
        yield scope.aws(
            "aws_acm_certificate_validation", name, validation, region=region, depends_on=[proof], stack=stack
        )


def certificate(scope: Scope, name: Literal["regional", "global"]) -> Ref:
    """The ARN of a certificate, known once it is proved."""
    return scope.ref("aws_acm_certificate_validation", name, "certificate_arn", stack=scope.stack(PART))


def alias(zone: Ref, name: str, target: Ref, target_zone: Ref, *, type: str = "A", healthy: bool) -> dict[str, Any]:
    """The body of an alias record; ``healthy`` whether Route 53 asks the target how it is."""
    return {
        "zone_id": zone,
        "name": name,
        "type": type,
        "alias": [{"name": target, "zone_id": target_zone, "evaluate_target_health": healthy}],
    }
