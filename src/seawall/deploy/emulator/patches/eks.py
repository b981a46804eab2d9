"""EKS: moto lacks add-ons, access entries, Pod Identity and updates, and forgets or invents arguments.

Seen from the provider: aws_eks_addon, aws_eks_access_entry, aws_eks_access_policy_association and
aws_eks_pod_identity_association end in 404; aws_eks_cluster plans a replacement because access_config is
dropped, aws_eks_node_group because a remote_access nobody asked for appears; changing either waits for an
update that does not exist; all clusters of a region share one OIDC issuer; the cluster security group is
missing.
"""

from __future__ import annotations

import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, add_routes, after_init, around, now, store

# AWS publishes versions per cluster version and changes them weekly. The emulator knows one of each, and it
# is made up.
ADDON_VERSION = "v1.0.0-eksbuild.1"


def apply() -> None:
    """Complete clusters and node groups; add the four missing resource types and their routes."""
    _clusters()
    _node_groups()
    _updates()
    _addons()
    _access_entries()
    _pod_identity()
    _tags()


def _clusters() -> None:
    from moto.ec2.models import ec2_backends
    from moto.eks.models import Cluster, EKSBackend
    from moto.eks.responses import EKSResponse

    @after_init(Cluster)
    def complete(cluster: Any, arguments: dict[str, Any]) -> None:
        region = arguments["region_name"]
        cluster.identity = {
            "oidc": {"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{uuid.uuid4().hex.upper()}"}
        }
        cluster.access_config = {
            "authenticationMode": "CONFIG_MAP",
            "bootstrapClusterCreatorAdminPermissions": True,
        }
        cluster.upgrade_policy = {"supportType": "EXTENDED"}
        cluster.kubernetes_network_config = {"ipFamily": "ipv4"} | cluster.kubernetes_network_config
        placement = cluster.resources_vpc_config
        placement.setdefault("endpointPublicAccess", True)
        placement.setdefault("endpointPrivateAccess", False)
        placement.setdefault("publicAccessCidrs", ["0.0.0.0/0"])
        _give_security_group(ec2_backends[arguments["account_id"]][region], cluster)

    @around(EKSResponse, "create_cluster")
    def create_cluster(original: Any, response: Any) -> Any:
        answer = original(response)
        cluster = response.eks_backend.clusters[response._get_param("name")]
        cluster.access_config |= response._get_param("accessConfig") or {}
        for parameter, attribute in (
            ("upgradePolicy", "upgrade_policy"),
            ("zonalShiftConfig", "zonal_shift_config"),
            ("computeConfig", "compute_config"),
            ("storageConfig", "storage_config"),
        ):
            given = response._get_param(parameter)
            if given:
                setattr(cluster, attribute, given)
        return answer

    @around(EKSBackend, "delete_cluster")
    def delete_cluster(original: Any, backend: Any, name: str) -> Any:
        cluster = original(backend, name)
        group = cluster.resources_vpc_config.get("clusterSecurityGroupId")
        ec2 = ec2_backends[backend.account_id][backend.region_name]
        if group and ec2.get_security_group_from_id(group):
            ec2.delete_security_group(group_id=group)
        return cluster


def _give_security_group(ec2: Any, cluster: Any) -> None:
    """Make the group that EKS attaches to its own network interfaces and to managed nodes."""
    placement = cluster.resources_vpc_config
    subnets = [ec2.subnets[zone][name] for zone in ec2.subnets for name in ec2.subnets[zone]]
    network = next((subnet.vpc_id for subnet in subnets if subnet.id in placement["subnetIds"]), None)
    if network is None:
        return  # moto accepts subnets that do not exist; then there is no network to put a group into
    placement["vpcId"] = network
    group = ec2.create_security_group(
        name=f"eks-cluster-sg-{cluster.name}-{uuid.uuid4().int % 10**9}",
        description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        vpc_id=network,
        tags={"aws:eks:cluster-name": cluster.name, f"kubernetes.io/cluster/{cluster.name}": "owned"},
    )
    placement["clusterSecurityGroupId"] = group.id


