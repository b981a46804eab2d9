"""What is written down for a workload makes its calls possible once it lies beside the estate, in either form."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from seawall.analyze.permissions.excess import excess
from seawall.analyze.permissions.gaps import gaps
from seawall.analyze.permissions.minimal import Minimal, Tie, minimal
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
from seawall.ingest.estate import ingest
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import facts_of
from seawall.render.permissions.documents import trust
from seawall.render.permissions.manifests import patch
from seawall.render.permissions.written import FORMS, Form, document, files
from seawall.render.permissions.written import text as shown

ACCOUNT = Unknown("account", why="no input says which account this is")
OUTSIDE = Address("../Deployment/apps/orders")
POD = Address("shop/Deployment/apps/orders")
QUEUE = text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":orders")
SECRET = Address("eu-west-1/estate:aws_secretsmanager_secret.orders")
CALLS = (
    Call(POD, "sqs:SendMessage", QUEUE, "eu-west-1"),
    Call(POD, "cloudwatch:PutMetricData", "*", "eu-west-1", (("cloudwatch:namespace", ("Shop",)),)),
    Call(POD, "secretsmanager:GetSecretValue", Ref(SECRET, "arn"), "eu-west-1"),
)
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "orders", "namespace": "apps"},
    "spec": {
        "selector": {"matchLabels": {"app": "orders"}},
        "template": {
            "metadata": {"labels": {"app": "orders"}},
            "spec": {"containers": [{"name": "orders", "image": "orders"}]},
        },
    },
}


def estate(folder: Path, *, agent: bool = False, provider: bool = True) -> Path:
    """A cluster in which the pods of a Deployment run as ``default``, and a secret."""
    here = folder / "estate"
    here.mkdir()
    addon = {"agent": {"cluster_name": "${aws_eks_cluster.shop.name}", "addon_name": "eks-pod-identity-agent"}}
    issuer = {
        "url": "${aws_eks_cluster.shop.identity[0].oidc[0].issuer}",
        "client_id_list": ["sts.amazonaws.com"],
    }
    module = {
        "provider": {"aws": {"region": "eu-west-1"}},
        "resource": {
            "aws_eks_cluster": {"shop": {"name": "shop"}},
            "aws_secretsmanager_secret": {"orders": {"name": "orders"}},
            **({"aws_eks_addon": addon} if agent else {}),
            **({"aws_iam_openid_connect_provider": {"shop": issuer}} if provider else {}),
        },
    }
    (here / "main.tf.json").write_text(json.dumps(module))
    (here / "orders.yaml").write_text(yaml.safe_dump(DEPLOYMENT))
    return here


def written(least: Minimal, form: Form, folder: Path) -> Path:
    """The folder with what is written down."""
    for name, content in files(least, form):
        (folder / "fix" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "fix" / name).write_bytes(content)
    return folder / "fix"


def applied(here: Path, fix: Path) -> None:
    """Do to the estate's manifests what the component says, as Kustomize would."""
    component = fix / "kubernetes" / "shop"
    said = yaml.safe_load((component / "kustomization.yaml").read_text())
    assert said["kind"] == "Component"
    for each in said["patches"]:
        (here / "orders.yaml").write_text(
            yaml.safe_dump(_merged(DEPLOYMENT, yaml.safe_load((component / each["path"]).read_text())))
        )
    for name in said["resources"]:
        (here / name).write_bytes((component / name).read_bytes())


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _merged(one.get(key), value) for key, value in other.items()} | {
            key: value for key, value in one.items() if key not in other
        }
    return other


