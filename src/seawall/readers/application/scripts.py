"""Shell: the programs that scripts, pipelines and instances run as they start, and the databases that these ask.

It is read, never run: words with variables in them stay as they are written, and what is not understood is passed over.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from seawall.facts.application import Assigns, Command
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand, Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads

MOST_LINES: Final = 20_000
_HOLE: Final = 0xE000
"""Holes travel through the shell's grammar as characters of Unicode's private use area."""
_ENDS: Final = frozenset({";", "&&", "||", "&", "(", ")", ";;", "\n"})
_OPENS: Final = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "exec", "sudo"})
_PROGRAM: Final = re.compile(r"[A-Za-z_][\w.+-]*")
_ASSIGNED: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_GIVEN: Final = re.compile(r"(?<![\w$.-])([A-Za-z_]\w*)=")
_HEREDOC: Final = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_STEP: Final = re.compile(
    r"\bsh\s*\(?\s*(?:script:\s*)?(?P<quote>'''|\"\"\"|'|\")(?P<script>.*?)(?<!\\)(?P=quote)", re.DOTALL
)
_CLIENTS: Final = {
    "mysqldump": 3306, "mysql": 3306, "mariadb": 3306, "mariadb-dump": 3306, "mysqlpump": 3306,
    "pg_dump": 5432, "pg_dumpall": 5432, "pg_restore": 5432, "psql": 5432, "redis-cli": 6379,
}  # fmt: skip
"""Clients that take a host by -h or --host, and the port they ask without one, as their manuals have it."""


@reads("file/script", "file/jenkinsfile")
def script(resource: Resource) -> Iterator[Fact]:
    """A shell script, or the steps of a Jenkinsfile that run one."""
    written = resource.body.get("text")
    if not isinstance(written, str) or written.count("\n") > MOST_LINES:
        return
    if resource.type != "file/jenkinsfile":
        yield from _assigned(resource.address, written)
        yield from _commands(resource.address, written, 1, [])
        return
    for step in _STEP.finditer(written):
        line = written.count("\n", 0, step.start("script")) + 1
        yield from _commands(resource.address, step["script"].replace("\\$", "$"), line, [], first=line * 100)


@reads("aws_instance", "aws_launch_template")
def starting(resource: Resource) -> Iterator[Fact | Demand]:
    """What an instance runs as it starts, and for one that is stated the databases that this asks."""
    body = Arguments(resource)
    if not body.has("user_data"):
        return
    value = body.text("user_data")
    holes: list[Ref | Unknown] = []
    written = ""
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, str):
            written += part
        else:
            written += chr(_HOLE + len(holes))
            holes.append(part)
    if not written.startswith("#!") or len(holes) > 1000:
        return
    yield from _assigned(resource.address, written)
    for command in _commands(resource.address, written, 1, holes):
        yield command
        host, port = _asked(command)
        if resource.type == "aws_instance" and port and not _local(host):
            said = f"{resource.address}.user_data, line {command.line}: {command.program}"
            yield Reach(resource.address, host, port, said=said)


def _assigned(of: Address, written: str) -> Iterator[Assigns]:
    """Whatever looks like a variable that is given a value, wherever it stands."""
    names = tuple(sorted(set(_GIVEN.findall(written))))
    if names:
        yield Assigns(of, names)


@dataclass
class _Part:
    """One program of a pipe as it is being read."""

    line: int
    words: list[str]
    stdin: str = ""
    stdout: str = ""


def _commands(
    of: Address, written: str, line: int, holes: Sequence[Ref | Unknown], first: int = 0
) -> Iterator[Command]:
    # `#!/bin/bash -eo pipefail` holds for the whole file.
    checked = written.startswith("#!") and "pipefail" in written.partition("\n")[0]
    order = first
    for pipe, looked_at in _pipes(written, line):
        words = [part.words for part in pipe]
        if words[0][:1] == ["set"]:
            # `set -o pipefail` and `set -euo pipefail`; a shell without it ends with a syntax error instead.
            checked = checked or "pipefail" in words[0]
            continue
        for place, part in enumerate(pipe):
            following = pipe[place + 1].words[0] if place + 1 < len(pipe) else ""
            # A dot alone runs another script within this one, as `source` does.
            name = "source" if part.words[0] == "." else part.words[0].rpartition("/")[2]
            arguments = tuple(_whole(_masked(name, word), holes) for word in part.words[1:])
            if not _PROGRAM.fullmatch(name):
                continue
            stdin, stdout = _whole(part.stdin, holes), _whole(part.stdout, holes)
            yield Command(of, part.line, order, name, arguments, stdin, following, checked or looked_at, stdout)
            order += 1


def _whole(word: str, holes: Sequence[Ref | Unknown]) -> Textual:
    return text(*(holes[ord(each) - _HOLE] if _HOLE <= ord(each) < _HOLE + len(holes) else each for each in word))


def _masked(program: str, word: str) -> str:
    """A word without the password that MySQL's clients take on the command line."""
    for start in ("--password=", "-p") if _CLIENTS.get(program) == 3306 else ():
        if word.startswith(start) and not word[len(start) :].startswith(("$", "ort")) and word != start:
            return f"{start}***"
    return word


