"""Where versions go: the stages of a description with their clusters, roles and what comes before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from seawall.components.scope import Scope

if TYPE_CHECKING:
    from seawall.components.delivery import Delivery

Purpose = Literal["plan", "show", "build", "deploy", "release"]


@dataclass(frozen=True, slots=True)
class Place:
    """A stage: its name on the code host, its environment, and that environment's clusters with their regions.

    ``applies`` says that Terraform is applied with it: of an environment that has several stages, with the last.
    ``before`` is the stage that versions come from, None of the first.
    """

    name: str
    environment: str
    namespace: str
    approval: bool
    applies: bool
    platform: str
    clusters: Mapping[str, str]
    before: Place | None = None

    @property
    def title(self) -> str:
        """The name of the environment in AWS, which its repositories and roles begin with."""
        return f"{self.platform}-{self.environment}"

    @property
    def region(self) -> str:
        """The environment's own region."""
        return self.clusters[self.title]

    @property
    def registries(self) -> tuple[str, ...]:
        """TITLE=REGION of every registry that pods of the stage pull from, the own region's first."""
        return tuple(f"{title}={region}" for title, region in self.clusters.items())

    @property
    def labels(self) -> tuple[str, ...]:
        """What its applications are labelled with; whatever belongs to no stage in particular goes with the last."""
        return (self.name, self.environment) if self.namespace and self.applies else (self.name,)

    @property
    def account(self) -> str:
        """The variable that holds the number of the environment's account."""
        return f"AWS_ACCOUNT_{self.environment.upper().replace('-', '_')}"

    @property
    def where(self) -> str:
        """The options of a command that mean the environment."""
        return f"platform.yaml --environment {self.environment}"

    @property
    def source(self) -> Place:
        """Where its images come from: the stage before, or where they were built."""
        return self.before or self

    @property
    def copying(self) -> str:
        """The command that copies images into the registries that its pods pull from; empty where they are there."""
        source = self.source.registries[0]
        targets = [registry for registry in self.registries if registry != source]
        return f"bash pipeline/copy.sh images.txt {source} {' '.join(targets)}" if targets else ""

    @property
    def deploying(self) -> Purpose:
        """The role that brings a version in: one that may apply Terraform, or one that may not."""
        return "deploy" if self.applies else "release"

    def role(self, purpose: Purpose) -> str:
        """The name of a role of the environment."""
        return f"{self.title}-{purpose}"


def places(scope: Scope, delivery: Delivery) -> tuple[Place, ...]:
    """The stages that versions go through, in their order. Raises InputError for a stage that is no environment."""
    data = scope.platform.document.written
    stages = [stage for stage in delivery.stages(scope) if stage.chained]
    last = {stage.environment: stage.name for stage in stages}
    found: list[Place] = []
    for stage in stages:
        found.append(
            Place(
                stage.name,
                stage.environment,
                stage.namespace,
                stage.approval,
                last[stage.environment] == stage.name,
                scope.platform.name,
                _clusters(
                    f"{scope.platform.name}-{stage.environment}",
                    stage.namespace,
                    data,
                    data["environments"][stage.environment],
                ),
                found[-1] if found else None,
            )
        )
    return tuple(found)


def environments(scope: Scope) -> tuple[str, ...]:
    """Every environment of the description: all of them are compiled."""
    return tuple(scope.platform.document.written["environments"])


def default_environment(scope: Scope) -> str:
    """The environment whose compiled folder the repository's own files are taken from."""
    known = scope.platform.document.written["environments"]
    return str(next((name for name, said in known.items() if said.get("default")), next(iter(known))))


def _clusters(title: str, namespace: str, data: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, str]:
    """The clusters with their regions: home's, and those of the sites that have the namespace."""
    sites = {**(data.get("sites") or {}), **(environment.get("sites") or {})}
    found = {title: str(environment["region"])}
    for name, site in sites.items():
        namespaces = ((site or {}).get("cluster") or {}).get("namespaces") or {}
        if site and namespaces.get(namespace, True) is not None:
            found[f"{title}-{name}"] = str(site["region"])
    return found
