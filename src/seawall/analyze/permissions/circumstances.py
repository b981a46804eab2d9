"""What is known of the circumstances of a call: condition keys in lower case with their values.

A key with no value is certainly not there; one that is not mentioned may be there or not. Source of what each key
holds and when it is there: IAM User Guide, "AWS global condition context keys", read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.clusters import cluster_of, pod_interfaces
from seawall.analyze.permissions.request import Caller, Context
from seawall.analyze.permissions.shapes import account_of, arn_of, resource_of, spelled
from seawall.analyze.reachability.places import subnets
from seawall.facts.compute import Workload
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Statement
from seawall.facts.network import Gateway, Interface, Route, Routed, Subnet
from seawall.facts.resilience import Setting, Tagged
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.knowledge import global_services
from seawall.readers.aws.arn import REGION

NONE: Final[tuple[Textual, ...]] = ()
"""The key is certainly not there."""
TAG_PREFIXES: Final = ("aws:principaltag/", "aws:resourcetag/", "ec2:resourcetag/", "s3:bucketresourcetag/")

_ENDPOINTS: Final = {
    "aps": "aps-workspaces",
    "bedrock": "bedrock-runtime",
    "cloudwatch": "monitoring",
    "ecr": "ecr.api",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
}
"""The last part of the name of a service's endpoint, where it is not the prefix of its actions.

Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink", read 2026-11-22.
"""


def context_of(facts: Facts, caller: Caller, call: Call) -> Context:
    """Condition keys of a call of that caller; what the call itself says goes before all."""
    found: dict[str, tuple[Textual, ...]] = {**facts.derive(_of_caller, caller, call.source)}
    service = call.action.partition(":")[0].lower()
    found["aws:requestedregion"] = _region(facts, call, service)
    resource = spelled(facts, call.resource)
    thing = resource_of(facts, resource)
    if thing is not None:
        found.update(facts.derive(_tags_of, thing))
    owner = account_of(resource)
    if owner != "":
        found["aws:resourceaccount"] = (owner,)
    if service == "kms":
        found["kms:calleraccount"] = (caller.account,) if caller.account != "" else NONE
    said = {key: tuple(spelled(facts, value) for value in values) for key, values in call.context}
    if said.get("kms:viaservice"):
        found["aws:viaawsservice"] = ("true",)
        for key in _ON_THE_WAY:
            found.pop(key, None)  # what a service passes on of them is not the same for all
    else:
        found.update(facts.derive(_network, call.source, service))
    found.update(said)
    return found


_ON_THE_WAY: Final = (
    *("aws:sourcevpc", "aws:sourcevpce", "aws:sourceip", "aws:vpcsourceip"),
    *("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"),
)


def _of_caller(facts: Facts, caller: Caller, source: Address) -> Context:
    later = Unknown(f"the session of {caller.arn}", why="it is known only when the call is made")
    clock = Unknown("the time of the call", why="it is known only when the call is made")
    found: dict[str, tuple[Textual, ...]] = {
        "aws:securetransport": ("true",),
        "aws:currenttime": (clock,),
        "aws:epochtime": (clock,),
        "aws:viaawsservice": ("false",),
        "aws:calledvia": NONE,
        "aws:calledviafirst": NONE,
        "aws:calledvialast": NONE,
    }
    if caller.kind == "anonymous":
        for key in ("aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username"):
            found[key] = NONE
        found["aws:principaltype"] = ("Anonymous",)
        return found
    if caller.kind == "service":
        found |= {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (caller.arn,),
            "aws:principalarn": NONE,
            "aws:username": NONE,
            "aws:sourceip": NONE,
            "aws:sourcevpc": NONE,
            "aws:sourcevpce": NONE,
        }
        if source and (arn := arn_of(facts, source)) is not None:
            found["aws:sourcearn"] = (arn,)
            found["aws:sourceaccount"] = (account_of(arn),)
        return found
    if caller.kind == "federated":
        return found
    found |= {
        "aws:principalarn": (caller.arn,),
        "aws:principalaccount": (caller.account,),
        "aws:principaltype": ("User" if caller.kind == "user" else "AssumedRole",),
        "aws:principalisawsservice": ("false",),
        "aws:principalservicename": NONE,
        "aws:sourcearn": NONE,
        "aws:sourceaccount": NONE,
        "aws:userid": (later,),
    }
    if caller.kind == "role":
        found["aws:username"] = NONE
        found["aws:tokenissuetime"] = (clock,)
    elif isinstance(caller.arn, str):
        found["aws:username"] = (caller.arn.rpartition("/")[2],)
    elif isinstance(caller.arn, Text) and isinstance(caller.arn.parts[-1], str):
        found["aws:username"] = (caller.arn.parts[-1].rpartition("/")[2],)
    if caller.of is not None:
        found.update(_tags(facts, caller.of, "aws:principaltag/"))
        for key, values in facts.derive(_session_tags, caller.of, source).items():
            found[key] = values
    return found


def _session_tags(facts: Facts, role: Address, source: Address) -> Context:
    """What EKS Pod Identity tags a session with; of a role that only accounts of one cluster take on so.

    Source: Amazon EKS User Guide, "Grant Pods access to AWS resources based on tags", read 2026-11-22.
    """
    workload = facts.one(Workload, of=source)
    account = source if workload is None else workload.account
    every = facts.where(Assumes, role=role)
    mine = [one for one in every if one.account == account] or (list(every) if len(every) == 1 else [])
    if len(mine) != 1 or mine[0].means != "pod-identity" or not isinstance(mine[0].account, Address):
        return {}
    name = mine[0].account.as_kubernetes()
    cluster = cluster_of(facts, mine[0].account)
    if name is None:
        return {}
    pod = Unknown(f"a pod of {mine[0].account}", why="its name is known only when it runs")
    arn = None if cluster is None else arn_of(facts, cluster.of)
    later = Unknown(f"the cluster of {mine[0].account}")
    tags: dict[str, Textual] = {
        "eks-cluster-arn": later if arn is None else arn,
        "eks-cluster-name": later if cluster is None else cluster.name,
        "kubernetes-namespace": name.namespace,
        "kubernetes-service-account": name.name,
        "kubernetes-pod-name": pod,
        "kubernetes-pod-uid": pod,
    }
    return {f"aws:principaltag/{key}": (value,) for key, value in tags.items()}


def _tags_of(facts: Facts, thing: Address) -> Context:
    """The tags of the thing that a call is about, under each name by which a policy may ask for them."""
    found: dict[str, tuple[Textual, ...]] = {}
    for prefix in TAG_PREFIXES[1:]:
        found.update(_tags(facts, thing, prefix))
    return found


def _tags(facts: Facts, thing: Address, prefix: str) -> Context:
    """The tags of a thing as condition keys; of those that policies ask for, it says which are not there."""
    tagged = facts.where(Tagged, of=thing)
    found: dict[str, tuple[Textual, ...]] = {
        f"{prefix}{tag.key.lower()}": (tag.value,) for tag in tagged if tag.key != "*"
    }
    if not any(tag.key == "*" for tag in tagged):
        for key in facts.derive(_asked_for):
            if key.startswith(prefix):
                found.setdefault(key, NONE)
    return found


def _asked_for(facts: Facts) -> tuple[str, ...]:
    """The keys of tags that any condition of the input asks for."""
    keys = {
        condition.key.lower()
        for statement in facts.all(Statement)
        for condition in statement.conditions
        if isinstance(condition.key, str)
    }
    return tuple(sorted(key for key in keys if key.startswith(TAG_PREFIXES)))


def _region(facts: Facts, call: Call, service: str) -> tuple[Textual, ...]:
    """The region whose endpoint is called: what the call says, else that of what it is about, else its source's."""
    if service in global_services.REGIONS:
        anywhere = Unknown("the region", why="it may be called at any endpoint")
        return (anywhere if service == "sts" else global_services.REGIONS[service],)
    if isinstance(call.region, Unknown) or call.region != "":
        return (call.region,)
    resource = call.resource
    first = resource if isinstance(resource, str) else resource.parts[0] if isinstance(resource, Text) else ""
    if isinstance(first, str):
        fields = first.split(":", 4)
        if len(fields) == 5 and fields[0] == "arn" and fields[3] not in ("", "*"):
            return (fields[3],)
    named = resource.to if isinstance(resource, Ref) else call.source
    place = named.as_terraform()
    if place is not None:
        return (place.region if place.region != "" else REGION,)
    cluster = cluster_of(facts, call.source)
    if cluster is not None:
        return (cluster.region,)
    return (Unknown(f"the region in which {call.source} calls {call.action}", why="the call does not say"),)


