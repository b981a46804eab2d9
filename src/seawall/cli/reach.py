"""What the command ``reach`` is asked about one connection, and prints of it as text that fits a screen or as JSON."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from seawall.analyze.reachability.ends import Side, at_port, ends, meant, names, ports_of, shortest
from seawall.analyze.reachability.from_internet import INTERNET
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.opening import Change, Opening, smallest
from seawall.analyze.reachability.outside_ranges import part_with_range, range_of_end, with_range
from seawall.analyze.reachability.over_internet import any_path
from seawall.analyze.reachability.partly import Partly, partly
from seawall.analyze.reachability.places import PRIVATE
from seawall.analyze.reachability.reach import reach
from seawall.facts.demands import Reach
from seawall.facts.fact import NOBODY, Fact
from seawall.facts.facts import Facts
from seawall.facts.network import PerhapsNone, Protocol, Record
from seawall.facts.resilience import Tagged
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import NOWHERE, Origin
from seawall.kernel.units import Cidr
from seawall.kernel.value import Ref, map_leaves
from seawall.kernel.verdict import Answer, proven
from seawall.readers.read import facts_of

if TYPE_CHECKING:
    from seawall.model.platform import Platform

VERSION: Final = 1
"""The version of every document here; it grows when a field is taken away or means something else."""
WORDS: Final[Mapping[Answer, str]] = {Answer.PROVEN: "open", Answer.REFUTED: "blocked", Answer.UNKNOWN: "unknown"}
IN_PART: Final = "in part"
"""The word for what is open from some places or to some addresses, and blocked elsewhere."""
MARKS: Final[Mapping[Answer, str]] = {Answer.PROVEN: "ok", Answer.REFUTED: "NO", Answer.UNKNOWN: "?"}
WIDTH: Final = 118
"""Columns of a line; names that are longer are not broken."""
SHOWN: Final = 4
"""How many rules of a hop a screen shows; the JSON has all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides a hop: the resource that says it, and where that is written."""

    address: Address
    origin: Origin


@dataclass(frozen=True, slots=True)
class Step:
    """A hop with the rules that decide it."""

    hop: Hop
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A line of the description that opens a path: what ``component`` would have to need, and where it is written."""

    component: str
    needs: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Answered:
    """One connection with its path, what would open it if it is shut, and the need that does all of that.

    ``partly`` is what of it comes about where not all of it does: from some places, or to some addresses.
    """

    demand: Reach
    path: Path
    steps: tuple[Step, ...]
    opening: Opening | None = None
    need: Need | None = None
    partly: Partly | None = None

    @property
    def word(self) -> str:
        """The answer in a word; what is perhaps open from or to some places alone is not known."""
        if self.partly is None:
            return WORDS[self.path.verdict.answer]
        return IN_PART if self.partly.verdict.proven else WORDS[Answer.UNKNOWN]


def asked(graph: Graph, chosen: argparse.Namespace) -> Answered:
    """Answer what was asked; InputError where an end means nothing, or several things."""
    facts = facts_of(graph)
    source = _outside(chosen.source, "--from") or end(facts, chosen.source, "source", "--from")
    named = facts.where(Record, name=chosen.target)  # a name of the DNS leads where its records do
    side: Side = "entered" if _is_outside(source) and not named else "target"
    target = _outside(chosen.target, "--to") or end(facts, chosen.target, side, "--to", chosen.port)
    if _is_outside(source) and _is_outside(target):
        raise InputError(
            "both ends are outside the input" if source != target else "the internet reaches itself",
            fix="give one end that is of the input",
        )
    port = chosen.port if chosen.port is not None else _only_port(facts, target, chosen.protocol)
    return answered(graph, source, target, port, chosen.protocol)


def answered(graph: Graph, source: Address, target: Address, port: int, protocol: Protocol) -> Answered:
    """The path of one connection, with where its rules are written."""
    facts = facts_of(graph)
    demand = Reach(source, target, port, protocol, said="asked")
    path = _path_of(facts, demand)
    path = Path((*path.hops, *_counts(facts, demand)))
    steps = tuple(_step(graph, hop) for hop in dict.fromkeys(path.hops))
    part = _part_of(facts, demand) if path.verdict.refuted else None
    return Answered(demand, path, steps, _opened(facts, demand, path), partly=part)


