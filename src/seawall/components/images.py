"""Images: those of the platform's own registry, which it makes, and those of others."""

from __future__ import annotations

import json
from collections.abc import Iterator

from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Textual, text

KEPT = 30
"""How many images a repository keeps: what a rollback can still reach."""


def is_ours(image: str) -> bool:
    """Whether an image is named without a registry, and so lies in the platform's own."""
    host, slash, _ = image.partition("/")
    return not (slash and ("." in host or ":" in host or host == "localhost"))


def reference(scope: Scope, image: str, tag: str, digest: str | None) -> Textual:
    """What a container names: the repository with a tag, or with a digest where there is one."""
    end = f"@{digest}" if digest else f":{tag}"
    if not is_ours(image):
        return f"{image}{end}" if digest or ":" not in image.rpartition("/")[2] else image
    return text(repository_ref(scope, image, "repository_url"), end)


def repository_ref(scope: Scope, image: str, attribute: str) -> Ref:
    """An attribute of the repository of an image of ours, whichever component makes it."""
    keeper = _keeper(scope, image)
    return keeper.ref("aws_ecr_repository", keeper.identifier, attribute)


def repository(scope: Scope, image: str) -> Iterator[Resource]:
    """The repository of an image of ours: tags that cannot be moved, a scan at every push, old images let go.

    Nothing where another component makes it: of those with the same image, the first in the description does.
    """
    if _keeper(scope, image).name != scope.name:
        return
    name = scope.identifier
    body = {
        "name": f"{scope.title}/{image}",
        "image_tag_mutability": "IMMUTABLE",
        "image_scanning_configuration": [{"scan_on_push": True}],
        "encryption_configuration": [{"encryption_type": "KMS"}],
    }
    yield scope.aws("aws_ecr_repository", name, body, called=f"{scope.title}/{image}")
    rule = {
        "rulePriority": 1,
        "description": f"Keep the last {KEPT}",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT},
        "action": {"type": "expire"},
    }
    lifecycle = {
        "repository": scope.ref("aws_ecr_repository", name, "name"),
        "policy": json.dumps({"rules": [rule]}),
    }
    yield scope.aws("aws_ecr_lifecycle_policy", name, lifecycle)


def _keeper(scope: Scope, image: str) -> Scope:
    """Whoever of those with this image makes its repository."""
    return next(
        (scope.at(name) for name, found in scope.platform.components.items() if getattr(found, "image", None) == image),
        scope,
    )
