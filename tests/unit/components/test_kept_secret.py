"""Secrets by sensitivity: no value of one ever stands in the description's graph."""

from __future__ import annotations

import base64
from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs

SEALED = base64.b64encode(bytes([2, 0]) + bytes(range(256)) * 2 + b"x" * 20).decode()
"""As long as what kubeseal prints: the length of an RSA-4096 block, the block, and what it encrypts."""
HIGH = """\
alerts: {email: [ops@shop.example]}
components:
  stripe: {kind: secret, sensitivity: high, keys: [api-key, webhook-key], rotate_every: 90 d}
  shop: {kind: service, image: shop, needs: [stripe]}
"""
SITES = "sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}\n"


def _low(namespace: str = "alpha", consumer: str = "alpha") -> Graph:
    text = descriptions.FRAME.replace(
        '  version: "1.36"\n',
        '  version: "1.36"\n  namespaces: {alpha: {}, beta: {}}\n  addons: [sealed-secrets, external-secrets]\n',
    )
    return expand(
        descriptions.platform(
            f"{text}components:\n"
            f"  endpoints: {{kind: secret, sensitivity: low, namespace: {namespace}, sealed: {{mail-url: {SEALED}}}}}\n"
            f"  shop: {{kind: service, image: shop, namespace: {consumer}, needs: [endpoints]}}\n"
        )
    )


@pytest.fixture(scope="module")
def high() -> Graph:
    """A secret of high sensitivity with one consumer."""
    return descriptions.graph(HIGH)


def _body(found: Graph, type: str, name: str) -> Any:
    return descriptions.named(found, type, name).body


def _variables(found: Graph) -> dict[str, Any]:
    (container,) = _body(found, "apps/v1/Deployment", "shop")["spec"]["template"]["spec"]["containers"]
    return {item["name"]: item["valueFrom"]["secretKeyRef"] for item in container["env"] if "valueFrom" in item}


def test_a_person_puts_the_value(high: Graph) -> None:
    """There is a secret under its own key, and nothing that could hold its value."""
    body = _body(high, "aws_secretsmanager_secret", "stripe")
    assert body["name"] == "shop-production/stripe"
    assert body["recovery_window_in_days"] == 30
    assert [ref.to.partition(":")[2] for ref in refs(body["kms_key_id"])] == ["aws_kms_key.stripe"]
    assert high.of_type("aws_secretsmanager_secret_version") == ()


def test_its_keys_are_variables_of_who_needs_it(high: Graph) -> None:
    """External Secrets brings each key into the consumer's namespace, where a variable names it."""
    spec = _body(high, "external-secrets.io/v1/ExternalSecret", "shop-stripe")["spec"]
    assert [item["secretKey"] for item in spec["data"]] == ["api-key", "webhook-key"]
    assert _variables(high) == {
        "STRIPE_API_KEY": {"name": "shop-stripe", "key": "api-key"},
        "STRIPE_WEBHOOK_KEY": {"name": "shop-stripe", "key": "webhook-key"},
    }


def test_external_secrets_may_read_it_and_decrypt_it(high: Graph) -> None:
    """The controller's role names this secret and this key."""
    statements = _body(high, "aws_iam_role_policy", "external_secrets")["policy"]["Statement"]
    named = {ref.to.partition(":")[2] for statement in statements for ref in refs(statement["Resource"])}
    assert named == {"aws_secretsmanager_secret.stripe", "aws_kms_key.stripe"}


def test_people_are_reminded_to_replace_it(high: Graph) -> None:
    """A schedule tells whoever is told of alarms, by a role that can do nothing else."""
    schedule = _body(high, "aws_scheduler_schedule", "stripe_reminder")
    assert schedule["schedule_expression"] == "rate(90 days)"
    assert str(schedule["target"][0]["arn"]).endswith("aws_sns_topic.alerts.arn}")
    statements = _body(high, "aws_iam_role_policy", "stripe_reminder")["policy"]["Statement"]
    assert [statement["Action"] for statement in statements] == [
        ["sns:Publish"],
        ["kms:Decrypt", "kms:GenerateDataKey"],
    ]


