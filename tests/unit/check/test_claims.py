"""Claims: refuted by a lower bound, proven only when every part is known, else unknown by name."""

from __future__ import annotations

from seawall.check.claims import judge
from seawall.facts.compute import Claims
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.fact import NOBODY
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Hostname, Member, Record
from seawall.facts.resilience import Claim, Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Duration, Estimate
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict

DATABASE, STANDBY, CHECK, RECORD, POD = (Address(name) for name in ("db", "standby", "check", "record", "pod"))
STORE = Store(DATABASE, "database", "mysql", "8.4", "eu-west-1")


def verdict(claim: Claim, *facts: object) -> Verdict:
    """The verdict of the one claim among these facts."""
    (judgement,) = judge(Facts([claim, *facts]))  # type: ignore[list-item]
    return judgement.verdict


def test_what_nobody_analyses_is_unknown_and_says_so() -> None:
    """A claim without an analysis is never proven by silence."""
    found = verdict(Claim("latency", "p95", Duration.parse("300 ms")))
    assert found.unknown
    assert found.because[0].why == "not analysed yet"


def test_a_time_below_detection_and_ttl_is_refuted() -> None:
    """30 s x 3 + 60 s is more than two minutes, whatever else is fast."""
    facts = (
        Record(RECORD, Address("zone"), "www", "A", (), 60, "failover", "PRIMARY", CHECK),
        HealthCheck(CHECK, "www", "HTTPS", 443, "/", 30, 3),
    )
    assert verdict(Claim("region_loss", "rto", Duration.parse("2 min")), *facts).refuted
    assert verdict(Claim("region_loss", "rto", Duration.parse("3 min")), *facts).unknown


def test_no_loss_in_a_zone_is_proven_by_a_synchronous_standby() -> None:
    """A copy that commits together loses nothing."""
    copy = Replicates(DATABASE, STANDBY, "synchronous", "zone", "automatic", Estimate(60, 90, 120))
    assert verdict(Claim("zone_loss", "rpo", Duration(0)), STORE, copy).proven


def test_a_region_without_a_copy_elsewhere_loses_everything() -> None:
    """Backups in the region that is lost are lost with it."""
    claim = Claim("region_loss", "rpo", Duration.parse("24 h"))
    here = Backup(DATABASE, 604800, 86400, True, "eu-west-1")
    there = Backup(DATABASE, 604800, 86400, False, "eu-central-1")
    assert verdict(claim, STORE, here).refuted
    assert verdict(claim, STORE, here, there).proven


def test_copied_logs_lose_no_more_than_half_an_hour() -> None:
    """A copy of backups elsewhere is 5 to 30 minutes late: proven beyond, unknown within, refuted below."""
    there = Backup(DATABASE, 604800, 86400, True, "eu-central-1")
    assert verdict(Claim("region_loss", "rpo", Duration.parse("30 min")), STORE, there).proven
    assert verdict(Claim("region_loss", "rpo", Duration.parse("10 min")), STORE, there).unknown
    assert verdict(Claim("region_loss", "rpo", Duration.parse("1 min")), STORE, there).refuted


def test_a_backup_of_nobody_knows_what_may_be_the_one() -> None:
    """A copy elsewhere whose source is not known, or a plan that selects by tags, keeps a loss from being refuted."""
    claim = Claim("region_loss", "rpo", Duration.parse("24 h"))
    plan = Address("plan")
    for of in (Unknown("x"), Address.outside("arn:aws:rds:eu-west-1:1:db:petclinic")):
        assert verdict(claim, STORE, Backup(of, 604800, 86400, True, "eu-central-1")).unknown
        assert verdict(claim, STORE, Backup(of, 604800, 86400, True, "eu-west-1")).refuted
        taken_in = Member(plan, of)
        assert verdict(claim, STORE, Backup(plan, 604800, 86400, False, "eu-central-1"), taken_in).unknown
    theirs = Backup(Address("other"), 604800, 86400, True, "eu-central-1")
    assert verdict(claim, STORE, Store(Address("other"), "cache", "redis", "7", "eu-west-1"), theirs).refuted


def test_a_plan_backs_up_what_it_takes_in() -> None:
    """A backup plan that names the database keeps it as its own backups would."""
    claim = Claim("region_loss", "rpo", Duration.parse("24 h"))
    copy = Backup(Address("plan"), 604800, 86400, False, "eu-central-1")
    assert verdict(claim, STORE, copy, Member(Address("plan"), DATABASE)).proven
    somewhere = Backup(Address("plan"), 604800, 86400, False, Unknown("vault"))
    assert verdict(claim, STORE, somewhere, Member(Address("plan"), DATABASE)).unknown


