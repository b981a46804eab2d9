"""Backups of real servers into real stores: whole or not there, whatever is killed, and no secret anywhere."""

from __future__ import annotations

import base64
import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import mariadb as mariadb_with_tls
from seawall.kernel.errors import OutsideError
from seawall.kernel.units import Duration
from seawall.operate.copies import azure
from seawall.operate.copies.backup import backup
from seawall.operate.copies.job import Database, Job, as_text
from seawall.operate.copies.manifest import MANIFEST, Manifest
from seawall.operate.copies.pack import unpack
from seawall.operate.copies.retention import manifest_of
from seawall.operate.copies.secrets import key
from seawall.operate.copies.store import Missing, Target, Upload
from seawall.operate.copies.stores import open_store
from seawall.operate.drill.servers import authority, aws, azurite, mariadb, postgresql
from seawall.operate.drill.stage import Stage, stage

ROOT = Path(__file__).resolve().parents[3]
KILLED = ROOT / "tests" / "backup_killed.py"
pytestmark = pytest.mark.needs("mariadb", "agent", "drill")
NASTY = [
    "plain",
    "it's",
    "),(",
    "'),('",
    "\\",
    "\\'",
    "x\\\\'),(",
    "\n),\n(",
    ";\n",
    "INSERT INTO `t` VALUES (1);",
    "é\0",
]


@pytest.fixture(scope="module")
def place() -> Iterator[Stage]:
    """A stage for all of this file."""
    with stage() as made:
        yield made


@pytest.fixture(scope="module")
def server(place: Stage) -> mariadb.Mariadb:
    """A MariaDB with nasty rows in `shop`, and some MB in `large`."""
    made = mariadb.start(place, "source", databases=("shop", "large"))
    connection = made.connect("shop", 60)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(99), b BLOB)")
        cursor.execute("CREATE TABLE `odd``n,) VALUES (` (a INT)")
        cursor.execute("CREATE TABLE nothing (a INT)")
        cursor.execute("CREATE VIEW v AS SELECT a FROM t")
        cursor.execute("CREATE PROCEDURE p() BEGIN\nINSERT INTO `t` VALUES (1,2,3);\nEND")
        cursor.executemany("INSERT INTO t (a, b) VALUES (%s, %s)", [(a, b.encode()) for a in NASTY for b in NASTY])
        cursor.executemany("INSERT INTO `odd``n,) VALUES (` VALUES (%s)", [(number,) for number in range(7)])
    fill(made, "large", 6)
    return made


def fill(server: mariadb.Mariadb, database: str, megabytes: int) -> None:
    """Add a table of so many MB that do not pack well."""
    server.ask(f"CREATE TABLE {database}.r (id INT PRIMARY KEY, a VARCHAR(999))")
    text = "CONCAT(" + ",".join(f"SHA2(RAND({number}) + seq, 512)" for number in range(7)) + ")"
    server.ask(f"INSERT INTO {database}.r SELECT seq, {text} FROM {database}.seq_1_to_1")
    server.ask(f"DELETE FROM {database}.r")
    server.ask(f"INSERT INTO {database}.r SELECT seq, {text} FROM {database}.seq_1_to_{megabytes * 1100}")


