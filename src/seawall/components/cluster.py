"""The Kubernetes cluster: control plane, node groups, add-ons, access, namespaces."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from seawall.components import namespaces, node_pools, nodes
from seawall.components.addons import aws_ebs_csi_driver, values, vpc_cni
from seawall.components.addons.addon import addons
from seawall.components.alert import Alert
from seawall.components.alerting import clusters
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.namespaces import Namespace, priority_class
from seawall.components.network import Network
from seawall.components.node_pools import NodePool
from seawall.components.nodes import NodeGroup
from seawall.components.policy import document, pod_role, trust
from seawall.components.scope import Scope
from seawall.components.takeover.action import Action, Move
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.knowledge.callbacks import CHARTS
from seawall.model.fields import Cidr, Duration, Frame, Name

BEFORE_NODES = ("eks-pod-identity-agent", "vpc-cni", "kube-proxy")
"""Add-ons that a node needs to become ready; the others need a node to run on."""
ADDONS = (*BEFORE_NODES, "coredns", "aws-ebs-csi-driver", "metrics-server")
STORAGE_CLASS = "gp3-encrypted"
"""The class of volumes that claims name; also the default one."""
_WEBHOOKS = 9443
"""Where the webhooks of most controllers listen; a pair of rules whoever of them there is."""
LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def _known_addon(name: str) -> str:
    if name not in addons():
        raise ValueError(f"there is no add-on {name}; known are {', '.join(addons())}")
    return name


AddonName = Annotated[str, AfterValidator(_known_addon), WithJsonSchema({"type": "string", "enum": list(addons())})]


class Access(Frame):
    """A role that people of this account take on, with MFA, and what it may do in the cluster."""

    policy: Literal["admin", "view", "developer"]
    namespaces: tuple[Name, ...] = ()


class Cluster(Expandable):
    """An EKS cluster; every pod's rights come through Pod Identity, every policy is enforced by the VPC CNI."""

    section: ClassVar[bool] = True
    required: ClassVar[bool] = True
    stack: ClassVar[str] = "cluster"
    parts: ClassVar[tuple[str, ...]] = ("addons", "roles")
    # An add-on that reads the stores' secrets can only come after them.
    part_stacks: ClassVar[Mapping[str, str]] = {"addons": "platform"}

    kind: Literal["cluster"]
    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")]
    node_groups: Annotated[Mapping[Name, NodeGroup], Field(min_length=1)]
    node_pools: Mapping[Name, NodePool] = {}
    """Nodes that Karpenter makes as pods need them."""
    public_api: tuple[Cidr, ...] = ()
    """Ranges that reach the API from outside; where silent it answers inside the network only."""
    logs: Duration = units.Duration(90 * 86400)
    """How long the control plane's logs are kept."""
    access: Mapping[Name, Access] = {}
    namespaces: Mapping[Name, Namespace] = {}
    """Namespaces and their rules; where silent there is one, named like the platform."""
    addons: tuple[AddonName, ...] = (
        "argo-cd",
        "argo-rollouts",
        "aws-load-balancer-controller",
        "cluster-autoscaler",
        "external-secrets",
        "reloader",
    )
    """Controllers beside those that EKS always installs: their namespaces, and their identities in AWS.

    What the description asks for brings its own: pools Karpenter, signals KEDA. Where silent and no node group may
    grow, there is no Cluster Autoscaler beside Karpenter.
    """

    @model_validator(mode="after")
    def _fits(self) -> Cluster:
        if both := set(self.node_groups) & set(self.node_pools):
            raise ValueError(
                f"{', '.join(sorted(both))} is a node group and a pool; pods could not tell which is meant"
            )
        if "karpenter" in self.addons and not self.node_pools:
            raise ValueError("karpenter has no pools to make nodes of; say some in `node_pools`")
        if self.node_pools and not any(_open(group) for group in self.node_groups.values()):
            raise ValueError(
                "every node could be one that Karpenter makes, and Karpenter needs one to run on; have a node group "
                f"with `min` of 1 or more and no taint but {nodes.CRITICAL}"
            )
        shared = [name for name, pool in self.node_pools.items() if not pool.repels]
        if shared and "cluster-autoscaler" in self._chosen():
            raise ValueError(
                f"pods that find no place would have Karpenter add nodes to {', '.join(shared)} and Cluster Autoscaler "
                "to a node group; give the pool a taint, or have min = max in every node group"
            )
        promised = sum(known.quota.gpus or 0 for known in self.namespaces.values() if known.quota is not None)
        if promised and not any(group.image == "al2023-nvidia" for group in self.node_groups.values()):
            most = sum(pool.limits.gpus or 0 for pool in self.node_pools.values())
            if promised > most:
                raise ValueError(f"quotas of namespaces promise {promised} GPUs, and node pools stop at {most}")
        return self

    def _chosen(self) -> tuple[str, ...]:
        fixed = all(group.min == group.max for group in self.node_groups.values())
        idle = self.node_pools and fixed and "addons" not in self.model_fields_set
        named = [name for name in self.addons if not (idle and name == "cluster-autoscaler")]
        if self.node_pools:
            named.append("karpenter")
        if any(pool.limits.gpus for pool in self.node_pools.values()):
            named.append("nvidia-device-plugin")
        return tuple(dict.fromkeys(named))

    # -- what others may know --------------------------------------------------------------------------------------

    def namespaces_of(self, scope: Scope) -> Mapping[str, Namespace]:
        """The namespaces that there are."""
        return self.namespaces or {scope.platform.name: Namespace()}

    def name_ref(self, scope: Scope) -> Ref:
        """The cluster's name, as a reference, so that whoever uses it waits for the cluster."""
        return scope.at("cluster").ref("aws_eks_cluster", "main", "name")

    def nodes_group(self, scope: Scope) -> Ref:
        """The id of the security group that every node carries."""
        return self._group(scope, "nodes")

    def chosen_addons(self, scope: Scope) -> tuple[str, ...]:
        """The add-ons that there are: those that are named, and those that the description asks for otherwise."""
        components = map(scope.component, scope.platform.components)
        relied = (name for component in components for name in component.relies_on())
        chosen = dict.fromkeys((*self._chosen(), *relied))
        for addon in addons().values():
            if addon.follows in chosen and addon.use(scope):
                chosen.setdefault(addon.name)
        if any(addons()[name].chart is not None for name in chosen):
            chosen.setdefault("argo-cd")  # it is what installs them
        return tuple(chosen)

    def placement(self, scope: Scope, name: str | None) -> dict[str, Any]:
        """What a pod of the component ``scope`` says to lie on that node group or pool; nothing where none is named.

        Raises InputError if there is neither.
        """
        if name is None:
            return {}
        if name in self.node_groups:
            return nodes.placement(name, self.node_groups[name].taints)
        if name in self.node_pools:
            return nodes.placement(name, self.node_pools[name].tainted)
        raise InputError(
            f"{scope.name} is to lie on {name}, and the cluster has no nodes of that name",
            fix=f"choose one of {', '.join((*self.node_groups, *self.node_pools))}, or add it to cluster.node_groups",
            origin=scope.origin,
        )

    def priority(self, scope: Scope, namespace: str) -> dict[str, Any]:
        """What a pod in that namespace says of its priority; nothing where the namespace has none."""
        known = self.namespaces_of(scope).get(namespace)
        return priority_class(namespace, known) if known is not None else {}

    def is_spot(self, name: str | None) -> bool:
        """Whether pods on that node group or pool may lose their node within two minutes."""
        if name is None:
            return all(group.capacity == "spot" for group in self.node_groups.values())
        if name in self.node_pools:
            return "spot" in self.node_pools[name].capacity
        return name in self.node_groups and self.node_groups[name].capacity == "spot"

    # The groups lie in the network's stack, so that a store that admits the nodes need not wait for the cluster.
    def _group(self, scope: Scope, name: str) -> Ref:
        return scope.at("network").ref("aws_security_group", name, "id")

    # -- what it comes to ------------------------------------------------------------------------------------------

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """What is worth an alert of nodes that are made as needed, and of what its controllers keep in step."""
        chosen = self.chosen_addons(scope)
        if self.node_pools:
            yield from clusters.pools(list(self.node_pools))
        if values.has_gpus(scope):
            yield from clusters.processors()
        if "external-secrets" in chosen:
            yield from clusters.secrets()
        if "argo-cd" in chosen:
            yield from clusters.applications()

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """As many nodes as at home."""
        theirs = scope.home.the(Cluster)
        yield from nodes.taking_over(scope, self.node_groups, theirs.node_groups, move)

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Keys, roles, groups, control plane, nodes, add-ons, access and namespaces."""
        yield from self._groups(scope)
        yield from self._control_plane(scope)
        before = [scope.address("aws_eks_addon", addon.replace("-", "_")) for addon in BEFORE_NODES]
        yield from nodes.role(scope)
        yield from nodes.node_groups(scope, self.node_groups, self._group(scope, "nodes"), before)
        if self.node_pools:
            yield from node_pools.node_role(scope)
            yield from node_pools.node_pools(scope, self.node_pools)
        yield from self._addons(scope)
        yield from self._access(scope)
        yield _storage_class(scope)
        yield from namespaces.objects(scope, self.namespaces_of(scope))

    def _groups(self, scope: Scope) -> Iterator[Resource]:
        network = scope.the(Network)
        stack = scope.platform.stacks["network"]
        vpc = network.vpc(scope)
        for name, purpose in (
            ("control_plane", "the control plane's interfaces"),
            ("nodes", "the cluster's nodes"),
        ):
            called = f"{scope.title}-{name.replace('_', '-')}"
            body: dict[str, Any] = {"name": called, "description": f"Carried by {purpose}", "vpc_id": vpc}
            if self.node_pools and name == "nodes":
                body["tags"] = {node_pools.DISCOVERY: scope.cluster_name}
            yield scope.aws("aws_security_group", name, body, stack=stack)
        control, nodes = self._group(scope, "control_plane"), self._group(scope, "nodes")
        rules: list[tuple[str, str, Ref, Ref, str, int | None, str]] = [
            ("ingress", "control_plane_from_nodes", control, nodes, "tcp", 443, "the API, from nodes"),
            ("ingress", "nodes_from_nodes", nodes, nodes, "-1", None, "pods of one node to those of another"),
        ]
        asked = [
            ("kubelets", "kubelet_callers", 10250, "kubelets: logs, exec, metrics"),
            ("metrics", "metrics_callers", 10251, "metrics-server in pods"),
        ]
        if any(hook.port == _WEBHOOKS for name in self.chosen_addons(scope) for hook in CHARTS.get(name, ())):
            asked.append(("webhooks", "webhook_callers", _WEBHOOKS, "admission webhooks"))
        for things, callers, number, why in asked:
            rules.append(("egress", f"control_plane_to_{things}", control, nodes, "tcp", number, why))
            rules.append(("ingress", f"nodes_from_{callers}", nodes, control, "tcp", number, why))
        known = {rule[5] for rule in rules}
        for rule in (*rules, *self._callees(scope, known)):
            yield _rule(scope, stack, *rule)
        outward = (
            (
                "nodes_to_network",
                "-1",
                None,
                str(network.cidr),
                "Pods to stores and endpoints; policies narrow each pod",
            ),
            ("nodes_to_registries", "tcp", 443, "0.0.0.0/0", "Registries and AWS APIs, over HTTPS"),
        )
        for name, protocol, port, cidr, why in outward:
            body = {
                "security_group_id": nodes,
                "description": why,
                "ip_protocol": protocol,
                "from_port": port,
                "to_port": port,
                "cidr_ipv4": cidr,
            }
            yield scope.aws("aws_vpc_security_group_egress_rule", name, body, stack=stack)

    def _callees(self, scope: Scope, known: set[int | None]) -> Iterator[tuple[str, str, Ref, Ref, str, int, str]]:
        """Rules for ports of add-ons that the control plane calls, beside those that are open already."""
        control, nodes = self._group(scope, "control_plane"), self._group(scope, "nodes")
        for name in self.chosen_addons(scope):
            for port in (port for port in addons()[name].called_on if port not in known):
                which, why = f"{name.replace('-', '_')}_{port}", f"{name}, by the control plane"
                yield "egress", f"control_plane_to_{which}", control, nodes, "tcp", port, why
                yield "ingress", f"nodes_from_callers_of_{which}", nodes, control, "tcp", port, why

    def _control_plane(self, scope: Scope) -> Iterator[Resource]:
        network = scope.the(Network)
        yield scope.lookup("aws_caller_identity", "current", {})
        account = scope.ref("data.aws_caller_identity", "current", "account_id")
        log_name = f"/aws/eks/{scope.cluster_name}/cluster"
        yield from key(
            scope,
            "secrets",
            account=account,
            called=f"{scope.title}-secrets",
            purpose=f"Secrets and logs of the cluster {scope.cluster_name}",
            statements=(by_logs(scope, account, log_name),),
        )
        role_name = f"{scope.title}-control-plane"
        stack = scope.stack("roles")
        # Its own look-up: the stack of the roles comes before the cluster's.
        yield scope.lookup("aws_caller_identity", "control_plane", {}, stack=stack)
        owner = scope.ref("data.aws_caller_identity", "control_plane", "account_id", stack=stack)
        itself = text(f"arn:aws:eks:{scope.region}:", owner, f":cluster/{scope.cluster_name}")
        ours: dict[str, dict[str, Textual]] = {
            "StringEquals": {"aws:SourceAccount": owner},
            "ArnLike": {"aws:SourceArn": itself},
        }
        trusted = trust("eks.amazonaws.com", ours, "sts:TagSession")
        role = {"name": role_name, "assume_role_policy": trusted}
        yield scope.aws("aws_iam_role", "control_plane", role, stack=stack)
        attached = {
            "role": scope.ref("aws_iam_role", "control_plane", "name", stack=stack),
            "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
        }
        yield scope.aws("aws_iam_role_policy_attachment", "control_plane", attached, stack=stack)
        # EKS would make this group by itself, without an end to what it keeps.
        log_group = {
            "name": log_name,
            "retention_in_days": round(self.logs.days),
            # The audit log says who read which secret.
            "kms_key_id": scope.ref("aws_kms_key", "secrets", "arn"),
        }
        yield scope.aws("aws_cloudwatch_log_group", "control_plane", log_group)
        body = {
            "name": scope.cluster_name,
            "version": self.version,
            "role_arn": scope.ref("aws_iam_role", "control_plane", "arn", stack=stack),
            "enabled_cluster_log_types": sorted(LOGS),
            "bootstrap_self_managed_addons": False,
            "access_config": [
                {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True},
            ],
            "encryption_config": [
                {
                    "resources": ["secrets"],
                    "provider": [{"key_arn": scope.ref("aws_kms_key", "secrets", "arn")}],
                },
            ],
            "vpc_config": [
                {
                    "subnet_ids": network.subnet_ids(scope, "private"),
                    "security_group_ids": [self._group(scope, "control_plane")],
                    "endpoint_private_access": True,
                    "endpoint_public_access": bool(self.public_api),
                    **({"public_access_cidrs": [str(cidr) for cidr in self.public_api]} if self.public_api else {}),
                },
            ],
        }
        before = [
            scope.address("aws_cloudwatch_log_group", "control_plane"),
            scope.address("aws_iam_role_policy_attachment", "control_plane", stack=stack),
        ]
        yield scope.aws("aws_eks_cluster", "main", body, depends_on=before, called=scope.cluster_name)

    def _addons(self, scope: Scope) -> Iterator[Resource]:
        groups = tuple(scope.address("aws_eks_node_group", name.replace("-", "_")) for name in self.node_groups)
        for addon in ADDONS:
            identifier = addon.replace("-", "_")
            configuration = self._configuration(addon)
            body = {
                "cluster_name": scope.ref("aws_eks_cluster", "main", "name"),
                "addon_name": addon,
                "resolve_conflicts_on_create": "OVERWRITE",
                "resolve_conflicts_on_update": "OVERWRITE",
                "configuration_values": json.dumps(configuration) if configuration else None,
            }
            waits = () if addon in BEFORE_NODES else groups
            if addon == "vpc-cni":
                # Its pods must find the role when they start: they ask for it once.
                waits = (scope.address("aws_eks_pod_identity_association", "vpc_cni"),)
            yield scope.aws("aws_eks_addon", identifier, body, depends_on=waits)
        # Roles of the add-ons' own: what the nodes' role may do, every pod on the host's network may do.
        for name, account, rights in (
            ("vpc_cni", "aws-node", vpc_cni.rights(scope)),
            ("ebs_csi", "ebs-csi-controller-sa", aws_ebs_csi_driver.rights(scope)),
        ):
            yield from pod_role(
                scope,
                name,
                namespace="kube-system",
                account=account,
                cluster=scope.ref("aws_eks_cluster", "main", "name"),
                rights=rights,
            )
        for name in self.chosen_addons(scope):
            yield from addons()[name].expand(scope, scope.ref("aws_eks_cluster", "main", "name"), groups)

    def _configuration(self, addon: str) -> dict[str, Any]:
        """What EKS is told of an add-on that it always installs."""
        if addon == "vpc-cni":
            return {"enableNetworkPolicy": "true"}
        if addon == "coredns" and self.node_pools:
            # Names must resolve before Karpenter can make a node, and go on doing so when it takes one away.
            return {"affinity": _on_node_groups("k8s-app", "kube-dns")}
        if addon == "metrics-server" and all(nodes.CRITICAL in group.taints for group in self.node_groups.values()):
            return {"tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}]}
        return {}

    def _access(self, scope: Scope) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", "current", "account_id")
        for name, access in self.access.items():
            identifier = f"access_{name.replace('-', '_')}"
            role_name = f"{scope.title}-{name}"
            trusted = document(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": text("arn:aws:iam::", account, ":root")},
                    "Action": "sts:AssumeRole",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                }
            )
            yield scope.aws("aws_iam_role", identifier, {"name": role_name, "assume_role_policy": trusted})
            entry = {
                "cluster_name": scope.ref("aws_eks_cluster", "main", "name"),
                "principal_arn": scope.ref("aws_iam_role", identifier, "arn"),
                "type": "STANDARD",
                "kubernetes_groups": [name] if access.policy == "developer" else None,
            }
            yield scope.aws("aws_eks_access_entry", identifier, entry)
            if access.policy == "developer":
                for namespace in access.namespaces or tuple(self.namespaces_of(scope)):
                    yield from _developers(scope, name, namespace)
                continue
            policy = {"admin": "AmazonEKSClusterAdminPolicy", "view": "AmazonEKSViewPolicy"}[access.policy]
            within = {"type": "namespace", "namespaces": list(access.namespaces)}
            association = {
                "cluster_name": scope.ref("aws_eks_cluster", "main", "name"),
                "principal_arn": scope.ref("aws_eks_access_entry", identifier, "principal_arn"),
                "policy_arn": f"arn:aws:eks::aws:cluster-access-policy/{policy}",
                "access_scope": [within if access.namespaces else {"type": "cluster"}],
            }
            yield scope.aws("aws_eks_access_policy_association", identifier, association)


def _rule(
    scope: Scope,
    stack: str,
    direction: str,
    name: str,
    group: Ref,
    peer: Ref,
    protocol: str,
    port: int | None,
    why: str,
) -> Resource:
    body = {
        "security_group_id": group,
        "referenced_security_group_id": peer,
        "description": why[0].upper() + why[1:],
        "ip_protocol": protocol,
        "from_port": port,
        "to_port": port,
    }
    return scope.aws(f"aws_vpc_security_group_{direction}_rule", name, body, stack=stack)


def _open(group: NodeGroup) -> bool:
    """Whether the cluster's own controllers may always lie on nodes of the group."""
    return group.min >= 1 and set(group.taints) <= {nodes.CRITICAL}


