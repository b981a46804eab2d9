"""Prometheus' own configuration: the servers that it is told to ask by their names.

The grammar is that of prometheus.io, "Configuration": ``scrape_config``, ``static_config``, ``relabel_config``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.facts.application import Connects
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Unknown
from seawall.kernel.yaml_documents import yaml_documents
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

_LARGEST: Final = 1_000_000
"""Characters of a ConfigMap, says Kubernetes: more than 1 MiB is refused."""
_TARGET: Final = re.compile(r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*)(?::(?P<port>\d{1,5}))?")
_LOCAL: Final = ("localhost", "127.0.0.1")
_LEAVING_OUT: Final = ("keep", "drop", "keepequal", "dropequal")
"""Actions of relabelling after which a target may not be asked at all."""


@reads("v1/ConfigMap")
def prometheus_config_map(resource: Resource) -> Iterator[Fact]:
    """The servers that each Prometheus configuration of a ConfigMap lists, for whoever mounts it."""
    data = Manifest(resource).block("data")
    for key in data.body:
        text = data.text(key) if key.endswith((".yml", ".yaml")) else ""
        if not isinstance(text, str) or "static_configs" not in text or len(text) > _LARGEST:
            continue
        what = f"{resource.address}.data.{key}"
        try:
            found = [document.data for document in yaml_documents(text, what)]
        except InputError as error:
            why = f"the file cannot be read: {error.problems[0].what}"
            yield Connects(resource.address, Unknown(what, why=why), Unknown(what, why=why), what, True)
            continue
        for document in found:
            for job in _mappings(document, "scrape_configs"):
                yield from _asked(resource.address, what, job)


def _asked(of: Address, what: str, job: Mapping[str, Any]) -> Iterator[Connects]:
    """The targets of a job, unless it asks them through a proxy, or relabels them into others or away."""
    relabelled = any(
        rule.get("target_label") == "__address__" or rule.get("action") in _LEAVING_OUT
        for rule in _mappings(job, "relabel_configs")
    )
    if relabelled or any(name.startswith("proxy_") for name in job if isinstance(name, str)):
        return
    for listed in _mappings(job, "static_configs"):
        targets = listed.get("targets")
        for target in targets if isinstance(targets, list) else ():
            match = _TARGET.fullmatch(target) if isinstance(target, str) else None
            if match is not None and match["host"] not in _LOCAL:
                port = int(match["port"]) if match["port"] else 443 if job.get("scheme") == "https" else 80
                yield Connects(of, Address.host(match["host"]), port, f"{what}: job {job.get('job_name')}", True)


def _mappings(value: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list that stands under a name."""
    listed = value.get(name) if isinstance(value, Mapping) else None
    return (each for each in listed if isinstance(each, Mapping)) if isinstance(listed, list) else iter(())
