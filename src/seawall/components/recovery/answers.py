"""How the standby comes to be asked: its names, its health check, and its place in each host's chain.

CloudFront asks ``www-origin.D`` and checks that the certificate is for that name, whoever answers; so the machine has a
certificate for it, and for ``www-REGION.D``, its own name, which the health check asks.  To get it, it proves that the
names are ours by a record in DNS.  That record's name leads into a zone in Azure, the one thing about names that the
machine may write: nothing in Azure can change a record of the platform's own zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from seawall.components.edge import failover, names
from seawall.components.edge.edge import Edge
from seawall.components.edge.names import Names
from seawall.components.recovery import standby
from seawall.components.recovery.azure import Azure
from seawall.components.recovery.files import READY
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.graph.resource import Resource
from seawall.kernel.address import Address


def own_name(azure: Azure, host: Names) -> str:
    """The standby's own name for a host, which never fails over."""
    label, _, domain = host.site.partition(".")
    return f"{label.removesuffix(azure.scope.region)}{azure.region}.{domain}"


def answers_to(scope: Scope, azure: Azure) -> tuple[str, ...]:
    """Every name that the standby has a certificate for."""
    edge = scope.the(Edge)
    hosts = edge.hosts(scope.at("edge"))
    asked = [host.at_level(0, behind_cdn=edge.cdn is not None) for host in hosts]
    return (*asked, *(own_name(azure, host) for host in hosts))


def records(scope: Scope, azure: Azure) -> Iterator[Resource]:
    """The records and the health check of every host; in the stack at home that waits for Azure."""
    edge = scope.the(Edge)
    there = scope.at("edge")
    zone = names.zone_id(there, edge.zone)
    domain = names.domain_of(there)
    proofs = standby.proof_zone(domain)
    delegated = {
        "zone_id": zone,
        "name": proofs,
        "type": "NS",
        "ttl": 300,
        "records": [azure.ref("azurerm_dns_zone", "proofs", f"name_servers.{number}") for number in range(4)],
    }
    yield scope.aws("aws_route53_record", "proofs", delegated)
    for name in answers_to(scope, azure):
        label = name.partition(".")[0]
        proof = {
            "zone_id": zone,
            "name": f"_acme-challenge.{name}",
            "type": "CNAME",
            "ttl": 300,
            "records": [f"{label}.{proofs}"],
        }
        yield scope.aws("aws_route53_record", f"proof_of_{label.replace('-', '_')}", proof)
    page = tuple(
        there.ref("aws_cloudfront_distribution", "maintenance", attr) for attr in ("domain_name", "hosted_zone_id")
    )
    hosts = edge.hosts(there)
    yield _ready(scope, azure, hosts[0])
    for host in hosts:
        own = own_name(azure, host)
        at: dict[str, Any] = {"zone_id": zone, "type": "A", "ttl": 60, "records": [standby.address(azure)]}
        yield scope.aws("aws_route53_record", f"{host.identifier}_site", {**at, "name": own})
        check = {
            "type": "HTTPS_STR_MATCH" if edge.health.expects else "HTTPS",
            "fqdn": own,
            "port": 443,
            "resource_path": edge.health.path,
            "search_string": edge.health.expects or None,
            "request_interval": round(edge.health.every.seconds),
            # A person has promoted what answers here, so one answer is enough to lead visitors to it; and it takes most
            # of Route 53's checkers, not one that is unlucky, to lead them away again.
            "failure_threshold": 1,
            "enable_sni": True,
        }
        yield scope.aws("aws_route53_health_check", host.identifier, check, called=own)
        primary = {**at, "health_check_id": scope.ref("aws_route53_health_check", host.identifier, "id")}
        chain = failover.records(
            scope,
            zone,
            host,
            primary,
            place=scope.name,
            behind_cdn=edge.cdn is not None,
            page=(page[0], page[1]),
        )
        yield from _laid(there, chain)


def _ready(scope: Scope, azure: Azure, host: Names) -> Resource:
    """Whether the standby could serve, asked from outside; at the edge, so that its alarm does not wait for Azure."""
    own = own_name(azure, host)
    check = {
        "type": "HTTPS_STR_MATCH",
        "fqdn": own,
        "port": 443,
        "resource_path": READY,
        "search_string": "ready",
        "request_interval": 30,
        "failure_threshold": 3,
        "enable_sni": True,
    }
    there = scope.at("edge")
    return scope.aws("aws_route53_health_check", "standby_ready", check, stack=there.stack(), called=f"{own}-ready")


def watch(scope: Scope) -> Watch:
    """That the standby could serve: whoever finds out when it is needed finds out too late."""
    check = scope.ref("aws_route53_health_check", "standby_ready", "id", stack=scope.at("edge").stack())
    return Watch(
        "standby",
        "The standby could not serve if it had to: its newest copy is too old, or could not be restored. "
        "Look at `journalctl -u standby-restore` there.",
        "HealthCheckStatus", "AWS/Route53", (("HealthCheckId", check),),
        "Minimum", "<", 1, "breaching", period=300, bad=3, of=3, region=names.GLOBAL_REGION,
        first=(
            "How old the newest copy is, and whether copies are late: the alarm recovery-late.",
            "Get onto the machine: `az serial-console connect` or `az vm run-command invoke --command-id "
            "RunShellScript --scripts 'journalctl -u standby-restore -n 100' --name NAME --resource-group GROUP`; "
            "both are in `az vm list --output table`.",
            "Restore by hand: `systemctl start standby-restore.service` there, and look at its journal again.",
            "Its certificate has ended: `systemctl start standby-certificate.service` there; its names' proof is a "
            "record of the zone in Azure.",
        ),
    )  # fmt: skip


def _laid(edge: Scope, chain: Iterable[Resource]) -> Iterator[Resource]:
    """The standby's own record where it is; the way to it and on to the page at the edge, which is there without Azure.

    Until Azure is up, or where it never comes, the level before leads through this one to the maintenance page.
    """
    after: list[Address] = []
    for record in chain:
        name = record.address.rpartition(".")[2]
        if name.endswith("_primary"):
            yield record
        else:
            at = edge.address("aws_route53_record", name.replace("_secondary", "_page"))
            yield replace(record, address=at, meta={"depends_on": tuple(after)} if after else {})
            after.append(at)
