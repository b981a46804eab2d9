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


def zone(scope: Scope, kind: Literal["new", "existing"], *, protected: bool) -> Resource:
    """The hosted zone, made or looked up."""
    domain = domain_of(scope)
    if kind == "existing":
        return scope.lookup("aws_route53_zone", "main", {"name": domain, "private_zone": False})
    body = {"name": domain, "comment": f"Names of {scope.title}", "force_destroy": not protected}
    return scope.aws("aws_route53_zone", "main", body, called=domain)


def zone_id(scope: Scope, kind: Literal["new", "existing"]) -> Ref:
    """The zone's id."""
    return scope.ref("data.aws_route53_zone" if kind == "existing" else "aws_route53_zone", "main", "zone_id")


def certificates(scope: Scope, zone: Ref) -> Iterator[Resource]:
    """A certificate in the region, for the load balancer, and one where CloudFront looks for it.

    Both are proved by one record: ACM asks an account for the same record wherever it wants the same name.
    """
    domain = domain_of(scope)
    body = {"domain_name": domain, "subject_alternative_names": [f"*.{domain}"], "validation_method": "DNS"}
    # A certificate in use cannot be taken away: the new one has to be there first.
    lifecycle = {"create_before_destroy": True}
    option = "domain_validation_options.0.resource_record"
    for name, region in (("regional", scope.region), ("global", GLOBAL_REGION)):
        yield scope.aws("aws_acm_certificate", name, body, region=region, lifecycle=lifecycle, called=domain)
    record = {
        "zone_id": zone,
        "name": scope.ref("aws_acm_certificate", "regional", f"{option}_name"),
        "type": scope.ref("aws_acm_certificate", "regional", f"{option}_type"),
        "records": [scope.ref("aws_acm_certificate", "regional", f"{option}_value")],
        "ttl": 300,
    }
    yield scope.aws("aws_route53_record", "validation", record)
    for name, region in (("regional", scope.region), ("global", GLOBAL_REGION)):
        validation: dict[str, Any] = {"certificate_arn": scope.ref("aws_acm_certificate", name, "arn")}
        proof = scope.address("aws_route53_record", "validation")
        yield scope.aws("aws_acm_certificate_validation", name, validation, region=region, depends_on=[proof])


def certificate(scope: Scope, name: Literal["regional", "global"]) -> Ref:
    """The ARN of a certificate, known once it is proved."""
    return scope.ref("aws_acm_certificate_validation", name, "certificate_arn")


def alias(zone: Ref, name: str, target: Ref, target_zone: Ref, *, type: str = "A", healthy: bool) -> dict[str, Any]:
    """The body of an alias record; ``healthy`` whether Route 53 asks the target how it is."""
    return {
        "zone_id": zone,
        "name": name,
        "type": type,
        "alias": [{"name": target, "zone_id": target_zone, "evaluate_target_health": healthy}],
    }
