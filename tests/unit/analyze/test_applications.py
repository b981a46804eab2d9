"""Who runs which configuration and code, and what follows when files, ConfigMaps and environments are put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, thing
from seawall.analyze.applications import _holds, calls, involved, unplaced, workloads_of
from seawall.analyze.permissions.gaps import gaps
from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.code import code
from seawall.ingest.spring import spring_text
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import facts_of

REGION = "eu-west-1"
KEY = Address.terraform(REGION, "data", "aws_kms_key.main")
ENV = {"AWS_REGION": REGION}


def workload(name: str, environment: dict[str, Any] | None = None, **spec: Any) -> Resource:
    """A Deployment of one container of its own name, with these variables; ``containers`` go beside it."""
    env = [
        {"name": key, **({"value": value} if not isinstance(value, dict) else value)}
        for key, value in (environment or {}).items()
    ]
    container = {"name": name, "image": f"{name}:1", "env": env, "envFrom": spec.pop("envFrom", [])}
    containers = [container, *spec.pop("containers", [])]
    return thing("apps/v1", "Deployment", name, spec={"template": {"spec": {"containers": containers, **spec}}})


def config_map(name: str, **data: Any) -> Resource:
    """A ConfigMap; a key's first underscore is a dot."""
    return thing("v1", "ConfigMap", name, data={key.replace("_", ".", 1): value for key, value in data.items()})


def aws(path: str, kind: str, **body: Any) -> Resource:
    """A resource of Terraform's."""
    return Resource(Address.terraform(REGION, "data", f"{kind}.{path}"), kind, body, region=REGION)


def of(*resources: Resource) -> Facts:
    """The facts of some resources, settled as an estate's are."""
    return facts_of(Graph(resources))


def asked(*resources: Resource) -> list[tuple[str, str, str]]:
    """The name of whoever calls, the action, and the last part of the resource."""
    found = calls(of(*resources))
    return [(call.source.rpartition("/")[2], call.action, str(call.resource).rpartition(":")[2]) for call in found]


COMMON = "spring:\n  application:\n    name: shop\n  config:\n    import: aws-parameterstore:/shop/common/\n"
PRODUCTION = "spring:\n  config:\n    import: aws-parameterstore:/shop/prod/\n"


def test_a_file_is_of_the_workload_that_its_folder_names() -> None:
    """spring.application.name of one file speaks for the folder; imports of profiles add to the common ones."""
    files = (spring_text(COMMON, "app/application.yml"), spring_text(PRODUCTION, "app/application-prod.yml"))
    found = asked(workload("other"), workload("shop", ENV | {"SPRING_PROFILES_ACTIVE": "prod"}), *files)
    assert found == [
        ("shop", "ssm:GetParametersByPath", "parameter/shop/common/"),
        ("shop", "ssm:GetParametersByPath", "parameter/shop/prod/"),
    ]


def test_a_profile_that_is_not_active_asks_for_nothing() -> None:
    """Another profile's document is not read; under a profile that nobody can tell it is what may be."""
    files = (spring_text(COMMON, "app/application.yml"), spring_text(PRODUCTION, "app/application-prod.yml"))
    assert len(asked(workload("shop", ENV | {"SPRING_PROFILES_ACTIVE": "dev"}), *files)) == 1
    assert len(asked(workload("shop", ENV), *files)) == 1
    open_one = workload("shop", ENV | {"SPRING_PROFILES_ACTIVE": {"valueFrom": {"fieldRef": {"fieldPath": "x"}}}})
    facts = of(open_one, *files)
    assert len(calls(facts)) == 1
    (maybe,) = involved(facts)
    assert (maybe.service, "which may be active" in maybe.why) == ("ssm", True)


@pytest.mark.parametrize(
    ("expression", "active", "expected"),
    [
        ("prod", {"prod"}, True),
        ("!prod", {"prod"}, False),
        ("prod,test", {"test"}, True),
        ("prod & eu", {"prod"}, False),
        ("prod & (eu | us)", {"prod", "us"}, True),
        ("!(a | b) & c", {"c"}, True),
        ("prod", None, None),
        ("prod &", {"prod"}, None),
        ("(prod", {"prod"}, None),
        ("& prod", {"prod"}, None),
        ("(" * 3000, {"prod"}, None),
        ("!" * 3001 + "prod", {"prod"}, False),
    ],
)
def test_profile_expressions(expression: str, active: set[str] | None, expected: bool | None) -> None:
    """Spring's grammar; what is no expression is not known to hold."""
    assert _holds(expression, None if active is None else frozenset(active)) is expected


