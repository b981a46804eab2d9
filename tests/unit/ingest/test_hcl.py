"""Reading Terraform's own language as far as it is static."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.facts.resilience import Repeated, Tagged, Unread
from seawall.ingest.hcl import parse
from seawall.ingest.terraform import kind_of, terraform
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import read_one

MAIN = """
# a comment with a { brace
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
locals {
  name = "shop" // said once
  tags = {
    Name    = local.name
    "a b:c" = "x ${local.name} $${y}"
  }
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = local.tags
  lifecycle {
    ignore_changes = [tags["x"], cidr_block]
  }
}
resource "aws_subnet" "a" {
  for_each          = toset(["a", "c"])
  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1${each.key}"
  depends_on        = [aws_vpc.main]
}
resource "aws_iam_role_policy" "p" {
  provider = aws.us
  policy   = <<-EOT
    {"Resource": "${aws_vpc.main.arn}/*",
      "Other": "${var.other}"}
  EOT
}
resource "aws_security_group" "g" {
  ingress {
    from_port = 1
  }
  ingress { from_port = 2 }
  dynamic "egress" {
    for_each = var.rules
    content { security_groups = [aws_security_group.o.id] }
  }
}
module "db" {
  source    = "./modules/db"
  vpc       = aws_vpc.main.id
  providers = {
    aws = aws.us
  }
}
resource "aws_route53_record" "db" {
  records = [module.db.host]
}
"""
DB = """
variable "vpc" {}
variable "size" { default = 20 }
resource "aws_db_instance" "db" {
  vpc_id            = var.vpc
  allocated_storage = var.size
}
output "host" { value = aws_db_instance.db.address }
"""


@pytest.fixture
def found(tmp_path: Path) -> dict[str, object]:
    """The resources of the source above, by path."""
    folder = tmp_path / "net"
    (folder / "modules" / "db").mkdir(parents=True)
    (folder / "main.tf").write_text(MAIN)
    (folder / "modules" / "db" / "main.tf").write_text(DB)
    return {item.address.partition(":")[2]: item for item in terraform([tmp_path])}


def _ref(path: str, attr: str) -> Ref:
    return Ref(Address(f"eu-west-1/net:{path}"), attr)


def test_static_source_is_read_exactly(found: dict[str, object]) -> None:
    """Locals, templates, escapes, heredocs, blocks and for_each over literals mean what Terraform says they mean."""
    assert found["aws_vpc.main"].body["tags"] == {"Name": "shop", "a b:c": "x shop ${y}"}
    assert found['aws_subnet.a["c"]'].body == {"vpc_id": _ref("aws_vpc.main", "id"), "availability_zone": "eu-west-1c"}
    assert found["aws_security_group.g"].body["ingress"] == [{"from_port": 1}, {"from_port": 2}]
    policy = found["aws_iam_role_policy.p"].body["policy"]
    assert policy.parts[:3] == ('{"Resource": "', _ref("aws_vpc.main", "arn"), '/*",\n  "Other": "')
    assert isinstance(policy.parts[3], Unknown)
    assert policy.parts[4] == '"}\n'


def test_what_a_dynamic_block_makes_is_unknown(found: dict[str, object]) -> None:
    """How many blocks there are is Terraform's business; what they mention is kept."""
    egress = found["aws_security_group.g"].body["egress"]
    assert isinstance(egress, Unknown)
    assert egress.mentions == (_ref("aws_security_group.o", "id"),)


def test_meta_arguments_and_places_are_kept(found: dict[str, object]) -> None:
    """Regions, depends_on, lifecycle and lines are those of the source."""
    assert found["aws_iam_role_policy.p"].region == "us-east-1"
    assert found['aws_subnet.a["a"]'].meta["depends_on"] == (Address("eu-west-1/net:aws_vpc.main"),)
    assert found["aws_vpc.main"].meta["lifecycle"] == {"ignore_changes": ['tags["x"]', "cidr_block"]}
    lines = MAIN.splitlines()
    assert lines[found["aws_vpc.main"].origin.line - 1] == 'resource "aws_vpc" "main" {'


def test_modules_beside_the_source_are_followed(found: dict[str, object]) -> None:
    """A local module's resources are the estate's: arguments go in, defaults hold, outputs come out."""
    database = found["module.db.aws_db_instance.db"]
    assert database.body == {"vpc_id": _ref("aws_vpc.main", "id"), "allocated_storage": 20}
    assert database.region == "us-east-1"
    records = found["aws_route53_record.db"].body["records"]
    assert records == [_ref("module.db.aws_db_instance.db", "address")]
    assert "aws_db_instance.db" not in found


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ('source = "terraform-aws-modules/vpc/aws"', "its source does not lie beside its caller"),
        ('source = "./missing"', "its source does not lie beside its caller"),
        ('source = "./below"\n  count = var.many', "it has as many instances as Terraform finds out"),
        ('source = "./below"\n  for_each = var.which', "it has as many instances as Terraform finds out"),
    ],
)
def test_a_module_that_cannot_be_followed_is_told_as_unread(tmp_path: Path, call: str, why: str) -> None:
    """What such a module makes is missing, so that the call itself is told, and its outputs are not known."""
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "main.tf").write_text('resource "aws_vpc" "v" {}\noutput "id" { value = aws_vpc.v.id }\n')
    (tmp_path / "main.tf").write_text(
        f'module "vpc" {{\n  {call}\n}}\nresource "aws_subnet" "s" {{\n  vpc_id = module.vpc.id\n}}\n'
    )
    found = {resource.type: resource for resource in terraform([tmp_path])}
    subnet, module = found["aws_subnet"], found["module"]
    assert [fact for fact in read_one(module) if isinstance(fact, Unread)] == [Unread(module.address, why)]
    assert module.address.endswith(":module.vpc")
    assert (module.origin.file, module.origin.line) == (str(tmp_path / "main.tf"), 1)
    network = subnet.body["vpc_id"]
    assert isinstance(network, Unknown)
    assert f"module.vpc is not read: {why}" in network.why


