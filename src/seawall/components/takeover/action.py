"""What is done while a site takes over: a call, the questions that say whether it is so, and whom it asks first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from seawall.kernel.value import Ref, Text, Textual, Unknown

Move: TypeAlias = Literal["failover", "switchover", "failback"]
"""Which way, and how well both ends are.

``failover``: home is lost, the site takes over, and what home had not sent is lost. ``switchover``: both are well, and
the site takes over. ``failback``: both are well again, and home takes over from the site.
"""

Stage: TypeAlias = Literal["ask", "close", "take", "open", "rest", "check"]
"""When, within a move; see ``STAGES``."""

STAGES: tuple[Stage, ...] = ("ask", "close", "take", "open", "rest", "check")
"""Ask a person; close what lets work in; let stores and machines change hands; let work in; tidy up; prove it."""

Expected: TypeAlias = str | Ref | Text | Unknown | int | bool


@dataclass(frozen=True, slots=True)
class Question:
    """A call that changes nothing, and what its answer holds where it is so.

    ``service`` and ``operation`` are boto3's names (``rds``, ``describe_global_clusters``), ``parameters`` the call's,
    spelt as boto3 has them, which may hold Ref and Text; ``on`` are the ARNs that IAM has to allow it on. It is so
    where the first value that ``path`` (see ``paths``) finds in the answer is one of ``expected``, and not so where it
    finds none. It is asked every ``every`` seconds for at most ``within`` seconds; where ``within`` is 0, once.
    """

    says: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    path: str
    expected: tuple[Expected, ...]
    on: tuple[Textual, ...] = ("*",)
    every: int = 15
    within: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person is asked before it goes on, and what they are told with it.

    ``evidence`` is asked just before, once each; whatever comes out, an answer that never came included, is told to the
    person, who decides. ``within`` is how many seconds an answer is waited for; silence is a no.
    """

    says: str
    evidence: tuple[Question, ...] = ()
    within: int = 86400


@dataclass(frozen=True, slots=True)
class Action:
    """One step: a call that changes something, a check, or a person's word.

    ``name`` is unique within its plan (``genai-demo-db-promote``), ``says`` a sentence that tells what it does.
    ``service``, ``operation``, ``parameters`` and ``on`` are as a Question's; without an operation nothing is called.
    In this order: ``approval`` is asked for. Where ``underway`` is so, the call has been made and is left out; where
    ``already`` is so, it is left out, too. (What is on its way may arrive between the two, so they are asked in this
    order.) The call is made; where it fails, both are asked again, since an answer can get lost. ``after`` is asked
    until it is so, in any case. Where a call or question fails for good the move ends, and can be begun again; where
    ``tolerated`` says why it may fail, people are told, and the move goes on.
    ``component`` is who said it, filled in by ``plans``.
    """

    name: str
    says: str
    stage: Stage
    region: str
    service: str = ""
    operation: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    on: tuple[Textual, ...] = ("*",)
    already: Question | None = None
    underway: Question | None = None
    after: Question | None = None
    approval: Approval | None = None
    tolerated: str = ""
    component: str = ""
