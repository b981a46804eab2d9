"""Connections to the database: at most so many, asked whether they live before they are used, made anew when lost."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from seawall.operate.drill.application.settings import DatabaseSettings

_TRUSTED = 0.5
"""Seconds for which a connection that was just used is not asked again; HikariCP's aliveBypassWindowMs."""


class AwayError(Exception):
    """No connection is to be had."""


class Pool:
    """A pool of at most ``most`` connections; safe to use from several threads."""

    def __init__(self, settings: DatabaseSettings, most: int, wait: float = 30.0) -> None:
        self._settings, self.most, self._wait = settings, most, wait
        self._idle: list[tuple[Any, float]] = []
        self._lock = threading.Lock()
        self._permits = threading.BoundedSemaphore(most)
        self._closed = False

    @property
    def idle(self) -> int:
        """How many connections wait for work."""
        return len(self._idle)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection for one transaction; it is committed at the end, or given up where anything failed.

        Raises AwayError where the database takes none, or all are in use for too long.
        """
        if not self._permits.acquire(timeout=self._wait):
            raise AwayError(f"no connection was free within {self._wait:g} s")
        try:
            connection = self._get()
            try:
                yield connection
                connection.commit()
            except BaseException:
                # What state it is in is not known: a new one costs less than a wrong one.
                with suppress(Exception):
                    connection.close()
                raise
            with self._lock:
                self._idle.append((connection, time.monotonic()))
        finally:
            self._permits.release()

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            with suppress(Exception):
                connection.close()

    def _get(self) -> Any:
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection, used = self._idle.pop()
            if time.monotonic() - used < _TRUSTED or self._lives(connection):
                return connection
            with suppress(Exception):
                connection.close()
        return self._made()

    def _lives(self, connection: Any) -> bool:
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            cursor.fetchall()
            connection.rollback()
        except Exception:
            # Drivers raise what they like for a connection that is gone; whatever it was, it does not live.
            return False
        return True

    def _made(self) -> Any:
        said = ""
        for host, port in self._settings.hosts:
            try:
                connection = self._connect(host, port)
                if len(self._settings.hosts) == 1 or self._writes(connection):
                    return connection
                connection.close()
                said = f"{host}:{port} only reads"
            except Exception as error:
                said = f"{host}:{port}: {type(error).__name__}"
        raise AwayError(said)

    def _writes(self, connection: Any) -> bool:
        cursor = connection.cursor()
        cursor.execute("SELECT @@read_only" if self._settings.engine == "mysql" else "SHOW transaction_read_only")
        (answer,) = cursor.fetchone()
        connection.rollback()
        return str(answer) in ("0", "off")

    def _connect(self, host: str, port: int) -> Any:
        settings = self._settings
        trusted = ssl.create_default_context(cafile=settings.authority) if settings.authority else None
        if settings.engine == "mysql":
            import pymysql

            return pymysql.connect(
                host=host,
                port=port,
                user=settings.user,
                password=settings.password,
                database=settings.name,
                charset="utf8mb4",
                connect_timeout=max(1, round(settings.connect_timeout)),
                read_timeout=settings.timeout,
                write_timeout=settings.timeout,
                ssl=trusted,
                ssl_disabled=trusted is None,
            )
        import pg8000.dbapi

        connection = pg8000.dbapi.connect(
            user=settings.user,
            password=settings.password,
            host=host,
            port=port,
            database=settings.name,
            timeout=settings.connect_timeout,
            ssl_context=trusted,
        )
        # The driver has one timeout for both; what the platform's URL says of answers is longer.
        connection._usock.settimeout(settings.timeout)
        return connection
