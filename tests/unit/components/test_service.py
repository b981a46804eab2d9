"""What a service comes to."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.facts.demands import Connect, Reach
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Text

PLATFORM = """
edge: {}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small, name: orders}
  sessions: {kind: cache}
  api:
    kind: service
    image: api
    framework: spring
    needs: [orders, sessions]
    connections: 5
    scale: {replicas: 2..10, cpu: 70 %}
    session: {timeout: 30 min}
    release: {canary: [10, 50], pause: 30 s}
    expose: {host: www.shop.example, paths: [/api, /actuator/health]}
  pages: {kind: service, image: pages, framework: nginx, expose: {host: www.shop.example}}
"""
ROLLOUT = "argoproj.io/v1alpha1/Rollout"


@pytest.fixture(scope="module")
def found() -> Graph:
    """The graph of a platform with a service of each sort."""
    return descriptions.graph(PLATFORM)


def _pod(found: Graph, type: str, name: str) -> Any:
    return descriptions.named(found, type, name).body["spec"]["template"]["spec"]


def _environment(found: Graph) -> dict[str, Any]:
    return {item["name"]: item for item in _pod(found, ROLLOUT, "api")["containers"][0]["env"]}


def test_spring_is_told_where_its_database_is(found: Graph) -> None:
    """The URL holds the instance's own address, TLS with the name verified, and no password."""
    environment = _environment(found)
    url = environment["SPRING_DATASOURCE_URL"]["value"]
    assert isinstance(url, Text)
    assert str(url) == (
        "jdbc:mysql://${ap-northeast-2/data:aws_db_instance.orders.address}:3306/orders"
        "?sslMode=VERIFY_IDENTITY&connectTimeout=5000&socketTimeout=60000"
    )
    secret = environment["SPRING_DATASOURCE_PASSWORD"]["valueFrom"]["secretKeyRef"]
    assert secret == {"name": "api-orders", "key": "password"}


def test_spring_is_told_of_every_sentinel(found: Graph) -> None:
    """The application knows each Sentinel by its own name, so that one of them may be away."""
    nodes = _environment(found)["SPRING_DATA_REDIS_SENTINEL_NODES"]["value"].split(",")
    assert nodes == [f"sessions-{n}.sessions-nodes.shop.svc.cluster.local:26379" for n in range(3)]


def test_a_session_and_its_cookie_end_together(found: Graph) -> None:
    """A cookie that outlives its session sends a browser round in circles."""
    environment = _environment(found)
    timeout = environment["SPRING_SESSION_TIMEOUT"]["value"]
    assert timeout == environment["SERVER_SERVLET_SESSION_COOKIE_MAXAGE"]["value"] == "1800s"


def test_an_autoscaler_alone_owns_the_number(found: Graph) -> None:
    """Where an autoscaler is, the manifest says no replicas, and the autoscaler names what runs the pods."""
    assert "replicas" not in descriptions.named(found, ROLLOUT, "api").body["spec"]
    scaler = descriptions.named(found, "autoscaling/v2/HorizontalPodAutoscaler", "api").body["spec"]
    assert scaler["scaleTargetRef"] == {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "api"}
    assert descriptions.named(found, "apps/v1/Deployment", "pages").body["spec"]["replicas"] == 2


def test_each_step_of_a_release_stands_by_itself(found: Graph) -> None:
    """A weight and a pause in one step is what the controller refuses."""
    canary = descriptions.named(found, ROLLOUT, "api").body["spec"]["strategy"]["canary"]
    assert canary["steps"] == [
        {"setWeight": 10},
        {"pause": {"duration": "30s"}},
        {"setWeight": 50},
        {"pause": {"duration": "30s"}},
    ]
    assert canary["trafficRouting"]["alb"]["ingress"] == "api"


def test_the_weighted_service_is_reached_through_the_action(found: Graph) -> None:
    """The Ingress of a canary leaves its backend to the action that Argo Rollouts writes."""
    rules = descriptions.named(found, "networking.k8s.io/v1/Ingress", "api").body["spec"]["rules"]
    backends = {str(path["backend"]) for rule in rules for path in rule["http"]["paths"]}
    assert backends == {"{'service': {'name': 'api', 'port': {'name': 'use-annotation'}}}"}


def test_the_longer_path_is_asked_first(found: Graph) -> None:
    """Of two Ingresses of one group the one with the longer paths has the lower order."""

    def order(name: str) -> int:
        annotations = descriptions.named(found, "networking.k8s.io/v1/Ingress", name).body["metadata"]["annotations"]
        return int(annotations["alb.ingress.kubernetes.io/group.order"])

    assert order("api") < order("pages")


def test_nothing_more_of_the_actuator_is_public(found: Graph) -> None:
    """The health path is matched to the letter, so that what lies below it stays inside."""
    rules = descriptions.named(found, "networking.k8s.io/v1/Ingress", "api").body["spec"]["rules"]
    kinds = {path["path"]: path["pathType"] for rule in rules for path in rule["http"]["paths"]}
    assert kinds == {"/api": "Prefix", "/actuator/health": "Exact"}


