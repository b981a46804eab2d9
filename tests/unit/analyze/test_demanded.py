"""Demands: what configuration and Kubernetes ask for beside what is stated, each from the thing that asks."""

from __future__ import annotations

from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.analyze.reachability.demanded import control_plane, demanded
from seawall.analyze.reachability.targets import resolve
from seawall.facts.facts import Facts
from seawall.facts.network import Hostname, Interface, Record
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown
from seawall.readers.read import facts_of, read

SHOP = Address(f"{CLUSTER}/Deployment/shop/shop")


def facts(*resources: Resource) -> Facts:
    """The facts of some objects."""
    return read(Graph(list(resources)))


def pods(name: str, **spec: Any) -> Resource:
    """A Deployment of one container."""
    container = {"name": name, "image": "x:1.0", **spec.pop("container", {})}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    return thing("apps/v1", "Deployment", name, namespace="shop", spec={"template": template})


def config_map(**data: str) -> Resource:
    """A ConfigMap ``settings`` of the same namespace."""
    return thing("v1", "ConfigMap", "settings", namespace="shop", data=data)


MOUNTED = {"volumes": [{"name": "s", "configMap": {"name": "settings"}}]}


def ends(found: Facts) -> set[tuple[str, str, object]]:
    """Source, target and port of every demand."""
    return {(str(each.source), str(each.target), each.port) for each in demanded(found)}


def test_nginx_asks_for_the_servers_of_its_upstreams() -> None:
    """Requests are passed on to a named server, or to those of an upstream, but to none that is down or a variable."""
    text = """
    upstream app { server was:8080; server old:8080 down; }
    server {
      location /api/ { proxy_pass http://app; }
      location /pay/ { proxy_pass https://pay.shop.svc.cluster.local; }
      location /x/ { proxy_pass http://$where; }
      location /php { fastcgi_pass unix:/run/php.sock; }
    }"""
    assert ends(facts(pods("shop", **MOUNTED), config_map(**{"nginx.conf": text}))) == {
        (str(SHOP), "host:was", 8080),
        (str(SHOP), "host:pay.shop.svc.cluster.local", 443),
    }


def test_redis_asks_for_its_master() -> None:
    """A replica copies a master, and a Sentinel watches one; what is on the machine itself is not asked for."""
    text = "port 6379\nreplicaof redis-0.redis 6379\nsentinel monitor main redis-0.redis 6379 2\n"
    found = facts(pods("shop", **MOUNTED), config_map(**{"redis.conf": text, "own.conf": "replicaof 127.0.0.1 6379"}))
    assert ends(found) == {(str(SHOP), "host:redis-0.redis", 6379)}


def test_nobody_asks_for_what_a_map_says_that_no_pod_mounts() -> None:
    """A configuration that nothing runs with demands nothing."""
    text = "server { location / { proxy_pass http://was:8080; } }"
    assert ends(facts(pods("shop"), config_map(**{"nginx.conf": text}))) == set()


def test_a_spring_file_in_a_map_asks_for_its_database() -> None:
    """The file that a pod mounts is what the application reads, with the pod's environment in its placeholders."""
    text = "spring:\n  datasource:\n    url: jdbc:mysql://${DB_HOST}:3306/shop\n"
    container = {"env": [{"name": "DB_HOST", "value": "db.shop.example"}]}
    found = facts(pods("shop", **MOUNTED, container=container), config_map(**{"application.yaml": text}))
    assert ends(found) == {(str(SHOP), "host:db.shop.example", 3306)}


def test_a_variable_from_a_map_is_known_where_the_map_is() -> None:
    """What another object holds is a hole to the pod's reader, and none once the two are put together."""
    reference = {"configMapKeyRef": {"name": "settings", "key": "host"}}
    container = {"env": [{"name": "SPRING_DATA_REDIS_HOST", "valueFrom": reference}]}
    together = facts(pods("shop", container=container), config_map(host="redis.shop.svc"))
    assert ends(together) == {(str(SHOP), "host:redis.shop.svc", 6379)}
    (alone,) = demanded(facts(pods("shop", container=container)))
    assert isinstance(alone.target, Unknown)


