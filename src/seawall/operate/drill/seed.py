"""The clinic's tables, and rows in them: as many megabytes as a drill asks for, fast, and different in every run.

``visits`` has two secondary keys and about 360 bytes a row in a dump. Rows that are there from the beginning have
numbers below zero, so that whatever a client wrote in the run has one above it.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database

OWNERS, PETS = 1000, 2000
"""How many there are, and their ids are 1 to so many."""
ROW = 358
"""Bytes of a visit in a dump."""
_FIRST = ("Maria", "Jean", "Betty", "Harold", "Peter", "Esther", "Carlos", "Minji", "Haruto", "Ines", "Olu", "Aino")
_LAST = ("Franklin", "Davis", "Estaban", "Black", "Coleman", "Kim", "Sato", "Silva", "Adeyemi", "Korhonen", "Novak")
_CITIES = ("Madison", "Seoul", "Osaka", "Porto", "Lagos", "Turku", "Windsor", "Busan")
_KINDS = ("cat", "dog", "lizard", "snake", "bird", "hamster")
_WORDS = re.findall(
    r"\w+",
    "rabies shot given neutered spayed limps on the left hind leg eats less than it did temperature normal weight "
    "stable teeth cleaned claws cut ears clear coat dull prescribed drops twice a day come back in two weeks blood "
    "taken result pending owner worried about cough fever gone stitches out wound heals well fleas found treated",
)

_MYSQL = """
CREATE TABLE owners (id INT PRIMARY KEY, first_name VARCHAR(30), last_name VARCHAR(30), address VARCHAR(255),
  city VARCHAR(80), telephone VARCHAR(20), KEY last_name (last_name)) ENGINE=InnoDB;
CREATE TABLE pets (id INT PRIMARY KEY, name VARCHAR(30), birth_date DATE, kind VARCHAR(80), owner_id INT NOT NULL,
  KEY owner (owner_id)) ENGINE=InnoDB;
CREATE TABLE visits (number BIGINT PRIMARY KEY, pet_id INT NOT NULL, visit_date DATE NOT NULL,
  made DATETIME(6) NOT NULL, vet VARCHAR(60) NOT NULL, description VARCHAR(255) NOT NULL,
  KEY pet (pet_id), KEY day (visit_date)) ENGINE=InnoDB
"""
_POSTGRESQL = """
CREATE TABLE owners (id INT PRIMARY KEY, first_name VARCHAR(30), last_name VARCHAR(30), address VARCHAR(255),
  city VARCHAR(80), telephone VARCHAR(20));
CREATE INDEX owners_last_name ON owners (last_name);
CREATE TABLE pets (id INT PRIMARY KEY, name VARCHAR(30), birth_date DATE, kind VARCHAR(80), owner_id INT NOT NULL);
CREATE INDEX pets_owner ON pets (owner_id);
CREATE TABLE visits (number BIGINT PRIMARY KEY, pet_id INT NOT NULL, visit_date DATE NOT NULL,
  made TIMESTAMP(6) NOT NULL, vet VARCHAR(60) NOT NULL, description VARCHAR(255) NOT NULL);
CREATE INDEX visits_pet ON visits (pet_id);
CREATE INDEX visits_day ON visits (visit_date)
"""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was put in: rows by table, and about how many bytes a dump of them has."""

    rows: dict[str, int]
    bytes: int


def seed(database: Database, credentials: Credentials, megabytes: float, chance: random.Random) -> Seeded:
    """Make the tables in the first of the databases, which is there and empty, and fill them."""
    visits = max(1, round(megabytes * 1e6 / ROW))
    with connected(database, credentials, files=True) as connection:
        cursor = connection.cursor()
        for statement in (_MYSQL if database.engine == "mysql" else _POSTGRESQL).split(";"):
            cursor.execute(statement)
        connection.commit()
        if database.engine == "mysql":
            cursor.execute("SET SESSION unique_checks = 0")
        tables: dict[str, Iterator[bytes]] = {
            "owners": _owners(chance),
            "pets": _pets(chance),
            "visits": _visits(chance, visits),
        }
        for table, rows in tables.items():
            _load(database, connection, table, rows)
        connection.commit()
    return Seeded({"owners": OWNERS, "pets": PETS, "visits": visits}, visits * ROW + (OWNERS + PETS) * 80)


