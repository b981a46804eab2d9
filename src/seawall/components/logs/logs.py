"""The section ``logs``: what pods say is read off their nodes and kept for a while, outside the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.alert import Alert, Series
from seawall.components.buckets import LOG_VERSIONS, bucket
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.data_bucket import DataBucket
from seawall.components.keys import by_logs, key
from seawall.components.logs import fluent_bit, loki
from seawall.components.logs.place import NAMESPACE
from seawall.components.offer import Pods, Right
from seawall.components.paths import NAMESPACE_LABEL, pods_peer
from seawall.components.policy import bucket_objects
from seawall.components.scope import Scope
from seawall.components.scrape import Scrape
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.model.fields import Duration, Name, Size

KEPT = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Days for which CloudWatch can keep a log group (Amazon CloudWatch Logs API, PutRetentionPolicy)."""
GROUP_KEY = "pod_logs"
"""The Terraform name of the key of log groups."""
LOKI = "loki_logs"
"""The Terraform name of Loki's bucket and its key."""
SLACK = 7
"""Days that S3 waits longer than Loki, which deletes what is too old itself and must find its index until then."""


class Logs(Expandable):
    """An agent on every node reads what pods write, and sends it to CloudWatch Logs or to Loki; a bucket takes a copy.

    Of other namespaces than those that are named nothing is read.
    """

    section: ClassVar[bool] = True
    # What reads and writes them comes after.
    stack: ClassVar[str] = "data"

    kind: Literal["logs"]
    to: Literal["cloudwatch", "loki"]
    namespaces: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Whose pods' logs are kept; a log group each in CloudWatch."""
    keep: Duration = units.Duration(30 * 86400)
    storage: Size = units.Size(10 * 2**30)
    """Of Loki: the volume of what it has not yet written to its bucket."""
    protected: bool = True
    """Of Loki: whether its bucket refuses to be deleted while it holds anything."""

    @model_validator(mode="after")
    def _sound(self) -> Logs:
        days = self.keep.days
        if self.to == "cloudwatch":
            if days not in KEPT:
                raise ValueError(f"CloudWatch keeps logs for {', '.join(map(str, KEPT))} days, not {self.keep}")
            if strange := self.model_fields_set & {"storage", "protected"}:
                raise ValueError(f"{', '.join(sorted(strange))} says nothing of logs that go to CloudWatch")
        else:
            # Loki's index is of whole days, and so is what it deletes (Loki, "Log retention").
            if not days.is_integer() or days < 1:
                raise ValueError(f"Loki keeps logs for whole days, not {self.keep}")
            if self.needs:
                raise ValueError("Loki keeps logs in a bucket of its own; take out `needs`")
        if len(set(self.namespaces)) != len(self.namespaces):
            raise ValueError("namespaces names one twice")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def relies_on(self) -> tuple[str, ...]:
        """The agent, and Loki where it is asked for."""
        return ("fluent-bit", *(("loki",) if self.to == "loki" else ()))

    def group(self, scope: Scope, namespace: str) -> str:
        """The name of a namespace's log group."""
        return f"/{scope.title}/pods/{namespace}"

    def group_arn(self, scope: Scope, namespace: str) -> Ref:
        """The ARN of a namespace's log group."""
        return scope.ref("aws_cloudwatch_log_group", _identifier(namespace), "arn")

    def bucket_name(self, scope: Scope) -> str:
        """The name of Loki's bucket."""
        return scope.global_name("logs")

    def copies(self, scope: Scope) -> tuple[Scope, DataBucket] | None:
        """The bucket that takes a copy of everything; InputError where ``needs`` names something else."""
        if not self.needs:
            return None
        buckets = scope.every(DataBucket)
        if len(self.needs) != 1 or self.needs[0] not in buckets:
            raise InputError(
                f"logs needs {', '.join(self.needs)}; a copy of logs goes to one bucket of this platform",
                fix="name one component of kind bucket, or leave `needs` out",
                origin=scope.origin,
            )
        return scope.at(self.needs[0]), buckets[self.needs[0]]

    def agent_rights(self, scope: Scope) -> Iterator[Right]:
        """What the agent may do in AWS: append to these log groups, and put new objects into the bucket of copies."""
        if self.to == "cloudwatch":
            groups = [self.group_arn(scope, name) for name in self.namespaces]
            yield Right(("logs:CreateLogStream", "logs:PutLogEvents"), tuple(text(arn, ":*") for arn in groups))
        found = self.copies(scope)
        if found is not None:
            there, kept = found
            yield Right(("s3:PutObject",), (bucket_objects(kept.arn(there), f"{fluent_bit.FOLDER}/*"),))
            if kept.has_own_key(there):
                encrypting = there.ref("aws_kms_key", there.identifier, "arn")
                yield Right(("kms:GenerateDataKey",), (encrypting,), (_through_s3(scope),))

    def loki_rights(self, scope: Scope) -> Iterator[Right]:
        """What Loki may do in AWS: read, write and delete the objects of its own bucket."""
        arn = scope.ref("aws_s3_bucket", LOKI, "arn")
        yield Right(("s3:ListBucket",), (arn,))
        # Source: grafana/loki docs/sources/operations/storage/_index.md, "AWS S3".
        yield Right(("s3:DeleteObject", "s3:GetObject", "s3:PutObject"), (bucket_objects(arn),))
        encrypting = scope.ref("aws_kms_key", LOKI, "arn")
        yield Right(("kms:Decrypt", "kms:GenerateDataKey"), (encrypting,), (_through_s3(scope),))

    def agents(self, scope: Scope) -> Pods:
        """The agent's pods."""
        workload = Address.kubernetes(scope.cluster_name, "DaemonSet", NAMESPACE, "fluent-bit")
        return Pods(NAMESPACE, (("app.kubernetes.io/name", "fluent-bit"),), workload)

    def scrapes(self, scope: Scope) -> Iterator[Scrape]:
        """The agent says what it read, what it sent, and what it had to drop."""
        yield Scrape("fluent-bit", self.agents(scope), "http", "/api/v2/metrics/prometheus", ("fluent-bit",))

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """That logs are lost; that they are late is nobody's emergency."""
        place = f'namespace="{NAMESPACE}",pod="fluent-bit-x7k2p",name="{self.to}"'
        yield Alert(
            "LogsDropped",
            "warning",
            "sum by (pod, name) (rate(fluentbit_output_dropped_records_total[10m])) > 0",
            600,
            "{{ $labels.pod }} has given up on logs for {{ $labels.name }}: {{ $value | printf `%.1f` }} lines a "
            "second are lost.",
            (f"What it was answered: `kubectl -n {NAMESPACE} logs POD --tail 100`.", *_FIRST[self.to]),
            (Series(f"fluentbit_output_dropped_records_total{{{place}}}", "0+30x60"),),
            (Series(f"fluentbit_output_dropped_records_total{{{place}}}", "500x60"),),
        )
        if self.to == "loki":
            refused = 'loki_discarded_samples_total{reason="rate_limited",pod="loki-0"}'
            yield Alert(
                "LogsRefused",
                "warning",
                "sum by (reason) (rate(loki_discarded_samples_total[10m])) > 0",
                600,
                "Loki refuses {{ $value | printf `%.1f` }} lines a second: {{ $labels.reason }}.",
                (
                    "`rate_limited` or `per_stream_rate_limit`: a pod says too much; find it in Grafana's Explore, "
                    'source Loki, by `topk(5, sum by (pod) (rate({namespace=~".+"}[5m])))`, and have it say less.',
                    "`greater_than_max_sample_age`: an agent sends what it could not send for days; that is let go.",
                    "`line_too_long`: find out who writes lines of more than 256 KB; what it writes there is no log.",
                ),
                (Series(refused, "0+60x60"),),
                (Series(refused, "60x60"),),
            )

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Log groups with their key, or Loki's bucket with its own; and who reaches Loki."""
        self._known(scope)
        yield scope.lookup("aws_caller_identity", "logs", {})
        account = scope.ref("data.aws_caller_identity", "logs", "account_id")
        if self.to == "cloudwatch":
            self.copies(scope)
            yield from self._groups(scope, account)
        else:
            yield from self._store(scope, account)
            yield _reached_by(scope, self.agents(scope))

    def _known(self, scope: Scope) -> None:
        cluster = scope.the(Cluster)
        from seawall.components.addons.addon import addons

        known = {*cluster.namespaces_of(scope), "kube-system"}
        known |= {addons()[name].namespace for name in cluster.chosen_addons(scope)}
        if strange := [name for name in self.namespaces if name not in known]:
            raise InputError(
                f"logs are to be kept of {', '.join(strange)}, and the cluster has no such namespace",
                fix=f"choose from {', '.join(sorted(known))}",
                origin=scope.origin,
            )

    def _groups(self, scope: Scope, account: Textual) -> Iterator[Resource]:
        yield from key(
            scope, GROUP_KEY, account=account, called=f"{scope.title}-pod-logs",
            purpose=f"Logs of the pods of {scope.title}",
            statements=(by_logs(scope, account, self.group(scope, "*")),),
        )  # fmt: skip
        for namespace in self.namespaces:
            body = {
                "name": self.group(scope, namespace),
                "retention_in_days": round(self.keep.days),
                # Whatever an application says ends up here, names and addresses of people too.
                "kms_key_id": scope.ref("aws_kms_key", GROUP_KEY, "arn"),
            }
            yield scope.aws("aws_cloudwatch_log_group", _identifier(namespace), body, called=body["name"])

    def _store(self, scope: Scope, account: Textual) -> Iterator[Resource]:
        yield from key(
            scope, LOKI, account=account, called=f"{scope.title}-logs", purpose=f"Logs of the pods of {scope.title}"
        )
        yield from bucket(
            scope,
            LOKI,
            purpose="logs",
            # Loki deletes by itself; this is for what it lost sight of.
            expires_after=round(self.keep.days) + SLACK,
            versions=LOG_VERSIONS,
            emptied=not self.protected,
            key=scope.ref("aws_kms_key", LOKI, "arn"),
        )


