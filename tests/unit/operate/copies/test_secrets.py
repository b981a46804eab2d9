"""Secrets come from where they are named, and are shown by nothing that holds or fetches them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies import secrets
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.dump import in_memory, mysql_options, password_line
from seawall.operate.copies.job import Database
from seawall.operate.copies.secrets import credentials, key

PLANTED = "hunter2-planted"


def database(secret: str, **more: Any) -> Database:
    """A database whose secret lies there."""
    return Database("mysql", "db.internal", 3306, ("shop",), secret, **more)


def written(path: Path, content: str, mode: int = 0o600) -> str:
    """A file with that content and mode, as a secret's name."""
    path.touch(0o600)
    path.write_text(content)
    path.chmod(mode)
    return f"file:{path}"


def test_a_crash_leaves_no_secret_on_a_disk(tmp_path: Path) -> None:
    """Once a login or a key is held, neither this process nor a client that it starts writes its memory anywhere."""
    login = written(tmp_path / "login", json.dumps({"username": "reader", "password": PLANTED}))
    opened = written(tmp_path / "key", base64.b64encode(bytes(32)).decode())
    for asking in (f"credentials(Database('mysql', 'h', 1, ('d',), {login!r}))", f"key({opened!r})"):
        code = (
            "import resource, subprocess\nresource.setrlimit(resource.RLIMIT_CORE, (4096, 4096))\n"
            "from seawall.operate.copies.secrets import credentials, key\n"
            f"from seawall.operate.copies.job import Database\n{asking}\n"
            "subprocess.run(['/bin/sh', '-c', 'ulimit -c'], check=True)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
        assert done.stdout == "0\n"


def test_a_file_of_ones_own_gives_the_login(tmp_path: Path) -> None:
    """Name and password come out, and printing them shows the name alone."""
    where = written(tmp_path / "s", json.dumps({"username": "reader", "password": PLANTED, "engine": "mysql"}))
    found = credentials(database(where))
    assert found == Credentials("reader", PLANTED)
    assert PLANTED not in repr(found)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A secret that is none any more is not used as one."""
    where = written(tmp_path / "s", json.dumps({"username": "reader", "password": PLANTED}), mode)
    with pytest.raises(InputError, match="chmod 600"):
        credentials(database(where))


@pytest.mark.parametrize(
    "content",
    [PLANTED, f'["{PLANTED}"]', f'{{"password": "{PLANTED}"}}', f'{{"username": 1, "password": "{PLANTED}"}}',
     '{"username": "u", "password": ""}', json.dumps({"username": "u", "password": PLANTED + "\n[client]"})],
)  # fmt: skip
def test_a_secret_of_another_form_is_refused_without_being_said(tmp_path: Path, content: str) -> None:
    """What cannot be a login is an error that does not repeat it."""
    with pytest.raises(InputError) as caught:
        credentials(database(written(tmp_path / "s", content)))
    assert PLANTED not in str(caught.value)


def test_secrets_manager_is_asked_in_the_secrets_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The region of the ARN is where it lies, whatever the process's is; text and bytes are both read."""
    asked: list[tuple[str, str, str]] = []
    answer: dict[str, Any] = {}

    class Client:
        def __init__(self, service: str, region: str) -> None:
            self.service, self.region = service, region

        def get_secret_value(self, SecretId: str) -> dict[str, Any]:
            asked.append((self.service, self.region, SecretId))
            return answer

        def generate_db_auth_token(self, **wanted: Any) -> str:
            asked.append((self.service, self.region, json.dumps(wanted)))
            return "token-of-minutes"

    monkeypatch.setattr(secrets, "client", Client)
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf"
    answer["SecretString"] = json.dumps({"username": "reader", "password": PLANTED})
    assert credentials(database(f"secretsmanager:{arn}")).password == PLANTED
    answer = {"SecretBinary": base64.b64encode(bytes(32))}
    assert key(f"secretsmanager:{arn}") == bytes(32)
    assert asked[:2] == [("secretsmanager", "eu-central-1", arn)] * 2
    found = credentials(database("iam:reader", region="eu-west-1"))
    assert found == Credentials("reader", "token-of-minutes")
    assert asked[2][:2] == ("rds", "eu-west-1")


def test_a_key_is_32_bytes_in_base64(tmp_path: Path) -> None:
    """Anything else encrypts nothing."""
    assert key(written(tmp_path / "good", base64.b64encode(bytes(range(32))).decode() + "\n")) == bytes(range(32))
    for number, content in enumerate(("", "c2hvcnQ=", "not base64!", base64.b64encode(bytes(33)).decode())):
        with pytest.raises(InputError, match="holds no key"):
            key(written(tmp_path / str(number), content))
    with pytest.raises(OutsideError):
        key(f"file:{tmp_path}/absent")
    with pytest.raises(InputError):
        key("env:KEY")


def test_a_child_alone_reads_a_file_in_memory() -> None:
    """The file has mode 0600, no name that another process could open, and is gone with its block."""
    with in_memory(b"content") as (path, files):
        command = [
            sys.executable,
            "-c",
            "import os,sys; f=sys.argv[1]; print(open(f).read(), oct(os.stat(f).st_mode))",
            path,
        ]
        said = subprocess.run(command, capture_output=True, text=True, pass_fds=files, timeout=60, check=True).stdout
        assert said.split() == ["content", "0o100600"]
        other = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert other.returncode != 0
    assert not files or not os.path.exists(f"/proc/self/fd/{files[0]}")


def test_without_files_in_memory_one_of_our_own_is_used_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux the file lies in a folder that nobody else may enter, until the block ends."""
    monkeypatch.delattr(os, "memfd_create", raising=False)
    with in_memory(b"content") as (path, files):
        assert files == ()
        assert Path(path).read_bytes() == b"content"
        assert (Path(path).stat().st_mode & 0o777, Path(path).parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not Path(path).parent.exists()


@pytest.fixture
def client(tmp_path: Path) -> dict[str, str]:
    """Stand-ins for both kinds of mysqldump, which know no more than their version."""
    found = {}
    for name, words in (
        ("mysql", "Ver 8.4.7 for Linux on x86_64 (MySQL Community Server - GPL)"),
        ("mariadb", "Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)"),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{words}'\n")
        program.chmod(0o755)
        found[name] = str(program)
    return found


def test_each_client_gets_the_options_that_it_knows(client: dict[str, str], tmp_path: Path) -> None:
    """TLS is verified and turned off in the words of each, and a token's plugin is named to MySQL's alone."""
    (tmp_path / "ca.pem").touch()
    there = database("iam:reader", tls=str(tmp_path / "ca.pem"))
    who = Credentials("reader", 'a"b\\c#d')
    mysql = mysql_options(client["mysql"], there, who).decode().splitlines()
    mariadb = mysql_options(client["mariadb"], there, who).decode().splitlines()
    assert 'password="a\\"b\\\\c#d"' in mysql
    assert "ssl-mode=VERIFY_IDENTITY" in mysql
    assert "enable-cleartext-plugin" in mysql
    assert "ssl-verify-server-cert" in mariadb
    assert "enable-cleartext-plugin" not in mariadb
    off = Database("mysql", "127.0.0.1", 3306, ("shop",), "file:/s", "off")
    assert "ssl-mode=DISABLED" in mysql_options(client["mysql"], off, who).decode()
    assert "skip-ssl" in mysql_options(client["mariadb"], off, who).decode()
    with pytest.raises(InputError, match="authorities"):
        mysql_options(client["mysql"], database("iam:reader", tls=str(tmp_path / "absent.pem")), who)


def test_a_password_files_line_escapes_what_divides_it() -> None:
    """Colons and backslashes of a password do not end its field."""
    there = Database("postgresql", "db", 5432, ("shop",), "file:/s")
    assert password_line(there, Credentials("re:ader", "a:b\\c")) == b"db:5432:*:re\\:ader:a\\:b\\\\c\n"
