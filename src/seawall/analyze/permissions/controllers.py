"""What installed controllers need of AWS: the catalogue of ``knowledge.controllers`` filled with what is so here.

A need stands in the catalogue with holes for the cluster and for circumstances. Circumstances come from the
controller's own configuration, from objects of its cluster, and from things in AWS that it works on; one whose value is
missing takes its need away, so that nothing is asked for that no configuration says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from seawall.analyze.clusters import cluster_of
from seawall.facts.compute import Addon, Cluster, NodeClass, NodePool
from seawall.facts.data import Store
from seawall.facts.delivery import Controller, Occasion
from seawall.facts.demands import Call
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Identifier, Principal, Secret, SecretStore, SecretSync
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.knowledge.controllers import controller as catalogue
from seawall.knowledge.controllers.catalogue import controllers, of_addon
from seawall.readers.aws.arn import ACCOUNT, partition
from seawall.readers.registry import implied_by

Circumstances: TypeAlias = dict[str, dict[Textual, None]]
"""Values by the name of a circumstance, each once, in the order in which they were found."""

_HOLE: Final = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Running:
    """A controller of a cluster: as which account it calls, where, and what is so about it."""

    fact: Controller
    known: catalogue.Controller
    account: Address
    cluster: Cluster | None

    @property
    def region(self) -> Textual:
        """The region that its calls go to unless a need says otherwise."""
        if self.cluster is not None:
            return self.cluster.region
        told = [value for name, value in self.fact.told if name == "region"]
        return told[0] if told else Unknown(f"{self.account}.region", why="the cluster is not in the input")

    @property
    def cluster_name(self) -> Textual:
        """The cluster's name, as AWS knows it."""
        if self.cluster is not None and isinstance(self.cluster.name, str):
            return self.cluster.name
        told = [value for name, value in self.fact.told if name == "cluster"]
        return told[0] if told else Unknown(f"{self.account}.cluster", why="the cluster is not in the input")


def running(facts: Facts) -> tuple[Running, ...]:
    """Every controller that the input installs, once for each account that it runs as."""
    return facts.derive(_running)


def calls(facts: Facts) -> tuple[Call, ...]:
    """What every installed controller has to be allowed, on concrete things and with what its requests hold."""
    return facts.derive(_calls)


def _calls(facts: Facts) -> tuple[Call, ...]:
    # Two pods may ask the same as one account; who says it tells them apart.
    return tuple({(call, call.by): call for each in running(facts) for call in calls_of(facts, each)}.values())


def calls_of(facts: Facts, one: Running) -> Iterator[Call]:
    """What one controller has to be allowed."""
    circumstances = _circumstances(facts, one)
    for need in one.known.needs:
        if (need.when and need.when not in circumstances) or need.unless in circumstances:
            continue
        yield from _filled(one, need, circumstances)


def circumstances_of(facts: Facts, one: Running) -> Mapping[str, tuple[Textual, ...]]:
    """What is so about a controller, by the names that its needs have for it."""
    return {name: tuple(values) for name, values in _circumstances(facts, one).items()}


def _running(facts: Facts) -> tuple[Running, ...]:
    found: dict[tuple[str, Address], Running] = {}
    for fact in facts.all(Controller):
        known = controllers().get(fact.name)
        if known is None:
            continue
        account, cluster = _place(facts, fact, known)
        found.setdefault((fact.name, account), Running(fact, known, account, cluster))
    for store in facts.all(SecretStore):
        # A store that names an account is asked as that, through External Secrets but not as it.
        if isinstance(store.account, Address):
            fact = Controller(store.of, "external-secrets", store.account, by=store.by)
            one = Running(fact, controllers()[fact.name], store.account, cluster_of(facts, store.of))
            found.setdefault((fact.name, store.account), one)
    return tuple(found.values())


def _place(facts: Facts, fact: Controller, known: catalogue.Controller) -> tuple[Address, Cluster | None]:
    """A controller's account and cluster; of an add-on's both follow from the cluster that it is installed in."""
    if fact.account.as_kubernetes() is not None:
        return fact.account, cluster_of(facts, fact.account)
    addon = facts.one(Addon, of=fact.of)
    cluster = facts.one(Cluster, of=addon.cluster) if addon is not None else None
    if facts.where(Assumes, account=fact.account):
        return fact.account, cluster
    return account_behind(facts, fact.account), cluster


