"""The instance that copies databases: who may reach it and whom it reaches, what it may do, and what it is told."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
import yaml

import descriptions
from seawall.analyze.reachability.reach import reach
from seawall.components.backup_instance.instance import MOST_USER_DATA, architecture
from seawall.components.expand import expand
from seawall.facts.demands import Reach
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Text
from seawall.kernel.verdict import Answer
from seawall.operate.copies.job import read_job
from seawall.readers.read import facts_of

PLATFORM = """
alerts: {email: [one@shop.example]}
recovery: {site: {azure: koreacentral}, strategy: copies, token_issuer: "https://abc.tokens.sts.global.api.aws"}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small, storage: 20 GiB}
  users: {kind: database, engine: mysql, class: db.t4g.small, storage: 20 GiB}
  stranger: {kind: database, engine: mysql, class: db.t4g.small, storage: 20 GiB}
  night-copy: {kind: backup-instance, needs: [orders, users, recovery], every: 24 h, at: "03:00"}
"""


@pytest.fixture(scope="module")
def found():
    """A platform with three databases, of which two are copied."""
    return descriptions.graph(PLATFORM)


def one(found, type):
    """The instance's own resource of a type."""
    return descriptions.named(found, type, "night_copy").body


def cloud_config(found):
    """What the instance is started with, and the files in it."""
    raw = base64.b64decode(one(found, "aws_launch_template")["user_data"])
    assert len(raw) <= MOST_USER_DATA
    assert raw.startswith(b"#cloud-config\n")
    config = yaml.safe_load(raw)
    return config, {entry["path"]: entry["content"] for entry in config["write_files"]}


def test_it_reaches_the_databases_that_it_copies_and_no_other(found):
    """The path that the document forgot is open at both ends, proven over groups, subnets and routes."""
    demands = [d for d in found.demands if isinstance(d, Reach) and "autoscaling_group" in d.source]
    facts = facts_of(found)
    assert {d.target.rpartition(".")[2] for d in demands} == {"orders", "users"}
    for demand in demands:
        assert reach(facts, demand).verdict.answer is Answer.PROVEN, demand
    stranger = descriptions.named(found, "aws_db_instance", "stranger").address
    assert reach(facts, replace(demands[0], target=stranger)).verdict.answer is Answer.REFUTED


def test_nobody_is_let_in(found):
    """No rule lets anything into its group, it has no public address and no key: people come by Session Manager."""
    own = descriptions.named(found, "aws_security_group", "night_copy").address
    inward = [
        rule
        for rule in found.of_type("aws_vpc_security_group_ingress_rule")
        if rule.body["security_group_id"].to == own
    ]
    assert inward == []
    template = one(found, "aws_launch_template")
    assert template["network_interfaces"][0]["associate_public_ip_address"] == "false"
    assert "key_name" not in template
    assert template["metadata_options"][0]["http_tokens"] == "required"
    assert template["block_device_mappings"][0]["ebs"][0]["encrypted"] == "true"


def test_it_may_read_the_secrets_of_what_it_copies_and_nothing_more(found):
    """Exactly two secrets, by their ARN, and the keys only through Secrets Manager."""
    statements = one(found, "aws_iam_role_policy")["policy"]["Statement"]
    reading = [s for s in statements if "secretsmanager:GetSecretValue" in s["Action"]]
    assert [s["Resource"] for s in reading] == [
        [Ref(descriptions.named(found, "aws_db_instance", name).address, "master_user_secret.0.secret_arn")]
        for name in ("orders", "users")
    ]
    for statement in statements:
        assert not any("*" in action for action in statement["Action"])
        if any(action.startswith("kms:") for action in statement["Action"]):
            assert statement["Condition"]["StringEquals"]["kms:ViaService"] == [
                "secretsmanager.ap-northeast-2.amazonaws.com"
            ]
        if statement["Resource"] == ["*"]:
            allowed = (
                "ssm:UpdateInstanceInformation",
                "ssmmessages:",
                "cloudwatch:PutMetricData",
                "sts:GetWebIdentityToken",
                "ecr:GetAuthorizationToken",
            )
            assert all(action.startswith(allowed) for action in statement["Action"]), statement


def test_what_it_is_started_with_fits_and_holds_nothing_secret(found):
    """Scripts, a schedule and the name of a parameter: 16 KiB at the most, and the same for everybody to read."""
    config, files = cloud_config(found)
    assert config["runcmd"] == [["/opt/backup/install.sh"]]
    assert set(files) == {
        "/etc/systemd/system/backup.service",
        "/etc/systemd/system/backup.timer",
        "/opt/backup/config.json",
        "/opt/backup/install.sh",
        "/opt/backup/run.sh",
    }
    service = files["/etc/systemd/system/backup.service"]
    assert '"JOBS=/shop-production/night-copy/orders /shop-production/night-copy/users"' in service
    assert "IMAGE=shop-production/seawall-agent:v" in service
    assert "KEPT_MINUTES=1440" in service
    assert "AccountKey" not in str(files)


