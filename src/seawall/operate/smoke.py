"""Smoke tests: each demand of a platform becomes a question to the real thing, and gets a verdict.

Is a host's name known and does it answer well? Do a workload's pods serve? Does a connection open from those pods, by
name, under their own NetworkPolicies and security groups? Would AWS let a role do what its workload calls? Is a
secret's key there? What nobody can ask from here is unknown, and says why.
"""

from __future__ import annotations

import json
import shlex
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from seawall.analyze.permissions.needed import acting
from seawall.facts.demands import Call, Hold, Reach
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, Text, Unknown
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown
from seawall.operate.deployed_policies import DeployedPolicies
from seawall.operate.made import NOTHING, Made

if TYPE_CHECKING:
    from seawall.deploy.target import Cloud
    from seawall.operate.kubectl import Kubectl

IMAGE = "public.ecr.aws/docker/library/busybox:1.37"
"""What the container is made of that asks from within a pod; the pod goes on listing it once it has ended."""
_AT_ONCE = 8
_KINDS = {
    "apps/v1/Deployment": "deployment",
    "apps/v1/StatefulSet": "statefulset",
    "argoproj.io/v1alpha1/Rollout": "rollout",
}
_NO_CLUSTER = "no cluster was named: say --kubeconfig"
_NO_VISITORS = "the emulator has nothing that answers visitors"

Ask: TypeAlias = Callable[[], Verdict]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of which kind, in words, and for which demand or description."""

    kind: str
    says: str
    said: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its verdict."""

    kind: str
    says: str
    said: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class World:
    """Whom to ask: AWS, what Terraform made there, and a cluster where one was named; ``patience`` is in seconds."""

    cloud: Cloud
    made: Made = NOTHING
    kubectl: Kubectl | None = None
    patience: float = 10.0


