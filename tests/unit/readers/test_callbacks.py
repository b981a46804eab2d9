"""What the API server calls by itself: webhooks, conversions, aggregated APIs, and the ports of known charts."""

from __future__ import annotations

from typing import Any

from kubernetes_cluster import thing
from seawall.facts.pod_network import CalledBack
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.read import read_one


def called(resource: Resource) -> list[tuple[str, int, bool]]:
    """Service, port and whether it is needed, of every call."""
    found = (fact for fact in read_one(resource) if isinstance(fact, CalledBack))
    return [(str(fact.service or ""), fact.port, fact.needed) for fact in found]


def hook(policy: dict[str, Any], **service: Any) -> dict[str, Any]:
    """A webhook of a configuration."""
    where = {"name": "hooks", "namespace": "policy", **service}
    return {"name": "x.example.org", "clientConfig": {"service": where}, **policy}


def test_webhooks_name_their_service_and_whether_they_may_fail() -> None:
    """A webhook is needed unless its failure is ignored, and its service's port is 443 unless it says so."""
    resource = thing(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "hooks",
        webhooks=[hook({}), hook({"failurePolicy": "Ignore"}, port=8443)],
    )
    service = str(called(resource)[0][0])
    assert service.endswith("Service/policy/hooks")
    assert called(resource) == [(service, 443, True), (service, 8443, False)]


def test_a_webhook_outside_the_cluster_is_nobody_of_ours() -> None:
    """A URL is called over the internet, which no fact of the cluster's network speaks of."""
    outside = {"name": "x.example.org", "clientConfig": {"url": "https://example.org/hook"}}
    resource = thing("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "hooks", webhooks=[outside])
    assert called(resource) == []


def test_aggregated_apis_and_conversions_are_called() -> None:
    """An APIService with a service, and a kind that a webhook converts, are calls of the API server."""
    api = thing("apiregistration.k8s.io/v1", "APIService", "v1.x", spec={"service": {"name": "m", "namespace": "n"}})
    kind = thing(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "things.example.org",
        spec={
            "conversion": {
                "strategy": "Webhook",
                "webhook": {"clientConfig": {"service": {"name": "c", "namespace": "n", "port": 9443}}},
            }
        },
    )
    assert [port for _, port, _ in called(api)] == [443]
    assert [port for _, port, _ in called(kind)] == [9443]
    local = thing("apiregistration.k8s.io/v1", "APIService", "v1.apps", spec={})
    assert called(local) == []


def test_known_charts_are_called_on_their_ports() -> None:
    """A chart's webhook listens where its values say, else where the chart has it; an unknown chart says nothing."""

    def chart(name: str, values: dict[str, Any]) -> list[tuple[str, int, bool]]:
        source = {"chart": name, "helm": {"valuesObject": values}}
        return called(thing("argoproj.io/v1alpha1", "Application", name, spec={"source": source}))

    assert chart("aws-load-balancer-controller", {}) == [("", 9443, True)]
    assert chart("aws-load-balancer-controller", {"webhookBindPort": 9553}) == [("", 9553, True)]
    assert chart("of-our-own", {}) == []


def test_the_add_on_of_the_metrics_server_is_called_elsewhere_than_its_chart() -> None:
    """EKS sets the add-on up for 10251, because 10250 is the kubelet's on Fargate."""
    addon = Resource(Address("r/c:aws_eks_addon.metrics"), "aws_eks_addon", {"addon_name": "metrics-server"})
    assert [port for _, port, _ in called(addon)] == [10251]
