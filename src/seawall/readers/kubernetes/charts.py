"""Applications of Argo CD that install a Helm chart: which, at which version, into which namespace."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.delivery import Installed
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, Manifest, namespace_address
from seawall.readers.registry import reads


@reads("argoproj.io/v1alpha1/Application")
def charts(resource: Resource) -> Iterator[Fact]:
    """Every source of the application that names a chart; one in a folder of a repository is no release of a chart."""
    body = Manifest(resource)
    destination = body.spec.block("destination")
    namespace = namespace_address(body.cluster, destination.string("namespace", DEFAULT_NAMESPACE))
    for source in (*body.spec.blocks("source"), *body.spec.blocks("sources")):
        chart = source.known_text("chart")
        if isinstance(chart, Unknown) or chart:
            repository, version = source.string("repoURL"), source.string("targetRevision")
            yield Installed(resource.address, namespace, repository, chart, version)
