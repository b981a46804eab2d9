"""Migrations of a database that several environments share, each with a schema and roles of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from seawall.components import images
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.environment import from_secret, variable
from seawall.components.keys import copies, copy_key, copy_keys, key
from seawall.components.migration.folder import migrations
from seawall.components.offer import Credentials, Offer, Pods
from seawall.components.paths import demands, egress, only_postgresql, policy
from seawall.components.pods import account, confined_container, confined_pod, known_as
from seawall.components.scope import Scope
from seawall.components.secrets import synchronised
from seawall.components.workload import Digest, Tag
from seawall.facts.demands import Connect
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import text
from seawall.model.fields import Duration, Frame, Image, Name

AUTHORITIES = "/etc/ssl/rds/global-bundle.pem"
"""Where images that speak to RDS have the certificates of Amazon's authorities, which no system trusts by itself."""
ADMINISTRATOR = 1
"""Connections that one run opens at a time."""

EnvironmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
_RUNNER = ("apply.sql", "migrate.sh", "roles.sql")
_PLACE = "/migrations"


class Share(Frame):
    """What an environment gets of the database."""

    connections: Annotated[int, Field(ge=2, le=1000)] = 20
    """How many its application may hold at once, through all of its poolers."""


class Migration(Expandable):
    """A Job that brings the schema of each environment up to date before anything new runs against it.

    It alone uses the administrator's password, and only to make roles. The files are applied by a role that has a
    password for the length of the run, as the schema's owner, whom nobody can log in as.
    """

    stack: ClassVar[str] = "data"

    kind: Literal["migration"]
    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_./-]*$")] = "migrations"
    """Where the files are, seen from the description: NNNN_name.sql, applied in their order and never changed."""
    environments: Annotated[Mapping[EnvironmentName, Share], Field(min_length=1)]
    """Each has the schema ``<environment>_<database>`` and the roles ``<environment>_owner``, ``_app``, ``_reader``."""
    namespace: Name | None = None
    """Keep it away from the applications: whoever reads Secrets there has the administrator's password."""
    image: Image = "database-tools"
    """An image with psql, a shell, and the certificates of Amazon's authorities in /etc/ssl/rds."""
    tag: Tag = "v1"
    digest: Digest | None = None
    deadline: Duration = units.Duration(600)
    """How long a run may take."""
    password_version: Annotated[int, Field(ge=1)] = 1
    """Raise it to have new passwords for the applications."""
    protected: bool = True
    """Whether a deleted password can still be had for 30 days."""

    # -- what others may know --------------------------------------------------------------------------------------

    def namespace_of(self, scope: Scope) -> str:
        """The namespace it runs in."""
        return self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))

    def pods(self, scope: Scope) -> Pods:
        """The pod of a run."""
        namespace = self.namespace_of(scope)
        address = Address.kubernetes(scope.cluster_name, "Job", namespace, self._called(scope))
        return Pods(namespace, (("app.kubernetes.io/name", scope.name),), address)

    def credentials(self, scope: Scope, environment: str) -> Credentials:
        """User and password of an environment's application."""
        name = _secret(scope, environment)
        own = scope.ref("aws_secretsmanager_secret", name, "arn")
        its_key = scope.ref("aws_kms_key", scope.identifier, "arn")
        if not runs(scope):
            own = scope.ref("data.aws_secretsmanager_secret", name, "arn")
            its_key = scope.home.ref("aws_kms_key", copy_key(scope), "arn")
        return Credentials(own, f"{scope.name}-{environment}", key=its_key)

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The passwords of the applications; the files, the Job, and its way to the database.

        Where the database follows another region's, schemas and roles come with it, and the passwords are copied.
        """
        if images.is_ours(self.image):
            yield from images.repository(scope, self.image)
        if not runs(scope):
            for environment in self.environments:
                name = _secret(scope, environment)
                there = {"name": scope.home.ref("aws_secretsmanager_secret", name, "name")}
                yield scope.lookup("aws_secretsmanager_secret", name, there)
            return
        yield from self._passwords(scope)
        pods = self.pods(scope)
        database, offer, said = only_postgresql(scope, "to bring up to date")
        for needed in self._before(scope, pods.namespace, database, offer):
            yield _in_wave(-2, needed)
        yield _in_wave(-1, self._job(scope, pods, database, offer))
        yield policy(scope, pods, [], egress(scope, pods.namespace))
        yield from demands(pods.workload, offer, said)
        yield Connect(pods.workload, offer.target, ADMINISTRATOR, said=said)

    def _before(self, scope: Scope, namespace: str, database: str, offer: Offer) -> Iterator[Resource]:
        yield account(scope, namespace)
        yield synchronised(scope, f"{scope.name}-{database}", namespace, _asserted(offer))
        for environment in self.environments:
            credentials = self.credentials(scope, environment)
            yield synchronised(scope, credentials.name, namespace, credentials)
        files = {"immutable": True, "data": self._files(scope)}
        yield scope.object("v1", "ConfigMap", self._called(scope), files, namespace=namespace)

    def _files(self, scope: Scope) -> dict[str, str]:
        """Everything that the run needs, by file name."""
        here = files("seawall.components.migration")
        runner = {name: (here / name).read_text(encoding="utf-8") for name in _RUNNER}
        return runner | migrations(scope, self.folder)

    def _called(self, scope: Scope) -> str:
        """The name of what belongs to one set of files: a Job cannot be changed, and another set needs another."""
        said = "\0".join(f"{name}\0{content}" for name, content in self._files(scope).items())
        said += "\0".join(f"{name} {share.connections}" for name, share in self.environments.items())
        said += f"\0{self.image}:{self.tag}@{self.digest} {self.password_version}"
        return f"{scope.name}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"

    def _passwords(self, scope: Scope) -> Iterator[Resource]:
        """A secret for each application, which Terraform passes on and never keeps, and its copy at each site."""
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        purpose = f"Passwords of the applications of {scope.title} in the database"
        yield from key(scope, scope.identifier, account=account, called=scope.full_name, purpose=purpose)
        yield from copy_keys(scope, account=account, suffix="-passwords", purpose=purpose)
        for environment in self.environments:
            name, called = _secret(scope, environment), f"{scope.full_name}-{environment}"
            yield scope.aws(
                "aws_secretsmanager_secret",
                name,
                {
                    "name": called,
                    "description": f"User and password of the application of {environment}, in the database",
                    "kms_key_id": scope.ref("aws_kms_key", scope.identifier, "arn"),
                    "recovery_window_in_days": 30 if self.protected else 0,
                    "replica": copies(scope),
                },
                called=called,
            )
            made = "ephemeral.aws_secretsmanager_random_password"
            rule = {"password_length": 40, "exclude_punctuation": True}
            yield scope.ephemeral("aws_secretsmanager_random_password", name, rule)
            said = text(
                f'{{"username":"{environment}_app","password":"', scope.ref(made, name, "random_password"), '"}'
            )
            yield scope.aws(
                "aws_secretsmanager_secret_version",
                name,
                {
                    "secret_id": scope.ref("aws_secretsmanager_secret", name, "id"),
                    "secret_string_wo": said,
                    "secret_string_wo_version": self.password_version,
                },
            )

    def _job(self, scope: Scope, pods: Pods, database: str, offer: Offer) -> Resource:
        name = self._called(scope)
        master = f"{scope.name}-{database}"
        environment = [
            variable("PGHOST", offer.host),
            variable("PGPORT", str(offer.port)),
            variable("PGSSLMODE", "verify-full"),
            variable("PGSSLROOTCERT", AUTHORITIES),
            variable("PGCONNECT_TIMEOUT", "10"),
            from_secret("PGUSER", master, _asserted(offer).user or "username"),
            from_secret("PGPASSWORD", master, _asserted(offer).password),
        ]
        for each, share in self.environments.items():
            credentials = self.credentials(scope, each)
            environment.append(variable(f"CONNECTIONS_{each}", str(share.connections)))
            environment.append(from_secret(f"PASSWORD_{each}", credentials.name, credentials.password))
        container = {
            "name": "migrate",
            "image": images.reference(scope, self.image, self.tag, self.digest),
            "imagePullPolicy": "IfNotPresent",
            "command": ["sh", f"{_PLACE}/migrate.sh", _PLACE, offer.name, *self.environments],
            "env": environment,
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "128Mi"}},
            "securityContext": confined_container(),
            "volumeMounts": [{"name": "migrations", "mountPath": _PLACE, "readOnly": True}],
        }
        template: dict[str, Any] = {
            "metadata": {"labels": scope.labels()},
            "spec": {
                **known_as(scope.name),
                "restartPolicy": "Never",
                **scope.the(Cluster).placement(scope, None),
                **scope.the(Cluster).priority(scope, pods.namespace),
                "securityContext": confined_pod(),
                "containers": [container],
                "volumes": [{"name": "migrations", "configMap": {"name": name}}],
            },
        }
        spec = {
            # A node may go in the middle of it; what was applied by then is known, and not applied again.
            "backoffLimit": 5,
            "activeDeadlineSeconds": round(self.deadline.seconds),
            "template": template,
        }
        return scope.object("batch/v1", "Job", name, {"spec": spec}, namespace=pods.namespace)


def migration_of(scope: Scope, database: str) -> tuple[Scope, Migration]:
    """The migrations of a database, which know its roles; InputError if it has none."""
    for name, found in scope.every(Migration).items():
        if database in found.needs:
            return scope.at(name), found
    raise InputError(
        f"{scope.name} logs in to {database} as a role that nothing makes",
        fix=f"add a component `migrations: {{kind: migration, needs: [{database}], environments: {{...}}}}`",
        origin=scope.origin,
    )


def _asserted(offer: Offer) -> Credentials:
    if offer.credentials is None:
        raise InputError(f"{offer.component} has no administrator's password", fix="name a database that has one")
    return offer.credentials


def _in_wave(wave: int, resource: Resource) -> Resource:
    """The object with the place that Argo CD gives it: what is healthy in one wave goes before the next."""
    metadata = dict(resource.body["metadata"])
    metadata["annotations"] = {**metadata.get("annotations", {}), "argocd.argoproj.io/sync-wave": str(wave)}
    return replace(resource, body={**resource.body, "metadata": metadata})


def runs(scope: Scope) -> bool:
    """Whether it runs here, rather than in the region that the database follows."""
    return scope.is_home or scope.name not in scope.platform.home.components


def _secret(scope: Scope, environment: str) -> str:
    """The Terraform name of an environment's secret."""
    return f"{scope.identifier}_{environment}"
