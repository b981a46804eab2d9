"""External Secrets: keeps Secrets of the cluster in step with AWS Secrets Manager.

Actions: docs/provider/aws-secrets-manager.md of external-secrets/external-secrets at cc5bfbc2234a, without those for
finding secrets by pattern, which reach every secret of the account: ours are named one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon
from seawall.components.offer import Credentials, Right
from seawall.components.scope import Scope
from seawall.components.secrets import STORE
from seawall.graph.resource import Resource

_READ = tuple(
    f"secretsmanager:{action}"
    for action in ("DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds")
)


def _credentials(scope: Scope) -> Iterator[Credentials]:
    """The credentials in AWS of everything that somebody needs."""
    for name in scope.platform.components:
        at = scope.at(name)
        if at.seekers():
            credentials = scope.offer(name).credentials
            if credentials is not None and credentials.secret is not None:
                yield credentials


def _rights(scope: Scope) -> Iterator[Right]:
    found = list(_credentials(scope))
    secrets = tuple(credentials.secret for credentials in found if credentials.secret is not None)
    if secrets:
        yield Right(_READ, secrets)
    keys = tuple(credentials.key for credentials in found if credentials.key is not None)
    if keys:
        manager = f"secretsmanager.{scope.region}.amazonaws.com"
        yield Right(("kms:Decrypt",), keys, (("StringEquals", "kms:ViaService", (manager,)),))


def _store(scope: Scope) -> Iterator[Resource]:
    from seawall.components.cluster import Cluster  # the cluster finds this module while it is imported itself

    spec = {
        # Without `auth` the controller's own identity is used, which Pod Identity gives it.
        "provider": {"aws": {"service": "SecretsManager", "region": scope.region}},
        # Whoever may write to another namespace must not read through this identity.
        "conditions": [{"namespaces": sorted(scope.the(Cluster).namespaces_of(scope))}],
    }
    yield scope.object("external-secrets.io/v1", "ClusterSecretStore", STORE, {"spec": spec})


ADDON = Addon(
    name="external-secrets",
    namespace="external-secrets",
    account="external-secrets",
    purpose="keeps Secrets in step with AWS Secrets Manager",
    rights=_rights,
    pod_security="restricted",
    objects=_store,
    stack="platform",
)
