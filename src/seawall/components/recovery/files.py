"""What is written onto the standby: the services that are exposed at home, as containers, and nginx before them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from seawall.components import environment, images, nginx
from seawall.components.cache import IMAGE as CACHE
from seawall.components.offer import Credentials, Offer
from seawall.components.recovery.dump import Image
from seawall.components.recovery.machine import script
from seawall.components.scope import Scope
from seawall.components.service import Service
from seawall.components.workload import STORES
from seawall.kernel.errors import InputError
from seawall.kernel.value import render_text, text

READY = "/.standby/ready"
"""Where the standby says whether it could serve, were it promoted."""
_FIRST_PORT = 18_080
_CACHES = ("redis", "redis-sentinel")
_SCRIPTS = ("certificate", "demote", "lib", "promote", "proof", "restore", "start")
_WORDS = {
    ("database", "username"): "application",
    ("database", "password"): "$DATABASE_PASSWORD",
    ("cache", "password"): "$CACHE_PASSWORD",
}
# Tomcat as the document of PetClinic has it on its machine; the containers at home have Spring Boot's own figures.
_TOMCAT = {
    "SERVER_TOMCAT_THREADS_MAX": "200",
    "SERVER_TOMCAT_THREADS_MINSPARE": "10",
    "SERVER_TOMCAT_CONNECTIONTIMEOUT": "20s",
}


def served(scope: Scope) -> dict[str, Service]:
    """The services that are exposed at home."""
    return {name: service for name, service in scope.every(Service).items() if service.expose is not None}


def carried(scope: Scope) -> Iterator[Image]:
    """The images of ours that the standby runs."""
    for name, service in served(scope).items():
        if images.is_ours(service.image):
            there = scope.at(name)
            yield Image(
                images.reference(there, service.image, service.tag, None),
                f"{service.image}:{service.tag}",
                there.ref("aws_ecr_repository", there.identifier, "arn"),
            )


def files(scope: Scope, *, registry: str, database: str, names: tuple[str, ...], settings: str) -> dict[str, str]:
    """Path -> text of everything that is written onto the machine.

    ``database`` is the host of the database there, ``registry`` of the images, ``names`` what it answers to.
    Raises InputError where a service needs something that the standby does not have.
    """
    found = {"/etc/standby/settings": settings}
    found |= {f"/opt/standby/{name}.sh": script(f"{name}.sh") for name in _SCRIPTS}
    services = served(scope)
    ports = {name: _FIRST_PORT + number for number, name in enumerate(services)}
    for name, service in services.items():
        found |= _container(scope.at(name), service, ports[name], registry, database)
    for name in {need for service in services.values() for need in service.needs}:
        if scope.offer(name).speaks in _CACHES:
            found |= _cache(name)
    found["/opt/standby/nginx.conf"] = _nginx(services, ports, names)
    found |= _units()
    return dict(sorted(found.items()))


def _container(scope: Scope, service: Service, port: int, registry: str, database: str) -> dict[str, str]:
    name = scope.name
    variables = dict(_environment(scope, service, database))
    image = f"{registry}/{service.image}:{service.tag}" if images.is_ours(service.image) else service.image
    arguments = ["--user", "10001:10001", "--publish", f"127.0.0.1:{port}:{service.port}"]
    at = f"/etc/standby/containers/2-{name}"
    found: dict[str, str] = {}
    if service.framework == "nginx":
        configuration = nginx.configuration(service.port, service.probes.path or nginx.HEALTH, {})
        found[f"{at}.conf"] = render_text(configuration, str)
        arguments += ["--volume", f"{at}.conf:/etc/nginx/{nginx.FILE}:ro"]
    memory = service.resources.limits.memory or service.resources.requests.memory
    found[f"{at}.env"] = "".join(f"{key}={value}\n" for key, value in variables.items())
    found[f"{at}.run"] = _run(image, f"{round(memory.mib) if memory else 512}m", arguments, [])
    return found


def _run(image: str, memory: str, arguments: list[str], command: list[str]) -> str:
    return (
        f"IMAGE={shlex.quote(image)}\nMEMORY={memory}\n"
        f"ARGUMENTS=({' '.join(map(shlex.quote, arguments))})\nCOMMAND=({' '.join(map(shlex.quote, command))})\n"
    )


def _environment(scope: Scope, service: Service, database: str) -> Iterator[tuple[str, str]]:
    variables = list(environment.of_framework(service.framework, service.port, 30))
    for need in service.needs:
        offer = _there(scope, need, scope.offer(need), database)
        secret = "database" if offer.speaks in STORES else "cache"
        variables += environment.of_need(service.framework, need, offer, secret, service.connections)
    if service.session is not None:
        variables += environment.of_session(service.framework, service.session.timeout)
    if service.framework == "spring":
        yield from _TOMCAT.items()
    for variable in variables:
        if "value" in variable:
            yield variable["name"], render_text(variable["value"], str)
        else:
            of = variable["valueFrom"]["secretKeyRef"]
            yield variable["name"], _WORDS[of["name"], of["key"]]
    yield from service.env.items()


def _there(scope: Scope, need: str, offer: Offer, database: str) -> Offer:
    """What the standby has in place of what a service needs at home."""
    if offer.speaks == "mysql":
        credentials = Credentials(None, "database")
        host, name = text(database), "$DATABASE_NAME"
        return Offer(need, offer.target, "mysql", host, 3306, name=name, tls=True, credentials=credentials)
    if offer.speaks in _CACHES:
        return Offer(need, offer.target, "redis", need, 6379, credentials=Credentials(None, "cache", user=None))
    raise InputError(
        f"{scope.name} is to be served from the other cloud and needs {need}, which speaks {offer.speaks}; "
        "the standby has databases and caches alone",
        fix="choose `strategy: copies`, or do not expose it",
        origin=scope.origin,
    )


def _cache(name: str) -> dict[str, str]:
    at = f"/etc/standby/containers/1-{name}"
    # Sessions of the other side are gone with it; these begin anew, and lie in memory alone.
    lines = r'requirepass %s\nmaxmemory 256mb\nmaxmemory-policy volatile-lru\nsave ""\n'
    command = f"""printf '{lines}' "$PASSWORD" | exec redis-server -"""
    return {
        f"{at}.env": "PASSWORD=$CACHE_PASSWORD\n",
        f"{at}.run": _run(CACHE, "512m", ["--user", "10001:10001"], ["sh", "-c", command]),
    }


def _nginx(services: Mapping[str, Service], ports: Mapping[str, int], names: tuple[str, ...]) -> str:
    locations: dict[str, int] = {}
    for name, service in services.items():
        assert service.expose is not None
        health = service.probes.path or ("/actuator/health" if service.framework == "spring" else "")
        for path in service.expose.paths:
            locations[f"= {path}" if path == health else path] = ports[name]
    written = "".join(
        f"\n  location {path} {{\n    if ($serving = 0) {{\n      return 418;\n    }}\n"
        f"    proxy_pass http://127.0.0.1:{port};\n  }}\n"
        for path, port in sorted(locations.items())
    )
    return (
        script("nginx.conf")
        .replace("@names@", " ".join(names))
        .replace("@locations@", written)
        .replace("@ready@", READY)
    )


def _units() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, does, first, every in (
        ("certificate", "Gets and renews the certificate", "3min", "6h"),
        ("restore", "Restores the newest copy", "10min", "1h"),
    ):
        at = f"/etc/systemd/system/standby-{name}"
        found[f"{at}.service"] = (
            f"[Unit]\nDescription={does}\nAfter=network-online.target docker.service\nWants=network-online.target\n\n"
            f"[Service]\nType=oneshot\nExecStart=/opt/standby/{name}.sh\nRestart=on-failure\nRestartSec=15min\n"
        )
        found[f"{at}.timer"] = (
            f"[Unit]\nDescription={does}\n\n[Timer]\nOnActiveSec={first}\nOnBootSec={first}\nOnUnitActiveSec={every}\n\n"
            "[Install]\nWantedBy=timers.target\n"
        )
    return found
