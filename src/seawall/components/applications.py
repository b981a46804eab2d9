"""What Argo CD is told: projects that bound what may be applied, and the applications of the platform's own components.

Fields and their meaning: docs/operator-manual/project-specification.md, docs/user-guide/sync_windows.md and
docs/operator-manual/applicationset/Template.md of argoproj/argo-cd.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seawall.components.namespaces import FIRST
from seawall.components.offer import Held
from seawall.components.scope import Scope
from seawall.components.secrets import EVERY, STORE
from seawall.components.workload import Workload
from seawall.graph.resource import Resource

if TYPE_CHECKING:
    from seawall.components.delivery import Delivery

NAMESPACE = "argocd"
HERE = "https://kubernetes.default.svc"
"""What Argo CD calls the cluster that it runs in."""
GROUP = "delivery"
"""Whom the cluster takes a pipeline for; it may have these applications synced, and nothing else."""
_API = "argoproj.io/v1alpha1"
_COMPONENT = "app.kubernetes.io/name"
_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_REPLICAS = "/spec/replicas"
# Kinds grow past what kubectl's own annotation can hold, so the server merges; what is gone goes last. Kinds that a
# chart of an earlier wave brings are not there yet when everything is tried beforehand.
_OPTIONS = ("ServerSideApply=true", "PruneLast=true", "FailOnSharedResource=true", "SkipDryRunOnMissingResource=true")
_RETRY = {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "3m"}}
_KEPT = 10
"""How many earlier versions an application remembers, to go back to."""


@dataclass(frozen=True, slots=True)
class Application:
    """One folder of the repository that is kept applied; ``automated`` says that no person has to agree.

    ``members`` are the components whose objects it holds, None for all that no other application has; ``generated``
    says that the ApplicationSet makes it.
    """

    name: str
    project: str
    folder: str
    environment: str
    automated: bool
    members: frozenset[str] | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class _Contents:
    """The objects of an application: where they lie, of which kinds they are, what else sets their replicas."""

    namespaces: Counter[str]
    namespaced: frozenset[tuple[str, str]]
    cluster_wide: frozenset[tuple[str, str]]
    ignored: tuple[tuple[str, str, str, str], ...]


def applications(scope: Scope, delivery: Delivery) -> tuple[Application, ...]:
    """The applications of the scope's cluster: what is platform, what is shared, and, by namespace, each service."""
    platform = scope.platform
    stages = delivery.stages_here(scope)
    own = [name for name in platform.components if not type(scope.component(name)).section]
    automated = all(stage.chained and not stage.approval for stage in stages)
    by_namespace = {stage.namespace: stage for stage in stages if stage.namespace}
    found: list[Application] = []
    for name, workload in scope.every(Workload).items():  # type: ignore[type-abstract]
        stage = by_namespace.get(workload.pods(scope.at(name)).namespace)
        if stage is not None:
            folder = delivery.folder(scope, name)
            free = stage.chained and not stage.approval
            members = frozenset({name})
            found.append(Application(name, platform.name, folder, stage.name, free, members, generated=True))
    released = frozenset(application.name for application in found)
    shared = frozenset(own) - released
    if shared:
        folder = delivery.folder(scope, platform.name)
        found.insert(0, Application(platform.name, platform.name, folder, platform.environment, automated, shared))
    name = f"{platform.name}-platform"
    found.insert(0, Application(name, name, delivery.folder(scope, name), platform.environment, automated))
    return tuple(found)


def application_of(found: Sequence[Application], body: Mapping[str, Any]) -> Application:
    """The application that an object belongs to, by the component that its labels name."""
    component = (body["metadata"].get("labels") or {}).get(_COMPONENT)
    rest = next(application for application in found if application.members is None)
    return next((one for one in found if one.members is not None and component in one.members), rest)


def objects(scope: Scope, delivery: Delivery, made: Sequence[Resource]) -> Iterator[Resource]:
    """Projects, applications and the right to have them synced; ``made`` is everything else, in every cluster."""
    found = applications(scope, delivery)
    clusters = ((resource, resource.address.as_kubernetes()) for resource in made if resource.is_kubernetes)
    manifests = [resource for resource, parts in clusters if parts and parts.cluster == scope.cluster_name]
    parts: dict[str, list[Resource]] = {application.name: [] for application in found}
    for resource in manifests:
        parts[application_of(found, resource.body).name].append(resource)
    rest = next(application.name for application in found if application.members is None)
    own = [
        *(_application(scope, delivery, one, _contents(parts[one.name])) for one in found if not one.generated),
        *_set(scope, delivery, [one for one in found if one.generated], parts),
        *_rights(scope, found),
    ]
    # Its own objects are part of what the platform's application holds; projects are of a kind that it must know, too.
    parts[rest] += own
    known = {name: _contents(inside) for name, inside in parts.items()}
    yield from own
    for project in dict.fromkeys(application.project for application in found):
        members = [application for application in found if application.project == project]
        extra = [("argoproj.io", "AppProject")] if rest in {member.name for member in members} else []
        yield _project(scope, delivery, project, members, [known[member.name] for member in members], extra)