_FIRST: dict[str, tuple[str, ...]] = {
    "cloudwatch": (
        "AccessDenied: somebody had it read a namespace that has no log group; name it in `logs.namespaces`.",
        "ResourceNotFound: a log group is gone; `seawall plan` shows it, and apply makes it again.",
        "ThrottlingException: the quota of PutLogEvents is used up; see which pod says so much, and ask AWS for more.",
    ),
    "loki": (
        "429: a pod says more than Loki takes from one stream; `LogsRefused` says how it is found.",
        f"Connection refused: is Loki there, `kubectl -n {NAMESPACE} get pods -l app.kubernetes.io/name=loki`, and has "
        "its volume room?",
        f"Loki cannot write to its bucket: `kubectl -n {NAMESPACE} logs loki-0 --tail 100`; its role or key has "
        "changed, `seawall plan` shows it.",
    ),
}


def logs_of(scope: Scope) -> tuple[Scope, Logs]:
    """The platform's section and its scope; InputError where it has none."""
    return scope.at("logs"), scope.the(Logs)


def _identifier(namespace: str) -> str:
    return f"pods_{namespace.replace('-', '_')}"


def _through_s3(scope: Scope) -> tuple[str, str, tuple[Textual, ...]]:
    return ("StringEquals", "kms:ViaService", (f"s3.{scope.region}.amazonaws.com",))


def _reached_by(scope: Scope, agents: Pods) -> Resource:
    """That Loki answers its agents and Grafana; Prometheus' way in is the namespace's own policy."""
    grafana: dict[str, Any] = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "monitoring"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "grafana"}},
    }
    rule = {
        "from": [pods_peer(NAMESPACE, agents), grafana],
        "ports": [{"protocol": "TCP", "port": loki.PORT}],
    }
    chosen = {"matchLabels": dict(loki.LABELS)}
    spec = {"podSelector": chosen, "policyTypes": ["Ingress"], "ingress": [rule]}
    return scope.object("networking.k8s.io/v1", "NetworkPolicy", "loki", {"spec": spec}, namespace=NAMESPACE)
