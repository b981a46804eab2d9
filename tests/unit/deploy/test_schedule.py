"""The order in which stacks are worked on."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.deploy.schedule import in_order


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=10))
def test_nothing_begins_before_what_it_comes_after(needs: list[list[int]]) -> None:
    """Whatever the dependencies, a stack begins only after all it comes after have ended, and all are done."""
    after = {str(n): tuple({str(m) for m in above if m < n}) for n, above in enumerate(needs)}
    ended: list[str] = []
    lock = threading.Lock()

    def work(stack: str) -> None:
        with lock:
            assert set(after[stack]) <= set(ended)
            ended.append(stack)

    outcome = in_order(after, work, stop=threading.Event())
    assert not outcome.failed
    assert sorted(ended) == sorted(after) == sorted(outcome.done)


def test_after_a_failure_nothing_begins() -> None:
    """The stacks after a failed one are named with what they wait for; the failure is kept."""

    def work(stack: str) -> str:
        if stack == "b":
            raise ValueError(stack)
        return stack

    after = {"a": (), "b": ("a",), "c": ("b",), "d": ("a", "c")}
    outcome = in_order(after, work, stop=threading.Event())
    assert outcome.done == {"a": "a"}
    assert list(outcome.failed) == ["b"]
    assert outcome.held_back == {"c": ("b",), "d": ("c",)}


def test_no_more_than_so_many_at_once() -> None:
    """Each Terraform takes half a gigabyte, so only a few run side by side."""
    running, most = 0, 0
    lock = threading.Lock()

    def work(stack: str) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1

    in_order({str(n): () for n in range(8)}, work, stop=threading.Event(), at_once=2)
    assert most == 2


def test_a_stop_lets_nothing_new_begin() -> None:
    """Once stopped, what has not begun is held back."""
    stop = threading.Event()

    def work(stack: str) -> None:
        stop.set()

    outcome = in_order({"a": (), "b": ("a",)}, work, stop=stop)
    assert list(outcome.done) == ["a"]
    assert outcome.held_back == {"b": ()}


def test_an_unmeant_error_is_not_swallowed() -> None:
    """An error nobody meant for a person reaches the caller as it is."""
    from seawall.deploy.up import raise_failures

    with pytest.raises(ZeroDivisionError):
        raise_failures({"a": ZeroDivisionError()})
