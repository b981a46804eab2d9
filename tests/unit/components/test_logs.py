"""Logs of pods: read of the namespaces that are named alone, sent by who may do nothing else, kept as long as said."""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

import descriptions
import promtool
from platforms import shipped
from seawall.cli.input import load_platform
from seawall.components.logs import fluent_bit, loki
from seawall.components.scope import Scope
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.model.platform import Platform

PLATFORMS = {"petclinic": "production", "pingvas": "shared"}
HOME = {"petclinic": "ap-northeast-2/", "pingvas": "us-east-1/"}
ID = "0" * 64

# What each plugin understands: pipeline/ and administration/ of fluent/fluent-bit-docs at f92ae08080ee.
KNOWN = {
    "service": "flush grace log_level http_server http_listen http_port health_check storage.path storage.sync "
    "storage.checksum storage.max_chunks_up storage.backlog.mem_limit storage.metrics",
    "tail": "name tag path exclude_path multiline.parser db db.locking read_from_head refresh_interval rotate_wait "
    "skip_long_lines buffer_chunk_size buffer_max_size mem_buf_limit storage.type storage.pause_on_chunks_overlimit",
    "multiline": "name match multiline.key_content multiline.parser mode buffer flush_ms emitter_name "
    "emitter_storage.type emitter_mem_buf_limit",
    "kubernetes": "name match kube_tag_prefix merge_log merge_log_key keep_log annotations labels k8s-logging.exclude "
    "k8s-logging.parser buffer_size kube_meta_cache_ttl use_kubelet",
    "loki": "name alias match host port uri tls tenant_id labels label_keys structured_metadata remove_keys "
    "drop_single_key line_format auto_kubernetes_labels compress workers retry_limit storage.total_limit_size",
    "cloudwatch_logs": "name alias match region log_group_name log_group_template log_stream_name log_stream_prefix "
    "log_stream_template log_key auto_create_group log_retention_days retry_limit storage.total_limit_size workers",
    "s3": "name alias match region bucket s3_key_format compression use_put_object total_file_size upload_timeout "
    "store_dir store_dir_limit_size retry_limit storage_class workers",
}


def platform(name: str) -> Platform:
    """A shipped platform."""
    return load_platform(name, PLATFORMS[name])


def section(found: Platform) -> Scope:
    """The scope of the section that says where logs go."""
    return Scope(found, "logs", found.region)


@pytest.fixture(params=sorted(PLATFORMS))
def name(request: pytest.FixtureRequest) -> str:
    """Each platform that keeps logs of pods."""
    return str(request.param)


@pytest.fixture
def agent(name: str) -> dict[str, Any]:
    """The agent's configuration as it lies in the values of its chart."""
    values = fluent_bit.values(section(platform(name)))
    found: dict[str, Any] = yaml.safe_load(values["config"]["extraFiles"][fluent_bit.FILE])
    return found


@pytest.fixture(scope="module")
def graphs() -> dict[str, Graph]:
    """What the platforms come to."""
    return {name: shipped(name, environment)[1] for name, environment in PLATFORMS.items()}


def statements(graph: Graph, name: str, role: str) -> list[dict[str, Any]]:
    """What a role may do at home."""
    [policy] = [
        each
        for each in graph.of_type("aws_iam_role_policy")
        if each.address.startswith(HOME[name]) and each.address.endswith(f".{role}")
    ]
    found: list[dict[str, Any]] = policy.body["policy"]["Statement"]
    return found


# -- the agent -----------------------------------------------------------------------------------------------------


def test_the_agent_is_told_nothing_that_it_does_not_know(agent: dict[str, Any]) -> None:
    """A key that is spelled wrong is passed over in silence, and what it says does not hold."""
    assert set(agent) == {"service", "pipeline"}
    assert set(agent["service"]) <= set(KNOWN["service"].split())
    for plugin in (each for part in agent["pipeline"].values() for each in part):
        assert set(plugin) <= set(KNOWN[plugin["name"]].split()), plugin["name"]


