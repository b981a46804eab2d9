"""External Secrets: keeps Secrets of the cluster in step with AWS Secrets Manager.

Actions: docs/provider/aws-secrets-manager.md of external-secrets/external-secrets at cc5bfbc2234a, without those for
finding secrets by pattern, which reach every secret of the account (ours are named one by one), and without those that
its source asks for tags, policies and versions, which no synchronised secret of ours wants (providers/v1/aws).

Chart: deploy/charts/external-secrets of the same (2026-08-08).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import HOOKED, Chart
from seawall.components.namespaces import FIRST
from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.components.secrets import STORE
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual

_READ = ("secretsmanager:GetSecretValue",)


def _kept(scope: Scope) -> Iterator[tuple[Textual, Textual | None]]:
    """The secrets in AWS of everything that somebody needs: the ARN of each, and that of the key that encrypts it."""
    for name in scope.platform.components:
        for _, held in scope.component(name).synchronises(scope.at(name)):
            if held.arn is not None:
                yield held.arn, held.key
        if not any(_reads(scope.at(seeker)) for seeker in scope.at(name).seekers()):
            continue
        offer = scope.offer(name)
        if offer.credentials is not None and offer.credentials.secret is not None:
            yield offer.credentials.secret, offer.credentials.key
        if offer.held is not None and offer.held.arn is not None:
            yield offer.held.arn, offer.held.key


def _reads(scope: Scope) -> bool:
    """Whether a component has the credentials of what it needs synchronised here.

    A pool of connections has its users' in place of its own, and a migration runs in one region.
    """
    from seawall.components.migration.migration import Migration, runs  # they need the cluster
    from seawall.components.pooler import Pooler

    component = scope.component(scope.name)
    return not isinstance(component, Pooler) and (runs(scope) or not isinstance(component, Migration))


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


def _values(scope: Scope) -> Mapping[str, Any]:
    def part(name: str, **more: Any) -> dict[str, Any]:
        return {**more, **values.placed(scope, {"app.kubernetes.io/name": f"external-secrets{name}"})}

    twice = {"replicaCount": 2, "podDisruptionBudget": {"enabled": True, "minAvailable": 1}}
    return {
        "serviceAccount": {"create": True, "name": "external-secrets"},
        # Of the two one leads; Secrets go on being read while there is none.
        "leaderElect": True,
        # Nobody here writes to stores, or to those of the whole cluster.
        "processPushSecret": False,
        "processClusterPushSecret": False,
        "extraEnv": [{"name": "AWS_REGION", "value": scope.region}],
        "resources": values.resources("20m", "128Mi", "256Mi"),
        "serviceMonitor": {"enabled": values.monitored(scope), "renderMode": "alwaysRender"},
        **part("", **twice),
        "webhook": part("-webhook", resources=values.resources("10m", "64Mi", "128Mi"), **twice),
        "certController": part("-cert-controller", resources=values.resources("10m", "96Mi", "192Mi")),
    }


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
    chart=Chart(
        repository="https://charts.external-secrets.io",
        name="external-secrets",
        version="2.9.0",
        app_version="v2.9.0",
        source="external-secrets/external-secrets@cc5bfbc2234a",
        values=_values,
        defines=("external-secrets.io", "generators.external-secrets.io"),
        # The controller of certificates writes both.
        ignores=(
            *HOOKED,
            {"group": "", "kind": "Secret", "name": "external-secrets-webhook", "jsonPointers": ["/data"]},
        ),
    ),
    part="addons",
)