def written(database: Database, credentials: Credentials) -> frozenset[int]:
    """The numbers of the visits that clients wrote in this run and that the database has now."""
    with connected(database, credentials) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT number FROM visits WHERE number > 0")
        return frozenset(int(row[0]) for row in cursor.fetchall())


@contextmanager
def connected(database: Database, credentials: Credentials, *, files: bool = False) -> Iterator[Any]:
    """A connection of one of Python's own drivers; ``files`` lets MySQL's load a file of ours."""
    name, authority = database.databases[0], database.tls if database.tls not in ("off", "rds") else ""
    connection: Any
    if database.engine == "mysql":
        import pymysql

        connection = pymysql.connect(
            host=database.host,
            port=database.port,
            user=credentials.user,
            password=credentials.password,
            database=name,
            charset="utf8mb4",
            local_infile=files,
            ssl={"ca": authority} if authority else None,
            ssl_disabled=not authority,
        )
    else:
        import ssl

        import pg8000.dbapi

        connection = pg8000.dbapi.connect(
            user=credentials.user,
            password=credentials.password,
            host=database.host,
            port=database.port,
            database=name,
            ssl_context=ssl.create_default_context(cafile=authority) if authority else None,
        )
    try:
        yield connection
    finally:
        connection.close()


def _load(database: Database, connection: Any, table: str, rows: Iterator[bytes]) -> None:
    """Tab-separated rows into a table, by the server's own way of taking many at once."""
    with tempfile.NamedTemporaryFile(prefix="seawall-seed-") as file:
        file.writelines(rows)
        file.flush()
        cursor = connection.cursor()
        if database.engine == "mysql":
            # No value of ours: the path is the temporary file's, the table one of three.
            cursor.execute(f"LOAD DATA LOCAL INFILE '{Path(file.name)}' INTO TABLE {table} CHARACTER SET utf8mb4")
        else:
            file.seek(0)
            cursor.execute(f"COPY {table} FROM STDIN", stream=file)


def _owners(chance: random.Random) -> Iterator[bytes]:
    for number in range(1, OWNERS + 1):
        first, last, city = chance.choice(_FIRST), chance.choice(_LAST), chance.choice(_CITIES)
        street, telephone = f"{chance.randrange(1, 999)} Main St.", chance.randrange(10**9)
        yield f"{number}\t{first}\t{last}\t{street}\t{city}\t{telephone}\n".encode()


def _pets(chance: random.Random) -> Iterator[bytes]:
    for number in range(1, PETS + 1):
        born = f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        owner = (number - 1) % OWNERS + 1
        yield f"{number}\t{chance.choice(_LAST)}\t{born}\t{chance.choice(_KINDS)}\t{owner}\n".encode()


def _visits(chance: random.Random, number: int) -> Iterator[bytes]:
    """Visits numbered from -number to -1; descriptions compress about as text does, and no two are the same."""
    texts = [" ".join(chance.choices(_WORDS, k=70))[:222].encode() for _ in range(500)]
    days = [
        f"20{year}-{month:02}-{day:02}".encode()
        for year in (24, 25, 26)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    vets = [f"Dr. {first} {last}, small animals, floor {len(last)}".encode() for first in _FIRST for last in _LAST]
    below, bits = chance.random, chance.getrandbits
    for one in range(-number, 0):
        day = days[int(below() * len(days))]
        yield b"%d\t%d\t%b\t%b 10:%02d:00.%06d\t%b\t%b %032x\n" % (
            one, 1 + int(below() * PETS), day, day, one % 60, -one % 1000000, vets[int(below() * len(vets))],
            texts[int(below() * 500)], bits(128),
        )  # fmt: skip
