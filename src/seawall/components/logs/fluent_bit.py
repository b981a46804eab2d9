"""Fluent Bit: reads the files into which the nodes write what pods say, and sends every line on with its pod's name.

Its own words: pipeline/, administration/ of fluent/fluent-bit-docs at f92ae08080ee (Fluent Bit 5.1); keys of its chart:
charts/fluent-bit/values.yaml of fluent/helm-charts at 5b81bf7a5a5d (chart 0.58.1). Its configuration is in YAML: the
older form is on its way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from seawall.components.logs import loki
from seawall.components.logs.place import NAMESPACE
from seawall.components.offer import Right
from seawall.components.scope import Scope

if TYPE_CHECKING:
    from seawall.components.logs.logs import Logs

ACCOUNT: Final = "fluent-bit"
FOLDER: Final = "pods"
"""Of the bucket of copies: below it the agent may put objects, and nowhere else."""
FILE: Final = "fluent-bit.yaml"
PORT: Final = 2020
STATE: Final = "/var/lib/fluent-bit"
"""On the node: how far each file was read, and what could not be sent yet; both outlive the pod."""
_CONFIGURATION: Final = "/fluent-bit/etc/conf"
_TAG: Final = "kube.*"


def rights(scope: Scope) -> Iterator[Right]:
    """What it may do in AWS; ``scope`` is of any component of the platform."""
    from seawall.components.logs.logs import logs_of

    where, found = logs_of(scope)
    yield from found.agent_rights(where)


def values(scope: Scope) -> dict[str, Any]:
    """What its chart is told: on every node, as root without any of root's powers, since only root may read logs."""
    import yaml  # nobody who only looks at a description should wait for it

    from seawall.components.logs.logs import logs_of

    where, found = logs_of(scope)
    host = [
        {"name": "varlog", "hostPath": {"path": "/var/log"}},
        {"name": "state", "hostPath": {"path": STATE, "type": "DirectoryOrCreate"}},
    ]
    mounts = [
        {"name": "varlog", "mountPath": "/var/log", "readOnly": True},
        {"name": "state", "mountPath": STATE},
    ]
    written = yaml.dump(configuration(where, found), Dumper=yaml.CSafeDumper, sort_keys=False, width=4000)
    return {
        "kind": "DaemonSet",
        "serviceAccount": {"name": ACCOUNT},
        "testFramework": {"enabled": False},
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {
            "runAsUser": 0,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        # Nodes of every kind have pods.
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": "system-node-critical",
        "terminationGracePeriodSeconds": 30,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}},
        "args": ["--workdir=/fluent-bit/etc", f"--config={_CONFIGURATION}/{FILE}"],
        "config": {
            **dict.fromkeys(("service", "inputs", "filters", "outputs", "customParsers"), ""),
            "extraFiles": {FILE: written},
        },
        "daemonSetVolumes": host,
        "daemonSetVolumeMounts": mounts,
    }


def configuration(scope: Scope, logs: Logs) -> dict[str, Any]:
    """Fluent Bit's own configuration; ``scope`` is of the section ``logs``."""
    return {
        "service": {
            "flush": 5,
            "grace": 25,
            "log_level": "info",
            "http_server": "on",
            "http_port": PORT,
            "health_check": "on",
            "storage.path": f"{STATE}/storage",
            "storage.sync": "normal",
            "storage.checksum": "on",
            "storage.max_chunks_up": 64,
            "storage.backlog.mem_limit": "16M",
            "storage.metrics": "on",
        },
        "pipeline": {
            "inputs": [_input(logs)],
            "filters": [_joined(), _named()],
            "outputs": list(_outputs(scope, logs)),
        },
    }


