"""Containers of a pod template: images, amounts, environment, confinement and probes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from seawall.facts.compute import Confined, Container, Environment, Probe, Started, Stops
from seawall.facts.demands import Hold, Pull
from seawall.facts.fact import Demand, Fact, Known
from seawall.facts.pod_network import NodePort
from seawall.kernel.value import SECRET, Ref, Text, Textual, Unknown, text
from seawall.readers.kubernetes.objects import Fields, Manifest

_SENSITIVE = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY", re.IGNORECASE)
_SWITCHES_IT_OFF = re.compile(r"ALLOW_EMPTY", re.IGNORECASE)
_NAMES_A_PLACE = re.compile(r"(ARN|FILE|NAME|PATH|URL|URI|ID|ENDPOINT|HOST|TTL|TIMEOUT)$", re.IGNORECASE)


def sensitive(name: str) -> bool:
    """Whether a name says that its value is a secret, rather than where one is kept or that there is none."""
    return bool(_SENSITIVE.search(name)) and not (_NAMES_A_PLACE.search(name) or _SWITCHES_IT_OFF.search(name))


def containers(body: Manifest, spec: Fields) -> Iterator[Fact | Demand]:
    """What the containers of a pod say, those that run before the others included."""
    for field in ("initContainers", "containers"):
        for part in spec.blocks(field):
            yield from _container(body, spec, part, init=field == "initContainers")


def variables(body: Manifest, spec: Fields) -> Iterator[Environment]:
    """The environment of the pod's ordinary containers, as Kubernetes builds it."""
    for part in spec.blocks("containers"):
        yield from _environment(body, part)


def _container(body: Manifest, spec: Fields, part: Fields, *, init: bool) -> Iterator[Fact | Demand]:
    of, name = body.address, part.string("name")
    resources = part.block("resources")
    limits = resources.pairs("limits")
    # Where only a limit is given, the API server takes it for the request as well.
    requests = dict(limits) | dict(resources.pairs("requests"))
    image = part.text("image")
    yield Container(
        of,
        name,
        image,
        tuple(sorted(requests.items())),
        limits,
        tuple((port.string("name"), _port(port)) for port in part.blocks("ports")),
        init,
        tuple(port.string("protocol", "TCP").lower() for port in part.blocks("ports")),
        init and part.string("restartPolicy") == "Always",
    )
    words = [str(word) for word in (*part.strings("command"), *part.strings("args"))]
    if words:
        # Somebody may have written a password on the command line, and what it is nobody may keep.
        yield Started(of, name, tuple(word for word in words if not _SENSITIVE.search(word)))
    for port in part.blocks("ports"):
        if not spec.flag("hostNetwork") and (taken := port.number("hostPort")):
            spoken = cast("Any", port.string("protocol", "TCP").lower())
            yield NodePort(of, spoken, taken, _port(port), keeps_source=True)
    if part.has("image"):
        yield Pull(of, image, said=f"{of}: {part.path('image')}")
    yield _confined(body, spec, part, name)
    for variable in _environment(body, part):
        yield variable
        if variable.secret is not None:
            secret, key = variable.secret
            yield Hold(of, secret, key, "env", said=f"{of}: {part.path('env')}, {variable.name}")
    before = part.within("lifecycle", "preStop")
    if before.given:
        yield Stops(of, name, _waited(before))
    for kind in ("liveness", "readiness", "startup"):
        probe = part.block(f"{kind}Probe")
        if probe.given:
            yield _probe(body, name, cast("Any", kind), probe)


_SLEEP = re.compile(r"sleep\s+(\d+)s?")


def _waited(before: Fields) -> Known[int]:
    """The least that a container waits: it sleeps, or runs a command that sleeps in so many words."""
    if before.block("sleep").given:
        return before.block("sleep").count("seconds")
    command = " ".join(before.block("exec").strings("command"))
    found = _SLEEP.search(command)
    if found is not None:
        return int(found[1])
    return before.unknown("exec", before.raw("exec") or before.raw("httpGet"))


def _port(port: Fields) -> int:
    number = port.count("containerPort")
    return number if isinstance(number, int) else 0


