"""Secrets inside a cluster and how they get there; keys only, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Secret, SecretStore, SecretSync
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual
from seawall.readers.kubernetes.durations import seconds
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.registry import reads

REFRESH = 3600
"""Seconds between two looks at the remote secret unless ``refreshInterval`` says otherwise (External Secrets API)."""

GENERATED: Mapping[str, tuple[str, ...]] = {
    "ECRAuthorizationToken": ("expires_at", "password", "proxy_endpoint", "username"),
    "Password": ("password",),
}
"""The keys that a generator makes (External Secrets, "Generators")."""

_SERVICES = {"SecretsManager": "secretsmanager", "ParameterStore": "ssm"}


@reads("v1/Secret")
def secret(resource: Resource) -> Iterator[Fact]:
    """A secret with the keys that it holds."""
    body = Manifest(resource)
    keys: set[str] = set()
    for field in ("data", "stringData"):
        value = body.raw(field)
        if isinstance(value, Mapping):
            keys.update(str(key) for key in value)
    yield Secret(resource.address, body.name, "", properties=tuple(sorted(keys)))


@reads("bitnami.com/v1alpha1/SealedSecret")
def sealed_secret(resource: Resource) -> Iterator[Fact]:
    """A sealed secret becomes the Secret of its own name."""
    body = Manifest(resource)
    keys = tuple(sorted(str(key) for key in body.spec.block("encryptedData").body))
    yield Secret(body.sibling("Secret", body.name), body.name, "", properties=keys)


@reads("external-secrets.io/v1/ExternalSecret", "external-secrets.io/v1beta1/ExternalSecret")
def external_secret(resource: Resource) -> Iterator[Fact]:
    """A secret of the cluster is filled from a store outside, or by a generator, which then stands for the store.

    ``every`` is 0 where it is filled once, and None where it follows changes of its own manifest only.
    """
    body = Manifest(resource)
    spec = body.spec
    name = spec.block("target").string("name", body.name)
    target = body.sibling("Secret", name)
    keys: set[str] = set()
    remote: list[Textual] = []
    for item in spec.blocks("data"):
        keys.add(item.string("secretKey"))
        remote.append(item.block("remoteRef").text("key"))
    store = spec.block("secretStoreRef")
    source = body.sibling(store.string("kind", "SecretStore"), store.string("name"))
    for item in spec.blocks("dataFrom"):
        generator = item.within("sourceRef", "generatorRef")
        if generator.has("kind") and not store.has("name"):
            source = body.sibling(generator.string("kind"), generator.string("name"))
            keys.update(GENERATED.get(generator.string("kind"), ()))
        for means in ("extract", "find"):
            if item.block(means).has("key"):
                remote.append(item.block(means).text("key"))
    template = spec.within("target", "template", "data").body
    if template:
        keys = (keys if spec.within("target", "template").string("mergePolicy") == "Merge" else set()) | set(template)
    yield SecretSync(
        resource.address,
        target,
        tuple(dict.fromkeys(remote)),
        source,
        _every(spec),
    )
    yield Secret(target, name, "", properties=tuple(sorted(keys)))


def _every(spec: Fields) -> Known[int] | None:
    policy = spec.string("refreshPolicy", "Periodic")
    if policy != "Periodic":
        return 0 if policy == "CreatedOnce" else None
    interval = spec.string("refreshInterval")
    every = seconds(interval) if interval else REFRESH
    return every if every is not None else spec.unknown("refreshInterval", interval)


@reads(
    "external-secrets.io/v1/SecretStore",
    "external-secrets.io/v1beta1/SecretStore",
    "external-secrets.io/v1/ClusterSecretStore",
    "external-secrets.io/v1beta1/ClusterSecretStore",
)
def secret_store(resource: Resource) -> Iterator[Fact]:
    """Where secrets come from; without an account of its own the controller asks as itself."""
    body = Manifest(resource)
    provider = body.spec.block("provider")
    aws = provider.block("aws")
    account = aws.within("auth", "jwt", "serviceAccountRef")
    service = aws.string("service")
    yield SecretStore(
        resource.address,
        _SERVICES.get(service, service) if aws.given else next(iter(provider.names), ""),
        aws.known_text("region"),
        body.sibling("ServiceAccount", account.string("name"), account.string("namespace"))
        if account.has("name")
        else None,
    )
