"""For whoever wrote the document: what it says, what is so, what that would cost in production, and what to do.

One Markdown page: findings by severity and rule, each with the lines of the input that it is about. The same input,
rules and day give the same bytes, and paths are those below the folder that was checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from seawall.check.engine import Report
from seawall.check.registry import rule
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.origin import Origin
from seawall.kernel.verdict import Answer

Place: TypeAlias = Callable[[Address], Origin | None]
"""Where a thing is written, or None if that is not known; ``claim:region_loss.rto`` is a claim of that name."""

MOST_LINES: Final = 6
"""Lines quoted of one thing: its first, and those that say what the finding speaks of."""
_SHAPED: Final = re.compile(
    r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]*)+|[a-z][\w-]*(?:\.[\w-]+){2,}|\d+(?:[./]\d+)+|\d{3,}"
)
"""What is spelled as no word of prose is: names of arguments and fields, hosts, versions, ranges, numbers."""
_LINE: Final = re.compile(r"(file:\S+) line (\d+):")
_CLAIM: Final = re.compile(r"claim: (\w+) (\w+) ")
_SECRET: Final = re.compile(
    r"(?P<name>(?:password|passwd|secret(?:_key)?|token|api_?key|private_?key)[\"']?\s*[:=]\s*)"
    r"(?![\"']?(?:\$|data\.|var\.|aws_|module\.|local\.|\{|true\b|false\b))[\"']?[^\s\"',}&]+[\"']?",
    re.IGNORECASE,
)
"""A secret that a line of the input holds where a reference should stand."""
_QUOTED: Final = re.compile(r"[`'\"]([^`'\"\s]{3,60})[`'\"]")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that findings point at, below the folder that was checked; each is read once."""

    root: Path
    _read: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def shown(self, text: str) -> str:
        """A text with the paths in it as they are below the folder."""
        return text.replace(f"{self.root.as_posix()}/", "")

    def lines(self, file: str) -> tuple[str, ...]:
        """The lines of a file; none of one that is no text or is not there any more."""
        if file not in self._read:
            try:
                self._read[file] = tuple(Path(file).read_text(encoding="utf-8").splitlines())
            except (OSError, UnicodeDecodeError):
                self._read[file] = ()
        return self._read[file]


def render(report: Report, *, title: str, root: Path, place: Place) -> str:
    """The page; ``place`` says where each address of a finding is written, ``root`` what paths are shown below."""
    sources = Sources(root)
    counted = [finding for finding in report.findings if finding.waived is None]
    lines = [f"# What is wrong with {title}", "", *_wrapped(_introduction(report, title, counted))]
    for severity, found in groupby(counted, key=lambda finding: finding.severity):
        lines += ["", f"## {str(severity).capitalize()}"]
        for id, of_rule in groupby(found, key=lambda finding: finding.rule):
            lines += _section(id, list(of_rule), sources, place)
    return "\n".join(lines).rstrip("\n") + "\n"


def _introduction(report: Report, title: str, counted: Sequence[Finding]) -> str:
    if not counted:
        return f"Nothing, as of {report.as_of.isoformat()}."
    several = ", ".join(
        f"{number} {severity}"
        for severity in reversed(Severity)
        if (number := sum(finding.severity is severity for finding in counted))
    )
    unknown = report.count(Answer.UNKNOWN)
    left = f" Of {unknown} it is not known whether they are so; what is missing is named." if unknown else ""
    return (
        f"{len(counted)} findings, as of {report.as_of.isoformat()}: {several}.{left} "
        f"`seawall check {title} --as-of {report.as_of.isoformat()} --format findings` writes this page; "
        "`seawall explain RULE` says more of a rule."
    )


def _section(id: str, found: Sequence[Finding], sources: Sources, place: Place) -> Iterator[str]:
    about = rule(id)
    quoted: set[Origin] = set()
    fixes = list(dict.fromkeys(sources.shown(_fix(finding)) for finding in found))
    yield ""
    yield f"### {id}: {about.summary}"
    for finding in found:
        yield from _finding(finding, sources, place, quoted)
        if len(fixes) > 1:
            yield ""
            yield from _wrapped(f"**Fix:** {sources.shown(_fix(finding))}.")
    yield ""
    yield from _wrapped(f"**What it costs in production:** {about.why}.")
    if len(fixes) == 1:
        yield ""
        yield from _wrapped(f"**Fix:** {fixes[0]}.")