def test_a_reminder_needs_somebody_to_tell() -> None:
    """Without alerts nobody would hear of it."""
    with pytest.raises(InputError, match="nobody is told"):
        descriptions.graph(HIGH.partition("\n")[2])


def test_a_site_reads_its_own_copy() -> None:
    """Secrets Manager keeps a copy at the site under a key of that region; the site asks for it by its name."""
    found = descriptions.graph(SITES + HIGH)
    body = _body(found, "aws_secretsmanager_secret", "stripe")
    (replica,) = body["replica"]
    assert replica["region"] == "us-west-2"
    key = descriptions.named(found, "aws_kms_key", "stripe_west")
    assert key.region == "us-west-2"
    assert key.address.startswith("ap-northeast-2/"), "home must not wait for a site"
    there = [
        one
        for one in found.of_type("external-secrets.io/v1/ExternalSecret")
        if one.address.startswith("shop-production-west/") and one.body["metadata"]["name"] == "shop-stripe"
    ]
    assert {item["remoteRef"]["key"] for item in there[0].body["spec"]["data"]} == {"shop-production/stripe"}
    role = [
        one
        for one in found.of_type("aws_iam_role_policy")
        if one.address.startswith("us-west-2/") and one.address.endswith(".external_secrets")
    ]
    reading, decrypting = role[0].body["policy"]["Statement"]
    assert "us-west-2" in str(reading["Resource"])
    assert str(reading["Resource"]).count("shop-production/stripe-??????") == 1
    assert [ref.to for ref in refs(decrypting["Resource"])] == [key.address]


# -- low sensitivity ---------------------------------------------------------------------------------------------------


def test_a_sealed_secret_stands_in_git_as_it_was_sealed() -> None:
    """The object holds what kubeseal printed, for the one namespace that it was sealed for, and AWS nothing."""
    found = _low()
    body = _body(found, "bitnami.com/v1alpha1/SealedSecret", "endpoints")
    assert body["spec"]["encryptedData"] == {"mail-url": SEALED}
    assert body["metadata"]["namespace"] == body["spec"]["template"]["metadata"]["namespace"] == "alpha"
    assert _variables(found) == {"ENDPOINTS_MAIL_URL": {"name": "endpoints", "key": "mail-url"}}
    assert found.of_type("aws_secretsmanager_secret") == ()


@pytest.mark.needs("reference", "jsonschema")
def test_the_sealed_secret_fits_its_schema(reference: Any) -> None:
    """The controller takes the object as it is."""
    import json

    import jsonschema

    schema = json.loads((reference / "schemas" / "crds" / "bitnami.com" / "sealedsecret_v1alpha1.json").read_text())
    body = _body(_low(), "bitnami.com/v1alpha1/SealedSecret", "endpoints")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(body)) == []


def test_another_namespace_cannot_have_it() -> None:
    """Sealed for one namespace, it opens in no other; the description says so before the pods wait for it."""
    with pytest.raises(InputError, match="lies in beta"):
        _low(consumer="beta")


@pytest.mark.parametrize("value", ["hunter2-hunter2", 1234])
def test_a_value_that_is_not_sealed_is_refused_without_being_repeated(value: object) -> None:
    """Whoever pastes the value itself is told so, and the message does not spread it further."""
    with pytest.raises(InputError) as refused:
        descriptions.graph(f"components:\n  it: {{kind: secret, sensitivity: low, sealed: {{a-key: {value}}}}}\n")
    assert "kubeseal" in str(refused.value)
    assert str(value) not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("sensitivity: high", "says its `keys`"),
        ("sensitivity: low", "under `sealed`"),
        ("sensitivity: high, keys: [a-key], namespace: shop", "low sensitivity"),
        (f"sensitivity: low, sealed: {{a-key: {SEALED}}}, rotate_every: 90 d", "high sensitivity"),
    ],
)
def test_each_sensitivity_has_its_own_words(said: str, says: str) -> None:
    """What belongs to the other sensitivity is refused, so that nobody believes that it does something."""
    with pytest.raises(InputError, match=says):
        descriptions.graph(f"components:\n  it: {{kind: secret, {said}}}\n")
