"""Recovery in another cloud: what is made there, who may do what, and how it comes to be asked."""

from __future__ import annotations

import base64
import json
import re
import subprocess

import pytest
import yaml

import azurerm_schema
import descriptions
from descriptions import named
from seawall.components.expand import expand
from seawall.components.recovery.dump import schedule
from seawall.components.recovery.recovery import Recovery
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, refs
from seawall.render.terraform.files import files
from seawall.render.terraform.stacks import stacks

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6sTX0disHPs4wMZgAKthT3uEYdbHmz6bljJdyB98M3 nobody"
SERVED = f"""\
edge: {{maintenance: {{contact: help@shop.example}}, health: {{path: /health}}}}
recovery:
  site: {{azure: koreacentral}}
  strategy: backup-and-restore
  needs: [orders]
  page: true
  operators: [203.0.113.7/32, 198.51.100.0/24]
  standby: {{key: {KEY}}}
components:
  orders: {{kind: database, engine: mysql, class: db.t4g.small, name: orders, storage: 20 GiB}}
  api:
    kind: service
    image: shop-api
    tag: v7
    framework: spring
    needs: [orders]
    expose: {{host: www.shop.example, paths: [/api, /actuator/health]}}
"""
COPIES = "recovery: {site: {azure: koreacentral}, strategy: copies, container: mysql-backups}\n"


@pytest.fixture(scope="module")
def served():
    """The frame with a service that can be served from Azure."""
    return descriptions.graph(SERVED)


def azurerm(found):
    """Its resources in Azure, data sources left out."""
    return [resource for resource in found if resource.type.startswith("azurerm_")]


@pytest.mark.needs("reference")
@pytest.mark.parametrize("text", [SERVED, COPIES], ids=["served", "copies"])
def test_bodies_are_what_the_provider_takes(text, reference):
    """Every argument of every body is one of azurerm's, of the right kind, and none that is required is missing."""
    known = azurerm_schema.schema(reference)
    found = azurerm(descriptions.graph(text))
    assert len(found) >= 6
    assert [mistake for resource in found for mistake in azurerm_schema.mistakes(resource, known)] == []


@pytest.mark.needs("reference")
def test_the_schema_finds_what_is_wrong(reference, served):
    """A body that lacks an argument, has one too many, or one of another kind is refused: the check is one."""
    known = azurerm_schema.schema(reference)
    account = named(served, "azurerm_storage_account", "copies")

    def wrong(**changed):
        body = {key: value for key, value in {**account.body, **changed}.items() if value is not None}
        return azurerm_schema.mistakes(Resource(account.address, account.type, body), known)

    assert wrong() == []
    assert any("account_tier is required" in mistake for mistake in wrong(account_tier=None))
    assert any("no argument sku" in mistake for mistake in wrong(sku="Standard"))
    assert any("Azure's to say" in mistake for mistake in wrong(primary_access_key="x"))
    assert any("should be bool" in mistake for mistake in wrong(shared_access_key_enabled="no"))
    assert any("network_rules" in mistake for mistake in wrong(network_rules={"default_action": "Deny"}))
    assert any("stands 2 times" in mistake for mistake in wrong(blob_properties=[{}, {}]))
    unknown = Resource(account.address, "azurerm_virtual_machine", {})
    assert azurerm_schema.mistakes(unknown, known) == ["azurerm_virtual_machine is no type of azurerm"]


def test_nothing_secret_lies_in_a_body(served):
    """Passwords reach Azure through write-only arguments alone, of an ephemeral value that no state keeps."""
    for resource in azurerm(served):
        for argument, value in resource.body.items():
            if re.search(r"password|secret|value_wo|access_key$", argument):
                assert argument.endswith(("_wo", "_wo_version", "disable_password_authentication")), resource.address
                if argument.endswith("_wo"):
                    assert isinstance(value, Ref)
                    assert ":ephemeral.random_password." in value.to
    machine = named(served, "azurerm_linux_virtual_machine", "main").body
    written = base64.b64decode(machine["custom_data"]).decode()
    assert not re.search(r"password\s*[=:]\s*['\"]?[A-Za-z0-9]{8,}", written)


