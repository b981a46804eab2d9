"""Secrets Manager and the Parameter Store: where secrets lie, never what they are."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier, Secret
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Body, Unknown, Value
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import SECRET_SUFFIX, arn, made_up
from seawall.readers.aws.policy import policy_facts
from seawall.readers.aws.quantities import DAY, times
from seawall.readers.registry import answers, reads


@reads("aws_secretsmanager_secret")
def secret(resource: Resource) -> Iterator[Fact]:
    """A secret; its ARN ends in six characters that AWS makes up."""
    body, address = Arguments(resource), resource.address
    name = body.text("name") if body.has("name") else body.unknown("name")
    replicas = sorted(str(replica.text("region")) for replica in body.blocks("replica"))
    copies = [(str(copy.text("region")), copy.link("kms_key_id")) for copy in body.blocks("replica")]
    keys = [(region, key) for region, key in copies if key is not None]
    own = body.link("kms_key_id")
    yield Secret(address, name, resource.region, tuple(replicas), own, replica_keys=tuple(sorted(keys, key=str)))
    suffix = made_up(resource, "suffix", SECRET_SUFFIX)
    yield Identifier(address, "arn", arn(resource, "secretsmanager", "secret:", name, "-", suffix))
    if body.has("policy"):
        yield from policy_facts(body.raw("policy"), address, "resource", f"{address}.policy")


@reads("data.aws_secretsmanager_secret")
def known_secret(resource: Resource) -> Iterator[Fact]:
    """A secret that is looked up: it is made elsewhere, or copied here from another region."""
    body, address = Arguments(resource), resource.address
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Secret(address, name, resource.region)
    suffix = made_up(resource, "suffix", SECRET_SUFFIX)
    yield Identifier(address, "arn", arn(resource, "secretsmanager", "secret:", name, "-", suffix))


@reads("aws_secretsmanager_secret_policy")
def secret_policy(resource: Resource) -> Iterator[Fact]:
    """A secret's policy that stands apart."""
    body = Arguments(resource)
    what = f"{resource.address}.policy"
    yield from policy_facts(body.raw("policy"), body.required_link("secret_arn"), "resource", what)


@reads("aws_secretsmanager_secret_rotation")
def secret_rotation(resource: Resource) -> Iterator[Fact]:
    """A secret is replaced every so many days; a schedule expression is left unknown."""
    body = Arguments(resource)
    rules = body.block("rotation_rules")
    if rules.has("automatically_after_days"):
        every = times(rules.count("automatically_after_days"), DAY)
    else:
        every = rules.unknown("schedule_expression", rules.raw("schedule_expression"))
    yield Setting(body.required_link("secret_id"), "secret-rotation", every)


@answers("aws_ssm_parameter", "id")
def parameter_id(body: Body, _region: str | Unknown) -> Value:
    """A parameter's id is its name."""
    return body.get("name")


@reads("aws_ssm_parameter")
def parameter(resource: Resource) -> Iterator[Fact]:
    """A parameter; one of type SecureString is a secret."""
    body, address = Arguments(resource), resource.address
    name = body.text("name")
    slash = "" if isinstance(name, str) and name.startswith("/") else "/"
    yield Identifier(address, "arn", arn(resource, "ssm", "parameter", slash, name))
    if body.text("type") == "SecureString":
        yield Secret(address, name, resource.region, key=body.link("key_id"))