def test_one_port_is_opened_once(found: Graph) -> None:
    """Two services with one port share one pair of rules; AWS refuses the same rule twice."""
    for direction in ("ingress", "egress"):
        rules = found.of_type(f"aws_vpc_security_group_{direction}_rule")
        assert len([rule for rule in rules if rule.body.get("from_port") == 8080]) == 1


def test_living_does_not_hang_on_a_database(found: Graph) -> None:
    """The liveness probe asks for the application alone, readiness for what it needs too."""
    container = _pod(found, ROLLOUT, "api")["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/actuator/health/liveness"
    assert container["readinessProbe"]["httpGet"]["path"] == "/actuator/health/readiness"


def test_a_pod_outlives_the_requests_on_their_way(found: Graph) -> None:
    """An exposed pod sleeps through the load balancer's draining, and has time left to finish after it."""
    pod = _pod(found, ROLLOUT, "api")
    asleep = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert asleep >= 40
    assert pod["terminationGracePeriodSeconds"] >= asleep + 30


def test_connections_are_counted_at_the_peak_of_a_release(found: Graph) -> None:
    """While a version is let in there are two sets of pods, and the demand counts both."""
    (connect,) = [demand for demand in found.demands if isinstance(demand, Connect)]
    assert connect.connections == 5 * 20
    assert "api.needs orders" in connect.said


def test_a_demand_says_the_line_that_made_it(found: Graph) -> None:
    """Each need's demand names file, line and need."""
    reaches = [demand for demand in found.demands if isinstance(demand, Reach) and demand.port == 3306]
    assert [demand.said for demand in reaches] == ["platform.yaml:17:13 api.needs orders"]


def test_an_image_of_ours_gets_a_repository_whose_tags_stay(found: Graph) -> None:
    """Tags cannot be moved, pushes are scanned, and the container names the repository."""
    body = descriptions.named(found, "aws_ecr_repository", "api").body
    assert body["image_tag_mutability"] == "IMMUTABLE"
    assert body["image_scanning_configuration"] == [{"scan_on_push": True}]
    image = _pod(found, ROLLOUT, "api")["containers"][0]["image"]
    assert str(image) == "${ap-northeast-2/platform:aws_ecr_repository.api.repository_url}:v1"


def test_components_of_one_image_share_its_repository() -> None:
    """AWS has a repository once for each name: the first component brings it, and the others name it."""
    found = descriptions.graph("components:\n  s1: {kind: service, image: shop}\n  s2: {kind: service, image: shop}\n")
    [repository] = found.of_type("aws_ecr_repository")
    images = {_pod(found, "apps/v1/Deployment", name)["containers"][0]["image"] for name in ("s1", "s2")}
    assert {str(image) for image in images} == {f"${{{repository.address}.repository_url}}:v1"}


def test_an_image_of_others_is_named_as_it_is() -> None:
    """An image with a registry makes no repository and keeps its name."""
    found = descriptions.graph("components:\n  shop: {kind: service, image: 'ghcr.io/shop/shop:1.2'}\n")
    assert not found.of_type("aws_ecr_repository")
    assert _pod(found, "apps/v1/Deployment", "shop")["containers"][0]["image"] == "ghcr.io/shop/shop:1.2"


def test_what_is_stated_goes_before_what_is_derived() -> None:
    """A variable of the description replaces a derived one of the same name."""
    found = descriptions.graph(
        "components:\n  shop: {kind: service, image: shop, framework: spring, env: {SERVER_PORT: '9'}}\n"
    )
    (port,) = [
        item for item in _pod(found, "apps/v1/Deployment", "shop")["containers"][0]["env"] if "SERVER_PORT" in str(item)
    ]
    assert port["value"] == "9"


REFUSED = {
    "a privileged port": ("shop: {kind: service, image: shop, port: 80}", "choose one above 1023"),
    "no edge": ("shop: {kind: service, image: shop, expose: {host: www.shop.example}}", "no edge"),
    "two databases for Spring": (
        "a1: {kind: database, engine: mysql, class: db.t4g.small}\n"
        "  b1: {kind: database, engine: mysql, class: db.t4g.small}\n"
        "  shop: {kind: service, image: shop, framework: spring, needs: [a1, b1]}",
        "both set SPRING_DATASOURCE",
    ),
    "a proxy to nowhere": (
        "shop: {kind: service, image: shop, framework: nginx, proxy: {/api: gone}}",
        "not one of its needs",
    ),
    "a namespace that is not there": ("shop: {kind: service, image: shop, namespace: nowhere}", "does not have"),
    "a version in two places": ("shop: {kind: service, image: 'shop:v1'}", "tag or digest"),
    "a canary that falls": ("shop: {kind: service, image: shop, release: {canary: [50, 10]}}", "does not rise"),
    "an autoscaler without a signal": (
        "shop: {kind: service, image: shop, scale: {replicas: 1..2, cpu: null}}",
        "nothing says what it follows",
    ),
}


@pytest.mark.parametrize(("components", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_with_its_line(components: str, complaint: str) -> None:
    """A service that could not run is one message with file and line."""
    with pytest.raises(InputError) as caught:
        descriptions.graph(f"components:\n  {components}\n")
    assert complaint in str(caught.value)
    assert "platform.yaml:" in str(caught.value)
