"""What shared files come to: one file system, mounted where it is needed and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.analyze.reachability.reach import reach
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs
from seawall.kernel.verdict import Answer
from seawall.readers.read import read

CLUSTER = """\
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
  namespaces: {alpha: {}, beta: {}}
  addons: [aws-efs-csi-driver, external-secrets]
"""
FRAME = f"""\
platform: shop
network: {{cidr: 10.0.0.0/16, zones: 3}}
environments: {{production: {{region: us-east-1}}}}
{CLUSTER}"""
FILES = """\
components:
  models: {kind: files, path: /models, readers: [viewer], to_infrequent_access: 30 d%s}
  viewer: {kind: service, image: viewer, namespace: alpha, needs: [models]}
  trainer: {kind: service, image: trainer, namespace: beta, needs: [models]}
"""
SITES = "sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}\n"


def _graph(text: str) -> Graph:
    from seawall.components.expand import expand

    return expand(descriptions.platform(FRAME + text))


@pytest.fixture(scope="module")
def files() -> Graph:
    """Files that one service reads and another writes, each in its own namespace."""
    return _graph(FILES % "")


def _body(found: Graph, type: str, name: str) -> Any:
    return descriptions.named(found, type, name).body


def test_it_is_encrypted_and_in_every_zone(files: Graph) -> None:
    """One file system under its own key, with a target in each zone of the network."""
    body = _body(files, "aws_efs_file_system", "models")
    assert body["encrypted"] is True
    assert [ref.to.partition(":")[2] for ref in refs(body["kms_key_id"])] == ["aws_kms_key.models"]
    targets = files.of_type("aws_efs_mount_target")
    assert len({str(target.body["subnet_id"]) for target in targets}) == len(targets) == 3
    assert {"transition_to_ia": "AFTER_30_DAYS"} in body["lifecycle_policy"]
    assert descriptions.named(files, "aws_efs_file_system", "models").meta["lifecycle"] == {"prevent_destroy": True}


def test_its_group_opens_for_nfs_from_nodes_alone(files: Graph) -> None:
    """One rule lets the nodes in, since they mount; without a need there is none."""
    (rule,) = [
        one
        for one in files.of_type("aws_vpc_security_group_ingress_rule")
        if any(ref.to.endswith("aws_security_group.models") for ref in refs(one.body["security_group_id"]))
    ]
    assert (rule.body["from_port"], rule.body["to_port"], rule.body["ip_protocol"]) == (2049, 2049, "tcp")
    assert str(rule.body["referenced_security_group_id"]).endswith("aws_security_group.nodes.id}")
    alone = _graph("components:\n  models: {kind: files, path: /models}\n")
    assert not [
        one for one in alone.of_type("aws_vpc_security_group_ingress_rule") if "models" in one.address.partition(":")[2]
    ]


def test_the_file_system_itself_refuses_plain_text_and_writes_of_readers(files: Graph) -> None:
    """Mounting takes TLS and an access point; writing takes the one for it."""
    mount, write, refuse = _body(files, "aws_efs_file_system_policy", "models")["policy"]["Statement"]
    assert mount["Action"] == "elasticfilesystem:ClientMount"
    assert write["Action"] == "elasticfilesystem:ClientWrite"
    for statement, points in ((mount, ["models_writing", "models_reading"]), (write, ["models_writing"])):
        assert statement["Condition"]["Bool"]["aws:SecureTransport"] == "true"
        named = [ref.to.rpartition(".")[2] for ref in refs(statement["Condition"]["StringEquals"])]
        assert named == points
    assert (refuse["Effect"], refuse["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_each_consumer_has_a_volume_of_its_own(files: Graph) -> None:
    """Each has its claim in its namespace, bound to a volume that is kept for it, by the access point of its mode."""
    for name, namespace, mode, point in (
        ("viewer", "alpha", "ReadOnlyMany", "models_reading"),
        ("trainer", "beta", "ReadWriteMany", "models_writing"),
    ):
        claim = _body(files, "v1/PersistentVolumeClaim", f"{name}-models")
        volume = _body(files, "v1/PersistentVolume", f"{namespace}-{name}-models")
        assert claim["metadata"]["namespace"] == namespace
        assert claim["spec"]["volumeName"] == volume["metadata"]["name"]
        assert volume["spec"]["claimRef"] == {"namespace": namespace, "name": f"{name}-models"}
        assert claim["spec"]["accessModes"] == volume["spec"]["accessModes"] == [mode]
        assert claim["spec"]["storageClassName"] == volume["spec"]["storageClassName"] == ""
        handle = str(volume["spec"]["csi"]["volumeHandle"])
        assert "aws_efs_file_system.models.id" in handle
        assert f"aws_efs_access_point.{point}.id" in handle
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


def test_containers_find_it_under_its_path(files: Graph) -> None:
    """The pods mount their claim; a reader mounts it to read, and a variable says where."""
    for name, read_only in (("viewer", True), ("trainer", False)):
        spec = _body(files, "apps/v1/Deployment", name)["spec"]["template"]["spec"]
        assert {"name": "models", "persistentVolumeClaim": {"claimName": f"{name}-models"}} in spec["volumes"]
        (container,) = spec["containers"]
        (mount,) = [one for one in container["volumeMounts"] if one["name"] == "models"]
        assert mount["mountPath"] == "/models"
        assert mount.get("readOnly", False) is read_only
        assert {"name": "MODELS_PATH", "value": "/models"} in container["env"]


def test_the_way_of_the_mount_is_proven_and_its_loss_is_seen(files: Graph) -> None:
    """A need of files is a demand that the nodes' way to them meets, and that a missing rule refutes."""
    facts = Facts(read(files))
    demands = [one for one in files.demands if isinstance(one, Reach) and one.port == 2049]
    assert len(demands) == 2
    for demand in demands:
        assert reach(facts, demand).verdict.answer is Answer.PROVEN, reach(facts, demand).lines()
    closed = Graph(
        [one for one in files if not one.address.endswith("aws_vpc_security_group_ingress_rule.models_from_nodes")],
        files.demands,
    )
    blocked = reach(Facts(read(closed)), demands[0]).blocked
    assert blocked is not None
    assert blocked.kind == "ingress group"


