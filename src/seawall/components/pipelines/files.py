"""Every file that the pipelines of a platform come to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Final

from seawall.components.pipelines import github
from seawall.components.pipelines.places import default_environment, environments, places
from seawall.components.pipelines.workflow import text
from seawall.components.scope import Scope
from seawall.graph.resource import Resource

if TYPE_CHECKING:
    from seawall.components.delivery import Delivery

_FORMATS: Final = {"sh": ("script", "pipeline"), "yaml": ("yamllint", "pipeline"), "yml": ("dependabot", ".github")}
ROOT: Final = "repository"
"""The folder of what is compiled that the repository's root takes over, file by file."""


def files(scope: Scope, delivery: Delivery) -> Iterator[Resource]:
    """Workflows, scripts and settings: the same whichever environment is compiled, since a repository has one root.

    Raises InputError for a stage that is no environment.
    """
    if not scope.is_home:
        return
    told = github.Told(
        delivery.branch, delivery.images, places(scope, delivery), environments(scope), default_environment(scope)
    )
    if "github" in delivery.pipelines:
        for name, body in github.workflows(told):
            yield scope.file(f"{ROOT}/.github/workflows/{name}", "github-workflow", {"text": text(body)})
    for name, content in _shipped():
        format, folder = _FORMATS[name.rpartition(".")[2]]
        yield scope.file(f"{ROOT}/{folder}/{name}", format, {"text": content})


@cache
def _shipped() -> tuple[tuple[str, str], ...]:
    """What is the same for every platform, by name."""
    found = package_files(__package__ or "").joinpath(ROOT).iterdir()
    return tuple(sorted((file.name, file.read_text(encoding="utf-8")) for file in found if file.is_file()))
