"""nginx, which plays what stands before the service: CloudFront, the load balancer, and itself for the web tier.

Each is a configuration made of the platform's own words: the distribution's behaviors, the Ingresses' rules, the file
that the web tier's pods mount. Played as CloudFront does it, which is not nginx's own way: of an origin group only GET,
HEAD and OPTIONS are asked of the second origin; no origin is left out because it failed a moment ago; names are looked
up anew when their time to live is over. Not played: TLS, HTTP/2, the caching of objects and of errors, compression.
"""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
from typing import Any

from seawall.components.exporters import STATUS
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, render_text
from seawall.operate.drill.stage import Process, Stage, program, until

PACKAGES = {"nginx": "nginx-light"}
STANDIN = "nginx"

_READS = ("GET", "HEAD", "OPTIONS")
_ORDER, _GROUP = "alb.ingress.kubernetes.io/group.order", "alb.ingress.kubernetes.io/group.name"
Target = tuple[str, int]
_FILES = 16384

_HEAD = """\
daemon off;
worker_processes 1;
pid @folder@/nginx.pid;
error_log @folder@/error.log warn;
worker_shutdown_timeout 35s;
# A request has two of them, and while nobody answers requests pile up.
worker_rlimit_nofile @files@;

events {
  worker_connections 4096;
}

http {
  default_type application/octet-stream;
  access_log off;
  server_tokens off;
  keepalive_timeout 75s;
  client_body_temp_path @folder@/client;
  proxy_temp_path @folder@/proxy;
  fastcgi_temp_path @folder@/fastcgi;
  uwsgi_temp_path @folder@/uwsgi;
  scgi_temp_path @folder@/scgi;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """One that runs; ``configure`` gives it another configuration without losing a request."""

    name: str
    process: Process
    folder: Path
    stage: Stage

    def configure(self, configuration: str) -> None:
        """Write another configuration and have it taken; requests that are under way end under the old one."""
        _write(self.stage, self.folder, configuration)
        # The master alone, whose group holds its workers too.
        os.kill(self.process.pid, signal.SIGHUP)

    def complaints(self) -> str:
        """What it wrote into its error log."""
        path = self.folder / "error.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def start(stage: Stage, name: str, configuration: str, *listens: Target) -> Nginx:
    """Start one; it takes connections at ``listens`` when this returns.

    ``@folder@`` in a configuration is its own folder. Raises LackingError, OutsideError.
    """
    folder = stage.folder(name, unprivileged=True)
    _write(stage, folder, configuration)
    # What a web tier serves; its image is not here.
    for path, content in ((folder / "html", None), (folder / "html" / "index.html", "<h1>Welcome</h1>\n")):
        path.mkdir() if content is None else path.write_text(content, encoding="utf-8")
        stage.give(path)
    command = [program("nginx", PACKAGES["nginx"]), "-p", str(folder), "-c", str(folder / "nginx.conf"),
               "-e", str(folder / "error.log")]  # fmt: skip
    process = stage.start(name, command, folder=folder, unprivileged=True)
    made = Nginx(name, process, folder, stage)
    try:
        until(lambda: all(map(_takes, listens)), process, what=f"{name} takes connections")
    except OutsideError as error:
        raise OutsideError(f"nginx as {name} did not start", made.complaints()) from error
    return made


# -- the load balancer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Where requests for these hosts go whose path is, or where not ``exact`` lies under, this one."""

    hosts: tuple[str, ...]
    path: str
    exact: bool
    service: str


def rules(graph: Graph, cluster: str = "") -> tuple[Rule, ...]:
    """The rules of a cluster's Ingresses in the load balancer's order; where none is named, of the first with any."""
    found = [one for one in graph.of_type("networking.k8s.io/v1/Ingress") if _cluster(one).startswith(cluster)]
    those = [one for one in found if _cluster(one) == _cluster(found[0])]
    those.sort(key=lambda one: int(one.body["metadata"]["annotations"].get(_ORDER, 0)))
    ordered: dict[tuple[str, bool, str], list[str]] = {}
    for ingress in those:
        for rule in ingress.body["spec"].get("rules", ()):
            for path in rule["http"]["paths"]:
                key = (str(path["path"]), path["pathType"] == "Exact", str(path["backend"]["service"]["name"]))
                ordered.setdefault(key, []).append(str(rule["host"]))
    return tuple(Rule(tuple(hosts), *key) for key, hosts in ordered.items())


def _cluster(resource: Resource) -> str:
    return str(resource.address).partition("/")[0]