def _node_groups() -> None:
    from moto.eks.models import Nodegroup
    from moto.eks.responses import EKSResponse

    @after_init(Nodegroup)
    def forget_inventions(group: Any, arguments: dict[str, Any]) -> None:
        if not arguments.get("remote_access"):
            group.remote_access = None
            del group.resources["remoteAccessSecurityGroup"]
        if not arguments.get("ami_type"):
            group.ami_type = "AL2023_x86_64_STANDARD"  # what AWS takes since Kubernetes 1.30

    @around(EKSResponse, "create_nodegroup")
    def create_nodegroup(original: Any, response: Any) -> Any:
        answer = original(response)
        cluster = response.eks_backend.clusters[response._get_param("name")]
        group = cluster.nodegroups[response._get_param("nodegroupName")]
        group.update_config = response._get_param("updateConfig") or {"maxUnavailable": 1}
        group.node_repair_config = response._get_param("nodeRepairConfig") or {"enabled": False}
        if not response._get_param("version"):
            group.version = cluster.version
        if not response._get_param("releaseVersion"):
            group.release_version = f"{group.version}.0-{group.created_at:%Y%m%d}"
        return answer


def _updates() -> None:
    from moto.core.responses import ActionResult
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    def finished(response: Any, kind: str) -> Any:
        """Record and answer an update that is over: nothing takes time here."""
        update = {
            "id": str(uuid.uuid4()),
            "status": "Successful",
            "type": kind,
            "params": [],
            "createdAt": now(),
            "errors": [],
        }
        store(_cluster(response), "updates")[update["id"]] = update
        return ActionResult({"update": update})

    @around(EKSResponse, "update_cluster_config")
    def update_cluster_config(original: Any, response: Any) -> Any:
        cluster = _cluster(response)
        placement = dict(cluster.resources_vpc_config)
        given = response._get_param("resourcesVpcConfig")
        original(response)
        if given:
            cluster.resources_vpc_config = placement | given  # moto forgets what an update does not repeat
        for parameter, attribute in (
            ("accessConfig", "access_config"),
            ("upgradePolicy", "upgrade_policy"),
            ("zonalShiftConfig", "zonal_shift_config"),
        ):
            given = response._get_param(parameter)
            if given:
                setattr(cluster, attribute, (getattr(cluster, attribute, None) or {}) | given)
        return finished(response, "EndpointAccessUpdate")

    def update_cluster_version(response: Any) -> Any:
        _cluster(response).version = response._get_param("version")
        return finished(response, "VersionUpdate")

    def update_nodegroup_version(response: Any) -> Any:
        cluster = _cluster(response)
        group = _found(cluster.nodegroups, response._get_param("nodegroupName"), "node group")
        group.version = response._get_param("version") or cluster.version
        group.release_version = response._get_param("releaseVersion") or f"{group.version}.0-{now():%Y%m%d}"
        if response._get_param("launchTemplate"):
            group.launch_template = (group.launch_template or {}) | response._get_param("launchTemplate")
        return finished(response, "VersionUpdate")

    @around(EKSResponse, "update_nodegroup_config")
    def update_nodegroup_config(original: Any, response: Any) -> Any:
        original(response)
        return finished(response, "ConfigUpdate")

    def update_addon(response: Any) -> Any:
        addon = _found(store(_cluster(response), "addons"), response._get_param("addonName"), "add-on")
        for parameter in ("addonVersion", "serviceAccountRoleArn", "configurationValues"):
            given = response._get_param(parameter)
            if given:
                addon[parameter] = given
        addon["modifiedAt"] = now()
        return finished(response, "AddonUpdate")

    def describe_update(response: Any) -> Any:
        updates = store(_cluster(response), "updates")
        return ActionResult({"update": _found(updates, response._get_param("updateId"), "update")})

    add_operations(EKSResponse, update_cluster_version, update_nodegroup_version, update_addon, describe_update)
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/clusters/(?P<name>[^/]+)/updates$",
        "{0}/clusters/(?P<name>[^/]+)/updates/(?P<updateId>[^/]+)$",
        "{0}/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)/update-version$",
    )


