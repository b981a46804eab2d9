"""What objects have a controller do that it need not do otherwise: a web firewall, a snapshot, a queue to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.delivery import Occasion
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, text
from seawall.readers.kubernetes.chart_values import at, parsed
from seawall.readers.kubernetes.load_balancer import PREFIX, is_load_balanced
from seawall.readers.kubernetes.objects import Fields, Manifest, lines
from seawall.readers.registry import reads

_BALANCING: Final = "aws-load-balancer-controller"
_NLB: Final = "service.beta.kubernetes.io/aws-load-balancer-"
_VOLUMES: Final = "aws-ebs-csi-driver"
_EBS, _EFS = "ebs.csi.aws.com", "efs.csi.aws.com"


@reads("networking.k8s.io/v1/Ingress")
def ingress(resource: Resource) -> Iterator[Fact]:
    """What annotations of an Ingress ask of the load balancer's controller.

    Where they name security groups and do not ask for rules in the groups of targets, it changes none.
    """
    body = Manifest(resource)
    if not is_load_balanced(body):
        return
    notes = body.annotations
    for what, about in _asked(notes):
        yield Occasion(body.address, _BALANCING, what, about)


def _asked(notes: Fields) -> Iterator[tuple[str, Textual]]:
    own_groups = notes.has(f"{PREFIX}security-groups")
    if not own_groups or notes.string(f"{PREFIX}manage-backend-security-group-rules") == "true":
        yield "security-groups", ""
    else:
        yield "no-security-groups", ""
    if notes.has(f"{PREFIX}wafv2-acl-arn"):
        acl = notes.text(f"{PREFIX}wafv2-acl-arn")
        yield "wafv2", "" if acl == "none" else acl
    for name in ("waf-acl-id", "web-acl-id"):
        if notes.has(f"{PREFIX}{name}"):
            acl = notes.text(f"{PREFIX}{name}")
            yield "waf-regional", "" if acl == "none" else acl
    if notes.has(f"{PREFIX}shield-advanced-protection"):
        yield "shield", ""
    if notes.string(f"{PREFIX}auth-type") == "cognito":
        yield "cognito", ""
    certificates = lines(notes, f"{PREFIX}certificate-arn")
    for certificate in certificates:
        if isinstance(certificate, str) and ":iam::" in certificate:
            yield "server-certificate", certificate
    if not certificates and "HTTPS" in notes.string(f"{PREFIX}listen-ports"):
        yield "looks-for-certificates", ""
    for name, what in (
        ("mutual-authentication", "mutual-tls"),
        ("minimum-load-balancer-capacity", "capacity"),
        ("ipam-ipv4-pool-id", "address-pool"),
        ("customer-owned-ipv4-pool", "customer-owned-addresses"),
    ):
        if notes.has(f"{PREFIX}{name}"):
            yield what, ""


@reads("v1/Service")
def service(resource: Resource) -> Iterator[Fact]:
    """A Service whose load balancer the controller makes; without groups of its own it gets one, and rules."""
    body = Manifest(resource)
    mine = body.spec.string("loadBalancerClass") == "service.k8s.aws/nlb"
    if body.spec.string("type") != "LoadBalancer" or not (mine or body.annotations.string(f"{_NLB}type") == "external"):
        return
    groups = body.annotations.has(f"{_NLB}security-groups")
    rules = body.annotations.string(f"{_NLB}manage-backend-security-group-rules") == "true"
    yield Occasion(body.address, _BALANCING, "no-security-groups" if groups and not rules else "security-groups")


@reads("elbv2.k8s.aws/v1beta1/TargetGroupBinding")
def binding(resource: Resource) -> Iterator[Fact]:
    """A binding that says who may reach its targets has rules made in their groups."""
    body = Manifest(resource)
    rules = body.spec.block("networking").given
    yield Occasion(body.address, _BALANCING, "security-groups" if rules else "no-security-groups")


@reads("elbv2.k8s.aws/v1beta1/IngressClassParams")
def class_parameters(resource: Resource) -> Iterator[Fact]:
    """What a class says for all of its Ingresses."""
    body = Manifest(resource)
    if body.spec.has("wafv2AclArn") or body.spec.has("wafv2AclName"):
        yield Occasion(body.address, _BALANCING, "wafv2", body.spec.text("wafv2AclArn"))
    if body.spec.has("minimumLoadBalancerCapacity"):
        yield Occasion(body.address, _BALANCING, "capacity")
    if body.spec.has("ipamConfiguration"):
        yield Occasion(body.address, _BALANCING, "address-pool")


@reads("karpenter.k8s.aws/v1/EC2NodeClass")
def node_class(resource: Resource) -> Iterator[Fact]:
    """Reservations and placement groups that nodes are started in; a role or profile that is no more than a name."""
    body = Manifest(resource)
    for field, what in (("role", "role-named"), ("instanceProfile", "profile-named")):
        name = body.spec.text(field)
        if isinstance(name, str) and name:
            yield Occasion(body.address, "karpenter", what, name)
    if body.spec.mentions("capacityReservationSelectorTerms"):
        yield Occasion(body.address, "karpenter", "reservations")
    if body.spec.block("placementGroupSelector").given:
        yield Occasion(body.address, "karpenter", "placement-groups")


@reads("v1/Secret")
def cluster_secret(resource: Resource) -> Iterator[Fact]:
    """A further cluster of Argo CD's, and the role that it takes on for it; nothing else of the secret is looked at."""
    body = Manifest(resource)
    if dict(body.labels_of_object).get("argocd.argoproj.io/secret-type") != "cluster":
        return
    role = at(parsed(body.block("stringData").raw("config")), "awsAuthConfig.roleARN", "")
    if isinstance(role, str) and role:
        yield Occasion(body.address, "argo-cd", "role", role)


