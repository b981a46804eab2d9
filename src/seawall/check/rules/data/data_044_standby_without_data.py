"""A standby of another cloud that nothing is copied to."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.claimed import written
from seawall.analyze.clouds import cloud_named, cloud_of
from seawall.analyze.copies import migrated_into
from seawall.analyze.restores import filling, unreadable
from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.network import Record
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="DATA-044",
    severity=Severity.CRITICAL,
    summary="A standby in another cloud gets no data",
    why="nothing replicates from RDS or Aurora to Azure by itself; without a dump, DMS or the binary log the standby "
    "starts empty",
    fix="state how the data gets there and how old it may be (data-in replication, DMS, dumps), and measure it",
    layers=("terraform", "claims"),
    source="https://learn.microsoft.com/azure/mysql/flexible-server/concepts-data-in-replication",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases of Azure beside databases of AWS, where something rests on the one taking the other's place.

    What a task of DMS or a script brings there counts, unless the script hands its client what it cannot read.
    """
    claims = facts.where(Claim, subject="cloud_loss")
    reasons = [f"claim: cloud_loss {claim.measure} {claim.value}" for claim in claims]
    reasons += [f"{record.of}: {record.name} falls back to {target}" for record, target in _fallbacks(facts)]
    databases = sorted(standing_alone(facts, "database"), key=lambda store: store.of)
    ours = [store for store in databases if cloud_of(facts, store.of) == "aws"]
    if not reasons or not ours:
        return
    for standby in databases:
        if cloud_of(facts, standby.of) != "azure" or any(facts.ask(Replicates, target=standby.of)):
            continue
        migrated = migrated_into(facts, standby.of)
        useless = {found.command: found for found in unreadable(facts)}
        filled = filling(facts, standby.of)
        readable = {answer for command, answer in filled if command not in useless}
        if Answer.PROVEN in (migrated, *readable):
            continue
        if Answer.UNKNOWN in (migrated, *readable):
            why = [Unknown(f"{standby.of}.fqdn", why="a task or script copies into a database whose host is not known")]
            yield RULE.unknown(f"whether anything brings the data to {standby.of} is not known", why, standby.of)
            continue
        read = [command for command, _ in filled]
        steps = [f"{each.of} line {each.line}: {each.program} is handed an export, which is Parquet" for each in read]
        yield RULE.refuted(
            f"{standby.of} is to take the place of {ours[0].of}, and nothing replicates to it"
            + ("; what is restored there cannot be read" if read else ""),
            standby.of,
            ours[0].of,
            *(of for claim in claims for of in written(claim)),
            *dict.fromkeys(each.of for each in read),
            evidence=sorted([*reasons, *steps]),
        )


def _fallbacks(facts: Facts) -> Iterator[tuple[Record, str]]:
    """Secondary records that lead to a thing of Azure."""
    for record in facts.all(Record):
        if record.routing == "failover" and record.part.upper() == "SECONDARY":
            for target in record.targets:
                cloud = cloud_of(facts, target) if isinstance(target, Address) else cloud_named(target)
                if cloud == "azure":
                    yield record, str(target)
