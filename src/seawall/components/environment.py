"""Environment variables: what an offer comes to in the words of the one that needs it.

A framework has names of its own for where a database or a cache is; ``plain`` names everything after the need:
``PETCLINIC_DB_HOST``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from seawall.components.offer import Offer
from seawall.components.scope import Scope
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, text

Framework: TypeAlias = Literal["spring", "nginx", "plain"]
Variable: TypeAlias = dict[str, Any]

METRICS = "/actuator/prometheus"
"""Where a spring application answers Prometheus."""

# A failover gives the database's name another address; AWS asks for less than 30 s.
_JAVA = "-XX:MaxRAMPercentage=75 -Dsun.net.inetaddr.ttl=10"


def variable(name: str, value: Textual) -> Variable:
    """A variable with a plain value."""
    return {"name": name, "value": value}


def from_secret(name: str, secret: str, key: str) -> Variable:
    """A variable that comes from a Secret of the pod's namespace."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def of_need(framework: Framework, need: str, offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    """The variables by which an application finds what it needs; ``secret`` is where the credentials lie."""
    if framework == "nginx":
        return  # its configuration is a file
    if framework == "spring" and offer.speaks in _SPRING:
        yield from _SPRING[offer.speaks](offer, secret, pool)
        return
    prefix = need.upper().replace("-", "_")
    if offer.speaks == "kafka":
        yield variable(f"{prefix}_BOOTSTRAP_SERVERS", offer.host)
        yield variable(f"{prefix}_TOPICS", offer.name)
        yield variable(f"{prefix}_GROUP", offer.user)
        return
    if offer.held is not None:
        for key in offer.held.keys:
            yield from_secret(f"{prefix}_{key.upper().replace('-', '_')}", secret, key)
        return
    if offer.mounts:
        for mount in offer.mounts:
            yield variable(f"{prefix}_PATH", mount.path)
        return
    if offer.speaks == "aws":
        # Every SDK knows where an API is; it has to be told the name of what is meant, and the region.
        yield variable(f"{prefix}_NAME", offer.name)
        yield variable(f"{prefix}_REGION", offer.host)
        return
    yield variable(f"{prefix}_HOST", offer.host)
    if offer.reader is not None:
        yield variable(f"{prefix}_READER_HOST", offer.reader)
    yield variable(f"{prefix}_PORT", str(offer.port))
    if offer.name:
        yield variable(f"{prefix}_NAME", offer.name)
    if offer.nodes:
        yield variable(f"{prefix}_NODES", _nodes(offer))
    if offer.user:
        yield variable(f"{prefix}_USERNAME", offer.user)
    if offer.credentials is not None:
        if offer.credentials.user is not None:
            yield from_secret(f"{prefix}_USERNAME", secret, offer.credentials.user)
        yield from_secret(f"{prefix}_PASSWORD", secret, offer.credentials.password)


def of_framework(framework: Framework, port: int, drain: int, *, measured: bool = False) -> Iterator[Variable]:
    """What a framework has to be told to run well in a pod: ``drain`` is how many seconds it has to finish.

    ``measured`` says that Prometheus asks it: nobody else needs its metrics, and nobody else is shown them.
    """
    if framework != "spring":
        return
    settings = {
        "SERVER_PORT": str(port),
        "SERVER_SHUTDOWN": "graceful",
        "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE": f"{drain}s",
        # Longer than the load balancer keeps a silent connection (60 s), so that it is never the one surprised.
        "SERVER_TOMCAT_KEEPALIVETIMEOUT": "75s",
        # TLS ends at the load balancer; without this, redirects would lead back to http.
        "SERVER_FORWARDHEADERSSTRATEGY": "native",
        "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE": f"health,info,metrics{',prometheus' if measured else ''}",
        "MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "true",
        "MANAGEMENT_ENDPOINT_HEALTH_SHOWDETAILS": "never",
        "JAVA_TOOL_OPTIONS": _JAVA,
    }
    if measured:
        # Without buckets there is no telling how slow the slowest requests were.
        settings["MANAGEMENT_METRICS_DISTRIBUTION_PERCENTILESHISTOGRAM_HTTP_SERVER_REQUESTS"] = "true"
        settings["SERVER_TOMCAT_MBEANREGISTRY_ENABLED"] = "true"
    for name, value in settings.items():
        yield variable(name, value)


def of_worker(framework: Framework, finish: int) -> Iterator[Variable]:
    """What a framework has to be told where nobody asks its pods: ``finish`` is how many seconds it has to end."""
    if framework == "spring":
        yield variable("SPRING_MAIN_WEBAPPLICATIONTYPE", "none")
        yield variable("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE", f"{finish}s")
        yield variable("JAVA_TOOL_OPTIONS", _JAVA)


def of_session(framework: Framework, timeout: units.Duration) -> Iterator[Variable]:
    """A session and its cookie that end at the same moment; a cookie that outlives its session loops on redirects."""
    seconds = round(timeout.seconds)
    settings = {
        "SPRING_SESSION_TIMEOUT": f"{seconds}s",
        "SPRING_SESSION_REDIS_NAMESPACE": "spring:session",
        "SPRING_SESSION_REDIS_FLUSHMODE": "on_save",
        "SERVER_SERVLET_SESSION_COOKIE_MAXAGE": f"{seconds}s",
        "SERVER_SERVLET_SESSION_COOKIE_HTTPONLY": "true",
        "SERVER_SERVLET_SESSION_COOKIE_SECURE": "true",
        "SERVER_SERVLET_SESSION_COOKIE_SAMESITE": "lax",
    }
    if framework != "spring":
        settings = {"SESSION_TIMEOUT_SECONDS": str(seconds), "SESSION_COOKIE_MAX_AGE_SECONDS": str(seconds)}
    for name, value in settings.items():
        yield variable(name, value)


