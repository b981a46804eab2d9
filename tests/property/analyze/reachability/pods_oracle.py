"""Small clusters at random, as manifests, and what Kubernetes' own words say of every pod, address and port of them.

Nothing of the product is used here: the oracle reads the manifests themselves, takes every pod at every address that
it may have, and decides one connection at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

Manifest = dict[str, Any]

PROTOCOLS = ("TCP", "UDP", "SCTP")
PORTS = (53, 54, 80, 81, 100, 101, 8080)
NODES = {"north": "10.0.0.0/31", "south": "10.0.0.4/32"}
"""Groups of nodes, by the range in which their nodes and pods have their addresses."""
OUTSIDE = ("192.0.2.1", "10.0.0.9", "2001:db8::1")
_RANGES = ("0.0.0.0/0", "::/0", "10.0.0.0/16", "10.0.0.0/24", *NODES.values(), "10.0.0.1/32", "10.0.0.0/29")
_NAMES = ("http", "dns")


@dataclass(frozen=True)
class Pod:
    """One pod at one address, as a connection meets it."""

    namespace: str
    space: dict[str, str]
    labels: dict[str, str]
    address: str
    ports: tuple[tuple[str, str, int], ...] = ()
    host: bool = False
    owned: bool = True


@dataclass
class Cluster:
    """The manifests of a cluster."""

    namespaces: list[Manifest] = field(default_factory=list)
    workloads: list[Manifest] = field(default_factory=list)
    policies: list[Manifest] = field(default_factory=list)


# -- clusters at random ------------------------------------------------------------------------------------------------


def cluster(random: Random) -> Cluster:
    """A cluster of a few workloads and policies, each part of which may be absent, null, empty or full."""
    made = Cluster()
    for name in ("one", "two"):
        metadata = {"name": name, "labels": {"team": random.choice(["a", "b"])}}
        made.namespaces.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    made.workloads = [_workload(random, number) for number in range(5)]
    made.policies = [_policy(random, number) for number in range(random.randint(2, 6))]
    return made


def _labels(random: Random) -> dict[str, str]:
    found = {}
    for key, values in (("app", ("web", "api")), ("tier", ("x", "y"))):
        if random.random() < 0.7:
            found[key] = random.choice(values)
    return found


def _workload(random: Random, number: int) -> Manifest:
    kind = random.choice(["Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"])
    ports = []
    for name in _NAMES:
        if random.random() < 0.6:
            port: Manifest = {"name": name, "containerPort": random.choice([53, 80, 8080])}
            if random.random() < 0.5:
                port["protocol"] = random.choice(["TCP", "UDP"])
            ports.append(port)
    spec: Manifest = {"containers": [{"name": "main", "image": "main:1", "ports": ports}]}
    if random.random() < 0.7:
        spec["nodeSelector"] = {"nodes": random.choice(list(NODES))}
    if random.random() < 0.15:
        spec["hostNetwork"] = True
    if random.random() < 0.2:
        early = [{"name": "http", "containerPort": 100}]
        spec["initContainers"] = [{"name": "early", "image": "early:1", "ports": early}]
    metadata: Manifest = {"name": f"w{number}", "namespace": random.choice(["one", "two"])}
    labels = _labels(random)
    template = {"metadata": {"labels": labels}, "spec": spec}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": kind, "metadata": {**metadata, "labels": labels}, "spec": spec}
    if kind == "CronJob":
        of = {"schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": template}}}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": of}
    version = "batch/v1" if kind == "Job" else "apps/v1"
    of = {"template": template}
    if kind in ("Deployment", "StatefulSet") and random.random() < 0.7:
        of["replicas"] = random.choice([1, 2])
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": of}


def _selector(random: Random, keys: dict[str, tuple[str, ...]]) -> Manifest:
    found: Manifest = {}
    if random.random() < 0.6:
        key = random.choice(list(keys))
        found["matchLabels"] = {key: random.choice(keys[key])}
    if random.random() < 0.3:
        key = random.choice(list(keys))
        part: Manifest = {"key": key, "operator": random.choice(["In", "NotIn", "Exists", "DoesNotExist"])}
        if part["operator"] in ("In", "NotIn"):
            part["values"] = random.sample(keys[key], random.randint(1, len(keys[key])))
        found["matchExpressions"] = [part]
    return found


_POD_KEYS = {"app": ("web", "api"), "tier": ("x", "y"), "job-name": ("w0", "w1")}
_SPACE_KEYS = {"team": ("a", "b"), "kubernetes.io/metadata.name": ("one", "two")}


def _policy(random: Random, number: int) -> Manifest:
    spec: Manifest = {"podSelector": _selector(random, {key: _POD_KEYS[key] for key in ("app", "tier")})}
    if random.random() < 0.6:
        spec["policyTypes"] = random.choice([["Ingress"], ["Egress"], ["Ingress", "Egress"], []])
    for direction, side in (("ingress", "from"), ("egress", "to")):
        if random.random() < 0.75:
            spec[direction] = random.choice([None, [], *[_rules(random, side) for _ in range(6)]])
    metadata = {"name": f"p{number}", "namespace": random.choice(["one", "two"])}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _rules(random: Random, side: str) -> list[Manifest]:
    found = []
    for _ in range(random.randint(1, 3)):
        rule: Manifest = {}
        if random.random() < 0.8:
            rule[side] = random.choice([None, [], *[_peers(random) for _ in range(8)]])
        if random.random() < 0.8:
            rule["ports"] = random.choice([None, [], *[_ports(random) for _ in range(8)]])
        found.append(rule)
    return found


def _peers(random: Random) -> list[Manifest]:
    found: list[Manifest] = []
    for _ in range(random.randint(1, 2)):
        if random.random() < 0.35:
            block: Manifest = {"cidr": random.choice(_RANGES)}
            whole = ip_network(block["cidr"])
            inside = [each for each in _RANGES if ip_network(each).version == whole.version and each != block["cidr"]]
            holes = [each for each in inside if whole.supernet_of(ip_network(each))]
            if holes and random.random() < 0.5:
                block["except"] = random.sample(holes, random.randint(1, min(2, len(holes))))
            found.append({"ipBlock": block})
            continue
        peer: Manifest = {}
        if random.random() < 0.6:
            peer["podSelector"] = _selector(random, _POD_KEYS)
        if random.random() < 0.4 or not peer:
            peer["namespaceSelector"] = _selector(random, _SPACE_KEYS)
        found.append(peer)
    return found


def _ports(random: Random) -> list[Manifest]:
    found = []
    for _ in range(random.randint(1, 3)):
        port: Manifest = {}
        if random.random() < 0.6:
            port["protocol"] = random.choice(PROTOCOLS)
        if random.random() < 0.3:
            port["port"] = random.choice(_NAMES)
        elif random.random() < 0.8:
            port["port"] = random.choice([53, 80, 100])
            if random.random() < 0.3:
                port["endPort"] = port["port"] + random.choice([0, 1, 8000])
        found.append(port)
    return found


# -- what Kubernetes says ----------------------------------------------------------------------------------------------


def places(made: Cluster, workload: Manifest) -> Iterator[tuple[str, Pod]]:
    """Every pod that a workload may have: on each group of nodes that its selector allows, at each address there."""
    kind, spec = workload["kind"], workload["spec"]
    if kind == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template = workload if kind == "Pod" else spec["template"]
    labels, pod = dict(template["metadata"]["labels"]), template["spec"]
    if kind == "Job":
        labels["job-name"] = workload["metadata"]["name"]
    if kind == "CronJob":
        labels["job-name"] = f"{workload['metadata']['name']}-29384730"
    space = next(each for each in made.namespaces if each["metadata"]["name"] == workload["metadata"]["namespace"])
    name = space["metadata"]["name"]
    wanted = pod.get("nodeSelector", {}).get("nodes")
    ports = tuple(
        (port["name"], port.get("protocol", "TCP"), port["containerPort"]) for port in pod["containers"][0]["ports"]
    )
    for nodes, cidr in NODES.items():
        if wanted in (None, nodes):
            for address in ip_network(cidr):
                yield (
                    nodes,
                    Pod(
                        name,
                        {**space["metadata"]["labels"], "kubernetes.io/metadata.name": name},
                        labels,
                        str(address),
                        ports,
                        pod.get("hostNetwork", False),
                        kind != "Pod",
                    ),
                )


def outside(address: str) -> Pod:
    """A host that is no pod."""
    return Pod("", {}, {}, address, host=True)


def lets(
    policies: list[Manifest], direction: str, own: Pod, other: Pod, listener: Pod, protocol: str, port: int
) -> bool:
    """Whether the policies of a pod let a connection through in a direction; its own node is left aside."""
    if own.host or not own.owned:
        return True  # the plug-in takes a pod on its node's network for the node, and asks none for one without owner
    isolated = False
    for policy in policies:
        spec = policy["spec"]
        types = spec.get("policyTypes") or ["Ingress"] + (["Egress"] if spec.get("egress") else [])
        if direction not in types or policy["metadata"]["namespace"] != own.namespace:
            continue
        if not selects(spec.get("podSelector") or {}, own.labels):
            continue
        isolated = True
        for rule in spec.get(direction.lower()) or []:
            peers = rule.get("from" if direction == "Ingress" else "to") or []
            ports = rule.get("ports") or []
            blocks = [each for each in peers if "ipBlock" in each]
            meant = [each for each in peers if means(each, policy["metadata"]["namespace"], other)]
            for peer in meant if peers else [None]:
                # A named port is looked up in the pod that listens; a range of addresses has none to look in.
                lookup = listener if direction == "Ingress" or (peer not in blocks and not other.host) else None
                if not ports or any(is_port(each, lookup, protocol, port) for each in ports):
                    return True
    return not isolated


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector selects these labels."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for part in selector.get("matchExpressions", []):
        key = part["key"]
        if part["operator"] == "In" and not (key in labels and labels[key] in part["values"]):
            return False
        if part["operator"] == "NotIn" and key in labels and labels[key] in part["values"]:
            return False
        if part["operator"] == "Exists" and key not in labels:
            return False
        if part["operator"] == "DoesNotExist" and key in labels:
            return False
    return True


def means(peer: Manifest, namespace: str, other: Pod) -> bool:
    """Whether a peer of a rule is that pod or host."""
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        here = ip_address(other.address)
        return here in ip_network(block["cidr"]) and not any(
            here in ip_network(each) for each in block.get("except", [])
        )
    if other.host:
        return False
    if peer.get("namespaceSelector") is None:
        return other.namespace == namespace and selects(peer["podSelector"], other.labels)
    return selects(peer["namespaceSelector"], other.space) and selects(peer.get("podSelector") or {}, other.labels)


def is_port(wanted: Manifest, listener: Pod | None, protocol: str, port: int) -> bool:
    """Whether a rule's port is that port of that protocol."""
    if wanted.get("protocol", "TCP") != protocol:
        return False
    number = wanted.get("port")
    if number is None:
        return True
    if isinstance(number, str):
        return listener is not None and (number, protocol, port) in listener.ports
    return bool(number <= port <= wanted.get("endPort", number))
