"""An instance that copies databases to another cloud, where a copy takes longer than a function may run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components import agent, images
from seawall.components.backup_instance.instance import architecture, user_data
from seawall.components.component import Expandable
from seawall.components.network import Network
from seawall.components.offer import Offer, Right
from seawall.components.paths import demands, needs
from seawall.components.policy import calls, document, granting, trust
from seawall.components.recovery.copies import BackupTarget
from seawall.components.recovery.recovery import Recovery
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.components.workload import Tag
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, text
from seawall.model.fields import Duration, Image, Name, Size

NAMESPACE = "Seawall/Recovery"
METRIC = "Copies"
_EVERY_MINUTES = (5, 10, 15, 20, 30)
_EVERY_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
# Those of Session Manager; the managed policy would also let it read every parameter of the account (AWS Systems
# Manager User Guide, "Add Session Manager permissions to an existing IAM role", read 2026-11-21).
_SESSION = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


class BackupInstance(Expandable):
    """One instance, made anew by itself, that dumps databases on a schedule and sends them to `recovery`.

    ``needs`` names the databases and `recovery`. People reach it by Session Manager alone: it has no public address,
    no key, and a security group that lets nobody in. What is on its way is what it was told; nothing secret is in
    what it is started with.
    """

    stack: ClassVar[str] = "platform"

    kind: Literal["backup-instance"]
    instance: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")] = "t4g.small"
    tier: Name = "private"
    """The private tier of the network in which it lies."""
    every: Duration = units.Duration(86400)
    at: Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")] = "18:00"
    """When it copies, or first copies of a day, UTC; by default at three in the morning in Seoul."""
    kept: Duration = units.Duration(86400)
    """How long copies stay on its own disk."""
    image: Image = agent.IMAGE
    """The agent that copies; built from Seawall's own Dockerfile."""
    tag: Tag = agent.TAG
    disk: Size = units.Size(30 * 2**30)
    """Room for the system and for the copies that are kept."""

    @model_validator(mode="after")
    def _possible(self) -> BackupInstance:
        minutes = self.every.seconds / 60
        if minutes not in (*_EVERY_MINUTES, *(60 * hours for hours in _EVERY_HOURS)):
            raise ValueError(
                f"every is {self.every}; it copies every 5, 10, 15, 20 or 30 minutes, "
                "or every 1, 2, 3, 4, 6, 8, 12 or 24 hours"
            )
        if self.kept.seconds < 60 or self.kept.days > 30:
            raise ValueError(f"kept is {self.kept}; copies stay on its disk for a minute to 30 days")
        if self.disk.gib < 10:
            raise ValueError(f"disk is {self.disk}; the system alone takes 8 GiB, give 10 or more")
        return self

    @property
    def _when(self) -> str:
        hour, minute = (int(part) for part in self.at.split(":"))
        if self.every.seconds < 3600:
            return f"*-*-* *:{minute % round(self.every.seconds / 60)}/{round(self.every.seconds / 60)}:00 UTC"
        step = round(self.every.seconds / 3600)
        hours = sorted((hour + step * number) % 24 for number in range(24 // step))
        return f"*-*-* {','.join(f'{hour:02}' for hour in hours)}:{minute:02}:00 UTC"

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """That no copy was made for as long as its schedule allows and two hours more, or at all."""
        # CloudWatch looks back for a day by minutes, and for seven days by hours.
        period = 300 if self.every.seconds < 3600 else 3600
        late = math.ceil((self.every.seconds + 2 * 3600) / period)
        yield Watch(
            "late",
            f"{scope.name} has sent no copy for {units.Duration(late * period)}. "
            "Look at it by Session Manager: journalctl -u backup.",
            METRIC, NAMESPACE, (("Component", scope.name), ("Platform", scope.title)),
            "Sum", "<", 1, "breaching", period=period, bad=late, of=late,
            first=(
                "Get onto it: `aws ssm start-session --target $(aws autoscaling describe-auto-scaling-groups "
                f"--auto-scaling-group-names {scope.full_name} --query 'AutoScalingGroups[0].Instances[0].InstanceId' "
                f"--output text --region {scope.region}) --region {scope.region}`. No instance: `aws autoscaling "
                f"describe-scaling-activities --auto-scaling-group-name {scope.full_name} --region {scope.region}`.",
                "What it says: `sudo journalctl -u backup --since -1d`, and when it tries again: `systemctl "
                "list-timers backup.timer`.",
                "`Access denied` of the database or of Azure: its role or its federated credential has changed; "
                "`seawall plan` shows it. No way: its security group's rules.",
                "A full disk: `df -h`; shorten `kept` or raise `disk` in the description.",
                "Copy at once, once that is mended: `sudo systemctl start backup.service`; the alarm ends with the "
                "next copy.",
            ),
        )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Its group and the paths it takes, its role, what it is told, its template and what keeps one running."""
        wanted = [(offer, said) for _, offer, said in needs(scope)]
        databases = [offer for offer, _ in wanted if offer.speaks == "mysql"]
        target = self._target(scope, databases)
        for offer, _ in wanted:
            if offer.speaks not in ("mysql", "http") or (offer.speaks == "http" and offer.component != "recovery"):
                raise InputError(
                    f"{scope.name} copies MySQL databases to `recovery`, and {offer.component} is neither",
                    fix=f"take {offer.component} out of its `needs`",
                    origin=scope.origin,
                )
        yield from self._group(scope, databases)
        it = scope.address("aws_autoscaling_group", scope.identifier)
        for offer, said in wanted:
            if offer.component != "recovery":  # nobody in the input is Azure's door
                yield from demands(it, offer, said)
        rights = tuple(self._rights(scope, wanted))
        if not images.is_ours(self.image):
            raise InputError(
                f"{scope.name} takes its image from this account's registry, and {self.image} lies elsewhere",
                fix="push it there, and name it without a registry",
                origin=scope.origin,
            )
        yield from agent.repository(scope, self.image)
        yield from self._role(scope, rights)
        yield from calls(it, rights, f"{scope.origin} {scope.name}")
        yield from self._jobs(scope, databases, target)
        yield self._template(scope, databases)
        yield self._keeper(scope)

    def _target(self, scope: Scope, databases: list[Offer]) -> BackupTarget:
        if not databases:
            raise InputError(
                f"{scope.name} copies nothing", fix="name a MySQL database in its `needs`", origin=scope.origin
            )
        if "recovery" not in self.needs:
            raise InputError(
                f"{scope.name} has nowhere to copy to",
                fix="add `recovery` to its `needs`, and the section `recovery:`",
                origin=scope.origin,
            )
        return scope.the(Recovery).backup_target(scope.at("recovery"))

    def _group(self, scope: Scope, databases: list[Offer]) -> Iterator[Resource]:
        name = scope.identifier
        body = {
            "name": scope.full_name,
            "description": f"Carried by {scope.name}; nobody is let in",
            "vpc_id": scope.the(Network).vpc(scope),
        }
        yield scope.aws("aws_security_group", name, body, called=scope.full_name)
        own = scope.ref("aws_security_group", name, "id")
        outward = {
            "security_group_id": own,
            "description": "Azure, AWS's APIs and package repositories, over HTTPS",
            "ip_protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_ipv4": "0.0.0.0/0",
        }
        yield scope.aws("aws_vpc_security_group_egress_rule", f"{name}_https", outward)
        for offer in databases:
            for door in offer.doors:
                if door.group is None:
                    continue
                peer = Ref(door.group, "id")
                way = {"ip_protocol": "tcp", "from_port": door.port, "to_port": door.port}
                to = offer.component.replace("-", "_")
                yield scope.aws(
                    "aws_vpc_security_group_egress_rule",
                    f"{name}_to_{to}",
                    {
                        "security_group_id": own,
                        "referenced_security_group_id": peer,
                        "description": f"To {offer.component}",
                        **way,
                    },
                )
                yield scope.aws(
                    "aws_vpc_security_group_ingress_rule",
                    f"{to}_from_{name}",
                    {
                        "security_group_id": peer,
                        "referenced_security_group_id": own,
                        "description": f"From {scope.name}",
                        **way,
                    },
                )

    def _rights(self, scope: Scope, wanted: list[tuple[Offer, str]]) -> Iterator[Right]:
        yield Right(_SESSION, ("*",))
        yield Right(("cloudwatch:PutMetricData",), ("*",), (("StringEquals", "cloudwatch:namespace", (NAMESPACE,)),))
        databases = [offer for offer, _ in wanted if offer.speaks == "mysql"]
        told = tuple(scope.ref("aws_ssm_parameter", self._told(scope, offer), "arn") for offer in databases)
        yield Right(("ssm:GetParameter",), told)
        repository = images.repository_ref(scope, self.image, "arn")
        yield Right(("ecr:GetAuthorizationToken",), ("*",))
        yield Right(
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"), (repository,)
        )
        for offer, _ in wanted:
            yield from offer.rights
            secret = offer.credentials
            if secret is not None and secret.secret is not None:
                yield Right(("secretsmanager:GetSecretValue",), (secret.secret,))
                if secret.key is not None:
                    through = ("StringEquals", "kms:ViaService", (f"secretsmanager.{scope.region}.amazonaws.com",))
                    yield Right(("kms:Decrypt",), (secret.key,), (through,))

    def _role(self, scope: Scope, rights: tuple[Right, ...]) -> Iterator[Resource]:
        name, called = scope.identifier, scope.full_name
        body = {"name": called, "assume_role_policy": trust("ec2.amazonaws.com")}
        yield scope.aws("aws_iam_role", name, body, called=called)
        role = scope.ref("aws_iam_role", name, "name")
        policy = document(*(granting(right) for right in rights))
        yield scope.aws("aws_iam_role_policy", name, {"name": called, "role": role, "policy": policy})
        yield scope.aws("aws_iam_instance_profile", name, {"name": called, "role": role}, called=called)

    def _jobs(self, scope: Scope, databases: list[Offer], target: BackupTarget) -> Iterator[Resource]:
        """What the agent is told of each database; read at each run, so that a change needs no new instance."""
        for offer in databases:
            assert offer.credentials is not None
            assert offer.credentials.secret is not None
            body = {
                "name": self._parameter(scope, offer),
                "description": f"What {scope.name} copies of {offer.component}, and where to; nothing secret",
                "type": "String",
                "value": agent.job(
                    scope,
                    offer,
                    target,
                    secret=text("secretsmanager:", offer.credentials.secret),
                    every=self.every,
                    keep=scope.the(Recovery).keep,
                    stores=("file:/var/lib/backup/copies",),
                ),
            }
            yield scope.aws("aws_ssm_parameter", self._told(scope, offer), body, called=scope.full_name)

    @staticmethod
    def _told(scope: Scope, offer: Offer) -> str:
        return f"{scope.identifier}_{offer.component.replace('-', '_')}"

    @staticmethod
    def _parameter(scope: Scope, offer: Offer) -> str:
        return f"/{scope.title}/{scope.name}/{offer.component}"

    def _template(self, scope: Scope, databases: list[Offer]) -> Resource:
        name, called = scope.identifier, scope.full_name
        processor = architecture(self.instance)
        body = {
            "name": called,
            "update_default_version": True,
            # EC2 looks it up when it starts an instance, so that each new one is the newest.
            "image_id": f"resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{processor}",
            "instance_type": self.instance,
            "instance_initiated_shutdown_behavior": "terminate",
            "iam_instance_profile": [{"arn": scope.ref("aws_iam_instance_profile", name, "arn")}],
            "monitoring": [{"enabled": True}],
            "metadata_options": [
                {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
            ],
            "network_interfaces": [
                {
                    "associate_public_ip_address": "false",
                    "delete_on_termination": "true",
                    "security_groups": [scope.ref("aws_security_group", name, "id")],
                }
            ],
            "block_device_mappings": [
                {
                    "device_name": "/dev/xvda",
                    "ebs": [
                        {
                            "volume_size": math.ceil(self.disk.gib),
                            "volume_type": "gp3",
                            "encrypted": "true",
                            "delete_on_termination": "true",
                        }
                    ],
                }
            ],
            "user_data": user_data(
                region=scope.region,
                platform=scope.title,
                component=scope.name,
                image=f"{scope.title}/{self.image}:{self.tag}",
                jobs=[self._parameter(scope, offer) for offer in databases],
                kept=round(self.kept.seconds / 60),
                when=self._when,
            ),
            "tag_specifications": [
                {"resource_type": kind, "tags": scope.tags(called)} for kind in ("instance", "volume")
            ],
        }
        before = [scope.address("aws_iam_role_policy", name)]
        return scope.aws("aws_launch_template", name, body, depends_on=before, called=called)

    def _keeper(self, scope: Scope) -> Resource:
        name, called = scope.identifier, scope.full_name
        body = {
            "name": called,
            "min_size": 1,
            "desired_capacity": 1,
            "max_size": 1,
            "vpc_zone_identifier": scope.the(Network).subnet_ids(scope, self.tier),
            "health_check_type": "EC2",
            "health_check_grace_period": 300,
            # A new one each week, with the newest system.
            "max_instance_lifetime": 7 * 86400,
            "launch_template": [
                {
                    "id": scope.ref("aws_launch_template", name, "id"),
                    "version": text(scope.ref("aws_launch_template", name, "latest_version")),
                }
            ],
            "instance_refresh": [{"strategy": "Rolling", "preferences": [{"min_healthy_percentage": 0}]}],
            "tag": [
                {"key": key, "value": value, "propagate_at_launch": False}
                for key, value in sorted(scope.tags(called).items())
            ],
        }
        return scope.aws("aws_autoscaling_group", name, body)