def test_the_agent_reads_the_named_namespaces_and_no_others(name: str, agent: dict[str, Any]) -> None:
    """By the files' names, in which only the namespace stands between underscores; never what it says itself."""
    [tail] = agent["pipeline"]["inputs"]
    wanted = load_platform(name, PLATFORMS[name]).components["logs"].namespaces  # type: ignore[attr-defined]

    def read(pod: str, namespace: str, container: str) -> bool:
        path = f"/var/log/containers/{pod}_{namespace}_{container}-{ID}.log"
        chosen = any(fnmatchcase(path, pattern) for pattern in tail["path"].split(","))
        return chosen and not any(fnmatchcase(path, pattern) for pattern in tail["exclude_path"].split(","))

    for namespace in wanted:
        assert read("was-abc", namespace, "was")
        # A pod or container may be called like a namespace.
        assert not read(namespace, "elsewhere", "was")
        assert not read("was-abc", "elsewhere", namespace)
        assert not read("was-abc", f"{namespace}-2", "was")
        assert not read("was-abc", f"my-{namespace}", "was")
    assert not read("fluent-bit-x7k2p", "logging", "fluent-bit")


def test_everything_that_is_read_is_sent_somewhere(agent: dict[str, Any]) -> None:
    """Inputs, filters and outputs speak of the same tag; names of pods are found behind it."""
    pipeline = agent["pipeline"]
    tags = {each["tag"] for each in pipeline["inputs"]}
    assert {each["match"] for part in ("filters", "outputs") for each in pipeline[part]} == tags == {"kube.*"}
    [names] = [each for each in pipeline["filters"] if each["name"] == "kubernetes"]
    # The asterisk of the tag becomes the path, with dots for slashes.
    assert names["kube_tag_prefix"] == "kube." + "/var/log/containers/".strip("/").replace("/", ".") + "."


def test_lines_of_one_trace_are_joined_before_they_get_names(agent: dict[str, Any]) -> None:
    """The container runtime's pieces first, then traces of Java, Python and Go."""
    assert agent["pipeline"]["inputs"][0]["multiline.parser"] == "cri"
    first = agent["pipeline"]["filters"][0]
    assert (first["name"], first["multiline.parser"]) == ("multiline", "java,python,go")


def test_templates_are_such_as_the_agent_can_read(agent: dict[str, Any]) -> None:
    """After a variable it takes a dot, a comma or the end for the variable's end, and nothing else."""
    for output in agent["pipeline"]["outputs"]:
        for key in {"labels", "structured_metadata", "log_group_template", "log_stream_template"} & set(output):
            variables = re.findall(r"\$\w+((?:\['[^']+'\])*)(.?)", output[key])
            assert variables, key
            assert {after for _, after in variables} <= {"", ".", ","}, output[key]


@pytest.mark.needs("promtool")
def test_lost_logs_are_an_alert(name: str, tmp_path: Path) -> None:
    """Raised while lines are given up, and not by those that were given up long ago."""
    found = platform(name)
    alerts = list(found.components["logs"].alerts(section(found)))  # type: ignore[attr-defined]
    assert [alert.name for alert in alerts] == ["LogsDropped", *(["LogsRefused"] if name == "petclinic" else [])]
    for alert in alerts:
        promtool.fires_and_keeps_quiet(tmp_path, alert)


def test_what_cannot_be_sent_waits_on_the_disk_up_to_a_limit(agent: dict[str, Any]) -> None:
    """Neither memory nor the node's disk is filled by what the other side does not take."""
    [tail] = agent["pipeline"]["inputs"]
    assert tail["storage.type"] == "filesystem"
    assert tail["mem_buf_limit"]
    assert agent["service"]["storage.path"].startswith(fluent_bit.STATE)
    for output in agent["pipeline"]["outputs"]:
        assert {"storage.total_limit_size", "store_dir_limit_size"} & set(output)


