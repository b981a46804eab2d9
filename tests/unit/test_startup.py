"""What the start of every command costs: the modules that loading, expanding, reading and checking import."""

from __future__ import annotations

import json
import subprocess
import sys

import prerequisites

HEAVY = (
    "boto3",
    "botocore",
    "moto",
    "flask",
    "rustworkx",
    "rich",
    "jsonschema",
    "numpy",
    "networkx",
    "requests",
)
# These touch the world and may import what they need for it, though inside the function that needs it.
EXEMPT = ("deploy", "operate", "console")

PROBE = """
import importlib, json, pkgutil, sys
import seawall
exempt, heavy = json.loads(sys.argv[1])
imported = 0
for module in pkgutil.walk_packages(seawall.__path__, "seawall.", onerror=lambda name: None):
    if module.name.split(".")[1] not in exempt and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
        imported += 1
        guilty = [name for name in heavy if name in sys.modules]
        if guilty:
            sys.exit(f"{module.name} imports {', '.join(guilty)} at module level")
print(imported)
"""


def test_no_heavy_library_at_module_level() -> None:
    """`seawall --version` stays under 100 ms because nothing heavy is imported before it is used."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps([EXEMPT, HEAVY])],
        cwd=prerequisites.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 0