def _finding(finding: Finding, sources: Sources, place: Place, quoted: set[Origin]) -> Iterator[str]:
    """One finding; what its section has quoted already is not quoted again."""
    for origin in _origins(finding, place):
        if origin in quoted:
            continue
        quoted.add(origin)
        where = sources.shown(origin.file) + (f":{origin.line}" if origin.line else "")
        lines = list(_quote(finding, origin, sources))
        yield ""
        yield f"**The document says** (`{where}`):" if lines else f"**The document** (`{where}`)."
        if lines:
            yield ""
            yield "```"
            yield from lines
            yield "```"
    yield ""
    mark = " (not known)" if finding.answer is Answer.UNKNOWN else ""
    yield from _wrapped(f"**What is so**{mark}: {sources.shown(_what(finding))}.")
    if finding.evidence:
        yield ""
        for step in finding.evidence:
            yield from _wrapped(sources.shown(step), first="- ", rest="  ")


def _origins(finding: Finding, place: Place) -> Iterator[Origin]:
    """Where the things of a finding are written, at most four: where a person should look first comes first.

    Of a script it is the lines that the evidence names.
    """
    known: dict[tuple[str, int], Origin] = {}
    lines: dict[str, list[Origin]] = {}
    spoken: list[Address] = []
    for step in finding.evidence:
        claim = _CLAIM.match(step)
        if claim is not None:
            spoken.append(Address(f"claim:{'.'.join(word for word in claim.groups() if word != 'platform')}"))
        for named, number in _LINE.findall(step):
            there = place(Address(named))
            if there is not None:
                lines.setdefault(there.file, []).append(Origin(there.file, int(number)))
        spoken += [Address(word.strip("().,;:'`")) for word in step.split()]
    for origin in (finding.origin, *map(place, finding.addresses), *map(place, spoken)):
        if origin is None or not origin.file:
            continue
        for each in lines.get(origin.file, [origin]):
            known.setdefault((each.file, each.line), each)
    yield from list(known.values())[:4]


def _quote(finding: Finding, origin: Origin, sources: Sources) -> Iterator[str]:
    """The first line of what is written there, and the lines of it that hold a name or number of the finding."""
    lines = sources.lines(origin.file)
    if not 0 < origin.line <= len(lines):
        return
    start = origin.line - 1
    block = list(_block(lines, start))
    said = " ".join((finding.detail.replace("\nwhy: ", " "), *finding.evidence))
    words = set(_SHAPED.findall(said)) | set(_QUOTED.findall(said))
    telling = [number for number in block if _tells(lines[number], words)]
    chosen = list(dict.fromkeys([*_head(lines, start, block), *telling]))[:MOST_LINES]
    indent = min((len(lines[number]) - len(lines[number].lstrip()) for number in chosen), default=0)
    last = chosen[0]
    for number in chosen:
        if number - last > 1:
            yield "..."
        yield _SECRET.sub(r"\g<name>...", lines[number][indent:].rstrip()).replace("```", "~~~")
        last = number


def _head(lines: Sequence[str], start: int, block: Sequence[int]) -> Iterator[int]:
    """The line that names a thing: its first, or of a manifest those with its kind and name."""
    if not lines[start].startswith("apiVersion:"):
        yield start
        return
    for opening in ("kind: ", "  name: "):
        found = next((number for number in block if lines[number].startswith(opening)), None)
        if found is not None:
            yield found


def _tells(line: str, words: Iterable[str]) -> bool:
    return any(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", line) for word in words)


def _block(lines: Sequence[str], start: int) -> Iterator[int]:
    """The numbers of the lines that belong to what begins there: deeper ones, or in YAML all of its document."""
    head = lines[start]
    indent = len(head) - len(head.lstrip())
    manifest = indent == 0 and ":" in head and not head.rstrip().endswith("{")
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.startswith("---"):
            return
        if not manifest and line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        yield number


def _what(finding: Finding) -> str:
    return finding.detail.partition("\nwhy: ")[0].replace("\n", " ").rstrip(".")


def _fix(finding: Finding) -> str:
    return finding.detail.partition("\nfix: ")[2].replace("\n", " ").rstrip(".")


def _wrapped(text: str, *, first: str = "", rest: str = "") -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(
        text, 120, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def places(graph: Graph) -> Place:
    """Where each thing of a graph is written, parts of things as their whole, and claims by their names."""
    claims = {Address(f"claim:{claim.body['claim']}"): claim.origin for claim in graph.of_type("file/claim")}

    def place(address: Address) -> Origin | None:
        found = graph.get(address) or graph.get(address.owner)
        return found.origin if found is not None else claims.get(address)

    return place
