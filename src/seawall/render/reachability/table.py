"""Who reaches whom by the names that a person reads: what a matrix is once it is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.analyze.reachability.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Cell:
    """What gets through from one to another; each of the three holds the one before it, and the last is not empty.

    ``sure`` gets through from every place of the source to every place of the target, ``partly`` from some to some,
    and of ``may`` nobody knows.
    """

    source: str
    target: str
    sure: Traffic
    partly: Traffic
    may: Traffic

    @property
    def certain(self) -> bool:
        """Whether all that may get through does, from everywhere."""
        return self.sure.spans == self.may.spans

    @property
    def says(self) -> str:
        """What gets through, in words."""
        said = [str(self.sure)] if self.sure else []
        if partly := self.partly - self.sure:
            said.append(f"in part {partly}")
        if perhaps := self.may - self.partly:
            said.append(f"perhaps {perhaps}")
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Table:
    """Sources and targets in order, and every pair of them between which something may get through."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
