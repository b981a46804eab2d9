"""A module that is not read is told once on stderr, and everything else is judged."""

from __future__ import annotations

import pytest

from seawall.cli.main import main

SOURCE = """
provider "aws" {
  region = "eu-west-1"
}
module "vpc" {
  source = "terraform-aws-modules/vpc/aws"
}
resource "aws_security_group" "web" {
  vpc_id = module.vpc.vpc_id
}
resource "aws_security_group" "db" {
  vpc_id = module.vpc.vpc_id
}
resource "aws_instance" "web" {
  subnet_id              = module.vpc.subnet
  vpc_security_group_ids = [aws_security_group.web.id]
}
resource "aws_instance" "db" {
  subnet_id              = module.vpc.subnet
  vpc_security_group_ids = [aws_security_group.db.id]
}
"""


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["check", "INPUT", "--select", "NET-021"], 0),
        (["reach", "INPUT", "--from", "aws_instance.web", "--to", "aws_instance.db", "--port", "5432"], 1),
        (["permissions", "gaps", "INPUT"], 0),
    ],
)
def test_a_module_that_is_not_read_is_told_and_the_rest_goes_on(command, status, tmp_path, capsys):
    """One line with the module, its place and the way to have it read; and the command's own answer."""
    (tmp_path / "main.tf").write_text(SOURCE)
    assert main([*command[: command.index("INPUT")], str(tmp_path), *command[command.index("INPUT") + 1 :]]) == status
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert ":module.vpc (" in line
    assert "main.tf:5)" in line
    assert "terraform show -json" in line
    assert said.out


def test_a_path_through_groups_that_a_module_may_open_is_not_blocked_for_certain(tmp_path, capsys):
    """No rule of the input lets it through, and one of the module may."""
    (tmp_path / "main.tf").write_text(SOURCE)
    main(["reach", str(tmp_path), "--from", "aws_instance.web", "--to", "aws_instance.db", "--port", "5432"])
    assert capsys.readouterr().out.startswith("unknown: ")


ROLE = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "s3:PutObject", Resource = "*" }]
  })
}
"""


@pytest.mark.parametrize(
    ("action", "module", "says"),
    [
        ("s3:GetObject", "", "denied"),
        ("s3:GetObject", 'module "more" {\n  source = "terraform-aws-modules/iam/aws"\n}\n', "unknown"),
        ("s3:PutObject", 'module "more" {\n  source = "terraform-aws-modules/iam/aws"\n}\n', "denied"),
    ],
)
def test_what_a_module_may_allow_is_not_denied_for_certain(action, module, says, tmp_path, capsys):
    """A module may attach a policy to any role; what a Deny forbids stays forbidden."""
    (tmp_path / "main.tf").write_text(ROLE + module)
    main(["permissions", "can", str(tmp_path), "aws_iam_role.r", action, "arn:aws:s3:::b/k"])
    assert capsys.readouterr().out.startswith(says)
