"""Secrets in the cluster: synchronised from AWS or made there, never written by us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seawall.components.offer import Credentials, Held
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual

STORE = "aws-secrets-manager"
"""The ClusterSecretStore that reads Secrets Manager of the cluster's region, as External Secrets' own identity."""
EVERY = "1m"
"""How old a synchronised secret may be; RDS stops taking the old password the moment it rotates one."""
_API = "external-secrets.io/v1"


def synchronised(scope: Scope, name: str, namespace: str, credentials: Credentials) -> Resource:
    """A Secret ``name`` that follows a secret of AWS, with its user and password under the same properties."""
    properties = [credentials.password] if credentials.user is None else [credentials.user, credentials.password]
    return _following(scope, name, namespace, credentials.secret, properties)


def held(scope: Scope, name: str, namespace: str, held: Held) -> Resource:
    """A Secret ``name`` that follows a secret of AWS, with its keys under their own names."""
    return _following(scope, name, namespace, held.secret, held.keys)


def _following(scope: Scope, name: str, namespace: str, secret: Textual | None, properties: Sequence[str]) -> Resource:
    spec = {
        "refreshInterval": EVERY,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [{"secretKey": item, "remoteRef": {"key": secret, "property": item}} for item in properties],
    }
    return scope.object(_API, "ExternalSecret", name, {"spec": spec}, namespace=namespace)


def generated(scope: Scope, name: str, namespace: str) -> tuple[Resource, Resource]:
    """A Secret ``name`` with a random ``password``, made once inside the cluster and known nowhere else."""
    api = "generators.external-secrets.io/v1alpha1"
    # Letters and digits alone: the value stands in configuration files that have no common way to quote.
    rule: dict[str, Any] = {"length": 40, "digits": 10, "symbols": 0, "noUpper": False, "allowRepeat": True}
    generator = scope.object(api, "Password", name, {"spec": rule}, namespace=namespace)
    spec = {
        "refreshPolicy": "CreatedOnce",
        "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "dataFrom": [{"sourceRef": {"generatorRef": {"apiVersion": api, "kind": "Password", "name": name}}}],
    }
    return generator, scope.object(_API, "ExternalSecret", name, {"spec": spec}, namespace=namespace)