@pytest.fixture
def clouds(place: Stage, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A container of Azurite and a bucket of the emulator, as this process reaches them."""
    account, cloud = _accounts(place)
    name = f"copies-{secrets.token_hex(4)}"
    account.make_container(name)
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    for variable, value in cloud.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AZURE_STORAGE_KEY", account.key)
    cloud.client("s3", "us-east-1").create_bucket(Bucket=name)
    return account.place(name), f"s3:{name}/under/it"


_STARTED: dict[int, tuple[azurite.Azurite, Any]] = {}


def _accounts(place: Stage) -> tuple[azurite.Azurite, Any]:
    if id(place) not in _STARTED:
        _STARTED[id(place)] = (azurite.start(place), aws.start(place))
    return _STARTED[id(place)]


@pytest.fixture
def local(tmp_path: Path) -> tuple[str, str]:
    """Two folders."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    return f"file:{tmp_path / 'a'}", f"file:{tmp_path / 'b'}"


def job(database: Database, stores: tuple[str, ...], **more: Any) -> Job:
    """A job that keeps copies for a day."""
    return Job("shop-test", "shop-db", database, stores, Duration(86400), Duration(3600), **more)


def names(stores: tuple[str, ...]) -> list[list[str]]:
    """What lies in each store."""
    return [[entry.name for entry in open_store(store).entries()] for store in stores]


def good(store: str, key: bytes | None = None) -> list[Manifest]:
    """The copies of a store, each unpacked to its end; the test fails where anything else lies there."""
    found = open_store(store)
    copies = sorted({entry.name.rpartition("/")[0] for entry in found.entries()})
    manifests = []
    for name in copies:
        manifest = manifest_of(found, name)
        assert manifest is not None, f"{name} has no manifest"
        assert sorted(entry.name for entry in found.entries(name)) == sorted([manifest.dump, f"{name}/{MANIFEST}"])
        assert sum(map(len, unpack(found.get(manifest.dump), manifest, key))) == manifest.plain_size
        manifests.append(manifest)
    return manifests


class Tripwire:
    """A store that does something when the first block of a dump comes, or takes no more than so many bytes."""

    def __init__(self, store: Target, act: Callable[[], None]) -> None:
        self._store, self._act = store, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def place(self) -> str:
        return self._store.place

    def begin(self, name: str, *, over: bool = False) -> Upload:
        upload = self._store.begin(name, over=over)
        if "dump.sql" not in name:
            return upload
        act, write = self._act, upload.write

        def tripped(piece: bytes) -> None:
            write(piece)
            act()

        upload.write = tripped  # type: ignore[method-assign]
        return upload


@pytest.mark.needs("azurite", "emulator")
def test_one_dump_goes_to_both_clouds_and_every_row_is_counted(
    server: mariadb.Mariadb, clouds: tuple[str, str], tmp_path: Path
) -> None:
    """The copies are one to the byte, their manifests tell the rows that the server counts, and they unpack."""
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    metrics = (f"textfile:{tmp_path / 'seawall.prom'}", "cloudwatch:Seawall/Recovery")
    asked = job(server.database("shop", "large"), clouds, encryption=f"file:{tmp_path / 'key'}", metrics=metrics)
    made = backup(asked, tmp_path / "state")
    assert made is not None
    for table, rows in made.rows.items():
        database, _, name = table.partition(".")
        quoted = name.replace("`", "``")
        assert server.ask(f"SELECT COUNT(*) FROM `{database}`.`{quoted}`")[0][0] == rows, table
    assert set(made.rows) == {"shop.t", "shop.odd`n,) VALUES (", "shop.nothing", "large.r"}
    assert made.rows["shop.t"] == len(NASTY) ** 2
    assert [good(store, key(asked.encryption)) for store in clouds] == [[made], [made]]
    told = (tmp_path / "seawall.prom").read_text()
    assert 'seawall_backup_success{platform="shop-test",component="shop-db"} 1\n' in told
    assert f" {sum(made.rows.values())}\n" in told
    assert made.tools["server"].startswith("10.")
    assert made.size > 2**20


@pytest.mark.needs("azurite", "emulator")
def test_both_clouds_keep_the_rules_of_a_store(clouds: tuple[str, str]) -> None:
    """Objects come back, are listed in order, are written over only where that is meant, and go; missing is said."""
    for store in map(open_store, clouds):
        content = secrets.token_bytes(6 * 2**20)
        assert store.put("db/b/dump", (content[at : at + 99_999] for at in range(0, len(content), 99_999))) == 6 * 2**20
        store.put("db/a/dump", [b"first"])
        store.put("db/a/dump", [b"second"])
        assert b"".join(store.get("db/b/dump")) == content
        assert b"".join(store.get("db/a/dump")) == b"second"
        listed = list(store.entries("db/"))
        assert [(entry.name, entry.size) for entry in listed] == [("db/a/dump", 6), ("db/b/dump", 6 * 2**20)]
        assert all(abs(entry.written.timestamp() - time.time()) < 600 for entry in listed)
        with pytest.raises(Missing):
            b"".join(store.get("db/c/dump"))
        store.remove("db/a/dump")
        store.remove("db/a/dump")
        assert [entry.name for entry in store.entries()] == ["db/b/dump"]


@pytest.mark.needs("azurite")
def test_an_account_that_is_away_is_noticed_and_the_others_get_their_copy(
    server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails and says which one it is, and the other store has a whole copy."""
    monkeypatch.setenv("AZURE_STORAGE_KEY", "a2V5")
    monkeypatch.setattr(azure, "_RETRIES", {"retry_total": 0})
    away = f"azure+http://127.0.0.1:{place_free_port()}/devstoreaccount1/copies"
    with pytest.raises(OutsideError, match="devstoreaccount1"):
        backup(job(server.database("shop"), (away, local[0])), tmp_path / "state")
    assert len(good(local[0])) == 1


@pytest.mark.needs("azurite", "emulator")
@pytest.mark.parametrize("what", ["client", "server", "network", "source"])
def test_a_dump_that_stops_half_way_is_shown_nowhere(
    server: mariadb.Mariadb, place: Stage, clouds: tuple[str, str], tmp_path: Path, what: str
) -> None:
    """Client killed, server killed, connection lost, or our own end of it broken: neither store shows a thing."""
    source = server
    if what == "server":
        source = mariadb.start(place, "killed", databases=("large",))
        fill(source, "large", 6)
    done: list[str] = []

    def trip() -> None:
        if done:
            return
        done.append(what)
        match what:
            case "client":
                os.kill(next(pid for pid, line in children() if b"dump" in line.split(b"\0")[0]), signal.SIGKILL)
            case "server":
                source.process.kill()
            case "network":
                for row in source.ask("SELECT id FROM information_schema.processlist WHERE info LIKE '%r`'"):
                    source.ask(f"KILL {row[0]}")
            case _:
                raise RuntimeError("our own fault")

    stores = tuple(Tripwire(open_store(store), trip) for store in clouds)
    asked = job(source.database("large"), clouds)
    with pytest.raises(RuntimeError if what == "source" else OutsideError) as caught:
        backup(asked, tmp_path / "state", stores=stores)  # type: ignore[arg-type]
    assert done
    assert what == "source" or "dump" in str(caught.value)
    assert names(clouds) == [[], []]
    if what != "server":
        made = backup(asked, tmp_path / "state")
        assert [good(store) for store in clouds] == [[made], [made]]
    uploads = boto_uploads(clouds[1])
    assert uploads == [], "parts of uploads that nobody ends cost as much as objects"


def boto_uploads(store: str) -> list[Any]:
    """Uploads to the bucket that were begun and not ended."""
    from seawall.operate.copies.aws import client

    return list(client("s3").list_multipart_uploads(Bucket=store[3:].partition("/")[0]).get("Uploads", []))


def children() -> Iterator[tuple[int, bytes]]:
    """Processes of this one's, and their arguments."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                    yield int(entry.name), (entry / "cmdline").read_bytes()


@pytest.mark.needs("azurite", "emulator")
def test_a_store_that_fails_half_way_drops_out_and_gets_the_copy_later(
    server: mariadb.Mariadb, clouds: tuple[str, str], tmp_path: Path
) -> None:
    """The other store's copy is whole; the one that failed shows nothing, until the copy is carried over to it."""
    failing = [True]

    def full() -> None:
        if failing[0]:
            raise OutsideError("the account is full")

    stores = (Tripwire(open_store(clouds[0]), full), open_store(clouds[1]))
    broken = replace(job(server.database("large"), clouds), metrics=(f"textfile:{tmp_path / 'm.prom'}",))
    with pytest.raises(OutsideError, match="full"):
        backup(broken, tmp_path / "state", stores=stores)  # type: ignore[arg-type]
    assert names(clouds)[0] == []
    (whole,) = good(clouds[1])
    assert "seawall_backup_success{" in (tmp_path / "m.prom").read_text()
    assert (tmp_path / "m.prom").read_text().count('component="shop-db"} 0\n') == 1
    failing[0] = False
    assert backup(broken, tmp_path / "state", stores=stores) == whole  # type: ignore[arg-type]
    assert good(clouds[0]) == good(clouds[1]) == [whole]


def test_a_full_disk_leaves_nothing_and_is_said(
    server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path
) -> None:
    """Where no store has room the backup fails with the system's word for it, and the next one is whole."""
    asked = job(server.database("large"), local)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(OutsideError, match="too large"):
            backup(asked, tmp_path / "state")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path for store in local for path in Path(store[5:]).rglob("*") if path.is_file()] == []
    made = backup(asked, tmp_path / "state")
    assert good(local[0]) == good(local[1]) == [made]


MOMENTS = [
    ("check", "begun"), ("check", "done"), ("copy", "begun"), ("copy", "sent"), ("copy", "shown"), ("copy", "done"),
    ("manifest", "begun"), ("manifest", "done"), ("retain", "already"), ("tell", "begun"), ("tell", "done"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "state"), MOMENTS)
def test_a_run_killed_at_any_step_goes_on_and_leaves_one_copy(
    server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path, step: str, state: str
) -> None:
    """SIGKILL anywhere, then a second run: one good copy in each store, nothing beside it, no dump made twice."""
    asked = job(server.database("shop"), local, metrics=(f"textfile:{tmp_path / 'm.prom'}",))
    (tmp_path / "job.json").write_text(as_text(asked))
    command = [sys.executable, str(KILLED), str(tmp_path / "job.json"), str(tmp_path / "state"), step, state]
    killed = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    before = next((path.parent.name for path in Path(local[0][5:]).rglob("dump.sql.gz")), "")
    finished = (step, state) not in (("copy", "begun"), ("copy", "sent"), ("copy", "shown")) and step != "check"
    made = backup(asked, tmp_path / "state")
    assert made is not None
    assert good(local[0]) == good(local[1]) == [made]
    assert [path for store in local for path in Path(store[5:]).rglob(".part*")] == []
    if finished:
        assert made.name.endswith(before), "the dump was made again"
    assert (tmp_path / "m.prom").exists()


@pytest.mark.needs("azurite", "emulator")
def test_a_run_killed_with_everything_sent_leaves_no_parts_behind(
    server: mariadb.Mariadb, clouds: tuple[str, str], tmp_path: Path
) -> None:
    """What clouds have of a run that was killed before it showed anything is unseen, and cleared by the next."""
    asked = job(server.database("shop"), (clouds[1], clouds[0]))
    (tmp_path / "job.json").write_text(as_text(asked))
    command = [sys.executable, str(KILLED), str(tmp_path / "job.json"), str(tmp_path / "state"), "copy", "taken"]
    killed = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert names(clouds) == [[], []]
    assert len(boto_uploads(clouds[1])) == 1
    made = backup(asked, tmp_path / "state")
    assert good(clouds[0]) == good(clouds[1]) == [made]
    assert boto_uploads(clouds[1]) == []


def test_old_copies_and_orphans_go_and_the_newest_good_one_stays(
    server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path
) -> None:
    """A run retires what is older than the job keeps, and a dump that never became a copy, by their own age."""
    store = open_store(local[0])
    asked = job(server.database("shop"), local[:1])
    first = backup(asked, tmp_path / "state")
    assert first is not None
    old = replace(first, began=datetime.fromisoformat("2020-01-01T00:00:00+00:00"))
    for name, content in ((old.dump, b"".join(store.get(first.dump))), (f"{old.name}/{MANIFEST}", old.as_bytes())):
        store.put(name, [content])
    store.put("shop-db/20200102T000000Z/dump.sql.gz", [b"half"])
    store.put("shop-db/notes.txt", [b"mine"])
    orphan = Path(local[0][5:], "shop-db/20200102T000000Z/dump.sql.gz")
    os.utime(orphan, (0, 0))
    time.sleep(1.01)
    second = backup(asked, tmp_path / "state")
    assert second is not None
    left = {entry.name.rpartition("/")[0] for entry in store.entries()}
    assert left == {"shop-db", first.name, second.name}


def test_a_wrong_password_is_said_without_it(server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path) -> None:
    """The client's own words come through, nothing is shown, and the password stands nowhere."""
    planted = f"wrong-{secrets.token_hex(8)}"
    secret = tmp_path / "login.json"
    secret.touch(0o600)
    secret.write_text(json.dumps({"username": server.credentials.user, "password": planted}))
    asked = job(replace(server.database("shop"), secret=f"file:{secret}"), local)
    with pytest.raises(OutsideError, match="Access denied") as caught:
        backup(asked, tmp_path / "state")
    assert names(local) == [[], []]
    assert planted not in str(caught.value)
    assert leaked(tmp_path, [planted], but=secret) == []
    secret.chmod(0o644)
    with pytest.raises(Exception, match="may be read by others"):
        backup(asked, tmp_path / "state")


def test_routines_that_the_user_may_not_read_are_missed_loudly(
    server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path
) -> None:
    """With the rights that the platforms give where bodies cannot be read, a dump without its routines is no copy."""
    server.ask("CREATE USER reader IDENTIFIED BY 'of this test'")
    server.ask("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, EXECUTE ON shop.* TO reader")
    secret = tmp_path / "login.json"
    secret.touch(0o600)
    secret.write_text(json.dumps({"username": "reader", "password": "of this test"}))
    try:
        with pytest.raises(OutsideError, match="insufficient privileges"):
            backup(job(replace(server.database("shop"), secret=f"file:{secret}"), local), tmp_path / "state")
    finally:
        server.ask("DROP USER reader")
    assert names(local) == [[], []]


def leaked(folder: Path, planted: list[str], *, but: Path) -> list[Path]:
    """Files below a folder that hold one of these."""
    forms = [form for text in planted for form in (text.encode(), base64.b64encode(text.encode()))]
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path != but and any(form in path.read_bytes() for form in forms)
    ]


