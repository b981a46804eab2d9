"""Print a rule's page: what it finds, why it matters, how to mend it, with examples that are its tests.

Without RULE it lists every rule.
"""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """RULE."""
    parser.add_argument("rule", nargs="?", metavar="RULE", help="a rule's id, such as NET-001")


def run(chosen: argparse.Namespace) -> int:
    """Print the page, or the list."""
    from seawall.check.page import explanation
    from seawall.check.registry import modules, rule

    if chosen.rule:
        print(explanation(chosen.rule.upper()), end="")
        return 0
    for id in modules():
        found = rule(id)
        print(f"{id:<10} {found.severity!s:<9} {found.summary}")
    return 0
