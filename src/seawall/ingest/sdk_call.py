"""One call of an AWS SDK in source code, whoever found it."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True)
class SdkCall:
    """``service`` as boto3 calls it; ``operation`` is "" where it is not known, and then ``why`` says why.

    ``arguments`` are pairs of a path (``CopySource.Bucket``) and a text, one for each element of a list; ``region`` is
    "" where the environment says it; ``where`` is file and line.
    """

    service: str
    operation: str
    arguments: tuple[tuple[str, Textual], ...]
    region: Textual
    where: str
    why: str = ""
