"""Region loss: home goes whole, and the platform serves from the newest copy somewhere else."""

from __future__ import annotations

from seawall.operate.drill import from_copy
from seawall.operate.drill.events import Events
from seawall.operate.drill.from_copy import Region
from seawall.operate.drill.scenario import Outcome, Setting, scenario
from seawall.operate.drill.stage import Stage

_TROUBLES = ("full-disk", "expired-secret")


@scenario(
    "region-loss",
    needs=from_copy.NEEDS,
    applies=from_copy.applies,
    faults=("kill", "freeze", "partition", *_TROUBLES),
    calibrate=from_copy.calibrate,
)
def region_loss(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """Home's region is lost whole: the newest copy is restored on the standby, and visitors are led there."""
    if setting.fault in _TROUBLES:
        return from_copy.play(stage, setting, events, trouble=_trouble)
    return from_copy.play(stage, setting, events)


def _trouble(region: Region) -> None:
    """Let copies fail before home is lost: what is restored is older then, and whoever looks is told."""
    if region.setting.fault == "full-disk":
        region.fill_store()
    else:
        region.change_password()
    region.copying.wait(1, failed=1)