def _addons() -> None:
    from moto.core.responses import ActionResult
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    def create_addon(response: Any) -> Any:
        cluster, name = _cluster(response), response._get_param("addonName")
        addon = {
            "addonName": name,
            "clusterName": cluster.name,
            "status": "ACTIVE",
            "addonVersion": response._get_param("addonVersion") or ADDON_VERSION,
            "health": {"issues": []},
            "addonArn": f"{_arn(response, 'addon')}/{cluster.name}/{name}/{uuid.uuid4()}",
            "createdAt": now(),
            "modifiedAt": now(),
            "tags": response._get_param("tags") or {},
        }
        for parameter in ("serviceAccountRoleArn", "configurationValues"):
            given = response._get_param(parameter)
            if given:
                addon[parameter] = given
        identities = [
            _associate(response, cluster, "kube-system", wanted["serviceAccount"], wanted["roleArn"], {})
            for wanted in response._get_param("podIdentityAssociations") or []
        ]
        if identities:
            addon["podIdentityAssociations"] = [identity["associationArn"] for identity in identities]
        for identity in identities:
            identity["ownerArn"] = addon["addonArn"]
        store(cluster, "addons")[name] = addon
        return ActionResult({"addon": addon})

    def describe_addon(response: Any) -> Any:
        addons = store(_cluster(response), "addons")
        return ActionResult({"addon": _found(addons, response._get_param("addonName"), "add-on")})

    def list_addons(response: Any) -> Any:
        return ActionResult({"addons": sorted(store(_cluster(response), "addons"))})

    def delete_addon(response: Any) -> Any:
        cluster, name = _cluster(response), response._get_param("addonName")
        addon = _found(store(cluster, "addons"), name, "add-on")
        del store(cluster, "addons")[name]
        associations = store(cluster, "pod_identities")
        for identifier, association in list(associations.items()):
            if association.get("ownerArn") == addon["addonArn"]:
                del associations[identifier]
        return ActionResult({"addon": addon | {"status": "DELETING"}})

    def describe_addon_versions(response: Any) -> Any:
        name, version = response._get_param("addonName"), response._get_param("kubernetesVersion")
        if not name:
            return ActionResult({"addons": []})
        compatible = [{"clusterVersion": version, "platformVersions": ["*"], "defaultVersion": True}]
        offered = {
            "addonVersion": ADDON_VERSION,
            "architecture": ["amd64", "arm64"],
            "compatibilities": compatible,
        }
        return ActionResult({"addons": [{"addonName": name, "type": "networking", "addonVersions": [offered]}]})

    add_operations(EKSResponse, create_addon, describe_addon, list_addons, delete_addon, describe_addon_versions)
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/addons/supported-versions$",
        "{0}/clusters/(?P<name>[^/]+)/addons$",
        "{0}/clusters/(?P<name>[^/]+)/addons/(?P<addonName>[^/]+)$",
        "{0}/clusters/(?P<name>[^/]+)/addons/(?P<addonName>[^/]+)/update$",
    )


