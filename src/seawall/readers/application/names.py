"""Values of configuration and code as names of things in AWS: what is no name is not known, and is shown nowhere.

Such a value would otherwise be printed, whatever it is, and a star or ``${...}`` in it would be a pattern or a variable
in the policy that is written from it.
"""

from __future__ import annotations

import re

from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.knowledge.resource_names import ARN, KEY_LETTERS, Grammar, grammar

_KEY = re.compile(f"[{KEY_LETTERS}]*")


def name(value: Textual, known: Grammar, where: str) -> Textual:
    """The value if it is a name, or may be one as far as it is known; Unknown otherwise, which does not quote it."""
    literal = [part for part in (value.parts if isinstance(value, Text) else (value,)) if isinstance(part, str)]
    if all(re.fullmatch(f"[{known.letters}]*", part) for part in literal) and sum(map(len, literal)) <= known.most:
        return value
    return Unknown(f"{where}: {known.noun}", why=f"the value that it is given is no name of a {known.noun}")


def of_variable(value: Textual, service: str, variable: str, where: str) -> Textual:
    """The value of a variable of ARNs; of the key of an object what cannot be anything but one."""
    if (service, variable) == ("s3", "ObjectName"):
        return key(value, where)
    return name(value, grammar(service, variable), where)


def key(value: Textual, where: str) -> Textual:
    """The key of an object up to the folder in which the first letter stands that patterns or secrets may have."""
    kept: list[Textual] = []
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, str):
            match = _KEY.match(part)
            safe = match[0] if match is not None else ""
            if safe != part:
                kept.append(safe[: safe.rfind("/") + 1])
                rest = Unknown(f"{where}: key", why="the key has letters that patterns and secrets have")
                return text(*kept, rest)
        kept.append(part)
    return value


def arn(value: Textual, where: str) -> Textual:
    """An ARN, or what may be one; Unknown where the value is something else."""
    found = name(value, ARN, where)
    parts = value.parts if isinstance(value, Text) else (value,)
    if isinstance(parts[0], str) and not parts[0].startswith("arn:"):
        return Unknown(f"{where}: {ARN.noun}", why="the value that it is given is no ARN")
    return found
