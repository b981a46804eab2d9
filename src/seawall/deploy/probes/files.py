"""File systems: EFS, its doors and targets, and its copies."""

from __future__ import annotations

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes


@probes("aws_efs_file_system")
def file_system(standing: Standing) -> Seen:
    """A file system; healthy when available."""
    found = only(standing.client("efs").describe_file_systems(FileSystemId=standing["id"])["FileSystems"])
    same = {
        "encrypted": (standing["encrypted"], found.get("Encrypted")),
        "throughput_mode": (standing["throughput_mode"], found.get("ThroughputMode")),
    }
    state = found["LifeCycleState"]
    return Seen(same, pairs(found.get("Tags")), state == "available", f"state {state}")


@probes("aws_efs_access_point")
def access_point(standing: Standing) -> Seen:
    """A door into a file system, and who one is behind it."""
    found = only(standing.client("efs").describe_access_points(AccessPointId=standing["id"])["AccessPoints"])
    user = found.get("PosixUser") or {}
    wanted = standing["posix_user"][0]["uid"] if standing["posix_user"] else None
    return Seen({"uid": (wanted, user.get("Uid"))}, pairs(found.get("Tags")))


@probes("aws_efs_mount_target")
def mount_target(standing: Standing) -> Seen:
    """Where a file system can be mounted; healthy when available."""
    client = standing.client("efs")
    found = only(client.describe_mount_targets(MountTargetId=standing["id"])["MountTargets"])
    groups = client.describe_mount_target_security_groups(MountTargetId=standing["id"])["SecurityGroups"]
    same = {
        "subnet_id": (standing["subnet_id"], found["SubnetId"]),
        "security_groups": (sorted(standing["security_groups"]), sorted(groups)),
    }
    state = found["LifeCycleState"]
    return Seen(same, None, state == "available", f"state {state}")


@probes("aws_efs_file_system_policy")
def file_system_policy(standing: Standing) -> Seen:
    """Who may mount a file system."""
    standing.client("efs").describe_file_system_policy(FileSystemId=standing["file_system_id"])
    return Seen()


@probes("aws_efs_backup_policy")
def backup_policy(standing: Standing) -> Seen:
    """Whether AWS Backup keeps a file system."""
    found = standing.client("efs").describe_backup_policy(FileSystemId=standing["file_system_id"])["BackupPolicy"]
    return Seen({"status": (standing["backup_policy"][0]["status"], found["Status"])})


@probes("aws_efs_replication_configuration")
def replication(standing: Standing) -> Seen:
    """That a file system is copied, and whether the copying works."""
    source = standing["source_file_system_id"]
    found = standing.client("efs").describe_replication_configurations(FileSystemId=source)["Replications"]
    copies = [copy for made in found for copy in made["Destinations"]]
    if not copies:
        raise Absent
    wanted = standing["destination"][0]["region"]
    status = copies[0]["Status"]
    return Seen({"region": (wanted, copies[0]["Region"])}, None, status == "ENABLED", f"status {status}")
