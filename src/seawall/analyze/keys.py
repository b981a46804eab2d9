"""In which region a key is."""

from __future__ import annotations

from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.kernel.value import Text, Unknown


def region_of_key(facts: Facts, key: Link | None) -> str:
    """The region in a key's ARN; empty where it is not known, or where the key is named by its id or alias alone."""
    if key is None or isinstance(key, Unknown):
        return ""
    spelled: object = key.removeprefix("outside:") if key.is_outside else ""
    for identifier in facts.where(Identifier, of=key):
        if identifier.attr == "arn":
            spelled = identifier.value.parts[0] if isinstance(identifier.value, Text) else identifier.value
    words = spelled.split(":") if isinstance(spelled, str) else []
    return words[3] if len(words) > 4 and words[0] == "arn" else ""
