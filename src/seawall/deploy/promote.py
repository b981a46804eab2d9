"""What Argo CD watches: the manifests filled with what is up, a folder an application, the images by digest.

Kustomize puts the digests in: a folder holds the manifests as they were described, and a kustomization that names the
digest of each image. So a promotion changes one line, and everything else that changes is seen by itself.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from seawall.deploy import lifetime, manifests
from seawall.deploy.progress import Reporter, silent
from seawall.deploy.rendered import Rendered
from seawall.deploy.run import opened
from seawall.deploy.target import Cloud
from seawall.deploy.workplace import Workplace, write_files
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.yaml_documents import yaml_documents
from seawall.model.platform import Platform
from seawall.render.kubernetes.yaml_text import yaml_text

if TYPE_CHECKING:
    from seawall.components.applications import Application
    from seawall.components.delivery import Delivery

MANIFESTS: Final = "manifests.yaml"
KUSTOMIZATION: Final = "kustomization.yaml"

_IMAGE = re.compile(r"(?P<name>[a-z0-9][a-z0-9._/-]*)@(?P<digest>sha256:[0-9a-f]{64})")
_TAG = re.compile(r":[A-Za-z0-9_][A-Za-z0-9._-]*$")


@dataclass(frozen=True, slots=True)
class Promoted:
    """What was written: the number of objects of each folder, and the digest of each image in them."""

    folders: Mapping[str, int]
    images: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pinning:
    """The digests to run, and what the platform's own images are called in its registries.

    ``digests`` is by image; ``required`` are the images that a pipeline builds; ``repositories`` is by image.
    """

    digests: Mapping[str, str]
    required: frozenset[str]
    repositories: Mapping[str, frozenset[str]]

    def of(self, reference: str) -> tuple[str, str, str] | None:
        """Image, name and digest of what a container names, None of what is not to be pinned.

        Raises InputError for an image that is built and has no digest.
        """
        name = _TAG.sub("", reference.partition("@")[0])
        image = next((image for image, known in self.repositories.items() if _path(name) in known), None)
        if image is None or image not in self.digests:
            if image in self.required:
                raise InputError(
                    f"{image} has no digest, and what is promoted runs by digest",
                    fix=f"give --images a file with the line {image}@sha256:...",
                )
            return None
        return image, name, self.digests[image]


def digests(text: str, file: str) -> dict[str, str]:
    """Image -> digest, from lines of IMAGE@DIGEST. Raises InputError for a line that is none, or an image twice."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _IMAGE.fullmatch(line.strip())
        if match is None:
            raise InputError(f"{file}:{number} is not IMAGE@sha256:DIGEST", fix="give one image a line")
        if found.setdefault(match["name"], match["digest"]) != match["digest"]:
            raise InputError(f"{file}:{number} gives {match['name']} a second digest", fix="give one image a line")
    return found


def pinning(delivery: Delivery, graph: Graph, given: Mapping[str, str]) -> Pinning:
    """What is to be pinned. Raises InputError for an image that the platform has no repository of."""
    repositories: dict[str, set[str]] = {}
    for resource in graph.of_type("aws_ecr_repository"):
        name = str(resource.body["name"])
        repositories.setdefault(name.partition("/")[2], set()).add(name)
    if unknown := sorted(set(given) - set(repositories)):
        raise InputError(
            f"{', '.join(unknown)} is no image of this platform's own",
            fix=f"its own are {', '.join(sorted(repositories)) or 'none'}",
        )
    frozen = {image: frozenset(names) for image, names in repositories.items()}
    return Pinning(dict(given), frozenset(delivery.images), frozen)


