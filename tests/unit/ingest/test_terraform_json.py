"""Reading Terraform's JSON configuration, mostly other people's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.graph.resource import Resource
from seawall.ingest.terraform_json import terraform_json
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, Unknown, text

VPC = Ref(Address("eu-west-1/net:aws_vpc.main"), "id")


def _read(folder: Path, *, indent: int | None = 2, name: str = "main.tf.json", **content: Any) -> dict[str, Resource]:
    folder.mkdir(parents=True, exist_ok=True)
    content = {"provider": {"aws": {"region": "eu-west-1"}}} | content
    (folder / name).write_text(json.dumps(content, indent=indent), encoding="utf-8")
    return {str(resource.address): resource for resource in terraform_json(folder)}


def _body(folder: Path, written: Any, **content: Any) -> Any:
    found = _read(folder, resource={"aws_subnet": {"a": {"value": written}}}, **content)
    return found["eu-west-1/net:aws_subnet.a"].body["value"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${aws_vpc.main.id}", VPC),
        ("${ aws_vpc.main.id }", VPC),
        ("x-${aws_vpc.main.id}", text("x-", VPC)),
        ("$${x} %%{y}", "${x} %{y}"),
        (["${aws_vpc.main.id}", 1, None], [VPC, 1, None]),
        ("${[aws_vpc.main.id, \"a\"]}", [VPC, "a"]),
        ("${aws_vpc.main.tags[\"a b\"]}", Ref(VPC.to, "tags.a b")),
        ("${one(aws_vpc.main.blocks).id}", Ref(VPC.to, "blocks.0.id")),
        ("${local.both.x}", text("net-", VPC)),
        ("${jsonencode({Resource = aws_vpc.main.arn})}", text('{"Resource":"', Ref(VPC.to, "arn"), '"}')),
        ("${data.aws_region.here.name}", Ref(Address("eu-west-1/net:data.aws_region.here"), "name")),
    ],
)  # fmt: skip
def test_static_expressions_become_values(tmp_path: Path, written: Any, meant: Any) -> None:
    """What can be read without running Terraform is read exactly."""
    assert _body(tmp_path / "net", written, locals={"both": {"x": "net-${aws_vpc.main.id}"}}) == meant


@pytest.mark.parametrize(
    "written",
    [
        "${var.vpc}", "${module.net.vpc}", "${lower(aws_vpc.main.id)}", "${var.x ? aws_vpc.main.id : null}",
        "%{ if true }x%{ endif }", "${path.module}", "${aws_vpc.main.id == \"x\"}", "${aws_vpc.main}",
    ],
)  # fmt: skip
def test_what_terraform_must_work_out_is_unknown(tmp_path: Path, written: str) -> None:
    """Nothing is guessed: the Unknown names the attribute, quotes the expression and says where it stands."""
    found = _body(tmp_path / "net", written)
    assert isinstance(found, Unknown)
    assert found.what == "eu-west-1/net:aws_subnet.a.value"
    assert f"{tmp_path / 'net' / 'main.tf.json'}:" in found.why
    assert written in found.why
    assert found.mentions == ((VPC,) if "aws_vpc.main.id" in written else ())


def test_a_local_that_defines_itself_is_unknown(tmp_path: Path) -> None:
    """A circle of locals ends, and names the local."""
    found = _body(tmp_path / "net", "${local.loop}", locals={"loop": "${local.loop}"})
    assert isinstance(found, Unknown)
    assert found.what == "net:local.loop"


def test_instances_of_static_count_and_for_each_are_told_apart(tmp_path: Path) -> None:
    """A literal count or for_each becomes its instances, and a splat all of their values."""
    found = _read(
        tmp_path / "net",
        locals={"zones": ["a", "c"]},
        resource={
            "aws_subnet": {
                "zone": {"for_each": "${toset(local.zones)}", "availability_zone": "eu-west-1${each.value}"},
                "many": {"count": 2, "tags": {"n": "${count.index}"}},
                "unsaid": {"count": "${var.n}"},
            },
            "aws_lb": {
                "x": {
                    "subnets": "${aws_subnet.many[*].id}",
                    "one": '${aws_subnet.zone["a"].id}',
                    "some": "${aws_subnet.unsaid[0].id}",
                }
            },
        },
    )
    zone = found['eu-west-1/net:aws_subnet.zone["c"]']
    assert zone.body == {"availability_zone": "eu-west-1c"}
    assert found["eu-west-1/net:aws_subnet.many[1]"].body == {"tags": {"n": 1}}
    balancer = found["eu-west-1/net:aws_lb.x"].body
    assert balancer["subnets"] == [Ref(Address(f"eu-west-1/net:aws_subnet.many[{n}]"), "id") for n in (0, 1)]
    assert balancer["one"] == Ref(Address('eu-west-1/net:aws_subnet.zone["a"]'), "id")
    assert isinstance(balancer["some"], Unknown)


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_origins_point_at_the_block(tmp_path: Path, indent: int | None) -> None:
    """Every resource knows its line, however the file is laid out."""
    found = _read(
        tmp_path / "net", indent=indent, resource={"aws_vpc": {"a": {"tags": {"b": "{"}}, "b": {"cidr_block": "x"}}}
    )
    origin = found["eu-west-1/net:aws_vpc.b"].origin
    line = (tmp_path / "net" / "main.tf.json").read_text().splitlines()[origin.line - 1]
    assert '"b": {' in line
    assert indent is None or "cidr" not in line


def test_remote_states_of_the_input_are_settled(tmp_path: Path) -> None:
    """What one folder reads of another through its state is the thing itself, when both are in the input."""
    backend = {"bucket": "b", "key": "k/net"}
    _read(
        tmp_path / "net",
        terraform={"backend": {"s3": backend}},
        resource={"aws_vpc": {"main": {}}},
        output={"vpc": {"value": {"id": "${aws_vpc.main.id}"}}},
    )
    _read(
        tmp_path / "app",
        data={"terraform_remote_state": {
            "net": {"backend": "s3", "config": backend},
            "far": {"backend": "s3", "config": {"bucket": "b", "key": "elsewhere"}},
        }},
        resource={"aws_subnet": {"a": {
            "vpc_id": "${data.terraform_remote_state.net.outputs.vpc.id}",
            "far": "${data.terraform_remote_state.far.outputs.x}",
            "gone": "${data.terraform_remote_state.net.outputs.gone}",
        }}},
    )  # fmt: skip
    found = {str(resource.address): resource for resource in terraform_json(tmp_path)}
    body = found["eu-west-1/app:aws_subnet.a"].body
    assert body["vpc_id"] == VPC
    far = Address("eu-west-1/app:data.terraform_remote_state.far")
    assert body["far"] == Ref(far, "outputs.x")
    assert far in found
    assert "eu-west-1/app:data.terraform_remote_state.net" not in found
    assert isinstance(body["gone"], Unknown)
    assert "no output 'gone'" in body["gone"].why


def test_regions_come_from_the_provider(tmp_path: Path) -> None:
    """A resource is where its provider is; an alias that is not configured leaves the region unknown."""
    found = _read(
        tmp_path / "net",
        provider={"aws": [{"region": "eu-west-1"}, {"alias": "us", "region": "us-east-1"}]},
        resource={"aws_vpc": {"a": {}, "b": {"provider": "aws.us"}, "c": {"provider": "aws.other"}}},
    )
    assert [found[f"eu-west-1/net:aws_vpc.{name}"].region for name in "ab"] == ["eu-west-1", "us-east-1"]
    assert isinstance(found["eu-west-1/net:aws_vpc.c"].region, Unknown)


def test_secrets_stop_at_the_door(tmp_path: Path) -> None:
    """A password in the source is never kept; that there is one is."""
    found = _read(
        tmp_path / "net",
        resource={
            "aws_db_instance": {"a": {"password": "hunter2", "username": "u", "password_wo": None}},
            "aws_ssm_parameter": {
                "s": {"type": "SecureString", "value": "hunter2"},
                "p": {"type": "String", "value": "v"},
            },
            "aws_mq_broker": {"m": {"user": [{"password": "hunter2"}]}},
        },
    )
    assert "hunter2" not in repr([resource.body for resource in found.values()])
    assert found["eu-west-1/net:aws_db_instance.a"].body["password"].why == SECRET
    assert found["eu-west-1/net:aws_ssm_parameter.p"].body["value"] == "v"


def test_override_files_are_laid_over(tmp_path: Path) -> None:
    """An override file changes arguments of the blocks that exist, as it does for Terraform."""
    _read(tmp_path / "net", resource={"aws_vpc": {"main": {"cidr_block": "a", "tags": {}}}})
    found = _read(tmp_path / "net", name="x_override.tf.json", resource={"aws_vpc": {"main": {"cidr_block": "b"}}})
    assert found["eu-west-1/net:aws_vpc.main"].body == {"cidr_block": "b", "tags": {}}


@pytest.mark.parametrize(("content", "said"), [("{\n  nope", ":2:"), ("[]", "one object")])
def test_a_broken_file_is_bad_input(tmp_path: Path, content: str, said: str) -> None:
    """Bad input ends with the file and line, not with a traceback."""
    (tmp_path / "main.tf.json").write_text(content)
    with pytest.raises(InputError, match=r"main\.tf\.json") as caught:
        list(terraform_json(tmp_path))
    assert said in str(caught.value)