@reads(
    "external-secrets.io/v1/SecretStore",
    "external-secrets.io/v1beta1/SecretStore",
    "external-secrets.io/v1/ClusterSecretStore",
    "external-secrets.io/v1beta1/ClusterSecretStore",
)
def secret_store(resource: Resource) -> Iterator[Fact]:
    """A role that is taken on to read a store."""
    aws = Manifest(resource).spec.within("provider", "aws")
    if aws.has("role"):
        yield Occasion(resource.address, "external-secrets", "role", aws.text("role"))


@reads("aga.k8s.aws/v1beta1/GlobalAccelerator")
def accelerator(resource: Resource) -> Iterator[Fact]:
    """An accelerator before load balancers."""
    yield Occasion(resource.address, _BALANCING, "accelerators")


@reads("storage.k8s.io/v1/StorageClass")
def storage_class(resource: Resource) -> Iterator[Fact]:
    """Volumes that may grow or have a key of the account's own; access points that are made for claims."""
    body = Manifest(resource)
    parameters, provisioner = body.block("parameters"), body.string("provisioner")
    if provisioner == _EBS:
        if body.flag("allowVolumeExpansion") is not False:
            yield Occasion(body.address, _VOLUMES, "grows")
        if parameters.has("kmsKeyId"):
            yield Occasion(body.address, _VOLUMES, "key", parameters.text("kmsKeyId"))
    mode = parameters.string("provisioningMode")
    if provisioner == _EFS and mode in ("efs-ap", "s3files-ap"):
        what = "file-system-id" if mode == "efs-ap" else "s3-file-system"
        yield Occasion(body.address, "aws-efs-csi-driver", what, parameters.text("fileSystemId"))


@reads("snapshot.storage.k8s.io/v1/VolumeSnapshotClass")
def snapshot_class(resource: Resource) -> Iterator[Fact]:
    """Snapshots of volumes; some are made ready at once, or locked."""
    body = Manifest(resource)
    if body.string("driver") != _EBS:
        return
    yield Occasion(body.address, _VOLUMES, "snapshots")
    parameters = body.block("parameters")
    if parameters.has("fastSnapshotRestoreAvailabilityZones"):
        yield Occasion(body.address, _VOLUMES, "fast-restores")
    if any(name.lower().startswith("lock") for name in parameters.names):
        yield Occasion(body.address, _VOLUMES, "locks")


@reads("storage.k8s.io/v1/VolumeAttributesClass", "storage.k8s.io/v1beta1/VolumeAttributesClass")
def attributes_class(resource: Resource) -> Iterator[Fact]:
    """Volumes whose size, speed or tags are changed while they are used."""
    body = Manifest(resource)
    if body.string("driverName") == _EBS:
        yield Occasion(body.address, _VOLUMES, "grows")
        parameters = body.block("parameters")
        for name in parameters.names:
            if name.startswith("tagSpecification"):
                yield Occasion(body.address, _VOLUMES, "changes-tags", parameters.string(name).partition("=")[0])


@reads("v1/PersistentVolumeClaim")
def claim(resource: Resource) -> Iterator[Fact]:
    """A volume that is made as a copy of another."""
    body = Manifest(resource)
    for source in (body.spec.block("dataSource"), body.spec.block("dataSourceRef")):
        if source.string("kind") == "PersistentVolumeClaim":
            yield Occasion(body.address, _VOLUMES, "clones")


