"""Exporters that lie beside a container in its pod, and say of it for Prometheus what it does not say itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seawall.components.environment import from_secret, variable
from seawall.components.metrics import PORT as PORT_NAME
from seawall.components.pods import confined_container

# nginx/nginx-prometheus-exporter@9956da707319, v1.5.3 of 2026-08-14; a mirror without Docker Hub's limits.
NGINX_IMAGE = "public.ecr.aws/nginx/nginx-prometheus-exporter:1.5.3"
NGINX = 9113
STATUS = 8099
"""Where nginx tells its state, on the pod's own address alone."""

# oliver006/redis_exporter@16db88a0c298, v1.88.0; a mirror without Docker Hub's limits.
REDIS_IMAGE = "quay.io/oliver006/redis_exporter:v1.88.0"
REDIS = 9121

# prometheus-community/pgbouncer_exporter@6918f4e78bd6, release v0.12.1; a mirror without Docker Hub's limits.
PGBOUNCER_IMAGE = "quay.io/prometheuscommunity/pgbouncer-exporter:v0.12.1"
PGBOUNCER = 9127
SOCKETS = "/run/pgbouncer"
"""Where PgBouncer has its socket, for those of its own pod."""


def nginx() -> dict[str, Any]:
    """The exporter beside an nginx."""
    arguments = [f"--nginx.scrape-uri=http://127.0.0.1:{STATUS}/stub_status", f"--web.listen-address=:{NGINX}"]
    return _container("nginx-exporter", NGINX_IMAGE, NGINX, {"args": arguments}, memory="32Mi")


def redis(server: int, password: tuple[str, str], counted: Iterable[str]) -> dict[str, Any]:
    """The exporter beside a Redis server; ``password`` is a Secret with its key, ``counted`` are patterns of keys.

    Counting walks through all keys, a thousand at a time, so that nobody waits for it.
    """
    variables = [
        variable("REDIS_ADDR", f"redis://127.0.0.1:{server}"),
        from_secret("REDIS_PASSWORD", *password),
        variable("REDIS_EXPORTER_WEB_LISTEN_ADDRESS", f":{REDIS}"),
    ]
    patterns = sorted(set(counted))
    if patterns:
        variables.append(variable("REDIS_EXPORTER_COUNT_KEYS", ",".join(f"db0={pattern}" for pattern in patterns)))
    return _container("redis-exporter", REDIS_IMAGE, REDIS, {"env": variables}, memory="64Mi")


def pgbouncer(port: int, volume: str) -> dict[str, Any]:
    """The exporter beside a PgBouncer; ``volume`` holds its socket.

    Who comes through it as the very user that PgBouncer runs as may look at its console as ``pgbouncer``, without a
    password: pgbouncer.org, "Usage", "Admin console".  The containers of a pod are one user here.
    """
    console = f"postgres:///pgbouncer?host={SOCKETS}&port={port}&user=pgbouncer&sslmode=disable"
    arguments = {
        "args": [f"--web.listen-address=:{PGBOUNCER}"],
        "env": [variable("PGBOUNCER_EXPORTER_CONNECTION_STRING", console)],
    }
    container = _container("pgbouncer-exporter", PGBOUNCER_IMAGE, PGBOUNCER, arguments, memory="32Mi")
    return {**container, "volumeMounts": [{"name": volume, "mountPath": SOCKETS}]}


def _container(name: str, image: str, port: int, more: Mapping[str, Any], *, memory: str) -> dict[str, Any]:
    # It answers whether or not what it asks does, so that its own end alone starts it anew.
    answers = {"httpGet": {"path": "/", "port": PORT_NAME}, "periodSeconds": 10, "timeoutSeconds": 2}
    return {
        "name": name,
        "image": image,
        **more,
        "ports": [{"name": PORT_NAME, "containerPort": port}],
        "resources": {"requests": {"cpu": "10m", "memory": memory}, "limits": {"cpu": "50m", "memory": memory}},
        "livenessProbe": {**answers, "failureThreshold": 3},
        "readinessProbe": {**answers, "failureThreshold": 3},
        "securityContext": confined_container(),
    }
