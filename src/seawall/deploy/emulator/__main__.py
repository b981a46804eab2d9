"""Run the emulator's child process: ``python -m seawall.deploy.emulator``."""

from __future__ import annotations

import sys

from seawall.deploy.emulator.server import main

sys.exit(main())
