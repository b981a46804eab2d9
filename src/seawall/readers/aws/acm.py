"""ACM: certificates."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.network import Certificate
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_acm_certificate")
def certificate(resource: Resource) -> Iterator[Fact]:
    """A certificate for its name and the other names that it lists; that of an imported one is inside it."""
    body = Arguments(resource)
    names: dict[Textual, None] = {}
    if body.has("domain_name"):
        names[body.text("domain_name")] = None
    others = body.texts("subject_alternative_names")
    names.update(dict.fromkeys((others,) if isinstance(others, Unknown) else others))
    authority = "amazon"
    if body.has("certificate_authority_arn"):
        authority = "private"
    elif body.has("certificate_body") or body.has("private_key"):
        authority = "imported"
        names = names or {body.unknown("certificate_body"): None}
    yield Certificate(resource.address, tuple(sorted(names, key=str)), resource.region, authority)
