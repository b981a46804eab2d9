"""What a module that was not read may open is not certainly blocked, and what it cannot name is."""

from __future__ import annotations

import json

import pytest

from networks import public_subnet
from seawall.analyze.reachability.from_internet import INTERNET, from_internet
from seawall.cli.input import load_graph
from seawall.cli.main import main
from seawall.facts.demands import Reach
from seawall.kernel.address import Address
from seawall.readers.read import facts_of

ESTATE = (
    public_subnet(by_default=False)
    + """
resource "aws_security_group" "w" { vpc_id = aws_vpc.v.id }
resource "aws_instance" "w" {
  subnet_id = aws_subnet.s.id
  vpc_security_group_ids = [aws_security_group.w.id]
  associate_public_ip_address = PUBLIC
}
module "else" {
  source = "terraform-aws-modules/x/aws"
  ARGUMENT
}
"""
)


@pytest.mark.parametrize(
    ("public", "argument", "answer"),
    [
        ("true", "vpc_id = aws_vpc.v.id", "refuted"),
        ("true", "subnets = [aws_subnet.s.id]", "refuted"),
        ("true", "groups = [aws_security_group.w.id]", "unknown"),
        ("false", "groups = [aws_security_group.w.id]", "refuted"),
        ("false", "targets = { a = { id = aws_instance.w.id } }", "unknown"),
    ],
)
def test_a_module_opens_what_it_is_given_alone(tmp_path, public, argument, answer) -> None:
    """A group that a module is given may get rules from it, and an instance an address; networks change nothing."""
    (tmp_path / "main.tf").write_text(ESTATE.replace("PUBLIC", public).replace("ARGUMENT", argument))
    facts = facts_of(load_graph([str(tmp_path)], None)[1])
    path = from_internet(facts, Reach(INTERNET, Address(f"/{tmp_path.name}:aws_instance.w"), 22))
    assert str(path.verdict.answer) == answer
    if answer == "unknown":
        assert "module.else" in path.missing[0].what


def test_an_instance_that_says_a_module_s_group_of_targets_is_its_is_perhaps_behind_it(tmp_path) -> None:
    """Who puts itself into what a module makes may be reached by it."""
    own = 'resource "aws_lb_target_group_attachment" "a" {\n  target_group_arn = module.else.arn\n'
    attached = f"{own}  target_id = aws_instance.w.id\n}}\n"
    (tmp_path / "main.tf").write_text(ESTATE.replace("PUBLIC", "false").replace("ARGUMENT", "") + attached)
    facts = facts_of(load_graph([str(tmp_path)], None)[1])
    path = from_internet(facts, Reach(INTERNET, Address(f"/{tmp_path.name}:aws_instance.w"), 22))
    assert path.verdict.unknown


@pytest.mark.parametrize("module", [True, False])
def test_what_is_exposed_says_what_was_not_read(tmp_path, capsys, module) -> None:
    """Beside a module that was not read nobody says that nothing of the input is reached."""
    text = ESTATE.replace("PUBLIC", "false").replace("ARGUMENT", "")
    (tmp_path / "main.tf").write_text(text if module else text[: text.index("module")])
    assert main(["reach", str(tmp_path), "--exposed"]) == 0
    said = capsys.readouterr().out
    assert ("nothing of the input is reached" in said) is not module
    assert ("module.else" in said) is module
    assert main(["reach", str(tmp_path), "--exposed", "--format", "json"]) == 0
    unread = json.loads(capsys.readouterr().out)["unread"]
    assert len(unread) == int(module)
