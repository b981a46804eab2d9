"""Which environment a thing belongs to, where it says so: by its tag, or by its namespace."""

from __future__ import annotations

import re
from typing import Final

from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address

_KEYS: Final = ("environment", "env", "app.kubernetes.io/environment")
_NAMES: Final[dict[str, str]] = {
    "dev": "development",
    "development": "development",
    "test": "test",
    "testing": "test",
    "qa": "test",
    "stage": "staging",
    "staging": "staging",
    "prod": "production",
    "production": "production",
    "live": "production",
}


def environment_of(facts: Facts, thing: Address) -> str | None:
    """The environment that a thing says it belongs to; None for one that is shared or does not say.

    Pods belong to that of their namespace: its label, else its name where that is an environment's. Other things
    belong to that of their tag, else to the one that a word of their resource's name is.
    """
    workload = facts.one(Workload, of=thing)
    known = thing.as_kubernetes()
    namespace = workload.namespace if workload is not None else thing
    if workload is None and (known is None or known.kind != "Namespace"):
        tags = [str(tag.value).lower() for tag in facts.where(Tagged, of=thing) if tag.key.lower() in _KEYS]
        return next((_NAMES[value] for value in tags if value in _NAMES), None) if tags else _by_name(thing)
    labels = labels_of(facts, namespace)
    stated = next((labels[key] for key in _KEYS if key in labels), namespace.rpartition("/")[2])
    return _NAMES.get(str(stated).lower())


def environment_called(name: str) -> str:
    """The environment that people call so: ``prod`` and ``live`` are production; a name of one's own is itself."""
    return _NAMES.get(name.lower(), name.lower())


def _by_name(thing: Address) -> str | None:
    named = thing.as_terraform()
    words = re.split(r"[^a-z0-9]+", named.name.lower()) if named is not None else []
    found = {_NAMES[word] for word in words if word in _NAMES}
    return found.pop() if len(found) == 1 else None
