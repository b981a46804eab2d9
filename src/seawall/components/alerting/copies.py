"""Copies that a job in the cluster makes from time to time, and does not."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert
from seawall.components.alerting.promql import series
from seawall.components.offer import Pods


def unproven(name: str, pods: Pods, hours: int, first: tuple[str, ...]) -> Iterator[Alert]:
    """That the job of that name has read a copy to its end within so many hours, and found it to be whole."""
    labels = {"namespace": pods.namespace, "cronjob": name}
    selector = ",".join(f'{label}="{value}"' for label, value in labels.items())
    ended, made = "kube_cronjob_status_last_successful_time", "kube_cronjob_created"
    after = hours * 60 + 60
    yield Alert(
        name="CopyUnproven",
        severity="warning",
        expr=f"time() - (max({ended}{{{selector}}}) or max({made}{{{selector}}})) > {hours * 3600}",
        lasts=600,
        says=f"No copy has been proven to be whole for {hours} hours: what is there may be worth nothing.",
        first=first,
        fires=(series(ended, f"0x{after}", labels), series(made, f"0x{after}", labels)),
        quiet=(series(ended, f"7200x{after}", labels), series(made, f"0x{after}", labels)),
        after=after,
    )


def alerts(name: str, pods: Pods, hours: int, first: tuple[str, ...]) -> Iterator[Alert]:
    """That the job of that name has ended well within so many hours; ``first`` is what to do where it has not."""
    labels = {"namespace": pods.namespace, "cronjob": name}
    selector = ",".join(f'{label}="{value}"' for label, value in labels.items())
    ended, made = "kube_cronjob_status_last_successful_time", "kube_cronjob_created"
    after = hours * 60 + 60
    yield Alert(
        name="CopyLate",
        severity="warning",
        # One that has never ended well is late from the day on which it was made.
        expr=f"time() - (max({ended}{{{selector}}}) or max({made}{{{selector}}})) > {hours * 3600}",
        lasts=600,
        says=f"No copy has been made for {hours} hours: what was written since would be lost with the region.",
        first=first,
        fires=(series(ended, f"0x{after}", labels), series(made, f"0x{after}", labels)),
        # The last one ended well two hours later, while the job itself is older.
        quiet=(series(ended, f"7200x{after}", labels), series(made, f"0x{after}", labels)),
        after=after,
    )
