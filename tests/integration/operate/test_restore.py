"""Copies of real servers brought back to real servers: all that was there is there again, and nothing else is taken."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from seawall.cli.main import main
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.units import Duration
from seawall.operate.copies import marker
from seawall.operate.copies.backup import backup
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.job import Database, Job, as_text
from seawall.operate.copies.manifest import MANIFEST, Manifest, copy_name
from seawall.operate.copies.restore import restore
from seawall.operate.copies.verify import verify
from seawall.operate.drill.servers import azurite, mariadb, postgresql
from seawall.operate.drill.servers.authority import authority
from seawall.operate.drill.stage import Stage, stage
from seawall.operate.runbook import StepEvent

pytestmark = pytest.mark.needs("mariadb", "agent", "drill")
YES: Callable[[str], bool] = lambda question: True  # noqa: E731

CLINIC = r"""
CREATE TABLE owners (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60) NOT NULL COMMENT 'it''s; a "name"',
  UNIQUE KEY one (name)) COMMENT='KEY `x` (`y`),'
CREATE TABLE pets (id INT PRIMARY KEY AUTO_INCREMENT, owner INT NOT NULL, `odd ``name;` VARCHAR(40), photo BLOB,
  born DATE, KEY by_owner (owner), KEY by_born (born, owner), FULLTEXT KEY words (`odd ``name;`),
  CONSTRAINT owned FOREIGN KEY (owner) REFERENCES owners (id) ON DELETE CASCADE, CHECK (owner > 0))
CREATE TABLE visits (pet INT, note TEXT, FOREIGN KEY (pet) REFERENCES pets (id))
CREATE TABLE log (id INT AUTO_INCREMENT, at DATETIME(3), KEY (id)) ENGINE=MyISAM
CREATE TABLE nothing (id INT PRIMARY KEY, a INT, KEY (a))
INSERT INTO owners (name) SELECT CONCAT('O''Brien; \\ "', seq, '" é漢😀\n),(') FROM seq_1_to_3000
INSERT INTO pets (owner, `odd ``name;`, photo, born)
  SELECT seq % 3000 + 1, CONCAT('-- ;\n/* ', seq), UNHEX(SHA2(seq, 256)), '2020-01-01' + INTERVAL seq DAY
  FROM seq_1_to_9000
INSERT INTO visits SELECT seq, REPEAT(MD5(seq), 12) FROM seq_1_to_9000
INSERT INTO log (at) SELECT '2026-11-22' + INTERVAL seq SECOND FROM seq_1_to_50
CREATE DEFINER=`gone`@`10.0.0.1` VIEW families AS
  SELECT o.name, COUNT(*) AS pets FROM owners o JOIN pets p ON p.owner = o.id GROUP BY o.name
CREATE VIEW large AS SELECT * FROM families WHERE pets > 2
CREATE DEFINER=`gone`@`10.0.0.1` TRIGGER born BEFORE INSERT ON pets FOR EACH ROW
BEGIN IF NEW.born IS NULL THEN SET NEW.born = '2000-01-01'; END IF; END
CREATE PROCEDURE adopt(IN o INT) BEGIN INSERT INTO pets (owner) VALUES (o); SELECT ';'; END
CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DO DELETE FROM log WHERE at < NOW() - INTERVAL 1 YEAR
"""


def statements(script: str) -> Iterator[str]:
    """The statements of a script in which each begins at the start of a line with CREATE or INSERT."""
    held = ""
    for line in script.strip().splitlines():
        if held and line.startswith(("CREATE ", "INSERT ")):
            yield held
            held = ""
        held += line + "\n"
    yield held


@pytest.fixture(scope="module")
def place() -> Iterator[Stage]:
    """A stage for all of this file."""
    with stage() as made:
        yield made


@pytest.fixture(scope="module")
def source(place: Stage) -> mariadb.Mariadb:
    """A MariaDB with every kind of thing that a dump can hold, in `clinic` and in `other`."""
    made = mariadb.start(place, "source", databases=("clinic", "other"))
    connection = made.connect("clinic", 60)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = 'STRICT_TRANS_TABLES'")
        cursor.execute("GRANT ALL ON clinic.* TO gone@'10.0.0.1' IDENTIFIED BY 'of this test'")
        for statement in statements(CLINIC):
            cursor.execute(statement)
        cursor.execute("CREATE TABLE other.t (id INT PRIMARY KEY, a INT, KEY (a))")
        cursor.execute("INSERT INTO other.t SELECT seq, seq FROM seq_1_to_5")
    return made


@pytest.fixture(scope="module")
def target(place: Stage) -> mariadb.Mariadb:
    """An empty MariaDB, whose administrator is not the source's."""
    return mariadb.start(place, "target")