def _network(facts: Facts, source: Address, service: str) -> Context:
    """By which way a call leaves its network: an endpoint of it, else the internet; nothing where nobody knows."""
    somewhere = Unknown(f"the address of {source}", why="it is known only when it runs")
    outside: Context = {
        "aws:sourcevpc": NONE,
        "aws:sourcevpce": NONE,
        "aws:vpcsourceip": NONE,
        "aws:sourceip": (somewhere,),
    }
    workload = facts.one(Workload, of=source)
    interfaces: tuple[Interface, ...]
    if workload is not None:
        interfaces = pod_interfaces(facts, workload)
    elif _runs_code(source):
        interfaces = tuple(facts.where(Interface, of=source))
        if not interfaces:
            return outside
    else:
        return {}
    found: dict[Address, Subnet] = {}
    for interface in interfaces:
        inside, missing = subnets(facts, interface)
        if missing:
            return {}
        found |= {subnet.of: subnet for subnet in inside}
    networks = {subnet.network for subnet in found.values()}
    if len(networks) != 1:
        return {}
    [network] = networks
    if not isinstance(network, Address):
        return {}
    ways = {_way(facts, subnet, network, service) for subnet in found.values()}
    if len(ways) != 1:
        return {}
    [way] = ways
    if isinstance(way, Unknown):
        return {}
    if way is None:
        return outside
    return {
        "aws:sourcevpc": (Ref(network, "id"),),
        "aws:sourcevpce": (Ref(way, "id"),),
        "aws:vpcsourceip": (somewhere,),
        "aws:sourceip": NONE,
    }


