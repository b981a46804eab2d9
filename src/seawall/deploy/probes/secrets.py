"""Secrets and parameters; their values are never asked for."""

from __future__ import annotations

from seawall.deploy.probe import Seen, Standing, only, pairs, probes


@probes("aws_secretsmanager_secret")
def secret(standing: Standing) -> Seen:
    """A secret, not its value."""
    found = standing.client("secretsmanager").describe_secret(SecretId=standing["arn"])
    same = {"name": (standing["name"], found["Name"])}
    return Seen(same, pairs(found.get("Tags")))


@probes("aws_secretsmanager_secret_version")
def secret_version(standing: Standing) -> Seen:
    """That a secret has a value."""
    found = standing.client("secretsmanager").describe_secret(SecretId=standing["secret_id"])
    only([version for version in found.get("VersionIdsToStages", {}) if version == standing["version_id"]])
    return Seen()


@probes("aws_secretsmanager_secret_rotation")
def secret_rotation(standing: Standing) -> Seen:
    """That a secret is rotated."""
    found = standing.client("secretsmanager").describe_secret(SecretId=standing["secret_id"])
    return Seen({"rotation_enabled": (True, bool(found.get("RotationEnabled")))})


@probes("aws_ssm_parameter")
def parameter(standing: Standing) -> Seen:
    """A parameter, not its value."""
    client = standing.client("ssm")
    found = only(
        client.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [standing["name"]]}])["Parameters"]
    )
    tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=standing["name"])["TagList"]
    return Seen({"type": (standing["type"], found["Type"])}, pairs(tags))


@probes("aws_backup_vault")
def backup_vault(standing: Standing) -> Seen:
    """A vault of backups."""
    found = standing.client("backup").describe_backup_vault(BackupVaultName=standing["name"])
    return Seen({"arn": (standing["arn"], found["BackupVaultArn"])})


@probes("aws_backup_plan")
def backup_plan(standing: Standing) -> Seen:
    """A plan of backups."""
    found = standing.client("backup").get_backup_plan(BackupPlanId=standing["id"])
    return Seen({"name": (standing["name"], found["BackupPlan"]["BackupPlanName"])})


@probes("aws_backup_vault_lock_configuration")
def vault_lock(standing: Standing) -> Seen:
    """That what is in a vault cannot be deleted before its time."""
    found = standing.client("backup").describe_backup_vault(BackupVaultName=standing["backup_vault_name"])
    same = {"locked": (True, bool(found.get("Locked")))}
    for name, theirs in (("min_retention_days", "MinRetentionDays"), ("max_retention_days", "MaxRetentionDays")):
        if standing.values.get(name):
            same[name] = (standing[name], found.get(theirs))
    return Seen(same)


@probes("aws_backup_vault_notifications")
def vault_notifications(standing: Standing) -> Seen:
    """Who is told of what happens in a vault."""
    found = standing.client("backup").get_backup_vault_notifications(BackupVaultName=standing["backup_vault_name"])
    events = (sorted(standing["backup_vault_events"]), sorted(found["BackupVaultEvents"]))
    return Seen({"sns_topic_arn": (standing["sns_topic_arn"], found["SNSTopicArn"]), "backup_vault_events": events})


@probes("aws_backup_selection")
def selection(standing: Standing) -> Seen:
    """What a plan backs up."""
    found = standing.client("backup").get_backup_selection(
        BackupPlanId=standing["plan_id"], SelectionId=standing["id"]
    )["BackupSelection"]
    wanted = sorted(standing.values.get("resources") or ())
    return Seen({"resources": (wanted, sorted(found.get("Resources", ())))})