def test_backups_are_on_unless_somebody_else_makes_them() -> None:
    """AWS's own daily backup is the default and can be left to a plan of the platform."""
    for said, status in (("", "ENABLED"), (", backups: false", "DISABLED")):
        body = _body(_graph(FILES % said), "aws_efs_backup_policy", "models")
        assert body["backup_policy"] == [{"status": status}]


def test_credits_are_watched_where_there_are_any() -> None:
    """Bursting has credits that run out; elastic has none."""
    for said, names in (("", {"operations"}), (", throughput: bursting", {"operations", "credits"})):
        from seawall.components.scope import Scope

        platform = descriptions.platform(FRAME + FILES % said)
        component = platform.components["models"]
        found = {watch.name for watch in component.watches(Scope(platform, "models", platform.region))}  # type: ignore[attr-defined]
        assert found == names


def test_a_copy_is_read_at_the_site_and_made_from_home() -> None:
    """The site's file system may be overwritten, is read only there, and home never waits for it."""
    found = _graph(SITES + FILES % ", copy_to_sites: true")
    (made,) = found.of_type("aws_efs_replication_configuration")
    assert made.region == "us-east-1"
    assert made.address.startswith("us-west-2/")
    assert str(made.body["source_file_system_id"]).startswith("${us-east-1/data:aws_efs_file_system.models")
    there = [one for one in found.of_type("aws_efs_file_system") if one.address.startswith("us-west-2/")]
    assert there[0].body["protection"] == [{"replication_overwrite": "DISABLED"}]
    for claim in found.of_type("v1/PersistentVolumeClaim"):
        if claim.address.startswith("shop-production-west/"):
            assert claim.body["spec"]["accessModes"] == ["ReadOnlyMany"]
    for resource in found:
        parts = resource.address.as_terraform()
        if parts is not None and parts.region == "us-east-1":
            assert all(ref.to.as_terraform().region == "us-east-1" for ref in refs(resource.body)), resource.address


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("components:\n  it: {kind: files, path: /it, to_infrequent_access: 45 d}\n", "EFS moves files after"),
        ("components:\n  it: {kind: files, path: it/../it}\n", "path"),
        (
            SITES.replace("}}}", "}}, east: {region: eu-west-1, network: {cidr: 10.2.0.0/16}}}")
            + "components:\n  it: {kind: files, path: /it, copy_to_sites: true}\n",
            "copies a file system to one other",
        ),
    ],
)
def test_what_efs_refuses_is_refused_first(text: str, says: str) -> None:
    """A description that EFS would refuse while it is applied is refused while it is read."""
    with pytest.raises(InputError, match=says):
        _graph(text)


def test_what_mounts_files_comes_unasked() -> None:
    """Without the driver every pod would wait for its volume for ever."""
    from seawall.components.expand import expand

    found = expand(descriptions.platform(FRAME.replace("aws-efs-csi-driver, ", "") + FILES % ""))
    assert descriptions.named(found, "aws_eks_addon", "aws_efs_csi_driver").body["addon_name"] == "aws-efs-csi-driver"


def test_a_site_may_do_without_a_reader() -> None:
    """What is said of readers holds wherever they are; a site that has not all of them is no mistake."""
    found = _graph(SITES.replace("}}}", "}, components: {viewer: null}}}") + FILES % ", copy_to_sites: true")
    there = {
        one.address
        for one in found.of_type("v1/PersistentVolumeClaim")
        if one.address.startswith("shop-production-west/")
    }
    assert there == {"shop-production-west/PersistentVolumeClaim/beta/trainer-models"}
