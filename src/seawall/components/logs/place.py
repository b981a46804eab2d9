"""Where what reads and keeps logs runs."""

from __future__ import annotations

NAMESPACE = "logging"
"""Apart from `monitoring`: the agent looks at nodes' files, and nothing else there has to reach Loki."""
