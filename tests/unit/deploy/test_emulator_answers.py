"""What an SDK asks for twice because an answer was lost is carried out once."""

from __future__ import annotations

import threading

from seawall.deploy.emulator.answers import KEPT, Answers


class _Counting:
    """An application that counts its calls; its answers follow ``statuses``, and then it always succeeds."""

    def __init__(self, *statuses, held=None):
        self.calls = 0
        self._statuses = list(statuses)
        self._held = held

    def __call__(self, environ, start_response):
        self.calls += 1
        if self._held is not None:
            self._held.wait(10)
        start_response(self._statuses.pop(0) if self._statuses else "200 OK", [("x-call", str(self.calls))])
        return [b"call ", str(self.calls).encode()]


def _ask(application, call, *, method="POST"):
    said = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/", "HTTP_AMZ_SDK_REQUEST": "attempt=1; max=25"}
    if call:
        environ["HTTP_AMZ_SDK_INVOCATION_ID"] = call
    body = b"".join(application(environ, lambda status, headers: said.append((status, headers))))
    return said[0][0], body


def test_a_lost_answer_is_given_once_more():
    """The second attempt of one call changes nothing, and is answered as the first was; another call is made."""
    counting = _Counting()
    application = Answers(counting)
    assert _ask(application, "one") == ("200 OK", b"call 1")
    assert _ask(application, "one") == ("200 OK", b"call 1")
    assert _ask(application, "two") == ("200 OK", b"call 2")
    assert counting.calls == 2


def test_what_was_refused_is_tried_again():
    """SDKs repeat a call that failed for a passing reason, and mean it."""
    counting = _Counting("500 Internal Server Error", "409 Conflict")
    application = Answers(counting)
    assert [_ask(application, "one")[0] for _ in range(4)] == [
        "500 Internal Server Error",
        "409 Conflict",
        "200 OK",
        "200 OK",
    ]
    assert counting.calls == 3


def test_reading_and_other_clients_are_left_alone():
    """What only reads is always answered anew, and so is who does not say which call a request belongs to."""
    counting = _Counting()
    application = Answers(counting)
    assert [_ask(application, "one", method="GET")[1] for _ in range(2)] == [b"call 1", b"call 2"]
    assert [_ask(application, "")[1] for _ in range(2)] == [b"call 3", b"call 4"]


def test_who_asks_again_meanwhile_waits():
    """An attempt that overtakes the first is answered by it."""
    held = threading.Event()
    counting = _Counting(held=held)
    application = Answers(counting)
    said = []
    asking = [threading.Thread(target=lambda: said.append(_ask(application, "one"))) for _ in range(3)]
    for thread in asking:
        thread.start()
    held.set()
    for thread in asking:
        thread.join(10)
    assert said == [("200 OK", b"call 1")] * 3
    assert counting.calls == 1


def test_only_the_last_answers_are_kept():
    """However many calls there are, memory has an end."""
    counting = _Counting()
    application = Answers(counting)
    for number in range(KEPT + 1):
        _ask(application, str(number))
    _ask(application, "0")
    assert counting.calls == KEPT + 2
