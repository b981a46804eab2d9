"""Kubernetes manifests, plain or built by Kustomize, as resources of one cluster."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from os.path import isdir, normpath, relpath
from pathlib import Path
from typing import Any, Final

from seawall.graph.resource import Resource
from seawall.ingest.cloudformation.template import is_template
from seawall.ingest.folders import entries
from seawall.ingest.placeholders import settle, settle_all
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.json_documents import json_document
from seawall.kernel.origin import Origin
from seawall.kernel.value import SECRET, Unknown
from seawall.kernel.yaml_documents import yaml_documents
from seawall.readers.kubernetes.containers import sensitive
from seawall.readers.kubernetes.objects import address_of, type_of

MAX_BYTES: Final = 20_000_000
"""The largest text taken; bundles of a controller's definitions have a few million bytes."""
KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_NAME = re.compile(r"[^\s/\x00-\x1f%]{1,253}")
_VERSION = re.compile(r"(?:[a-z0-9.-]+/)?[A-Za-z0-9]+")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ORIGIN = "config.kubernetes.io/origin"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_FROM_THE_SERVER = frozenset(
    {"creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)


def manifests(
    source: Path | str,
    cluster: str,
    *,
    environment: str | None = None,
    clusters: Sequence[str] = (),
    file: str = "-",
) -> Iterator[Resource]:
    """The objects of a file, of a folder, or of a text (a ``str``, which ``file`` names in messages).

    A folder with a kustomization is built by ``kubectl kustomize``; of a folder that holds several, those are built
    that no other includes, and of overlays the one that ``environment`` names. Other YAML in a folder is left alone
    unless it is a manifest. References are settled, values of secrets and what only a server fills in are left out.

    Everything belongs to ``cluster``, but for what lies in a folder named like one of ``clusters``. An empty
    ``cluster`` says that there are several, and what is in no such folder could be of any. Raises InputError for
    that, and with file and line for what is no manifest; OutsideError if kubectl is missing or fails.
    """
    if isinstance(source, str):
        yield from _read(source, file, cluster, strict=True)
    elif source.is_dir():
        yield from _folder(source, cluster, environment, clusters)
    else:
        yield from _file(source, _one_of(cluster, clusters, source), strict=True)


def _file(path: Path, cluster: str, *, strict: bool) -> Iterator[Resource]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            if path.suffix == ".json" and not strict:
                return  # a plan, a report or a lock file; manifests of that size are refused in YAML
            raise InputError(f"the file has {size:,} bytes; manifests may have {MAX_BYTES:,}", origin=Origin(str(path)))
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", origin=Origin(str(path))) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(str(path))) from None
    if not strict and "apiVersion" not in text:
        return  # configuration of something else, which may not even be YAML
    if not strict and is_template(path):
        return
    yield from _read(text, str(path), cluster, strict=strict)


def _one_of(cluster: str, clusters: Sequence[str], source: Path) -> str:
    if source.name in clusters:
        return source.name
    if not cluster:
        raise InputError(
            f"the input holds several clusters ({', '.join(clusters)}), and manifests belong to one",
            fix="name it with --cluster, give each cluster's manifests by themselves, or name their folders like it",
            origin=Origin(str(source)),
        )
    return cluster


def _folder(folder: Path, cluster: str, environment: str | None, clusters: Sequence[str]) -> Iterator[Resource]:
    files, kustomizations = _walk(folder)
    described = {path: list(_described(path)) for path in kustomizations}
    included = {target for path, found in described.items() for target in _included(path, found)}
    roots = [
        path
        for path, found in described.items()
        # A component is a part that only an overlay can take up.
        if path.resolve() not in included and not any(data.get("kind") == "Component" for data in found)
    ]
    for root in _chosen(folder, roots, environment):
        yield from kustomized(root, _one_of(cluster, clusters, root))
    for path in files:
        inside = next((above for above in _above(path, folder) if above.name in clusters), path)
        for resource in _file(path, inside.name if inside != path else cluster, strict=False):
            _one_of(cluster, clusters, inside)
            yield resource


def _above(path: Path, folder: Path) -> Iterator[Path]:
    """The folders between a file and the folder that was given, that one included, the nearest first."""
    for above in path.parents:
        yield above
        if above == folder:
            return


def _walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """The loose files, and the folders with a kustomization, whose files are Kustomize's business."""
    files: list[Path] = []
    kustomizations: list[Path] = []
    waiting = [(folder, False)]
    while waiting:
        current, owned = waiting.pop(0)
        found, folders = entries(current)
        names = {entry.name for entry in found}
        if not names.isdisjoint(KUSTOMIZATIONS):
            kustomizations.append(current)
            owned = True
        if not owned:
            files += (entry for entry in found if entry.suffix in _SUFFIXES and not entry.name.endswith(".tf.json"))
        chart = "Chart.yaml" in names
        waiting += ((entry, owned) for entry in folders if not (chart and entry.name == "templates"))
    return files, kustomizations


def _described(folder: Path) -> Iterator[Mapping[str, Any]]:
    """What a folder's kustomization says."""
    for name in KUSTOMIZATIONS:
        path = folder / name
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read {path}: {error}", origin=Origin(str(path))) from None
        for document in yaml_documents(text, str(path)):
            if isinstance(document.data, Mapping):
                yield document.data


def _included(folder: Path, described: list[Mapping[str, Any]]) -> Iterator[Path]:
    """The folders that a kustomization names."""
    for data in described:
        for field in ("resources", "bases", "components"):
            named = data.get(field)
            for item in named if isinstance(named, list) else ():
                if isinstance(item, str) and isdir(folder / item):
                    yield (folder / item).resolve()


def _environment(root: Path, folder: Path) -> str:
    """The environment whose overlay, or whose overlay for one cluster, a folder is; empty for any other folder."""
    if root == folder:
        return ""
    if root.parent.name == "overlays":
        return root.name
    return root.parent.name if root.parent.parent.name == "overlays" and root.parent != folder else ""


def _chosen(folder: Path, roots: list[Path], environment: str | None) -> list[Path]:
    named = {root: _environment(root, folder) for root in roots}
    overlays = [root for root, name in named.items() if name]
    known = ", ".join(sorted({named[root] for root in overlays}))
    if len({named[root] for root in overlays}) < 2:
        return roots
    chosen = [root for root in overlays if named[root] == environment]
    if not chosen:
        raise InputError(
            f"{folder} holds several overlays: {known}",
            fix="name one of them with --environment, or give its folder",
            origin=Origin(str(folder)),
        )
    return [root for root in roots if root not in overlays] + chosen


def kustomized(folder: Path, cluster: str) -> Iterator[Resource]:
    """The objects that Kustomize builds from a folder, each with the file that it comes from.

    OutsideError if kubectl is not there or refuses the folder.
    """
    with tempfile.TemporaryDirectory(prefix="seawall-") as name:
        # An overlay around the folder asks Kustomize to say where each object comes from; the folder stays as it is.
        outer = Path(name).resolve()
        inner = relpath(folder.resolve(), outer)
        (outer / "kustomization.yaml").write_text(
            json.dumps({"resources": [inner], "buildMetadata": ["originAnnotations"]}), encoding="utf-8"
        )
        built = _build(outer, folder)
        for resource in _read(built, str(folder), cluster, strict=True):
            yield _placed(resource, outer, folder)


def _build(outer: Path, folder: Path) -> str:
    try:
        run = subprocess.run(["kubectl", "kustomize", str(outer)], capture_output=True, timeout=120, check=False)
    except FileNotFoundError:
        raise OutsideError(
            f"{folder} has to be built by Kustomize, and kubectl is not there",
            fix="install kubectl and put it on PATH, or give the built manifests",
        ) from None
    except subprocess.TimeoutExpired:
        raise OutsideError(f"kubectl kustomize {folder} did not end within 120 s") from None
    if run.returncode:
        detail = run.stderr.decode("utf-8", "replace").replace(str(outer), str(folder))
        raise OutsideError(f"kubectl kustomize {folder} failed", detail=detail)
    return run.stdout.decode("utf-8", "replace")


def _placed(resource: Resource, outer: Path, folder: Path) -> Resource:
    metadata = dict(resource.body["metadata"])
    annotations = dict(metadata.get("annotations") or {})
    said = str(annotations.pop(_ORIGIN, ""))
    found = re.search(r"^path: (.+)$", said, re.MULTILINE)
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    origin = Origin(str(folder))
    if found:
        path = (outer / found[1]).resolve()
        shown = folder.resolve()
        # As the user spelled the folder, not as the machine resolves it.
        if path.is_file():
            spelled = str(folder / relpath(path, shown))
            short = normpath(spelled)  # unless a link lies on the way, where going up leads elsewhere
            file = short if Path(short).resolve() == path else spelled
            origin = Origin(file, _line(path, str(resource.body["kind"]), str(metadata["name"])))
    return Resource(resource.address, resource.type, {**resource.body, "metadata": metadata}, origin)


def _line(path: Path, kind: str, name: str) -> int:
    """The line of a file from which on an object was built; 0 where the file does not tell.

    Kustomize may put something before or after the name that the file has.
    """
    near: list[int] = []
    for line, own_kind, own_name in _headings(path):
        if own_kind == kind and own_name == name:
            return line
        if own_kind == kind and own_name in name:
            near.append(line)
    return near[0] if len(near) == 1 else 0


_KIND_LINE = re.compile(r"""^kind:\s*["']?(\w+)""", re.MULTILINE)
_METADATA_LINE = re.compile(r"^metadata:", re.MULTILINE)
_NAME_WITHIN = re.compile(r"""\bname:\s*["']?([^\s"',}]+)""")
_DOCUMENT = re.compile(r"^---.*$", re.MULTILINE)


@lru_cache(maxsize=512)
def _headings(path: Path) -> tuple[tuple[int, str, str], ...]:
    """Each object of a file as it is usually written: its line, kind and name."""
    if path.stat().st_size > MAX_BYTES:
        return ()
    text = path.read_text("utf-8", "replace")
    starts = [0, *(found.end() for found in _DOCUMENT.finditer(text)), len(text)]
    found: list[tuple[int, str, str]] = []
    for first, last in pairwise(starts):
        kind, metadata = _KIND_LINE.search(text, first, last), _METADATA_LINE.search(text, first, last)
        name = _NAME_WITHIN.search(text, metadata.end(), last) if metadata else None
        if kind and name:
            start = first + len(text[first:last]) - len(text[first:last].lstrip())
            found.append((text.count("\n", 0, start) + 1, kind[1], name[1]))
    return tuple(found)


def _read(text: str, file: str, cluster: str, *, strict: bool) -> Iterator[Resource]:
    if len(text) > MAX_BYTES:
        raise InputError(f"more than {MAX_BYTES:,} characters", origin=Origin(file))
    if file.endswith(".json"):
        data = settle_all(json_document(text, file))
        yield from _objects(data, Origin(file, 1), {}, cluster, strict)
        return
    for document in yaml_documents(text, file, string=settle):
        yield from _objects(document.data, Origin(file, document.line), document.lines, cluster, strict)


def objects(document: Mapping[str, Any], origin: Origin, cluster: str) -> Iterator[Resource]:
    """The object, or the objects of a list, that one document holds. InputError if it is none."""
    yield from _objects(document, origin, {}, cluster, strict=True)


def _objects(
    data: Any, origin: Origin, lines: Mapping[tuple[str | int, ...], int], cluster: str, strict: bool
) -> Iterator[Resource]:
    if not isinstance(data, Mapping) or not ("apiVersion" in data and "kind" in data):
        if strict:
            raise InputError("this is not a Kubernetes object: it needs apiVersion, kind and metadata", origin=origin)
        return
    if isinstance(data["kind"], str) and data["kind"].endswith("List") and isinstance(data.get("items"), list):
        for number, item in enumerate(data["items"]):
            place = Origin(origin.file, lines.get(("items", number), origin.line))
            yield from _objects(item, place, {}, cluster, strict=True)
        return
    if str(data["apiVersion"]).startswith("kustomize.config.k8s.io/"):
        return
    data = _named(data)
    _check(data, origin)
    address = address_of(cluster, data)
    yield Resource(address, type_of(data), _arguments(data, address), origin)


def _named(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object under the beginning of its name and a star, if the API server is to make the rest of it up."""
    metadata = data.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("name") is not None:
        return data
    begins = metadata.get("generateName")
    return {**data, "metadata": {**metadata, "name": f"{begins}*"}} if isinstance(begins, str) and begins else data


def _check(data: Mapping[str, Any], origin: Origin) -> None:
    """What every reader relies on; the rest of a body may be anything and reads as unknown."""
    metadata = data.get("metadata")
    if not isinstance(metadata, Mapping):
        raise InputError("metadata must be a mapping", origin=origin)
    for what, value, shape in (
        ("apiVersion", data["apiVersion"], _VERSION),
        ("kind", data["kind"], _KIND),
        ("metadata.name", metadata.get("name"), _NAME),
        ("metadata.namespace", metadata.get("namespace") or "default", _NAME),
    ):
        if not isinstance(value, str) or not shape.fullmatch(value):
            fix = "give the object a name" if value is None else "" if isinstance(value, str) else "put it in quotes"
            raise InputError(f"{what} cannot be {_short(value)}", fix=fix, origin=origin)
    for what in ("labels", "annotations"):
        value = metadata.get(what)
        if value is not None and not isinstance(value, Mapping):
            raise InputError(f"metadata.{what} must be a mapping", origin=origin)


def _short(value: Any) -> str:
    spelled = "absent" if value is None else repr(value) if isinstance(value, str) else f"a {type(value).__name__}"
    return spelled if len(spelled) < 80 else spelled[:76] + "...'"


def _arguments(data: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """A body without what a server fills in and without the values of secrets."""
    body = {key: value for key, value in data.items() if key != "status"}
    metadata = {key: value for key, value in data["metadata"].items() if key not in _FROM_THE_SERVER}
    annotations = metadata.get("annotations")
    if annotations and _LAST_APPLIED in annotations:
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    body["metadata"] = metadata
    if body["kind"] == "Secret":
        for field in ("data", "stringData"):
            if isinstance(body.get(field), Mapping):
                body[field] = {key: Unknown(f"{address}.{field}.{key}", why=SECRET) for key in body[field]}
    elif body["kind"] == "ConfigMap" and isinstance(body.get("data"), Mapping):
        body["data"] = {
            key: Unknown(f"{address}.data.{key}", why=SECRET) if sensitive(key) and isinstance(value, str) else value
            for key, value in body["data"].items()
        }
    else:
        body = _without_secrets(body, f"{address}.", 0)
    return body


def _without_secrets(value: Any, path: str, depth: int) -> Any:
    """The same value, but for the plain values of environment variables that are named like secrets."""
    if isinstance(value, Mapping):
        changed = {key: _without_secrets(item, f"{path}{key}.", depth + 1) for key, item in value.items()}
        return value if all(changed[key] is item for key, item in value.items()) else changed
    if isinstance(value, list):
        items = [
            _variable(item, f"{path}{number}.", depth + 1)
            if isinstance(item, Mapping)
            else _without_secrets(item, f"{path}{number}.", depth + 1)
            for number, item in enumerate(value)
        ]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value


def _variable(item: Mapping[str, Any], path: str, depth: int) -> Any:
    name, value = item.get("name"), item.get("value")
    if len(item) == 2 and isinstance(name, str) and isinstance(value, str) and value and sensitive(name):
        return {**item, "value": Unknown(f"{path}value", why=SECRET)}
    return _without_secrets(item, path, depth)