@contextmanager
def watched() -> Iterator[set[bytes]]:
    """Arguments of every process that is seen while this is open, and the environments of those that dump."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    with suppress(OSError):
                        line = (entry / "cmdline").read_bytes()
                        seen.add(line)
                        if b"dump" in line.partition(b"\0")[0]:
                            seen.add((entry / "environ").read_bytes())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@pytest.mark.needs("azurite", "emulator", "postgresql")
def test_planted_secrets_are_seen_nowhere(
    server: mariadb.Mariadb,
    database: postgresql.Postgresql,
    place: Stage,
    clouds: tuple[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Passwords and keys: in no argument, environment of a client, file, manifest or word said."""
    (tmp_path / "key").touch(0o600)
    key_text = base64.b64encode(secrets.token_bytes(32)).decode()
    (tmp_path / "key").write_text(key_text)
    account = os.environ["AZURE_STORAGE_KEY"]
    planted = [server.credentials.password, database.credentials.password, key_text, account]
    said: list[str] = []
    with watched() as seen:
        for one in (server.database("large"), database.database("shop")):
            asked = job(one, clouds, encryption=f"file:{tmp_path / 'key'}")
            backup(asked, tmp_path / "state" / one.engine, report=lambda event: said.append(repr(event)))
            time.sleep(1.01)
    assert any(b"dump" in line.partition(b"\0")[0] for line in seen), "the clients were seen"
    assert any(b"--single-transaction" in line for line in seen)
    assert any(b"PGPASSFILE=" in line for line in seen)
    assert not [text for text in planted for line in seen if text.encode() in line]
    written = "".join(capfd.readouterr()) + "".join(said)
    assert not [text for text in planted if text in written]
    assert leaked(tmp_path, planted, but=tmp_path / "key") == []
    for store in clouds:
        for manifest in good(store, base64.b64decode(key_text)):
            assert not [text for text in planted if text.encode() in manifest.as_bytes()]


