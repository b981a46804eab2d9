"""What a distribution serves straight from a bucket, past the load balancer."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.kernel.units import Duration
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True)
class Serving:
    """Requests for ``path`` of ``host``, answered with the objects of a bucket that are called so.

    ``name`` is unique among what a platform serves; ``origins`` are the regional host names of the bucket and then of
    its copies, of which the next is asked where one fails; ``kept`` is how long an answer is kept unless the object
    itself says otherwise.
    """

    name: str
    host: str
    path: str
    origins: tuple[Textual, ...]
    kept: Duration
