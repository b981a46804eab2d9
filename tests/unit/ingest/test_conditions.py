"""Finding the places where a source decides by a condition."""

from __future__ import annotations

from pathlib import Path

from seawall.ingest.conditions import conditions

SOURCE = """
# resource "aws_no" "comment" { a = x ? y : z }
locals {
  plain  = aws_vpc.main.id
  chosen = aws_vpc.main.id == "?" ? 1 : 2
  passed = local.chosen
}
resource "aws_thing" "a" {
  text   = "is it? no" # a ? in a comment
  url    = "http://x/${local.plain}"
  direct = var.x ? 1 : 2
  lines = [
    for item in var.items : item if item != ""
  ]
  block {
    inner = "${var.x ? 1 : 2}"
  }
  dynamic "made" {
    for_each = var.x ? [1] : []
    content {}
  }
  policy = <<-EOT
    { "a" = "${var.x ? 1 : 2}" }
  EOT
  last = 1
}
module "m" {
  source = "./m"
  input  = local.passed
}
output "o" {
  value = var.x ? 1 : 2
}
"""


def test_every_site_is_found_and_no_text(tmp_path: Path) -> None:
    """Conditions are found in arguments, blocks, dynamic blocks, locals, calls and outputs; a question mark is text."""
    (tmp_path / "main.tf").write_text(SOURCE)
    found = conditions(tmp_path)
    assert found.arguments == {("aws_thing.a", name) for name in ("direct", "lines", "block", "made", "policy")}
    assert found.names == {"local.chosen", "local.passed", "module.m.input", "output.o"}


def test_json_is_searched_too(tmp_path: Path) -> None:
    """A condition in Terraform's JSON syntax is found within its template."""
    (tmp_path / "main.tf.json").write_text(
        '{"resource": {"aws_thing": {"a": {"x": "really?", "y": "${var.x ? 1 : 2}"}}}, "locals": {"z": "${a ? b : c}"}}'
    )
    found = conditions(tmp_path)
    assert found.arguments == {("aws_thing.a", "y")}
    assert found.names == {"local.z"}
