"""Container Insights: what nodes, pods and containers use, and their logs, in CloudWatch.

Which metrics there are, and by which dimensions: translator/translate/otel/exporter/awsemf/kubernetes.go of
aws/amazon-cloudwatch-agent at 0316fb693cef; that restarts are counted anew for each minute: podstore.go of
open-telemetry/opentelemetry-collector-contrib at 0f1881d4473a.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.offer import Right
from seawall.components.plot import Curve, Plot
from seawall.components.policy import pod_role
from seawall.components.scope import Scope
from seawall.components.service import Service
from seawall.components.steps import logs, look, restart, undo
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.value import text
from seawall.model.fields import Duration

ADDON = "amazon-cloudwatch-observability"
METRICS = "ContainerInsights"
_NAMESPACE, _ACCOUNT = "amazon-cloudwatch", "cloudwatch-agent"
_LOGS = ("application", "dataplane", "host", "performance")
FAILED = "node-failed"
"""The watch that is bad while a node of the cluster is not well."""
STATUS = "status-check-failed"
"""What ends the names of the watches, one a node group, that are bad while EC2 finds an instance ill."""
RESTARTS = "restarts"
"""What ends the names of the watches, one a service, that are bad while its containers start again and again."""


class Insights(Expandable):
    """The CloudWatch agent on every node, with enhanced Container Insights, and what is worth an alarm of it."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "cluster"

    kind: Literal["insights"]
    logs: Duration = units.Duration(30 * 86400)
    """How long the logs of containers, nodes and the agent itself are kept."""
    restarts: Annotated[int, Field(ge=1, le=100)] = 5
    """More restarts of a service's containers than this within ten minutes are too many."""

    # -- what others may know --------------------------------------------------------------------------------------

    def watched(self, scope: Scope) -> dict[str, str]:
        """Service -> the name of the watch of its restarts."""
        return {name: f"{name}-{RESTARTS}" for name in scope.every(Service)}

    def checked(self, scope: Scope) -> dict[str, str]:
        """Node group -> the name of the watch of its instances' status checks."""
        return {name: f"{name}-{STATUS}" for name in scope.the(Cluster).node_groups}

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """Nodes that are full, missing or ill; services near their limits, or that start again and again."""
        yield from self._nodes(scope)
        yield from self._services(scope)
        # The hottest container of all, add-ons included; of services the alarms above say more.
        here = (("ClusterName", scope.the(Cluster).name_ref(scope)),)
        greedy = (
            "Which container it is: `kubectl top pods -A --containers --sort-by={sort}`, and in CloudWatch Logs "
            f"Insights over /aws/containerinsights/{scope.cluster_name}/performance: `filter Type = 'Container' | "
            "stats max({metric}) as most by PodName, ContainerName | sort most desc | limit 10`."
        )
        yield Watch(
            "container-processor",
            "A container has taken nine tenths of the processor it may take for ten minutes: it is being slowed down.",
            "container_cpu_utilization_over_container_limit", METRICS, here, "Maximum", ">", 90, "notBreaching",
            bad=10, of=10,
            layer="pods",
            first=(
                greedy.format(sort="cpu", metric="container_cpu_utilization_over_container_limit"),
                "What it does: `kubectl -n NAMESPACE logs POD -c CONTAINER --tail 100`, of the one that was found.",
                "One pod among equals: `kubectl -n NAMESPACE delete pod POD`. All of them: its load has grown, so "
                "raise `resources.limits.cpu` or `scale.replicas` in the description; of an add-on, its values.",
            ),
        )  # fmt: skip
        yield Watch(
            "container-memory",
            "A container has taken nine tenths of the memory it may take; above all of it the kernel ends it.",
            "container_memory_utilization_over_container_limit", METRICS, here, "Maximum", ">", 90, "notBreaching",
            layer="pods",
            first=(
                greedy.format(sort="memory", metric="container_memory_utilization_over_container_limit"),
                "Whether it grows or stands: the same query by `bin(5m)`. What grows without an end is a leak; start "
                "the pod anew before the kernel does: `kubectl -n NAMESPACE delete pod POD`.",
                "What stands near its limit needs more: raise `resources.limits.memory` in the description.",
            ),
        )  # fmt: skip

    def plots(self, scope: Scope) -> Iterator[Plot]:
        """How many pods there are, and how much of the nodes is promised to them."""
        here = (("ClusterName", scope.the(Cluster).name_ref(scope)),)
        yield Plot(
            "promised to pods, % of nodes",
            (
                Curve("node_cpu_reserved_capacity", METRICS, here, "Average", "processor"),
                Curve("node_memory_reserved_capacity", METRICS, here, "Average", "memory"),
            ),
            "nodes",
        )
        yield Plot("pods", (Curve("cluster_number_of_running_pods", METRICS, here, "Maximum", "running"),), "pods")

    def _nodes(self, scope: Scope) -> Iterator[Watch]:
        cluster = scope.the(Cluster)
        here = (("ClusterName", cluster.name_ref(scope)),)
        region = f"--region {scope.region}"
        groups = ", ".join(
            f"`aws eks update-nodegroup-config --cluster-name {scope.cluster_name} --nodegroup-name "
            f"{scope.title}-{name} {region} --scaling-config "
            f"minSize={group.min},maxSize={group.max},desiredSize={group.max}`"
            for name, group in cluster.node_groups.items()
        )
        hungry = "Which pods take it: `kubectl top nodes` and `kubectl top pods -A --sort-by={sort} | head -20`."
        yield Watch(
            "node-processor",
            "The nodes together have used more than 80 % of their processors for ten minutes.",
            "node_cpu_utilization", METRICS, here, "Average", ">", 80, "missing", bad=10, of=10,
            layer="nodes",
            first=(
                hungry.format(sort="cpu"),
                "Whether pods wait for room: `kubectl get pods -A --field-selector status.phase=Pending`.",
                f"Make room at once, within what the description allows: {groups}.",
                "It comes back each day: raise `max` of the node group, or the requests of what is hungry, so that the "
                "scheduler knows of them.",
            ),
        )  # fmt: skip
        yield Watch(
            "node-memory",
            "A node uses more than 85 % of its memory; soon pods are evicted from it.",
            "node_memory_utilization", METRICS, here, "Maximum", ">", 85, "missing", bad=5, of=5,
            layer="nodes",
            first=(
                hungry.format(sort="memory"),
                "Whether pods were evicted already: `kubectl get events -A --field-selector reason=Evicted`.",
                "Start what has grown beyond its usual size anew: `kubectl -n NAMESPACE delete pod POD`; its "
                "controller makes another.",
                f"All pods are as they should be: there are too few nodes, {groups}.",
            ),
        )  # fmt: skip
        yield Watch(
            "node-disk",
            "A node's disk is more than 80 % full: images and logs. At 85 % the kubelet begins to remove images.",
            "node_filesystem_utilization", METRICS, here, "Maximum", ">", 80, "missing", bad=5, of=5,
            layer="nodes",
            first=(
                "Which node: `kubectl describe nodes | grep -E '^Name:|DiskPressure'`.",
                "What fills it: `kubectl debug node/NODE -it --image=public.ecr.aws/docker/library/busybox:1.37 -- "
                "du -xhd3 /host/var | sort -h | tail -15`. Mostly images (/host/var/lib/containerd) or logs "
                "(/host/var/log/pods).",
                "Replace it: `kubectl drain NODE --ignore-daemonsets --delete-emptydir-data`, then `aws ec2 "
                f"terminate-instances --instance-ids ID {region}`; its group makes a new one with an empty disk.",
                "A container that writes to its own file system without an end: give it an `emptyDir` with a "
                "`sizeLimit`.",
            ),
        )  # fmt: skip
        least = sum(group.min for group in cluster.node_groups.values())
        yield Watch(
            "node-count",
            f"There are fewer than {least} nodes, or the agent says nothing any more.",
            "cluster_node_count", METRICS, here, "Minimum", "<", least, "breaching", bad=5, of=5,
            layer="nodes",
            first=(
                "How many there are: `kubectl get nodes -o wide`. As many as should be: the agent is silent, see "
                f"`kubectl -n {_NAMESPACE} get pods -o wide` and their logs.",
                "What their groups tried: "
                + ", ".join(
                    f"`aws eks describe-nodegroup --cluster-name {scope.cluster_name} --nodegroup-name "
                    f"{scope.title}-{name} --query nodegroup.health {region}`"
                    for name in cluster.node_groups
                )
                + ".",
                "No capacity of that type in a zone: add a second to `types` of the group in the description and "
                "apply.",
                "Nodes that start and do not join: `aws ec2 get-console-output --latest --output text --instance-id ID "
                f"{region}`; most often they do not reach the API or a registry.",
            ),
        )  # fmt: skip
        yield Watch(
            FAILED,
            "A node has been unwell for five minutes: not ready, or short of disk, memory or process numbers.",
            "cluster_failed_node_count", METRICS, here, "Maximum", ">", 0, "notBreaching", bad=5, of=5,
            layer="nodes",
            first=(
                "Which and why: `kubectl get nodes` and `kubectl describe node NODE`, its conditions and events.",
                "What remediation has done about it already, where the platform has it: its log group "
                f"/aws/lambda/{scope.title}-remediation.",
                "Take it out: `kubectl cordon NODE && kubectl drain NODE --ignore-daemonsets --delete-emptydir-data "
                "--timeout=5m`.",
                f"Replace it: `aws ec2 terminate-instances --instance-ids ID {region}`; its group makes a new one.",
            ),
        )  # fmt: skip
        for name, watch in self.checked(scope).items():
            group = scope.at("cluster").ref(
                "aws_eks_node_group", name.replace("-", "_"), "resources.0.autoscaling_groups.0.name"
            )
            yield Watch(
                watch,
                f"EC2 finds an instance of the node group {name} ill, or its host.",
                "StatusCheckFailed", "AWS/EC2", (("AutoScalingGroupName", group),), "Maximum", ">", 0, "notBreaching",
                bad=2, of=2,
                layer="nodes",
                first=(
                    f"Which check, of which instance: `aws ec2 describe-instance-status {region} --filters "
                    "Name=instance-status.status,Values=impaired,insufficient-data`, and the same with "
                    "`system-status.status`.",
                    "`system`: the host beneath is ill. Stop and start moves it to another, termination replaces it: "
                    f"`aws ec2 terminate-instances --instance-ids ID {region}`.",
                    f"`instance`: `aws ec2 get-console-output --latest --output text --instance-id ID {region}`, then "
                    "replace it as above.",
                    "More than one at once, in one zone: look at https://health.aws.amazon.com before you replace any.",
                ),
            )  # fmt: skip

    def _services(self, scope: Scope) -> Iterator[Watch]:
        cluster = scope.the(Cluster)
        watched = self.watched(scope)
        for name, service in scope.every(Service).items():
            of = service.pods(scope.at(name))
            pods = (
                ("ClusterName", cluster.name_ref(scope)),
                ("Namespace", of.namespace),
                # The agent knows pods by what keeps them: a Deployment or Rollout, not by their own names.
                ("PodName", name),
            )
            if service.resources.limits.cpu is not None:
                yield Watch(
                    f"{name}-processor",
                    f"The pods of {name} have used more than 80 % of the processor they may take for ten minutes.",
                    "pod_cpu_utilization_over_pod_limit", METRICS, pods, "Average", ">", 80, "notBreaching",
                    bad=10, of=10,
                    layer="pods",
                    about=(of.workload,),
                    first=(
                        f"Whether all are busy or one: `kubectl -n {of.namespace} top pods -l "
                        f"app.kubernetes.io/name={name}`.",
                        f"Whether it may still grow: `kubectl -n {of.namespace} get hpa`. At its most: raise "
                        f"`scale.replicas` of {name} in the description and apply.",
                        f"New pods that wait: `kubectl -n {of.namespace} get pods --field-selector "
                        "status.phase=Pending`; then nodes are what is missing.",
                        f"It began with a release: {undo(of)}.",
                    ),
                )  # fmt: skip
            yield Watch(
                f"{name}-memory",
                f"A pod of {name} uses more than 85 % of the memory it may take.",
                "pod_memory_utilization_over_pod_limit", METRICS, pods, "Maximum", ">", 85, "notBreaching",
                bad=5, of=5,
                layer="pods",
                about=(of.workload,),
                first=(
                    f"Which pod: `kubectl -n {of.namespace} top pods -l app.kubernetes.io/name={name} "
                    "--sort-by=memory`.",
                    "One alone, and growing: start it anew before the kernel does, "
                    f"`kubectl -n {of.namespace} delete pod POD`.",
                    f"All of them, since a release: {undo(of)}.",
                    f"All of them, and long since: raise `resources.limits.memory` of {name} in the description.",
                ),
            )  # fmt: skip
            yield Watch(
                watched[name],
                f"Containers of {name} started again more than {self.restarts} times within ten minutes. "
                "Look at the last lines of their logs, and at their memory.",
                "pod_number_of_container_restarts", METRICS, pods, "Sum", ">", self.restarts, "notBreaching",
                period=600, bad=1, of=1,
                layer="pods",
                about=(of.workload,),
                first=(
                    f"Which, and how they ended: {look(of)}; `kubectl -n {of.namespace} describe pod POD`, under Last "
                    "State. `OOMKilled` is memory, `Error` the application itself, a failed liveness probe stands in "
                    "the events.",
                    f"Their last words: {logs(of, before=True)}.",
                    f"It began with a release: {undo(of)}.",
                    "What it needs may be away: its database's and cache's alarms. It then comes back by itself; "
                    f"otherwise, once they are well: {restart(of)}.",
                ),
            )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def _agent_rights(self, scope: Scope) -> Iterator[Right]:
        """What the agent asks with Container Insights alone: volumes and tags of nodes, and places for its logs.

        AWS's policy for it allows metrics, traces and groups of logs of every name beside them.
        """
        yield Right(("ec2:DescribeTags", "ec2:DescribeVolumes"), ("*",))
        groups = (scope.ref("aws_cloudwatch_log_group", f"insights_{log}", "arn") for log in _LOGS)
        yield Right(("logs:CreateLogStream", "logs:PutLogEvents"), tuple(text(group, ":*") for group in groups))

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The add-on, its identity, and the groups of its logs with a key of their own."""
        cluster = scope.the(Cluster).name_ref(scope)
        yield scope.lookup("aws_caller_identity", "insights", {})
        account = scope.ref("data.aws_caller_identity", "insights", "account_id")
        prefix = f"/aws/containerinsights/{scope.cluster_name}"
        yield from key(
            scope,
            "insights",
            account=account,
            called=f"{scope.title}-insights",
            purpose=f"Logs of the containers and nodes of {scope.cluster_name}",
            statements=(by_logs(scope, account, f"{prefix}/*"),),
        )
        for log in _LOGS:
            # The agent would make these groups by itself, without an end to what they keep.
            group = {
                "name": f"{prefix}/{log}",
                "retention_in_days": round(self.logs.days),
                "kms_key_id": scope.ref("aws_kms_key", "insights", "arn"),
            }
            yield scope.aws("aws_cloudwatch_log_group", f"insights_{log}", group, called=f"{scope.title}-{log}")
        yield from pod_role(
            scope,
            "cloudwatch_agent",
            namespace=_NAMESPACE,
            account=_ACCOUNT,
            cluster=cluster,
            rights=list(self._agent_rights(scope)),
        )
        # Said whole: the default also instruments every Java application that it finds, and starts it anew to do it.
        agent = {"logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}}
        body = {
            "cluster_name": cluster,
            "addon_name": ADDON,
            "resolve_conflicts_on_create": "OVERWRITE",
            "resolve_conflicts_on_update": "OVERWRITE",
            "configuration_values": json.dumps({"agent": {"config": agent}}),
        }
        nodes = scope.the(Cluster).node_groups
        before = [scope.at("cluster").address("aws_eks_node_group", name.replace("-", "_")) for name in nodes]
        before += [scope.address("aws_cloudwatch_log_group", f"insights_{log}") for log in _LOGS]
        # Its pods must find the role when they start: they ask for it once.
        before.append(scope.address("aws_eks_pod_identity_association", "cloudwatch_agent"))
        yield scope.aws("aws_eks_addon", ADDON.replace("-", "_"), body, depends_on=before)