def account_behind(facts: Facts, account: Address) -> Address:
    """The service account that an add-on's role is given to, where the cluster's name is known; others as they are.

    ``service-account`` stands for the account of the add-on's own controller, any other name for the account so named.
    """
    addon = facts.one(Addon, of=account.owner) if account.owner != account else None
    cluster = facts.one(Cluster, of=addon.cluster) if addon is not None else None
    known = of_addon(addon.name) if addon is not None else ()
    if cluster is None or not isinstance(cluster.name, str) or not known:
        return account
    name = account.removeprefix(f"{account.owner}//")
    called = known[0].account if name == "service-account" else name
    return Address.kubernetes(cluster.name, "ServiceAccount", known[0].namespace, called)


# -- filling in --------------------------------------------------------------------------------------------------------


def _filled(one: Running, need: catalogue.Need, circumstances: Circumstances) -> Iterator[Call]:
    for values in product(*(circumstances.get(name, {}) for name in need.holes)):
        holes = dict(zip(need.holes, values, strict=True))
        known = {**_own(one, holes.get(need.region.strip("{}"), one.region)), **holes}
        region = _fill(need.region, known) if need.region else one.region
        sent = tuple(
            (str(_fill(key, known)), tuple(_fill(value, known) for value in values)) for key, values in need.sends
        )
        for resource in (_fill(shape, known) for shape in need.resources):
            where: Textual = _region_in(resource) or region
            said = f"{one.known.name} {one.known.version} ({one.known.source})"
            there: Known[str] = where if isinstance(where, str | Unknown) else Unknown(str(where))
            for action in need.actions:
                yield Call(one.account, action, resource, there, _spelled(action, sent), by=one.fact.by, said=said)


def _own(one: Running, region: Textual) -> dict[str, Textual]:
    where = one.region
    return {
        "*": Unknown(f"{one.account}.any", why="it is made up when it is needed"),
        "partition": partition(where if isinstance(where, str) else ""),
        "region": where,
        "account": ACCOUNT,
        "cluster": one.cluster_name,
    }


def _fill(shape: str, values: Mapping[str, Textual]) -> Textual:
    parts: list[Textual] = []
    start = 0
    for match in _HOLE.finditer(shape):
        parts += [shape[start : match.start()], values[match[1]]]
        start = match.end()
    return text(*parts, shape[start:])


def _region_in(arn: Textual) -> str:
    """The region that an ARN names before its first hole; "" where it names none."""
    first = arn.parts[0] if isinstance(arn, Text) else arn
    fields = first.split(":") if isinstance(first, str) else []
    return fields[3] if len(fields) > 4 else ""


def _spelled(
    action: str, sent: tuple[tuple[str, tuple[Textual, ...]], ...]
) -> tuple[tuple[str, tuple[Textual, ...]], ...]:
    """Tags of a resource stand under a key of the service's own, too, where it has had one for longer."""
    service = action.partition(":")[0]
    if service not in ("ec2", "elasticloadbalancing", "autoscaling", "secretsmanager"):
        return sent
    more = [
        (key.replace("aws:resourcetag/", f"{service}:resourcetag/", 1), values)
        for key, values in sent
        if key.startswith("aws:resourcetag/")
    ]
    return (*sent, *more)


# -- circumstances -----------------------------------------------------------------------------------------------------


def _circumstances(facts: Facts, one: Running) -> Circumstances:
    return facts.derive(_work_out, one)


def _work_out(facts: Facts, one: Running) -> Circumstances:
    found: Circumstances = {}
    for name, value in one.fact.told:
        found.setdefault(name, {}).setdefault(value)
    for each in _occasions(facts, one):
        found.setdefault(each.what, {}).setdefault(each.about)
    join = _JOINED.get(one.known.name)
    if join is not None:
        for name, value in list(join(facts, one, found)):
            found.setdefault(name, {}).setdefault(value)
    return {
        name: {value: None for value in values if value != "" or len(values) == 1} for name, values in found.items()
    }


def _occasions(facts: Facts, one: Running) -> Iterator[Occasion]:
    """What objects of the same cluster have it do; a controller that is alone is the only one there can be."""
    alone = sum(each.known is one.known for each in running(facts)) == 1
    for each in facts.where(Occasion, controller=one.known.name):
        if alone or cluster_of(facts, each.of) == one.cluster:
            yield each


Found: TypeAlias = Iterator[tuple[str, Textual]]
_Join: TypeAlias = Callable[[Facts, Running, Circumstances], Found]


