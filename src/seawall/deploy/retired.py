"""Stacks that were brought up from this workplace and that the description no longer has."""

from __future__ import annotations

from collections.abc import Mapping

from seawall.deploy.rendered import Rendered, StackFiles, stacks_of
from seawall.deploy.target import OVERRIDE_FILE
from seawall.deploy.workplace import Workplace


def retired(rendered: Rendered, place: Workplace) -> Mapping[str, StackFiles]:
    """The stacks of the run folder that are not among the rendered ones, upstream ones first."""
    found = [
        (f"terraform/{path.parent.parent.name}/{path.parent.name}/{path.name}", path.read_bytes())
        for path in sorted(place.run.glob("*/*/*.tf.json"))
        if path.name != OVERRIDE_FILE and f"{path.parent.parent.name}/{path.parent.name}" not in rendered.stacks
    ]
    # The rendered ones are needed to see which of them a retired one comes after.
    together = stacks_of([*rendered.files, *found]) if found else {}
    return {key: stack for key, stack in together.items() if key not in rendered.stacks}