def _path_of(facts: Facts, demand: Reach) -> Path:
    if (by_range := with_range(facts, demand)) is not None:
        return by_range
    return any_path(facts, demand)


def _counts(facts: Facts, demand: Reach) -> Iterator[Hop]:
    """A word on each end of which there may be none: the answer is that of one that is there."""
    for end in (demand.source, demand.target):
        for each in facts.where(PerhapsNone, of=end):
            said = f"how many there are of {end} is not known ({each.count.what}); this is so of each that there is"
            yield Hop("place", proven(each), said)


def _part_of(facts: Facts, demand: Reach) -> Partly | None:
    if INTERNET in (demand.source, demand.target):
        return None
    if range_of_end(demand.source) or range_of_end(demand.target):
        verdict = part_with_range(facts, demand)
        return Partly(verdict) if verdict is not None else None
    return partly(facts, demand)


def _opened(facts: Facts, demand: Reach, path: Path) -> Opening | None:
    # What lets the whole internet in, or everything out, is nothing to be offered.
    # Towards a host that the input does not have, nobody knows which addresses would have to be let through.
    outside = INTERNET in (demand.source, demand.target) or path.hops[0].verdict.unknown
    return smallest(facts, demand) if path.verdict.refuted and not outside else None


def by_need(answer: Answered, spelling: str, platform: Platform) -> Need | None:
    """The need in a description that opens a path, tried by expanding the platform with it; None if none does."""
    from seawall.cli.input import read_description
    from seawall.components.expand import expand
    from seawall.components.kinds import kinds
    from seawall.model.loader import load

    facts = facts_of(expand(platform))
    source, target = (_component(facts, platform, each) for each in (answer.demand.source, answer.demand.target))
    document = read_description(spelling)
    described = document.data.get("components", {})
    if source is None or target is None or source == target or source not in described:
        return None
    own = {**described[source], "needs": [*(described[source].get("needs") or ()), target]}
    changed = replace(document, data={**document.data, "components": {**described, source: own}})
    try:
        opened = facts_of(expand(load(changed, kinds(), platform.environment)))
    except InputError:  # not everything can be needed by everything, and then it is no way to open it
        return None
    if not reach(opened, answer.demand).verdict.proven:
        return None
    return Need(source, target, document.origin(("components", source)))


def _component(facts: Facts, platform: Platform, of: object) -> str | None:
    """The component of a description that a thing was made for."""
    said = [str(tag.value) for tag in facts.where(Tagged, of=of) if tag.key in ("component", "app.kubernetes.io/name")]
    name = of.as_kubernetes() if isinstance(of, Address) else None
    if name is not None:
        said.append(name.name)
    return next((each for each in said if each in platform.components), None)


_ADDRESSES: Final = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*)(/\d+)?")


def _outside(spelling: str, option: str) -> Address | None:
    """The internet, or a range of its addresses, where that is what is spelled; None where it is a name.

    Raises InputError for what is no range.
    """
    match = _ADDRESSES.fullmatch(spelling)
    if spelling == INTERNET or match is None:
        return INTERNET if spelling == INTERNET else None
    whole = spelling if match[1] else f"{spelling}/{128 if ':' in spelling else 32}"
    try:
        cidr = Cidr.parse(whole)
    except ValueError as error:
        raise InputError(f"{option} {spelling}: {error}", fix="for example 203.0.113.0/24, or 203.0.113.7") from None
    if not match[1] and option == "--to" and any(private.overlaps(cidr) for private in PRIVATE):
        return None  # the address of somebody of the input, or of nobody
    return INTERNET if cidr.prefix == 0 else Address(str(cidr))


def _is_outside(end: Address) -> bool:
    return end == INTERNET or range_of_end(end) is not None


_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\.?")
_LONGEST_HOST: Final = 253
"""Characters of a host name (RFC 1035)."""
_SPELLED: Final = 80