def _input(logs: Logs) -> dict[str, Any]:
    # A file's name is POD_NAMESPACE_CONTAINER-ID.log, and none of the three can have an underscore in it.
    return {
        "name": "tail",
        "tag": _TAG,
        "path": ",".join(f"/var/log/containers/*_{namespace}_*.log" for namespace in logs.namespaces),
        # Its own errors about lines that it cannot send would be lines to send.
        "exclude_path": f"/var/log/containers/*_{NAMESPACE}_fluent-bit-*.log",
        "multiline.parser": "cri",
        "db": f"{STATE}/tail.db",
        "db.locking": "true",
        "read_from_head": "true",
        "refresh_interval": 10,
        "rotate_wait": 30,
        "skip_long_lines": "on",
        "buffer_max_size": "256k",
        "mem_buf_limit": "32M",
        "storage.type": "filesystem",
        # What cannot be sent goes to the disk until its share of that is full.
        "storage.pause_on_chunks_overlimit": "off",
    }


def _joined() -> dict[str, Any]:
    """The lines of a stack trace become one."""
    return {
        "name": "multiline",
        "match": _TAG,
        "multiline.key_content": "log",
        "multiline.parser": "java,python,go",
        "buffer": "on",
        "flush_ms": 2000,
        "emitter_name": "joined",
        "emitter_storage.type": "filesystem",
        "emitter_mem_buf_limit": "16M",
    }


def _named() -> dict[str, Any]:
    """Each line gets its pod's name, namespace and labels; one that is JSON is left as it is."""
    return {
        "name": "kubernetes",
        "match": _TAG,
        "kube_tag_prefix": "kube.var.log.containers.",
        "merge_log": "off",
        "annotations": "off",
        "labels": "on",
        # A pod may say that its own logs are not to be kept.
        "k8s-logging.exclude": "on",
        "k8s-logging.parser": "off",
        "buffer_size": "256k",
        "kube_meta_cache_ttl": "300s",
    }


def _outputs(scope: Scope, logs: Logs) -> Iterator[dict[str, Any]]:
    if logs.to == "loki":
        yield {
            "name": "loki",
            "alias": "loki",
            "match": _TAG,
            "host": loki.URL.removeprefix("http://").partition(":")[0],
            "port": loki.PORT,
            # Each set of values is a stream with an index entry of its own, so there are few of them.
            "labels": "job=fluent-bit,namespace=$kubernetes['namespace_name'],container=$kubernetes['container_name'],"
            "app=$kubernetes['labels']['app.kubernetes.io/name'],stream=$stream",
            "structured_metadata": "pod=$kubernetes['pod_name'],node=$kubernetes['host']",
            "remove_keys": "kubernetes,stream,time,_p",
            "drop_single_key": "raw",
            "compress": "gzip",
            "retry_limit": "no_limits",
            "storage.total_limit_size": "1G",
        }
        return
    yield {
        "name": "cloudwatch_logs",
        "alias": "cloudwatch",
        "match": _TAG,
        "region": scope.region,
        "log_group_template": logs.group(scope, "$kubernetes['namespace_name']"),
        # Where a pod was gone before the API could be asked of it.
        "log_group_name": logs.group(scope, logs.namespaces[0]),
        "log_stream_template": "$kubernetes['pod_name'].$kubernetes['container_name']",
        "log_stream_prefix": "unnamed-",
        # Terraform makes the groups: one of the agent's own would have no key and no end.
        "auto_create_group": "false",
        "retry_limit": "no_limits",
        "storage.total_limit_size": "1G",
    }
    copies = logs.copies(scope)
    if copies is not None:
        there, kept = copies
        yield {
            "name": "s3",
            "alias": "copies",
            "match": _TAG,
            "region": scope.region,
            "bucket": kept.bucket_name(there),
            "s3_key_format": f"/{FOLDER}/%Y/%m/%d/%H/$TAG[4]-$UUID.gz",
            "compression": "gzip",
            # One request an object, and so one right: to put it there.
            "use_put_object": "on",
            "total_file_size": "50M",
            "upload_timeout": "10m",
            "store_dir": f"{STATE}/copies",
            "store_dir_limit_size": "1G",
            "retry_limit": 10,
        }