def job_of(database: Database, folder: Path, **more: Any) -> Job:
    """A job that copies this database into a folder."""
    folder.mkdir(exist_ok=True)
    job = Job("clinic-test", "clinic-db", database, (f"file:{folder}",), Duration(864000), Duration(86400))
    return replace(job, **more)


@pytest.fixture
def clean(target: mariadb.Mariadb) -> mariadb.Mariadb:
    """The target as nobody has restored anything into it."""
    for database in ("clinic", "other", marker.DATABASE):
        target.ask(f"DROP DATABASE IF EXISTS {database}")
    return target


@pytest.fixture(scope="module")
def copied(source: mariadb.Mariadb, tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Manifest]:
    """A copy of it, and the job that made it."""
    root = tmp_path_factory.mktemp("copied")
    proof = "SELECT COUNT(*) FROM clinic.owners"
    job = job_of(source.database("clinic", "other"), root / "store", proof=proof)
    made = backup(job, root / "operations")
    assert made is not None
    return job, made


DEFINITIONS = (
    "SELECT table_schema, table_name, engine, table_collation, table_comment, auto_increment FROM tables"
    " WHERE table_schema IN ('clinic', 'other') AND table_type = 'BASE TABLE'",
    "SELECT table_name, column_name, column_type, column_default, is_nullable, column_comment FROM columns"
    " WHERE table_schema IN ('clinic', 'other')",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique, index_type FROM statistics"
    " WHERE table_schema IN ('clinic', 'other')",
    "SELECT table_name, constraint_name, referenced_table_name, delete_rule FROM referential_constraints"
    " WHERE constraint_schema = 'clinic'",
    "SELECT table_name, view_definition, security_type FROM views WHERE table_schema = 'clinic'",
    "SELECT trigger_name, event_object_table, action_statement, sql_mode FROM triggers WHERE trigger_schema = 'clinic'",
    "SELECT routine_name, routine_type, routine_definition, sql_mode FROM routines WHERE routine_schema = 'clinic'",
    "SELECT event_name, event_definition, interval_value, status FROM events WHERE event_schema = 'clinic'",
    "SELECT constraint_name, check_clause FROM check_constraints WHERE constraint_schema = 'clinic'",
)


