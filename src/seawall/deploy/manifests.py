"""The Kubernetes half: manifests built with Kustomize, filled with the stacks' outputs, applied where a cluster is.

The emulator has no cluster behind its EKS, so there they are built and checked against their schemas, and the
result says that they were not applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seawall.deploy import charts
from seawall.deploy import kubeconfig as kubeconfigs
from seawall.deploy.kubectl import Reached, applied, kubectl, written
from seawall.deploy.run import Run
from seawall.deploy.workplace import write_files
from seawall.kernel.errors import OutsideError
from seawall.render.kubernetes.yaml_text import yaml_text

_PLACEHOLDER = re.compile(r"\$\{[^{}]+\}")
_WAITED_FOR = ("Deployment", "StatefulSet", "DaemonSet")
_ROLLOUT_TIMEOUT = "--timeout=10m"
_WAITING = ("--ignore-not-found", "--wait", _ROLLOUT_TIMEOUT)
_BALANCED = {"Ingress": "ingresses.networking.k8s.io", "Service": "services"}
# What puts back whatever is taken away.
_SYNCING = frozenset({charts.APPLICATION, ("argoproj.io", "ApplicationSet")})


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the manifests: how many objects were built, how many of them were held against a schema,
    whether they were applied, and why not."""

    objects: int = 0
    checked: int = 0
    applied: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """The manifests of one cluster in one file; ``context`` names the cluster where there are several."""

    file: Path
    context: str = ""
    version: str = ""


NONE = Applied(why_not="there are none")
SKIPPED = Applied(why_not="only some stacks were asked for")


def apply(run: Run, kubeconfig: Path | None) -> Applied:
    """Build the manifests and apply them where there is a cluster, waiting for what they roll out.

    A cluster that does not know their kinds yet gets the charts first that bring them. Raises OutsideError where
    kubectl is missing, a manifest does not fit its schema, an output is missing, or the cluster refuses.
    """
    every = build(run)
    if not every:
        return NONE
    objects = {built: list(_objects(built.file.read_bytes())) for built in every}
    checked = sum(check(inside, built.version) for built, inside in objects.items())
    result = Applied(sum(map(len, objects.values())), checked)
    for built, inside in objects.items():
        cluster = _cluster(run, kubeconfig, built)
        if cluster is None:
            nowhere = "the platform has none"
            if run.cloud.emulator is not None:
                nowhere = "the emulator has none behind its EKS"
            return replace(result, why_not=f"no cluster: {nowhere}")
        charts.prepare(run, cluster, inside, built.file.stem)
        applied(run, built.file, cluster)
        for object in inside:
            _wait_for(run, object, cluster)
    return replace(result, applied=True)


def delete(run: Run, kubeconfig: Path | None) -> None:
    """Take the objects away before their clusters go, so that controllers can remove what they made of them.

    Argo CD's applications go first, or it would put everything back. Then what asks for a load balancer goes and is
    waited for: its controller lives in the cluster too, and a load balancer that it leaves behind keeps interfaces and
    groups in the network, which then cannot be deleted. Of a cluster of the platform's own that is everything in it,
    whoever put it there; in one that was named by a kubeconfig, what is the platform's alone. Objects of other
    controllers, such as pools of nodes, go before the namespaces in which these controllers run.
    """
    if kubeconfig is None and run.cloud.emulator is not None:
        return
    for built in _overlays(run):
        cluster = _cluster(run, kubeconfig, built) if built.file.is_file() else None
        if cluster is not None:
            there = _known(run, list(_objects(built.file.read_bytes())), cluster)
            syncing = [object for object in there if charts.kind(object) in _SYNCING]
            _delete(run, f"{built.file.stem}-syncing", syncing, cluster)
            for kind, namespace, names in _balanced(run, built, cluster, whole=kubeconfig is None):
                kubectl(run, "delete", kind, *names, "-n", namespace, *_WAITING, cluster=cluster)
            left = [object for object in there if charts.kind(object) not in _SYNCING]
            custom = [object for object in left if charts.is_custom(object)]
            _delete(run, f"{built.file.stem}-custom", custom, cluster)
            rest = [object for object in left if not charts.is_custom(object)]
            _delete(run, f"{built.file.stem}-rest", rest, cluster)


def _known(run: Run, objects: list[Mapping[str, Any]], cluster: Reached) -> list[Mapping[str, Any]]:
    """Those of a kind that the cluster knows; of others it has none, and kubectl would stop at the first."""
    if not any(charts.is_custom(object) for object in objects):
        return objects
    known = charts.known(run, cluster)
    return [object for object in objects if not charts.is_custom(object) or charts.kind(object) in known]


def _delete(run: Run, name: str, objects: list[Mapping[str, Any]], cluster: Reached) -> None:
    if objects:
        kubectl(run, "delete", *_WAITING, "-f", str(written(run, name, objects)), cluster=cluster)


def _balanced(run: Run, built: Built, cluster: Reached, *, whole: bool) -> list[tuple[str, str, list[str]]]:
    """What asks for a load balancer, as kind, namespace and names; of the ``whole`` cluster, or of what was built."""
    objects: Iterable[Mapping[str, Any]] = _objects(built.file.read_bytes())
    if whole:
        kinds = ",".join(_BALANCED.values())
        objects = json.loads(kubectl(run, "get", kinds, "--all-namespaces", "-o", "json", cluster=cluster))["items"]
    found: dict[tuple[str, str], list[str]] = {}
    for object in objects:
        kind = str(object.get("kind"))
        if kind == "Ingress" or (kind == "Service" and object.get("spec", {}).get("type") == "LoadBalancer"):
            metadata = object["metadata"]
            place = (_BALANCED[kind], str(metadata.get("namespace", "default")))
            found.setdefault(place, []).append(str(metadata["name"]))
    return [(kind, namespace, sorted(names)) for (kind, namespace), names in sorted(found.items())]