def _access_entries() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    def entry_of(response: Any) -> Any:
        return _found(store(_cluster(response), "access"), response._get_param("principalArn"), "access entry")

    def policies_of(response: Any) -> dict[str, Any]:
        found: dict[str, Any] = store(_cluster(response), "access_policies").setdefault(
            entry_of(response)["principalArn"], {}
        )
        return found

    def create_access_entry(response: Any) -> Any:
        cluster, principal = _cluster(response), response._get_param("principalArn")
        entries = store(cluster, "access")
        if principal in entries:
            from moto.eks.exceptions import ResourceInUseException

            raise ResourceInUseException(
                message="The specified access entry resource is already in use on this cluster."
            )
        kind = response._get_param("type") or "STANDARD"
        path = f"{cluster.name}/role/{response.current_account}/{principal.rsplit('/', 1)[-1]}/{uuid.uuid4()}"
        entries[principal] = {
            "clusterName": cluster.name,
            "principalArn": principal,
            "kubernetesGroups": response._get_param("kubernetesGroups") or [],
            "accessEntryArn": f"{_arn(response, 'access-entry')}/{path}",
            "createdAt": now(),
            "modifiedAt": now(),
            "tags": response._get_param("tags") or {},
            "username": response._get_param("username") or _session_name(principal, kind),
            "type": kind,
        }
        return ActionResult({"accessEntry": entries[principal]})

    def describe_access_entry(response: Any) -> Any:
        return ActionResult({"accessEntry": entry_of(response)})

    def update_access_entry(response: Any) -> Any:
        entry = entry_of(response)
        entry["kubernetesGroups"] = response._get_param("kubernetesGroups") or []
        entry["username"] = response._get_param("username") or entry["username"]
        entry["modifiedAt"] = now()
        return ActionResult({"accessEntry": entry})

    def list_access_entries(response: Any) -> Any:
        return ActionResult({"accessEntries": sorted(store(_cluster(response), "access"))})

    def delete_access_entry(response: Any) -> Any:
        principal = entry_of(response)["principalArn"]
        del store(_cluster(response), "access")[principal]
        store(_cluster(response), "access_policies").pop(principal, None)
        return EmptyResult()

    def associate_access_policy(response: Any) -> Any:
        policy = response._get_param("policyArn")
        association = {
            "policyArn": policy,
            "accessScope": response._get_param("accessScope"),
            "associatedAt": now(),
            "modifiedAt": now(),
        }
        policies_of(response)[policy] = association
        return ActionResult(
            {
                "clusterName": _cluster(response).name,
                "principalArn": entry_of(response)["principalArn"],
                "associatedAccessPolicy": association,
            }
        )

    def list_associated_access_policies(response: Any) -> Any:
        return ActionResult(
            {
                "clusterName": _cluster(response).name,
                "principalArn": entry_of(response)["principalArn"],
                "associatedAccessPolicies": list(policies_of(response).values()),
            }
        )

    def disassociate_access_policy(response: Any) -> Any:
        policies = policies_of(response)
        policy = response._get_param("policyArn")
        _found(policies, policy, "associated access policy")
        del policies[policy]
        return EmptyResult()

    add_operations(
        EKSResponse,
        create_access_entry,
        describe_access_entry,
        update_access_entry,
        list_access_entries,
        delete_access_entry,
        associate_access_policy,
        list_associated_access_policies,
        disassociate_access_policy,
    )
    # An ARN in the path arrives decoded, slashes and all.
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/clusters/(?P<name>[^/]+)/access-entries$",
        "{0}/clusters/(?P<name>[^/]+)/access-entries/(?P<principalArn>.+)$",
    )


def _session_name(principal: str, kind: str) -> str:
    """Return the Kubernetes user name that EKS gives a principal (EKS user guide, "Creating access
    entries")."""
    if kind in {"EC2_LINUX", "EC2_WINDOWS", "EC2"}:
        return "system:node:{{EC2PrivateDNSName}}"
    if ":role/" in principal:
        account, role = principal.split(":")[4], principal.rsplit("/", 1)[-1]
        return f"arn:aws:sts::{account}:assumed-role/{role}/{{{{SessionName}}}}"
    return principal


