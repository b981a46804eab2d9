"""What is carried out when: rows at once, what slows them down behind the proof, and nothing that no dump has."""

from __future__ import annotations

import pytest

from seawall.operate.copies.job import Engine
from seawall.operate.copies.order import UnexpectedError, When, of_roles, when, without_definer, without_keys
from seawall.operate.copies.split import Piece


def _when(sql: str, engine: Engine = "mysql", *, defined: bool = True, filled: bool = True) -> When:
    return when(Piece((sql.encode(),), sql.encode()), engine, defined=defined, filled=filled)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("/*!40101 SET NAMES utf8mb4 */", When.BOTH),
        ("USE `clinic`", When.BOTH),
        ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `clinic` /*!40100 DEFAULT CHARACTER SET utf8mb4 */", When.NOW),
        ("DROP TABLE IF EXISTS `visits`", When.NOW),
        ("CREATE TABLE `visits` (\n  `id` int\n)", When.NOW),
        ("LOCK TABLES `visits` WRITE", When.NEVER),
        ("/*!40000 ALTER TABLE `visits` DISABLE KEYS */", When.NEVER),
        ("/*!50001 DROP VIEW IF EXISTS `v`*/", When.LATER),
        ("/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n"
         "/*!50001 VIEW `v` AS select 1 */", When.LATER),
        ("/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW\n"
         "SET NEW.a = 1 */", When.LATER),
        ("CREATE DEFINER=`a`@`%` PROCEDURE `p`()\nSELECT 1", When.LATER),
        ("/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1 */",
         When.LATER),
        ("ALTER DATABASE `clinic` CHARACTER SET latin1 COLLATE latin1_swedish_ci", When.LATER),
    ],
)  # fmt: skip
def test_statements_of_mysqldump_have_their_time(sql: str, expected: When) -> None:
    """What mysqldump writes is carried out at once, later or not at all, whatever version comments it stands in."""
    assert _when(sql) is expected


def test_settings_before_the_first_table_are_for_every_session() -> None:
    """Rows are read by all sessions with the settings that the dump was written with."""
    assert _when("/*!40014 SET FOREIGN_KEY_CHECKS=0 */", defined=False) is When.EVERYWHERE
    assert _when("SET client_encoding = 'UTF8'", "postgresql", defined=False) is When.EVERYWHERE


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE public.a (\n    id integer\n)", When.LATER),
        ("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_pkey PRIMARY KEY (id)", When.KEYS),
        ("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_b UNIQUE (b)", When.KEYS),
        ("CREATE UNIQUE INDEX i ON public.a USING btree (b)", When.KEYS),
        ("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES public.b(id)",
         When.REFERENCES),
        ("CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION f()", When.LATER),
        ("REFRESH MATERIALIZED VIEW public.m", When.LATER),
        ("SELECT pg_catalog.setval('public.a_id_seq', 7, true)", When.LATER),
        ("\\restrict abc", When.NEVER),
    ],
)  # fmt: skip
def test_statements_of_pg_dump_behind_rows_have_their_time(sql: str, expected: When) -> None:
    """Behind rows, keys are made several at a time, foreign keys after them, and the rest in the dump's order."""
    assert _when(sql, "postgresql") is expected


@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("mysql", "GRANT ALL ON *.* TO `me`@`%`"),
        ("mysql", "CREATE USER `me`@`%` IDENTIFIED BY 'x'"),
        ("mysql", "SET GLOBAL general_log = 1"),
        ("mysql", "SET @@GLOBAL.GTID_PURGED='x'"),
        ("mysql", "SET @a = 1, @@global.read_only = 0"),
        ("mysql", "SET PASSWORD = 'x'"),
        ("mysql", "SET @a = 1, GLOBAL general_log = 1"),
        ("mysql", "SET STATEMENT max_statement_time = 0 FOR DROP DATABASE a"),
        ("mysql", "SELECT * FROM a INTO OUTFILE '/tmp/x'"),
        ("mysql", "LOAD DATA INFILE '/etc/passwd' INTO TABLE a"),
        ("mysql", "INSTALL PLUGIN a SONAME 'b.so'"),
        ("mysql", "CALL p()"),
        ("postgresql", "CREATE ROLE me SUPERUSER"),
        ("postgresql", "ALTER SYSTEM SET ssl = off"),
        ("postgresql", "COPY a FROM PROGRAM 'id'"),
        ("postgresql", "COPY a TO '/tmp/x'"),
        ("postgresql", "DO $$ begin end $$"),
        ("postgresql", "SELECT pg_read_file('/etc/passwd')"),
        ("postgresql", "\\! id"),
    ],
)
def test_what_no_dump_has_is_refused(engine: Engine, sql: str) -> None:
    """What makes accounts, changes the server or reads files is refused, with no more said of it than its head."""
    with pytest.raises(UnexpectedError) as raised:
        _when(sql, engine)
    assert len(str(raised.value)) <= 60
    assert "'" not in str(raised.value)