def test_a_resource_of_unknown_number_says_so(tmp_path: Path) -> None:
    """One whose count or for_each only Terraform knows may not exist; one whose number is known is there so often."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_eip" "some" {\n  count = var.some ? 1 : 0\n}\n'
        'resource "aws_eip" "each" {\n  for_each = var.each\n}\n'
        'resource "aws_eip" "two" {\n  count = 2\n}\n'
        'resource "aws_eip" "none" {\n  count = 0\n}\n'
    )
    numbers = {
        resource.address.rpartition(".")[2]: [
            each.number.what for each in read_one(resource) if isinstance(each, Repeated)
        ]
        for resource in terraform([tmp_path])
    }
    assert {name: len(told) for name, told in numbers.items()} == {"some": 1, "each": 1, "two[0]": 0, "two[1]": 0}
    assert numbers["some"][0].endswith(":aws_eip.some.count")
    assert numbers["each"][0].endswith(":aws_eip.each.for_each")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('resource "a" "b" {\n  x = 1\n', 3),
        ('a "b" {\n  x = [1,\n', 3),
        ("x = 1", 1),
        ('a {\n "x" = 1\n}', 2),
        ('a {\n x = "y', 2),
    ],
)
def test_broken_source_is_bad_input(source: str, line: int) -> None:
    """A file whose structure is broken ends with its line, never with a traceback."""
    with pytest.raises(InputError, match=rf"main\.tf:{line}: "):
        parse(source, Path("main.tf"))


def test_strings_and_brackets_do_not_confuse(tmp_path: Path) -> None:
    """Brackets and comment signs within strings and templates are text."""
    source = 'locals {\n  a = "} # ${join("}", ["{"])} //" # }\n  b = [\n    "]", # [\n  ]\n}\n'
    assert parse(source, Path("x.tf")).content["locals"] == [
        {"a": '${"} # ${join("}", ["{"])} //"}', "b": '${[\n    "]", \n  ]}'}
    ]


def test_plans_and_states_are_told_from_other_json(tmp_path: Path) -> None:
    """A folder may hold any JSON; a plan and a state are known by how they begin."""
    head = '{"format_version":"1.2","terraform_version":"1.11.4",'
    for name, content in {
        "plan.json": head + '"planned_values":{}}',
        "state.json": head + '"values":{}}',
        "other.json": "{}",
        "main.tf.json": "{}",
        "main.tf": "",
        "values.yaml": "",
    }.items():
        (tmp_path / name).write_text(content)
    kinds = {file.name: kind_of(file) for file in tmp_path.iterdir()}
    assert kinds == {
        "plan.json": "plan",
        "state.json": "state",
        "other.json": None,
        "main.tf.json": "source",
        "main.tf": "source",
        "values.yaml": None,
    }


def test_strange_text_is_kept(tmp_path: Path) -> None:
    """Text with holes stays text with holes."""
    (tmp_path / "net").mkdir()
    provider = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    resource = 'resource "aws_x" "a" {\n  b = "p-${aws_vpc.main.id}-\\"q\\"\\n"\n}\n'
    (tmp_path / "net" / "main.tf").write_text(provider + resource)
    (found,) = terraform([tmp_path])
    assert found.body["b"] == text("p-", _ref("aws_vpc.main", "id"), '-"q"\n')


def test_a_region_that_a_data_source_tells_is_not_known(tmp_path: Path) -> None:
    """A provider's region may come from another state, and a tag's name from a variable: neither stops the reading."""
    (tmp_path / "main.tf").write_text(
        'variable "key" {}\n'
        'data "terraform_remote_state" "main" {\n  backend = "local"\n}\n'
        'provider "aws" {\n  region = data.terraform_remote_state.main.outputs.region\n}\n'
        'resource "aws_sqs_queue" "q" {\n  name = "q"\n  tags = { "${var.key}" = "x", plain = "y" }\n}\n',
        encoding="utf-8",
    )
    [queue] = [resource for resource in terraform([tmp_path]) if resource.type == "aws_sqs_queue"]
    assert isinstance(queue.region, Unknown)
    tags = [fact for fact in read_one(queue) if isinstance(fact, Tagged)]
    assert {(tag.key, isinstance(tag.value, Unknown)) for tag in tags} == {("*", True), ("plain", False)}