def merged(scope: Scope, derived: Iterable[Variable], stated: Iterable[Variable]) -> list[Variable]:
    """Derived variables with those that the description states over them.

    Raises InputError where two needs would set the same variable.
    """
    found: dict[str, Variable] = {}
    for item in derived:
        if item["name"] in found and found[item["name"]] != item:
            raise InputError(
                f"two needs of {scope.name} both set {item['name']}",
                fix="Spring knows one of each sort; with `framework: plain` every variable is named after its need",
                origin=scope.origin,
            )
        found[item["name"]] = item
    for item in stated:
        found[item["name"]] = item
    return list(found.values())


def _cluster(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    # One name answers for all shards; from it the client learns the rest, and anew when shards move.
    nodes = text(offer.host, f":{offer.port}")
    yield variable("REDIS_CLUSTER_NODES", nodes)
    yield variable("SPRING_DATA_REDIS_CLUSTER_NODES", nodes)
    yield variable("SPRING_DATA_REDIS_LETTUCE_CLUSTER_REFRESH_ADAPTIVE", "true")
    yield variable("SPRING_DATA_REDIS_LETTUCE_CLUSTER_REFRESH_PERIOD", "30s")
    if offer.tls:
        yield variable("SPRING_DATA_REDIS_SSL_ENABLED", "true")
    if offer.user:
        yield variable("SPRING_DATA_REDIS_USERNAME", offer.user)
    yield variable("SPRING_DATA_REDIS_TIMEOUT", "2s")


def _nodes(offer: Offer) -> Textual:
    parts: list[Textual] = []
    for node in offer.nodes:
        parts += [*([","] if parts else []), node, f":{offer.port}"]
    return text(*parts)


def _datasource(url: Textual, offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    yield variable("SPRING_DATASOURCE_URL", url)
    if offer.credentials is not None:
        if offer.credentials.user is not None:
            yield from_secret("SPRING_DATASOURCE_USERNAME", secret, offer.credentials.user)
        yield from_secret("SPRING_DATASOURCE_PASSWORD", secret, offer.credentials.password)
    yield variable("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", str(pool))


def _hosts(offer: Offer) -> Textual:
    return _nodes(offer) if offer.nodes else text(offer.host, f":{offer.port}")


def _mysql(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    # The image's Java must trust the certificate authority of Amazon RDS for the name to be verified.
    options = "?sslMode=VERIFY_IDENTITY&connectTimeout=5000&socketTimeout=60000" if offer.tls else ""
    url = text("jdbc:mysql://", _hosts(offer), f"/{offer.name}{options}")
    yield from _datasource(url, offer, secret, pool)


def _postgresql(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    options = "?sslmode=verify-full&connectTimeout=5&socketTimeout=60" if offer.tls else ""
    if offer.nodes:
        # Whichever of them may write is taken, and one that only reads where none may.
        options += f"{'&' if options else '?'}targetServerType=preferPrimary"
    url = text("jdbc:postgresql://", _hosts(offer), f"/{offer.name}{options}")
    yield from _datasource(url, offer, secret, pool)


def _sentinel(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    yield variable("SPRING_DATA_REDIS_SENTINEL_MASTER", offer.name)
    yield variable("SPRING_DATA_REDIS_SENTINEL_NODES", _nodes(offer))
    if offer.credentials is not None:
        yield from_secret("SPRING_DATA_REDIS_PASSWORD", secret, offer.credentials.password)
        yield from_secret("SPRING_DATA_REDIS_SENTINEL_PASSWORD", secret, offer.credentials.password)
    yield variable("SPRING_DATA_REDIS_TIMEOUT", "2s")


def _redis(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    yield variable("SPRING_DATA_REDIS_HOST", offer.host)
    yield variable("SPRING_DATA_REDIS_PORT", str(offer.port))
    if offer.tls:
        yield variable("SPRING_DATA_REDIS_SSL_ENABLED", "true")
    if offer.user:
        yield variable("SPRING_DATA_REDIS_USERNAME", offer.user)
    if offer.credentials is not None:
        yield from_secret("SPRING_DATA_REDIS_PASSWORD", secret, offer.credentials.password)
    yield variable("SPRING_DATA_REDIS_TIMEOUT", "2s")


def _kafka(offer: Offer, secret: str, pool: int) -> Iterator[Variable]:
    # Spring and what is configured by hand read the same address; the library of the module is the application's.
    yield variable("KAFKA_BOOTSTRAP_SERVERS", offer.host)
    yield variable("SPRING_KAFKA_BOOTSTRAPSERVERS", offer.host)
    signing = "software.amazon.msk.auth.iam"
    settings = {
        "SPRING_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "SPRING_KAFKA_PROPERTIES_SASL_MECHANISM": "AWS_MSK_IAM",
        "SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG": f"{signing}.IAMLoginModule required;",
        "SPRING_KAFKA_PROPERTIES_SASL_CLIENT_CALLBACK_HANDLER_CLASS": f"{signing}.IAMClientCallbackHandler",
        # As brokers keep them, so that none is packed twice.
        "SPRING_KAFKA_PRODUCER_COMPRESSIONTYPE": "lz4",
        "SPRING_KAFKA_PRODUCER_ACKS": "all",
        "KAFKA_TOPICS": offer.name,
    }
    for name, value in settings.items():
        yield variable(name, value)
    if offer.user:
        yield variable("SPRING_KAFKA_CONSUMER_GROUPID", offer.user)


_SPRING = {
    "kafka": _kafka,
    "mysql": _mysql,
    "postgresql": _postgresql,
    "redis-sentinel": _sentinel,
    "redis": _redis,
    "redis-cluster": _cluster,
}
