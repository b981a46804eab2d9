"""What reaches a server, and when: nothing behind the rows before the whole dump has come in and is good."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.copies import load as loading
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.copies.load import ahead, load
from seawall.operate.copies.pack import BadCopy
from seawall.operate.copies.sessions import StatementError
from seawall.operate.copies.split import Piece

WHO = Credentials("me", "secret")
MYSQL = Database("mysql", "db", 3306, ("shop",), "file:/x")
DUMP = [
    b"/*!40101 SET NAMES utf8mb4 */;\nCREATE DATABASE `shop`;\nUSE `shop`;\nLOCK TABLES `a` WRITE;\n",
    b"CREATE TABLE `a` (\n  `id` int,\n  `b` int,\n  PRIMARY KEY (`id`),\n  KEY `b` (`b`),\n"
    b"  CONSTRAINT `c` FOREIGN KEY (`b`) REFERENCES `a` (`id`)\n) ENGINE=InnoDB;\n",
    b"INSERT INTO `a` VALUES (1,1);\nINSERT INTO `a` VALUES (2,1);\nUNLOCK TABLES;\n",
    b"DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON `a` FOR EACH ROW BEGIN SET NEW.b = 1; END ;;\nDELIMITER ;\n",
    b"CREATE VIEW v AS SELECT 1;\n-- Dump completed\n",
]


class Fake:
    """A session that writes down what it is to do, in one list for all of a server."""

    said: list[str]
    refuses = ""

    def __init__(self, to: Database, credentials: Credentials, database: str = "") -> None:
        self.open = True

    def run(self, sql: bytes) -> None:
        words = sql.decode()
        if self.refuses and self.refuses in words:
            raise StatementError(f"the server refused {words[:10]}", "1005", "no")
        Fake.said.append(words)

    def rows(self, piece: Piece, database: str) -> None:
        self.run(piece.sql)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return []

    def close(self) -> None:
        self.open = False


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Fake]:
    """A server of fakes."""
    monkeypatch.setattr(loading, "connect", Fake)
    monkeypatch.setattr(Fake, "said", [], raising=False)
    monkeypatch.setattr(Fake, "refuses", "")
    return Fake


def _first(said: list[str], words: str) -> int:
    return next(number for number, one in enumerate(said) if words in one)


def test_keys_and_the_rest_come_behind_all_rows(server: type[Fake]) -> None:
    """A table is made without its keys; keys, then references, then triggers and views follow the last row."""
    load(DUMP, MYSQL, WHO)
    assert "KEY `b`" not in server.said[_first(server.said, "CREATE TABLE")]
    order = ["CREATE TABLE", "(2,1)", "ADD KEY `b`", "ADD CONSTRAINT `c`", "CREATE TRIGGER", "CREATE VIEW"]
    places = [_first(server.said, words) for words in order]
    assert places == sorted(places)
    assert not any("LOCK TABLES" in words for words in server.said)
    assert sum("SET NAMES" in words for words in server.said) >= loading.SESSIONS + 1, (
        "every session reads as the dump says"
    )


@pytest.mark.parametrize("cut", range(len(DUMP)))
def test_a_dump_that_turns_out_bad_gets_no_keys_and_no_triggers(server: type[Fake], cut: int) -> None:
    """Whenever the dump is found out, what waits for its proof is never carried out, and every session is ended."""

    def spoiled() -> Iterator[bytes]:
        yield from DUMP[: cut + 1]
        raise BadCopy("the checksum of its SQL is another")

    before = threading.active_count()
    with pytest.raises(BadCopy, match="checksum"):
        load(spoiled(), MYSQL, WHO)
    for words in ("ADD KEY", "ADD CONSTRAINT", "CREATE TRIGGER", "CREATE VIEW"):
        assert not any(words in one for one in server.said)
    assert threading.active_count() == before


@pytest.mark.parametrize("words", ["CREATE TABLE", "(2,1)", "ADD KEY", "CREATE VIEW"])
def test_what_a_server_refuses_ends_it(server: type[Fake], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of whichever session is raised to whoever restores, and nobody waits for ever."""
    monkeypatch.setattr(server, "refuses", words)
    before = threading.active_count()
    with pytest.raises(OutsideError, match="refused"):
        load([*DUMP[:3], *[b"INSERT INTO `a` VALUES (3,1);\n"] * 50, *DUMP[3:]], MYSQL, WHO)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("dump", "words"),
    [
        (b"USE `bank`;\n", "of the database bank"),
        (b"USE `shop`;\nGRANT ALL ON *.* TO `me`;\n", "what no dump does: GRANT"),
    ],
)
def test_a_dump_of_something_else_is_refused(server: type[Fake], dump: bytes, words: str) -> None:
    """Another database's dump, or a file that does more than a dump does, is no copy."""
    with pytest.raises(BadCopy, match=words):
        load([dump], MYSQL, WHO)


@pytest.mark.parametrize(
    "sql",
    [
        b"COPY public.t FROM PROGRAM 'id' -- FROM stdin\n;\n",
        b"COPY public.t FROM PROGRAM 'id' /* (a) FROM stdin;\n*/ ;\n",
        b"COPY (SELECT 1) TO PROGRAM 'id' -- FROM stdin\n;\n",
        b"\\! id\n",
        b"\\copy t from program 'id'\n",
        b"\\o |id\n",
    ],
)
def test_no_dump_has_a_server_or_client_run_a_program(server: type[Fake], sql: bytes) -> None:
    """What psql would hand to a shell, and a COPY of a program that looks like one of rows, reach no server."""
    to = Database("postgresql", "db", 5432, ("one",), "file:/x")
    with pytest.raises(BadCopy, match="what no dump does"):
        load([b"\\connect one\nCREATE TABLE public.t (a text);\n" + sql], to, WHO)
    assert not any("PROGRAM" in said for said in server.said)


def test_postgresql_goes_into_the_database_that_it_names(server: type[Fake]) -> None:
    """Each database of a dump gets sessions of its own; rights of roles that are not there are left out and counted."""
    to = Database("postgresql", "db", 5432, ("one", "two"), "file:/x")
    dump = b"".join(
        b"\\connect %s\nSET client_encoding = 'UTF8';\nCREATE TABLE public.%s (id integer);\n"
        b"COPY public.%s (id) FROM stdin;\n1\n\\.\n\nCREATE INDEX i_%s ON public.%s (id);\n" % ((name,) * 5)
        for name in (b"one", b"two")
    )
    done = load([dump], to, WHO)
    order = [
        "CREATE TABLE public.one",
        "COPY public.one",
        "CREATE TABLE public.two",
        "COPY public.two",
        "i_one",
        "i_two",
    ]
    places = [_first(server.said, words) for words in order]
    assert places == sorted(places)
    assert (done.pieces, done.left_out) == (2, 0)
    with pytest.raises(BadCopy, match="of the database three"):
        load([b"\\connect three\n"], to, WHO)


def test_what_is_fetched_ahead_comes_in_order_and_fails_as_it_would() -> None:
    """Pieces come as they were, an error comes where it was, and who leaves early ends the fetching."""
    assert list(ahead(iter(range(1000)))) == list(range(1000))

    def failing() -> Iterator[int]:
        yield 1
        raise OutsideError("the store is gone")

    found = ahead(failing())
    assert next(found) == 1
    with pytest.raises(OutsideError, match="gone"):
        next(found)

    fetched: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            fetched.append(1)
            yield 1

    before = threading.active_count()
    some = ahead(endless(), depth=2)
    next(some)
    time.sleep(0.01)
    some.close()  # type: ignore[attr-defined]
    assert len(fetched) <= 5
    assert threading.active_count() == before
