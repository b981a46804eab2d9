"""Reaching a cluster: a token that names it, and a kubeconfig without a secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from seawall.deploy import kubeconfig
from seawall.deploy.rendered import Rendered
from seawall.deploy.target import Cloud

pytestmark = pytest.mark.needs("emulator")  # boto3


def test_a_token_is_a_signed_question_that_names_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """EKS asks STS the presigned question; the cluster's name is among what is signed, so it serves no other."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-seen")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    token = kubeconfig.token(Cloud({}), "petclinic", "eu-west-1")
    prefix, _, coded = token.partition(".")
    url = urlsplit(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode())
    query = parse_qs(url.query)
    assert prefix == "k8s-aws-v1"
    assert url.hostname == "sts.eu-west-1.amazonaws.com"
    assert query["Action"] == ["GetCallerIdentity"]
    assert "x-k8s-aws-id" in query["X-Amz-SignedHeaders"][0].split(";")
    assert "not-to-be-seen" not in token


def test_a_kubeconfig_holds_no_secret(tmp_path: Path) -> None:
    """It names the cluster's address and certificate and the program that asks for a token, and nothing else."""
    body = {"resource": {"aws_eks_cluster": {"main": {"name": "petclinic", "version": "1.36"}}}}
    backend = {"terraform": {"backend": {"s3": {"bucket": "b", "key": "k", "region": "eu-west-1"}}}}
    files = [
        ("terraform/eu-west-1/cluster/main.tf.json", json.dumps(body).encode()),
        ("terraform/eu-west-1/cluster/terraform.tf.json", json.dumps(backend).encode()),
    ]

    class Eks:
        def describe_cluster(self, name: str) -> dict[str, Any]:
            cluster = {"endpoint": "https://x.eks.example", "certificateAuthority": {"data": "Q0E="}}
            return {"cluster": {"name": name, **cluster}}

    run: Any = SimpleNamespace(
        rendered=Rendered.of_files(files),
        cloud=SimpleNamespace(client=lambda service, region: Eks()),
        place=SimpleNamespace(run=tmp_path),
    )
    path = kubeconfig.write(run)
    assert path is not None
    config = json.loads(path.read_text())
    assert config["clusters"][0]["cluster"]["server"] == "https://x.eks.example"
    assert config["users"][0]["user"].keys() == {"exec"}
    assert config["users"][0]["user"]["exec"]["args"][-2:] == ["petclinic", "eu-west-1"]
    assert path.stat().st_mode & 0o077 == 0
