"""What is missing from an input makes findings that rest on absence unknown, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.check.doubts import ABSENCE, SEVERAL
from seawall.check.engine import examine
from seawall.check.registry import modules
from seawall.ingest.estate import ingest
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of
from unit.check.estate import AS_OF

MODULE = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "data" {\n  bucket = "shop-data"\n  acl = "public-read"\n}\n'
GROUPS = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "db" {
  vpc_id = aws_vpc.v.id
}
resource "aws_db_subnet_group" "g" {
  subnet_ids = [aws_subnet.s.id]
}
resource "aws_db_instance" "db" {
  identifier             = "shop"
  engine                 = "mysql"
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [aws_security_group.db.id]
}
"""


def answers(folder: Path, source: str, rule: str) -> list[Answer]:
    """What one rule answers about one file of Terraform's."""
    (folder / "main.tf").write_text(f'provider "aws" {{\n  region = "eu-west-1"\n}}\n{source}')
    graph = ingest([folder])
    return [finding.answer for finding in examine(graph, facts_of(graph), select=[rule], as_of=AS_OF).findings]


def test_the_lists_name_rules_that_there_are() -> None:
    """A rule that is renamed is not quietly let go."""
    assert set(modules()) >= ABSENCE | SEVERAL


AUTOSCALER = """
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::123456789012:role/c"
  version  = "1.36"
  vpc_config {
    subnet_ids = ["subnet-1"]
  }
}
resource "aws_eks_node_group" "n" {
  cluster_name    = aws_eks_cluster.c.name
  node_group_name = "n"
  node_role_arn   = "arn:aws:iam::123456789012:role/n"
  subnet_ids      = ["subnet-1"]
  scaling_config {
    min_size     = 3
    desired_size = 3
    max_size     = 3
  }
}
resource "aws_iam_role" "a" {
  name = "a"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A" }
      Condition = { StringEquals = {
        "oidc.eks.eu-west-1.amazonaws.com/id/A:sub" = "system:serviceaccount:kube-system:cluster-autoscaler"
      } }
    }]
  })
}
"""


@pytest.mark.parametrize(("source", "rule"), [(BUCKET, "DATA-104"), (GROUPS, "NET-112"), (AUTOSCALER, "K8S-140")])
def test_what_a_module_may_add_is_not_certainly_absent(tmp_path: Path, source: str, rule: str) -> None:
    """With everything read it is refuted, beside a module that is not read it is unknown and names the module."""
    assert answers(tmp_path, source, rule) == [Answer.REFUTED]
    assert answers(tmp_path, source + MODULE, rule) == [Answer.UNKNOWN]
    graph = ingest([tmp_path])
    (finding,) = examine(graph, facts_of(graph), select=[rule], as_of=AS_OF).findings
    assert any("module.vpc: the module is not read" in line for line in finding.evidence)


def test_what_a_resource_says_of_itself_stays_certain(tmp_path: Path) -> None:
    """A version that is out of support is so, whatever else a module makes."""
    cluster = """
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::123456789012:role/c"
  version  = "1.28"
  vpc_config {
    subnet_ids = module.vpc.private_subnets
  }
}
"""
    assert answers(tmp_path, cluster + MODULE, "TF-003") == [Answer.REFUTED]


def test_what_may_not_be_made_at_all_is_said_to_be_so(tmp_path: Path) -> None:
    """A bucket whose number is a variable's is wrong wherever it is made, and the finding says that it may not be."""
    (tmp_path / "main.tf").write_text(BUCKET.replace("{\n", "{\n  count = var.some ? 1 : 0\n", 1))
    graph = ingest([tmp_path])
    (finding,) = examine(graph, facts_of(graph), select=["DATA-104"], as_of=AS_OF).findings
    assert finding.answer is Answer.REFUTED
    assert finding.evidence[-1].endswith("none may be: " + f"{finding.addresses[0]}.count")
