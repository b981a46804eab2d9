"""Where the pages of takeovers lie, and how a page of an alarm leads to them."""

from __future__ import annotations

from seawall.components.scope import Scope
from seawall.components.takeover.action import Move

SECTION = "takeover"
"""What a description calls the section, and Terraform what it makes."""


def page(site: str, move: Move) -> str:
    """The name of the page of a site's machine."""
    return f"takeover-{site}-{move}"


def when_lost(scope: Scope) -> str:
    """What to do once home is lost, as a sentence for a page beside those of takeovers; empty where nothing can."""
    home = scope.platform.home
    sites = [scope.platform.site] if scope.platform.site else list(home.sites)
    found = [site for site in sites if SECTION in home.sites[site].components]
    links = " or ".join(f"[takeover-{site}-failover]({page(site, 'failover')}.md)" for site in found)
    return f"Once {home.region} is lost: {links}, which asks before it does anything." if links else ""
