"""The backup instance's script, as it ships, against a real database with TLS and a stand-in of Azure.

MariaDB stands for MySQL: a wrapper gives its client the options that MySQL's has under other names.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import subprocess
import sys
import time

import pytest

import mariadb
from azure_stand_in import ASSERTION, azure
from seawall.components.backup_instance.instance import file
from seawall.components.recovery.machine import script

pytestmark = pytest.mark.needs("mariadb", "curl", "openssl")

SCHEMA = r"""
CREATE DATABASE bank CHARACTER SET utf8mb4;
CREATE DATABASE `audit` CHARACTER SET utf8mb4;
USE bank;
CREATE TABLE accounts (id INT PRIMARY KEY, owner VARCHAR(80), balance DECIMAL(12,2), seal VARBINARY(32));
INSERT INTO accounts SELECT seq, CONCAT('계좌 €', seq), seq * 1.5, UNHEX(SHA2(seq, 256)) FROM seq_1_to_5000;
CREATE VIEW rich AS SELECT id FROM accounts WHERE balance > 100;
CREATE TABLE moves (id INT PRIMARY KEY AUTO_INCREMENT, account INT);
CREATE TRIGGER moved AFTER INSERT ON moves FOR EACH ROW
    UPDATE accounts SET balance = balance - 1 WHERE id = NEW.account;
DELIMITER //
CREATE PROCEDURE pay(IN who INT) BEGIN INSERT INTO moves (account) VALUES (who); END//
DELIMITER ;
CREATE TABLE `audit`.entries (id INT PRIMARY KEY, said TEXT);
INSERT INTO `audit`.entries VALUES (1, 'a "quoted" line\nand another');
"""
TOTALS = "SELECT COUNT(*), SUM(balance), MD5(GROUP_CONCAT(HEX(seal), owner ORDER BY id)) FROM bank.accounts"
# MySQL's options under the names that MariaDB's clients know; 127.0.0.1 is not looked for in the socket.
WRAPPER = """#!/bin/bash
for argument; do
    case $argument in
        --ssl-mode=VERIFY_IDENTITY) set -- "$@" --ssl-verify-server-cert ;;
        --set-gtid-purged=OFF) ;;
        *) set -- "$@" "$argument" ;;
    esac
    shift
done
printf '%s\\n' "$@" >>{notes}/arguments
exec {program} "$1" --protocol=tcp "${{@:2}}"
"""
# What the AWS command line answers, and what it was told.
AWS = """#!{python}
import json, sys
words = sys.argv[1:]
with open("{notes}/aws", "a") as notes:
    print(json.dumps(words), file=notes)
def after(word):
    return words[words.index(word) + 1]
match words[:2]:
    case ["ssm", "get-parameter"]:
        print(open("{notes}/parameters" + after("--name").replace("/", "_")).read())
    case ["secretsmanager", "get-secret-value"]:
        assert after("--secret-id") == "arn:of:secret"
        print(open("{notes}/secret").read())
    case ["sts", "get-web-identity-token"]:
        assert (after("--audience"), after("--signing-algorithm")) == ("api://AzureADTokenExchange", "RS256")
        assert int(after("--duration-seconds")) <= 300
        print("{assertion}")
    case ["cloudwatch", "put-metric-data"]:
        with open("{notes}/metrics", "a") as metrics:
            print(after("--value"), after("--dimensions"), after("--namespace"), file=metrics)
    case _:
        sys.exit(f"what is {{words}}?")