def test_a_file_in_a_config_map_is_of_those_that_mount_it() -> None:
    """Mounted it is read; unmounted it is nobody's, and said to be."""
    held = config_map("shop-config", application_yml=COMMON)
    mounting = {"volumes": [{"name": "c", "configMap": {"name": "shop-config"}}]}
    assert [found[0] for found in asked(held, workload("a", ENV, **mounting), workload("shop", ENV))] == ["a"]
    facts = of(held, workload("shop", ENV))
    source = Address(f"{CLUSTER}/ConfigMap/petclinic/shop-config//application.yml")
    assert isinstance(workloads_of(facts, source), Unknown)
    assert [one.why for one in unplaced(facts)] == [f"no pod mounts {source.owner}"]
    assert {call.source for call in calls(facts)} == {source}


def test_references_within_a_config_map_stay_references() -> None:
    """A hole in an application file is the same hole in what follows from it."""
    topic = aws("t", "aws_sns_topic", name="t")
    content = text("app:\n  topic: ", Ref(topic.address, "arn"), "\n  bucket: s3://uploads\n")
    held = config_map("shop-config", application_yml=content)
    mounting = {"volumes": [{"name": "c", "configMap": {"name": "shop-config"}}]}
    found = {(one.service, one.resource) for one in involved(of(held, topic, workload("shop", ENV, **mounting)))}
    assert found == {("sns", Ref(topic.address, "arn")), ("s3", "arn:aws:s3:::uploads")}


ONE_KEY = {"valueFrom": {"configMapKeyRef": {"name": "settings", "key": "SPRING_CONFIG_IMPORT"}}}


@pytest.mark.parametrize(
    "spec",
    [{"envFrom": [{"configMapRef": {"name": "settings"}}]}, {"environment": {"SPRING_CONFIG_IMPORT": ONE_KEY}}],
)
def test_environments_from_config_maps(spec: dict[str, Any]) -> None:
    """A whole ConfigMap or one key of it is as if written in the manifest."""
    settings = thing("v1", "ConfigMap", "settings", data={"SPRING_CONFIG_IMPORT": "aws-secretsmanager:db"})
    spec = dict(spec)
    environment = ENV | spec.pop("environment", {})
    ((name, action, _),) = asked(settings, workload("shop", environment, **spec))
    assert (name, action) == ("shop", "secretsmanager:GetSecretValue")


def test_secrets_in_config_maps_are_not_kept() -> None:
    """A value whose key says that it is a password is in no fact."""
    facts = of(thing("v1", "ConfigMap", "settings", data={"DB_PASSWORD": "hunter2", "LEVEL": "info"}))
    assert "hunter2" not in repr(list(facts))


def test_an_application_file_that_is_broken_is_said() -> None:
    """No YAML within a ConfigMap is no reason to refuse the estate, nor to pass over it."""
    held = config_map("shop-config", application_yml="a: [")
    mounting = {"volumes": [{"name": "c", "configMap": {"name": "shop-config"}}]}
    (one,) = involved(of(held, workload("shop", ENV, **mounting)))
    assert (one.of.rpartition("/")[2], one.service) == ("shop", "*")
    assert "cannot be read" in one.why


def test_which_of_several_workloads_is_not_guessed() -> None:
    """Without a name a file is the only workload's, or nobody's; kube-system's own do not count."""
    nameless = spring_text(PRODUCTION, "app/application.yml")
    system = thing(
        "apps/v1", "DaemonSet", "proxy", namespace="kube-system", spec={"template": {"spec": {"containers": []}}}
    )
    assert [name for name, _, _ in asked(nameless, system, workload("shop", ENV))] == ["shop"]
    facts = of(nameless, workload("shop", ENV), workload("other"))
    assert [one.why for one in unplaced(facts)] == ["it has no spring.application.name, and the input has 2 workloads"]
    named = spring_text(COMMON, "app/application.yml")
    facts = of(named, workload("other", ENV))
    assert [one.why for one in unplaced(facts)] == ["no workload of the input is called shop"]


def test_the_region_is_the_environments_or_the_clusters() -> None:
    """Without AWS_REGION it is that of the cluster, which EKS puts there; without a cluster nobody knows."""
    settings = {"SPRING_CONFIG_IMPORT": "aws-parameterstore:/a/"}
    (call,) = calls(of(workload("shop", settings)))
    assert isinstance(call.region, Unknown)
    cluster = aws("c", "aws_eks_cluster", name=CLUSTER)
    (call,) = calls(of(workload("shop", settings), cluster))
    assert call.region == REGION
    (call,) = calls(of(workload("shop", settings | {"AWS_REGION": "us-east-1"}), cluster))
    assert call.region == "us-east-1"