def _pipes(written: str, first: int) -> Iterator[tuple[list[_Part], bool]]:
    """Each pipe of a script, one program or several, with the line at which each program begins.

    Beside it, whether the status of each of its programs is looked at, in the same line or the next that says anything.
    """
    lines = written.splitlines()
    number = 0
    while number < len(lines):
        start, logical = number, lines[number]
        number += 1
        while logical.endswith("\\") and number < len(lines):
            logical = logical[:-1] + " " + lines[number]
            number += 1
        tokens = _tokens(logical)
        # A quote that is still open goes on in the next line.
        while tokens is None and number < len(lines) and number - start < 50:
            logical += "\n" + lines[number]
            number += 1
            tokens = _tokens(logical)
        if tokens is None:
            number = start + 1
            continue
        heredoc = _HEREDOC.search(logical)
        if heredoc is not None:
            while number < len(lines) and lines[number].strip() != heredoc[2]:
                number += 1
            number += 1
        following = next((each for each in lines[number:] if each.strip() and not each.lstrip().startswith("#")), "")
        looked_at = "PIPESTATUS" in logical or "PIPESTATUS" in following
        for pipe in _split(tokens, first + start):
            yield pipe, looked_at


# Scripts are read anew for each environment and after each fault, and say the same lines.
@lru_cache(maxsize=4096)
def _tokens(line: str) -> tuple[str, ...] | None:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return tuple(lexer)
    except ValueError:
        return None


def _split(tokens: tuple[str, ...], line: int) -> Iterator[list[_Part]]:
    pipe: list[_Part] = []
    part = _Part(line, [])
    skip = ""
    for token in (*tokens, ";"):
        if skip:
            if skip == "<":
                part.stdin = token
            elif skip in (">", ">>", ">|"):
                part.stdout = token
            skip = ""
        elif token in ("<", ">", ">>", "<<", "<<<", ">&", "<&", ">|"):
            number = part.words.pop() if part.words and part.words[-1].isdigit() else ""
            skip = "&" if number not in ("", "1") and token != "<" else token
        elif token in ("|", "|&"):
            pipe.append(part)
            part = _Part(line, [])
        elif token in _ENDS:
            pipe.append(part)
            if all(each.words for each in pipe):
                yield pipe
            pipe, part = [], _Part(line, [])
        elif part.words or not (token in _OPENS or _ASSIGNED.fullmatch(token)):
            part.words.append(token)


def _asked(command: Command) -> tuple[Textual, int]:
    """The host and port that a client of a database asks; port 0 where the command says none."""
    if command.program not in _CLIENTS:
        return "", 0
    host: Textual = ""
    port = _CLIENTS[command.program]
    arguments = command.arguments
    for number, word in enumerate(arguments):
        following = arguments[number + 1] if number + 1 < len(arguments) else ""
        if word in ("-h", "--host"):
            host = following
        elif word in ("-P", "--port") and str(following).isdigit():
            port = int(str(following))
        elif isinstance(word, str) and word.startswith("--port=") and word[7:].isdigit():
            port = int(word[7:])
        elif str(word).startswith("--host="):
            host = _without(word, "--host=")
    return host, port if host != "" else 0


def _without(word: Textual, start: str) -> Textual:
    if isinstance(word, Text) and isinstance(word.parts[0], str):
        return text(word.parts[0].removeprefix(start), *word.parts[1:])
    return word.removeprefix(start) if isinstance(word, str) else word


def _local(host: Textual) -> bool:
    """Whether it is this machine, or what only the script will know."""
    return isinstance(host, str) and (host in ("", "localhost", "127.0.0.1", "::1") or "$" in host)
