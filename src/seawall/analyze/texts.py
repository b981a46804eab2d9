"""Comparing text that may have holes: yes, no, or unknown."""

from __future__ import annotations

import re
from functools import cache

from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.kernel.verdict import Answer


def same(one: Textual, other: Textual) -> Answer:
    """Whether two texts are equal; a hole could hold anything that is not empty."""
    if one == other and not isinstance(one, Unknown):
        return Answer.PROVEN
    if isinstance(one, Ref) and isinstance(other, Ref):
        # `id` and `arn` of one thing may or may not be equal, and so may two attributes of two things.
        return Answer.UNKNOWN
    return Answer.UNKNOWN if _could_be(one, other) else Answer.REFUTED


def fits(value: Textual, pattern: Textual, *, glob: bool = False) -> Answer:
    """Whether a value has the shape of a pattern whose holes stand for something generated.

    ``petclinic-db.{?}.rds.amazonaws.com`` is fitted by any literal in place of the hole.  With ``glob`` the stars
    and question marks of the pattern count, as in an IAM resource or condition.
    """
    if isinstance(value, str):
        return Answer.PROVEN if _fitted(value, pattern, glob) else Answer.REFUTED
    if value == pattern and not isinstance(value, Unknown):
        return Answer.PROVEN
    if glob and pattern == "*":
        return Answer.PROVEN
    return Answer.UNKNOWN if _could_be(value, pattern, glob) else Answer.REFUTED


def _could_be(one: Textual, other: Textual, glob: bool = False) -> bool:
    """Whether two texts could be equal, judged by what stands before the first hole and after the last."""
    (head, tail), (other_head, other_tail) = _ends(one, glob), _ends(other, glob)
    if isinstance(one, str) and isinstance(other, str) and not glob:
        return one == other
    if isinstance(one, str):
        return _fitted(one, other, glob)
    if isinstance(other, str) and not glob:
        return _fitted(other, one, glob)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def _ends(value: Textual, glob: bool) -> tuple[str, str]:
    match value:
        case str():
            if glob and (star := re.search(r"[*?]", value)):
                return value[: star.start()], re.split(r"[*?]", value)[-1]
            return value, value
        case Text():
            first, last = value.parts[0], value.parts[-1]
            return (first if isinstance(first, str) else ""), (last if isinstance(last, str) else "")
        case _:
            return "", ""


def _fitted(value: str, pattern: Textual, glob: bool) -> bool:
    # Most patterns are plain text, or end in their only star: for them an expression takes longer to make than to use.
    if isinstance(pattern, str):
        head, star, tail = pattern.partition("*") if glob else (pattern, "", "")
        if not star and not (glob and "?" in pattern):
            return value == pattern
        if not tail and "?" not in head:
            return value.startswith(head)
    return bool(_expression(pattern, glob).fullmatch(value))


@cache
def _expression(pattern: Textual, glob: bool) -> re.Pattern[str]:
    parts = pattern.parts if isinstance(pattern, Text) else (pattern,)
    spelled = []
    for part in parts:
        if isinstance(part, Unknown) and part.length:
            spelled.append(f"[A-Za-z0-9]{{{part.length}}}")
        elif not isinstance(part, str):
            spelled.append(".+")
        elif glob:
            # Not fnmatch: its character sets are unknown to IAM and to host names.
            spelled.append(re.escape(part).replace(r"\*", ".*").replace(r"\?", "."))
        else:
            spelled.append(re.escape(part))
    return re.compile("".join(spelled), re.DOTALL)
