"""What the API server itself calls: admission webhooks, conversions of custom kinds, aggregated APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.facts.fact import Fact
from seawall.facts.pod_network import CalledBack
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Unknown
from seawall.knowledge.callbacks import ADDONS, CHARTS, Called
from seawall.readers.arguments import Arguments
from seawall.readers.kubernetes.chart_values import at, parsed, values_of
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.registry import reads

_PORT = 443
"""The service's port where none is named (Kubernetes API reference, ServiceReference)."""


@reads(
    "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration",
)
def webhooks(resource: Resource) -> Iterator[Fact]:
    """The services of a configuration's webhooks; one whose failure is ignored only slows requests down."""
    body = Manifest(resource)
    for webhook in body.blocks("webhooks"):
        needed = webhook.string("failurePolicy", "Fail") != "Ignore"
        yield from _called(body, webhook.within("clientConfig", "service"), "a webhook", needed)


@reads("apiextensions.k8s.io/v1/CustomResourceDefinition")
def conversion(resource: Resource) -> Iterator[Fact]:
    """A kind whose versions a webhook translates."""
    body = Manifest(resource)
    conversion = body.spec.block("conversion")
    if conversion.string("strategy") == "Webhook":
        yield from _called(
            body, conversion.block("webhook").within("clientConfig", "service"), "a conversion", needed=True
        )


@reads("apiregistration.k8s.io/v1/APIService")
def aggregated(resource: Resource) -> Iterator[Fact]:
    """An API that a service of the cluster answers."""
    body = Manifest(resource)
    yield from _called(body, body.spec.block("service"), "an aggregated API", needed=True)


@reads("argoproj.io/v1alpha1/Application")
def of_charts(resource: Resource) -> Iterator[Fact]:
    """What the charts of an application are called on, where the knowledge has them."""
    body = Manifest(resource)
    for source in (*body.spec.blocks("source"), *body.spec.blocks("sources")):
        values = values_of(source.block("helm").body)
        for called in CHARTS.get(source.string("chart"), ()):
            yield from _known(resource, values, called)


@reads("aws_eks_addon")
def of_addons(resource: Resource) -> Iterator[Fact]:
    """What an add-on of EKS is called on."""
    body = Arguments(resource)
    for called in ADDONS.get(str(body.text("addon_name")), ()):
        yield from _known(resource, parsed(body.raw("configuration_values")), called)


def _known(resource: Resource, values: Mapping[str, Any], called: Called) -> Iterator[Fact]:
    told = at(values, called.value, None) if called.value else None
    if isinstance(told, Ref | Text | Unknown):
        return
    port = int(str(told)) if told is not None and str(told).isdecimal() else called.port
    yield CalledBack(resource.address, None, port, called.what)


def _called(body: Manifest, service: Fields, what: str, needed: bool) -> Iterator[Fact]:
    name, namespace = service.string("name"), service.string("namespace")
    if not name or not namespace:
        return  # a URL outside the cluster, or the API server itself
    port = service.count("port", _PORT)
    if isinstance(port, int):
        yield CalledBack(body.address, body.sibling("Service", name, namespace), port, what, needed)
