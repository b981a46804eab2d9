"""Every shipped platform, in every environment, keeps the laws of the design."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from platforms import shipped
from seawall.check.claims import judge
from seawall.check.engine import examine
from seawall.cli.input import reference_platforms
from seawall.facts.fact import Fact
from seawall.facts.isolation import Isolation
from seawall.facts.resilience import Claim
from seawall.ingest.estate import ingest
from seawall.kernel.value import Unknown, holes
from seawall.readers.read import facts_of
from seawall.readers.registry import readers
from seawall.render.render import render


def environments():
    """Every (platform, environment) that ships."""
    for name, folder in reference_platforms().items():
        for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]:
            yield pytest.param(name, environment, id=f"{name}-{environment}")


ENVIRONMENTS = list(environments())


def resource_facts(graph):
    """What the bodies say; claims come from the description alone."""
    return {fact for fact in facts_of(graph) if isinstance(fact, Fact) and not isinstance(fact, Claim)}


def written(platform, graph, folder):
    """The compiled files, in a folder."""
    for name, content in render(platform, graph):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def stated(graph):
    """What states something: all but files of a format that no reader reads, which are written and not read back."""
    known = readers()
    return {one.address for one in graph if not one.type.startswith("file/") or one.type in known}


@pytest.mark.needs("kubectl")
@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_the_facts_of_a_platform_are_those_of_its_files(name, environment, tmp_path):
    """facts(graph) = facts(ingest(render(graph))): what is checked is what ships, through kubectl kustomize too."""
    platform, graph = shipped(name, environment)
    read_back = ingest([written(platform, graph, tmp_path)], environment=environment)
    # Files of formats that nobody reads say nothing, so they need not be found again.
    read = {one.address for one in graph if not one.type.startswith("file/") or one.type in readers()}
    assert set(read_back.resources) == read
    ours, theirs = resource_facts(graph), resource_facts(read_back)
    assert ours - theirs == set()
    assert theirs - ours == set()
    assert len(ours) > len(graph)


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_nothing_a_platform_is_made_of_is_unknown(name, environment):
    """A component knows what it wants: no body holds an Unknown, and every reference names a resource that exists."""
    _, graph = shipped(name, environment)
    for resource in graph:
        for hole in holes(resource.body):
            assert not isinstance(hole, Unknown), (resource.address, hole)
            assert hole.to in graph.resources, (resource.address, hole)
        for address in resource.meta.get("depends_on", ()):
            assert address in graph.resources, (resource.address, address)


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_what_is_claimed_to_be_apart_is_proven_to_be(name, environment):
    """Each platform says who must not reach whom, and every one of these claims is proven in every environment."""
    verdicts = {
        each.claim.value.spelling: str(each.verdict.answer)
        for each in judge(facts_of(shipped(name, environment)[1]))
        if isinstance(each.claim.value, Isolation)
    }
    assert verdicts
    assert set(verdicts.values()) == {"proven"}, verdicts


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_no_rule_finds_anything_in_a_platform(name, environment):
    """What ships has no mistake that a rule knows of, none that it has to leave open, and no waiver for nothing."""
    platform, graph = shipped(name, environment)
    report = examine(graph, facts_of(graph), waivers=platform.waivers, as_of=date(2026, 11, 22))
    left = [each for each in report.findings if each.waived is None]
    assert [(each.rule, str(each.answer), each.detail) for each in left] == []


# Types that state nothing beyond where they are and how they are tagged, each with the reason.
SILENT = {
    "aws_appautoscaling_policy": "storage that grows; no rule asks how far",
    "aws_appautoscaling_target": "storage that grows; no rule asks how far",
    "aws_athena_workgroup": "how questions are asked; where the answers lie is the bucket's",
    "aws_backup_vault": "where recovery points lie; the plan says which and for how long",
    "aws_backup_vault_lock_configuration": "who may delete recovery points; no rule asks yet",
    "aws_backup_vault_notifications": "whom a vault tells; the topic and its policy are read",
    "aws_budgets_budget_action": "what a spent budget does beside telling; the policy that it hangs on roles is read",
    "aws_acm_certificate_validation": "waiting for a certificate changes nothing about it",
    "aws_cloudfront_function": "its code is read by nobody yet; the distribution says that it is used",
    "aws_cloudfront_origin_access_control": "the bucket's policy says who may read",
    "aws_cloudfront_response_headers_policy": "no rule asks for headers yet",
    "aws_cloudwatch_log_stream": "a part of a log group, which is read",
    "aws_eip": "an address by itself; what it gives access to is stated by what carries it",
    "aws_glue_catalog_database": "names for files; what they are is the bucket's",
    "aws_glue_catalog_table": "names for files; what they are is the bucket's",
    "aws_grafana_workspace": "where people look; what it may read is its role's",
    "aws_kinesis_firehose_delivery_stream": "who reads and writes is its role's; no rule asks for more yet",
    "aws_lambda_function_event_invoke_config": "how often a call is tried again; no rule asks yet",
    "aws_s3_bucket_intelligent_tiering_configuration": "what S3 archives by itself; no rule asks how fast objects come",
    "aws_s3_bucket_ownership_controls": "access lists are off or on; the public access block is what is asked for",
    "aws_s3_object": "a page; the bucket says who may read it",
    "aws_secretsmanager_secret_version": "what a secret holds, which is nobody's business; the secret is read",
    "ephemeral.aws_secretsmanager_random_password": "a password while it is made; nothing of it lasts",
    "ephemeral.aws_secretsmanager_secret_version": "a password while Terraform passes it on; nothing of it lasts",
    "aws_scheduler_schedule": "a reminder to people; the role that it takes on is read",
    "aws_xray_group": "which traces are looked at together",
    "aws_xray_sampling_rule": "how many requests are traced; no rule asks yet",
    "azurerm_dns_zone": "names, which its records would state",
    "azurerm_key_vault": "its secrets are stated one by one, and who reads them by role",
    "azurerm_network_security_group": "its rules and its subnets state it",
    "azurerm_private_dns_zone": "a name inside a network of Azure's; the server states its host",
    "azurerm_private_dns_zone_virtual_network_link": "as above",
    "azurerm_public_ip": "an address by itself; the interface that has it says so",
    "azurerm_resource_group": "a name under which Azure keeps things together",
    "azurerm_storage_blob": "a page; the account says who may read it",
    "azurerm_storage_container": "the account says whether anybody may read it",
    "data.azurerm_client_config": "who Terraform is in Azure",
    "ephemeral.random_password": "a password that nobody keeps",
    "data.aws_caller_identity": "the account, which only policies mention",
    "data.aws_ec2_managed_prefix_list": "AWS's own ranges, known to AWS",
    "file/promtool-rules": "what a PrometheusRule says, which is read, as promtool takes it",
    "file/promtool-test": "series under which alerts are raised or not; promtool reads them",
    "generators.external-secrets.io/v1alpha1/Password": "how a password is made, never what it is",
    "file/dependabot": "who raises the versions of actions; which are used the workflows say",
    "file/jenkinsfile": "what Jenkins runs; Groovy, which its tests parse",
    "file/page": "what people read",
    "file/script": "what pipelines run; its own tests hold it",
    "file/yamllint": "how files are laid out",
    "keda.sh/v1alpha1/TriggerAuthentication": "as whom KEDA asks for a metric; the role is its own",
    "v1/ConfigMap": "files of applications; what they say is read where their format is known",
}


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_type_a_platform_uses_has_a_reader(name, environment):
    """A body that nobody reads cannot be checked."""
    _, graph = shipped(name, environment)
    unread = {resource.type for resource in graph} - set(readers()) - set(SILENT)
    assert unread == set()


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_resource_says_where_it_is_described(name, environment):
    """A finding can point at file and line."""
    _, graph = shipped(name, environment)
    assert [resource.address for resource in graph if not resource.origin.line] == []


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_rendering_is_a_pure_function(name, environment):
    """Rendering twice gives the same bytes, and does not change the graph."""
    platform, graph = shipped(name, environment)
    before = {resource.address: repr(resource.body) for resource in graph}
    assert dict(render(platform, graph)) == dict(render(platform, graph))
    assert {resource.address: repr(resource.body) for resource in graph} == before
