"""The page of all known controllers: ``python -m seawall.knowledge.controllers.table > docs/controllers.md``."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.knowledge.controllers.catalogue import controllers
from seawall.knowledge.controllers.controller import Controller

_HEAD = """\
# Controllers

What Seawall knows to need permissions of AWS by itself, beside what a description and applications ask for. A
controller is recognised by its Helm chart in an application of Argo CD or a `helm_release` of Terraform, by its add-on
of EKS, or by its image in a Deployment, DaemonSet or StatefulSet; values, configuration, options and environment tell
of it. `permissions gaps` holds its role against what it needs as it is configured here, `permissions excess` finds what
its configuration does not ask for.

Only what every configuration needs is needed everywhere. The rest is asked for in a circumstance, such as an Ingress
that names a web firewall or a pool that may buy spot nodes: [why](decisions/0035-what-a-controller-needs.md). To add a
controller is to add a module to `src/seawall/knowledge/controllers/`, and to write this page anew:
`python -m seawall.knowledge.controllers.table > docs/controllers.md`.

| Controller | Read at | Recognised by | Always | In some circumstances | Source |
| --- | --- | --- | --- | --- | --- |
"""


def table() -> str:
    """The page: a row a controller, in alphabetical order."""
    return _HEAD + "".join(f"| {' | '.join(_row(controller))} |\n" for controller in controllers().values())


def _row(controller: Controller) -> Iterator[str]:
    yield f"`{controller.name}`"
    yield controller.version
    known = (("chart", controller.charts), ("add-on", controller.addons), ("image", controller.images))
    yield "; ".join(f"{kind} {', '.join(f'`{name}`' for name in names)}" for kind, names in known if names)
    always = {action for need in controller.needs if not need.when and not need.holes for action in need.actions}
    yield f"{len(always)} actions" if always else "nothing"
    some: dict[str, None] = {}
    for need in controller.needs:
        some.update(dict.fromkeys((*([need.when] if need.when else []), *need.holes)))
    yield ", ".join(name.replace("-", " ") for name in sorted(some))
    yield f"[{controller.read}]({controller.source})"


if __name__ == "__main__":
    print(table(), end="")
