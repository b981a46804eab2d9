"""The page of all add-ons: ``python -m seawall.components.addons.table > docs/addons.md``."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon, addons
from seawall.components.addons.chart import Chart

_HEAD = """\
# Add-ons

What runs in a platform's cluster and is not its own. A description names them in `cluster.addons`, and what it asks for
otherwise brings its own: pools Karpenter, signals KEDA, `monitoring` Prometheus, `logs` Fluent Bit.

Argo CD installs each chart and keeps it as it is written: one `Application` an add-on in the project `addons`, with its
values in it. Its version is one exact number, here and in the module of `src/seawall/components/addons/` that holds its
values; to upgrade is to change the number there, with the commit at which its keys were read, and to write this page
anew: `python -m seawall.components.addons.table > docs/addons.md`. `seawall compile` then shows the one line that
changes in each platform, and each environment gets it as it gets a new version of its own.

| Add-on | What it does | Chart | Version | Installs | Namespace | Installed by | Read at |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
_TAIL = """
EKS installs `vpc-cni`, `kube-proxy`, `coredns`, `eks-pod-identity-agent`, `aws-ebs-csi-driver` and `metrics-server` in
every cluster; their versions are EKS's default for the cluster's version.

An empty cluster has no Argo CD that could install Argo CD. There `seawall up --target aws` runs a Job in Argo CD's own
image that installs its chart, with the values that its application has, and takes the Job's right to do so away again.
Then it applies the applications of the charts, waits until each kind is known that the platform's objects are of and
until the controllers behind them are well, and applies these. Afterwards Argo CD keeps itself by its own chart.
"""


def table() -> str:
    """The page: a row a chart, or an add-on that EKS installs, in alphabetical order."""
    return _HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in _rows()) + _TAIL


def _rows() -> Iterator[tuple[str, ...]]:
    for addon in addons().values():
        if addon.installed is not None:
            yield _name(addon), addon.purpose, "", "EKS's default", "", addon.namespace, "EKS", ""
        for chart in (addon.definitions, addon.chart):
            if chart is not None:
                yield _row(addon, chart)


def _row(addon: Addon, chart: Chart) -> tuple[str, ...]:
    where = f"{chart.repository}/{chart.name}" if chart.repository.startswith("oci:") else chart.repository
    purpose = addon.purpose if chart is addon.chart else "its kinds"
    return (
        _name(addon),
        purpose,
        f"`{chart.name}` of {where}",
        chart.version,
        chart.app_version,
        addon.namespace,
        "Argo CD",
        f"`{chart.source}`",
    )


def _name(addon: Addon) -> str:
    return f"`{addon.name}`"


if __name__ == "__main__":
    print(table(), end="")