def balancer(
    listen: Target, routes: Iterable[Rule], targets: Mapping[str, Sequence[Target]], *, idle: float = 60.0, by: str = ""
) -> str:
    """A load balancer's: no second target is asked when one fails, and a service without targets is answered by 503.

    Targets take turns, or where ``by`` names a header, each of its values keeps to one for as long as that is there.
    """
    routes = list(routes)
    lines = [_HEAD]
    for service in dict.fromkeys(rule.service for rule in routes):
        if targets.get(service):
            # Only a health check takes a target out, never a failed request.
            servers = "".join(f" server {host}:{port} max_fails=0;" for host, port in targets[service])
            sticky = f" hash $http_{_word(by).lower()} consistent;" if by else ""
            lines.append(f"  upstream {_word(service)} {{{sticky}{servers} }}\n")
    for host in dict.fromkeys(host for rule in routes for host in rule.hosts):
        lines.append(f"  server {{\n    listen {_at(listen)};\n    server_name {host};\n")
        for rule in (rule for rule in routes if host in rule.hosts):
            lines += _route(rule, bool(targets.get(rule.service)), idle)
        lines.append("  }\n")
    lines.append(f"  server {{\n    listen {_at(listen)} default_server;\n    return 404;\n  }}\n}}\n")
    return "".join(lines)


def _route(rule: Rule, has_targets: bool, idle: float) -> Iterable[str]:
    if rule.exact:
        places = [f"= {rule.path}"]
    elif rule.path == "/":
        places = ["/"]
    else:
        places = [f"= {rule.path.rstrip('/')}", f"{rule.path.rstrip('/')}/"]
    for place in places:
        if not has_targets:
            yield f"    location {place} {{ return 503; }}\n"
            continue
        yield (
            f"    location {place} {{\n      proxy_pass http://{_word(rule.service)};\n"
            "      proxy_next_upstream off;\n      proxy_set_header Host $host;\n"
            "      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
            "      proxy_set_header X-Forwarded-Proto https;\n      proxy_connect_timeout 10s;\n"
            f"      proxy_read_timeout {_seconds(idle)};\n    }}\n"
        )


# -- the web tier ------------------------------------------------------------------------------------------------------


def web(graph: Graph, listen: Target, services: Mapping[str, Target], *, status: int, name: str = "") -> str | None:
    """The file that the web tier's pods mount, with other addresses; None where the platform has no such tier.

    ``services`` says where each service is that it hands paths on to, by the service's name; ``status`` is a free port.
    """
    for resource in graph.of_type("v1/ConfigMap"):
        found = resource.body.get("data", {}).get("nginx.conf")
        if found is not None and name in ("", resource.body["metadata"]["name"]):
            return moved(found if isinstance(found, str) else render_text(found, str), listen, services, status)
    return None


def moved(text: str, listen: Target, services: Mapping[str, Target], status: int) -> str:
    """A web tier's configuration with addresses and folders of this machine, and not a word of it else changed."""

    def proxied(found: re.Match[str]) -> str:
        if found[1] not in services:
            raise OutsideError(f"the web tier hands on to {found[1]}, which this drill does not have")
        return f"proxy_pass http://{_at(services[found[1]])};"

    text = re.sub(r"listen 127\.0\.0\.1:" + str(STATUS) + ";", f"listen 127.0.0.1:{status};", text)
    text = re.sub(r"listen \d+;", f"listen {_at(listen)};", text)
    text = re.sub(r"proxy_pass http://([\w-]+)[\w.-]*:\d+;", proxied, text)
    text = re.sub(r"/tmp/(\w)", r"@folder@/\1", text)
    text = text.replace("/usr/share/nginx/html", "@folder@/html")
    text = text.replace("/dev/stderr", "@folder@/error.log").replace("access_log /dev/stdout", "access_log off")
    return "daemon off;\n" + text.replace("worker_processes auto", "worker_processes 1")


# -- CloudFront --------------------------------------------------------------------------------------------------------


