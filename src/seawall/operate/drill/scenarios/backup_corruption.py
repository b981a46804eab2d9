"""Backup corruption: copies are damaged where they are kept, and nobody notices before they are needed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.manifest import Manifest
from seawall.operate.drill import from_copy
from seawall.operate.drill.damage import DAMAGES, kept, put_back
from seawall.operate.drill.events import Events
from seawall.operate.drill.from_copy import LANE, REFUSED, Region
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.stage import Stage

_CYCLE, _SHORT_CYCLE = 4.0, 1.1
"""Seconds between copies; their names know whole seconds."""
_SHORT_WAYS = 3


@scenario(
    "backup-corruption",
    needs=from_copy.NEEDS,
    applies=from_copy.applies,
    faults=("corrupt-backup",),
)
def backup_corruption(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """Copies are damaged in the store: none of them is restored, the newest good one is, and with none good nothing."""
    ways = list(DAMAGES)
    setting.chance.shuffle(ways)
    play = _Play(setting.chance, ways[: _SHORT_WAYS if setting.short else None])
    outcome = from_copy.play(
        stage,
        setting,
        events,
        copies=len(play.ways) + 1,
        trouble=play.damage,
        before=play.none_is_good,
        cycle=_SHORT_CYCLE if setting.short else _CYCLE,
    )
    counted = next((one.value for one in outcome.measures if one.name == REFUSED), 0.0)
    refused = Measure(REFUSED, counted, "copies", limit=len(play.ways), at_least=True)
    others = [one for one in outcome.measures if one.name != REFUSED]
    # What copies that are damaged cost is no measurement of what is claimed of those that are not.
    measures = tuple(replace(one, claim="", limit=None, expected=None) if one.claim else one for one in others)
    settings = dict(outcome.settings) | {"damaged by": ", ".join(play.ways)}
    return replace(
        outcome, measures=(*measures, refused), settings=settings, failures=(*outcome.failures, *play.failures)
    )


@dataclass(slots=True)
class _Play:
    """What is done to the copies, and what came of it."""

    chance: random.Random
    ways: list[str]
    failures: list[str] = field(default_factory=list)
    good: Manifest | None = None

    def damage(self, region: Region) -> None:
        """Damage every copy but the oldest, each in another way, once no further one is made."""
        region.copying.lose()
        region.copying.settle()
        made = [copied.manifest for copied in region.copying.made]
        self.good = made[-len(self.ways) - 1]
        for way, copy in zip(self.ways, made[-len(self.ways) :], strict=True):
            DAMAGES[way](region.store, copy, self.good, self.chance)
            region.events.add(LANE, f"{copy.name} is damaged: {way}")

    def none_is_good(self, region: Region) -> None:
        """Damage the last good one as well: the runbook must refuse, say so, and leave nothing behind. Mend it then."""
        assert self.good is not None
        older = [copied.manifest for copied in region.copying.made if copied.manifest.name < self.good.name]
        aside = [(copy, kept(region.store, copy)) for copy in (*older, self.good)]
        for copy, _ in aside:
            DAMAGES["a bit flipped"](region.store, copy, copy, self.chance)
        region.events.add(LANE, f"{self.good.name} is damaged, too: none is good")
        try:
            recovered = region.recover()
            self.failures.append(f"{recovered.copy} was restored, and no copy was good")
        except OutsideError as error:
            region.events.add(LANE, f"refused: {error.what}")
        left = region.standby_database.ask(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s", region.databases[0]
        )[0][0]
        if left:
            self.failures.append(f"{left} tables of a damaged copy were left on the standby")
        if region.machine.promoted:
            self.failures.append("visitors were led to a standby without data")
        for _, objects in aside:
            put_back(region.store, objects)
        region.damaged[:] = [one for one in region.damaged if not any(one.endswith(copy.name) for copy, _ in aside)]
        region.events.add(LANE, f"{self.good.name} is as it was again")