def end(facts: Facts, spelling: str, side: Side, option: str, port: int | None = None) -> Address:
    """The one thing that a spelling means; a name with a dot that nothing has is a host.

    Raises InputError with the candidates if it means several, with the nearest name if it means none.
    """
    found = meant(facts, spelling, side)
    if side != "source":
        found = at_port(facts, found, port) or found
    if len(found) == 1:
        return found[0]
    if found:
        shown = sorted(shortest(facts, each, side) for each in found)
        raise InputError(f"{option} {spelling} may be any of {', '.join(shown)}", fix="give one of these")
    if side != "source" and len(spelling) <= _LONGEST_HOST and _HOST.fullmatch(spelling):
        return Address.host(spelling)
    import difflib

    known = names(facts, side)
    close = difflib.get_close_matches(spelling, known, n=3)
    if close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        every = sorted(shortest(facts, each, side) for each in ends(facts, side))
        hint = f"there are {', '.join(every[:12])}{' ...' if len(every) > 12 else ''}" if every else ""
    what = "begins" if side == "source" else "ends"
    short = spelling if len(spelling) <= _SPELLED else f"{spelling[:_SPELLED]}..."
    raise InputError(f"{option} {short!a}: nothing of that name in the input {what} a connection", fix=hint)


_PING: Final = 8
"""The type of ICMP by which a thing is asked whether it is there, where others have a port (RFC 792)."""


def _only_port(facts: Facts, target: Address, protocol: Protocol) -> int:
    ports = ports_of(facts, target) if protocol != "icmp" else (_PING,)
    if len(ports) == 1:
        return ports[0]
    listens = f"it listens on {', '.join(map(str, ports))}" if ports else "for example --port 443"
    raise InputError(f"--port is missing, and {target} has {'several' if ports else 'none that is known'}", fix=listens)


def _step(graph: Graph, hop: Hop) -> Step:
    found: dict[Rule, None] = {}
    for reason in hop.verdict.because:
        by = reason.by if isinstance(reason, Fact) else reason
        if isinstance(by, Address) and by != NOBODY:
            resource = graph.get(by) or graph.get(by.owner)
            found[Rule(by, resource.origin if resource is not None else NOWHERE)] = None
    return Step(hop, tuple(found))


# --- As text


def path_text(answer: Answered) -> str:
    """A line with the answer, the hops with their rules, and what would open it."""
    demand, path = answer.demand, answer.path
    lines = [
        f"{answer.word}: {demand.source} to {_target(demand)} on {_on(demand)}",
        *_in_part(answer),
        "",
    ]
    width = max((len(step.hop.kind) for step in answer.steps), default=0)
    for step in answer.steps:
        hop = step.hop
        line = f"  {MARKS[hop.verdict.answer]:<3}{hop.kind:<{width}}  {hop.says}"
        named = [rule for rule in step.rules if rule.address in hop.says and rule.origin.file]
        if named and (hop.verdict.proven or len(step.rules) == 1):
            lines.append(f"{line}  ({named[0].origin})")
        else:
            lines += [line, *_rules(step, " " * (width + 7))]
    if path.blocked is not None:
        lines += ["", f"the first that blocks it: {path.blocked.kind}"]
        lines += _opening(answer)
    elif path.verdict.unknown:
        lines += ["", *(f"not known: {each.what}: {each.why}" for each in path.missing)]
    return screen(lines)


def _on(demand: Reach) -> str:
    if demand.protocol != "icmp":
        return f"{demand.protocol} {demand.port}"
    return f"icmp type {demand.port}{' (ping)' if demand.port == _PING else ''}"


def _in_part(answer: Answered) -> list[str]:
    """From where a connection comes about and from where it does not."""
    part = answer.partly
    if part is None:
        return []
    does = "it gets through" if part.verdict.proven else "it may get through"
    if part.not_through:
        shut = f"from {', '.join(part.not_through)} it does not"
        return [f"from {', '.join(part.through)} {does}; {shut}" if part.through else shut]
    return [f"{does} from or to some of the addresses that the two may have, not all of them"]