def _on_node_groups(key: str, value: str) -> dict[str, Any]:
    """An affinity to nodes whose number EKS keeps, and away from another pod with the same label."""
    ours = {"matchExpressions": [{"key": "eks.amazonaws.com/nodegroup", "operator": "Exists"}]}
    apart = {
        "labelSelector": {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [ours]}},
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": apart}]
        },
    }


def _storage_class(scope: Scope) -> Resource:
    body = {
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true"},
        # A volume lies in one zone: it is made where its pod was placed.
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
        "reclaimPolicy": "Delete",
    }
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return scope.object("storage.k8s.io/v1", "StorageClass", STORAGE_CLASS, body, annotations=default)


def _developers(scope: Scope, group: str, namespace: str) -> Iterator[Resource]:
    read = ["get", "list", "watch"]
    rules = [
        {"apiGroups": [""], "resources": ["pods", "services"], "verbs": read},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": read},
        {"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": read},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get", "list"]},
    ]
    api = "rbac.authorization.k8s.io"
    yield scope.object(f"{api}/v1", "Role", group, {"rules": rules}, namespace=namespace)
    binding = {
        "roleRef": {"apiGroup": api, "kind": "Role", "name": group},
        "subjects": [{"apiGroup": api, "kind": "Group", "name": group}],
    }
    yield scope.object(f"{api}/v1", "RoleBinding", group, binding, namespace=namespace)
