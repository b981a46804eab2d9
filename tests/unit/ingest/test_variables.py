"""What variables are in source that is read without running Terraform, and what follows from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seawall.graph.resource import Resource
from seawall.ingest.estate import ingest
from seawall.ingest.terraform import terraform
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, Text, Unknown, is_known, text

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def _found(folder: Path, *more: Path) -> dict[str, Resource]:
    return {resource.address.rpartition(":")[2]: resource for resource in terraform([folder, *more])}


def _read(folder: Path, main: str, **files: str) -> dict[str, Resource]:
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(PROVIDER + main, encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("__", "/").replace("_tf", ".tf")).write_text(content, encoding="utf-8")
    return _found(folder)


VPC = 'resource "aws_vpc" "v" {\n  tags = { n = var.x }\n}\n'


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ('default = "a"', "a"),
        ("type = string\n  default = 1", "1"),
        ('type = number\n  default = "2"', 2),
        ('type = bool\n  default = "true"', True),
        ("type = set(string)\n  default = [\"b\", \"a\", \"b\"]", ["a", "b"]),
        ("type = list(object({ a = optional(bool, true), b = number }))\n  default = [{ b = 1, c = 2 }]",
         [{"a": True, "b": 1}]),
        ("type = map(string)\n  default = { a = 1 }", {"a": "1"}),
    ],
)  # fmt: skip
def test_a_default_is_the_value_where_terraform_is_run(tmp_path: Path, declared: str, value: Any) -> None:
    """A root module's default is what a plain apply uses, brought to the type of its variable."""
    found = _read(tmp_path, f'variable "x" {{\n  {declared}\n}}\n{VPC}')
    assert found["aws_vpc.v"].body["tags"] == {"n": value}


def test_a_variable_without_a_value_is_unknown_by_its_name(tmp_path: Path) -> None:
    """What nobody says stays unknown, names the variable, and spoils nothing beside it."""
    body = _read(
        tmp_path, 'variable "x" {}\nresource "aws_vpc" "v" {\n  tags = { n = var.x, m = "y" }\n  a = !var.x\n}\n'
    )
    tags = body["aws_vpc.v"].body["tags"]
    assert tags["m"] == "y"
    assert "whoever runs it sets var.x" in tags["n"].why
    assert "whoever runs it sets var.x" in body["aws_vpc.v"].body["a"].why


def test_files_of_values_come_before_defaults(tmp_path: Path) -> None:
    """Terraform reads terraform.tfvars, and *.auto.tfvars over it; types hold for them as well."""
    files = {"terraform.tfvars": 'x = "one"\n', "a.auto.tfvars": 'x = "two"\n', "b.auto.tfvars.json": '{"x": 3}'}
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        found = _read(tmp_path, f'variable "x" {{\n  type = string\n  default = "none"\n}}\n{VPC}')
        expected = {"terraform.tfvars": "one", "a.auto.tfvars": "two", "b.auto.tfvars.json": "3"}[name]
        assert found["aws_vpc.v"].body["tags"] == {"n": expected}


def test_a_file_of_values_that_must_be_given(tmp_path: Path) -> None:
    """What prod.tfvars sets is unknown until that file is an input, and then what it says."""
    estate = tmp_path / "estate"
    estate.mkdir()
    values = estate / "prod.tfvars"
    values.write_text('x = "prod"\n', encoding="utf-8")
    unsaid = _read(estate, f'variable "x" {{\n  default = "dev"\n}}\n{VPC}')["aws_vpc.v"].body["tags"]["n"]
    assert isinstance(unsaid, Unknown)
    assert "sets var.x, perhaps by prod.tfvars" in unsaid.why
    assert _found(estate, values)["aws_vpc.v"].body["tags"] == {"n": "prod"}
    graph = ingest([estate, values])
    assert next(iter(graph.of_type("aws_vpc"))).body["tags"] == {"n": "prod"}