def _load_balancers(facts: Facts, one: Running, so: Circumstances) -> Found:
    if "security-groups" not in so and "no-security-groups" not in so:
        # Nothing of the input asks it for anything, and what others ask for later needs groups.
        yield "security-groups", ""


def _karpenter(facts: Facts, one: Running, so: Circumstances) -> Found:
    for made in facts.all(NodeClass):
        if cluster_of(facts, made.of) != one.cluster:
            continue
        for assumed in facts.where(Assumes, account=made.of):
            yield from _node_role(facts, assumed.role)
    for name in so.get("role-named", {}):
        yield "node-role", text("arn:aws:iam::", ACCOUNT, ":role/", name)
        yield "makes-profiles", ""
    for name in so.get("profile-named", {}):
        yield "profile", text("arn:aws:iam::", ACCOUNT, ":instance-profile/", name)
    for pool in facts.all(NodePool):
        if cluster_of(facts, pool.of) == one.cluster and "spot" in pool.capacity:
            yield "spot", ""
            if not facts.derive(_has_spot_role):
                yield "makes-spot-role", ""


def _has_spot_role(facts: Facts) -> bool:
    return any(
        str(each.value).endswith("/AWSServiceRoleForEC2Spot") for each in facts.all(Identifier) if each.attr == "arn"
    )


def _node_role(facts: Facts, named: Address | Textual) -> Found:
    """The role behind a profile that a node class names, or a role for which Karpenter makes profiles itself."""
    if isinstance(named, Address) and facts.where(Principal, of=named):
        yield "node-role", _arn(facts, named)
        yield "makes-profiles", ""
    elif isinstance(named, Address):
        yield "profile", _arn(facts, named)
        for behind in facts.where(Assumes, account=named):
            if isinstance(behind.role, Address):
                yield "node-role", _arn(facts, behind.role)


def _zones(facts: Facts, one: Running, so: Circumstances) -> Found:
    # An object in place of the provider's name says nothing by itself; AWS is the default.
    providers = {str(value) for value in so.get("provider", ())} - {"true"}
    if providers and "aws" not in providers:
        return
    yield "aws", ""
    domains = [str(domain) for domain in so.get("domain", {})]
    for identifier in so.get("zone-id", {}):
        yield "zone", text("arn:aws:route53:::hostedzone/", identifier)
    if "zone-id" not in so:
        zones = list(_zones_below(facts, domains)) if domains else []
        for zone in zones:
            yield "zone", _arn(facts, zone)
        if not zones:
            yield "zone", "arn:aws:route53:::hostedzone/*"
    any_name = Unknown(f"{one.account}.record", why="objects of the cluster name it")
    for domain in domains or [""]:
        yield "records", text(any_name, f".{domain}") if domain else any_name


def _zones_below(facts: Facts, domains: Iterable[str]) -> Iterator[Address]:
    for each in facts.all(Identifier):
        name = each.of.as_terraform()
        if each.attr != "name" or name is None or name.type != "aws_route53_zone" or not isinstance(each.value, str):
            continue
        if any(_within(each.value, domain) or _within(domain, each.value) for domain in domains):
            yield each.of


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _certificates(facts: Facts, one: Running, so: Circumstances) -> Found:
    for identifier in so.get("zone-id", {}):
        yield "solves", ""
        if identifier == "":
            yield "looks-for-zones", ""
            yield "zone", "arn:aws:route53:::hostedzone/*"
        else:
            yield "zone", text("arn:aws:route53:::hostedzone/", identifier)


def _secrets(facts: Facts, one: Running, so: Circumstances) -> Found:
    """What is synchronised from stores that are asked as this account: the controller's own where they name none."""
    own = None if facts.one(SecretStore, of=one.fact.of) is None else one.account
    for sync in facts.all(SecretSync):
        store = facts.one(SecretStore, of=sync.store)
        if store is None or store.account != own or cluster_of(facts, sync.of) != one.cluster:
            continue
        for name in sync.remote:
            if store.service == "secretsmanager":
                yield "secret", _secret(facts, store, name)
                yield from _key_beside(facts, store, name)
                if name in so.get("reads-tags", {}):
                    yield "secret-with-tags", _secret(facts, store, name)
            elif store.service == "ssm":
                yield "parameter", _parameter(store, name)
    for store in facts.all(SecretStore):
        if "finds" in so and store.account == own and store.service in ("secretsmanager", "ssm"):
            yield "finds-secrets" if store.service == "secretsmanager" else "finds-parameters", ""
    for name in so.get("pushes", {}) if own is None else ():
        yield "pushed-secret", text("arn:aws:secretsmanager:", one.region, ":", ACCOUNT, ":secret:", name, "-*")


