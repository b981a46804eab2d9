"""Every file that the pipelines of a platform come to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Final

from seawall.components.pipelines import github
from seawall.components.pipelines.commands import Told, compiled
from seawall.components.pipelines.jenkins import jenkinsfile
from seawall.components.pipelines.places import default_environment, environments, places
from seawall.components.pipelines.workflow import text
from seawall.components.scope import Scope
from seawall.graph.resource import Resource

if TYPE_CHECKING:
    from seawall.components.delivery import Delivery

_FORMATS: Final = {
    "md": ("page", "pipeline"),
    "sh": ("script", "pipeline"),
    "yaml": ("yamllint", "pipeline"),
    "yml": ("dependabot", ".github"),
}
ROOT: Final = "repository"
"""The folder of what is compiled that the repository's root takes over, file by file."""


def files(scope: Scope, delivery: Delivery) -> Iterator[Resource]:
    """Workflows, scripts and settings: the same whichever environment is compiled, since a repository has one root.

    Raises InputError for a stage that is no environment.
    """
    if not scope.is_home:
        return
    told = Told(
        delivery.branch,
        delivery.images,
        places(scope, delivery),
        environments(scope),
        default_environment(scope),
        "jenkins" in delivery.pipelines,
    )
    if "github" in delivery.pipelines:
        for name, body in github.workflows(told):
            yield scope.file(f"{ROOT}/.github/workflows/{name}", "github-workflow", {"text": text(body)})
    if told.jenkins:
        yield scope.file(f"{ROOT}/Jenkinsfile", "jenkinsfile", {"text": jenkinsfile(told)})
    for name, content in _shipped():
        format, folder = _FORMATS[name.rpartition(".")[2]]
        yield scope.file(f"{ROOT}/{folder}/{name}", format, {"text": _filled(content, told, delivery)})


def _filled(content: str, told: Told, delivery: Delivery) -> str:
    """A file of the package with what is the platform's own in place of the words that stand for it."""
    if "@" not in content:
        return content
    stages = " ".join(f"{place.name}{'!' if place.approval else ''}" for place in told.places)
    accounts = dict.fromkeys(place.account for place in told.places)
    lines = {
        "@COMPILE@": compiled(told),
        "@UP@": [
            f"seawall {command} {place.where}{target}"
            for place in told.places
            if place.applies
            for command, target in (("bootstrap", ""), ("up", " --target aws"))
        ],
        "@ACCOUNTS@": [f"gh variable set {name} --repo {delivery.slug} --body 123456789012" for name in accounts],
        "@PROTECT@": [f"bash pipeline/protect.sh {delivery.slug} {told.branch} TEAM {stages}"],
        "@TAKE@": [f"cp -R platform/{told.default}/repository/. ."],
    }
    for word, said in lines.items():
        content = content.replace(word, "\n".join(said))
    return content


@cache
def _shipped() -> tuple[tuple[str, str], ...]:
    """What is the same for every platform, by name."""
    found = package_files(__package__ or "").joinpath(ROOT).iterdir()
    return tuple(sorted((file.name, file.read_text(encoding="utf-8")) for file in found if file.is_file()))