def test_values_for_nobody_are_refused(tmp_path: Path) -> None:
    """A file of values that sets nothing which the input declares, or is broken, is named."""
    _read(tmp_path, VPC)
    values = tmp_path / "prod.tfvars"
    values.write_text("y = 1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"nothing in the input declares"):
        _found(tmp_path, values)
    values.write_text("y = [\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"prod\.tfvars:"):
        _found(tmp_path, values)


def test_defaults_of_a_module_that_others_call_decide_nothing(tmp_path: Path) -> None:
    """A folder in which Terraform is not run has callers, and what they set is unknown."""
    (tmp_path / "main.tf").write_text(f'variable "x" {{\n  default = "a"\n}}\n{VPC}', encoding="utf-8")
    told = _found(tmp_path)["aws_vpc.v"].body["tags"]["n"]
    assert isinstance(told, Unknown)
    assert "whoever calls it sets var.x" in told.why


@pytest.mark.parametrize("declared", ['"x" {\n  sensitive = true', '"db_password" {'])
def test_secret_defaults_are_not_kept(tmp_path: Path, declared: str) -> None:
    """A variable that is marked as sensitive, or called like a secret, ends at the door."""
    name = declared.split('"')[1]
    found = _read(
        tmp_path,
        f'variable {declared}\n  default = "hunter2"\n}}\n'
        f'resource "aws_instance" "i" {{\n  user_data = "run ${{var.{name}}}"\n}}\n',
    )
    written = found["aws_instance.i"].body["user_data"]
    assert "hunter2" not in repr(found)
    assert [hole.why for hole in written.holes] == [SECRET]


def test_conditions_make_and_leave_out(tmp_path: Path) -> None:
    """What a condition does not make is not there, and an argument that comes out as null is left out."""
    found = _read(
        tmp_path,
        'variable "create" {\n  default = false\n}\n'
        'resource "aws_vpc" "no" {\n  count = var.create ? 1 : 0\n}\n'
        'resource "aws_vpc" "yes" {\n  count = var.create ? 0 : 1\n  cidr_block = var.create ? "a" : null\n'
        '  ids = aws_vpc.no[*].id\n  first = try(aws_vpc.no[0].id, "none")\n  many = length(aws_vpc.no)\n}\n',
    )
    assert list(found) == ["aws_vpc.yes[0]"]
    assert found["aws_vpc.yes[0]"].body == {"ids": [], "first": "none", "many": 0}


def test_modules_are_read_once_for_each_instance(tmp_path: Path) -> None:
    """A local module with count or for_each is as many modules, each with its own inputs and outputs."""
    (tmp_path / "m").mkdir()
    found = _read(
        tmp_path,
        'module "one" {\n  source = "./m"\n  for_each = { a = 1, b = 2 }\n  size = each.value\n}\n'
        'module "two" {\n  source = "./m"\n  count = 2\n  size = count.index\n}\n'
        'module "none" {\n  source = "./m"\n  count = 0\n}\n'
        'resource "aws_lb" "l" {\n  subnets = concat([module.one["a"].id], module.two[*].id)\n'
        "  all = [for m in module.one : m.id]\n}\n",
        m__main_tf='variable "size" {\n  type = string\n}\n'
        'resource "aws_subnet" "s" {\n  size = var.size\n}\noutput "id" {\n  value = aws_subnet.s.id\n}\n',
    )
    sizes = {path: resource.body["size"] for path, resource in found.items() if resource.type == "aws_subnet"}
    assert sizes == {
        'module.one["a"].aws_subnet.s': "1",
        'module.one["b"].aws_subnet.s': "2",
        "module.two[0].aws_subnet.s": "0",
        "module.two[1].aws_subnet.s": "1",
    }
    ids = [ref.to.rpartition(":")[2] for name in ("subnets", "all") for ref in found["aws_lb.l"].body[name]]
    assert ids == [
        'module.one["a"].aws_subnet.s', "module.two[0].aws_subnet.s", "module.two[1].aws_subnet.s",
        'module.one["a"].aws_subnet.s', 'module.one["b"].aws_subnet.s',
    ]  # fmt: skip


def test_a_null_that_is_passed_is_the_default_only_where_null_is_refused(tmp_path: Path) -> None:
    """Terraform takes null for a value unless the variable says nullable = false."""
    (tmp_path / "m").mkdir()
    found = _read(
        tmp_path,
        'module "m" {\n  source = "./m"\n  a = null\n  b = null\n}\n',
        m__main_tf='variable "a" {\n  default = "x"\n}\nvariable "b" {\n  default = "y"\n  nullable = false\n}\n'
        'resource "aws_vpc" "v" {\n  tags = { a = var.a, b = var.b }\n}\n',
    )
    assert found["module.m.aws_vpc.v"].body["tags"] == {"a": None, "b": "y"}


def test_dynamic_blocks_of_known_values_are_written_out(tmp_path: Path) -> None:
    """A dynamic block is its blocks after those beside it, in the order of Terraform; none at all is no argument."""
    found = _read(
        tmp_path,
        'variable "ports" {\n  default = { b = 2, a = 1 }\n}\n'
        'resource "aws_security_group" "g" {\n  ingress {\n    from_port = 9\n  }\n'
        '  dynamic "ingress" {\n    for_each = var.ports\n    content {\n      from_port = ingress.value\n'
        '      description = "for ${ingress.key}"\n    }\n  }\n'
        '  dynamic "egress" {\n    for_each = [for p in var.ports : p if p > 2]\n    content {}\n  }\n'
        '  dynamic "timeouts" {\n    for_each = toset(["x"])\n    iterator = it\n'
        "    content {\n      create = it.value\n    }\n  }\n}\n",
    )
    body = found["aws_security_group.g"].body
    assert body["ingress"] == [
        {"from_port": 9},
        {"from_port": 1, "description": "for a"},
        {"from_port": 2, "description": "for b"},
    ]
    assert "egress" not in body
    assert body["timeouts"] == [{"create": "x"}]


def test_a_resource_may_say_its_own_region(tmp_path: Path) -> None:
    """Since version 6 of AWS's provider a resource may lie elsewhere than its provider; null is no region."""
    found = _read(
        tmp_path,
        'variable "r" {\n  default = null\n}\nvariable "q" {}\n'
        'resource "aws_vpc" "here" {\n  region = var.r\n}\nresource "aws_vpc" "there" {\n  region = "us-east-1"\n}\n'
        'resource "aws_vpc" "somewhere" {\n  region = var.q\n}\n',
    )
    assert [found[f"aws_vpc.{name}"].region for name in ("here", "there")] == ["eu-west-1", "us-east-1"]
    assert isinstance(found["aws_vpc.somewhere"].region, Unknown)


def test_values_that_rest_on_themselves_end(tmp_path: Path) -> None:
    """Circles of counts, locals and modules, and locals that double themselves, end as unknown."""
    doubled = "".join(f'  l{n} = ["${{local.l{n - 1}[0]}}x", local.l{n - 1}, local.l{n - 1}]\n' for n in range(1, 60))
    (tmp_path / "m").mkdir()
    found = _read(
        tmp_path,
        'resource "aws_vpc" "a" {\n  count = length(aws_vpc.b)\n}\n'
        'resource "aws_vpc" "b" {\n  count = length(aws_vpc.a)\n}\n'
        'module "m" {\n  source = "./m"\n  x = module.m.y\n}\n'
        f'locals {{\n  l0 = ["x"]\n{doubled}}}\nresource "aws_vpc" "c" {{\n  tags = local.l59\n}}\n',
        m__main_tf='variable "x" {}\noutput "y" {\n  value = var.x\n}\n'
        'resource "aws_vpc" "d" {\n  tags = { x = var.x }\n}\n',
    )
    assert all(isinstance(found[f"aws_vpc.{name}"].meta["count"], Unknown) for name in "ab")
    assert not is_known(found["aws_vpc.c"].body["tags"])
    assert isinstance(found["module.m.aws_vpc.d"].body["tags"]["x"], Unknown)


def test_what_is_not_known_spoils_no_more_than_it_must(tmp_path: Path) -> None:
    """An element leaves the others, one side may decide, and both sides alike are the value."""
    found = _read(
        tmp_path,
        'variable "u" {}\nresource "aws_vpc" "v" {\n  list = [var.u, "b"]\n'
        "  and = var.u && false\n  or = true || var.u\n"
        '  same = var.u ? "x" : "x"\n  null = aws_vpc.w.id == null\n  set = coalesce(null, "", aws_vpc.w.id)\n'
        '  open = aws_vpc.w.name == null\n  text = format("%s-%02d", aws_vpc.w.id, 7)\n  tried = try(var.u.x, "y")\n'
        "  number = length([var.u, var.u])\n}\n",
    )
    body = found["aws_vpc.v"].body
    vpc = Ref(found["aws_vpc.v"].address.replace("aws_vpc.v", "aws_vpc.w"), "id")  # type: ignore[arg-type]
    assert body["list"][1] == "b"
    assert (body["and"], body["or"], body["same"], body["null"], body["number"]) == (False, True, "x", False, 2)
    assert (body["set"], body["text"]) == (vpc, text(vpc, "-07"))
    assert all(isinstance(item, Unknown) for item in (body["list"][0], body["open"], body["tried"]))


def test_whole_resources_may_be_passed_on(tmp_path: Path) -> None:
    """A resource as a whole goes through locals, outputs and variables until a part is asked for; a body holds none."""
    (tmp_path / "m").mkdir()
    (tmp_path / "n").mkdir()
    found = _read(
        tmp_path,
        'module "m" {\n  source = "./m"\n}\nmodule "n" {\n  source = "./n"\n  vpc = module.m.vpc\n}\n'
        "locals {\n  all = module.m.subnets\n}\n"
        'resource "aws_lb" "l" {\n  subnets = [for s in local.all : s.id]\n  whole = module.m.vpc\n'
        '  text = "x-${module.m.vpc}"\n}\n'
        'resource "aws_eip" "e" {\n  for_each = local.all\n  subnet = each.value.arn\n}\n',
        m__main_tf='resource "aws_vpc" "v" {\n  count = 1\n}\n'
        'resource "aws_subnet" "s" {\n  for_each = toset(["a", "b"])\n}\n'
        'output "vpc" {\n  value = true ? aws_vpc.v[0] : null\n}\noutput "subnets" {\n  value = aws_subnet.s\n}\n',
        n__main_tf='variable "vpc" {}\nresource "aws_subnet" "t" {\n  vpc_id = var.vpc.id\n}\n',
    )
    network = found["module.n.aws_subnet.t"].body["vpc_id"]
    assert (network.to.rpartition(":")[2], network.attr) == ("module.m.aws_vpc.v[0]", "id")
    body = found["aws_lb.l"].body
    assert [ref.to.rpartition(":")[2] for ref in body["subnets"]] == [f'module.m.aws_subnet.s["{key}"]' for key in "ab"]
    assert found['aws_eip.e["a"]'].body["subnet"].attr == "arn"
    assert isinstance(body["whole"], Unknown)
    assert all(isinstance(part, str | Unknown) for part in body["text"].parts)


def test_here_documents_within_expressions(tmp_path: Path) -> None:
    """Text between markers may stand in a list or a call, with brackets and quotation marks of its own."""
    found = _read(
        tmp_path,
        'resource "aws_vpc" "v" {\n  list = [<<-EOF\n      {"a": "${1 + 1}",\n        ]"\n    EOF\n    , "b"]\n'
        "  upper = upper(<<EOF\nx\nEOF\n  )\n}\n",
    )
    assert found["aws_vpc.v"].body == {"list": ['{"a": "2",\n  ]"\n', "b"], "upper": "X\n"}


def test_a_tuple_brings_each_of_its_elements_to_its_type(tmp_path: Path) -> None:
    """A set is of one type and sorted, a map of any type of one, and each place of a tuple has its own."""
    found = _read(
        tmp_path,
        'provider "aws" {}\n'
        'variable "t" {\n  type = tuple([string, number])\n  default = [1, "2"]\n}\n'
        'variable "s" {\n  type = set(number)\n  default = ["443", 80, 80]\n}\n'
        'variable "m" {\n  type = map(any)\n  default = { a = 1, b = "x" }\n}\n'
        'locals {\n  set = toset(["b", "a"])\n}\n'
        'resource "aws_vpc" "v" {\n  t = var.t\n  s = [for p in var.s : p]\n  m = var.m\n'
        "  k = { for k, v in local.set : k => v }\n}\n",
    )
    assert found["aws_vpc.v"].body == {
        "t": ["1", 2],
        "s": [80, 443],
        "m": {"a": "1", "b": "x"},
        "k": {"a": "a", "b": "b"},
    }


def test_modules_and_text_that_multiply_without_end_are_told_as_unread(tmp_path: Path) -> None:
    """Modules that each make a hundred of the next, and text that doubles, end soon and say so."""
    for number in range(4):
        (tmp_path / f"m{number}").mkdir()
        (tmp_path / f"m{number}" / "main.tf").write_text(
            f'module "x" {{\n  source = "../m{number + 1}"\n  count = 100\n}}\n' if number < 3 else "", encoding="utf-8"
        )
    doubled = "".join(f'  s{n + 1} = "${{local.s{n}}}${{local.s{n}}}"\n' for n in range(60))
    found = _read(
        tmp_path,
        'module "x" {\n  source = "./m0"\n}\n'
        f'locals {{\n  s0 = "xxxxxxxxxx"\n{doubled}}}\nresource "aws_vpc" "v" {{\n  text = local.s60\n}}\n',
    )
    assert len(found) < 10_000
    assert any(
        resource.type == "module" and "more than are read" in resource.body["why"] for resource in found.values()
    )
    assert isinstance(found["aws_vpc.v"].body["text"], Unknown | Text)