def _secret(facts: Facts, store: SecretStore, name: Textual) -> Textual:
    """The ARN of a secret by what a manifest calls it: its name, its ARN, or a reference to either."""
    if isinstance(name, Ref):
        # What RDS keeps is no resource of the input: the reference to it is all that names it.
        return _arn(facts, name.to) if name.attr in ("arn", "id", "name") else name
    if isinstance(name, str) and name.startswith("arn:"):
        return name
    for secret in facts.where(Secret, name=name):
        if secret.of.as_terraform() is not None and store.region == secret.region:
            return _arn(facts, secret.of)
    # Six characters that AWS makes up; of a copy they are those of the secret.
    return text("arn:aws:secretsmanager:", store.region, ":", ACCOUNT, ":secret:", name, "-??????")


def _key_beside(facts: Facts, store: SecretStore, name: Textual) -> Found:
    """The key of a copy in the store's region, which the secret of another region names; that of a secret of RDS."""
    called: Textual = name
    if isinstance(name, Ref):
        implied = implied_by(name.attr)
        secret = facts.one(Secret, of=name.to if implied is None else name.to.implied(implied))
        if secret is None:
            return
        called = secret.name
        if implied is not None and isinstance(secret.key, Address):
            yield "secret-key", _arn(facts, secret.key)
    for secret in facts.where(Secret, name=called):
        for region, key in secret.replica_keys:
            if region == store.region and isinstance(key, Address):
                yield "secret-key", _arn(facts, key)


def _parameter(store: SecretStore, name: Textual) -> Textual:
    slash = "" if isinstance(name, str) and name.startswith("/") else "/"
    return text("arn:aws:ssm:", store.region, ":", ACCOUNT, ":parameter", slash, name)


def _signals(facts: Facts, one: Running, so: Circumstances) -> Found:
    """The things that triggers name, as ARNs; of a queue its URL says all of it.

    A trigger whose authentication has keys, or the workload's own role, asks nothing of the operator's; one with a role
    asks to take that on.
    """
    for what in [name for name in so if name.startswith("aws-") and "/" in name]:
        kind, _, authentication = what.partition("/")
        asked = so.pop(what)
        for who in so.get(f"identity/{authentication}", {"operator": None}):
            if who == "operator":
                so.setdefault(kind, {}).update(asked)
            elif who not in ("keys", "workload"):
                yield "role", who
    for url in so.get("aws-sqs-queue", {}):
        yield "aws-sqs-queue", _queue(facts, one, url)
    so.pop("aws-sqs-queue", None)
    for kind, service, shape in (
        ("aws-kinesis-stream", "kinesis", "stream/"),
        ("aws-dynamodb", "dynamodb", "table/"),
        ("aws-dynamodb-streams", "dynamodb", "table/"),
    ):
        for about in so.pop(kind, {}):
            where, _, name = str(about).partition(":")
            yield kind, text(f"arn:aws:{service}:", where or one.region, ":", ACCOUNT, f":{shape}{name}")
    for region in so.pop("aws-cloudwatch", {}):
        yield "aws-cloudwatch", region if region != "" else one.region


def _queue(facts: Facts, one: Running, url: Textual) -> Textual:
    """``https://sqs.REGION.amazonaws.com/ACCOUNT/NAME``, a name alone, or a reference to a queue."""
    if isinstance(url, Ref):
        return _arn(facts, url.to)
    if not isinstance(url, str):
        return Unknown(str(url), why="the queue's URL is known only after apply")
    match = re.fullmatch(r"https://sqs\.([^.]+)\.amazonaws\.com(?:\.cn)?/(\d+)/(.+)", url)
    if match is not None:
        return f"arn:{partition(match[1])}:sqs:{match[1]}:{match[2]}:{match[3]}"
    return text("arn:aws:sqs:", one.region, ":", ACCOUNT, ":", url.rpartition("/")[2])


def _file_systems(facts: Facts, one: Running, so: Circumstances) -> Found:
    for identifier in so.get("file-system-id", {}):
        if isinstance(identifier, Ref):
            yield "file-system", _arn(facts, identifier.to)
        else:
            yield (
                "file-system",
                text("arn:aws:elasticfilesystem:", one.region, ":", ACCOUNT, ":file-system/", identifier),
            )


