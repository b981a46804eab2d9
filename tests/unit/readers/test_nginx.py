"""nginx configurations as facts: what is answered here, from files, or passed on."""

from __future__ import annotations

import pytest

from seawall.facts.network import Forwards
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import read_one

ADDRESS = Address("main/ConfigMap/shop/web")


def forwards(configuration: object) -> dict[object, object]:
    """Path to target of everything that a configuration states."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web", "namespace": "shop"},
        "data": {"nginx.conf": configuration},
    }
    said = read_one(Resource(ADDRESS, "v1/ConfigMap", body))
    return {fact.path: fact.to for fact in said if isinstance(fact, Forwards)}


@pytest.mark.parametrize(
    ("location", "path", "target"),
    [
        ("location / { try_files $uri $uri/ /index.html; }", "/*", "fallback:/index.html"),
        ("location / { try_files $uri =404; }", "/*", "files"),
        ("location / { root /srv; }", "/*", "files"),
        ("location = /health { return 200 'ok; {fine}'; }", "/health", "fixed-response:200"),
        ("location ^~ /old { return 301 https://new; }", "/old*", "redirect:301"),
        (
            "location /api/ { # to the application\n proxy_pass http://was-service:8080/; }",
            "/api/*",
            "host:was-service",
        ),
        ("location / { try_files $uri @app; } location @app { proxy_pass http://app; }", "/*", "host:app"),
    ],
)
def test_a_location_says_who_answers(location: str, path: str, target: str) -> None:
    """Files, a fixed answer, a page for everything, or another server; quotes and comments are no structure."""
    assert forwards(f"http {{ server {{ listen 80; {location} }} }}") == {path: target}


def test_a_regular_expression_is_not_guessed() -> None:
    """A location that is a pattern may take any path: what it takes is unknown and named."""
    found = forwards("server { location ~ \\.php$ { proxy_pass http://php; } }")
    (path,) = found
    assert isinstance(path, Unknown)
    assert "location ~ \\.php$" in path.what


def test_a_configuration_with_holes_is_unknown_as_a_whole() -> None:
    """What another resource fills in may change any location."""
    written = text("server { location / { proxy_pass http://", Ref(Address("lb"), "dns_name"), "; } }")
    (path,) = forwards(written)
    assert isinstance(path, Unknown)


@pytest.mark.parametrize("broken", ["server { location", "} } server { location / {", "server location ;;; {{{{", ""])
def test_a_broken_configuration_ends(broken: str) -> None:
    """Whatever is written there, reading ends without an error."""
    forwards(broken)


def test_other_files_are_left_alone() -> None:
    """Only what is an nginx configuration is read as one."""
    assert forwards("maxmemory 256mb\nappendonly yes\n") == {}