def test_what_it_is_told_is_a_job_once_its_values_are_known(found, tmp_path):
    """Hosts and secrets come from the databases themselves, so they cannot disagree; the agent takes the document."""
    value = descriptions.named(found, "aws_ssm_parameter", "night_copy_orders").body["value"]
    assert isinstance(value, Text)
    filled = "".join(part if isinstance(part, str) else part.attr for part in value.parts)
    (tmp_path / "job.json").write_text(filled)
    job = read_job(str(tmp_path / "job.json"))
    assert (job.component, job.database.host, job.database.port) == ("orders", "address", 3306)
    assert job.database.secret == "secretsmanager:master_user_secret.0.secret_arn"
    assert [store.partition(":")[0] for store in job.stores] == ["azure", "file"]
    assert job.add_only


@pytest.mark.parametrize(
    ("every", "at", "when"),
    [
        ("24 h", "03:00", "*-*-* 03:00:00 UTC"),
        ("6 h", "04:30", "*-*-* 04,10,16,22:30:00 UTC"),
        ("5 min", "03:00", "*-*-* *:0/5:00 UTC"),
        ("30 min", "03:10", "*-*-* *:10/30:00 UTC"),
    ],
)
def test_the_schedule_is_what_was_said(every, at, when):
    """Every so often, and at that time: what systemd is told means the same."""
    text = PLATFORM.replace('every: 24 h, at: "03:00"', f'every: {every}, at: "{at}"')
    _, files = cloud_config(descriptions.graph(text))
    assert f"OnCalendar={when}\n" in files["/etc/systemd/system/backup.timer"]


def test_there_is_always_one(found):
    """A group of one in every zone makes it anew when its instance or zone is gone, and each week for its updates."""
    group = one(found, "aws_autoscaling_group")
    assert (group["min_size"], group["desired_capacity"], group["max_size"]) == (1, 1, 1)
    assert {ref.to.as_terraform().name for ref in group["vpc_zone_identifier"]} == {"private_a", "private_b"}
    assert group["max_instance_lifetime"] == 7 * 86400


@pytest.mark.parametrize(("every", "period", "periods"), [("24 h", 3600, 26), ("5 min", 300, 25)])
def test_silence_is_an_alarm(every, period, periods):
    """No copy for the schedule's step and two hours: 26 hours for a daily one."""
    found = descriptions.graph(PLATFORM.replace("every: 24 h", f"every: {every}"))
    alarm = descriptions.named(found, "aws_cloudwatch_metric_alarm", "night_copy_late").body
    assert (alarm["period"], alarm["evaluation_periods"], alarm["datapoints_to_alarm"]) == (period, periods, periods)
    assert alarm["treat_missing_data"] == "breaching"
    assert alarm["dimensions"] == {"Component": "night-copy", "Platform": "shop-production"}


def test_the_tier_is_the_one_named():
    """It lies where it is told to lie."""
    frame = descriptions.FRAME.replace(
        "zones: 2", "zones: 1, subnets: {public: [10.0.1.0/24], web: [10.0.2.0/24], was: [10.0.3.0/24]}"
    )
    text = frame + PLATFORM.replace("every: 24 h", "tier: was, every: 24 h")
    found = expand(descriptions.platform(text))
    assert [ref.to.as_terraform().name for ref in one(found, "aws_autoscaling_group")["vpc_zone_identifier"]] == [
        "was_a"
    ]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("needs: [orders, users, recovery]", "needs: [orders]", "nowhere to copy to"),
        ("needs: [orders, users, recovery]", "needs: [recovery]", "copies nothing"),
        ("every: 24 h", "every: 7 min", "every is 7 min"),
        ("every: 24 h", "disk: 5 GiB, every: 24 h", "disk is 5 GiB"),
        ("every: 24 h", "kept: 90 d, every: 24 h", "kept is 90 d"),
        ("every: 24 h", "tier: nowhere, every: 24 h", "tier nowhere"),
        (', token_issuer: "https://abc.tokens.sts.global.api.aws"', "", "token_issuer"),
        (
            "  users: {kind: database, engine: mysql,",
            "  users: {kind: database, engine: postgresql,",
            "users is neither",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(was, becomes, said):
    """What cannot work is refused with file and line, and a way out."""
    assert was in PLATFORM
    with pytest.raises(InputError, match=said) as caught:
        descriptions.graph(PLATFORM.replace(was, becomes))
    assert "platform.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("instance", "processor"),
    [
        ("t4g.small", "arm64"),
        ("t3.small", "x86_64"),
        ("m7g.large", "arm64"),
        ("c6gn.large", "arm64"),
        ("g5.xlarge", "x86_64"),
        ("g5g.xlarge", "arm64"),
        ("m7i-flex.large", "x86_64"),
    ],
)
def test_the_image_fits_the_processor(instance, processor):
    """Graviton types boot arm64, every other x86-64; the g of a GPU's family comes before its generation."""
    assert architecture(instance) == processor
