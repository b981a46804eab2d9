"""What a cluster needs before a platform's objects can be applied: Argo CD, and the kinds that its charts bring.

Argo CD installs every chart, itself among them; into a cluster that has none a Job puts its own chart, with the very
values that its application has. The Job runs Argo CD's image, which holds Helm (Dockerfile of argoproj/argo-cd at
v3.4.4), and what it may do goes with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from seawall.components.addons.argo_cd import VERSION
from seawall.components.addons.chart import CONTROLLED, NAMESPACE, PROJECT, WAVE
from seawall.deploy.kubectl import Reached, applied, kubectl, written
from seawall.deploy.run import Run
from seawall.kernel.errors import OutsideError

Kind = tuple[str, str]
"""API group and kind."""
APPLICATION: Final = ("argoproj.io", "Application")
_OWN: Final = "argo-cd"
_JOB: Final = "argo-cd-bootstrap"
_IMAGE: Final = "quay.io/argoproj/argocd"
_OPENED: Final = ("Namespace", "NetworkPolicy")
_LISTED: Final = (
    'jsonpath={range .items[*]}{.spec.group} {.spec.names.kind} {.status.conditions[?(@.type=="Established")].status}'
    '{"\\n"}{end}'
)
_PATIENCE: Final = 900.0
"""Seconds that Argo CD, and then its charts, have to come up: images are pulled, and nodes may have to be made."""
_PAUSE = 5.0


def kind(object: Mapping[str, Any]) -> Kind:
    """Group and kind of an object."""
    return str(object.get("apiVersion", "")).rpartition("/")[0], str(object.get("kind"))


def is_custom(object: Mapping[str, Any]) -> bool:
    """Whether its kind is none of Kubernetes' own, whose groups have no dots or end in k8s.io."""
    group, _ = kind(object)
    return "." in group and not group.endswith(".k8s.io")


def known(run: Run, cluster: Reached) -> set[Kind]:
    """The kinds that the cluster was taught, as far as it takes objects of them already."""
    lines = kubectl(run, "get", "customresourcedefinitions", "-o", _LISTED, cluster=cluster).splitlines()
    parted = [line.split() for line in lines]
    return {(words[0], words[1]) for words in parted if len(words) == 3 and words[2] == "True"}


def prepare(run: Run, cluster: Reached, objects: Sequence[Mapping[str, Any]], name: str) -> None:
    """Have the cluster know every kind that these objects are of, by installing the charts among them.

    ``name`` is what files of them are called. Raises OutsideError, naming the kinds, where nobody brings them in time.
    """
    wanted = {kind(object) for object in objects if is_custom(object)}
    if not wanted:
        return
    missing = wanted - known(run, cluster)
    if not missing:
        return
    charts = [object for object in objects if _is_chart(object)]
    if not charts:
        raise OutsideError(
            f"the cluster does not know {_named(missing)}",
            fix="install what brings them; an add-on of the cluster does that by itself (`cluster.addons`)",
        )
    opened = [object for object in objects if kind(object)[1] in _OPENED]
    applied(run, written(run, f"{name}-namespaces", opened), cluster)
    if APPLICATION in missing:
        _install(run, cluster, charts, name)
    projects = [object for object in objects if _is_project(object)]
    applied(run, written(run, f"{name}-charts", [*projects, *charts]), cluster)
    _wait_for(run, cluster, wanted)
    for chart in charts:
        if int(chart["metadata"].get("annotations", {}).get(WAVE, "0")) <= CONTROLLED:
            # Its webhook has to answer before it is asked about the first object.
            _wait_until_healthy(run, cluster, str(chart["metadata"]["name"]))


def _wait_for(run: Run, cluster: Reached, wanted: set[Kind]) -> None:
    ends = time.monotonic() + _PATIENCE
    while missing := wanted - known(run, cluster):
        if time.monotonic() > ends:
            raise OutsideError(
                f"after {_PATIENCE / 60:.0f} min the cluster does not know {_named(missing)}",
                fix=f"`kubectl -n {NAMESPACE} get applications` says which chart is not there yet; run up again then",
            )
        time.sleep(_PAUSE)


