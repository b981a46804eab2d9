"""A stream on Amazon MSK: brokers over zones, TLS, clients that IAM lets in, topics that somebody has named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.network import Network
from seawall.components.offer import Door, Offer, Right
from seawall.components.paths import consumers
from seawall.components.plot import Curve, Plot
from seawall.components.policy import calls, document, granting, trust
from seawall.components.scope import Scope
from seawall.components.steps import anew
from seawall.components.takeover.action import Action, Approval, Move, Question
from seawall.components.takeover.evidence import raised
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.model.fields import Duration, Line, Size

PORT = 9098
"""Where brokers listen for clients that sign in by IAM, over TLS (Amazon MSK developer guide, "Port information")."""
TOO_SMALL = "kafka.t3.small"
"""Its brokers cannot be reached through private connectivity, which is how other regions and Firehose read them.

Source: Amazon MSK developer guide, "Amazon MSK multi-VPC private connectivity in a single Region", read 2026-11-21.
"""
FULL = 60
"""Percent of the brokers' storage from which it grows; it never shrinks."""

_OF_CLUSTERS = (
    "kafka-cluster:AlterCluster",
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeCluster",
    "kafka-cluster:WriteDataIdempotently",
)
_OF_TOPICS = (
    "kafka-cluster:AlterTopic",
    "kafka-cluster:AlterTopicDynamicConfiguration",
    "kafka-cluster:CreateTopic",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:DescribeTopicDynamicConfiguration",
    "kafka-cluster:ReadData",
    "kafka-cluster:WriteData",
)
_OF_GROUPS = ("kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup")

Topic = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,249}$")]


