"""Two places, the names that lead to one of them and people who are told: a world in one file on disk.

Every deed is written down in the same move as what it changes, so that a process which is killed at any moment leaves
either both or neither; an oracle counts them afterwards.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.failover.site import Chosen, CopyName
from seawall.operate.runbook import Doing, Step

FRESH: dict[str, Any] = {
    "sites": {
        "home": {"rows": [], "open": True, "running": True, "lost": False, "aside": [], "resting": False, "broken": ""},
        "azure": {
            "rows": [],
            "open": True,
            "running": False,
            "lost": False,
            "aside": [],
            "resting": True,
            "broken": "",
        },
    },
    "leads_to": "home",
    "left": [],
    "copies": [],
    "told": {},
    "acknowledged": [],
    "deeds": [],
    "asked": [],
}


@dataclass(frozen=True, slots=True)
class World:
    """The world in a file; each change is one replacement of the file."""

    path: Path

    @classmethod
    def fresh(cls, folder: Path, rows: int = 3) -> World:
        """A world whose home serves and has been written to."""
        world = cls(folder / "world.json")
        world._write(json.loads(json.dumps(FRESH)))
        for _ in range(rows):
            world.visit()
        return world

    @property
    def now(self) -> Any:
        """What is so."""
        return json.loads(self.path.read_bytes())

    def site(self, name: str) -> Any:
        """What is so at a place."""
        return self.now["sites"][name]

    @contextmanager
    def change(self, *deeds: str) -> Iterator[Any]:
        """Change something, and write the deeds down with it."""
        state = self.now
        yield state
        state["deeds"] += deeds
        self._write(state)

    def visit(self) -> bool:
        """A visitor writes a row, if anybody takes it; whatever is taken is acknowledged."""
        state = self.now
        at = state["sites"][state["leads_to"]]
        if state["leads_to"] in state["left"] or not (at["open"] and at["running"]) or at["lost"]:
            return False
        row = len(state["acknowledged"]) + 1
        at["rows"].append(row)
        state["acknowledged"].append(row)
        self._write(state)
        return True

    def copy(self, of: str = "home", *deeds: str) -> None:
        """Copy a place's rows to where every place finds them."""
        with self.change(*deeds) as state:
            began = datetime.now(UTC).isoformat()
            copy = {"name": f"copy-{len(state['copies']) + 1}", "began": began, "rows": state["sites"][of]["rows"]}
            state["copies"].append(copy)

    def lose(self, site: str = "home") -> None:
        """Lose a place."""
        with self.change() as state:
            state["sites"][site]["lost"] = True

    def _write(self, state: Any) -> None:
        beside = self.path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self.path)


@dataclass(frozen=True, slots=True)
class WorldSite:
    """One of its places, as runbooks see it."""

    world: World
    name: str

    def answers(self) -> Verdict:
        here = self._here
        if here["broken"] == "unseen":
            return unknown("nothing at all answers from here")
        if here["lost"]:
            return refuted("no answer, three times")
        return proven("it answers 200") if here["running"] else refuted("503, three times")

    def usable(self) -> Verdict:
        return refuted("nobody is there") if self._here["lost"] else proven("its database answers")

    def newest(self) -> Chosen:
        copies = self.world.now["copies"]
        if not copies:
            raise OutsideError("there is no copy")
        return Chosen(copies[-1]["name"], datetime.fromisoformat(copies[-1]["began"]))

    def aside(self) -> Verdict:
        return refuted("rows lie there") if self._here["rows"] else proven("nothing lies there")

    def set_aside(self) -> None:
        with self.world.change(f"set aside {self.name}") as state:
            here = state["sites"][self.name]
            here["aside"], here["rows"] = here["aside"] + here["rows"], []

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        def so(doing: Doing) -> Verdict:
            wanted = self._copied(copy(doing))
            return (
                proven("it is whole") if self._here.get("restored") == copy(doing) else refuted(f"{wanted} are not in")
            )

        def load(doing: Doing) -> None:
            with self.world.change(f"restore {copy(doing)} at {self.name}") as state:
                state["sites"][self.name] |= {"rows": self._copied(copy(doing)), "restored": copy(doing)}

        def count(doing: Doing) -> None:
            doing.keep(counted=len(self._here["rows"]))

        return (
            Step("load", "loads it", load, so),
            Step(
                "count", "counts", count, lambda doing: proven() if "counted" in doing.kept else refuted("not counted")
            ),
        )

    def copying(self) -> tuple[Step, ...]:
        def copy(doing: Doing) -> None:
            self.world.copy(self.name, f"copy {self.name}")

        def name(doing: Doing) -> None:
            doing.keep(known=len(self.world.now["copies"]))

        def so(doing: Doing) -> Verdict:
            return proven() if len(self.world.now["copies"]) > int(doing.text("known")) else refuted("not copied")

        return (
            Step("name", "names it", name, lambda doing: proven() if "known" in doing.kept else refuted("no name")),
            Step("write", "writes it", copy, so),
        )

    def running(self) -> Verdict:
        return proven("it runs") if self._here["running"] and self._here["open"] else refuted("it does not run")

    def start(self) -> None:
        self._set(f"start {self.name}", running=True, open=True, resting=False)

    def healthy(self) -> Verdict:
        return self.running()

    def closed(self) -> Verdict:
        return refuted("it takes writes") if self._here["open"] else proven("it takes no writes")

    def close(self) -> None:
        self._set(f"close {self.name}", open=False)

    def resting(self) -> Verdict:
        return proven("it follows") if self._here["resting"] else refuted("it does not follow")

    def rest(self) -> None:
        self._set(f"rest {self.name}", resting=True, running=False)

    @property
    def _here(self) -> Any:
        return self.world.site(self.name)

    def _copied(self, name: str) -> list[int]:
        return list(next(copy["rows"] for copy in self.world.now["copies"] if copy["name"] == name))

    def _set(self, deed: str, **values: Any) -> None:
        with self.world.change(deed) as state:
            state["sites"][self.name] |= values


@dataclass(frozen=True, slots=True)
class WorldNames:
    """Its names, as runbooks see them."""

    world: World

    def left(self, site: str) -> Verdict:
        return proven("nobody is led there") if site in self.world.now["left"] else refuted("people are led there")

    def leave(self, site: str) -> None:
        with self.world.change(f"leave {site}") as state:
            state["left"].append(site)

    def lead_to(self, site: str) -> Verdict:
        now = self.world.now
        return proven() if now["leads_to"] == site and site not in now["left"] else refuted("it leads elsewhere")

    def switch(self, site: str) -> None:
        with self.world.change(f"switch {site}") as state:
            state["leads_to"], state["left"] = site, [name for name in state["left"] if name != site]

    def serves(self, site: str) -> Verdict:
        now = self.world.now
        at = now["sites"][site]
        return proven() if now["leads_to"] == site and at["open"] and at["running"] else refuted("the page is shown")


@dataclass(frozen=True, slots=True)
class WorldHerald:
    """Who tells people, once each."""

    world: World

    def told(self, event: str) -> Verdict:
        return proven() if event in self.world.now["told"] else refuted("nobody knows")

    def tell(self, event: str, words: str) -> None:
        with self.world.change("tell") as state:
            state["told"][event] = words


def answering(world: World, answer: bool = True) -> Callable[[str], bool]:
    """Somebody who answers every question so, and writes down what was asked."""

    def approve(question: str) -> bool:
        with world.change() as state:
            state["asked"].append(question)
        return answer

    return approve