@pytest.mark.parametrize("agent", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_beside_the_estate_nothing_is_missing_and_nothing_too_much(tmp_path: Path, form: Form, agent: bool) -> None:
    """Read back with the estate, the role of either form leaves neither gap nor excess."""
    here = estate(tmp_path, agent=agent)
    before = facts_of(ingest([here])).and_also(CALLS)
    assert len(gaps(before)) == len(CALLS)
    fix = written(minimal(before, "orders"), form, tmp_path)
    applied(here, fix)
    after = facts_of(ingest([here, fix])).and_also(CALLS)
    if form == "json" and not agent:
        # AWS makes the issuer up, and a document that stands by itself can only say where it belongs.
        assert "ISSUER_OF_SHOP" in (fix / "iam" / "apps-orders-role.role.json").read_text()
        assert len(gaps(after)) == len(CALLS)
        return
    assert gaps(after) == ()
    assert excess(after) == ()


def test_a_missing_provider_is_made(tmp_path: Path) -> None:
    """Without what IAM trusts the cluster's tokens by, no trust policy helps."""
    here = estate(tmp_path, provider=False)
    before = facts_of(ingest([here])).and_also(CALLS)
    fix = written(minimal(before, "orders"), "terraform", tmp_path)
    module = json.loads((fix / "terraform" / "main.tf.json").read_text())
    assert module["resource"]["aws_iam_openid_connect_provider"]["shop"]["url"] == "${var.shop_issuer}"
    applied(here, fix)
    assert gaps(facts_of(ingest([here, fix])).and_also(CALLS)) == ()


def test_an_account_that_is_there_is_annotated(tmp_path: Path) -> None:
    """Its manifest is patched rather than made a second time, and the Deployment is left alone."""
    here = estate(tmp_path)
    account = Address("shop/ServiceAccount/apps/orders")
    deployment = json.loads(json.dumps(DEPLOYMENT))
    deployment["spec"]["template"]["spec"]["serviceAccountName"] = "orders"
    (here / "orders.yaml").write_text(yaml.safe_dump(deployment))
    facts = facts_of(ingest([here])).and_also([*CALLS, Principal(account, "service-account", "orders")])
    found = dict(files(minimal(facts, "orders")))
    said = yaml.safe_load(found["kubernetes/shop/kustomization.yaml"])
    assert said["patches"] == [{"path": "service-account.yaml"}]
    assert "resources" not in said
    assert set(found) == {
        "terraform/main.tf.json",
        "kubernetes/shop/kustomization.yaml",
        "kubernetes/shop/service-account.yaml",
    }


def test_every_account_is_trusted_for_nothing_but_itself(tmp_path: Path) -> None:
    """A trust policy names subject and audience, each for the issuer of its own cluster."""
    least = minimal(facts_of(ingest([estate(tmp_path)])).and_also(CALLS), "orders")
    (statement,) = trust(least)["Statement"]
    provider = Address("eu-west-1/estate:aws_iam_openid_connect_provider.shop")
    assert statement["Principal"] == {"Federated": Ref(provider, "arn")}
    assert statement["Condition"] == {
        "StringEquals": {
            text(Ref(provider, "url"), ":sub"): "system:serviceaccount:apps:orders",
            text(Ref(provider, "url"), ":aud"): "sts.amazonaws.com",
        }
    }


def test_trust_in_too_many_clusters_is_refused() -> None:
    """A trust policy may have 2,048 characters; Pod Identity needs one statement for all clusters."""
    account = Address("a/ServiceAccount/apps/orders")
    ties = tuple(Tie(f"cluster-{number}", None, "", "irsa", (), account, True) for number in range(9))
    least = Minimal("r", "", ((),), ties, (), {})
    with pytest.raises(InputError, match="longer than the 2,048"):
        trust(least)


def test_managed_policies_are_attached() -> None:
    """What does not fit inline is several policies, each attached to the role, in both forms."""
    calls = [Call(POD, "s3:GetObject", f"arn:aws:s3:::{number:04}{'x' * 50}/*") for number in range(200)]
    from seawall.facts.compute import Workload

    pod = Workload(POD, Address("shop/Namespace/apps"), (), Address("shop/ServiceAccount/apps/orders"), "Deployment", 1)
    least = minimal(Facts([pod, *calls]), "orders")
    resource = json.loads(dict(files(least))["terraform/main.tf.json"])["resource"]
    assert set(resource["aws_iam_policy"]) == set(resource["aws_iam_role_policy_attachment"])
    assert len(resource["aws_iam_policy"]) == len(least.policies) > 1
    names = {name for name, _ in files(least, "json")}
    assert {"iam/apps-orders-role-1.managed.json", "iam/apps-orders-role-1.attached.json"} < names


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("StatefulSet", ("spec", "template", "spec")),
        ("CronJob", ("spec", "jobTemplate", "spec", "template", "spec")),
        ("Pod", ("spec",)),
    ],
)
def test_every_kind_of_workload_says_its_account_in_its_place(kind: str, path: tuple[str, ...]) -> None:
    """A patch reaches the pods' own specification."""
    address = Address(f"shop/{kind}/apps/orders").as_kubernetes()
    assert address is not None
    found: Any = patch(address, "orders")
    assert found["apiVersion"] == {"StatefulSet": "apps/v1", "CronJob": "batch/v1", "Pod": "v1"}[kind]
    for step in path:
        found = found[step]
    assert found == {"serviceAccountName": "orders"}


def test_no_name_of_the_input_leads_out_of_the_folder(tmp_path: Path) -> None:
    """A cluster may be called anything; what is written for it stays in the folder that was named."""
    here = estate(tmp_path, agent=True)
    module = (here / "main.tf.json").read_text().replace('"name": "shop"', '"name": "../../$${shop}"')
    (here / "main.tf.json").write_text(module)
    least = minimal(facts_of(ingest([here], cluster="..")).and_also([replace(CALLS[0], source=OUTSIDE)]), "orders")
    for form in FORMS:
        for name, content in files(least, form):
            assert ".." not in Path(name).parts
            assert not Path(name).is_absolute()
            if name.startswith("terraform"):
                # Whatever Terraform would take for an expression is spelled as the text that it is.
                assert '"cluster_name": "../../$${shop}"' in content.decode()
    called = Address("cluster/Deployment/apps/orders")
    with pytest.raises(InputError, match="a role cannot be called"):
        minimal(facts_of(ingest([here])).and_also([replace(CALLS[0], source=called)]), "orders", "../role")
    with pytest.raises(InputError, match="a cluster cannot be called"):
        ingest([here], cluster="../shop")


@pytest.mark.needs("jsonschema")
def test_what_nobody_knows_is_said(tmp_path: Path) -> None:
    """Text and JSON list what is left to fill in, and write a star for what AWS makes up."""
    least = minimal(facts_of(ingest([estate(tmp_path)])).and_also(CALLS), "orders")
    assert f"the ARN of {SECRET}" in shown(least)
    said = document(least)
    assert "arn:aws:secretsmanager:eu-west-1:*:secret:orders-*" in json.dumps(said["policies"])
    assert said["unknown"] == list(least.holes)
    assert _mistakes(said) == []
    assert said["clusters"][0]["service_account"]["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::ACCOUNT:role/apps-orders-role"
    }


def _mistakes(document: dict[str, Any]) -> list[str]:
    """What a document has against the schema that ships."""
    import jsonschema

    schema = json.loads(resources("seawall.schemas").joinpath("permissions-policy.json").read_text("utf-8"))
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]
