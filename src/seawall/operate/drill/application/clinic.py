"""Owners, pets and visits, as the database has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from seawall.operate.drill.application.pool import Pool

_VISIT = "SELECT number, pet_id, visit_date, made, vet, description FROM visits WHERE number = %s"
_OWNER = "SELECT id, first_name, last_name, address, city, telephone FROM owners WHERE id = %s"
_OWNERS = "SELECT id, first_name, last_name, city FROM owners WHERE id > %s ORDER BY id LIMIT 20"
_PETS = "SELECT id, name, birth_date, kind FROM pets WHERE owner_id = %s ORDER BY id"
_WRITE = "INSERT INTO visits (number, pet_id, visit_date, made, vet, description) VALUES (%s, %s, %s, %s, %s, %s)"


class TakenError(Exception):
    """There is a visit of that number."""


class Clinic:
    """What a clinic asks of its database; every method is a transaction of its own."""

    def __init__(self, pool: Pool, engine: Literal["mysql", "postgresql"]) -> None:
        self.pool, self._engine = pool, engine

    def owners(self, after: int) -> list[dict[str, Any]]:
        """Twenty owners whose id is above ``after``."""
        names = ("id", "firstName", "lastName", "city")
        return [dict(zip(names, row, strict=True)) for row in self._rows(_OWNERS, after)]

    def owner(self, number: int) -> dict[str, Any] | None:
        """One, with its pets."""
        with self.pool.connection() as connection:
            cursor = connection.cursor()
            cursor.execute(_OWNER, (number,))
            row = cursor.fetchone()
            if row is None:
                return None
            cursor.execute(_PETS, (number,))
            pets = cursor.fetchall()
        owner = dict(zip(("id", "firstName", "lastName", "address", "city", "telephone"), row, strict=True))
        owner["pets"] = [dict(zip(("id", "name", "birthDate", "type"), pet, strict=True)) for pet in pets]
        return owner

    def visit(self, number: int) -> dict[str, Any] | None:
        """The visit of that number."""
        rows = self._rows(_VISIT, number)
        names = ("number", "petId", "date", "made", "vet", "description")
        return dict(zip(names, rows[0], strict=True)) if rows else None

    def write(self, number: int, pet: int, vet: str, description: str) -> None:
        """Write a visit down; it is committed when this returns. Raises TakenError where the number is taken."""
        now = datetime.now()
        row = (number, pet, now.date(), now, vet[:60], description[:255])
        try:
            with self.pool.connection() as connection:
                connection.cursor().execute(_WRITE, row)
        except Exception as error:
            if _is_taken(error):
                raise TakenError(str(number)) from error
            raise

    def ask(self) -> None:
        """Raise whatever keeps the database from answering."""
        self._rows("SELECT %s", 1)

    def _rows(self, query: str, value: int) -> list[tuple[Any, ...]]:
        with self.pool.connection() as connection:
            cursor = connection.cursor()
            cursor.execute(query if self._engine == "mysql" else query.replace("SELECT %s", "SELECT %s::int"), (value,))
            return list(cursor.fetchall())


def _is_taken(error: Exception) -> bool:
    """Whether it is what MySQL (1062) or PostgreSQL (23505) says of a key that is there."""
    if not error.args:
        return False
    what = error.args[0]
    return what == 1062 or (isinstance(what, dict) and what.get("C") == "23505")
