"""ExternalDNS that keeps no account of its own records and deletes all others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.controllers import Running, running
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import Record
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-029",
    severity=Severity.MEDIUM,
    summary="ExternalDNS deletes records that it did not make",
    why="without a registry no record is anybody's: whatever of the zone no object of the cluster asks for is "
    "deleted, records "
    "for another region's standby included",
    fix="keep the registry txt with an owner of its own, or set the policy to upsert-only",
    layers=("kubernetes", "terraform"),
    source="https://github.com/kubernetes-sigs/external-dns/blob/master/docs/registry/registry.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each with the policy sync and no registry, and records of its zones that Terraform keeps."""
    for one in running(facts):
        if (
            one.known.name != "external-dns"
            or "noop" not in _told(one, "registry")
            or "sync" not in _told(one, "policy")
        ):
            continue
        threatened = sorted(record.of for record in facts.all(Record) if _is_kept_elsewhere(facts, record, one))
        if threatened:
            yield RULE.refuted(
                f"{one.account} deletes what it does not know, and the zone has {', '.join(threatened)}",
                one.fact.by,
                *threatened,
            )


def _told(one: Running, name: str) -> set[str]:
    return {str(value) for told, value in one.fact.told if told == name}


def _is_kept_elsewhere(facts: Facts, record: Record, one: Running) -> bool:
    if record.of.as_terraform() is None or record.type not in ("A", "AAAA", "CNAME") or _told(one, "zone-id"):
        return False
    zone = record.zone
    known = (
        [each.value for each in facts.where(Identifier, of=zone) if each.attr == "name"]
        if isinstance(zone, Address)
        else []
    )
    name = next((value for value in known if isinstance(value, str)), "")
    domains = _told(one, "domain")
    return bool(name) and (not domains or any(name == each or name.endswith(f".{each}") for each in domains))
