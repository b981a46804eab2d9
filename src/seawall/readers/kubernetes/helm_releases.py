"""Charts that something else than Argo CD installs, such as a stack of the CDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Text
from seawall.readers.kubernetes.charts import charts
from seawall.readers.kubernetes.controllers import installed
from seawall.readers.registry import reads


@reads("file/helm-release")
def release(resource: Resource) -> Iterator[Fact]:
    """The chart and its controllers, which are what an application of the same chart would install."""
    body = resource.body
    values = body.get("values")
    known = values if isinstance(values, Mapping) else {}
    helm = {"values": values} if isinstance(values, str | Text) else {"valuesObject": known}
    source = {"chart": body.get("chart"), "repoURL": body.get("repository"), "targetRevision": body.get("version")}
    spec = {"destination": {"namespace": body.get("namespace")}, "source": {**source, "helm": helm}}
    application = replace(resource, body={"metadata": {}, "spec": spec})
    yield from charts(application)
    yield from installed(application)