@reads("cert-manager.io/v1/Issuer", "cert-manager.io/v1/ClusterIssuer")
def issuer(resource: Resource) -> Iterator[Fact]:
    """An issuer that proves names by records of Route 53; one with keys of its own is not asked for as its role.

    ``zone-id`` is "" where the zone is looked for by its name.
    """
    body = Manifest(resource)
    for solver in body.spec.block("acme").blocks("solvers"):
        means = solver.within("dns01", "route53")
        if (
            not solver.block("dns01").mentions("route53")
            or means.has("accessKeyID")
            or means.mentions("accessKeyIDSecretRef")
        ):
            continue
        if means.has("role"):
            yield Occasion(body.address, "cert-manager", "role", means.text("role"))
            continue
        if means.block("auth").given:
            continue  # an account of the issuer's own
        yield Occasion(body.address, "cert-manager", "zone-id", means.text("hostedZoneID"))


@reads("external-secrets.io/v1/ExternalSecret", "external-secrets.io/v1beta1/ExternalSecret")
def external_secret(resource: Resource) -> Iterator[Fact]:
    """Secrets that are found by a pattern, and secrets whose tags are read beside their values."""
    body = Manifest(resource)
    for item in body.spec.blocks("dataFrom"):
        if item.block("find").given:
            yield Occasion(body.address, "external-secrets", "finds")
    for reference in (
        *(item.block("remoteRef") for item in body.spec.blocks("data")),
        *(item.block("extract") for item in body.spec.blocks("dataFrom")),
    ):
        if reference.string("metadataPolicy") == "Fetch":
            yield Occasion(body.address, "external-secrets", "reads-tags", reference.text("key"))


@reads("external-secrets.io/v1alpha1/PushSecret")
def push_secret(resource: Resource) -> Iterator[Fact]:
    """Secrets that are written outside."""
    body = Manifest(resource)
    for item in body.spec.blocks("data"):
        key = item.within("match", "remoteRef").text("remoteKey")
        yield Occasion(body.address, "external-secrets", "pushes", key)


_ABOUT: Final = {
    "aws-sqs-queue": ("queueURL", "queueURLFromEnv"),
    "aws-kinesis-stream": ("streamName",),
    "aws-dynamodb": ("tableName",),
    "aws-dynamodb-streams": ("tableName",),
    "aws-cloudwatch": ("awsRegion",),
}


@reads("keda.sh/v1alpha1/ScaledObject", "keda.sh/v1alpha1/ScaledJob")
def scaled(resource: Resource) -> Iterator[Fact]:
    """What KEDA looks at in AWS: a queue by its URL, other things as ``region:name``.

    Where a trigger names an authentication, which may say another identity than the operator's, what it asks for is
    spelled with that: ``aws-sqs-queue/NAMESPACE/NAME``.
    """
    body = Manifest(resource)
    for trigger in body.spec.blocks("triggers"):
        kind, metadata = trigger.string("type"), trigger.block("metadata")
        if kind not in _ABOUT:
            continue
        about = next((metadata.text(name) for name in _ABOUT[kind] if metadata.has(name)), "")
        if kind in ("aws-kinesis-stream", "aws-dynamodb", "aws-dynamodb-streams"):
            about = _joined(metadata.text("awsRegion"), about)
        reference = trigger.block("authenticationRef")
        if reference.has("name"):
            shared = reference.string("kind") == "ClusterTriggerAuthentication"
            kind = f"{kind}/{'' if shared else body.namespace}/{reference.string('name')}"
        yield Occasion(body.address, "keda", kind, about)


@reads("keda.sh/v1alpha1/TriggerAuthentication", "keda.sh/v1alpha1/ClusterTriggerAuthentication")
def authentication(resource: Resource) -> Iterator[Fact]:
    """As whom triggers that name it ask: the operator, a role that the operator takes on, the workload, or by keys."""
    body = Manifest(resource)
    identity = body.spec.block("podIdentity")
    role = identity.text("roleArn") if identity.has("roleArn") else ""
    who: Textual = "keys"
    if identity.string("provider") in ("aws", "aws-eks"):
        theirs = identity.string("provider") == "aws-eks" or identity.string("identityOwner") == "workload"
        who = "workload" if theirs else role if identity.has("roleArn") else "operator"
    yield Occasion(body.address, "keda", f"identity/{body.namespace}/{body.name}", who)


def _joined(region: Textual, name: Textual) -> Textual:
    return text(region, ":", name)


@reads("velero.io/v1/BackupStorageLocation")
def storage_location(resource: Resource) -> Iterator[Fact]:
    """The bucket and the key of Velero's copies."""
    body = Manifest(resource)
    if body.spec.string("provider") in ("aws", "velero.io/aws"):
        yield Occasion(body.address, "velero", "bucket", body.spec.block("objectStorage").text("bucket"))
        if body.spec.block("config").has("kmsKeyId"):
            yield Occasion(body.address, "velero", "key", body.spec.block("config").text("kmsKeyId"))
