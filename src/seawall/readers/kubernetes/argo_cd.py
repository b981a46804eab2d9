"""Argo CD: which folder of which repository is kept applied, by whom, and when not."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.delivery import Syncs, Withholds
from seawall.facts.fact import Fact, Link
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.application_sets import NotTold, generated
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, Fields, Manifest, namespace_address
from seawall.readers.registry import reads

_HERE = frozenset({"", "in-cluster", "https://kubernetes.default.svc"})
_APPLICATION = "argoproj.io/v1alpha1/Application"
# How long a window of these schedules has to be to last until the next one opens; of others nothing is concluded.
_GAPLESS = {"* * * * *": 60, "0 * * * *": 3600, "0 0 * * *": 86400}
_UNITS = {"s": 1, "m": 60, "h": 3600}


@reads(_APPLICATION)
def application(resource: Resource) -> Iterator[Fact]:
    """An application; ``automated`` may be empty and is on all the same, pruning and self-healing are off by default.

    One with several sources syncs each of them.
    """
    yield from _syncs(resource, None)


@reads("argoproj.io/v1alpha1/ApplicationSet")
def application_set(resource: Resource) -> Iterator[Fact]:
    """Each application that lists and matrices of lists make.

    What other generators make depends on what is elsewhere: then the set itself syncs something unknown.
    """
    body = Manifest(resource)
    for made in generated(body.spec.body):
        if isinstance(made, NotTold):
            why = Unknown(f"{resource.address}.{made.path}", why=made.why)
            template = Resource(resource.address, _APPLICATION, made.template, resource.origin)
            yield from _syncs(template, why, patched=made.patched)
            continue
        metadata = made.get("metadata") or {}
        address = Address.kubernetes(body.cluster, "Application", body.namespace, str(metadata.get("name", "")))
        yield from _syncs(Resource(address, _APPLICATION, made, resource.origin), None)


def _syncs(resource: Resource, somewhere: Unknown | None, *, patched: bool = False) -> Iterator[Fact]:
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
    namespace: Link = namespace_address(cluster, destination.string("namespace", DEFAULT_NAMESPACE))
    if somewhere is not None:
        namespace = somewhere
    for source in (*spec.blocks("source"), *spec.blocks("sources")):
        yield Syncs(
            resource.address,
            namespace,
            source.string("repoURL"),
            source.string("path") or source.string("chart"),
            source.string("targetRevision", "HEAD"),
            somewhere if somewhere is not None and patched else on,
            on and automated.flag("selfHeal") is True,
            on and automated.flag("prune") is True,
            tuple(ignores),
            "RespectIgnoreDifferences=true" in policy.strings("syncOptions"),
            body.sibling("AppProject", spec.string("project", "default")),
            dict(body.labels_of_object).get("environment", ""),
        )


@reads("argoproj.io/v1alpha1/AppProject")
def project(resource: Resource) -> Iterator[Fact]:
    """The windows of a project that are never closed, deny, and let only syncs through that somebody asks for."""
    for window in Manifest(resource).spec.blocks("syncWindows"):
        lasts = _GAPLESS.get(window.string("schedule"))
        if lasts is None or window.string("kind") != "deny" or window.flag("manualSync") is not True:
            continue
        if _seconds(window) >= lasts and not window.flag("andOperator"):
            named = (window.strings(field) for field in ("applications", "namespaces", "clusters"))
            yield Withholds(resource.address, *named)


def _seconds(window: Fields) -> int:
    """A duration of one number and one unit; of another shape nothing is concluded."""
    spelled = window.string("duration")
    number, unit = spelled[:-1], spelled[-1:]
    return int(number) * _UNITS[unit] if number.isdecimal() and unit in _UNITS else 0
