"""Answers that are given once more where they were lost on their way.

A client that saw its connection break asks again, and cannot know that the first request was carried out. AWS's SDKs
say that both are one: the same ``amz-sdk-invocation-id``, and another attempt in ``amz-sdk-request``. What was made
would be found to exist already, what was taken away to be missing, and what is only counted would be there twice.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

KEPT: Final = 1000
"""Answers that are kept: clients ask again within seconds."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class _Answer:
    """What one call came to; whoever asks again while it is being worked out waits for it."""

    working: threading.Lock = field(default_factory=threading.Lock)
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def stands(self) -> bool:
        """Whether the call was carried out; one that was refused is made again, as SDKs do of their own accord too."""
        return self.status.startswith(("2", "3"))


class Answers:
    """A WSGI application that carries out each call of an SDK once, however often it is asked for."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; those that only read, or come from no SDK, are passed on as they are."""
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not call or environ["REQUEST_METHOD"] in _READING:
            return self._application(environ, start_response)
        answer = self._answer(f"{call} {environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}")
        with answer.working:
            if answer.stands:
                logging.getLogger(__name__).warning("asked once more: %s", environ.get("HTTP_AMZ_SDK_REQUEST", ""))
            else:
                self._carry_out(environ, answer)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _answer(self, call: str) -> _Answer:
        with self._lock:
            answer = self._answers.setdefault(call, _Answer())
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return answer

    def _carry_out(self, environ: dict[str, Any], answer: _Answer) -> None:
        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            answer.status, answer.headers = status, headers

        said = self._application(environ, begin)
        try:
            answer.body = b"".join(said)
        finally:
            if close := getattr(said, "close", None):
                close()