def test_the_agent_has_none_of_root_s_powers(name: str) -> None:
    """Root alone may read the files; it writes nowhere but where it remembers how far it came."""
    values = fluent_bit.values(section(platform(name)))
    confined = values["securityContext"]
    assert confined["capabilities"] == {"drop": ["ALL"]}
    assert confined["readOnlyRootFilesystem"] is True
    assert confined["allowPrivilegeEscalation"] is False
    assert [mount["name"] for mount in values["daemonSetVolumeMounts"] if not mount.get("readOnly")] == ["state"]
    assert values["args"][-1].endswith(fluent_bit.FILE)


# -- CloudWatch ----------------------------------------------------------------------------------------------------


def test_every_namespace_has_a_group_with_a_key_and_an_end(graphs: dict[str, Graph]) -> None:
    """Terraform makes them, and the agent names no other: with one of its own there would be neither."""
    graph, found = graphs["pingvas"], platform("pingvas")
    groups = {
        each.body["name"]: each.body
        for each in graph.of_type("aws_cloudwatch_log_group")
        if each.address.startswith(HOME["pingvas"]) and "/pods/" in str(each.body["name"])
    }
    wanted = found.components["logs"].namespaces  # type: ignore[attr-defined]
    output = fluent_bit.configuration(section(found), found.components["logs"])["pipeline"]["outputs"][0]  # type: ignore[arg-type]
    template = output["log_group_template"]
    assert {template.replace("$kubernetes['namespace_name']", namespace) for namespace in wanted} == set(groups)
    assert output["log_group_name"] in groups
    assert output["auto_create_group"] == "false"
    for body in groups.values():
        assert body["retention_in_days"] == 30
        key = graph.resources[body["kms_key_id"].to]
        [letting_in] = [each for each in key.body["policy"]["Statement"] if "Service" in each["Principal"]]
        pattern = str(letting_in["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
        assert fnmatchcase(f"log-group:{body['name']}", f"log-group:{pattern.partition('log-group:')[2]}")


def test_the_agent_may_append_and_put_and_nothing_else(graphs: dict[str, Graph]) -> None:
    """No group of its own, nothing read, nothing deleted, and of the bucket one folder."""
    found = statements(graphs["pingvas"], "pingvas", "fluent_bit")
    allowed = {action for statement in found for action in statement["Action"]}
    assert allowed == {"logs:CreateLogStream", "logs:PutLogEvents", "s3:PutObject"}
    assert all("*" not in statement["Resource"] for statement in found)
    [put] = [statement for statement in found if statement["Action"] == ["s3:PutObject"]]
    folder = platform("pingvas")
    key = fluent_bit.configuration(section(folder), folder.components["logs"])["pipeline"]["outputs"][1]  # type: ignore[arg-type]
    assert key["s3_key_format"].startswith(f"/{fluent_bit.FOLDER}/")
    assert [str(place).endswith(f"/{fluent_bit.FOLDER}/*") for place in put["Resource"]] == [True]
    assert key["use_put_object"] == "on"


def test_the_agent_that_feeds_loki_has_no_role(graphs: dict[str, Graph]) -> None:
    """It asks nothing of AWS."""
    roles = [each.address for each in graphs["petclinic"].of_type("aws_iam_role") if "fluent_bit" in each.address]
    assert roles == []


# -- Loki ----------------------------------------------------------------------------------------------------------


def test_loki_deletes_after_seven_days_and_its_bucket_later(graphs: dict[str, Graph]) -> None:
    """What S3 deletes before Loki does is an index that names chunks which are gone."""
    values = loki.values(section(platform("petclinic")))["loki"]
    assert values["limits_config"]["retention_period"] == "168h"
    assert values["compactor"]["retention_enabled"] is True
    assert values["compactor"]["delete_request_store"] == values["storage"]["type"] == "s3"
    rules = descriptions.named(graphs["petclinic"], "aws_s3_bucket_lifecycle_configuration", "loki_logs").body["rule"]
    assert rules[0]["expiration"][0]["days"] > 7


def test_loki_s_schema_began_before_its_first_line() -> None:
    """tsdb and version 13, which structured metadata needs."""
    [schema] = loki.values(section(platform("petclinic")))["loki"]["schemaConfig"]["configs"]
    assert (schema["store"], schema["schema"], schema["object_store"]) == ("tsdb", "v13", "s3")
    assert date.fromisoformat(schema["from"]) < date(2026, 11, 21)
    assert schema["index"]["period"] == "24h"


def test_loki_may_use_its_own_bucket_alone(graphs: dict[str, Graph]) -> None:
    """Its bucket, the objects in it, and the key through S3."""
    graph = graphs["petclinic"]
    for statement in statements(graph, "petclinic", "loki"):
        for place in statement["Resource"]:
            assert "loki_logs" in str(place)
        if any(action.startswith("kms:") for action in statement["Action"]):
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]
    bucket = descriptions.named(graph, "aws_s3_bucket", "loki_logs")
    names = loki.values(section(platform("petclinic")))["loki"]["storage"]["bucketNames"]
    assert set(names.values()) == {bucket.body["bucket"]}


def test_loki_answers_agents_and_grafana_alone(graphs: dict[str, Graph]) -> None:
    """Beside Prometheus, whom the namespace's own policy lets in; nobody else's pods run there."""
    policy = descriptions.named(graphs["petclinic"], "networking.k8s.io/v1/NetworkPolicy", "loki").body["spec"]
    [rule] = policy["ingress"]
    names = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in rule["from"]]
    assert names == ["fluent-bit", "grafana"]
    assert rule["ports"] == [{"protocol": "TCP", "port": 3100}]
    theirs = [
        each.body
        for each in graphs["petclinic"].of_type("networking.k8s.io/v1/NetworkPolicy")
        if each.body["metadata"]["namespace"] == "logging"
    ]
    assert sorted(body["metadata"]["name"] for body in theirs) == ["loki", "own"]
    # The other one lets in the namespace's own pods and Prometheus.
    [own] = [body["spec"]["ingress"] for body in theirs if body["metadata"]["name"] == "own"]
    peers = [peer for each in own for peer in each["from"]]
    assert peers[0] == {"podSelector": {}}
    assert [peer["podSelector"]["matchLabels"] for peer in peers[1:]] == [{"app.kubernetes.io/name": "prometheus"}]


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{to: cloudwatch, namespaces: [shop], keep: 8 d}", "CloudWatch keeps logs for"),
        ("{to: cloudwatch, namespaces: [shop], storage: 5 GiB}", "storage says nothing"),
        ("{to: loki, namespaces: [shop], keep: 36 h}", "whole days"),
        ("{to: loki, namespaces: [shop], needs: [copies]}", "a bucket of its own"),
        ("{to: cloudwatch, namespaces: [shop, shop]}", "one twice"),
        ("{to: cloudwatch, namespaces: []}", "namespaces"),
        ("{to: cloudwatch, namespaces: [sho]}", "no such namespace"),
        ("{to: cloudwatch, namespaces: [shop], needs: [sessions]}", "goes to one bucket"),
    ],
)
def test_what_cannot_be_kept_so_is_refused(said: str, message: str) -> None:
    """With the reason, before anything is made."""
    others = "components:\n  copies: {kind: bucket}\n  sessions: {kind: cache}\n"
    with pytest.raises(InputError, match=message):
        descriptions.graph(f"{others}logs: {said}\n")


def test_a_copy_under_a_bucket_s_own_key_comes_with_the_right_to_encrypt() -> None:
    """And with none to decrypt."""
    graph = descriptions.graph(
        "components:\n  copies: {kind: bucket}\nlogs: {to: cloudwatch, namespaces: [shop], needs: [copies]}\n"
    )
    found = descriptions.named(graph, "aws_iam_role_policy", "fluent_bit").body["policy"]["Statement"]
    keys = [statement for statement in found if any(action.startswith("kms:") for action in statement["Action"])]
    assert [statement["Action"] for statement in keys] == [["kms:GenerateDataKey"]]