def _wait_for(run: Run, object: Mapping[str, Any], cluster: Reached) -> None:
    """Wait until a workload is rolled out; other objects are there as soon as they are taken."""
    kind, metadata = str(object.get("kind")), object["metadata"]
    inside = ("-n", str(metadata.get("namespace", "default")), _ROLLOUT_TIMEOUT)
    if kind in _WAITED_FOR:
        kubectl(run, "rollout", "status", f"{kind.lower()}/{metadata['name']}", *inside, cluster=cluster)
    elif kind == "Rollout":
        healthy = "--for=jsonpath={.status.phase}=Healthy"
        name = f"rollouts.argoproj.io/{metadata['name']}"
        kubectl(run, "wait", healthy, name, *inside, cluster=cluster)


def build(run: Run) -> list[Built]:
    """Fill in the outputs and build the environment's overlays into one file a cluster."""
    overlays = _overlays(run)
    if not overlays:
        return []
    base = run.place.run / "kubernetes"
    files = [(path, content) for path, content in run.rendered.files if path.startswith("kubernetes/")]
    values = _Values(run)
    write_files(base, ((path.removeprefix("kubernetes/"), values.fill(path, content)) for path, content in files))
    for built in overlays:
        text = kubectl(run, "kustomize", str(base / "overlays" / run.place.environment / built.context))
        built.file.touch(mode=0o600)
        built.file.write_text(text, encoding="utf-8")
    return overlays


def _overlays(run: Run) -> list[Built]:
    """What is built: one overlay of the environment, or one a cluster in a folder of the cluster's name."""
    overlay = f"kubernetes/overlays/{run.place.environment}"
    found = {path.removeprefix(f"{overlay}/") for path, _ in run.rendered.files if path.startswith(f"{overlay}/")}
    versions = {str(body["name"]): str(body.get("version", "")) for _, body in kubeconfigs.clusters(run.rendered)}
    if "kustomization.yaml" in found:
        return [Built(run.place.run / "manifests.yaml", "", next(iter(versions.values()), ""))]
    names = sorted({path.partition("/")[0] for path in found})
    return [Built(run.place.run / f"manifests-{name}.yaml", name, versions.get(name, "")) for name in names]


def check(objects: Iterable[Mapping[str, Any]], version: str = "") -> int:
    """Hold Kubernetes' own kinds against their schema and return how many were; none where the checker is absent.

    ``version`` is that of the cluster, ``1.36``; without one it is the newest that the checker knows. Raises
    OutsideError naming the first object that does not fit.
    """
    try:
        import kubernetes_validate as checker
    except ImportError:
        return 0
    checked = 0
    for object in objects:
        name = f"{object.get('kind')} {object.get('metadata', {}).get('name')}"
        try:
            checker.validate(dict(object), version or checker.latest_version(), strict=True)
        except checker.SchemaNotFoundError:
            continue  # a custom resource; its schema is its operator's
        except checker.ValidationError as error:
            raise OutsideError(f"{name} does not fit its schema", str(error)) from None
        checked += 1
    return checked


class _Values:
    """The values of the references in manifests, read from the stacks' outputs."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._outputs: dict[str, Mapping[str, Any]] = {}

    def fill(self, path: str, content: bytes) -> bytes:
        """A file with its references replaced by their values; one without any stays the same to the byte."""
        known = self._run.rendered.values
        if not any(text in known for text in _PLACEHOLDER.findall(content.decode())):
            return content
        import yaml

        # PyYAML would write "y" and "08" without quotes, and kubectl would not take them for strings.
        return yaml_text(*(self._fill(path, document) for document in yaml.safe_load_all(content)))

    def _fill(self, path: str, value: Any) -> Any:
        match value:
            case dict():
                return {key: self._fill(path, item) for key, item in value.items()}
            case list():
                return [self._fill(path, item) for item in value]
            case str():
                return _PLACEHOLDER.sub(lambda match: self._value(path, match[0]), value)
            case _:
                return value

    def _value(self, path: str, text: str) -> str:
        source = self._run.rendered.values.get(text)
        if source is None:
            return text  # `${...}` of another language, such as a shell's
        stack, output = source
        if stack not in self._outputs:
            state = self._run.states.read(self._run.rendered.stacks[stack].backend)
            self._outputs[stack] = state.outputs if state else {}
        value = self._outputs[stack].get(output)
        if value is None:
            raise OutsideError(
                f"{path} needs {text}, and stack {stack} has no output {output} that may be shown",
                fix=f"bring the stack up again (`--stack {stack}`); a sensitive value belongs into a secret store",
            )
        return str(value)


def _objects(content: bytes) -> Iterator[Mapping[str, Any]]:
    import yaml

    for document in yaml.safe_load_all(content):
        if isinstance(document, dict):
            yield document


def _cluster(run: Run, kubeconfig: Path | None, built: Built) -> Reached | None:
    if kubeconfig is None:
        kubeconfig = None if run.cloud.emulator is not None else kubeconfigs.write(run, built.context)
    return Reached(kubeconfig, built.context) if kubeconfig else None
