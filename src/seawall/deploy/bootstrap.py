"""Making the state buckets on AWS: private, versioned, encrypted; once, before the first ``up``."""

from __future__ import annotations

from seawall.deploy.rendered import Rendered
from seawall.deploy.states import States, buckets
from seawall.deploy.target import Cloud
from seawall.kernel.errors import OutsideError


def bootstrap(rendered: Rendered, cloud: Cloud) -> dict[str, bool]:
    """Make every state bucket of a platform; the result says of each whether it was not there before.

    Raises OutsideError with AWS's own words, for instance where the name belongs to somebody else.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    states = States(cloud)
    made: dict[str, bool] = {}
    for backend in buckets(stack.backend for stack in rendered.stacks.values()):
        try:
            made[backend.bucket] = states.make_bucket(backend)
        except (BotoCoreError, ClientError) as error:
            raise OutsideError(
                f"the state bucket {backend.bucket} cannot be made",
                str(error),
                fix="bucket names are shared by all of AWS: if it is somebody else's, choose another `prefix:`",
            ) from None
    return made
