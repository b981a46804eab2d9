"""Asking a place from outside, as a visitor or Route 53 would: whether it answers, told apart from our own way out."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from seawall.kernel.verdict import Verdict, proven, refuted, unknown

TIMES, EVERY, TIMEOUT = 3, 2.0, 4.0
"""How often a place is asked before it counts as lost, the seconds between, and those that an answer may take."""
BESIDE = (("route53.amazonaws.com", 443), ("management.azure.com", 443))
"""What answers as long as our own way to the world is well."""
_SEARCHED = 5120
"""Bytes of an answer that are searched, as Route 53 does (Amazon Route 53 Developer Guide, "Values that you specify
when you create or update health checks", read 2026-11-22)."""


def way_out(places: Sequence[tuple[str, int]] = BESIDE) -> bool:
    """Whether anything else in the world takes a connection from here."""
    for place in places:
        try:
            socket.create_connection(place, TIMEOUT).close()
        except OSError:
            continue
        return True
    return False


def asked(
    url: str,
    expects: str = "",
    *,
    times: int = TIMES,
    every: float = EVERY,
    timeout: float = TIMEOUT,
    way_out: Callable[[], bool] = way_out,
) -> Verdict:
    """Whether an address answers well: 2xx or 3xx with the text that is expected, once within ``times``.

    Refuted after as many failures; unknown where nothing came back and nothing else can be reached either.
    """
    said: list[str] = []
    reached = False
    for number in range(times):
        if number:
            time.sleep(every)
        try:
            status, body = _get(url, timeout)
        except (OSError, http.client.HTTPException) as error:
            said.append(f"{url}: {type(error).__name__}: {error}")
            continue
        reached = True
        if not 200 <= status < 400:
            said.append(f"{url} answers {status}")
        elif expects and expects not in body:
            said.append(f"{url} answers {status} without {expects}")
        else:
            return proven(f"{url} answers {status}")
    words = dict.fromkeys(said)
    if not reached and not way_out():
        return unknown(*words, "nothing else can be reached from here either")
    return refuted(*words, f"asked {times} times")


def _get(url: str, timeout: float) -> tuple[int, str]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(_SEARCHED).decode("utf-8", "replace")
    finally:
        connection.close()
