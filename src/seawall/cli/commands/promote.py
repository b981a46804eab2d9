"""Write what Argo CD watches: the manifests filled with what is up, the images by digest.

The platform must be up; nothing of it is changed. A pipeline commits what is written, and Argo CD applies it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seawall.cli import deployment as shared


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, images, stages and the folder."""
    shared.arguments(parser)
    parser.add_argument(
        "--images", type=Path, required=True, metavar="FILE", help="the digests to run: IMAGE@sha256:DIGEST, one a line"
    )
    parser.add_argument(
        "--stage", action="append", default=[], metavar="NAME", help="only this stage; may be said several times"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="the folder that Argo CD watches: deployed"
    )


def run(chosen: argparse.Namespace) -> int:
    """Write, and say what was written."""
    from seawall.cli.progress import Teller
    from seawall.components.delivery import Delivery
    from seawall.deploy.promote import digests, pinning, promote
    from seawall.kernel.errors import InputError

    try:
        given = digests(chosen.images.read_text(encoding="utf-8"), str(chosen.images))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {chosen.images}: {error}") from None
    deployment = shared.deployment(chosen)
    delivery = next((one for one in deployment.platform.components.values() if isinstance(one, Delivery)), None)
    if delivery is None:
        raise InputError(f"{chosen.input} has no delivery", fix="add `delivery: {repository: https://...}`")
    pinned = pinning(delivery, deployment.graph, given)
    cloud = deployment.running_cloud()
    with Teller() as teller:
        result = promote(
            deployment.platform,
            delivery,
            deployment.rendered,
            deployment.place,
            cloud,
            pinned,
            chosen.output,
            teller,
            stages=chosen.stage,
        )
    for folder, objects in result.folders.items():
        print(f"{chosen.output / folder}: {objects} objects")
    for image, digest in sorted(result.images.items()):
        print(f"{image} is {digest}")
    return 0
