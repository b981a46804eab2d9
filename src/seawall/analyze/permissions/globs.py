"""Text with stars and question marks, held against text: as characters where that settles it, else as languages.

A value that is not known yet (a hole) becomes one character of its own, the same for equal holes, so that text with
holes is compared at the speed of text; one of a known length becomes as many. Only a miss with holes goes the slow way:
a hole may be any text that is not empty, or that many letters and digits, and what could be equal is a *maybe*.

Nothing here backtracks. A pattern is taken apart at its stars, and each piece is looked for from where the last one
ended; what that cannot do (a star that must stay within its part of an ARN, a hole, the star of a request) runs
through an automaton whose states are the bits of one integer.

Sources: wildcards, and that a star which ends a part of an ARN may run on past the colon, "IAM JSON policy elements:
Resource"; that the six parts are compared one by one, "IAM JSON policy elements: Condition operators" (AWS Identity
and Access Management User Guide, read in November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final, Literal, TypeAlias

from seawall.kernel.errors import InputError
from seawall.kernel.value import Hole, Ref, Text, Textual, Unknown

Sure: TypeAlias = Literal[0, 1, 2]
"""An answer as a number, for speed: the least of several is that all hold, the most that one does, 2 less one is not
it."""
NO: Sure = 0
MAYBE: Sure = 1
YES: Sure = 2


class Wild(Enum):
    """What stands for other characters: any number of them, or exactly one."""

    MANY = "*"
    ONE = "?"


Piece: TypeAlias = "str | Wild"

# --- holes as characters ---------------------------------------------------------------------------------------------

# Unicode has given no character to these planes (4 to 13), and 14 to 16 are for private use and tags: text of a policy
# that does hold one is treated as not known, for it cannot be told from ours. Plane 4 is for holes of a known length:
# each of their letters or digits is a character there, so that a question mark takes it as it takes any other.
_MADE_UP, _FIRST, _LAST = 0x40000, 0x50000, 0x10FFFD
_characters: dict[Hole, str] = {}
_holes: dict[int, Hole] = {}
_counted = {_MADE_UP: _MADE_UP, _FIRST: _FIRST - 1}  # the last that is given away; the first of plane 4 is a token

_LETTERS: Final = frozenset(ascii_letters + digits)


def encode(value: Textual) -> str:
    """A value as plain text, each distinct hole one character of its own, or as many as it is known to have.

    InputError beyond 750,000 distinct holes.
    """
    if isinstance(value, str):
        return value if value.isascii() or max(value) < "\U00040000" else "".join(map(_escaped, value))
    if isinstance(value, Text):
        return "".join(encode(part) for part in value.parts)
    return _character(value)


def is_plain(text: str) -> bool:
    """Whether an encoded text has no hole."""
    return text.isascii() or not text or max(text) < "\U00040000"


def holes_of(*texts: str) -> tuple[Hole, ...]:
    """The holes of encoded texts, each once."""
    found = {_holes[ord(each)]: None for text in texts for each in text if each >= "\U00040000"}
    return tuple(found)


def unknown(hole: Hole) -> Unknown:
    """A hole as the reason why something is not known."""
    return hole if isinstance(hole, Unknown) else Unknown(f"{hole.to}.{hole.attr}", (hole,))


def _escaped(character: str) -> str:
    if character < "\U00040000":
        return character
    return _character(Unknown(f"U+{ord(character):X}", why="it is a character that is reserved here"))


def _character(hole: Hole) -> str:
    found = _characters.get(hole)
    if found is None:
        length = hole.length if isinstance(hole, Unknown) else 0
        plane = _MADE_UP if length and _counted[_MADE_UP] + length < _FIRST else _FIRST
        start = _counted[plane] + 1
        end = start + (length if plane == _MADE_UP else 1)
        if end > _LAST + 1:
            raise InputError(
                "more than 750,000 different values of the input are not known yet, too many to tell apart",
                fix="look at a part of the estate at a time",
            )
        found = _characters[hole] = "".join(map(chr, range(start, end)))
        _holes.update((each, hole) for each in range(start, end))
        _counted[plane] = end - 1
    return found


# --- patterns --------------------------------------------------------------------------------------------------------

Kind: TypeAlias = Literal["text", "resource", "arn"]
"""What a pattern is for: any text; the Resource of a statement, where a star of the *request* stands for every
resource of that shape; an ARN in a condition, whose parts are compared one by one."""


def pieces_of(pattern: str) -> tuple[Piece, ...]:
    """An encoded pattern taken apart: text, stars (neighbours are one) and question marks."""
    found: list[Piece] = []
    for word in _WILD.split(pattern):
        if word == "?":
            found.append(Wild.ONE)
        elif word and word[0] == "*":
            found.append(Wild.MANY)
        elif word:
            found.append(word)
    return tuple(found)


_WILD = re.compile(r"(\*+|\?)")


class Pattern:
    """A pattern made ready; ``head`` is its text before the first wildcard, ``literal`` is all of it if it has none."""

    __slots__ = (
        "_automaton", "_middle", "_parts", "_tail", "head", "kind", "literal", "odd", "pieces", "prefix", "short",
        "unsure",
    )  # fmt: skip

    def __init__(self, pieces: Iterable[Piece], kind: Kind = "text") -> None:
        self.pieces = _joined(pieces)
        self.kind = kind
        first = self.pieces[0] if self.pieces else ""
        self.head = first if isinstance(first, str) else ""
        self.literal = self.head if len(self.pieces) <= 1 and isinstance(first, str) else None
        self.prefix = self.head if self.pieces[1 if self.head else 0 :] == (Wild.MANY,) else None
        if kind == "arn" and self.head.count(":") < 5:
            self.prefix = None  # its star stays within its part
        self.unsure = any(isinstance(piece, str) and not is_plain(piece) for piece in self.pieces)
        self.odd = kind == "resource" and any(isinstance(piece, str) and "*" in piece for piece in self.pieces)
        # Of a pattern of fewer than six parts that ends in a star nothing published says what it matches.
        self.short = kind == "arn" and self.head.count(":") < 5 and self.pieces[-1:] == (Wild.MANY,)
        self._middle: tuple[_Run, ...] = ()
        self._tail: _Run | None = None
        self._parts: tuple[Pattern, ...] | None = None
        self._automaton: _Automaton | None = None
        if self.literal is not None or self.prefix is not None:
            return
        if kind == "arn":
            self._parts = _by_part(self.pieces)
            self.short = self.short and self._parts is None
        elif (kind == "resource" and _bound(self.pieces)) or _unwieldy(self.pieces):
            self._automaton = _Automaton(_tokens(self.pieces, kind))
        else:
            runs = [_Run(run, universal=kind == "resource") for run in _between_stars(self.pieces)]
            # The text before the first star and after the last has its place; what is between is looked for.
            self._middle, self._tail = tuple(runs[:-1]), runs[-1]

    def matches(self, text: str) -> bool:
        """Whether it matches an encoded text for sure, as characters; False says nothing if there are holes."""
        if self.odd and "*" in text:
            return False  # a star that is meant literally, and one that stands for every resource
        if self.literal is not None:
            return text == self.literal
        if self.prefix is not None:
            return text.startswith(self.prefix)
        if self.kind == "arn":
            return self._matches_parts(text)
        if self._automaton is not None:
            return self._automaton.accepts(text, self.kind == "resource")
        last = self._tail
        assert last is not None
        if not self._middle:
            return last.is_whole(text)
        first, end = self._middle[0], len(text) - last.length
        if first.length > end or not first.is_at(text, 0) or not last.is_at(text, end):
            return False
        at = first.length
        for run in self._middle[1:]:
            at = run.find(text, at, end)
            if at < 0:
                return False
            at += run.length
        return True

    def covers(self, text: str) -> Sure:
        """Whether it matches every text that an encoded one stands for."""
        return self._relation(text)[0]

    def meets(self, text: str) -> Sure:
        """Whether it matches at least one of the texts that an encoded one stands for."""
        return self._relation(text)[1]

    def _relation(self, text: str) -> tuple[Sure, Sure]:
        if self.matches(text):
            return YES, YES
        if not self.unsure and is_plain(text) and (self.kind != "resource" or text == "*" or "*" not in text):
            maybe = self.short and Pattern(self.pieces).matches(text)
            return (MAYBE, MAYBE) if maybe else (NO, NO)
        return _relation(self, text)

    def _matches_parts(self, text: str) -> bool:
        if self._parts is None:
            return False
        parts = text.split(":", 5)
        return len(parts) == 6 and all(map(Pattern.matches, self._parts, parts))


def equal(one: str, other: str) -> Sure:
    """Whether two encoded texts are equal."""
    if one == other:
        return YES
    if is_plain(one) and is_plain(other):
        return NO
    return Pattern((one,)).covers(other)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same language with neighbouring texts as one and neighbouring stars as one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, str):
            if not piece:
                continue
            if isinstance(last, str):
                found[-1] = last + piece
                continue
        elif piece is Wild.MANY and last is Wild.MANY:
            continue
        found.append(piece)
    return tuple(found)


def _between_stars(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    runs: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece is Wild.MANY:
            runs.append([])
        else:
            runs[-1].append(piece)
    return [tuple(run) for run in runs]


class _Run:
    """What stands between two stars: text of a fixed length, with question marks or without."""

    __slots__ = ("_expression", "_text", "length")

    def __init__(self, pieces: tuple[Piece, ...], universal: bool) -> None:
        self.length = sum(len(piece) if isinstance(piece, str) else 1 for piece in pieces)
        self._text: str | None = None
        self._expression: re.Pattern[str] | None = None
        if all(isinstance(piece, str) for piece in pieces):
            self._text = "".join(str(piece) for piece in pieces)
        else:
            # A question mark is one character: a hole whose length nobody knows may be more, as a request's star may.
            one = "[^*\U00050000-\U0010ffff]" if universal else "[^\U00050000-\U0010ffff]"
            spelled = (re.escape(piece) if isinstance(piece, str) else one for piece in pieces)
            self._expression = re.compile("".join(spelled), re.DOTALL)

    def is_at(self, text: str, at: int) -> bool:
        if self._text is not None:
            return text.startswith(self._text, at)
        assert self._expression is not None
        return self._expression.match(text, at) is not None

    def is_whole(self, text: str) -> bool:
        return len(text) == self.length and self.is_at(text, 0)

    def find(self, text: str, start: int, end: int) -> int:
        if self._text is not None:
            return text.find(self._text, start, end)
        assert self._expression is not None
        found = self._expression.search(text, start, end)
        return -1 if found is None else found.start()


def _split_at_colons(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The six parts of an ARN's pattern, or fewer; the last one keeps its colons."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, str):
            words = piece.split(":", 6 - len(parts))
            parts[-1].append(words[0])
            parts.extend([word] for word in words[1:])
        else:
            parts[-1].append(piece)
    return parts


def _by_part(pieces: Sequence[Piece]) -> tuple[Pattern, ...] | None:
    parts = _split_at_colons(pieces)
    return tuple(Pattern(part) for part in parts) if len(parts) == 6 else None


def _bound(pieces: Sequence[Piece]) -> bool:
    """Whether a wildcard must stay within its part of the ARN: one in the first five that does not end its part."""
    parts = _split_at_colons(pieces)
    if not _is_arn(pieces):
        return False
    return any(
        piece is Wild.ONE or (piece is Wild.MANY and any(rest for rest in part[place + 1 :]))
        for part in parts[:5]
        for place, piece in enumerate(part)
    )


def _unwieldy(pieces: Sequence[Piece]) -> bool:
    """Whether a regular expression of it would take long to be made, as one of a hostile policy might."""
    return Wild.ONE in pieces and sum(len(piece) if isinstance(piece, str) else 1 for piece in pieces) > 1_000


def _is_arn(pieces: Sequence[Piece]) -> bool:
    return bool(pieces) and isinstance(pieces[0], str) and pieces[0].startswith("arn:")


# --- languages -------------------------------------------------------------------------------------------------------

# A token is a character, or (least, most, colons): how many characters it stands for (most None: any number) and
# whether they may be colons. A hole is at least one character.
_Token: TypeAlias = "str | tuple[int, bool, bool]"


def _tokens(pieces: Sequence[Piece], kind: Kind) -> list[_Token]:
    """The tokens of a pattern: ``(least, many, colons)`` for a wildcard, characters (holes as they are) else."""
    arn = kind == "resource" and _is_arn(pieces)
    found: list[_Token] = []
    parts = 0
    flat: list[str | Wild] = []
    for piece in pieces:
        flat.extend(piece if isinstance(piece, str) else (piece,))
    for place, piece in enumerate(flat):
        if isinstance(piece, str):
            parts += piece == ":"
            found.append(piece)
            continue
        inside = arn and parts < 5
        ends = place + 1 == len(flat) or flat[place + 1] == ":"
        if piece is Wild.ONE:
            found.append((1, False, not inside))
        else:
            found.append((0, True, not inside or ends))
    return found


def _loosened(tokens: Sequence[_Token], arn: bool) -> list[_Token]:
    """The same with holes as any text that is not empty; within the first five parts of an ARN it has no colon."""
    found: list[_Token] = []
    parts = 0 if arn else 5
    for token in tokens:
        parts += token == ":"
        if not isinstance(token, str) or token < "\U00040000":
            found.append(token)
        else:
            found.append((1, True, parts >= 5) if token >= "\U00050000" else _LETTER)
    return found


_LETTER: Final = "\U00040000"
"""The token of any letter or digit, for each of a hole of which nothing but their number is known."""


class _Automaton:
    """A pattern as an automaton: bit ``n`` of a state says that the first ``n`` tokens may be behind us."""

    __slots__ = ("_any", "_closing", "_exact", "_loose", "_many", "_many_colon", "_tight", "final")

    def __init__(self, tokens: Sequence[_Token]) -> None:
        unrolled: list[_Token] = []
        for token in tokens:
            if isinstance(token, tuple) and token[0] == 1 and token[1]:
                unrolled.extend(((1, False, token[2]), (0, True, token[2])))
            else:
                unrolled.append(token)
        self._exact: dict[str, int] = {}
        self._loose = self._tight = self._many = self._many_colon = self._any = 0
        for place, token in enumerate(unrolled):
            bit = 1 << place
            if isinstance(token, str):
                for each in _LETTERS if token == _LETTER else token:
                    self._exact[each] = self._exact.get(each, 0) | bit
                self._any |= bit
            elif token[1]:
                self._many |= bit
                self._many_colon |= bit if token[2] else 0
            else:
                self._tight |= bit
                self._loose |= bit if token[2] else 0
                self._any |= bit
        self._closing = self._many
        self.final = 1 << len(unrolled)

    def start(self) -> int:
        return self._closed(1)

    def _closed(self, state: int) -> int:
        while True:
            more = state | (state & self._closing) << 1
            if more == state:
                return state
            state = more

    def step(self, state: int, character: str, one: bool = True) -> int:
        """What is reached by a character; with ``one`` False only a star takes it, for it may be more than one."""
        colon = character == ":"
        taken = self._exact.get(character, 0)
        if one:
            taken |= self._loose if colon else self._tight
        stay = self._many_colon if colon else self._many
        return self._closed((state & taken) << 1 | state & stay)

    def step_any(self, state: int, colons: bool) -> int:
        """What is reached by some character."""
        taken = self._any if colons else self._any & ~self._exact.get(":", 0)
        return self._closed((state & taken) << 1 | state & self._many)

    def step_letter(self, state: int) -> int:
        """What is reached by some letter or digit."""
        reached = 0
        for each in _LETTERS & self._exact.keys() or {"a"}:
            reached |= self.step(state, each)
        return reached

    def run_any(self, state: int, least: int, colons: bool) -> int:
        """What is reached by some text of at least so many characters."""
        for _ in range(least):
            state = self.step_any(state, colons)
        while True:
            more = state | self.step_any(state, colons)
            if more == state:
                return state
            state = more

    def accepts(self, text: str, universal: bool) -> bool:
        """Whether it matches as characters; a hole and a star of the request are more than one character."""
        state = self.start()
        for character in text:
            one = character < "\U00050000" and not (universal and character == "*")
            state = self.step(state, character, one)
            if not state:
                return False
        return bool(state & self.final)

    def reaches(self, tokens: Sequence[_Token]) -> bool:
        """Whether it matches some text of these tokens."""
        state = self.start()
        for token in tokens:
            if token == _LETTER:
                state = self.step_letter(state)
            elif isinstance(token, str):
                state = self.step(state, token, one=token < "\U00050000")
            else:
                state = self.run_any(state, token[0], token[2]) if token[1] else self.step_any(state, token[2])
            if not state:
                return False
        return bool(state & self.final)

    def includes(self, tokens: Sequence[_Token]) -> Sure:
        """Whether it matches every text of these tokens, whose stars are the only ones that vary."""
        alphabet = {*self._exact, "\U0003ffff"}  # the last one stands for all characters that it does not name
        pending, seen = [(0, self.start())], {(0, self.start())}
        while pending:
            place, state = pending.pop()
            if place == len(tokens):
                if not state & self.final:
                    return NO
                continue
            token = tokens[place]
            if isinstance(token, str):
                following = [(place + 1, self.step(state, token, one=token < "\U00050000"))]
            else:
                following = [(place + 1, state)]
                following += [(place, self.step(state, each)) for each in alphabet if token[2] or each != ":"]
            for each in following:
                if each not in seen:
                    if len(seen) > _INTRICATE:
                        return MAYBE
                    seen.add(each)
                    pending.append(each)
        return YES


_INTRICATE = 4_000
"""Beyond so many states it is not decided whether a pattern covers another: the answer is that it may."""


def _relation(pattern: Pattern, text: str) -> tuple[Sure, Sure]:
    """Whether it matches all that the text stands for, and whether any of it; for text without a star the same."""
    # Most misses end at the first character in which the two differ: that is looked at before anything is built.
    for one, other in zip(pattern.head, text, strict=False):
        if one != other:
            if one < "\U00040000" and other < "\U00040000" and other != "*":
                return NO, NO
            break
    return _relation_of(pattern.pieces, pattern.kind, text)


@lru_cache(maxsize=65_536)
def _relation_of(pieces: tuple[Piece, ...], kind: Kind, text: str) -> tuple[Sure, Sure]:
    if kind == "arn":
        return _relation_of_parts(pieces, text)
    universal = kind == "resource" and text != "*"
    mine, theirs = _tokens(pieces, kind), _asked(text, universal)
    loose = _loosened(mine, arn=kind == "resource" and _is_arn(pieces))
    request = _loosened(theirs, arn=kind == "resource" and text.startswith("arn:"))
    # Equal beginnings and ends fall away, equal holes with them: what is left must then be equal, and no more.
    start, shorter = 0, min(len(mine), len(theirs))
    while start < shorter and isinstance(mine[start], str) and mine[start] == theirs[start]:
        start += 1
    end = 0
    while end < shorter - start and isinstance(mine[-1 - end], str) and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    mine, loose = mine[start : len(mine) - end], loose[start : len(loose) - end]
    theirs, request = theirs[start : len(theirs) - end], request[start : len(request) - end]
    solid = _Automaton(mine)
    meets: Sure = YES if solid.reaches(theirs) else MAYBE if _Automaton(loose).reaches(request) else NO
    if meets == NO or all(isinstance(token, str) for token in theirs):
        return meets, meets
    covers = solid.includes(theirs)
    if covers == NO and any(isinstance(token, str) and token >= "\U00040000" for token in (*mine, *theirs)):
        covers = MAYBE
    return covers, meets


def _asked(text: str, universal: bool) -> list[_Token]:
    """The tokens of a request: its stars are any text, within their part of an ARN unless that is the last."""
    if not universal:
        return list(text)
    found: list[_Token] = []
    parts = 0 if text.startswith("arn:") else 5
    for each in text:
        parts += each == ":"
        found.append((0, True, parts >= 5) if each == "*" else each)
    return found


def _relation_of_parts(pieces: tuple[Piece, ...], text: str) -> tuple[Sure, Sure]:
    mine, theirs = _by_part(pieces), text.split(":", 5)
    if mine is None or len(theirs) != 6:
        # A hole may hold the colons that are missing.
        answer: Sure = MAYBE if Pattern(pieces).meets(text) != NO else NO
        return answer, answer
    answer = min(each.covers(part) for each, part in zip(mine, theirs, strict=True))
    return answer, answer


def hole_of(text: str) -> Ref | Unknown | None:
    """The hole that an encoded text consists of; None if it is anything else."""
    return _holes[ord(text)] if len(text) == 1 and text >= "\U00050000" else None
