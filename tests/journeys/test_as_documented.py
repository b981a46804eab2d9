"""What a person learns of genai-demo as its documents have it: their own list, what they missed, and nothing else.

The list is ``as_documented/expected.yaml``, written by hand from the documents before Seawall was run on them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(str(files("seawall.platforms"))) / "genai-demo" / "as_documented"
NAME = "genai-demo/as_documented"
ENVIRONMENTS = ("production", "staging", "dr", "development")


def seawall(*words: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "seawall", *map(str, words)],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def asked(*words: object) -> tuple[int, dict[str, Any]]:
    """The exit status and the JSON of a question about permissions."""
    answer = seawall("permissions", *words, "--format", "json")
    assert answer.returncode in (0, 1), answer.stderr
    return answer.returncode, json.loads(answer.stdout)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """The list."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "expected.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def gaps() -> list[dict[str, Any]]:
    """What the command finds."""
    status, found = asked("gaps", NAME)
    assert status == 1
    return list(found["gaps"])


def place(source: str) -> tuple[str, str]:
    """Cluster and ``namespace/name`` of who calls; of EKS's own add-ons the account is all that the input holds."""
    cluster, _, namespace, name = source.split("/")
    return cluster, f"{namespace}/{name.removesuffix('-sa')}"


def told(items: list[dict[str, Any]], *kinds: str) -> set[tuple[str, str, str]]:
    """Cluster, pod and action of every item of these kinds."""
    return {
        (cluster, item["pod"], action)
        for item in items
        if item["kind"] in kinds
        for cluster in item["clusters"]
        for action in item["actions"]
    }


