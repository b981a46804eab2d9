"""Images and snapshots that are shared with everybody who has an account of AWS."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_ami_launch_permission")
def launch_permission(resource: Resource) -> Iterator[Fact]:
    """Who may start machines from an image; one that is not of the input is spoken of by its permission."""
    body = Arguments(resource)
    if body.has("group"):
        image, group = body.required_link("image_id"), body.known_text("group")
        of = image if isinstance(image, Address) and not image.is_outside else resource.address
        yield Setting(of, "shared-with-all", group if isinstance(group, Unknown) else group == "all")


@reads("aws_db_snapshot", "aws_db_cluster_snapshot")
def snapshot(resource: Resource) -> Iterator[Fact]:
    """Who else may make databases from a snapshot.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
    """
    body = Arguments(resource)
    if body.has("shared_accounts"):
        accounts = body.known_texts("shared_accounts")
        yield Setting(
            resource.address, "shared-with-all", accounts if isinstance(accounts, Unknown) else "all" in accounts
        )