def distribution(
    resource: Resource,
    listen: Target,
    *,
    names: int,
    port: int,
    places: Mapping[str, str],
) -> str:
    """A distribution's: its behaviors in order, with the methods that each lets in, and the pages of its errors.

    An origin whose name the description knows is looked up at the name server on the port ``names`` and asked at
    ``port``, under its name; ``places`` says where the others are, by their ids, as ``http://127.0.0.1:PORT/PATH``. One
    that is in neither is away.
    """
    body = resource.body
    origins = {str(one["origin_id"]): one for one in body["origin"]}
    groups = {str(one["origin_id"]): one for one in body.get("origin_group") or ()}
    lines = [_HEAD, f"  resolver 127.0.0.1:{names} ipv6=off;\n  resolver_timeout 5s;\n"]
    for name, group in groups.items():
        lines += _group(name, group, places)
    alias = " ".join(map(str, body.get("aliases") or ("_",)))
    lines.append(f"  server {{\n    listen {_at(listen)} default_server;\n    server_name {alias};\n")
    lines.append("    proxy_intercept_errors on;\n")
    for page in body.get("custom_error_response") or ():
        # AWS names no method that gets no page: a failed write is answered with it as well.
        lines.append(f"    error_page {page['error_code']} ={page['response_code']} {page['response_page_path']};\n")
    for behavior in body.get("ordered_cache_behavior") or ():
        place = f"~ ^{path_pattern(str(behavior['path_pattern']))}$"
        lines += _behavior(place, behavior, origins, groups, port, places)
    for behavior in body["default_cache_behavior"]:
        lines += _behavior("/", behavior, origins, groups, port, places)
    return "".join([*lines, "  }\n}\n"])


def _behavior(
    place: str,
    behavior: Mapping[str, Any],
    origins: Mapping[str, Mapping[str, Any]],
    groups: Mapping[str, Mapping[str, Any]],
    port: int,
    places: Mapping[str, str],
) -> Iterable[str]:
    target = str(behavior["target_origin_id"])
    methods = "|".join(map(str, behavior["allowed_methods"]))
    yield f"    location {place} {{\n      if ($request_method !~ ^({methods})$) {{ return 403; }}\n"
    if target in groups:
        # The group's own error codes decide; what the visitor sees is what the last origin said.
        yield f"      proxy_intercept_errors off;\n      proxy_pass http://$asked_{_word(target)};\n"
        yield f"      proxy_next_upstream error timeout {_criteria(groups[target])};\n    }}\n"
        return
    origin = origins[target]
    custom: Mapping[str, Any] = next(iter(origin.get("custom_origin_config") or ()), {})
    attempts, connect = int(origin.get("connection_attempts", 3)), float(origin.get("connection_timeout", 10))
    if target in places:
        at, path = _split(places[target])
        # With a path the origin is a folder; the variable keeps nginx from looking it up when it starts.
        # A page that stands for an error has a path of its own, which $request_uri would not be.
        yield f"      set $origin {at};\n      proxy_pass http://$origin{path}$uri$is_args$args;\n"
        yield f"      proxy_set_header Host {at};\n"
    elif isinstance(origin["domain_name"], Ref):
        yield "      return 502;\n"
    else:
        name = str(origin["domain_name"])
        yield f"      set $origin {name};\n      proxy_pass http://$origin:{port}$request_uri;\n"
        yield f"      proxy_set_header Host {name};\n"
    for header in origin.get("custom_header") or ():
        yield f"      proxy_set_header {header['name']} {header['value']};\n"
    yield '      proxy_set_header Connection "";\n'
    yield "      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    # So many attempts of so long each; a refused connection fails at once, as often as it is tried.
    yield f"      proxy_connect_timeout {_seconds(attempts * connect)};\n"
    yield f"      proxy_read_timeout {_seconds(float(custom.get('origin_read_timeout', 30)))};\n    }}\n"


def _group(name: str, group: Mapping[str, Any], places: Mapping[str, str]) -> Iterable[str]:
    """The upstreams of an origin group: both origins for reads, the first alone for everything else."""
    members = [str(member["origin_id"]) for member in group["member"]]
    servers = [_split(places[member])[0] if member in places else "127.0.0.1:9" for member in members]
    word = _word(name)
    yield f"  upstream first_{word} {{ server {servers[0]} max_fails=0; }}\n"
    backups = "".join(f" server {server} max_fails=0 backup;" for server in servers[1:])
    yield f"  upstream all_{word} {{ server {servers[0]} max_fails=0;{backups} }}\n"
    reads = "".join(f" {method} all_{word};" for method in _READS)
    yield f"  map $request_method $asked_{word} {{{reads} default first_{word}; }}\n"


def _criteria(group: Mapping[str, Any]) -> str:
    codes = sorted({int(code) for one in group["failover_criteria"] for code in one["status_codes"]})
    return " ".join(f"http_{code}" for code in codes)


