"""Who is logged in: kept in Redis as Spring Session keeps it, or in the process's own memory, to show what is lost."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any, Protocol

from seawall.operate.drill.application.settings import CacheSettings, Settings


class UnkeptError(Exception):
    """The session could not be kept so that the loss of one server would not lose it."""


class Sessions(Protocol):
    """Sessions by id: each the user's name and how often it was used."""

    def begin(self, user: str) -> str:
        """A new session's id, once it is kept."""
        ...

    def use(self, session: str) -> tuple[str, int] | None:
        """The user and the number of uses with this one, or None where there is no such session; it lives on."""
        ...

    def end(self, session: str) -> None:
        """End it."""
        ...

    def ask(self) -> None:
        """Raise whatever keeps sessions from being kept."""
        ...


def sessions(settings: Settings) -> Sessions:
    """As the settings say."""
    if settings.cache is None:
        return InMemory(settings.session_seconds)
    return InRedis(settings.cache, settings.session_seconds)


class InMemory:
    """Gone with the process."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[str, int, float]] = {}
        self._lock = threading.Lock()

    def begin(self, user: str) -> str:
        """A new one."""
        session = secrets.token_urlsafe(24)
        with self._lock:
            self._kept[session] = (user, 0, time.monotonic())
        return session

    def use(self, session: str) -> tuple[str, int] | None:
        """Count a use."""
        with self._lock:
            user, uses, used = self._kept.get(session, ("", 0, 0.0))
            if not user or time.monotonic() - used > self._seconds:
                self._kept.pop(session, None)
                return None
            self._kept[session] = (user, uses + 1, time.monotonic())
        return user, uses + 1

    def end(self, session: str) -> None:
        """Forget it."""
        with self._lock:
            self._kept.pop(session, None)

    def ask(self) -> None:
        """Nothing can be away."""


class InRedis:
    """A hash for each session, which Redis lets expire; every use is a write, as Spring Session's is."""

    def __init__(self, settings: CacheSettings, seconds: int) -> None:
        import redis
        from redis.backoff import ConstantBackoff
        from redis.retry import Retry
        from redis.sentinel import Sentinel

        self._settings, self._seconds = settings, seconds
        options: dict[str, Any] = {
            "password": settings.password or None,
            "socket_timeout": settings.timeout,
            "socket_connect_timeout": settings.timeout,
            # Once more at once, on a new connection: that is what brings a client to the new primary.
            "retry": Retry(ConstantBackoff(0.05), 1),
        }
        if settings.master:
            sentinel = Sentinel(  # type: ignore[no-untyped-call]
                list(settings.hosts), sentinel_kwargs=dict(options), **options
            )
            self._redis: Any = sentinel.master_for(settings.master)  # type: ignore[no-untyped-call]
        else:
            host, port = settings.hosts[0]
            self._redis = redis.Redis(host=host, port=port, **options)

    def begin(self, user: str) -> str:
        """A new one, kept by as many replicas as it takes."""
        session = secrets.token_urlsafe(24)
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(self._key(session), mapping={"sessionAttr:user": user, "sessionAttr:uses": 0})
            pipeline.expire(self._key(session), self._seconds)
            self._keep(pipeline)
        return session

    def use(self, session: str) -> tuple[str, int] | None:
        """Count a use; a session that is not there is not made."""
        user = self._redis.hget(self._key(session), "sessionAttr:user")
        if user is None:
            return None
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hincrby(self._key(session), "sessionAttr:uses", 1)
            pipeline.hset(self._key(session), "lastAccessedTime", int(time.time() * 1000))
            pipeline.expire(self._key(session), self._seconds)
            uses = self._keep(pipeline)[0]
        return user.decode(), int(uses)

    def end(self, session: str) -> None:
        """Take it away."""
        self._redis.delete(self._key(session))

    def ask(self) -> None:
        """Ask the primary for a sign of life."""
        self._redis.ping()

    def _key(self, session: str) -> str:
        return f"{self._settings.namespace}:sessions:{session}"

    def _keep(self, pipeline: Any) -> list[Any]:
        """Send what was gathered, and wait for replicas on the same connection: WAIT speaks of that one's writes."""
        wanted = self._settings.replicas
        if wanted:
            pipeline.execute_command("WAIT", wanted, round(self._settings.patience * 1000))
        answers: list[Any] = pipeline.execute()
        if wanted and int(answers[-1]) < wanted:
            raise UnkeptError(f"{answers[-1]} of {wanted} replicas have it")
        return answers
