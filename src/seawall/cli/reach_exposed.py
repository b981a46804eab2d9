"""What ``reach --exposed`` prints: what the internet reaches, from whose addresses and through what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from seawall.analyze.reachability.entrances import Exposure
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.reach import VERSION, screen
from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.origin import NOWHERE, Origin
from seawall.kernel.units import ALL_PORTS
from seawall.kernel.value import Unknown


def exposed_text(graph: Graph, found: Sequence[Exposure], unread: Sequence[Unknown] = ()) -> str:
    """Things by themselves, then what stands behind them; what is only perhaps so says why, and what was not read."""
    missing = [f"  {each.what}: {each.why}" for each in unread]
    if missing:
        missing = ["", "not known: whether the internet reaches what these make, or what they are given", *missing]
    if not found:
        whole = "the input" if not missing else "what was read of the input"
        return screen([f"nothing of {whole} is reached from the internet", *missing])
    outer = {each.thing for each in found if not each.through}
    inner = {each.thing for each in found} - outer
    lines = [f"reached from the internet: {len(outer)} by themselves, {len(inner)} only behind others"]
    ordered = sorted(found, key=lambda each: (each.thing not in outer, each.thing))
    for behind, ways in groupby(ordered, lambda each: each.thing not in outer):
        lines += ["", "only behind others" if behind else "by themselves"]
        for thing, of_thing in groupby(ways, key=lambda each: each.thing):
            lines.append(f"  {thing}")
            said = dict.fromkeys(tuple(_way(graph, way)) for way in of_thing)
            lines += [line for each in said for line in each]
    return screen([*lines, *missing])


def _way(graph: Graph, way: Exposure) -> list[str]:
    through = f" through {' > '.join(way.through)}" if way.through else ""
    mark = "" if way.open.sure.spans == way.open.may.spans else " perhaps"
    lines = [f"    {way.open.may}{mark} from {_who(way)}{through}"]
    lines += [f"      {by}  ({origin})" for by, origin in _placed(graph, way) if origin.file]
    lines += [f"      not known: {each.what}: {each.why}" for each in way.open.because]
    return lines


def _who(way: Exposure) -> str:
    return "anybody" if way.anybody else str(way.who)


def _placed(graph: Graph, way: Exposure) -> list[tuple[Address, Origin]]:
    found = []
    for by in way.by:
        resource = graph.get(by) or graph.get(by.owner)
        found.append((by, resource.origin if resource is not None else NOWHERE))
    return found


def exposed_document(graph: Graph, found: Sequence[Exposure], unread: Sequence[Unknown] = ()) -> dict[str, Any]:
    """Every way in, with where it is written, and the modules that were not read."""
    return {
        "schema_version": VERSION,
        "exposed": [_document(graph, each) for each in found],
        "unread": [{"what": each.what, "why": each.why} for each in unread],
    }


def _document(graph: Graph, way: Exposure) -> dict[str, Any]:
    return {
        "thing": way.thing,
        "verdict": "proven" if way.open.sure.spans == way.open.may.spans else "unknown",
        "traffic": traffic_document(way.open.may),
        "sure": traffic_document(way.open.sure),
        "who": str(way.who),
        "anybody": way.anybody,
        "through": list(way.through),
        "says": list(way.says),
        "rules": [{"address": by, "origin": origin.document()} for by, origin in _placed(graph, way)],
        "because": [{"what": each.what, "why": each.why} for each in way.open.because],
    }


def traffic_document(traffic: Traffic) -> list[dict[str, Any]]:
    """Protocols with their ports, ``any`` for everything; protocols without ports have all of them."""
    return [
        {"protocol": protocol, "first": ports.first, "last": ports.last}
        for protocol, ports in traffic.parts()
        if protocol != "any" or ports == ALL_PORTS
    ]
