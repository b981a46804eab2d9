"""CloudFront's managed policies, by the ids that are the same in every account.

Source: Amazon CloudFront Developer Guide, "Use managed cache policies" and "Use managed origin request policies", read
2026-11-21.
"""

from __future__ import annotations

from typing import Final

CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""Cache policy: every request goes to the origin."""
ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Origin request policy: everything the visitor sent but the Host header, which names the origin instead."""