def fallback(listen: Target, page: str, words: str = "", *, retry_after: int = 30) -> str:
    """The distribution that answers under names that failed over: with 503 and the page, whatever is asked.

    ``page`` is the URL at which the page is kept elsewhere: then it does as its function at the edge does, asks there
    for reads, and answers writes itself. Where that is empty, ``words`` are the page, for everybody.
    """
    words = words or "<!doctype html><title>Away</title><h1>Away for a moment</h1>"
    # Azure has machines of its own. What plays it here would take from the restore, so it is asked once a second.
    kept = "  proxy_cache_path @folder@/page keys_zone=page:1m use_temp_path=off;\n" if page else ""
    head = _HEAD + (
        f"{kept}  server {{\n    listen {_at(listen)} default_server;\n"
        f"    add_header Retry-After {retry_after} always;\n    add_header Cache-Control no-store always;\n"
        "    default_type text/html;\n"
    )
    if not page:
        return f"{head}    location / {{ return 503 '{_quoted(words)}'; }}\n  }}\n}}\n"
    at, path = _split(page)
    return head + (
        # 418 is nobody's answer: it leads reads on to the page.
        "    error_page 418 =503 @page;\n"
        "    location / {\n      if ($request_method ~ ^(GET|HEAD)$) { return 418; }\n"
        f"      return 503 '{_quoted(words)}';\n    }}\n"
        f"    location @page {{\n      set $page {at};\n      proxy_pass http://$page{path};\n      proxy_method GET;\n"
        f"      proxy_set_header Host {at};\n      proxy_connect_timeout 6s;\n      proxy_read_timeout 5s;\n"
        "      proxy_hide_header Cache-Control;\n      proxy_intercept_errors on;\n"
        "      proxy_cache page;\n      proxy_cache_key page;\n      proxy_cache_valid 200 1s;\n"
        "      proxy_cache_lock on;\n      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;\n"
        "      error_page 400 403 404 409 500 502 503 504 =503 @words;\n    }\n"
        f"    location @words {{ return 503 '{_quoted(words)}'; }}\n  }}\n}}\n"
    )


def bucket(listen: Target, objects: Mapping[str, str]) -> str:
    """A bucket that holds these pages, by their keys."""
    lines = [_HEAD, f"  server {{\n    listen {_at(listen)} default_server;\n    default_type text/html;\n"]
    lines += [f"    location = /{key} {{ return 200 '{_quoted(text)}'; }}\n" for key, text in objects.items()]
    return "".join([*lines, "    location / { return 404; }\n  }\n}\n"])


def page(graph: Graph) -> tuple[str, str] | None:
    """The name of the maintenance page's blob, or object where no page is kept elsewhere, and its content."""
    for type, name, content in (
        ("azurerm_storage_blob", "name", "source_content"),
        ("aws_s3_object", "key", "content"),
    ):
        for found in graph.of_type(type):
            text = found.body.get(content)
            if str(found.body.get("content_type", "")).startswith("text/html") and isinstance(text, str):
                return str(found.body[name]), text
    return None


# -- small things ------------------------------------------------------------------------------------------------------


def _at(target: Target) -> str:
    return f"{target[0]}:{target[1]}"


def _quoted(page: str) -> str:
    """A page within quotes in a configuration, in which nothing is a variable or the end of it."""
    return page.replace("\\", "&#92;").replace("'", "&#39;").replace("$", "&#36;").replace("\n", " ").strip()


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _seconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _split(url: str) -> tuple[str, str]:
    """Host with port, and path, of a URL."""
    host, slash, path = url.removeprefix("http://").partition("/")
    return host, f"{slash}{path}".rstrip("/")


def path_pattern(pattern: str) -> str:
    """CloudFront's path pattern as a regular expression: * is any run of characters, ? any one."""
    escaped = re.escape(pattern if pattern.startswith(("/", "*")) else f"/{pattern}")
    return escaped.replace(r"\*", ".*").replace(r"\?", ".")


def _takes(target: Target) -> bool:
    with socket.socket() as asked:
        asked.settimeout(0.5)
        return asked.connect_ex(target) == 0


def _write(stage: Stage, folder: Path, configuration: str) -> None:
    path = folder / "nginx.conf"
    most = getrlimit(RLIMIT_NOFILE)[1]
    files = _FILES if most == RLIM_INFINITY else min(_FILES, most)
    text = configuration.replace("@folder@", str(folder)).replace("@files@", str(files))
    path.write_text(text, encoding="utf-8")
    stage.give(path)