def _contents(inside: Sequence[Resource]) -> _Contents:
    namespaces: Counter[str] = Counter()
    kinds: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    workloads: dict[tuple[str, str], set[tuple[str, str]]] = {}
    scaled: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for resource in inside:
        body = resource.body
        namespace, name = str(body["metadata"].get("namespace", "")), str(body["metadata"]["name"])
        kind = (_group(body["apiVersion"]), str(body["kind"]))
        kinds[bool(namespace)].add(kind)
        workloads.setdefault(kind, set()).add((namespace, name))
        if namespace:
            namespaces[namespace] += 1
        if body["kind"] in _SCALERS:
            target = body["spec"]["scaleTargetRef"]
            whose = (_group(target.get("apiVersion", "apps/v1")), str(target.get("kind", "Deployment")))
            scaled.setdefault(whose, set()).add((namespace, str(target["name"])))
    ignored: list[tuple[str, str, str, str]] = []
    for kind, names in sorted(scaled.items()):
        # Of a kind that an autoscaler scales throughout, names say nothing more.
        every = names >= workloads.get(kind, set())
        ignored += [(*kind, "", "")] if every else [(*kind, namespace, name) for namespace, name in sorted(names)]
    return _Contents(namespaces, frozenset(kinds[True]), frozenset(kinds[False]), tuple(ignored))


def _group(api_version: str) -> str:
    return str(api_version).rpartition("/")[0]


def _application(scope: Scope, delivery: Delivery, application: Application, contents: _Contents) -> Resource:
    spec = _spec(delivery, application.project, application.folder, _home(contents), contents.ignored)
    spec["syncPolicy"] = _policy(contents.ignored, automated=application.automated)
    return scope.object(
        _API,
        "Application",
        application.name,
        {"spec": spec},
        namespace=NAMESPACE,
        labels={"environment": application.environment},
        annotations=_ANNOTATIONS,
    )


# One repository holds everything: what lies elsewhere in it does not concern an application.
_ANNOTATIONS = {"argocd.argoproj.io/manifest-generate-paths": "."}


def _home(contents: _Contents) -> str:
    """The namespace with the most objects; those that say another go there all the same."""
    return min(contents.namespaces, key=lambda name: (-contents.namespaces[name], name), default=NAMESPACE)


def _spec(
    delivery: Delivery, project: str, folder: str, namespace: str, ignored: Iterable[tuple[str, str, str, str]]
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "project": project,
        "source": {"repoURL": delivery.repository, "path": folder, "targetRevision": delivery.branch},
        "destination": {"server": HERE, "namespace": namespace},
        "revisionHistoryLimit": _KEPT,
    }
    if differences := [_difference(*one) for one in ignored]:
        spec["ignoreDifferences"] = differences
    return spec


