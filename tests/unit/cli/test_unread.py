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
