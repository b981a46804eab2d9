"""External Secrets: keeps Secrets of the cluster in step with AWS Secrets Manager.

Actions: docs/provider/aws-secrets-manager.md of external-secrets/external-secrets at cc5bfbc2234a, without those for
finding secrets by pattern, which reach every secret of the account: ours are named one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon
from seawall.components.namespaces import FIRST
from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.components.secrets import STORE
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual

_READ = tuple(
    f"secretsmanager:{action}"
    for action in ("DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds")
)


def _kept(scope: Scope) -> Iterator[tuple[Textual, Textual | None]]:
    """The secrets in AWS of everything that somebody needs: the ARN of each, and that of the key that encrypts it."""
    for name in scope.platform.components:
        for _, held in scope.component(name).synchronises(scope.at(name)):
            if held.arn is not None:
                yield held.arn, held.key
        if not scope.at(name).seekers():
            continue
        offer = scope.offer(name)
        if offer.credentials is not None and offer.credentials.secret is not None:
            yield offer.credentials.secret, offer.credentials.key
        if offer.held is not None and offer.held.arn is not None:
            yield offer.held.arn, offer.held.key


def _rights(scope: Scope) -> Iterator[Right]:
    found = list(_kept(scope))
    if found:
        yield Right(_READ, tuple(arn for arn, _ in found))
    keys = tuple(key for _, key in found if key is not None)
    if keys:
        manager = f"secretsmanager.{scope.region}.amazonaws.com"
        yield Right(("kms:Decrypt",), keys, (("StringEquals", "kms:ViaService", (manager,)),))


def _store(scope: Scope) -> Iterator[Resource]:
    from seawall.components.cluster import Cluster  # the cluster finds this module while it is imported itself

    theirs = {
        namespace
        for name in scope.platform.components
        for namespace, _ in scope.component(name).synchronises(scope.at(name))
    }
    spec = {
        # Without `auth` the controller's own identity is used, which Pod Identity gives it.
        "provider": {"aws": {"service": "SecretsManager", "region": scope.region}},
        # Whoever may write to another namespace must not read through this identity.
        "conditions": [{"namespaces": sorted({*scope.the(Cluster).namespaces_of(scope), *theirs})}],
    }
    yield scope.object("external-secrets.io/v1", "ClusterSecretStore", STORE, {"spec": spec}, annotations=FIRST)


ADDON = Addon(
    name="external-secrets",
    namespace="external-secrets",
    account="external-secrets",
    purpose="keeps Secrets in step with AWS Secrets Manager",
    rights=_rights,
    pod_security="restricted",
    # Its webhook.
    called_on=(10250,),
    objects=_store,
    part="addons",
)