def test_the_lag_of_an_asynchronous_copy_is_not_guessed() -> None:
    """What only a measurement can say stays unknown."""
    copy = Replicates(DATABASE, STANDBY, "asynchronous", "region", "manual", Estimate(60, 90, 120))
    assert verdict(Claim("region_loss", "rpo", Duration.parse("5 min")), STORE, copy).unknown


def test_what_follows_a_global_database_follows_the_store_that_writes_to_it() -> None:
    """The writer is a member of the whole that is copied: its loss is not refuted by backups that are too far apart."""
    whole = Address("global")
    copy = Replicates(whole, STANDBY, "asynchronous", "region", "manual", Estimate(60, 90, 120))
    daily = Backup(DATABASE, 604800, 86400, False, "eu-central-1")
    claim = Claim("region_loss", "rpo", Duration.parse("5 min"))
    assert verdict(claim, STORE, daily).refuted
    assert verdict(claim, STORE, daily, copy, Member(whole, DATABASE)).unknown


def test_a_session_lasts_as_long_as_is_claimed() -> None:
    """The claim is compared with what the applications are told."""
    claim = Claim("platform", "session_timeout", Duration.parse("30 min"))
    assert verdict(claim, Setting(POD, "session-timeout", 1800)).proven
    assert verdict(claim, Setting(POD, "session-timeout", 3600)).refuted
    assert verdict(claim, Setting(POD, "session-timeout", Unknown("x"))).unknown
    assert verdict(claim).unknown


def test_what_pods_keep_on_volumes_is_not_passed_over() -> None:
    """A database with a standby proves nothing about the queue beside it: unknown, never proven."""
    claim = Claim("zone_loss", "rpo", Duration(0))
    volume = Claims(Address("c/StatefulSet/ns/queue//data"), "1Gi", "gp3", ("ReadWriteOnce",))
    found = verdict(claim, volume)
    assert found.unknown
    assert "c/StatefulSet/ns/queue//data" in str(found.because[0])


def test_files_in_several_zones_outlive_one_of_them() -> None:
    """A file system of a region loses nothing with a zone, one of a single zone everything; a claim on it is a part."""
    claim = Claim("zone_loss", "rpo", Duration(0))
    files = Store(Address("files"), "file-system", "efs", "", "eu-west-1")
    part = (Member(files.of, Address("claim")), Claims(Address("claim"), "1Ti", "", ("ReadWriteMany",)))
    assert verdict(claim, files, *part).proven
    assert verdict(claim, Store(files.of, "file-system", "efs", "", "eu-west-1", zone="eu-west-1a")).refuted
    assert verdict(claim, files, Claims(Address("other"), "1Ti", "gp3", ("ReadWriteOnce",))).unknown


def test_files_without_a_copy_go_with_their_region() -> None:
    """A copy elsewhere lags by nobody knows what; without one the claim is refuted, and a copy claims nothing."""
    claim = Claim("region_loss", "rpo", Duration.parse("1 h"))
    files = Store(Address("files"), "file-system", "efs", "", "eu-west-1")
    there = Store(Address("copy"), "file-system", "efs", "", "eu-central-1")
    copy = Replicates(files.of, there.of, "asynchronous", "region", "manual", Estimate(60, 300, 1800))
    assert verdict(claim, files).refuted
    assert verdict(claim, files, there, copy).unknown


def test_a_claim_that_a_rule_speaks_of_is_refuted_by_its_finding_and_by_no_other() -> None:
    """Backups of one store that are not kept refute what is claimed of it, and say nothing of another."""
    kept = Backup(Address("db"), 604800, 86400)
    host = [Hostname(of, "address", f"{of}.shop.example") for of in (DATABASE, STANDBY)]
    stores = (STORE, Store(STANDBY, "database", "mysql", "8.4", "eu-west-1"), kept, *host)
    week = Duration.parse("7 d")
    for written in (NOBODY, Address("file:claims.yaml#backups")):
        claims = [
            Claim("backups", str(of), week, by=Address(f"{written}{of}") if written else NOBODY)
            for of in (DATABASE, STANDBY)
        ]
        found = {judgement.claim.measure: judgement for judgement in judge(Facts([*claims, *stores]))}
        assert found["db"].verdict.unknown
        assert found["standby"].verdict.refuted
        assert "DATA-032" in found["standby"].lines[0]