def _environment(body: Manifest, part: Fields) -> Iterator[Environment]:
    """Variables in the order in which later ones win and may use earlier ones as ``$(NAME)``.

    A whole ConfigMap or Secret is the one variable ``PREFIX*``. Optional secrets are no promise and so are left out.
    """
    of, container = body.address, part.string("name")
    for source in part.blocks("envFrom"):
        name = source.string("prefix") + "*"
        config, secret = source.block("configMapRef"), source.block("secretRef")
        if config.has("name"):
            address = body.sibling("ConfigMap", config.string("name"))
            yield Environment(of, container, name, Ref(address, "data"))
        if secret.has("name") and secret.flag("optional") is not True:
            address = body.sibling("Secret", secret.string("name"))
            yield Environment(of, container, name, secret=(address, "*"))
    known: dict[str, Textual] = {}
    for variable in part.blocks("env"):
        name = variable.string("name")
        source = variable.block("valueFrom")
        if not source.given:
            value = _expanded(variable.text("value"), known)
            if sensitive(name) and isinstance(value, str) and value:
                value = Unknown(f"{of}.{variable.path('value')}", why=SECRET)
            known[name] = value
            yield Environment(of, container, name, value)
            continue
        secret, config = source.block("secretKeyRef"), source.block("configMapKeyRef")
        if secret.given:
            if secret.flag("optional") is not True:
                address = body.sibling("Secret", secret.string("name"))
                yield Environment(of, container, name, secret=(address, secret.string("key")))
        elif config.given:
            address = body.sibling("ConfigMap", config.string("name"))
            yield Environment(of, container, name, Ref(address, f"data.{config.string('key')}"))
        else:
            why = "Kubernetes fills it in when the pod starts"
            yield Environment(of, container, name, Unknown(f"{of}.{variable.path('valueFrom')}", why=why))


_EXPANSION = re.compile(r"\$\$|\$\(([^()$]*)\)")


def _expanded(value: Textual, known: Mapping[str, Textual]) -> Textual:
    """A value with ``$(NAME)`` replaced by earlier variables; unknown names and ``$$`` as Kubernetes treats them."""

    def expand(piece: str) -> Iterator[Textual]:
        start = 0
        for match in _EXPANSION.finditer(piece):
            yield piece[start : match.start()]
            if match[0] == "$$":
                yield "$"
            else:
                yield known.get(match[1], match[0])
            start = match.end()
        yield piece[start:]

    parts = value.parts if isinstance(value, Text) else (value,)
    return text(
        *(new for part in parts for new in (expand(part) if isinstance(part, str) and "$" in part else (part,)))
    )


def _confined(body: Manifest, spec: Fields, part: Fields, name: str) -> Confined:
    pod, own = spec.block("securityContext"), part.block("securityContext")
    privileged = own.flag("privileged") is True
    adds = {capability.upper().removeprefix("CAP_") for capability in own.block("capabilities").strings("add")}
    # A privileged container, or one with CAP_SYS_ADMIN, may always gain privileges, whatever the field says.
    escalates = privileged or "SYS_ADMIN" in adds or own.flag("allowPrivilegeEscalation", True) is not False
    drops = sorted(capability.upper() for capability in own.block("capabilities").strings("drop"))
    return Confined(
        body.address,
        name,
        _root(pod, own),
        privileged,
        escalates,
        own.flag("readOnlyRootFilesystem") is True,
        tuple(drops),
    )


def _root(pod: Fields, own: Fields) -> Known[bool]:
    """A container's own field wins over its pod's; with neither the image decides."""
    for field, answer in (("runAsUser", lambda value: value == 0), ("runAsNonRoot", lambda value: not value)):
        for part in (own, pod):
            if not part.mentions(field):
                continue
            value: Known[Any] = part.number(field) if field == "runAsUser" else part.flag(field)
            if isinstance(value, Unknown):
                return value
            if field == "runAsUser" or value is True:
                return cast("bool", answer(value))
            break
    return Unknown(f"{own.address}.{own.path('runAsNonRoot')}", why="the image's own user decides")


def _probe(body: Manifest, container: str, kind: Literal["liveness", "readiness", "startup"], probe: Fields) -> Probe:
    """A probe; ``path`` starts with a slash for HTTP and is ``tcp``, ``grpc`` or ``exec`` for the other means."""
    path, port = "exec", "0"
    for means in ("httpGet", "tcpSocket", "grpc"):
        handler = probe.block(means)
        if handler.given:
            path = handler.string("path", "/") if means == "httpGet" else means.removesuffix("Socket")
            port = handler.string("port")
    return Probe(
        body.address,
        container,
        kind,
        path,
        int(port) if port.isdecimal() else port,
        _count(probe, "initialDelaySeconds", 0),
        _count(probe, "periodSeconds", 10),
        _count(probe, "failureThreshold", 3),
        _count(probe, "timeoutSeconds", 1),
    )


def _count(part: Fields, name: str, default: int) -> int:
    value = part.count(name, default)
    return value if isinstance(value, int) else default