def _difference(group: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
    where = {"namespace": namespace, "name": name} if name else {}
    return {"group": group, "kind": kind, **where, "jsonPointers": [_REPLICAS]}


def _policy(ignored: Sequence[object], *, automated: bool) -> dict[str, Any]:
    options = [*_OPTIONS, *(["RespectIgnoreDifferences=true"] if ignored else [])]
    policy: dict[str, Any] = {"syncOptions": options, "retry": _RETRY}
    return {"automated": {"prune": True, "selfHeal": True}} | policy if automated else policy


def _set(
    scope: Scope, delivery: Delivery, generated: Sequence[Application], parts: Mapping[str, Sequence[Resource]]
) -> Iterator[Resource]:
    """One set for all services: for each stage a matrix of the stage and its services, with the stage's own policy.

    A generator's own template says what differs, so that the whole stays data: a patch would be a text.
    """
    if not generated:
        return
    stages: dict[tuple[Any, ...], list[str]] = {}
    for application in generated:
        contents = _contents(parts[application.name])
        key = (application.environment, _home(contents), application.automated, contents.ignored)
        stages.setdefault(key, []).append(application.name)
    generators = []
    for (environment, namespace, automated, ignored), names in stages.items():
        stage = {"environment": environment, "namespace": namespace}
        template = _template(scope, delivery, ignored)
        template["spec"]["syncPolicy"] = _policy(ignored, automated=automated)
        services = [{"application": name} for name in sorted(names)]
        matrix = [{"list": {"elements": [stage]}}, {"list": {"elements": services}}]
        generators.append({"matrix": {"generators": matrix, "template": template}})
    spec = {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": generators,
        "template": _template(scope, delivery, ()),
        # Whoever takes the set away must not take every service with it.
        "syncPolicy": {"preserveResourcesOnDeletion": True},
    }
    yield scope.object(_API, "ApplicationSet", f"{scope.platform.name}-services", {"spec": spec}, namespace=NAMESPACE)


def _template(scope: Scope, delivery: Delivery, ignored: Iterable[tuple[str, str, str, str]]) -> dict[str, Any]:
    folder = delivery.folder(scope, "{{ .application }}")
    labels = scope.labels() | {"environment": "{{ .environment }}"}
    metadata = {"name": "{{ .application }}", "labels": labels, "annotations": _ANNOTATIONS}
    return {
        "metadata": metadata,
        "spec": _spec(delivery, scope.platform.name, folder, "{{ .namespace }}", ignored),
    }


def repository(scope: Scope, url: str, kept: Held, keys: Mapping[str, str]) -> Resource:
    """How a private repository is asked: a Secret that Argo CD finds by its label, filled from Secrets Manager.

    ``keys`` are what Argo CD calls each value -> the key under which it is kept.
    """
    template = {
        "mergePolicy": "Merge",
        "metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}},
        "data": {"type": "git", "url": url},
    }
    spec = {
        "refreshInterval": EVERY,
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "target": {"name": "repository", "creationPolicy": "Owner", "deletionPolicy": "Retain", "template": template},
        "data": [
            {"secretKey": theirs, "remoteRef": {"key": kept.secret, "property": ours}} for theirs, ours in keys.items()
        ],
    }
    return scope.object("external-secrets.io/v1", "ExternalSecret", "repository", {"spec": spec}, namespace=NAMESPACE)


def _project(
    scope: Scope,
    delivery: Delivery,
    name: str,
    members: Sequence[Application],
    contents: Sequence[_Contents],
    extra: Sequence[tuple[str, str]],
) -> Resource:
    """A project of this one repository, the namespaces and the kinds that its applications hold, and no others."""
    namespaces = sorted({namespace for one in contents for namespace in one.namespaces} | {_home(contents[0])})
    spec: dict[str, Any] = {
        "description": f"What {scope.platform.name} comes to in {scope.platform.environment}",
        "sourceRepos": [delivery.repository],
        "destinations": [{"server": HERE, "namespace": namespace} for namespace in namespaces],
        "namespaceResourceWhitelist": _kinds({kind for one in contents for kind in one.namespaced} | set(extra)),
        "clusterResourceWhitelist": _kinds({kind for one in contents for kind in one.cluster_wide}),
    }
    if asked := sorted(member.name for member in members if not member.automated):
        # Whatever an application says of itself: at no time is one of these synced but by somebody.
        always = {"kind": "deny", "schedule": "* * * * *", "duration": "24h", "manualSync": True}
        spec["syncWindows"] = [{**always, "applications": asked}]
    return scope.object(_API, "AppProject", name, {"spec": spec}, namespace=NAMESPACE, annotations=FIRST)


def _kinds(kinds: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"group": group, "kind": kind} for group, kind in sorted(kinds)]


def _rights(scope: Scope, found: Iterable[Application]) -> Iterator[Resource]:
    """What a pipeline may do in the cluster: look at these applications, and have them synced."""
    rule = {
        "apiGroups": ["argoproj.io"],
        "resources": ["applications"],
        "resourceNames": sorted(application.name for application in found),
        "verbs": ["get", "list", "watch", "patch"],
    }
    api = "rbac.authorization.k8s.io"
    yield scope.object(f"{api}/v1", "Role", GROUP, {"rules": [rule]}, namespace=NAMESPACE)
    binding = {
        "roleRef": {"apiGroup": api, "kind": "Role", "name": GROUP},
        "subjects": [{"kind": "Group", "apiGroup": api, "name": GROUP}],
    }
    yield scope.object(f"{api}/v1", "RoleBinding", GROUP, binding, namespace=NAMESPACE)