def smoke(graph: Graph, facts: Facts, world: World) -> tuple[Answered, ...]:
    """Ask everything; nothing is changed but for a container that asks from within one pod of each workload."""
    questions = [*_hosts(graph, world), *_served(graph, world), *_permissions(facts, world), *_secrets(facts, world)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        verdicts = list(pool.map(lambda question: question.ask(), questions))
    answered = [
        Answered(question.kind, question.says, question.said, verdict)
        for question, verdict in zip(questions, verdicts, strict=True)
    ]
    return (*answered, *_connections(graph, facts, world))


# -- names and health --------------------------------------------------------------------------------------------------


def _hosts(graph: Graph, world: World) -> Iterator[Question]:
    """Each host that an Ingress serves: is its name known, and does what its load balancer asks answer well?"""
    for host, path, said in sorted(_exposed(graph)):
        yield Question("name", f"{host} has an address", said, lambda host=host: _named(world, host))  # type: ignore[misc]
        yield Question(
            "health",
            f"https://{host}{path} answers",
            said,
            lambda host=host, path=path: _well(world, f"https://{host}{path}"),  # type: ignore[misc]
        )


def _exposed(graph: Graph) -> set[tuple[str, str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for ingress in graph.of_type("networking.k8s.io/v1/Ingress"):
        checked = ingress.body["metadata"].get("annotations", {}).get("alb.ingress.kubernetes.io/healthcheck-path", "/")
        for rule in ingress.body["spec"].get("rules", ()):
            host = rule.get("host")
            # What the check asks for need not be led to the service that it is about.
            if (
                isinstance(host, str)
                and isinstance(checked, str)
                and any(_leads(path, checked) for path in _paths(rule))
            ):
                found.setdefault(host, (checked, str(ingress.origin or ingress.address)))
    for distribution in graph.of_type("aws_cloudfront_distribution"):
        for host in distribution.body.get("aliases") or ():
            if isinstance(host, str):
                found.setdefault(host, ("/", str(distribution.origin or distribution.address)))
    return {(host, path, said) for host, (path, said) in found.items()}


def _paths(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(rule["http"]["paths"])


def _leads(path: Mapping[str, Any], asked: str) -> bool:
    prefix = str(path["path"])
    if path.get("pathType") == "Exact":
        return asked == prefix
    return asked == prefix or asked.startswith(f"{prefix.rstrip('/')}/")


def _named(world: World, host: str) -> Verdict:
    if world.cloud.emulator is None:
        try:
            addresses = {each[4][0] for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
        except OSError as error:
            return refuted(f"its name is not known: {error}")
        return proven(f"it is {', '.join(sorted(map(str, addresses)))}")
    return _asked(lambda: _in_its_zone(world, host))


def _in_its_zone(world: World, host: str) -> Verdict:
    client = world.cloud.client("route53", "us-east-1")
    zones = client.list_hosted_zones()["HostedZones"]
    fitting = [zone for zone in zones if f"{host}.".endswith(f".{zone['Name']}") or f"{host}." == zone["Name"]]
    if not fitting:
        return refuted("no zone holds its name")
    for zone in fitting:
        pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"])
        names = {one["Name"] for page in pages for one in page["ResourceRecordSets"]}
        if f"{host}." in names:
            return unknown("its zone holds it, and nobody resolves names on the emulator")
    return refuted("its zone does not hold it")


def _well(world: World, url: str) -> Verdict:
    if world.cloud.emulator is not None:
        return unknown(_NO_VISITORS)
    return answers(url, world.patience)


def answers(url: str, patience: float) -> Verdict:
    """Ask by HTTP: an answer below 400 is well, any other is not, and none is refuted, too."""
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:
            return proven(f"it answers {answer.status}")
    except urllib.error.HTTPError as error:
        return refuted(f"it answers {error.code}")
    except (OSError, ssl.SSLError) as error:
        return refuted(f"it does not answer: {getattr(error, 'reason', error)}")


# -- in the cluster ----------------------------------------------------------------------------------------------------


def _served(graph: Graph, world: World) -> Iterator[Question]:
    for workload in _workloads(graph):
        about = workload.body["metadata"]
        name, namespace = str(about["name"]), str(about.get("namespace", "default"))
        said = str(workload.origin or workload.address)
        yield Question(
            "ready",
            f"every pod of {namespace}/{name} is ready",
            said,
            lambda workload=workload: _in_cluster(world, lambda kubectl: _ready(kubectl, workload)),  # type: ignore[misc]
        )
        if (path := _readiness(graph, workload)) is not None:
            yield Question(
                "health",
                f"{namespace}/{name} says that it is well",
                said,
                lambda path=path: _in_cluster(world, lambda kubectl: _through(kubectl, path)),  # type: ignore[misc]
            )


def _workloads(graph: Graph) -> list[Resource]:
    return [resource for type in _KINDS for resource in graph.of_type(type)]


def _in_cluster(world: World, ask: Callable[[Kubectl], Verdict]) -> Verdict:
    if world.kubectl is None:
        return unknown(_NO_CLUSTER)
    try:
        return ask(world.kubectl)
    except OutsideError as error:
        if "NotFound" in (error.detail or ""):
            return refuted(f"it is not there: {(error.detail or '').splitlines()[0]}")
        return unknown(f"the cluster cannot be asked: {(error.detail or error.what).splitlines()[0]}")


def _ready(kubectl: Kubectl, workload: Resource) -> Verdict:
    about = workload.body["metadata"]
    kind = _KINDS[workload.type]
    found = json.loads(kubectl("get", kind, about["name"], "-n", about.get("namespace", "default"), "-o", "json"))
    wanted = int(found["spec"].get("replicas", 1))
    there = int(found.get("status", {}).get("readyReplicas", 0) or 0)
    if wanted == 0:
        return unknown("none is wanted at the moment")
    return proven(f"{there} of {wanted}") if there >= wanted else refuted(f"{there} of {wanted} are")


def _readiness(graph: Graph, workload: Resource) -> str | None:
    """What the API server is asked to ask: the readiness path, through a Service that leads there."""
    [container, *_] = workload.body["spec"]["template"]["spec"]["containers"]
    asked = container.get("readinessProbe", {}).get("httpGet")
    if not asked:
        return None
    named = {port.get("name"): port["containerPort"] for port in container.get("ports", ())}
    port = named.get(asked["port"], asked["port"])
    service = _service(graph, workload, port)
    if service is None:
        return None
    name, namespace, outer = service
    return f"/api/v1/namespaces/{namespace}/services/{name}:{outer}/proxy{asked.get('path', '/')}"


def _through(kubectl: Kubectl, path: str) -> Verdict:
    try:
        kubectl("get", "--raw", path)
    except OutsideError as error:
        said = (error.detail or error.what).splitlines()[-1]
        if any(word in said for word in ("Forbidden", "Unauthorized", "refused")):
            return unknown(f"the API server does not pass it on: {said}")
        return refuted(f"it does not answer well: {said}")
    return proven("it answers well, with whatever it needs")


def _service(graph: Graph, workload: Resource, port: object) -> tuple[str, str, int] | None:
    """A Service before these pods that leads to this port: name, namespace and its own port; its namesake first."""
    about = workload.body["metadata"]
    labels = workload.body["spec"]["template"]["metadata"].get("labels", {})
    found = []
    for service in graph.of_type("v1/Service"):
        there, spec = service.body["metadata"], service.body["spec"]
        selector = spec.get("selector") or {}
        same = there.get("namespace") == about.get("namespace")
        if same and selector and all(labels.get(key) == value for key, value in selector.items()):
            for each in spec.get("ports", ()):
                if port in (each.get("targetPort", each["port"]), each["port"]):
                    found.append((there["name"] != about["name"], there["name"], there["namespace"], each["port"]))
    return min(found)[1:] if found else None


# -- connections -------------------------------------------------------------------------------------------------------


def _connections(graph: Graph, facts: Facts, world: World) -> Iterator[Answered]:
    """Each Reach of a workload, asked from within one of its pods: one container for all that it must reach."""
    by_source: dict[Address, list[Reach]] = {}
    for reach in facts.all(Reach):
        by_source.setdefault(reach.source, []).append(reach)
    for source, reaches in by_source.items():
        workload = graph.resources.get(source)
        known: list[tuple[Reach, str, int]] = []
        for reach in reaches:
            host = _host(graph, world, reach)
            if isinstance(host, Verdict):
                yield _answered(reach, host)
            elif workload is None or workload.type not in _KINDS:
                yield _answered(reach, unknown(f"nobody can ask from within {source}"))
            elif world.kubectl is None:
                yield _answered(reach, unknown(_NO_CLUSTER))
            elif not isinstance(reach.port, int):
                yield _answered(reach, unknown(f"its port is not known: {reach.port}"))
            elif reach.protocol != "tcp":
                yield _answered(reach, unknown(f"nobody can tell whether {reach.protocol} arrives"))
            else:
                known.append((reach, host, reach.port))
        if known and workload is not None:
            verdicts = _from_within(world, workload, [(host, port) for _, host, port in known])
            for (reach, _, _), verdict in zip(known, verdicts, strict=True):
                yield _answered(reach, verdict)


def _answered(reach: Reach, verdict: Verdict) -> Answered:
    return Answered("reach", f"{reach.source} reaches {reach.target}:{reach.port}", reach.said, verdict)


def _from_within(world: World, workload: Resource, there: list[tuple[str, int]]) -> list[Verdict]:
    assert world.kubectl is not None
    about = workload.body["metadata"]
    namespace = str(about.get("namespace", "default"))
    labels = workload.body["spec"]["selector"]["matchLabels"]
    try:
        pods = json.loads(
            world.kubectl(
                "get", "pods", "-n", namespace, "-o", "json", "-l",
                ",".join(f"{key}={value}" for key, value in labels.items()),
                "--field-selector", "status.phase=Running",
            )
        )["items"]  # fmt: skip
        if not pods:
            return [unknown(f"no pod of {about['name']} runs")] * len(there)
        said = world.kubectl(
            "debug", "-n", namespace, f"pod/{pods[0]['metadata']['name']}", f"--image={IMAGE}", "--profile=restricted",
            "--attach=true", "--quiet", "--", "sh", "-c", script(there),
            patience=60.0 + 8 * len(there),
        )  # fmt: skip
    except OutsideError as error:
        why = (error.detail or error.what).splitlines()[0]
        return [unknown(f"nobody can ask from within a pod of {about['name']}: {why}")] * len(there)
    return verdicts_of(said, len(there))


def script(there: Iterable[tuple[str, int]]) -> str:
    """What the container runs: a line for each host and port, ``seawall NUMBER reached`` or what kept it from it."""
    lines = [
        f"said=$(nc -z -w 5 {shlex.quote(host)} {port} 2>&1) && echo seawall {number} reached "
        f"|| echo seawall {number} failed $said"
        for number, (host, port) in enumerate(there)
    ]
    return "\n".join(lines)


def verdicts_of(said: str, number: int) -> list[Verdict]:
    """The verdicts of so many lines of a container's answer; a line that is missing is unknown."""
    verdicts: list[Verdict] = [unknown("the container that asked did not say")] * number
    for line in said.splitlines():
        match line.split():
            case ["seawall", place, "reached"] if int(place) < number:
                verdicts[int(place)] = proven("its name is known, and a connection opens")
            case ["seawall", place, "failed", *words] if int(place) < number:
                why = " ".join(words)
                told = "its name is not known" if "bad address" in why else "no connection opens within 5 s"
                verdicts[int(place)] = refuted(f"{told}{f' ({why})' if why else ''}")
    return verdicts


def _host(graph: Graph, world: World, reach: Reach) -> str | Verdict:
    """The host behind a target, or why nobody knows it."""
    target = reach.target
    if isinstance(target, Text | Ref | Unknown):
        return unknown("its name is known only once it is made")
    resource = graph.resources.get(target) if isinstance(target, Address) else None
    if resource is None:
        return str(target) if not isinstance(target, Address) else unknown(f"{target} is not of this platform")
    about = resource.body.get("metadata", {})
    if resource.type == "v1/Service":
        return f"{about['name']}.{about['namespace']}.svc"
    if resource.type in _KINDS:
        service = _service(graph, resource, reach.port)
        return f"{service[0]}.{service[1]}.svc" if service else unknown("no Service leads to it")
    attributes = _HOSTS.get(resource.type)
    if attributes is None:
        return unknown(f"nobody has written how to find the host of {resource.type}")
    hosts = (world.made.attribute(resource.address, attribute) for attribute in attributes)
    found = next((host for host in hosts if host), None)
    # Of several brokers the first: behind the others stand the same groups.
    return found.partition(",")[0].partition(":")[0] if found else unknown("it is not up, or its state says no host")


_HOSTS: Mapping[str, tuple[str, ...]] = {
    "aws_db_instance": ("address",),
    "aws_rds_cluster": ("endpoint",),
    "aws_msk_cluster": ("bootstrap_brokers_sasl_iam",),
    "aws_elasticache_replication_group": ("configuration_endpoint_address", "primary_endpoint_address"),
}
"""Where a state says the host of a resource."""


# -- permissions and secrets -------------------------------------------------------------------------------------------


def _permissions(facts: Facts, world: World) -> Iterator[Question]:
    """Each Call: would AWS let the role of whoever calls do it? IAM's own simulator says, or what is deployed."""
    deployed: list[DeployedPolicies] = []
    if world.cloud.emulator is not None:
        deployed.append(DeployedPolicies(world.cloud.client("iam", "us-east-1")))
    for call in facts.all(Call):
        yield Question(
            "call",
            f"{call.source} may {call.action} on {call.resource}",
            call.said,
            lambda call=call: _allowed(facts, world, call, deployed),  # type: ignore[misc]
        )


def _allowed(facts: Facts, world: World, call: Call, deployed: Sequence[DeployedPolicies]) -> Verdict:
    taken = _role(facts, call.source)
    role = world.made.attribute(taken, "arn") if taken is not None else None
    if role is None:
        return unknown("nobody knows the role that it takes on")
    resource = world.made.text(call.resource)
    if resource is None:
        return unknown("what it is done to is not up, or its state does not say")
    if deployed:
        return _asked(lambda: deployed[0].allow(role.rpartition("/")[2], call.action, resource))
    client = world.cloud.client("iam", "us-east-1")

    def ask() -> Verdict:
        [result] = client.simulate_principal_policy(
            PolicySourceArn=role,
            ActionNames=[call.action],
            ResourceArns=[resource],
        )["EvaluationResults"]
        decision = result["EvalDecision"]
        if decision == "allowed":
            return proven(f"{role} is allowed to")
        if result.get("MissingContextValues"):
            return unknown(f"it hangs on {', '.join(result['MissingContextValues'])}, which only a real call has")
        return refuted(f"{role}: {decision}")

    return _asked(ask)


def _role(facts: Facts, source: Address) -> Address | None:
    """The role that whoever calls takes on: a pod by its account, an instance by its profile, a job by its trust."""
    roles = acting(facts, source).roles
    return roles[0] if roles else None


def _secrets(facts: Facts, world: World) -> Iterator[Question]:
    """Each Hold: is the key there? Names of keys are read, never what they hold."""
    for hold in facts.all(Hold):
        yield Question(
            "secret",
            f"{hold.secret} has the key {hold.key}",
            hold.said,
            lambda hold=hold: _in_cluster(world, lambda kubectl: _held(kubectl, hold)),  # type: ignore[misc]
        )


def _held(kubectl: Kubectl, hold: Hold) -> Verdict:
    at = hold.secret.as_kubernetes()
    if at is None:
        return unknown("it is no Secret of the cluster")
    template = '{{range $key, $value := .data}}{{$key}}{{"\\n"}}{{end}}'
    keys = kubectl("get", "secret", at.name, "-n", at.namespace, "-o", f"go-template={template}").split()
    return proven("it is there") if hold.key in keys else refuted(f"it has {', '.join(keys) or 'no key at all'}")


def _asked(ask: Callable[[], Verdict]) -> Verdict:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if "NotFound" in code or "NoSuch" in code:
            return refuted(f"it is not there ({code})")
        return unknown(f"AWS answers {code or error}")
    except BotoCoreError as error:
        return unknown(f"AWS cannot be asked: {str(error).splitlines()[0]}")
    except (KeyError, ValueError, IndexError) as error:
        return unknown(f"AWS's answer lacks {error}")


def together(answered: Iterable[Answered]) -> Verdict:
    """One verdict of all."""
    return all_of([one.verdict for one in answered])


def document(answered: Iterable[Answered]) -> list[dict[str, Any]]:
    """The answers as plain data."""
    return [
        {
            "kind": one.kind,
            "question": one.says,
            "said": one.said,
            "verdict": str(one.verdict.answer),
            "because": [str(reason) for reason in one.verdict.because],
        }
        for one in answered
    ]
