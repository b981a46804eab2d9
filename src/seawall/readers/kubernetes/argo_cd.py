"""Argo CD applications: which folder of which repository is kept applied."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.delivery import Syncs
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, Manifest, namespace_address
from seawall.readers.registry import reads

_HERE = frozenset({"", "in-cluster", "https://kubernetes.default.svc"})


@reads("argoproj.io/v1alpha1/Application")
def application(resource: Resource) -> Iterator[Fact]:
    """An application; ``automated`` may be empty and is on all the same, pruning and self-healing are off by default.

    One with several sources syncs each of them.
    """
    body = Manifest(resource)
    spec = body.spec
    destination = spec.block("destination")
    server = destination.string("name") or destination.string("server")
    cluster = body.cluster if server in _HERE else server.replace("/", "_")
    policy = spec.block("syncPolicy")
    automated = policy.block("automated")
    on = policy.mentions("automated") and automated.flag("enabled", True) is not False
    ignores = sorted(
        (difference.string("kind"), path)
        for difference in spec.blocks("ignoreDifferences")
        for field in ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")
        for path in difference.strings(field)
    )
    for source in (*spec.blocks("source"), *spec.blocks("sources")):
        yield Syncs(
            resource.address,
            namespace_address(cluster, destination.string("namespace", DEFAULT_NAMESPACE)),
            source.string("repoURL"),
            source.string("path") or source.string("chart"),
            source.string("targetRevision", "HEAD"),
            on,
            on and automated.flag("selfHeal") is True,
            on and automated.flag("prune") is True,
            tuple(ignores),
            "RespectIgnoreDifferences=true" in policy.strings("syncOptions"),
        )