def test_names_are_looked_up_where_the_server_is_in_the_input() -> None:
    """Each pod asks the DNS server of its own cluster, over UDP and TCP, if the input has its Service."""
    dns = thing(
        "v1",
        "Service",
        "kube-dns",
        namespace="kube-system",
        spec={"selector": {"k8s-app": "kube-dns"}, "ports": [{"port": 53, "protocol": "UDP"}]},
    )
    found = [each for each in demanded(facts(pods("shop"), dns)) if each.port == 53]
    assert {(each.source, each.protocol) for each in found} == {(SHOP, "udp"), (SHOP, "tcp")}


def test_a_prometheus_of_the_input_asks_what_its_monitors_mean() -> None:
    """A monitor's pods are asked on the named port by the Prometheus of the same cluster."""
    prometheus = thing(
        "apps/v1",
        "StatefulSet",
        "prometheus",
        namespace="shop",
        spec={
            "template": {
                "metadata": {"labels": {"app.kubernetes.io/name": "prometheus"}},
                "spec": {"containers": [{"name": "p", "image": "p:1.0"}]},
            }
        },
    )
    monitor = thing(
        "monitoring.coreos.com/v1",
        "PodMonitor",
        "shop",
        namespace="shop",
        spec={"selector": {"matchLabels": {"app": "shop"}}, "podMetricsEndpoints": [{"port": "metrics"}]},
    )
    exporting = {"ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}]}
    cluster = Resource(Address("r/c:aws_eks_cluster.x"), "aws_eks_cluster", {"name": CLUSTER, "vpc_config": []})
    found = facts(pods("shop", container=exporting), prometheus, monitor, cluster)
    assert ends(found) == {(f"{CLUSTER}/StatefulSet/shop/prometheus", str(SHOP), 9090)}


def test_the_control_plane_asks_for_kubelets_and_add_ons() -> None:
    """A cluster with nodes calls their kubelets, and the pods of an add-on that it aggregates."""
    cluster = Resource(Address("r/c:aws_eks_cluster.x"), "aws_eks_cluster", {"name": CLUSTER, "vpc_config": []})
    nodes = Resource(
        Address("r/c:aws_eks_node_group.x"), "aws_eks_node_group", {"cluster_name": Ref(cluster.address, "name")}
    )
    addon = Resource(
        Address("r/c:aws_eks_addon.m"),
        "aws_eks_addon",
        {"cluster_name": Ref(cluster.address, "name"), "addon_name": "metrics-server"},
    )
    ports = {port for _, port, _, _ in control_plane(facts(cluster, nodes, addon))}
    assert ports == {10250, 10251}
    assert control_plane(facts(cluster)) == ()


def test_urls_of_a_whole_config_map_are_asked_for() -> None:
    """A variable that drivers read as a URL is one also where it comes with all of a ConfigMap."""
    found = facts(
        pods("shop", container={"envFrom": [{"configMapRef": {"name": "settings"}}]}),
        config_map(REDIS_URL="redis://redis.shop.svc.cluster.local:6380/0", NOTES="redis://elsewhere.example:1"),
    )
    assert ends(found) == {(str(SHOP), "host:redis.shop.svc.cluster.local", 6380)}


def test_a_list_of_servers_is_asked_for_where_they_are_stores() -> None:
    """A variable of another name counts if what it lists is surely a store of the input, at the port that it says."""
    cache = Resource(
        Address("eu-west-1/data:aws_elasticache_cluster.queue"),
        "aws_elasticache_cluster",
        {"cluster_id": "queue", "engine": "redis", "node_type": "cache.t4g.small", "num_cache_nodes": 1},
        region="eu-west-1",
    )
    host = "queue.abc123.0001.euw1.cache.amazonaws.com"
    variables = [{"name": "SENTINELS", "value": f"{host}:26379"}, {"name": "SHOWN", "value": "www.shop.example:443"}]
    found = facts(pods("shop", container={"env": variables}), cache)
    assert ends(found) == {(str(SHOP), f"host:{host}", 26379)}


def test_another_name_leads_to_whom_it_stands_for() -> None:
    """A service of the kind ExternalName is its other name, which is looked up like any; a circle of them ends."""

    def other(name: str, whole: str) -> Resource:
        return thing("v1", "Service", name, namespace="shop", spec={"type": "ExternalName", "externalName": whole})

    redis = thing("v1", "Service", "redis", namespace="data", spec={"selector": {"app": "redis"}})
    found = facts(pods("shop"), redis, other("cache", "redis.data.svc.cluster.local"))
    assert resolve(found, SHOP, Address.host("cache")).things == (redis.address,)
    circle = facts(pods("shop"), other("one", "two.shop.svc"), other("two", "one.shop.svc"))
    assert resolve(circle, SHOP, Address.host("one")).things == ()


def test_a_record_leads_to_a_private_thing_and_leaves_a_public_one_open() -> None:
    """A name of a zone is what it leads to, unless that is reached over the internet, where other doors stand."""
    database = Address("r/d:aws_db_instance.db")

    def answer(public: bool, routing: Any = "simple") -> tuple[Address, ...]:
        record = Record(Address("r/d:record.x"), Address("r/d:zone"), "db.example", "CNAME", (database,), 60, routing)
        found = facts(pods("shop")).and_also([record, Interface(database, (), (), public)])
        return resolve(found, SHOP, Address.host("db.example")).things

    assert answer(public=False) == (database,)
    assert answer(public=True) == ()
    assert answer(public=False, routing="failover") == ()


def test_a_file_of_a_workload_asks_for_nothing_by_itself() -> None:
    """What a file asks for is asked by the pods that run with it, once, and not by a profile that none of them has."""
    file = Address("file:application-staging.yml")
    staging = {"profile": "staging", "properties": {"spring.datasource.url": "jdbc:mysql://staging.example/x"}}
    common = {"profile": "", "properties": {"spring.datasource.url": "jdbc:mysql://db.example/shop"}}
    found = facts(pods("shop"), Resource(file, "file/spring", {"documents": [common, staging]}))
    assert ends(found) == {(str(SHOP), "host:db.example", 3306)}


def test_a_store_that_is_missing_is_a_no_only_beside_others_of_its_kind() -> None:
    """Manifests alone hold no stores, so that a database's name which fits none of them is not known to be wrong."""
    host = Address.host("shop.abc.eu-west-1.rds.amazonaws.com")
    alone = resolve(facts(pods("shop")), SHOP, host)
    assert not alone.definite
    other = Hostname(Address("r/d:aws_db_instance.else"), "address", "else.abc.eu-west-1.rds.amazonaws.com")
    beside = resolve(facts(pods("shop")).and_also([other]), SHOP, host)
    assert (beside.things, beside.definite) == ((), True)


def test_an_ingress_controller_asks_for_what_it_passes_on() -> None:
    """The controller's pods need the Service of each Ingress of their cluster, but not of one that a balancer takes."""
    labels = {"app.kubernetes.io/name": "ingress-nginx"}
    spec = {"template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "c:1.0"}]}}}
    controller = thing("apps/v1", "Deployment", "controller", namespace="ingress", spec=spec)
    service = thing(
        "v1", "Service", "web", namespace="shop", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}
    )

    def asked(kind: str) -> set[tuple[str, str, object]]:
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
        body = {"ingressClassName": kind, "rules": rules}
        ingress = thing("networking.k8s.io/v1", "Ingress", "web", namespace="shop", spec=body)
        found = ends(facts(controller, service, ingress))
        return {each for each in found if each[0] == str(controller.address)}

    assert asked("nginx") == {(str(controller.address), str(service.address), 80)}
    assert asked("alb") == set()


def test_an_ingress_controller_asks_the_endpoints_of_a_headless_service() -> None:
    """Its name maps no port, but a controller reads the endpoints, where the pods' own port stands."""
    labels = {"app.kubernetes.io/name": "ingress-nginx"}
    spec = {"template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "c:1.0"}]}}}
    controller = thing("apps/v1", "Deployment", "controller", namespace="ingress", spec=spec)
    ports = [{"port": 80, "targetPort": 8080}]
    headless = {"clusterIP": "None", "selector": {"app": "shop"}, "ports": ports}
    service = thing("v1", "Service", "web", namespace="shop", spec=headless)
    rules = [{"http": {"paths": [{"path": "/", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]
    ingress = thing("networking.k8s.io/v1", "Ingress", "web", namespace="shop", spec={"rules": rules})
    found = ends(facts(pods("shop"), controller, service, ingress))
    assert {each for each in found if each[0] == str(controller.address)} == {
        (str(controller.address), str(SHOP), 8080)
    }


def test_prometheus_asks_for_the_targets_of_its_jobs() -> None:
    """Targets by name are asked, on the port of their scheme where none stands there; none that a job makes others."""
    text = """
    scrape_configs:
      - {job_name: was, static_configs: [{targets: ["was.shop:8080", plain, "localhost:9090", "${X}:1"]}]}
      - {job_name: tls, scheme: https, static_configs: [{targets: [secure]}]}
      - job_name: probe
        static_configs: [{targets: [page.shop]}]
        relabel_configs: [{target_label: __address__, replacement: "blackbox:9115"}]
      - {job_name: maybe, static_configs: [{targets: [x]}], relabel_configs: [{action: drop, regex: x}]}
      - {job_name: proxied, proxy_url: "http://p", static_configs: [{targets: [y]}]}
      - {job_name: found, kubernetes_sd_configs: [{role: pod}]}
      - a word
    """
    found = facts(pods("shop", **MOUNTED), config_map(**{"prometheus.yml": text, "other.yml": "static_configs: 1"}))
    assert ends(found) == {
        (str(SHOP), "host:was.shop", 8080),
        (str(SHOP), "host:plain", 80),
        (str(SHOP), "host:secure", 443),
    }


def test_what_a_broken_file_of_prometheus_asks_for_is_not_known() -> None:
    """A file that is no YAML is no reason to say that nothing is asked for."""
    found = facts(pods("shop", **MOUNTED), config_map(**{"prometheus.yml": "static_configs: [{targets: [a:1}"}))
    assert [type(each.target) for each in demanded(found)] == [Unknown]


@pytest.mark.parametrize(
    ("group", "binding", "port", "asked"),
    [
        ({"target_type": "ip"}, {}, 80, 8080),
        ({}, {"targetType": "ip"}, "http", 8080),
        ({}, {}, 80, None),
        ({"target_type": "ip"}, {"targetType": "instance"}, 80, None),
        ({"target_type": "ip", "protocol": "TCP", "preserve_client_ip": True}, {}, 80, None),
        ({"target_type": "ip"}, {}, 81, None),
    ],
)
def test_a_load_balancer_asks_the_pods_that_are_bound_to_it(
    group: dict[str, Any], binding: dict[str, Any], port: int | str, asked: int | None
) -> None:
    """Pods that are targets by their addresses are asked on their own port; nodes, and what clients ask, are not."""
    stack = "eu-west-1/edge"
    bound = {"serviceRef": {"name": "shop", "port": port}, "targetGroupName": "shop", **binding}
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    resources = [
        Resource(Address(f"{stack}:{type}.x"), type, body)
        for type, body in (
            ("aws_lb", {"subnets": ["subnet-1"]}),
            ("aws_lb_target_group", {"name": "shop", "port": 80, **group}),
            ("aws_lb_listener", {"load_balancer_arn": Ref(Address(f"{stack}:aws_lb.x"), "arn"), "port": 80,
             "default_action": [{"type": "forward",
                                 "target_group_arn": Ref(Address(f"{stack}:aws_lb_target_group.x"), "arn")}]}),
        )
    ]  # fmt: skip
    graph = Graph(
        [
            *resources,
            pods("shop"),
            thing("v1", "Service", "shop", namespace="shop", spec={"selector": {"app": "shop"}, "ports": ports}),
            thing("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "shop", namespace="shop", spec=bound),
        ]
    )
    wanted = {(f"{stack}:aws_lb.x", str(SHOP), asked)} if asked else set()
    assert ends(facts_of(graph)) == wanted


def test_clients_of_sentinels_ask_for_the_server_that_these_name() -> None:
    """Sentinels are asked first, then the server beside them; servers and Sentinels of several pods ask each other."""
    asks = {"name": "SPRING_DATA_REDIS_SENTINEL_NODES", "value": "cache-0.cache:26379"}
    ports = [{"name": "redis", "containerPort": 6379}, {"name": "sentinel", "containerPort": 26379}]
    container = {"name": "redis", "image": "redis:7", "ports": ports}
    template = {"metadata": {"labels": {"app": "cache"}}, "spec": {"containers": [container]}}
    selector = {"matchLabels": {"app": "cache"}}
    spec = {"replicas": 3, "serviceName": "cache", "selector": selector, "template": template}
    cache = thing("apps/v1", "StatefulSet", "cache", namespace="shop", spec=spec)
    service = {"clusterIP": "None", "selector": {"app": "cache"}, "ports": [{"port": 26379}]}
    headless = thing("v1", "Service", "cache", namespace="shop", spec=service)
    found = ends(facts(pods("shop", container={"env": [asks]}), cache, headless))
    servers = f"{CLUSTER}/StatefulSet/shop/cache"
    assert {(str(SHOP), servers, 6379), (servers, servers, 6379), (servers, servers, 26379)} <= found