def all_of(server: mariadb.Mariadb) -> list[object]:
    """Every definition, and a checksum of every table's rows."""
    found: list[object] = [
        sorted(map(str, server.ask(question, database="information_schema"))) for question in DEFINITIONS
    ]
    tables = server.ask(
        "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables"
        " WHERE table_schema IN ('clinic', 'other') AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    assert all(found), "a question that nothing answers compares nothing"
    return found + [server.ask(f"CHECKSUM TABLE {table} EXTENDED")[0] for (table,) in tables]


def test_all_that_was_there_is_there_again(
    source: mariadb.Mariadb, clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """Rows to the checksum, keys, foreign keys, views, triggers, routines and events; and a view can be asked."""
    job, made = copied
    done = restore(job, clean.database("clinic", "other"), tmp_path, thorough=True)
    assert done.copy == made.name
    assert all_of(clean) == all_of(source)
    assert clean.ask("SELECT COUNT(*) FROM clinic.large") == source.ask(
        "SELECT COUNT(*) FROM (SELECT owner FROM clinic.pets GROUP BY owner HAVING COUNT(*) > 2) AS x"
    )
    clean.ask("INSERT INTO clinic.pets (owner) VALUES (1)")
    assert clean.ask("SELECT born FROM clinic.pets ORDER BY id DESC LIMIT 1")[0][0].year == 2000
    assert (tmp_path / "audit.jsonl").read_text().count('"action": "load"') == 1


def test_what_is_restored_is_not_restored_again_unless_it_is_to_be_replaced(
    clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """A second run does nothing; --replace asks, and then what was written in between is gone."""
    job, _ = copied
    to = clean.database("clinic", "other")
    restore(job, to, tmp_path)
    clean.ask("INSERT INTO other.t VALUES (6, 6)")
    assert restore(job, to, tmp_path).ran.done == ("choose",)
    assert clean.ask("SELECT COUNT(*) FROM other.t") == [(6,)]
    with pytest.raises(InputError, match="needs an approval: Drop all that clinic, other"):
        restore(job, to, tmp_path, replace=True)
    assert clean.ask("SELECT COUNT(*) FROM other.t") == [(6,)]
    restore(job, to, tmp_path, replace=True, approve=YES)
    assert clean.ask("SELECT COUNT(*) FROM other.t") == [(5,)]


def test_what_somebody_else_has_there_is_left_alone(
    source: mariadb.Mariadb, clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """Databases that hold something are not touched unasked, and the server that copies are of least of all."""
    job, _ = copied
    clean.ask("CREATE DATABASE other")
    clean.ask("CREATE TABLE other.mine (a INT)")
    with pytest.raises(OutsideError, match=r"other holds 1 tables(.|\n)*--replace"):
        restore(job, clean.database("clinic", "other"), tmp_path / "1")
    assert clean.ask("SHOW TABLES FROM other") == [("mine",)]
    with pytest.raises(OutsideError, match="the very server that the copies are of"):
        restore(job, source.database("clinic", "other"), tmp_path / "2")
    assert source.ask("SELECT COUNT(*) FROM clinic.owners") == [(3000,)]


# -- bad copies ------------------------------------------------------------------------------------------------------


def _later(folder: Path, made: Manifest, seconds: int = 1) -> Path:
    """The same copy once more, as of a later moment; its folder."""
    began = made.began + timedelta(seconds=seconds)
    there = folder / copy_name(made.component, began)
    there.mkdir()
    content = (folder / made.dump).read_bytes()
    manifest = replace(made, began=began, ended=max(made.ended, began))
    (folder / manifest.dump).write_bytes(content)
    (there / MANIFEST).write_bytes(manifest.as_bytes())
    return there


def _flip(there: Path) -> None:
    dump = there / "dump.sql.gz"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 4
    dump.write_bytes(content)


def _other_rows(there: Path) -> None:
    """Whole, with another row: only the checksum at the very end tells."""
    _rewritten(there, b"\n(5,5);", b"\n(5,6);")


def _refused_rows(there: Path) -> None:
    """Whole, with a row that is a word: the server refuses it before the checksum at the very end tells."""
    _rewritten(there, b"\n(5,5);", b"\n(5,x);")


def _rewritten(there: Path, was: bytes, becomes: bytes) -> None:
    dump = there / "dump.sql.gz"
    plain = gzip.decompress(dump.read_bytes())
    assert was in plain
    packed = gzip.compress(plain.replace(was, becomes))
    manifest = json.loads((there / MANIFEST).read_text())
    manifest |= {"size": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
    dump.write_bytes(packed)
    (there / MANIFEST).write_text(json.dumps(manifest))


def _cut(there: Path) -> None:
    dump = there / "dump.sql.gz"
    os.truncate(dump, dump.stat().st_size // 2)


@pytest.mark.parametrize(
    "spoil", [_flip, _other_rows, _refused_rows, _cut], ids=["flipped", "another row", "refused", "cut"]
)
def test_a_damaged_copy_gives_way_to_the_one_before_it(
    spoil: Callable[[Path], None],
    source: mariadb.Mariadb,
    clean: mariadb.Mariadb,
    copied: tuple[Job, Manifest],
    tmp_path: Path,
) -> None:
    """What came of a damaged copy is thrown away, the copy before it is restored, and both is said and audited."""
    job, made = copied
    folder = Path(job.stores[0].removeprefix("file:"))
    there = _later(folder, made)
    spoil(there)
    said: list[str] = []
    events: Callable[[StepEvent], None] = lambda event: said.append(event.detail)  # noqa: E731
    try:
        done = restore(job, clean.database("clinic", "other"), tmp_path, report=events)
        with pytest.raises(OutsideError):
            restore(
                job, clean.database("clinic", "other"), tmp_path / "2", copy=f"clinic-db/{there.name}", replace=True,
                approve=YES,
            )  # fmt: skip
        assert clean.ask("SHOW DATABASES LIKE 'clinic'") == [] or spoil is _cut
    finally:
        for path in there.iterdir():
            path.unlink()
        there.rmdir()
    assert done.copy == made.name
    words = "\n".join(said)
    assert f"clinic-db/{there.name}" in words
    assert "NOT GOOD" in words or "not taken" in words
    assert "refused" in (tmp_path / "audit.jsonl").read_text()


def test_a_damaged_copy_alone_leaves_nothing(
    clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """Where no other copy is left, the databases are empty, and the server says that nothing there is of worth."""
    job, made = copied
    folder = tmp_path / "store"
    alone = job_of(job.database, folder)
    there = folder / made.name
    there.mkdir(parents=True)
    for name in ("dump.sql.gz", MANIFEST):
        (there / name).write_bytes((Path(job.stores[0][5:]) / made.name / name).read_bytes())
    _flip(there)
    with pytest.raises(OutsideError, match="is not what its manifest says"):
        restore(alone, clean.database("clinic", "other"), tmp_path / "operations")
    assert clean.ask("SHOW DATABASES LIKE 'clinic'") == []
    assert clean.ask(f"SELECT state FROM {marker.DATABASE}.restores") == [("begun",)]


class Breaking(Folder):
    """A store that stops in the middle of a dump."""

    def get(self, name: str) -> Iterator[bytes]:
        for piece in super().get(name):
            if name.endswith(MANIFEST):
                yield piece
            else:
                yield piece[: len(piece) // 2]
                raise OutsideError("the region is gone")


def test_a_store_that_stops_gives_way_to_another_that_has_the_same_copy(
    source: mariadb.Mariadb, clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """The same copy is taken from the next store; where none has it, no older one is taken in its stead."""
    job, _ = copied
    folder = Path(job.stores[0][5:])
    linked = tmp_path / "the same"
    linked.symlink_to(folder)
    to = clean.database("clinic", "other")
    with pytest.raises(OutsideError, match="the region is gone"):
        restore(job, to, tmp_path / "1", stores=[Breaking(folder)])
    assert restore(job, to, tmp_path / "2", stores=[Breaking(folder), Folder(linked)]).store == f"file:{linked}"
    assert all_of(clean) == all_of(source)


# -- killed ----------------------------------------------------------------------------------------------------------


def kill_while_it_works(job: Job, to: Database, folder: Path, works: Callable[[], object]) -> list[str]:
    """Begin a restore from the command line and kill it once ``works``; the command's arguments, to run it again."""
    document, where = folder / "job.json", folder / "to.json"
    document.write_text(as_text(job))
    server = {"host": to.host, "port": to.port, "tls": to.tls, "secret": to.secret}
    where.write_text(json.dumps({"database": server}))
    arguments = ["restore", str(document), "--to", str(where), "--replace", "--yes"]
    arguments += ["--state-dir", str(folder / "state")]
    command = [sys.executable, "-m", "seawall", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    while not works() and time.monotonic() < end:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "it was to be killed while it worked"
    return arguments


def test_killed_in_the_middle_it_begins_anew(
    source: mariadb.Mariadb, clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """SIGKILL while rows go over: the next run throws half of it away, and no row is there twice."""
    job, _ = copied
    again = kill_while_it_works(
        job,
        clean.database("clinic", "other"),
        tmp_path,
        lambda: clean.ask("SELECT 1 FROM information_schema.tables WHERE table_name = 'pets'"),
    )
    assert main(again) == 0
    assert all_of(clean) == all_of(source)


# -- from Azure ------------------------------------------------------------------------------------------------------


@pytest.mark.needs("azurite")
def test_it_comes_back_from_azure_encrypted(
    place: Stage, source: mariadb.Mariadb, clean: mariadb.Mariadb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a blob store, with a key that is nowhere but in its file; with another key nothing is restored."""
    import base64

    account = azurite.start(place)
    account.make_container("copies")
    monkeypatch.setenv(azurite.KEY, account.key)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for number, path in enumerate((right, wrong)):
        path.write_bytes(base64.b64encode(bytes([number] * 32)))
        path.chmod(0o600)
    to = clean.database("clinic", "other")
    job = job_of(
        source.database("clinic", "other"),
        tmp_path / "x",
        stores=(account.place("copies"),),
        encryption=f"file:{right}",
    )
    assert backup(job, tmp_path / "backup") is not None
    with pytest.raises(OutsideError, match="not what its manifest says"):
        restore(replace(job, encryption=f"file:{wrong}"), to, tmp_path / "1")
    restore(job, to, tmp_path / "2")
    assert all_of(clean) == all_of(source)


# -- verify ----------------------------------------------------------------------------------------------------------


def test_verify_restores_into_a_server_of_its_own_and_tells(
    copied: tuple[Job, Manifest], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A good copy is proven and a damaged one refuted, by exit status and in the metrics."""
    job, made = copied
    metrics = tmp_path / "seawall.prom"
    document = tmp_path / "job.json"
    document.write_text(as_text(replace(job, metrics=(f"textfile:{metrics}",))))
    state = ["--state-dir", str(tmp_path / "state"), "--format", "json"]
    assert main(["verify", str(document), *state]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["copy"]) == ("proven", made.name)
    assert said["seconds"] > 0
    labels = '{platform="clinic-test",component="clinic-db"}'
    assert f"seawall_backup_verified{labels} 1\n" in metrics.read_text()
    assert f"seawall_backup_size_bytes{labels} {made.size}\n" in metrics.read_text()

    there = _later(Path(job.stores[0][5:]), made)
    _flip(there)
    try:
        assert main(["verify", str(document), "--content-only", *state]) == 1
    finally:
        for path in there.iterdir():
            path.unlink()
        there.rmdir()
    assert json.loads(capsys.readouterr().out)["verdict"] == "refuted"
    assert f"seawall_backup_verified{labels} 0\n" in metrics.read_text()


def test_verify_leaves_nothing_on_a_server_it_is_lent(
    clean: mariadb.Mariadb, copied: tuple[Job, Manifest], tmp_path: Path
) -> None:
    """A scratch server is empty again; one that holds something is not touched, and nothing is proven then."""
    job, _ = copied
    to = clean.database("clinic", "other")
    assert verify(job, tmp_path, scratch=to).verdict.proven
    assert clean.ask("SHOW DATABASES LIKE 'clinic'") == []
    assert clean.ask(f"SHOW DATABASES LIKE '{marker.DATABASE}'") == []
    clean.ask("CREATE DATABASE other")
    clean.ask("CREATE TABLE other.mine (a INT)")
    assert verify(job, tmp_path, scratch=to).verdict.unknown
    assert clean.ask("SHOW TABLES FROM other") == [("mine",)]


def test_no_copy_and_an_old_one_are_refuted(copied: tuple[Job, Manifest], tmp_path: Path) -> None:
    """Where there is no copy, or only one of long ago, it is refuted that one can be restored."""
    job, made = copied
    assert verify(replace(job, stores=(f"file:{tmp_path}",)), tmp_path / "o", content_only=True).verdict.refuted
    store = tmp_path / "old"
    old = datetime.now(UTC).replace(microsecond=0) - timedelta(days=5)
    there = store / copy_name("clinic-db", old)
    there.mkdir(parents=True)
    (there / "dump.sql.gz").write_bytes((Path(job.stores[0][5:]) / made.dump).read_bytes())
    (there / MANIFEST).write_bytes(replace(made, began=old, ended=old).as_bytes())
    verified = verify(replace(job, stores=(f"file:{store}",)), tmp_path / "o", content_only=True)
    assert verified.verdict.refuted
    assert "5 d old" in str(verified.verdict.because)


# -- PostgreSQL ------------------------------------------------------------------------------------------------------

BANK = r"""
CREATE SCHEMA ledger
CREATE TYPE ledger.kind AS ENUM ('credit', 'de''bit')
CREATE TABLE ledger.accounts (id SERIAL PRIMARY KEY, "odd ""name;" TEXT UNIQUE, kind ledger.kind DEFAULT 'credit')
CREATE TABLE ledger.entries (id BIGSERIAL PRIMARY KEY, account INT NOT NULL REFERENCES ledger.accounts,
  note TEXT, amount NUMERIC(12,2) CHECK (amount > 0))
CREATE INDEX by_note ON ledger.entries (lower(note))
CREATE TABLE ledger.hollow ()
INSERT INTO ledger.hollow DEFAULT VALUES
CREATE TABLE parts (id INT, day DATE) PARTITION BY RANGE (day)
CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
INSERT INTO ledger.accounts ("odd ""name;")
  SELECT 'it''s; \ ' || chr(9) || chr(10) || '\.' || i FROM generate_series(1, 500) i
INSERT INTO ledger.entries (account, note, amount)
  SELECT i % 500 + 1, repeat(md5(i::text), 8), i FROM generate_series(1, 20000) i
INSERT INTO parts SELECT i, '2026-03-01' FROM generate_series(1, 10) i
CREATE VIEW ledger.sums AS SELECT account, sum(amount) AS total FROM ledger.entries GROUP BY account
CREATE MATERIALIZED VIEW ledger.kept AS SELECT count(*) AS n FROM ledger.entries
CREATE FUNCTION ledger.twice(a INT) RETURNS INT LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 0 THEN a * 2 END; END
CREATE FUNCTION ledger.noted() RETURNS trigger LANGUAGE plpgsql AS $b$
  BEGIN NEW.note := 'x;' || NEW.note; RETURN NEW; END $b$
CREATE TRIGGER noted BEFORE INSERT ON ledger.entries FOR EACH ROW EXECUTE FUNCTION ledger.noted()
"""
ALL_OF_BANK = (
    "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM ledger.accounts t",
    "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM ledger.entries t",
    "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM parts t",
    "SELECT * FROM ledger.kept",
    "SELECT count(*) FROM ledger.hollow",
    "SELECT ledger.twice(4), last_value, is_called FROM ledger.entries_id_seq",
    "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('ledger', 'public') ORDER BY 1",
    "SELECT pg_get_constraintdef(oid), conname FROM pg_constraint"
    " WHERE connamespace::regnamespace::text = 'ledger' ORDER BY 2",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT pg_get_viewdef('ledger.sums')",
)


@pytest.mark.needs("postgresql")
def test_postgresql_comes_back_too(place: Stage, tmp_path: Path) -> None:
    """COPY blocks over two sessions, keys and triggers behind them, by an administrator who is no superuser."""
    trusted = authority(place)
    first = postgresql.start(place, "first", trusted)
    second = postgresql.start(place, "second", trusted)
    first.ask(f"CREATE DATABASE bank OWNER {first.credentials.user}")
    connection = first.connect("bank")
    for statement in statements(BANK):
        connection.run(statement)
    job = job_of(first.database("bank"), tmp_path / "store", proof="SELECT count(*) FROM ledger.accounts")
    made = backup(job, tmp_path / "backup")
    assert made is not None
    there = _later(tmp_path / "store", made)
    _flip(there)
    done = restore(job, second.database("bank"), tmp_path / "operations")
    assert done.copy == made.name
    assert [second.ask(question, "bank") for question in ALL_OF_BANK] == [
        connection.run(question) for question in ALL_OF_BANK
    ]

    # Killed while it is replaced, and begun anew.
    arguments = kill_while_it_works(
        job,
        second.database("bank"),
        tmp_path,
        lambda: second.ask("SELECT 1 FROM restores WHERE state = 'begun'", marker.DATABASE),
    )
    assert main(arguments) == 0
    assert [second.ask(question, "bank") for question in ALL_OF_BANK] == [
        connection.run(question) for question in ALL_OF_BANK
    ]
    connection.close()
    assert restore(job, second.database("bank"), tmp_path / "operations", copy=made.name).ran.done == ("choose",)
    with pytest.raises(OutsideError, match=r"bank holds \d+ tables"):
        restore(job, second.database("bank"), tmp_path / "operations", copy=f"clinic-db/{there.name}", anew=True)
    assert verify(job, tmp_path / "verify", content_only=True).verdict.refuted, "the newest is the damaged one"
    for path in there.iterdir():
        path.unlink()
    there.rmdir()
    verified = verify(job, tmp_path / "verify")
    assert verified.verdict.proven, verified.verdict.because
    assert verified.seconds is not None