class Stream(Expandable):
    """A Kafka cluster: private, encrypted with a key of its own, without passwords, its topics and groups named."""

    stack: ClassVar[str] = "data"

    kind: Literal["stream"]
    version: Annotated[str, Field(pattern=r"^\d\.\d{1,2}\.(\d|x)(\.kraft)?$")] = "3.9.x.kraft"
    """MSK's own spelling: ``x`` takes patches by itself, ``kraft`` is without ZooKeeper."""
    class_: Annotated[str, Field(alias="class", pattern=r"^kafka\.[a-z0-9]+\.[a-z0-9]+$")]
    brokers: Annotated[int, Field(ge=1, le=30)] = 3
    """How many there are in all: as many in each zone, so a multiple of the network's zones."""
    storage: Size = units.Size(100 * 2**30)
    """Of each broker."""
    max_storage: Size | None = None
    """What it may grow to by itself; where silent five times as much."""
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]
    """The topics that there are to be; whoever needs the stream may make, write and read these, and no others."""
    kept: Duration = units.Duration(7 * 86400)
    """How long records are kept."""
    parameters: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9.]*$")], Line] = {}
    """Brokers' settings beside those that keep records safe."""
    logs: Duration = units.Duration(30 * 86400)

    @model_validator(mode="after")
    def _sound(self) -> Stream:
        if self.max_storage is not None and self.max_storage < self.storage:
            raise ValueError(f"max_storage ({self.max_storage}) is below storage ({self.storage})")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def offer(self, scope: Scope) -> Offer:
        """The brokers, to anybody: no group to read as."""
        return self._offer(scope, "")

    def offer_to(self, scope: Scope, consumer: str) -> Offer:
        """The brokers, with the right to the topics and to consumer groups that begin with the consumer's name."""
        return self._offer(scope, consumer)

    def _offer(self, scope: Scope, consumer: str) -> Offer:
        cluster = scope.ref("aws_msk_cluster", scope.identifier, "arn")
        rights = [
            Right(
                ("kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"),
                (cluster,),
            ),
            Right(
                (
                    "kafka-cluster:CreateTopic",
                    "kafka-cluster:DescribeTopic",
                    "kafka-cluster:DescribeTopicDynamicConfiguration",
                    "kafka-cluster:ReadData",
                    "kafka-cluster:WriteData",
                ),
                tuple(self.within(scope, "topic", topic) for topic in self.topics),
            ),
        ]
        if consumer:
            groups = (self.within(scope, "group", f"{consumer}*"),)
            rights.append(Right(_OF_GROUPS, groups))
        door = Door(
            PORT,
            group=scope.address("aws_security_group", scope.identifier),
            ranges=scope.the(Network).tier_ranges("data"),
        )
        return Offer(
            scope.name,
            scope.address("aws_msk_cluster", scope.identifier),
            "kafka",
            scope.ref("aws_msk_cluster", scope.identifier, "bootstrap_brokers_sasl_iam"),
            PORT,
            (door,),
            name=",".join(self.topics),
            tls=True,
            rights=tuple(rights),
            user=consumer,
        )

    def within(self, scope: Scope, what: Literal["topic", "group"], name: str) -> Textual:
        """The ARN of a topic or consumer group of this cluster; ``*`` in the name stands for anything."""
        cluster = scope.address("aws_msk_cluster", scope.identifier)
        account = Ref(scope.address("data.aws_caller_identity", scope.identifier), "account_id")
        return text(
            f"arn:aws:kafka:{scope.region}:",
            account,
            f":{what}/{_called(scope)}/",
            Ref(cluster, "cluster_uuid"),
            f"/{name}",
        )

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Whether it takes and gives records at all, and what runs out."""
        cluster = (("Cluster Name", scope.ref("aws_msk_cluster", scope.identifier, "cluster_name")),)
        kafka = "AWS/Kafka"
        here = f"--region {scope.region}"
        arn = (
            f"$(aws kafka list-clusters-v2 --cluster-name-filter {_called(scope)} {here} "
            "--query 'ClusterInfoList[0].ClusterArn' --output text)"
        )
        state = (
            f"Its state, and whether AWS is at work on it: `aws kafka list-nodes --cluster-arn {arn} {here}` and "
            f"`aws kafka list-cluster-operations-v2 --cluster-arn {arn} {here}`."
        )
        reading = f"What the brokers say: `aws logs tail /aws/msk/{_called(scope)} --since 30m {here}`."
        yield Watch(
            "offline",
            f"Some of {scope.name}'s partitions have no broker that leads them: their records are neither taken "
            "nor given.",
            "OfflinePartitionsCount", kafka, cluster, "Maximum", ">", 0, "breaching", critical=True,
            layer="stream",
            first=(
                state,
                reading,
                "A broker is away: start it anew, one alone, `aws kafka reboot-broker --broker-ids N "
                f"--cluster-arn {arn} {here}`.",
                "A zone is away: partitions whose copies all lay there come back with it; leave the others alone.",
                *anew(scope),
            ),
        )  # fmt: skip
        yield Watch(
            "controller",
            f"{scope.name} has no controller, or several: nobody decides which broker leads.",
            "ActiveControllerCount", kafka, cluster, "Sum", "<", 1, "breaching", period=300, bad=2, of=2,
            layer="stream",
            first=(
                state,
                reading,
                "During an update it is away for moments. After fifteen minutes without one: ask AWS by a support "
                "case of severity urgent, `aws support create-case`; the controllers are theirs.",
            ),
        )  # fmt: skip
        for broker in range(1, self.brokers + 1):
            at = (*cluster, ("Broker ID", str(broker)))
            yield Watch(
                f"copies-{broker}",
                f"Partitions led by broker {broker} of {scope.name} have fewer copies than a write insists on.",
                "UnderMinIsrPartitionCount", kafka, at, "Maximum", ">", 0, "notBreaching", bad=5, of=5,
                layer="stream",
                first=(
                    state,
                    "Whether a broker's disk is full: `aws cloudwatch describe-alarms --alarm-name-prefix "
                    f"{scope.title}-{scope.name}-storage {here} --state-value ALARM --query "
                    "'MetricAlarms[].AlarmName'`.",
                    reading,
                    f"A broker that does not catch up: `aws kafka reboot-broker --broker-ids N --cluster-arn {arn} "
                    f"{here}`; not {broker} itself, which is the one with the copy.",
                ),
            )  # fmt: skip
            yield Watch(
                f"storage-{broker}",
                f"Broker {broker} of {scope.name} has used 85 % of its storage, and it has not grown by itself.",
                "KafkaDataLogsDiskUsed", kafka, at, "Maximum", ">", 85, "ignore",
                layer="stream",
                first=(
                    f"Whether it may still grow by itself: `aws application-autoscaling describe-scalable-targets "
                    f"--service-namespace kafka {here}`.",
                    "Give it more at once (never less again): `aws kafka update-broker-storage "
                    "--target-broker-ebs-volume-info '[{\"KafkaBrokerNodeId\":\"All\",\"VolumeSizeGB\":N}]' "
                    f"--current-version VERSION --cluster-arn {arn} {here}`, and `storage` in the description "
                    "likewise.",
                    "Or keep records for less long: `kept` in the description; the oldest go within minutes.",
                ),
            )  # fmt: skip

        if self._is_copy(scope):
            replicator = (("ReplicatorName", _replicator(scope)),)
            yield Watch(
                "late",
                f"Records of home arrive in {scope.name} more than five minutes late: so much is lost with the region.",
                "ReplicationLatency", kafka, replicator, "Maximum", ">", 300_000, "ignore", bad=5, of=5,
                layer="stream",
                first=(
                    f"The replicator: `aws kafka describe-replicator {here} --replicator-arn $(aws kafka "
                    f"list-replicators {here} --query 'Replicators[0].ReplicatorArn' --output text) --query "
                    "'[ReplicatorState,StateInfo]'`.",
                    f"Whether home takes more records than usual, or is ill itself: its alarms in {scope.home.region}.",
                    "It stays late with home well: its throughput is at its end; ask AWS for more by a support case.",
                ),
            )  # fmt: skip
            yield Watch(
                "not-copied",
                f"The replicator of {scope.name} fails: nothing of home arrives here.",
                "ReplicatorFailure", kafka, replicator, "Sum", ">", 0, "notBreaching",
                layer="stream",
                first=(
                    f"Why: `aws kafka describe-replicator {here} --replicator-arn $(aws kafka list-replicators {here} "
                    "--query 'Replicators[0].ReplicatorArn' --output text) --query '[ReplicatorState,StateInfo]'`.",
                    "Access denied: the role or a cluster's policy is no longer what was applied; `seawall plan` "
                    "shows the difference.",
                    "A network interface of its is gone: apply the stack again, which makes the replicator anew; it "
                    "goes on where it stopped as long as the records are kept.",
                ),
            )  # fmt: skip

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How much comes in and goes out, by broker."""
        cluster = ("Cluster Name", scope.ref("aws_msk_cluster", scope.identifier, "cluster_name"))
        for title, metric in (("bytes in, a second", "BytesInPerSec"), ("bytes out, a second", "BytesOutPerSec")):
            lines = tuple(
                Curve(metric, "AWS/Kafka", (cluster, ("Broker ID", str(broker))), "Average", f"broker {broker}")
                for broker in range(1, self.brokers + 1)
            )
            yield Plot(f"{scope.name}: {title}", lines, "stream")

    @staticmethod
    def _is_copy(scope: Scope) -> bool:
        return not scope.is_home and scope.name in scope.platform.home.components

    def takes_over(self, scope: Scope, move: Move) -> Iterator[Action]:
        """It takes records in each region at any time; what matters is that it does, and what is not where."""
        if not self._is_copy(scope):
            return
        home = scope.home
        says = {
            "failover": f"Records that {scope.name} took in {home.region} and had not copied come when it is back.",
            "switchover": f"Records that {scope.name} takes in {scope.region} from now on stay there.",
            "failback": f"Records that {scope.name} took in {scope.region} stay there: nothing copies them home. Let "
            "its consumers there read on to the end.",
        }[move]
        evidence = raised(scope, self.watches(scope), ("late", "not-copied")) if move == "failover" else ()
        yield Action(f"{scope.name}-copies", says, "ask", scope.region, approval=Approval(says, evidence))
        if move == "failback":
            return
        cluster = scope.ref("aws_msk_cluster", scope.identifier, "arn")
        active = Question(
            f"{scope.name} is active in {scope.region}", "kafka", "describe_cluster_v2", {"ClusterArn": cluster},
            scope.region, "ClusterInfo.State", ("ACTIVE", "UPDATING", "HEALING", "MAINTENANCE"), (cluster,),
            every=15, within=600,
        )  # fmt: skip
        yield Action(
            f"{scope.name}-takes-records",
            f"See that {scope.name} takes records in {scope.region}.",
            "take",
            scope.region,
            after=active,
        )

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Security group, key, settings, logs, brokers and their growth; at a site, what copies home's records."""
        self._fits(scope)
        name = scope.identifier
        yield scope.lookup("aws_caller_identity", name, {})
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        yield from self._group(scope)
        logs = f"/aws/msk/{_called(scope)}"
        yield from key(
            scope,
            name,
            account=account,
            called=scope.full_name,
            purpose=f"Records and logs of the stream {scope.full_name}",
            statements=(by_logs(scope, account, logs),),
        )
        group = {
            "name": logs,
            "retention_in_days": round(self.logs.days),
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
        }
        yield scope.aws("aws_cloudwatch_log_group", name, group)
        yield self._settings(scope)
        yield self._brokers(scope)
        yield from self._growth(scope)
        if services := self._reading_from_outside(scope):
            yield self._readable(scope, services)
        if self._is_copy(scope):
            yield from self._copied(scope, scope.home)

    def _fits(self, scope: Scope) -> None:
        zones = len(scope.the(Network).letters)
        if self.brokers % zones:
            raise InputError(
                f"{scope.name} has {self.brokers} brokers for {zones} zones, and MSK wants as many in each",
                fix=f"have {zones * max(1, self.brokers // zones)} or {zones * (self.brokers // zones + 1)} brokers, "
                f"or {self.brokers} zones",
                origin=scope.origin,
            )
        if (self._reading_from_outside(scope) or self._is_copy(scope)) and self.class_ == TOO_SMALL:
            raise InputError(
                f"{scope.name} is read from outside its network, and {self.class_} has no way in for that",
                fix="choose kafka.m7g.large",
                origin=scope.origin,
            )

    def _group(self, scope: Scope) -> Iterator[Resource]:
        name = scope.identifier
        body = {
            "name": scope.full_name,
            "description": f"Carried by the stream {scope.name}",
            "vpc_id": scope.the(Network).vpc(scope),
        }
        yield scope.aws("aws_security_group", name, body, called=scope.full_name)
        group = scope.ref("aws_security_group", name, "id")
        seekers = [seeker for seeker, _ in consumers(scope)]
        peers: list[tuple[str, Textual, str]] = []
        if seekers:
            nodes = scope.the(Cluster).nodes_group(scope)
            peers.append((f"{name}_from_nodes", nodes, f"From nodes, for {', '.join(seekers)}"))
        if scope.sites or not scope.is_home:
            # The replicator's interfaces carry the brokers' own group.
            peers.append((f"{name}_from_itself", group, "From what copies records to another region"))
        for rule, peer, why in peers:
            opened = {"ip_protocol": "tcp", "from_port": PORT, "to_port": PORT, "description": why}
            inward = {"security_group_id": group, "referenced_security_group_id": peer, **opened}
            yield scope.aws("aws_vpc_security_group_ingress_rule", rule, inward)
        if scope.sites or not scope.is_home:
            outward = {
                "security_group_id": group,
                "referenced_security_group_id": group,
                "description": "What copies records reaches the brokers",
                "ip_protocol": "tcp",
                "from_port": PORT,
                "to_port": PORT,
            }
            yield scope.aws("aws_vpc_security_group_egress_rule", f"{name}_to_itself", outward)

    def _settings(self, scope: Scope) -> Resource:
        copies = min(3, self.brokers)
        settings = {
            # A misspelt topic is an error, and nobody reads from a topic that nobody asked for.
            "auto.create.topics.enable": "false",
            "compression.type": "lz4",
            "default.replication.factor": str(copies),
            "log.retention.hours": str(round(self.kept.seconds / 3600)),
            # With all copies there, one may be away while records are still taken and none is lost.
            "min.insync.replicas": str(max(1, copies - 1)),
            "unclean.leader.election.enable": "false",
            **self.parameters,
        }
        body = {
            "name": _called(scope),
            "description": f"Settings of the brokers of {scope.full_name}",
            "kafka_versions": [self.version],
            "server_properties": "".join(f"{name}={value}\n" for name, value in sorted(settings.items())),
        }
        return scope.aws("aws_msk_configuration", scope.identifier, body)

    def _brokers(self, scope: Scope) -> Resource:
        name = scope.identifier
        nodes: dict[str, Any] = {
            "instance_type": self.class_,
            "client_subnets": scope.the(Network).subnet_ids(scope, "data"),
            "security_groups": [scope.ref("aws_security_group", name, "id")],
            "storage_info": [{"ebs_storage_info": [{"volume_size": int(self.storage.gib)}]}],
        }
        if self._reading_from_outside(scope):
            private = {"client_authentication": [{"sasl": [{"iam": True}]}]}
            nodes["connectivity_info"] = [{"vpc_connectivity": [private]}]
        body = {
            "cluster_name": _called(scope),
            "kafka_version": self.version,
            "number_of_broker_nodes": self.brokers,
            "broker_node_group_info": [nodes],
            "client_authentication": [{"sasl": [{"iam": True}]}],
            "encryption_info": [
                {
                    "encryption_at_rest_kms_key_arn": scope.ref("aws_kms_key", name, "arn"),
                    "encryption_in_transit": [{"client_broker": "TLS", "in_cluster": True}],
                }
            ],
            "configuration_info": [
                {
                    "arn": scope.ref("aws_msk_configuration", name, "arn"),
                    "revision": scope.ref("aws_msk_configuration", name, "latest_revision"),
                }
            ],
            "enhanced_monitoring": "PER_TOPIC_PER_BROKER",
            "open_monitoring": [
                {"prometheus": [{"jmx_exporter": [{"enabled_in_broker": True}],
                                 "node_exporter": [{"enabled_in_broker": True}]}]}
            ],
            "logging_info": [
                {
                    "broker_logs": [
                        {
                            "cloudwatch_logs": [
                                {"enabled": True, "log_group": scope.ref("aws_cloudwatch_log_group", name, "name")}
                            ]
                        }
                    ]
                }
            ],
        }  # fmt: skip
        # Storage grows by itself, and Terraform must not shrink it again.
        grown = "broker_node_group_info[0].storage_info[0].ebs_storage_info[0].volume_size"
        return scope.aws("aws_msk_cluster", name, body, lifecycle={"ignore_changes": [grown]}, called=scope.full_name)

    def _growth(self, scope: Scope) -> Iterator[Resource]:
        name = scope.identifier
        most = self.max_storage or units.Size(self.storage.bytes * 5)
        what = {
            "service_namespace": "kafka",
            "scalable_dimension": "kafka:broker-storage:VolumeSize",
            "resource_id": scope.ref("aws_msk_cluster", name, "arn"),
        }
        target = {**what, "min_capacity": 1, "max_capacity": int(most.gib)}
        yield scope.aws("aws_appautoscaling_target", f"{name}_storage", target, called=scope.full_name)
        tracking = {
            "predefined_metric_specification": [{"predefined_metric_type": "KafkaBrokerStorageUtilization"}],
            "target_value": FULL,
            "disable_scale_in": True,
        }
        policy = {
            **what,
            "name": f"{scope.full_name}-storage",
            "policy_type": "TargetTrackingScaling",
            "target_tracking_scaling_policy_configuration": [tracking],
        }
        before = [scope.address("aws_appautoscaling_target", f"{name}_storage")]
        yield scope.aws("aws_appautoscaling_policy", f"{name}_storage", policy, depends_on=before)

    # -- another region --------------------------------------------------------------------------------------------

    def _reading_from_outside(self, scope: Scope) -> tuple[str, ...]:
        """AWS services that come in by private connectivity: MSK for a site, Firehose for those that run no pods."""
        if not scope.is_home:
            return ()
        firehose = any(scope.component(name).pods(scope.at(name)) is None for name in scope.seekers())
        return (*(("kafka",) if scope.sites else ()), *(("firehose",) if firehose else ()))

    def _readable(self, scope: Scope, services: tuple[str, ...]) -> Resource:
        """At home: these services may come in, each as the role that it has."""
        cluster = scope.ref("aws_msk_cluster", scope.identifier, "arn")
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        statements = [
            {
                "Sid": f"{service.title()}Connects",
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": ["kafka:CreateVpcConnection", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"],
                "Resource": cluster,
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
            for service in services
        ]
        body = {"cluster_arn": cluster, "policy": document(*statements)}
        return scope.aws("aws_msk_cluster_policy", scope.identifier, body)

    def _copied(self, scope: Scope, home: Scope) -> Iterator[Resource | Demand]:
        """At a site: a replicator that brings home's records, under the same topics' names, and groups' places."""
        name, called = scope.identifier, _replicator(scope)
        yield scope.aws(
            "aws_iam_role",
            f"{name}_replicator",
            {
                "name": called,
                "assume_role_policy": trust(
                    "kafka.amazonaws.com",
                    {
                        "StringEquals": {
                            "aws:SourceAccount": scope.ref("data.aws_caller_identity", name, "account_id"),
                        }
                    },
                ),
            },
            called=called,
        )
        theirs = home.component(home.name)
        assert isinstance(theirs, Stream)
        # As AWSMSKReplicatorExecutionRole of AWS, narrowed to the two clusters. It keeps what it has read in topics of
        # its own on both, whose names it chooses.
        both = (home, scope)
        rights = (
            Right(_OF_CLUSTERS, tuple(Ref(at.address("aws_msk_cluster", name), "arn") for at in both)),
            Right(_OF_TOPICS, tuple(self.within(at, "topic", "*") for at in both)),
            Right(_OF_GROUPS, tuple(self.within(at, "group", "*") for at in both)),
        )
        role = scope.ref("aws_iam_role", f"{name}_replicator", "name")
        policy = document(*(granting(right) for right in rights))
        inline = {"name": called, "role": role, "policy": policy}
        yield scope.aws("aws_iam_role_policy", f"{name}_replicator", inline)
        yield from calls(scope.address("aws_msk_replicator", name), rights, f"{scope.origin} copies records")
        clusters_of = [
            {
                "amazon_msk_cluster": [{"msk_cluster_arn": Ref(at.address("aws_msk_cluster", name), "arn")}],
                "vpc_config": [
                    {
                        "subnet_ids": at.the(Network).subnet_ids(at, "data"),
                        "security_groups_ids": [Ref(at.address("aws_security_group", name), "id")],
                    }
                ],
            }
            for at in both
        ]
        source, target = (Ref(at.address("aws_msk_cluster", name), "arn") for at in both)
        body = {
            "replicator_name": called,
            "description": f"Records of {home.full_name}, in {scope.region}",
            "service_execution_role_arn": scope.ref("aws_iam_role", f"{name}_replicator", "arn"),
            "kafka_cluster": clusters_of,
            "replication_info_list": [
                {
                    "source_kafka_cluster_arn": source,
                    "target_kafka_cluster_arn": target,
                    "target_compression_type": "LZ4",
                    "topic_replication": [
                        {
                            "topics_to_replicate": [_exactly(topic) for topic in theirs.topics],
                            # Whoever takes over finds the topics under the names that it knows.
                            "topic_name_configuration": [{"type": "IDENTICAL"}],
                            "starting_position": [{"type": "EARLIEST"}],
                            "copy_topic_configurations": True,
                            "detect_and_copy_new_topics": True,
                            # IAM decides who may read; there are no lists to copy.
                            "copy_access_control_lists_for_topics": False,
                        }
                    ],
                    "consumer_group_replication": [
                        {
                            "consumer_groups_to_replicate": [".*"],
                            "detect_and_copy_new_consumer_groups": True,
                            "synchronise_consumer_group_offsets": True,
                        }
                    ],
                }
            ],
        }
        before = [scope.address("aws_iam_role_policy", f"{name}_replicator")]
        yield scope.aws("aws_msk_replicator", name, body, depends_on=before, called=called)


def _called(scope: Scope) -> str:
    """The cluster's name, of at most 64 characters."""
    return scope.full_name[:64].rstrip("-")


def _replicator(scope: Scope) -> str:
    return f"{scope.full_name}-replicator"


def _exactly(topic: str) -> str:
    """The regular expression that means this topic alone."""
    return topic.replace(".", r"\.")