def _keys(facts: Facts, one: Running, so: Circumstances) -> Found:
    for key in so.pop("key", {}):
        yield "key", _arn(facts, key.to) if isinstance(key, Ref) else key


def _insights(facts: Facts, one: Running, so: Circumstances) -> Found:
    """The groups of Container Insights; each of the input is there already, others the agent makes."""
    own = ["performance", *(["application", "dataplane", "host"] if "logs-of-containers" in so else [])]
    wanted: list[Textual] = [text("/aws/containerinsights/", one.cluster_name, f"/{name}") for name in own]
    if "signals" in so or "configured" not in so:
        wanted.append("/aws/application-signals/data")
        yield "traces", ""
    for name in wanted:
        yield from _group(facts, one.region, name, makes=True)


def _outputs(facts: Facts, one: Running, so: Circumstances) -> Found:
    """The groups that a name with stars means here; where it means none, the name itself."""
    for told in ("group", "makes-group"):
        for spelled in so.get(told, {}):
            region, _, name = str(spelled).partition(":")
            yield from _group(facts, region or one.region, name, makes=told == "makes-group")
    for spelled in so.get("retains-group", {}):
        region, _, name = str(spelled).partition(":")
        for _, arn in _group(facts, region or one.region, name, makes=False):
            yield "log-group-with-retention", arn
    for told, made, shape in (("delivers", "firehose", "deliverystream/"), ("streams", "stream", "stream/")):
        for spelled in so.get(told, {}):
            where, _, name = str(spelled).partition(":")
            service = "firehose" if made == "firehose" else "kinesis"
            yield made, text(f"arn:aws:{service}:", where or one.region, ":", ACCOUNT, f":{shape}{name}")


def _group(facts: Facts, region: Textual, name: Textual, *, makes: bool) -> Found:
    """A group of logs by its name, and its streams as AWS asks about them: ``...:log-group:NAME:log-stream:STREAM``."""
    here = [group for group in _groups(facts, region) if _like(group[1], name)]
    new = text("arn:aws:logs:", region, ":", ACCOUNT, ":log-group:", name)
    for arn in [arn for arn, _ in here] or [new]:
        yield "log-streams", text(arn, ":log-stream:*")
        yield "written-group", text(arn, ":*")
    if makes and not here:
        yield "new-log-group", text(new, ":*")


def _groups(facts: Facts, region: Textual) -> list[tuple[Textual, Textual]]:
    found = facts.derive(_groups_by_region)
    return found.get(region, []) if isinstance(region, str) else []


def _groups_by_region(facts: Facts) -> dict[str, list[tuple[Textual, Textual]]]:
    found: dict[str, list[tuple[Textual, Textual]]] = {}
    for store in facts.all(Store):
        if store.kind == "logs" and isinstance(store.region, str):
            names = [each.value for each in facts.where(Identifier, of=store.of) if each.attr == "name"]
            found.setdefault(store.region, []).extend((_arn(facts, store.of), name) for name in names)
    return found


def _like(name: Textual, pattern: Textual) -> bool:
    if isinstance(name, str) and isinstance(pattern, str):
        return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None
    return name == pattern


def _searched(facts: Facts, one: Running, so: Circumstances) -> Found:
    """The groups of logs of the cluster's own pods, which dashboards search, where Fluent Bit of it writes any."""
    for other in running(facts):
        if other.known.name == "fluent-bit" and other.cluster == one.cluster:
            for arn in _circumstances(facts, other).get("written-group", {}):
                yield "log-group", arn


def _queue_of_nodes(facts: Facts, one: Running, so: Circumstances) -> Found:
    for url in so.get("queue", {}):
        yield "queue-arn", _queue(facts, one, url)


def _arn(facts: Facts, address: Address) -> Textual:
    for identifier in facts.where(Identifier, of=address):
        if identifier.attr == "arn":
            return identifier.value
    return address.removeprefix("outside:") if address.is_outside else Ref(address, "arn")


_JOINED: Final[Mapping[str, _Join]] = {
    "aws-ebs-csi-driver": _keys,
    "aws-efs-csi-driver": _file_systems,
    "aws-load-balancer-controller": _load_balancers,
    "aws-node-termination-handler": _queue_of_nodes,
    "cert-manager": _certificates,
    "cloudwatch-agent": _insights,
    "external-dns": _zones,
    "external-secrets": _secrets,
    "fluent-bit": _outputs,
    "grafana": _searched,
    "karpenter": _karpenter,
    "keda": _signals,
}
