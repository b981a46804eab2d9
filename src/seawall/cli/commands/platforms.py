"""List the reference platforms.

Each is a description that compiles, comes up on the emulator and can be taken as a start: `seawall init --from NAME`.
"""

from __future__ import annotations

import argparse
from typing import Any


def arguments(parser: argparse.ArgumentParser) -> None:
    """None but --format."""
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Print each platform with its environments."""
    from seawall.cli.input import reference_platforms
    from seawall.model.document import read_document

    found: list[dict[str, Any]] = []
    for name, folder in reference_platforms().items():
        data = read_document(folder / "platform.yaml", f"{name}/platform.yaml").data
        environments = {key: value["region"] for key, value in data["environments"].items()}
        found.append({"name": name, "environments": environments, "components": len(data.get("components", {}))})
    if chosen.format == "json":
        import json

        print(json.dumps({"schema_version": 1, "platforms": found}, indent=2))
        return 0
    for platform in found:
        where = ", ".join(f"{name} in {region}" for name, region in platform["environments"].items())
        print(f"{platform['name']:<12} {platform['components']} components; {where}")
    return 0
