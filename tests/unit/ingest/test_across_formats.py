"""One thing that several formats name is one thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.analyze.trust import role_of
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Statement
from seawall.ingest.estate import ingest
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

ACCOUNT = "arn:aws:iam::111122223333:role/"
MANIFEST = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: orders, namespace: shop, annotations: {{eks.amazonaws.com/role-arn: "{ACCOUNT}orders-app"}}}}
"""
TRUST: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
SOURCES = {
    "main.tf.json": {
        "resource": {"aws_iam_role": {"app": {"name": "orders-app", "assume_role_policy": json.dumps(TRUST)}}}
    },
    "state.json": {
        "format_version": "1.0",
        "terraform_version": "1.11.0",
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_iam_role.app",
                        "mode": "managed",
                        "type": "aws_iam_role",
                        "name": "app",
                        "values": {"name": "orders-app", "arn": f"{ACCOUNT}orders-app", "id": "orders-app"},
                    }
                ]
            }
        },
    },
    "stack.json": {
        "Resources": {
            "App": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": "orders-app", "AssumeRolePolicyDocument": TRUST},
            }
        }
    },
    "orders.json": {"RoleName": "orders-app", "AssumeRolePolicyDocument": TRUST},
    "orders-app.trust.json": TRUST,
}  # fmt: skip


def estate(folder: Path, **files: Any) -> Facts:
    """What a folder of these files says."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
    return facts_of(ingest([folder]))


@pytest.mark.parametrize("source", SOURCES)
def test_the_role_of_an_annotation_is_the_one_that_anything_makes(source: str, tmp_path: Path) -> None:
    """A service account's role is found by its ARN, be it of source, a state, a template, an export or a bare file."""
    found = estate(tmp_path, **{"account.yaml": MANIFEST, source: SOURCES[source]})
    (taken,) = [each for each in found.all(Assumes) if each.means == "irsa"]
    assert taken.account == Address("cluster/ServiceAccount/shop/orders")
    role = role_of(found, taken)
    assert role is not None
    assert role in {
        Address(f"/{tmp_path.name}:aws_iam_role.app"),
        Address("/state:aws_iam_role.app"),
        Address("stack/App"),
        Address("iam/role.orders-app"),
    }


def test_a_state_s_arns_are_known_everywhere(tmp_path: Path) -> None:
    """A key's ARN tells nothing but by the state that has it, and then in a policy of another file, too."""
    arn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    key = {"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "values": {"arn": arn}}
    state = {
        "format_version": "1.0",
        "terraform_version": "1.11.0",
        "values": {"root_module": {"resources": [key]}},
    }
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": [arn]}]}
    export = {"RoleName": "orders-app", "PolicyName": "key", "PolicyDocument": policy}
    found = estate(tmp_path, **{"state.json": state, "key.json": export})
    (statement,) = [each for each in found.all(Statement) if each.kind == "identity"]
    assert [str(resource) for resource in statement.resources] == ["${eu-west-1/state:aws_kms_key.k.arn}"]


def test_a_policy_of_a_file_is_attached_to_a_role_of_a_template(tmp_path: Path) -> None:
    """An attachment names its role by its name, whoever makes it, and a bare policy adds to it."""
    attached = {"RoleName": "orders-app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    found = estate(tmp_path, **{"stack.json": SOURCES["stack.json"], "a.json": attached})
    (carried,) = found.all(Attaches)
    assert carried.principal == Address("stack/App")


def test_lists_and_hooks_of_a_rendered_chart(tmp_path: Path) -> None:
    """What Helm renders is read with its lists and its hooks, each object once."""
    hook = 'metadata: {name: migrate, annotations: {"helm.sh/hook": pre-install}}'
    rendered = f"""---
# Source: shop/templates/list.yaml
apiVersion: v1
kind: List
items:
  - {{apiVersion: v1, kind: ServiceAccount, metadata: {{name: a}}}}
  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: b}}}}
---
# Source: shop/templates/empty.yaml
---
# Source: shop/templates/hook.yaml
apiVersion: batch/v1
kind: Job
{hook}
spec: {{template: {{spec: {{containers: []}}}}}}
---
apiVersion: v1
kind: ConfigMapList
items:
  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}}}
"""
    (tmp_path / "rendered.yaml").write_text(rendered, encoding="utf-8")
    assert {str(resource.address) for resource in ingest([tmp_path / "rendered.yaml"])} == {
        "cluster/ServiceAccount/default/a",
        "cluster/ConfigMap/default/b",
        "cluster/ConfigMap/default/c",
        "cluster/Job/default/migrate",
    }