def _pod_identity() -> None:
    from moto.core.responses import ActionResult
    from moto.eks import urls
    from moto.eks.responses import EKSResponse

    def association_of(response: Any) -> Any:
        associations = store(_cluster(response), "pod_identities")
        return _found(associations, response._get_param("associationId"), "Pod Identity association")

    def create_pod_identity_association(response: Any) -> Any:
        association = _associate(
            response,
            _cluster(response),
            response._get_param("namespace"),
            response._get_param("serviceAccount"),
            response._get_param("roleArn"),
            response._get_param("tags") or {},
        )
        return ActionResult({"association": association})

    def describe_pod_identity_association(response: Any) -> Any:
        return ActionResult({"association": association_of(response)})

    def update_pod_identity_association(response: Any) -> Any:
        association = association_of(response)
        association["roleArn"] = response._get_param("roleArn") or association["roleArn"]
        association["modifiedAt"] = now()
        return ActionResult({"association": association})

    def list_pod_identity_associations(response: Any) -> Any:
        namespace, account = response._get_param("namespace"), response._get_param("serviceAccount")
        matching = [
            association
            for association in store(_cluster(response), "pod_identities").values()
            if namespace in (None, association["namespace"]) and account in (None, association["serviceAccount"])
        ]
        return ActionResult({"associations": matching})

    def delete_pod_identity_association(response: Any) -> Any:
        association = association_of(response)
        del store(_cluster(response), "pod_identities")[association["associationId"]]
        return ActionResult({"association": association})

    add_operations(
        EKSResponse,
        create_pod_identity_association,
        describe_pod_identity_association,
        update_pod_identity_association,
        list_pod_identity_associations,
        delete_pod_identity_association,
    )
    add_routes(
        urls.url_paths,
        urls.response.dispatch,
        "{0}/clusters/(?P<name>[^/]+)/pod-identity-associations$",
        "{0}/clusters/(?P<name>[^/]+)/pod-identity-associations/(?P<associationId>[^/]+)$",
    )


def _associate(
    response: Any, cluster: Any, namespace: str, account: str, role: str, tags: dict[str, str]
) -> dict[str, Any]:
    associations = store(cluster, "pod_identities")
    for known in associations.values():
        if (known["namespace"], known["serviceAccount"]) == (namespace, account):
            from moto.eks.exceptions import ResourceInUseException

            raise ResourceInUseException(message=f"Association already exists: {known['associationId']}")
    identifier = f"a-{uuid.uuid4().hex[:17]}"
    associations[identifier] = {
        "clusterName": cluster.name,
        "namespace": namespace,
        "serviceAccount": account,
        "roleArn": role,
        "associationId": identifier,
        "associationArn": f"{_arn(response, 'podidentityassociation')}/{cluster.name}/{identifier}",
        "tags": tags,
        "createdAt": now(),
        "modifiedAt": now(),
    }
    created: dict[str, Any] = associations[identifier]
    return created


def _tags() -> None:
    """Let every EKS resource be tagged after its creation; moto knows the tags of clusters only."""
    from moto.eks.models import EKSBackend

    def tags_by_arn(backend: Any) -> dict[str, dict[str, str]]:
        found = {}
        for cluster in backend.clusters.values():
            found[cluster.arn] = cluster.tags
            found.update({group.arn: group.tags for group in cluster.nodegroups.values()})
            found.update({profile.fargate_profile_arn: profile.tags for profile in cluster.fargate_profiles.values()})
            for kind, arn in (
                ("addons", "addonArn"),
                ("access", "accessEntryArn"),
                ("pod_identities", "associationArn"),
            ):
                found.update({each[arn]: each["tags"] for each in store(cluster, kind).values()})
        return found

    @around(EKSBackend, "tag_resource")
    def tag_resource(original: Any, backend: Any, resource_arn: str, tags: dict[str, str]) -> None:
        _found(tags_by_arn(backend), resource_arn, "resource").update(tags)

    @around(EKSBackend, "untag_resource")
    def untag_resource(original: Any, backend: Any, resource_arn: str, tag_keys: Any) -> None:
        tags = _found(tags_by_arn(backend), resource_arn, "resource")
        for key in tag_keys if isinstance(tag_keys, list) else [tag_keys]:
            tags.pop(key, None)

    @around(EKSBackend, "list_tags_for_resource")
    def list_tags_for_resource(original: Any, backend: Any, resource_arn: str) -> Any:
        return _found(tags_by_arn(backend), resource_arn, "resource")


def _cluster(response: Any) -> Any:
    name = response._get_param("clusterName") or response._get_param("name")
    return response.eks_backend.describe_cluster(name)


def _arn(response: Any, kind: str) -> str:
    return f"arn:aws:eks:{response.region}:{response.current_account}:{kind}"


def _found(known: dict[str, Any], name: str, kind: str) -> Any:
    if name not in known:
        from moto.eks.exceptions import ResourceNotFoundException

        raise ResourceNotFoundException(message=f"No {kind} found for {name}.")
    return known[name]
