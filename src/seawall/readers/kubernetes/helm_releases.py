"""Charts that something else than Argo CD installs, such as a stack of the CDK or Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Text, Unknown
from seawall.readers.kubernetes.chart_values import is_hidden, laid_over, parsed_around_holes
from seawall.readers.kubernetes.charts import charts
from seawall.readers.kubernetes.controllers import installed
from seawall.readers.registry import reads

_SECRETLY: Final = ("set_list", "set_sensitive", "set_wo")


@reads("file/helm-release")
def release(resource: Resource) -> Iterator[Fact]:
    """The chart and its controllers, which are what an application of the same chart would install."""
    body = resource.body
    values = body.get("values")
    helm: dict[str, Any] = {"valuesObject": values if isinstance(values, Mapping) else {}}
    if isinstance(values, str | Text):
        helm = {"values": values}
    elif isinstance(values, list | tuple):
        helm = {"valuesObject": laid_over(parsed_around_holes(each) for each in values)}
    if any(map(is_hidden, values if isinstance(values, list | tuple) else (values,))):
        helm["valueFiles"] = ["not known"]
    set_one_by_one = body.get("set")
    if isinstance(set_one_by_one, list | tuple | Mapping):
        helm["parameters"] = [set_one_by_one] if isinstance(set_one_by_one, Mapping) else list(set_one_by_one)
    if isinstance(set_one_by_one, Unknown) or any(body.get(name) not in (None, "", [], ()) for name in _SECRETLY):
        helm["valueFiles"] = ["not known"]
    source = {
        "chart": _name(body.get("chart")),
        "repoURL": body.get("repository"),
        "targetRevision": body.get("version"),
    }
    spec = {"destination": {"namespace": body.get("namespace")}, "source": {**source, "helm": helm}}
    application = replace(resource, body={"metadata": {}, "spec": spec})
    yield from charts(application)
    yield from installed(application)


def _name(chart: Any) -> Any:
    """A chart's own name: the last part of what a registry or an archive calls it."""
    if not isinstance(chart, str):
        return chart
    return re.sub(r"-v?\d[^/]*\.tgz$", "", chart.rstrip("/").rpartition("/")[2])