def test_only_the_applications_own_container_reads_its_files() -> None:
    """A side container without a region asks for nothing in the application's name."""
    side = {"containers": [{"name": "proxy", "image": "proxy:1", "env": [{"name": "LEVEL", "value": "info"}]}]}
    found = calls(of(spring_text(COMMON, "app/application.yml"), workload("shop", ENV, **side)))
    assert [call.region for call in found] == [REGION]


def test_parameters_under_a_path_bring_their_keys_along() -> None:
    """What is encrypted under a customer's key is decrypted in its reader's name, and nothing beside the path is."""
    inside = aws("in", "aws_ssm_parameter", name="/shop/common/a", type="SecureString", key_id=Ref(KEY, "arn"))
    beside = aws("out", "aws_ssm_parameter", name="/shop/common-b", type="SecureString", key_id=Ref(KEY, "arn"))
    key = aws("main", "aws_kms_key")
    found = calls(of(spring_text(COMMON, "app/application.yml"), workload("shop", ENV), inside, beside, key))
    assert [(call.action, call.resource) for call in found][1:] == [("kms:Decrypt", Ref(KEY, "arn"))]
    assert found[1].context == (("kms:viaservice", ("ssm.eu-west-1.amazonaws.com",)),)
    assert "out" not in found[1].said


def test_a_secret_of_the_input_is_that_very_secret() -> None:
    """Its ARN is the one of the plan, whose last characters are the plan's hole."""
    secret = aws("db", "aws_secretsmanager_secret", name="db")
    (call,) = calls(of(workload("shop", ENV | {"SPRING_CONFIG_IMPORT": "aws-secretsmanager:db"}), secret))
    assert f"{secret.address}.suffix" in str(call.resource)


def test_a_log_group_that_is_there_is_not_made() -> None:
    """Who makes the group beforehand spares the application the right to make groups."""
    settings = ENV | {"AWS_LOG_GROUP": "/shop"}
    assert "logs:CreateLogGroup" in {action for _, action, _ in asked(workload("shop", settings))}
    group = aws("g", "aws_cloudwatch_log_group", name="/shop")
    assert "logs:CreateLogGroup" not in {action for _, action, _ in asked(workload("shop", settings), group)}


def test_code_is_joined_with_the_environment_of_its_workload(tmp_path: Path) -> None:
    """A bucket that code takes from a variable is the one that the manifest sets; a name that fits nobody is said."""
    source = "import boto3, os\nboto3.client('s3').get_object(Bucket=os.environ['UPLOADS'], Key='k')\n"
    (tmp_path / "app.py").write_text(source)
    shop = workload("shop", ENV | {"UPLOADS": "bucket-1"})
    for name in ("shop", "petclinic/shop", "Deployment/petclinic/shop"):
        (call,) = calls(of(shop, *code({name: tmp_path})))
        assert (call.source, call.action, call.resource) == (shop.address, "s3:GetObject", "arn:aws:s3:::bucket-1/k")
        assert call.said.startswith("app.py:2")
    facts = of(shop, *code({"shopp": tmp_path}))
    assert [one.why for one in unplaced(facts)] == ["no workload of the input is called shopp"]
    assert {call.source for call in calls(facts)} != {shop.address}


def test_order_of_the_input_is_irrelevant() -> None:
    """The same calls whichever file comes first."""
    parts = [
        spring_text(COMMON, "app/application.yml"),
        spring_text(PRODUCTION, "app/application-prod.yml"),
        workload("shop", ENV | {"SPRING_PROFILES_ACTIVE": "prod"}),
    ]
    assert set(calls(of(*parts))) == set(calls(of(*reversed(parts))))


def test_what_is_nobodys_is_not_known_to_be_a_gap() -> None:
    """A file whose workload nobody can tell is unknown, with the reason, rather than a missing permission."""
    facts = of(spring_text(COMMON, "app/application.yml"), workload("other", ENV))
    (gap,) = gaps(facts)
    assert gap.chain.verdict.unknown
    assert gap.chain.breaks is not None
    assert gap.chain.breaks.says == "nobody can say who runs it: no workload of the input is called shop"


def test_what_code_does_with_a_bucket_is_no_riddle(tmp_path: Path) -> None:
    """A bucket of a variable is open until the code of its workload says what is done with it."""
    shop = workload("shop", ENV | {"UPLOADS_BUCKET": "uploads", "OTHER_BUCKET": "others"})
    assert {one.resource for one in involved(of(shop))} == {"arn:aws:s3:::uploads", "arn:aws:s3:::others"}
    source = "import boto3, os\nboto3.client('s3').get_object(Bucket=os.environ['UPLOADS_BUCKET'], Key='k')\n"
    (tmp_path / "app.py").write_text(source)
    assert [one.resource for one in involved(of(shop, *code({"shop": tmp_path})))] == ["arn:aws:s3:::others"]