@pytest.fixture(scope="module")
def database(place: Stage) -> postgresql.Postgresql:
    """A PostgreSQL, which wants TLS, with nasty rows."""
    made = postgresql.start(place, "pg", authority.authority(place, "pg-authority"))
    made.ask(f"CREATE DATABASE shop OWNER {made.credentials.user}")
    connection = made.connect("shop")
    try:
        connection.run("CREATE TABLE t (id int PRIMARY KEY, a text, b bytea)")
        connection.run('CREATE TABLE "odd (a) ""b"" FROM stdin;" (a int)')
        connection.run("CREATE TABLE nothing (a int)")
        connection.run("CREATE TABLE hollow ()")
        connection.run("INSERT INTO hollow DEFAULT VALUES")
        body = "\nBEGIN\n-- no row:\nPERFORM '\nCOPY public.t (a) FROM stdin;\n1\n';\nEND\n"
        connection.run(f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $x${body}$x$")
        for number, text in enumerate([*NASTY[:-1], "\\.", "\n\\.\n", "a\tb"]):
            connection.run("INSERT INTO t VALUES (:id, :a, :b)", id=number, a=text, b=text.encode())
        connection.run('INSERT INTO "odd (a) ""b"" FROM stdin;" SELECT generate_series(1, 3000)')
    finally:
        connection.close()
    return made


@pytest.mark.needs("postgresql")
def test_postgresql_is_copied_over_tls_and_its_rows_are_counted(
    database: postgresql.Postgresql, local: tuple[str, str], tmp_path: Path
) -> None:
    """Every table's rows are those that the server counts; a stranger's certificate is refused."""
    asked = job(database.database("shop", "postgres"), local)
    made = backup(asked, tmp_path / "state")
    assert made is not None
    assert made.tools["server"].startswith("15")
    assert len(made.rows) == 4
    for table, rows in made.rows.items():
        name = table.removeprefix("shop.")
        assert database.ask(f"SELECT count(*) FROM {name}", "shop") == [[rows]], table
    assert good(local[0]) == [made]
    assert b"\n\\connect postgres\n" in b"".join(unpack(open_store(local[0]).get(made.dump), made))
    strangers = tmp_path / "strangers.pem"
    strangers.write_text(other_authority())
    with pytest.raises(OutsideError, match="certificate"):
        backup(replace(asked, database=replace(asked.database, tls=str(strangers))), tmp_path / "state")


def other_authority() -> str:
    """An authority that signed nothing here."""
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=x",
        "-keyout",
        os.devnull,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.needs("openssl")
def test_mysql_is_copied_over_tls_with_a_password_that_breaks_option_files(
    local: tuple[str, str], tmp_path: Path
) -> None:
    """The server's name and authority are verified, and a password of quotes, backslashes and hashes logs in."""
    with mariadb_with_tls.server() as strict:
        user, password = mariadb_with_tls.USER, mariadb_with_tls.PASSWORD
        escaped = password.replace("\\", "\\\\").replace("'", "\\'")
        strict.ask("CREATE DATABASE d; CREATE TABLE d.t (a INT); INSERT INTO d.t VALUES (1),(2)")
        strict.ask(f"GRANT ALL ON *.* TO {user}@'%' IDENTIFIED BY '{escaped}'")
        secret = tmp_path / "login.json"
        secret.touch(0o600)
        secret.write_text(json.dumps({"username": user, "password": password}))
        there = Database("mysql", "127.0.0.1", strict.port, ("d",), f"file:{secret}", str(strict.authority))
        made = backup(job(there, local), tmp_path / "state")
        assert made is not None
        assert made.rows == {"d.t": 2}
        with pytest.raises(OutsideError, match=r"certificate|SSL|TLS"):
            backup(job(replace(there, tls=str(strict.folder / "other.pem")), local), tmp_path / "state2")


def test_memory_does_not_grow_with_the_database(server: mariadb.Mariadb, place: Stage, tmp_path: Path) -> None:
    """A dump of 40 MB takes no more memory than one of 5 MB, but for what a run varies by, and less than 100 MB."""
    server.ask("CREATE DATABASE grown")
    fill(server, "grown", 40)
    peaks = []
    for name in ("large", "grown"):
        (tmp_path / name).mkdir()
        (tmp_path / "job.json").write_text(as_text(job(server.database(name), (f"file:{tmp_path / name}",))))
        command = [sys.executable, str(KILLED), str(tmp_path / "job.json"), str(tmp_path / "state" / name), "-", "-"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        peaks.append(int(done.stdout) / 1024)
    server.ask("DROP DATABASE grown")
    assert peaks[1] < peaks[0] + 8, peaks
    assert peaks[1] < 100, peaks


def test_the_command_copies_and_says_so(server: mariadb.Mariadb, local: tuple[str, str], tmp_path: Path) -> None:
    """`seawall backup JOB` leaves a copy and prints it; a job that fails is status 3, the others are done."""
    (tmp_path / "job.json").write_text(as_text(job(server.database("shop"), local)))
    absent = replace(server.database("shop"), port=place_free_port())
    (tmp_path / "absent.json").write_text(as_text(replace(job(absent, local), component="absent-db")))
    command = [
        sys.executable, "-m", "seawall", "backup", str(tmp_path / "absent.json"), str(tmp_path / "job.json"),
        "--state-dir", str(tmp_path / "state"), "--format", "json",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 3, ran.stderr
    assert "is not reached" in ran.stderr
    (copy,) = json.loads(ran.stdout)["copies"]
    (made,) = good(local[0])
    assert copy["copy"] == made.name
    assert copy["manifest"]["rows"] == dict(made.rows)
    dry = subprocess.run([*command[:4], str(tmp_path / "job.json"), "--dry-run", "--state-dir", str(tmp_path / "new")],
                         capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert "6 steps would be done" in dry.stdout
    assert not (tmp_path / "new").exists()


def place_free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
