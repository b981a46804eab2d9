"""A name for which no certificate is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.certificates import covers
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Certificate, Presents
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="EDGE-104",
    severity=Severity.HIGH,
    summary="A name is served that its certificate does not cover",
    why="every browser stops at the warning; CloudFront refuses the alias to begin with",
    fix="add the name to the certificate; a wildcard covers one label, and not the bare domain",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The names of everything that presents certificates, against the names of all that it presents."""
    for of in dict.fromkeys(presents.of for presents in facts.all(Presents)):
        if not isinstance(of, Address):
            continue
        shown = facts.where(Presents, of=of)
        certificates = [facts.one(Certificate, of=presents.certificate) for presents in shown]
        if None in certificates:
            # A certificate that is not in the input, or that the controller looks for by the name itself.
            continue
        covered: list[Textual] = [name for found in certificates if found is not None for name in found.names]
        for name in dict.fromkeys(name for presents in shown for name in presents.names):
            answer = covers(covered, name)
            if answer is Answer.REFUTED:
                spelled = ", ".join(sorted(str(own) for own in covered))
                yield RULE.refuted(
                    f"{of} serves {name}, and its certificates are for {spelled}",
                    of,
                    *sorted(found.of for found in certificates if found is not None),
                )
            elif answer is Answer.UNKNOWN:
                missing = [own for own in (name, *covered) if isinstance(own, Unknown)]
                yield RULE.unknown(f"whether a certificate of {of} covers {name} is not known", missing, of)