_TABLE = b"""CREATE TABLE `visits` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `pet` int(11) NOT NULL COMMENT 'KEY `a` (`b`)',
  `note` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `one` (`pet`,`id`) COMMENT 'a, b',
  KEY `pet` (`pet`),
  FULLTEXT KEY `note` (`note`),
  CONSTRAINT `owned` FOREIGN KEY (`pet`) REFERENCES `pets` (`id`) ON DELETE CASCADE,
  CONSTRAINT `positive` CHECK (`pet` > 0)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4"""


def test_secondary_keys_of_mysql_come_after_the_rows() -> None:
    """Keys and foreign keys are parted from their table word for word; what rows are told apart by stays with it."""
    made = without_keys(_TABLE)
    assert b"UNIQUE" not in made.create
    assert b"FOREIGN" not in made.create
    for kept in (b"PRIMARY KEY (`id`)", b"FULLTEXT KEY", b"CHECK (`pet` > 0)\n)", b"COMMENT 'KEY `a` (`b`)'"):
        assert kept in made.create
    assert made.keys == (
        b"ALTER TABLE `visits` ADD UNIQUE KEY `one` (`pet`,`id`) COMMENT 'a, b', ADD KEY `pet` (`pet`)"
    )
    assert made.references == (
        b"ALTER TABLE `visits` ADD CONSTRAINT `owned` FOREIGN KEY (`pet`) REFERENCES `pets` (`id`) ON DELETE CASCADE"
    )


@pytest.mark.parametrize(
    "sql",
    [
        _TABLE.replace(b"  PRIMARY KEY (`id`),\n", b""),
        _TABLE.replace(b"PRIMARY KEY (`id`)", b"PRIMARY KEY (`pet`)"),
        _TABLE.replace(b"ENGINE=InnoDB", b"ENGINE=MyISAM"),
        _TABLE.replace(b"  `note` text", b"note text"),
        b"CREATE TABLE x AS SELECT 1",
    ],
    ids=["no primary key", "counts by another key", "other engine", "other spelling", "other statement"],
)
def test_a_table_that_needs_its_keys_keeps_them(sql: bytes) -> None:
    """Where a key cannot come later, or the spelling is not known, the table is made as the dump says it."""
    assert without_keys(sql).create == sql
    assert not without_keys(sql).keys


def test_whoever_restores_is_the_definer() -> None:
    """Accounts are no part of a copy, so a view or trigger names none; a body that speaks of one is left alone."""
    trigger = b"/*!50003 CREATE*/ /*!50017 DEFINER=`a``b`@`10.%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW"
    assert b"DEFINER" not in without_definer(trigger)
    view = b"CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v` AS select 'DEFINER=`a`@`%`'"
    assert without_definer(view) == (
        b"CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 'DEFINER=`a`@`%`'"
    )
    body = b"CREATE PROCEDURE p() SELECT 'DEFINER=`a`@`%`'"
    assert without_definer(body) == body


def test_rights_are_told_from_definitions() -> None:
    """Only statements about owners and rights may fail for want of a role."""
    assert of_roles(b"ALTER TABLE public.a OWNER TO nobody")
    assert of_roles(b"GRANT SELECT ON TABLE public.a TO reader")
    assert not of_roles(b"ALTER TABLE public.a ADD COLUMN b int")