def test_the_copies_are_closed(served):
    """No keys, no public blob, TLS 1.2, and only addresses of ours: what leaves the network, and where people sit."""
    body = named(served, "azurerm_storage_account", "copies").body
    assert body["shared_access_key_enabled"] is False
    assert body["allow_nested_items_to_be_public"] is False
    assert body["min_tls_version"] == "TLS1_2"
    rules = body["network_rules"][0]
    assert rules["default_action"] == "Deny"
    assert rules["ip_rules"][-2:] == ["203.0.113.7", "198.51.100.0/24"]
    assert {ref.to.as_terraform().type for ref in refs(rules["ip_rules"])} == {"aws_eip"}
    life = named(served, "azurerm_storage_management_policy", "copies").body["rule"][0]["actions"][0]
    assert life["base_blob"] == [{"delete_after_days_since_modification_greater_than": 30}]


def test_a_writer_is_who_the_cluster_says_and_can_only_add(served):
    """The identity is the pods' by the cluster's own issuer and their service account, and may only add."""
    trusted = named(served, "azurerm_federated_identity_credential", "pods").body
    assert trusted["subject"] == "system:serviceaccount:shop:recovery"
    assert trusted["issuer"].to.as_terraform().type == "aws_eks_cluster"
    assert trusted["audience"] == ["api://AzureADTokenExchange"]
    job = named(served, "batch/v1/CronJob", "recovery").body["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert job["serviceAccountName"] == "recovery"
    projected = next(volume["projected"] for volume in job["volumes"] if "projected" in volume)
    assert projected["sources"][0]["serviceAccountToken"]["audience"] == "api://AzureADTokenExchange"
    condition = named(served, "azurerm_role_assignment", "writer_of_copies").body["condition"]
    assert "blobs/read" in condition
    assert "blobs/delete" in condition


def test_a_reader_finds_out_whether_copies_are_whole_and_can_only_read(served):
    """Who reads copies has an account and an identity of its own, that can neither add nor delete nor log in."""
    trusted = named(served, "azurerm_federated_identity_credential", "verifying_pods").body
    assert trusted["subject"] == "system:serviceaccount:shop:recovery-verify"
    writer = named(served, "azurerm_federated_identity_credential", "pods").body
    assert trusted["parent_id"] != writer["parent_id"]
    right = named(served, "azurerm_role_assignment", "reader_of_copies").body
    assert right["role_definition_name"] == "Storage Blob Data Reader"
    assert right["scope"].to.as_terraform().type == "azurerm_storage_container"
    spec = named(served, "batch/v1/CronJob", "recovery-verify").body["spec"]
    assert spec["schedule"] != named(served, "batch/v1/CronJob", "recovery").body["spec"]["schedule"]
    job = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert job["containers"][0]["command"] == [
        "seawall", "verify", "/jobs/orders.json", "--content-only", "--state-dir", "/tmp/state",
    ]  # fmt: skip
    role = json.dumps(named(served, "aws_iam_role_policy", "recovery_verify").body["policy"], default=str)
    assert "rds-db:connect" not in role
    assert "recovery/azure-reader" in role
    told = named(served, "v1/ConfigMap", "recovery-verify").body["data"]["orders.json"]
    assert '"identity":"ssm:/' in str(told)
    assert "recovery/azure-reader" in str(told)
    opens = named(served, "networking.k8s.io/v1/NetworkPolicy", "recovery-verify").body["spec"]["egress"]
    assert sorted(rule["ports"][0]["port"] for rule in opens) == [80, 443]


def test_a_copy_that_nobody_proved_is_told_of():
    """An alert and an alarm say that no copy was proven to be whole, however well the jobs that copy end."""
    platform = descriptions.platform(descriptions.FRAME + SERVED)
    scope = Scope(platform, "recovery", platform.region)
    recovery = scope.the(Recovery)
    assert [alert.name for alert in recovery.alerts(scope)] == ["CopyLate", "CopyUnproven"]
    watch = next(one for one in recovery.watches(scope) if one.name == "unproven")
    assert (watch.metric, watch.statistic, watch.is_bad, watch.missing) == (
        "BackupVerified",
        "Maximum",
        "<",
        "breaching",
    )
    assert dict(watch.dimensions) == {"Component": "orders", "Platform": scope.title}, "as the agent tells it"


def test_the_dump_user_can_only_read(served):
    """Who copies may read, and is no user of the master's rights; the job that makes it does nothing else."""
    jobs = [job for job in served.of_type("batch/v1/Job") if "user-of-orders" in job.body["metadata"]["name"]]
    (container,) = jobs[0].body["spec"]["template"]["spec"]["containers"]
    statements = next(item["value"] for item in container["env"] if item["name"] == "STATEMENTS")
    granted = re.search(r"GRANT (.*) ON `orders`\.\* TO 'recovery'@'%'", statements)[1]
    assert set(granted.split(", ")) == {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES"}
    policy = json.dumps(named(served, "aws_iam_role_policy", "recovery").body["policy"], default=str)
    assert "rds-db:connect" in policy
    assert "secretsmanager" not in policy


@pytest.mark.parametrize(
    ("refused", "asked"), [("", "SHOW_ROUTINE"), ("SHOW_ROUTINE", "EXECUTE"), ("GRANT SELECT", "")]
)
def test_routines_are_dumped_or_missed_loudly(served, tmp_path, refused, asked):
    """Who copies sees routines' bodies, or where the master cannot give that their names, so that the dump fails."""
    jobs = [job for job in served.of_type("batch/v1/Job") if "user-of-orders" in job.body["metadata"]["name"]]
    (container,) = jobs[0].body["spec"]["template"]["spec"]["containers"]
    for folder, contents in (("master", {"user": "root", "password": "secret"}), ("secrets", {}), ("bin", {})):
        (tmp_path / folder).mkdir()
        for name, content in contents.items():
            (tmp_path / folder / name).write_text(content)
    said = tmp_path / "said"
    client = tmp_path / "bin/mysql"
    client.write_text(
        f'#!/bin/bash\n[ -z "{refused}" ] || [[ "${{@: -1}}" != *"{refused}"* ]] || exit 1\n'
        f'printf "%s\\n" "${{@: -1}}" >>{said}\n'
    )
    client.chmod(0o755)
    command = container["command"][2].replace("/master/", f"{tmp_path}/master/")
    command = command.replace("/secrets/", f"{tmp_path}/secrets/")
    told = {item["name"]: item["value"] for item in container["env"] if isinstance(item["value"], str)}
    ended = subprocess.run(
        ["/bin/bash", "-c", command], env={**told, "DATABASE_HOST": "db", "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    )
    assert (ended.returncode == 0) == bool(asked)
    if asked:
        first, last = said.read_text().splitlines()
        assert "SELECT" in first
        assert asked in last


def test_the_machine_answers_https_alone(served):
    """Port 443 is open to the world, 22 to nobody, and the database to the machine's subnet."""
    rules = [resource.body for resource in served.of_type("azurerm_network_security_rule")]
    allowed = {
        (rule["source_address_prefix"], rule["destination_port_range"]) for rule in rules if rule["access"] == "Allow"
    }
    assert allowed == {("Internet", "443"), ("10.200.0.0/24", "3306")}
    groups = {ref.to for rule in rules if rule["access"] == "Deny" for ref in refs(rule["network_security_group_name"])}
    assert len(groups) == 2


def test_the_machine_may_read_copies_and_write_proofs(served):
    """Its rights: read the container, read one secret, pull images, write the zone of proofs; nothing of AWS."""
    rights = {
        resource.body["role_definition_name"]: resource.body["scope"].to.as_terraform().type
        for resource in served.of_type("azurerm_role_assignment")
        if "machine_of" in resource.address
    }
    assert rights == {
        "Storage Blob Data Reader": "azurerm_storage_container",
        "Key Vault Secrets User": "azurerm_key_vault_secret",
        "AcrPull": "azurerm_container_registry",
        "DNS Zone Contributor": "azurerm_dns_zone",
    }


def test_everything_the_machine_runs_is_written_to_it(served):
    """cloud-init is YAML, its scripts name only files that it writes, and the units start scripts that are there."""
    machine = named(served, "azurerm_linux_virtual_machine", "main").body
    written = base64.b64decode(machine["custom_data"])
    assert len(written) < 65_536
    assert written.startswith(b"#cloud-config\n")
    document = yaml.safe_load(written)
    found = {file["path"]: base64.b64decode(file["content"]).decode() for file in document["write_files"]}
    for path, text in found.items():
        for named_there in re.findall(r"/opt/standby/[a-z.]+", text):
            assert named_there in found, (path, named_there)
    assert "SPRING_DATASOURCE_URL=jdbc:mysql://" in found["/etc/standby/containers/2-api.env"]
    assert "sslMode=VERIFY_IDENTITY" in found["/etc/standby/containers/2-api.env"]
    assert "server_name www-origin.shop.example www-koreacentral.shop.example;" in found["/opt/standby/nginx.conf"]


def test_the_edge_needs_nothing_of_azure(served):
    """Azure may never come up: no stack but the one that waits for it reads it, and the way to the page is there."""
    found = stacks(served)
    readers = [
        str(name) for name, stack in found.items() if any(above.region == "koreacentral" for above in stack.upstream)
    ]
    assert readers == ["ap-northeast-2/recovery"]
    onward = named(served, "aws_route53_record", "www_onward")
    assert onward.address.as_terraform().stack == "edge"
    assert onward.body["alias"][0]["name"] == "www-origin-2.shop.example"
    page = named(served, "aws_route53_record", "www_page")
    assert (page.body["name"], page.body["set_identifier"]) == ("www-origin-2.shop.example", "secondary")
    (own,) = [
        r for r in served.of_type("aws_route53_record") if r.address.endswith("recovery:aws_route53_record.www_primary")
    ]
    assert own.body["name"] == "www-origin-2.shop.example"
    assert own.body["records"][0].to.as_terraform().type == "azurerm_public_ip"


def test_the_standby_proves_its_names_in_its_own_zone(served):
    """The proof of a name leads into Azure's zone, so that nothing in Azure writes to the platform's."""
    proof = named(served, "aws_route53_record", "proof_of_www_origin").body
    assert proof["name"] == "_acme-challenge.www-origin.shop.example"
    assert proof["records"] == ["www-origin.acme-standby.shop.example"]
    delegated = named(served, "aws_route53_record", "proofs").body
    assert (delegated["type"], len(delegated["records"])) == ("NS", 4)


def test_the_state_of_azure_lies_in_azure(served):
    """The loss of the region at home leaves the other's state; and the provider logs in to storage without keys."""
    platform = descriptions.platform(descriptions.FRAME + SERVED)
    written = dict(files(platform, expand(platform)))
    terraform = json.loads(written["terraform/koreacentral/recovery/terraform.tf.json"])["terraform"]
    assert set(terraform["backend"]) == {"azurerm"}
    assert set(terraform["required_providers"]) == {"azurerm", "random"}
    provider = json.loads(written["terraform/koreacentral/recovery/providers.tf.json"])["provider"]
    assert provider["azurerm"] == {"features": {}, "storage_use_azuread": True}


def test_a_component_that_copies_by_itself_is_told_where_to(served):
    """Account, container, URL, and where it learns who it is: nothing of it secret."""
    platform = descriptions.platform(descriptions.FRAME + COPIES)
    scope = Scope(platform, "recovery", platform.region)
    target = scope.the(Recovery).backup_target(scope)
    assert target.url == f"https://{target.account}.blob.core.windows.net/mysql-backups"
    assert re.fullmatch(r"[a-z0-9]{3,24}", target.account)
    assert named(expand(platform), "aws_ssm_parameter", "azure").body["name"] == target.parameter


@pytest.mark.parametrize(
    ("every", "at", "cron"),
    [
        (24, "18:00", "0 18 * * *"),
        (12, "18:30", "30 6,18 * * *"),
        (6, "01:15", "15 1,7,13,19 * * *"),
        (1, "00:05", "5 * * * *"),
    ],
)
def test_copies_are_made_as_often_as_is_said(every, at, cron):
    """``every`` and ``at`` are a schedule of cron."""
    assert schedule(Duration(every * 3600), at) == cron


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recovery: {site: {azure: koreacentral}, strategy: copies, every: 5 h}\n", "every is 5 h"),
        ("recovery: {site: {azure: koreacentral}, strategy: backup-and-restore}\n", "says nothing of `standby`"),
        (
            f"recovery: {{site: {{azure: koreacentral}}, strategy: copies, standby: {{key: {KEY}}}}}\n",
            "nothing restores",
        ),
        (SERVED.replace("needs: [orders]\n  page", "needs: []\n  page"), "restores one database, and recovery needs 0"),
    ],
    ids=["every", "no-standby", "standby-for-nothing", "nothing-to-restore"],
)
def test_what_cannot_be_is_refused(text, said):
    """A mistake in the description is said in words."""
    with pytest.raises(InputError) as refused:
        descriptions.graph(text)
    assert said in str(refused.value)
