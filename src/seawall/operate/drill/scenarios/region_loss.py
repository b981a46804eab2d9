"""Region loss: home goes whole, and a standby restored from the newest copy, or a second region, serves."""

from __future__ import annotations

from collections.abc import Mapping

from seawall.operate.drill import from_copy, from_region
from seawall.operate.drill.events import Events
from seawall.operate.drill.from_copy import Region
from seawall.operate.drill.scenario import Outcome, Setting, scenario
from seawall.operate.drill.servers import nginx
from seawall.operate.drill.stage import Stage

_TROUBLES = ("full-disk", "expired-secret", "slow-disk")


def _applies(setting: Setting) -> str:
    by_copy, by_region = from_copy.applies(setting), from_region.applies(setting)
    if by_copy and by_region:
        return f"{by_copy}; {by_region}"
    if by_copy and setting.fault in _TROUBLES:
        return f"its second region needs no copies or disk that {setting.fault} would stop"
    return ""


def _calibrate(stage: Stage, setting: Setting, events: Events) -> Mapping[str, float]:
    if from_copy.applies(setting):
        return from_region.calibrate(stage, setting, events)
    return from_copy.calibrate(stage, setting, events)


@scenario(
    "region-loss",
    needs=nginx.PACKAGES,
    needs_of=lambda setting: from_region.NEEDS if from_copy.applies(setting) else from_copy.NEEDS,
    applies=_applies,
    faults=("kill", "freeze", "partition", *_TROUBLES),
    calibrate=_calibrate,
)
def region_loss(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """Home's region is lost whole: a standby restored from the newest copy, or a second region, serves in its place."""
    if from_copy.applies(setting):
        return from_region.play(stage, setting, events)
    return from_copy.play(stage, setting, events, trouble=_trouble if setting.fault in _TROUBLES else None)


def _trouble(region: Region) -> None:
    """Let copies fail before home is lost, so that what is restored is older; or let the standby's disk be slow."""
    match region.setting.fault:
        case "slow-disk":
            region.slow_standby()
            return
        case "full-disk":
            region.fill_store()
        case _:
            region.change_password()
    region.copying.wait(1, failed=1)
