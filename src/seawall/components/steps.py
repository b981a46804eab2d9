"""What the first steps of several runbook pages have in common: who needs a thing, and how pods are started anew."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.offer import Pods
from seawall.components.scope import Scope
from seawall.kernel.address import Address


def users(scope: Scope) -> Iterator[Pods]:
    """The long-running pods that need the component; jobs come and go by themselves."""
    for name in scope.seekers():
        pods = scope.component(name).pods(scope.at(name))
        if pods is not None and _kind(pods.workload) in ("Deployment", "Rollout", "StatefulSet"):
            yield pods


def anew(scope: Scope) -> tuple[str, ...]:
    """The step that starts everything anew that needs the component; none where nothing does."""
    commands = [restart(pods) for pods in users(scope)]
    return (f"Pods that still hold dead connections after that: {', '.join(commands)}.",) if commands else ()


def back(scope: Scope) -> tuple[str, ...]:
    """The step that takes back the newest release of what needs the component; none where nothing does."""
    commands = [undo(pods) for pods in users(scope)]
    if not commands:
        return ()
    return (f"Whether it began with a release; if so, take that back: {', '.join(commands)}.",)


def restart(pods: Pods) -> str:
    """The command that starts pods anew, one after another."""
    kind, name = _kind(pods.workload), _name(pods.workload)
    if kind == "Rollout":
        return f"`kubectl argo rollouts restart {name} -n {pods.namespace}`"
    return f"`kubectl -n {pods.namespace} rollout restart {kind.lower()}/{name}`"


def undo(pods: Pods) -> str:
    """The command that goes back to the release before."""
    kind, name = _kind(pods.workload), _name(pods.workload)
    if kind == "Rollout":
        return f"`kubectl argo rollouts undo {name} -n {pods.namespace}`"
    return f"`kubectl -n {pods.namespace} rollout undo {kind.lower()}/{name}`"


def look(pods: Pods) -> str:
    """The command that lists the pods, with their restarts and nodes."""
    return f"`kubectl -n {pods.namespace} get pods -l {_selector(pods)} -o wide`"


def _selector(pods: Pods) -> str:
    return ",".join(f"{key}={value}" for key, value in pods.labels)


def logs(pods: Pods, *, before: bool = False) -> str:
    """The command that shows the newest lines of all pods; ``before`` those of the containers that ended."""
    return f"`kubectl -n {pods.namespace} logs -l {_selector(pods)} --tail 100{' --previous' if before else ''}`"


def fetch(pods: Pods, path: str) -> str:
    """The commands that ask a pod itself for a page, past everything that stands before it."""
    forward = f"kubectl -n {pods.namespace} port-forward service/{_name(pods.workload)} 8080:http"
    return f"`{forward}` and, beside it, `curl -sSi localhost:8080{path}`"


def _kind(workload: Address) -> str:
    found = workload.as_kubernetes()
    return found.kind if found is not None else ""


def _name(workload: Address) -> str:
    found = workload.as_kubernetes()
    return found.name if found is not None else ""