def promote(
    platform: Platform,
    delivery: Delivery,
    rendered: Rendered,
    place: Workplace,
    cloud: Cloud,
    pinned: Pinning,
    folder: Path,
    report: Reporter = silent,
    *,
    stages: Sequence[str] = (),
) -> Promoted:
    """Write below ``folder`` what Argo CD is to apply: of all stages of the environment, or of those named.

    A folder is written whole, and one that no application has any more goes. Raises InputError for
    an unknown stage or an image without digest, and OutsideError where a stack is not up.
    """
    known = {one.environment for site in (platform, *platform.sites.values()) for one in _applications(site, delivery)}
    if unknown := sorted(set(stages) - known):
        raise InputError(
            f"{', '.join(unknown)} is no stage of {place.environment}", fix=f"choose of {', '.join(sorted(known))}"
        )
    with (
        lifetime.used(place, cloud) as lasting,
        opened(place, rendered, lasting, "promote", report, changes=False) as run,
    ):
        texts = {built.context: built.file.read_text(encoding="utf-8") for built in manifests.build(run)}
    written: dict[str, int] = {}
    used: dict[str, str] = {}
    kept: set[Path] = set()
    for site in (platform, *platform.sites.values()):
        for application, parts in _parts(site, delivery, texts):
            below = application.folder.partition("/")[2]  # what is below the folder that Argo CD watches
            kept.add(folder / below)
            if stages and application.environment not in stages:
                continue
            images = {found[1]: found for _, body in parts for found in _pinned(body, pinned)}
            used |= {image: digest for image, _, digest in images.values()}
            content = "".join(f"---\n{text}\n" for text, _ in parts)
            write_files(
                folder / below,
                [(MANIFESTS, content.encode()), (KUSTOMIZATION, _kustomization(images.values()))],
            )
            written[below] = len(parts)
    _remove_others(folder / place.environment, kept)
    return Promoted(written, used)


def _applications(site: Platform, delivery: Delivery) -> tuple[Application, ...]:
    from seawall.components.applications import applications
    from seawall.components.scope import Scope

    return applications(Scope(site, str(delivery.kind), site.region), delivery)


def _parts(
    site: Platform, delivery: Delivery, texts: Mapping[str, str]
) -> Iterator[tuple[Application, list[tuple[str, Mapping[str, Any]]]]]:
    """The applications of one cluster, each with its objects, as text and as data."""
    from seawall.components.applications import application_of
    from seawall.components.scope import Scope

    every = _applications(site, delivery)
    parts: dict[str, list[tuple[str, Mapping[str, Any]]]] = {application.name: [] for application in every}
    text = texts.get(Scope(site, str(delivery.kind), site.region).cluster_name, texts.get("", ""))
    for document in re.split(r"^---\n", text, flags=re.MULTILINE):
        for read in yaml_documents(document, site.environment):
            parts[application_of(every, read.data).name].append((document.rstrip("\n"), read.data))
    for application in every:
        yield application, parts[application.name]


def _pinned(value: Any, pinned: Pinning) -> Iterator[tuple[str, str, str]]:
    """Every image that containers name, wherever they stand: Kustomize looks for them in the same way."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("containers", "initContainers") and isinstance(item, list):
                for container in item:
                    if isinstance(container, Mapping) and isinstance(container.get("image"), str):
                        found = pinned.of(container["image"])
                        if found is not None:
                            yield found
            else:
                yield from _pinned(item, pinned)
    elif isinstance(value, list):
        for item in value:
            yield from _pinned(item, pinned)


def _kustomization(images: Iterable[tuple[str, str, str]]) -> bytes:
    body: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [MANIFESTS],
    }
    entries = sorted({name: digest for _, name, digest in images}.items())
    if entries:
        body["images"] = [{"name": name, "digest": digest} for name, digest in entries]
    return yaml_text(body)


def _path(name: str) -> str:
    """The path of an image within its registry."""
    return name.partition("/")[2]


def _remove_others(folder: Path, kept: set[Path]) -> None:
    """Take away the folders of applications that there are no more, so that Argo CD prunes them."""
    for file in sorted(folder.glob(f"**/{KUSTOMIZATION}")):
        if file.parent not in kept:
            shutil.rmtree(file.parent)
