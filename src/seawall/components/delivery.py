"""Delivery: one repository, the pipelines that test and promote what is in it, and Argo CD, which keeps it applied.

The repository holds the application, the description, what is compiled of it, and ``deployed/``, which pipelines alone
write: one folder an environment, in it one a cluster where there are several, in it one an Argo CD application.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from seawall.components import applications, code_host
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.offer import Held
from seawall.components.pipelines import files as pipelines
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.model.fields import Frame, Line, Name

if TYPE_CHECKING:
    from seawall.components.kept_secret import KeptSecret

COMPILED = "platform"
"""The folder of the repository that holds what is compiled, one folder an environment."""
DEPLOYED = "deployed"
"""The folder of the repository that pipelines write and Argo CD watches."""

Repository: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^https://[a-z0-9.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]*[A-Za-z0-9_-]$")
]
Branch: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")]
Folder: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(\.|[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$")
]
OwnName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]{0,99}$")]
StageName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*[a-z0-9](/[a-z][a-z0-9-]*[a-z0-9])?$")
]
"""An environment, or one of its namespaces: ``shared/prod``."""


class OwnImage(Frame):
    """An image of the platform's own: where it is built, and what must pass before it is."""

    context: Folder
    """The folder with its Dockerfile, from the repository's root."""
    test: Line = ""
    """The command that tests it, run in that folder; where silent, building it is all there is."""
    platforms: Annotated[tuple[Literal["linux/amd64", "linux/arm64"], ...], Field(min_length=1)] = ("linux/amd64",)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on the way of a version: an environment, or one namespace of it.

    ``name`` is that of the code host's environment; ``namespace`` is empty for all of the environment. ``chained``
    says that versions come to it from the stage before.
    """

    name: str
    environment: str
    namespace: str
    approval: bool
    chained: bool = True


class Delivery(Expandable):
    """How a version comes from a commit into each environment, and who has to agree."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "delivery"

    kind: Literal["delivery"]
    repository: Repository
    """The one repository, as ``https://github.com/OWNER/NAME``."""
    branch: Branch = "main"
    """The branch that is built, and that Argo CD watches."""
    pipelines: Annotated[tuple[Literal["github", "jenkins"], ...], Field(min_length=1)] = ("github",)
    images: Mapping[OwnName, OwnImage] = {}
    """The platform's own images, by the name under which services run them."""
    promotes: tuple[StageName, ...] = ()
    """Where a version goes, in order; where silent to every environment, and to the default one last."""
    approval: tuple[Name, ...] | None = None
    """The stages that a person has to let a version into; where silent the last one."""
    private: bool = False
    """Whether the repository has to be asked as somebody: then Argo CD does it as a GitHub App, whose key a person puts
    into Secrets Manager."""
    provider: Literal["own", "shared"] | None = None
    """Who makes the account's OIDC provider of the code host: this environment, or something else.

    Where silent the default environment makes it and the others use it, as those of one account must.
    """

    @model_validator(mode="after")
    def _fits(self) -> Delivery:
        names = [stage.rpartition("/")[2] for stage in self.promotes]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"promotes names {', '.join(sorted(twice))} twice")
        if "github" in self.pipelines and not self.repository.startswith("https://github.com/"):
            raise ValueError(f"{self.repository} is not on github.com, where the pipelines are to run")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def relies_on(self) -> tuple[str, ...]:
        """What brings the key to a private repository."""
        return ("external-secrets",) if self.private else ()

    def synchronises(self, scope: Scope) -> Iterator[tuple[str, Held]]:
        """What a private repository is asked with."""
        if self.private:
            kept = _secret().offer(scope).held
            assert kept is not None
            yield applications.NAMESPACE, kept

    @property
    def slug(self) -> str:
        """The repository as its host names it: ``OWNER/NAME``."""
        return "/".join(self.repository.split("/")[-2:])

    def stages(self, scope: Scope) -> tuple[Stage, ...]:
        """Every stage in the order of promotion, then the environments that no version is promoted to.

        Raises InputError for a stage that is no environment of the description.
        """
        environments = _environments(scope)
        last = [name for name, environment in environments.items() if environment.get("default")]
        promotes = self.promotes or tuple(name for name in environments if name not in last) + tuple(last)
        named = [tuple(stage.split("/")) for stage in promotes]
        approving = {named[-1][-1]} if self.approval is None else set(self.approval)
        if unknown := approving - {stage[-1] for stage in named}:
            raise InputError(
                f"approval names {', '.join(sorted(unknown))}, and no version is promoted there",
                fix=f"choose of {', '.join(stage[-1] for stage in named)}",
                origin=scope.origin,
            )
        found = []
        for environment, *namespace in named:
            if environment not in environments:
                raise InputError(
                    f"promotes names {environment}, and there is no such environment",
                    fix=f"choose of {', '.join(environments)}; a namespace of one is written ENVIRONMENT/NAMESPACE",
                    origin=scope.origin,
                )
            name = (*namespace, environment)[0]
            found.append(Stage(name, environment, "".join(namespace), name in approving))
        chained = {stage.environment for stage in found}
        found += [Stage(name, name, "", approval=False, chained=False) for name in environments if name not in chained]
        return tuple(found)

    def stages_here(self, scope: Scope) -> tuple[Stage, ...]:
        """The stages of the scope's own environment."""
        return tuple(stage for stage in self.stages(scope) if stage.environment == scope.platform.environment)

    def folder(self, scope: Scope, application: str = "") -> str:
        """The folder that Argo CD watches for an application of the scope's cluster; without one, for all of them."""
        several = bool(scope.platform.home.sites)
        parts = (DEPLOYED, scope.platform.environment, scope.cluster_name if several else "", application)
        return "/".join(filter(None, parts))

    def role_name(self, scope: Scope, purpose: Literal["plan", "show", "build", "deploy", "release"]) -> str:
        """The name of the role that a pipeline takes on in the scope's environment."""
        return f"{scope.home.title}-{purpose}"

    def makes_provider(self, scope: Scope) -> bool:
        """Whether this environment makes the account's OIDC provider of the code host."""
        if self.provider is not None:
            return self.provider == "own"
        environments = _environments(scope)
        return bool(environments[scope.platform.environment].get("default")) or len(environments) == 1

    def repository_name(self, scope: Scope, image: str) -> str:
        """The name of an image's repository in the environment's registry."""
        return f"{scope.title}/{image}"

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The pipelines; what Argo CD does with the rest is made once the rest is known."""
        self.stages(scope)
        yield from pipelines.files(scope, self)
        if self.private:
            yield from _secret().expand(scope)
            for _, kept in self.synchronises(scope):
                yield applications.repository(scope, self.repository, kept, _KEYS)

    def conclude(self, scope: Scope, made: Sequence[Resource]) -> Iterator[Resource | Demand]:
        """Who pipelines are in AWS, and what Argo CD is told of all that there is, where the cluster has one."""
        if "github" in self.pipelines:
            yield from code_host.roles(scope, self, made)
        if "argo-cd" in scope.the(Cluster).chosen_addons(scope):
            yield from applications.objects(scope, self, made)


# What Argo CD calls it -> the key under which a person puts it.
_KEYS = {"githubAppID": "app-id", "githubAppInstallationID": "installation-id", "githubAppPrivateKey": "private-key"}


def _secret() -> KeptSecret:
    # It reminds people by way of alarms, whose pages say where the repository is.
    from seawall.components.kept_secret import KeptSecret

    return KeptSecret(kind="secret", sensitivity="high", keys=tuple(_KEYS.values()))


def _environments(scope: Scope) -> dict[str, Mapping[str, Any]]:
    return dict(scope.platform.document.data["environments"])