def found_of(gaps: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Cluster, pod and action of every gap."""
    return {(*place(gap["source"]), gap["action"]) for gap in gaps}


def corrected(expected: dict[str, Any]) -> set[tuple[str, str]]:
    """Pod and action of what was expected wrongly."""
    return {
        (item["pod"], action)
        for item in expected["corrections"]
        for action in item["actions"]
        if "resource" not in item
    }


def test_the_documents_own_list_is_found(expected: dict[str, Any], gaps: list[dict[str, Any]]) -> None:
    """Every permission that the second document misses, and that something documented calls, is a gap."""
    listed = told(expected["permissions"], "missing")
    assert len(listed) == 14
    assert listed <= found_of(gaps)


def test_recall_and_precision_of_the_whole_list(
    expected: dict[str, Any], gaps: list[dict[str, Any]], record_property: Any
) -> None:
    """With what the document missed, all is found but what the list itself has wrong, and nothing else is told."""
    items = expected["permissions"]
    wanted, found = told(items, "missing", "missed"), found_of(gaps)
    whole = {(cluster, item["pod"]) for item in items if item.get("whole") for cluster in item["clusters"]}
    right = {gap for gap in found if gap in wanted or gap[:2] in whole}
    recall, precision = len(wanted & found) / len(wanted), len(right) / len(found)
    record_property("recall", recall)
    record_property("precision", precision)
    assert {gap[1:] for gap in wanted - found} == corrected(expected)
    assert found - right == set()
    assert recall > 0.96
    assert precision == 1


def test_every_gap_says_where_the_chain_breaks(expected: dict[str, Any], gaps: list[dict[str, Any]]) -> None:
    """The first link that says no is the one that was expected, on the resource that was expected."""
    elsewhere = {
        (item["pod"], action): item["resource"]
        for item in expected["corrections"]
        for action in item["actions"]
        if "resource" in item
    }
    compared = 0
    for item in expected["permissions"]:
        for gap in gaps:
            cluster, pod = place(gap["source"])
            if item["kind"] not in ("missing", "missed") or pod != item["pod"] or cluster not in item["clusters"]:
                continue
            if gap["action"] in item["actions"]:
                assert gap["breaks"]["kind"] == item["link"], (gap["source"], gap["action"])
                resource = elsewhere.get((pod, gap["action"]), item["resource"])
                if "${" not in gap["resource"]:
                    assert fnmatchcase(gap["resource"], resource)
                compared += 1
            assert gap["said"]
    assert compared > 50


def test_the_other_clusters_provider_is_named(gaps: list[dict[str, Any]]) -> None:
    """Of the autoscaler in Tokyo it is said whose tokens the role trusts, and behind it what else is in the way."""
    found = [gap for gap in gaps if place(gap["source"]) == ("genai-demo-dr", "kube-system/cluster-autoscaler")]
    assert {gap["breaks"]["fault"] for gap in found} == {"other cluster's OIDC provider"}
    (nodes,) = [gap for gap in found if gap["action"] == "eks:DescribeNodegroup"]
    assert [link["kind"] for link in nodes["chain"] if link["verdict"] == "refuted"] == ["trust policy", "policy"]


def test_what_nothing_calls_is_not_asked_for(expected: dict[str, Any], gaps: list[dict[str, Any]]) -> None:
    """What the document wants granted and nothing documented calls is no gap, nor is what only looks like one."""
    assert told(expected["permissions"], "asked", "none") & found_of(gaps) == set()


def test_what_is_granted_for_nothing_is_found(expected: dict[str, Any]) -> None:
    """Excess of the one role that is deployed: every action of the list, and no other."""
    status, found = asked("excess", NAME)
    assert status == 1
    said = {
        (item["role"].rpartition(".")[2], action.strip())
        for item in found["excess"]
        for actions in (
            *item["never_needed"]["actions"],
            *(wide["action"] for wide in item["wider_than_needed"]),
            *(one["action"] for one in item["dead"]),
        )
        for action in actions.split(",")
    }
    assert said == {("autoscaler", action) for item in expected["excess"] for action in item["actions"]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_repaired_platform_has_no_gap(environment: str) -> None:
    """Of the description that was made from the documents nothing is missing, in any environment."""
    status, found = asked("gaps", "genai-demo", "--environment", environment)
    assert (status, found["gaps"]) == (0, [])


@pytest.mark.needs("kubectl")
@pytest.mark.parametrize("workload", ["genai-demo-app", "kube-system/cluster-autoscaler"])
def test_applying_the_fix_leaves_neither_gap_nor_excess(tmp_path: Path, workload: str) -> None:
    """`permissions policy -o`, taken up by Kustomize and laid beside the estate, ends every gap of that pod."""
    estate, fix = tmp_path / "estate", tmp_path / "fix"
    shutil.copytree(FOLDER, estate)
    written = seawall("permissions", "policy", estate, workload, "-o", fix)
    assert written.returncode == 0, written.stderr
    for cluster in ("genai-demo-production", "genai-demo-dr"):
        here = estate / "kubernetes" / cluster
        component = os.path.relpath(fix / "kubernetes" / cluster, here)
        resources = sorted(path.name for path in here.glob("*.yaml"))
        (here / "kustomization.yaml").write_text(yaml.safe_dump({"resources": resources, "components": [component]}))
    name = workload.rpartition("/")[2]
    _, before = asked("gaps", estate)
    _, after = asked("gaps", estate, fix)
    assert not [gap for gap in after["gaps"] if gap["source"].endswith(f"/{name}")]
    assert len(after["gaps"]) < len(before["gaps"])
    _, excess = asked("excess", estate, fix)
    assert not [item for item in excess["excess"] if "permissions-" in item["role"]]


def test_the_documents_own_design_is_short_and_too_much(tmp_path: Path, expected: dict[str, Any]) -> None:
    """The role as designed, given to the pod: two actions short, one ARN that matches nothing, and nothing in Tokyo."""
    estate = tmp_path / "estate"
    shutil.copytree(FOLDER, estate)
    with (estate / "terraform" / "eks-taipei" / "main.tf.json").open("r+") as file:
        module = json.load(file)
        module["resource"]["aws_iam_role"]["app"] = {"name": "genai-demo-production-app-role", **DESIGNED_TRUST}
        module["resource"]["aws_iam_role_policy"]["app"] = {
            "name": "genai-demo-production-app",
            "role": "${aws_iam_role.app.name}",
            "policy": {"Version": "2012-10-17", "Statement": DESIGNED},
        }
        module["data"] = {"aws_caller_identity": {"current": {}}}
        file.seek(0)
        json.dump(module, file)
        file.truncate()
    for cluster in ("genai-demo-production", "genai-demo-dr"):
        manifest = estate / "kubernetes" / cluster / "genai-demo-app.yaml"
        before = manifest.read_text()
        after = before.replace("    spec:\n      sec", "    spec:\n      serviceAccountName: genai-demo-app\n      sec")
        assert after != before
        manifest.write_text(f"{after}---\n{yaml.safe_dump(DESIGNED_ACCOUNT)}")
    _, found = asked("gaps", estate)
    gaps = [gap for gap in found["gaps"] if gap["source"].endswith("/genai-demo-app")]
    assert {(gap["action"], gap["breaks"]["fault"]) for gap in gaps if gap["source"].startswith("genai-demo-prod")} == {
        ("logs:DescribeLogGroups", "no permission"),
        ("xray:GetSamplingStatisticSummaries", "no permission"),
        ("secretsmanager:GetSecretValue", "wrong resource"),
    }
    away = [gap for gap in gaps if gap["source"].startswith("genai-demo-dr/")]
    assert {gap["breaks"]["fault"] for gap in away} == {"other cluster's OIDC provider"}
    _, more = asked("excess", estate)
    never = {
        action
        for item in more["excess"]
        if item["role"].endswith("aws_iam_role.app")
        for action in item["never_needed"]["actions"]
    }
    wanted = {action for _, pod, action in told(expected["permissions"], "asked") if not action.startswith("s")}
    wanted |= {"ssm:GetParameter", "ssm:GetParameters", "secretsmanager:DescribeSecret"}
    assert never == {*wanted, "kms:DescribeKey", "secretsmanager:GetSecretValue"}


@pytest.mark.parametrize("name", ["petclinic", "pocketbank"])
def test_the_page_of_findings_can_be_written_anew(name: str) -> None:
    """`check --format findings` writes what lies beside the platform, wherever it is called from."""
    kept = FOLDER.parent.parent / name / "FINDINGS.md"
    written = seawall(
        "check", f"{name}/as_documented", "--as-of", "2026-11-22", "--format", "findings", folder=Path("/")
    )
    assert written.returncode == 1
    assert written.stdout == kept.read_text()


REGION = {"StringEquals": {"aws:RequestedRegion": "ap-east-2"}}
HERE = "ap-east-2:123456789012"
PROVIDER = "${aws_iam_openid_connect_provider.main.%s}"
# The role of the deployment viewpoint, line 75 of the sheet of facts.
DESIGNED = [
    {
        "Effect": "Allow",
        "Action": ["cloudwatch:PutMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"],
        "Resource": "*",
        "Condition": REGION,
    },
    {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        "Resource": f"arn:aws:logs:{HERE}:log-group:/aws/genai-demo/*",
    },
    {
        "Effect": "Allow",
        "Action": [
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
        ],
        "Resource": "*",
        "Condition": REGION,
    },
    {
        "Effect": "Allow",
        "Action": ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
        "Resource": [
            f"arn:aws:ssm:{HERE}:parameter/genai-demo/production/*",
            f"arn:aws:ssm:{HERE}:parameter/genai-demo/common/*",
        ],
    },
    {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": f"arn:aws:secretsmanager:{HERE}:secret:genai-demo/production/*",
    },
    {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
        "Resource": f"arn:aws:kms:{HERE}:key/*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": [f"{name}.ap-east-2.amazonaws.com" for name in ("secretsmanager", "ssm", "logs")]
            }
        },
    },
]
DESIGNED_TRUST = {
    "assume_role_policy": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER % "arn"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        f"{PROVIDER % 'url'}:sub": "system:serviceaccount:default:genai-demo-app",
                        f"{PROVIDER % 'url'}:aud": "sts.amazonaws.com",
                    }
                },
            }
        ],
    }
}
DESIGNED_ACCOUNT = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {
        "name": "genai-demo-app",
        "namespace": "default",
        "annotations": {
            "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/genai-demo-production-app-role",
        },
    },
}
