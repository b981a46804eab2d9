"""Whose cloud a thing is in, by the domain that its names are under."""

from __future__ import annotations

from typing import Final

from seawall.facts.facts import Facts
from seawall.facts.network import Hostname
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Textual

_DOMAINS: Final = {
    "aws": (".amazonaws.com", ".amazonaws.com.cn", ".cloudfront.net"),
    "azure": (".azure.com", ".azurefd.net", ".azurewebsites.net", ".core.windows.net", ".trafficmanager.net"),
}


def cloud_of(facts: Facts, of: Address) -> str:
    """``aws`` or ``azure``; empty for what has no name under a domain of theirs."""
    return next((cloud for host in facts.where(Hostname, of=of) if (cloud := cloud_named(host.pattern))), "")


def cloud_named(host: Textual) -> str:
    """Whose cloud a host name is of; empty for any other name."""
    end = host.parts[-1] if isinstance(host, Text) else host
    if isinstance(end, str):
        for cloud, domains in _DOMAINS.items():
            if end.endswith(domains):
                return cloud
    return ""