"""


@pytest.fixture(scope="module")
def database():
    """A database server with two databases and a user that a secret tells of."""
    with mariadb.server() as server:
        server.ask(SCHEMA)
        password = mariadb.PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        server.ask(
            f"CREATE USER '{mariadb.USER}'@'%' IDENTIFIED BY '{password}' REQUIRE SSL;"
            f"GRANT ALL ON *.* TO '{mariadb.USER}'@'%'"
        )
        yield server


class Instance:
    """A folder that stands for the instance: its programs, what it runs in, and what it keeps."""

    def __init__(self, root, server, cloud):
        self.root, self.server, self.cloud = root, server, cloud
        self.run_folder, self.kept = root / "run", root / "kept"
        for folder in ("bin", "run", "kept"):
            (root / folder).mkdir()
        self.program("backup.sh", file("backup.sh"))
        self.program("upload.sh", script("upload.sh"))
        self.program("aws", AWS.format(python=sys.executable, notes=root, assertion=ASSERTION))
        for name, real in (("mysql", "mariadb"), ("mysqldump", "mariadb-dump")):
            self.program(name, WRAPPER.format(notes=root, program=mariadb.program(real)))
        (root / "secret").write_text(json.dumps({"username": mariadb.USER, "password": mariadb.PASSWORD}))
        (root / "parameters_who").write_text('{"tenant":"tenant","client":"writer"}')
        self.settings()

    def program(self, name, text):
        path = self.root / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def settings(self, **more):
        told = {
            "platform": "bank-prod",
            "component": "backup",
            "namespace": "Seawall/Recovery",
            "url": f"{self.cloud.url}/mysql-backups",
            "who": "/who",
            "audience": "api://AzureADTokenExchange",
            "kept_minutes": 1440,
            "databases": [
                {"component": "bank-db", "host": "127.0.0.1", "port": self.server.port, "secret": "arn:of:secret"}
            ],
        }
        (self.root / "parameters_settings").write_text(json.dumps(told | more))

    def start(self, **more):
        environment = {
            "PATH": f"{self.root}/bin:/usr/bin:/bin",
            "PARAMETER": "/settings",
            "RUN": str(self.run_folder),
            "KEPT": str(self.kept),
            "FUNCTIONS": f"{self.root}/bin/upload.sh",
            "AUTHORITIES": f"file://{self.server.authority}",
            "AZURE_LOGIN": self.cloud.url,
            "NO_PROXY": "127.0.0.1",
        }
        return subprocess.Popen(
            ["bash", str(self.root / "bin" / "backup.sh")],
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, **more):
        process = self.start(**more)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def notes(self, name):
        path = self.root / name
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def instance(tmp_path, database):
    """An instance with its database and its Azure."""
    with azure() as cloud:
        yield Instance(tmp_path, database, cloud)


def test_a_copy_arrives_and_can_be_restored(instance, database):
    """Every database, with views, triggers, procedures and binary columns, comes back out of Azure as it was."""
    status, said = instance.run(BLOCK_BYTES="20000")
    assert status == 0, said
    names = sorted(instance.cloud.blobs)
    assert len(names) == 2
    dump, checksum = names
    assert dump.startswith("/mysql-backups/bank-db/bank-db-2")
    content = instance.cloud.blobs[dump]
    assert instance.cloud.blobs[checksum].decode().split()[0] == hashlib.sha256(content).hexdigest()
    before = database.ask(TOTALS)
    database.ask("DROP DATABASE bank; DROP DATABASE `audit`")
    # The first line is one that MariaDB's dump alone writes, and its own client alone understands.
    database.ask(gzip.decompress(content).decode())
    assert database.ask(TOTALS) == before
    assert database.ask("SELECT said FROM `audit`.entries", "--raw") == 'a "quoted" line\nand another\n'
    database.ask("CALL bank.pay(5000)")
    assert database.ask("SELECT balance FROM bank.accounts WHERE id = 5000") == "7499.00\n"
    assert int(database.ask("SELECT COUNT(*) FROM bank.rich")) > 4900
    database.ask("UPDATE bank.accounts SET balance = balance + 1 WHERE id = 5000")
    assert instance.notes("metrics") == ["1 Platform=bank-prod,Component=backup Seawall/Recovery"]


def test_no_secret_is_left_or_stands_in_an_argument(instance):
    """After a run neither folder holds the password or a token, and no program was given one."""
    assert instance.run()[0] == 0
    for path in (*instance.run_folder.iterdir(), *instance.kept.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        if not path.name.endswith(".gz"):
            text = path.read_text()
            assert "quoted" not in text
            assert ASSERTION not in text
    given = "\n".join([*instance.notes("arguments"), *instance.notes("aws")])
    assert "quoted" not in given
    assert "token-of-writer" not in given


def test_the_server_s_own_databases_are_left_out(instance):
    """RDS keeps them itself and would refuse to have them restored."""
    assert instance.run()[0] == 0
    (dump, _) = sorted(instance.cloud.blobs)
    text = gzip.decompress(instance.cloud.blobs[dump]).decode()
    made = [line for line in text.splitlines() if line.startswith("CREATE DATABASE")]
    assert len(made) == 2
    assert "`mysql`" not in "\n".join(made)


def test_a_dump_that_dies_is_not_sent(instance):
    """Half a dump is valid gzip; nothing reaches Azure, nothing half made stays, and the failure is told."""
    real = instance.root / "bin" / "mysqldump"
    real.rename(instance.root / "bin" / "real")
    instance.program("mysqldump", f'#!/bin/bash\n{instance.root}/bin/real "$@" | head -c 20000\nexit 0\n')
    status, said = instance.run()
    assert status != 0, said
    assert instance.cloud.blobs == {}
    assert list(instance.kept.glob("*.sql.gz*")) == []
    assert instance.notes("metrics") == ["0 Platform=bank-prod,Component=backup Seawall/Recovery"]


def test_a_server_that_another_signed_for_is_not_spoken_to(instance, database):
    """TLS without a name and a signature that fit is no TLS: the password is not sent."""
    status, said = instance.run(AUTHORITIES=f"file://{database.folder / 'other.pem'}")
    assert status != 0
    assert "certificate" in said.lower() or "ssl" in said.lower()
    assert instance.cloud.blobs == {}
    assert instance.notes("metrics")[0].startswith("0 ")


def test_a_copy_that_azure_refuses_stays_here_and_is_told(instance):
    """What could not be sent is kept for its day, and the metric says that there is no new copy."""
    (instance.root / "parameters_who").write_text('{"tenant":"tenant","client":"somebody"}')
    status, _ = instance.run()
    assert status != 0
    assert instance.cloud.blobs == {}
    assert len(list(instance.kept.glob("*.sql.gz"))) == 1
    assert instance.notes("metrics")[0].startswith("0 ")


def test_old_copies_go_and_young_ones_stay(instance):
    """After a day a copy has gone from the disk; the one just made is there."""
    old = instance.kept / "bank-db-20200101-000000.sql.gz"
    young = instance.kept / "bank-db-20991231-000000.sql.gz"
    for path, hours in ((old, 25), (young, 23)):
        path.write_bytes(b"")
        os.utime(path, (time.time() - 3600 * hours,) * 2)
    assert instance.run()[0] == 0
    assert not old.exists()
    assert young.exists()
    assert len(list(instance.kept.glob("*.sql.gz"))) == 2


def test_two_runs_do_not_overtake_each_other(instance):
    """A run that begins while another is at it ends at once, without an alarm."""
    real = instance.root / "bin" / "mysqldump"
    real.rename(instance.root / "bin" / "real")
    instance.program(
        "mysqldump", f'#!/bin/bash\ntouch {instance.root}/at-it\nsleep 4\nexec {instance.root}/bin/real "$@"\n'
    )
    first = instance.start()
    until = time.monotonic() + 30
    while not (instance.root / "at-it").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    status, said = instance.run()
    assert (status, "still at it" in said) == (0, True)
    assert instance.cloud.blobs == {}
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output
    assert len(instance.cloud.blobs) == 2
    assert len(instance.notes("metrics")) == 1


def test_an_empty_server_is_a_failure(instance):
    """A list of databases that is empty or cannot be had is not a success with nothing to do."""
    instance.program("mysql", "#!/bin/bash\nexit 0\n")
    status, said = instance.run()
    assert status != 0
    assert "holds no database" in said
    instance.program("mysql", "#!/bin/bash\nexit 1\n")
    assert instance.run()[0] != 0
    assert [line[0] for line in instance.notes("metrics")] == ["0", "0"]


@pytest.mark.needs("shellcheck")
@pytest.mark.parametrize("name", ["backup.sh", "install.sh"])
def test_the_scripts_are_clean(name, tmp_path):
    """shellcheck finds nothing."""
    path = tmp_path / name
    path.write_text(file(name))
    run = subprocess.run(["shellcheck", "-x", str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout
