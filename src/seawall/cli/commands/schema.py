"""Print the JSON Schema of a platform.yaml, for editors.

In an editor with the YAML language server, save it beside the description and begin the description with
`# yaml-language-server: $schema=seawall.schema.json`.
"""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(chosen: argparse.Namespace) -> int:
    """Print the schema."""
    import json

    from seawall.components.kinds import kinds
    from seawall.model.schema import description_schema

    print(json.dumps(description_schema(kinds()), indent=2))
    return 0
