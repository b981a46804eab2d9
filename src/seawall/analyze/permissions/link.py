"""One link of the chain between a caller and a resource, and the words for what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from seawall.analyze.permissions.shapes import spelled
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.value import Hole, Ref, Textual, render_text
from seawall.kernel.verdict import Verdict

Kind: TypeAlias = Literal[
    "service account", "trust policy", "role", "policy", "permissions boundary", "service control policy",
    "resource control policy", "session policy", "resource policy", "key policy", "endpoint policy",
]  # fmt: skip
"""What sort of thing a link is."""

Break: TypeAlias = Literal[
    "", "no service account", "no role", "no credentials", "wrong subject", "wrong audience", "wrong issuer",
    "other cluster's OIDC provider", "not trusted", "no permission", "region-pinned ARN", "wrong resource",
    "condition", "explicit deny", "boundary", "control policy", "session policy", "resource policy", "key policy",
    "endpoint policy", "not known",
]  # fmt: skip
"""What is wrong with a link, in a few words that stay; "" where nothing is."""


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that stands between a caller and a resource: what it says, and which thing says it."""

    kind: Kind
    verdict: Verdict
    says: str
    fault: Break = ""
    of: Address | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.says}"


def shown(facts: Facts, value: Textual) -> str:
    """A text for people: the account and what AWS makes up are a star, other holes the thing that they are of."""
    return render_text(spelled(facts, value), _hole)


def _hole(hole: Hole) -> str:
    if isinstance(hole, Ref):
        name = hole.to.as_terraform()
        return f"${{{name.path if name is not None else hole.to}.{hole.attr}}}"
    return "*"