def _opening(answer: Answered) -> list[str]:
    """What would open it: one need of the description, and the rules that this comes to."""
    opening, lines = answer.opening, [""]
    if opening is None and answer.demand.source == INTERNET:
        whether = f"whether {_target(answer.demand)} is to be there for everybody is yours to decide"
        return [*lines, f"{whether}; if it is for some, ask with their addresses: --from 203.0.113.0/24"]
    if opening is None:
        return []
    if answer.need is not None:
        need = answer.need
        lines.append(f"to open it, let {need.component} say `needs: [{need.needs}]`  ({need.origin})")
    if opening.left:
        lines += [f"no rule opens this: {left}" for left in opening.left]
        lines += [f"it would also take {change.says}" for change in opening.changes]
        return lines
    if opening.changes:
        more = "" if opening.verdict.proven else "; whether that is enough is not known"
        lines.append(f"{'or' if answer.need else 'to open it,'} add{more}:")
    for change in opening.changes:
        lines.append(f"  {change.says}")
        lines += [f"      {line}" for line in body_text(change).splitlines()]
    return lines


def body_text(change: Change) -> str:
    """A change as it would be written: YAML for Kubernetes, HCL for Terraform."""
    resource = change.resource
    if resource.is_kubernetes:
        from seawall.render.kubernetes.yaml_text import yaml_text

        return yaml_text(resource.body).decode("utf-8").rstrip()
    from seawall.render.terraform.hcl import block

    if change.does == "append":
        return "\n".join(block((name,), each, resource.address) for name, of in resource.body.items() for each in of)
    name = resource.address.as_terraform()
    label = name.name if name is not None else resource.address.rpartition("/")[2]
    return block(("resource", resource.type, label), resource.body, resource.address)


def _rules(step: Step, indent: str) -> list[str]:
    # What lets a connection through is said in short; where it ends, everything that has a part in it.
    most = SHOWN if step.hop.verdict.refuted else 1
    shown = [f"{indent}{_placed(rule)}" for rule in step.rules[:most]]
    more = len(step.rules) - most
    return [*shown, f"{indent}and {more} more"] if more > 0 else shown


def _placed(rule: Rule) -> str:
    return f"{rule.address}  ({rule.origin})" if rule.origin.file else str(rule.address)


def _target(demand: Reach) -> str:
    return str(demand.target).removeprefix("host:")


def screen(lines: Iterable[str]) -> str:
    """Lines no longer than a screen is wide; what goes on is set in deeper than where it began."""
    found: list[str] = []
    for line in lines:
        if len(line) <= WIDTH:
            found.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        found += textwrap.wrap(
            line.strip(),
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + "    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(found)


# --- As JSON


def path_document(answer: Answered) -> dict[str, Any]:
    """The path with every rule."""
    return {"schema_version": VERSION, "paths": [_path(answer)]}


def _path(answer: Answered) -> dict[str, Any]:
    demand, path = answer.demand, answer.path
    blocked = next((number for number, step in enumerate(answer.steps) if step.hop.verdict.refuted), None)
    return {
        "from": demand.source,
        "to": _target(demand),
        "port": demand.port,
        "protocol": demand.protocol,
        "answer": answer.word,
        "part": None
        if answer.partly is None
        else {
            "verdict": str(answer.partly.verdict.answer),
            "through": list(answer.partly.through),
            "not_through": list(answer.partly.not_through),
        },
        "verdict": str(path.verdict.answer),
        "hops": [_hop(step) for step in answer.steps],
        "blocked_at": blocked,
        "because": [{"what": each.what, "why": each.why} for each in path.missing],
        "opening": _opening_document(answer),
    }


def _opening_document(answer: Answered) -> dict[str, Any] | None:
    opening, need = answer.opening, answer.need
    if opening is None:
        return None
    return {
        "verdict": str(opening.verdict.answer),
        "changes": [
            {
                "does": change.does,
                "address": change.resource.address,
                "type": change.resource.type,
                "arguments": map_leaves(
                    change.resource.body, lambda leaf: str(leaf) if isinstance(leaf, Ref) else leaf
                ),
                "says": change.says,
            }
            for change in opening.changes
        ],
        "left": list(opening.left),
        "need": None
        if need is None
        else {"component": need.component, "needs": need.needs, "origin": need.origin.document()},
    }


def _spelled(leaf: Any) -> Any:
    return str(leaf) if isinstance(leaf, Ref) else leaf


def _hop(step: Step) -> dict[str, Any]:
    return {
        "kind": step.hop.kind,
        "verdict": str(step.hop.verdict.answer),
        "says": step.hop.says,
        "rules": [{"address": rule.address, "origin": rule.origin.document()} for rule in step.rules],
    }
