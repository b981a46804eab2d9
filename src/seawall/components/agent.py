"""The agent: Seawall's own image with MySQL's clients, and what it is told.

Its Dockerfile lies at the root of Seawall's sources. Nothing of what it is told is secret: a job names where the
secrets are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seawall import __version__
from seawall.components import images
from seawall.components.offer import Offer
from seawall.components.recovery.copies import BackupTarget
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.kernel.value import Textual, text

IMAGE = "seawall-agent"
TAG = f"v{__version__}"
AUTHORITIES = "/etc/ssl/rds/global-bundle.pem"
"""Where the image has the certificates of Amazon's authorities, which no system trusts by itself."""
NAMESPACE = "Seawall/Recovery"
"""Of the metrics that it writes to CloudWatch."""


def repository(scope: Scope, image: str) -> Iterator[Resource]:
    """The repository of the agent's image, where it is one of ours."""
    if images.is_ours(image):
        yield from images.repository(scope, image)


def job(
    scope: Scope,
    offer: Offer,
    target: BackupTarget,
    *,
    secret: Textual,
    every: Duration,
    keep: Duration,
    stores: Sequence[str] = (),
) -> Textual:
    """The job that copies one database to Azure, and to further stores, as the agent reads it.

    The agent may add to the container and nothing else; what ends copies there is the container's own rule.
    """
    listed = ",".join(f'"{store}"' for store in (f"azure:{target.account}/{target.container}", *stores))
    return text(
        f'{{"version":1,"platform":"{scope.title}","component":"{offer.component}","engine":"mysql",'
        '"database":{"host":"',
        offer.host,
        f'","port":{offer.port},"databases":["{offer.name}"],"tls":"{AUTHORITIES}","region":"{scope.region}","secret":"',
        secret,
        f'"}},"stores":[{listed}],"keep":"{keep}","every":"{every}","add_only":true,'
        f'"identity":"ssm:{target.parameter}","metrics":["cloudwatch:{NAMESPACE}"]}}',
    )
