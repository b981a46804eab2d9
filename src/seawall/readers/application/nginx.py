"""nginx: which requests it answers by itself, which from files, and which it passes on.

The grammar is that of nginx.org, "Configuration File's Structure"; how a location is chosen is "ngx_http_core_module,
location": an exact one first, else the longest prefix, unless a regular expression matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from seawall.facts.application import Connects
from seawall.facts.fact import Fact
from seawall.facts.network import Forwards
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

FALLBACK = "fallback:"
"""What starts the target of a location that answers whatever is asked with one and the same page."""
FILES = "files"
"""The target of a location that answers with a file, or says that there is none."""

_TOKEN = re.compile(
    r"\s+|#[^\n]*|(?P<quoted>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<mark>[{};])|(?P<word>[^\s{};]+)"
)
_DEEPEST = 20


@dataclass(slots=True)
class _Directive:
    words: list[str]
    block: list[_Directive] = field(default_factory=list)


@reads("v1/ConfigMap")
def nginx_config_map(resource: Resource) -> Iterator[Fact]:
    """The locations of every nginx configuration that a ConfigMap holds; it speaks for whoever mounts it."""
    body = Manifest(resource)
    data = body.block("data")
    for key in data.body:
        if not key.endswith(".conf"):
            continue
        text = data.text(key)
        if not isinstance(text, str):
            hole = data.unknown(key, text)
            yield Forwards(resource.address, hole, path=hole)
        elif "server" in text and "location" in text:
            yield from _locations(resource.address, f"{resource.address}.data.{key}", text)
            yield from _passed(resource.address, f"{resource.address}.data.{key}", _parsed(text))


def _locations(of: Address, what: str, text: str) -> Iterator[Fact]:
    for server in _named(_parsed(text), "server"):
        named = {
            location.words[1]: location
            for location in server.block
            if location.words[0] == "location" and len(location.words) == 2 and location.words[1].startswith("@")
        }
        own = _target(server, named)
        if own is not None:
            yield Forwards(of, own, path="/*")
        for location in server.block:
            if location.words[0] == "location" and location.words[-1][0] != "@":
                target = _target(location, named)
                yield Forwards(of, target if target is not None else own or FILES, path=_path(location, what))


# Directives that pass requests on, with the port of an address that names none (nginx.org, each module's reference).
_PASSING: Final = {"proxy_pass": 80, "grpc_pass": 80, "fastcgi_pass": None, "uwsgi_pass": None, "memcached_pass": None}
_SECURE: Final = ("https://", "grpcs://")
_PLAIN: Final = ("http://", "grpc://")


def _passed(of: Address, what: str, directives: list[_Directive]) -> Iterator[Fact]:
    """Where requests are passed on to; a name that an upstream has means its servers."""
    upstreams = {each.words[1]: each for each in _named(directives, "upstream") if len(each.words) == 2}
    for directive in _every(directives):
        if directive.words[0] not in _PASSING or len(directive.words) != 2:
            continue
        url = directive.words[1]
        scheme = next((each for each in (*_SECURE, *_PLAIN) if url.startswith(each)), "")
        authority = url.removeprefix(scheme).partition("/")[0]
        if "$" in authority or authority.startswith("unix:"):
            continue
        default = 443 if scheme in _SECURE else _PASSING[directive.words[0]]
        said = f"{what}: {directive.words[0]}"
        if authority in upstreams:
            for server in upstreams[authority].block:
                if server.words[0] == "server" and len(server.words) > 1 and "down" not in server.words:
                    yield from _connection(of, server.words[1], 80, f"{what}: upstream {authority}")
        else:
            yield from _connection(of, authority, default, said)


def _connection(of: Address, authority: str, default: int | None, said: str) -> Iterator[Fact]:
    match = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s\[\]]+)(?::(\d{1,5}))?", authority)
    port = int(match[2]) if match and match[2] else default
    if match is None or port is None or "$" in authority or match[1] in ("localhost", "127.0.0.1", "[::1]"):
        return
    yield Connects(of, Address.host(match[1]), port, said)


def _every(directives: list[_Directive]) -> Iterator[_Directive]:
    for directive in directives:
        if directive.words and directive.words[0]:
            yield directive
        yield from _every(directive.block)


def _path(location: _Directive, what: str) -> Textual:
    match location.words:
        case [_, "=", path]:
            return path
        case [_, "^~", path] | [_, path]:
            return f"{path}*"
        case _:
            spelled = " ".join(location.words[1:])
            return Unknown(f"{what}: location {spelled}", why="it is a regular expression")


def _target(block: _Directive, named: Mapping[str, _Directive]) -> Address | str | None:
    """Where a location or server sends requests; None if it does not say."""
    for directive in block.block:
        match directive.words:
            case ["return", status, *_] if status.isdecimal():
                return f"redirect:{status}" if status.startswith("3") else f"fixed-response:{status}"
            case ["return", *_]:
                return "redirect:302"
            case ["proxy_pass", url]:
                match = re.match(r"https?://([^/:\s]+)", url)
                return Address.host(match[1]) if match else None
            case ["try_files", *_, last]:
                if last.startswith("="):
                    return FILES
                if last.startswith("@"):
                    return _target(named[last], {}) if last in named else None
                return FILES if "$" in last else f"{FALLBACK}{last}"
    return None


def _named(directives: list[_Directive], name: str) -> Iterator[_Directive]:
    for directive in directives:
        if directive.words and directive.words[0] == name and directive.block:
            yield directive
        else:
            yield from _named(directive.block, name)


def _parsed(text: str) -> list[_Directive]:
    """The directives of a text; what does not close ends with the text, as a reader has nobody to complain to."""
    root: list[_Directive] = []
    open_blocks = [root]
    words: list[str] = []
    for match in _TOKEN.finditer(text):
        if match["word"] is not None:
            words.append(match["word"])
        elif match["quoted"] is not None:
            words.append(match["quoted"][1:-1])
        elif match["mark"] == ";":
            if words:
                open_blocks[-1].append(_Directive(words))
            words = []
        elif match["mark"] == "{":
            directive = _Directive(words or [""])
            open_blocks[-1].append(directive)
            if len(open_blocks) < _DEEPEST:
                open_blocks.append(directive.block)
            words = []
        elif match["mark"] == "}":
            if len(open_blocks) > 1:
                open_blocks.pop()
            words = []
    return root