def _wait_until_healthy(run: Run, cluster: Reached, name: str) -> None:
    healthy = "--for=jsonpath={.status.health.status}=Healthy"
    where = ("-n", NAMESPACE, f"--timeout={_PATIENCE:.0f}s")
    kubectl(run, "wait", healthy, f"applications.argoproj.io/{name}", *where, cluster=cluster)


def _install(run: Run, cluster: Reached, charts: Iterable[Mapping[str, Any]], name: str) -> None:
    own = next((chart for chart in charts if chart["spec"]["source"].get("chart") == _OWN), None)
    if own is None:
        raise OutsideError(
            "the cluster has no Argo CD, and the platform does not install it",
            fix=f"add {_OWN} to `cluster.addons`",
        )
    run.say("the cluster has no Argo CD yet; a Job installs it from its own chart")
    file = written(run, f"{name}-bootstrap", bootstrap(own))
    applied(run, file, cluster)
    try:
        _wait_for_job(run, cluster)
    finally:
        # It may do anything in the cluster: nothing of it stays, whatever became of it.
        kubectl(run, "delete", "--ignore-not-found", "--wait=false", "-f", str(file), cluster=cluster)


def _wait_for_job(run: Run, cluster: Reached) -> None:
    ends = time.monotonic() + _PATIENCE
    while True:
        job = json.loads(kubectl(run, "get", "job", _JOB, "-n", NAMESPACE, "-o", "json", cluster=cluster))
        conditions = job.get("status", {}).get("conditions") or ()
        states = {str(one["type"]) for one in conditions if one.get("status") == "True"}
        if "Complete" in states:
            return
        if "Failed" in states or time.monotonic() > ends:
            raise OutsideError("Argo CD could not be installed", _said(run, cluster), fix="mend that and run up again")
        time.sleep(_PAUSE)


def _said(run: Run, cluster: Reached) -> str:
    """What Helm said last; or why even that cannot be had."""
    try:
        return kubectl(run, "logs", f"job/{_JOB}", "-n", NAMESPACE, "--tail=30", cluster=cluster)
    except OutsideError as error:
        return str(error)


def bootstrap(own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The Job that installs Argo CD's chart as its application ``own`` says, with its account, right and values."""
    source = own["spec"]["source"]
    helm = source["helm"]
    metadata = {"name": _JOB, "namespace": NAMESPACE}
    command = [
        *("helm", "upgrade", "--install", helm["releaseName"], source["chart"], "--repo", source["repoURL"]),
        *("--version", source["targetRevision"], "--namespace", NAMESPACE, "--values", "/values/values.json"),
        *("--wait", "--timeout", "10m"),
    ]
    container = {
        "name": "helm",
        "image": f"{_IMAGE}:{VERSION}",
        "command": [str(word) for word in command],
        # Helm keeps what it fetches below its user's home.
        "env": [{"name": "HOME", "value": "/tmp"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": "values", "mountPath": "/values"}, {"name": "home", "mountPath": "/tmp"}],
    }
    pod = {
        "serviceAccountName": _JOB,
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "containers": [container],
        "volumes": [
            {"name": "values", "configMap": {"name": _JOB}},
            {"name": "home", "emptyDir": {"sizeLimit": "256Mi"}},
        ],
    }
    api = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {
            "apiVersion": f"{api}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": _JOB},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": _JOB, "namespace": NAMESPACE}],
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {"values.json": json.dumps(helm["valuesObject"])},
        },
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": {
                "backoffLimit": 2,
                "activeDeadlineSeconds": round(_PATIENCE),
                "template": {"spec": pod},
            },
        },
    ]


def _is_chart(object: Mapping[str, Any]) -> bool:
    return kind(object) == APPLICATION and object["spec"].get("project") == PROJECT


def _is_project(object: Mapping[str, Any]) -> bool:
    return kind(object) == (APPLICATION[0], "AppProject") and object["metadata"]["name"] == PROJECT


def _named(kinds: Iterable[Kind]) -> str:
    return ", ".join(f"{name} ({group})" for group, name in sorted(kinds))
