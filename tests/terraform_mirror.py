"""Finds a folder of Terraform providers on this disk, so that tests run without the network.

Seawall itself uses the user's CLI configuration, else what Terraform does by itself;
only the set-up of tests looks further.
As a program: `python tests/terraform_mirror.py FILE` writes a CLI configuration to FILE and prints its path.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

PROVIDER = Path("registry.terraform.io/hashicorp/aws")
# Terraform's own implied mirror folders come first, in its order; the rest is where images put such things.
IMPLIED = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
WIDER = ("/opt", "/usr/local/share", "/usr/share")
DEPTH = 3


def find() -> Path | None:
    """Return the folder that holds `registry.terraform.io/hashicorp/aws/VERSION`, or None."""
    implied = (Path(folder).expanduser() for folder in IMPLIED)
    wider = (folder for root in WIDER for folder in _folders(Path(root), DEPTH))
    for folder in (*implied, *wider):
        if any((folder / PROVIDER).glob("*/*/terraform-provider-aws*")):
            return folder
    return None


def user_configuration(environment: Mapping[str, str]) -> Path | None:
    """Return the CLI configuration file that the user has, or None; a named one must exist to count."""
    named = environment.get("TF_CLI_CONFIG_FILE")
    candidate = Path(named) if named else Path("~/.terraformrc").expanduser()
    return candidate if candidate.is_file() else None


def configuration(mirror: Path) -> str:
    """Return a CLI configuration: HashiCorp's providers from the mirror, all others from where they live."""
    return (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{mirror}"\n'
        '    include = ["registry.terraform.io/hashicorp/*"]\n'
        "  }\n"
        "  direct {\n"
        '    exclude = ["registry.terraform.io/hashicorp/*"]\n'
        "  }\n"
        "}\n"
    )


def write(file: Path) -> Path | None:
    """Write a CLI configuration for the mirror that was found; without one return None and write nothing."""
    mirror = find()
    if mirror is None:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(configuration(mirror), encoding="utf-8")
    return file


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """Yield the folders below root, nearest first, as far as depth; unreadable ones are passed over."""
    level = [root]
    for _ in range(depth):
        below = []
        for folder in level:
            try:
                entries = [Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
            except OSError:  # absent or not ours to read: then no mirror of ours is in it
                continue
            below += sorted(entries)
        yield from below
        level = below


if __name__ == "__main__":
    written = write(Path(sys.argv[1]).absolute())
    if written is None:
        sys.exit("no folder registry.terraform.io/hashicorp/aws found; Terraform will ask its registry")
    print(written)