def _runs_code(source: Address) -> bool:
    """Whether a thing is a function: of no network where none is said, else of that one.

    Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC", read 2026-11-22.
    """
    name = source.as_terraform()
    return name is not None and name.type == "aws_lambda_function"


def _way(facts: Facts, subnet: Subnet, network: Address, service: str) -> Address | Unknown | None:
    """The endpoint by which a subnet reaches a service, None if it has none."""
    asked = facts.ask(Gateway, place=network)
    for gateway in (*asked.matches, *asked.doubts):
        if gateway.kind not in ("gateway-endpoint", "interface-endpoint"):
            continue
        if isinstance(gateway.service, Unknown):
            return gateway.service
        if not _serves(gateway.service, service):
            continue
        if isinstance(gateway.place, Unknown):
            return gateway.place
        if gateway.kind == "interface-endpoint":
            private = [one.value for one in facts.where(Setting, of=gateway.of) if one.key == "private-dns"]
            if private == [True]:
                return gateway.of
            if any(isinstance(value, Unknown) for value in private):
                return Unknown(f"the private DNS of {gateway.of}")
        elif any(route.via == gateway.of for route in _routes(facts, subnet, network)):
            return gateway.of
    return None


def _routes(facts: Facts, subnet: Subnet, network: Address) -> Iterator[Route]:
    """The routes of a subnet's table, its network's where it has none."""
    tables = facts.where(Routed, of=subnet.of) or facts.where(Routed, of=network)
    for routed in tables:
        yield from facts.where(Route, table=routed.table)


def endpoints(facts: Facts, service: str, region: Textual) -> tuple[Gateway, ...]:
    """The endpoints of the input by which a call to a service in that region may go, whatever network it is from."""
    return tuple(
        one
        for one in facts.all(Gateway)
        if one.kind in ("gateway-endpoint", "interface-endpoint")
        and (
            isinstance(one.service, Unknown)
            or (_serves(one.service, service) and (not isinstance(region, str) or f".{region}." in one.service))
        )
    )


def _serves(endpoint: str, service: str) -> bool:
    """Whether an endpoint, by its name ``com.amazonaws.REGION.SERVICE``, is that of a service's API."""
    return endpoint.split(".", 3)[-1] == _ENDPOINTS.get(service, service)
