"""What deploy reads from rendered files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import deploy_platform
from deploy_platform import REGION
from seawall.deploy.rendered import Rendered, choose
from seawall.deploy.workplace import Workplace, write_files
from seawall.kernel.errors import InputError

PLATFORM = deploy_platform.rendered()


def test_files_alone_say_the_order() -> None:
    """From the files alone: the stacks, upstream first, their backends, and which outputs are read of which."""
    found = Rendered.of_files(PLATFORM.files)
    assert list(found.stacks) == [f"{REGION}/data", f"{REGION}/application"]
    application = found.stacks[f"{REGION}/application"]
    assert application.after == (f"{REGION}/data",)
    assert application.reads["data"] == (found.stacks[f"{REGION}/data"].backend, ("sns_topic_alarms_arn",))
    assert application.backend.key == f"tiny/test/{REGION}/application.tfstate"
    assert found.above_all([f"{REGION}/application"]) == {f"{REGION}/data"}


def test_the_graph_adds_origins_and_values() -> None:
    """From the graph: the line a resource was described on, also of an instance, and the output of a reference."""
    data = PLATFORM.stacks[f"{REGION}/data"]
    assert PLATFORM.origin(data, 'aws_s3_bucket.files["a"]').line == 3
    assert PLATFORM.values[f"${{{REGION}/data:aws_sns_topic.alarms.arn}}"] == (data.key, "sns_topic_alarms_arn")


def test_a_resource_of_another_region_is_asked_for_there() -> None:
    """A resource with an aliased provider lives in the alias's region, every other one in its stack's."""
    main = {"resource": {"aws_acm_certificate": {"cdn": {"provider": "aws.us_east_1"}, "local": {}}}}
    provider = {"provider": {"aws": [{"region": REGION}, {"alias": "us_east_1", "region": "us-east-1"}]}}
    files = [
        (path, json.dumps(main).encode() if path.endswith("data/main.tf.json") else content)
        for path, content in PLATFORM.files
    ]
    files = [
        (path, json.dumps(provider).encode() if path.endswith("data/providers.tf.json") else content)
        for path, content in files
    ]
    stack = Rendered.of_files(files).stacks[f"{REGION}/data"]
    assert stack.region_of("aws_acm_certificate.cdn") == "us-east-1"
    assert stack.region_of("aws_acm_certificate.local") == REGION


def test_stacks_are_named_short_or_whole() -> None:
    """`data` and `eu-west-1/data` are one stack; a name that could be two is refused with both."""
    assert choose(PLATFORM.stacks, ["data", f"{REGION}/data"]) == (f"{REGION}/data",)
    with pytest.raises(InputError, match="more than one stack") as refused:
        choose(["a/data", "b/data"], ["data"])
    assert "a/data, b/data" in str(refused.value)


def test_a_circle_is_refused() -> None:
    """Files that read each other in a circle end with a message, not with a wait."""
    flipped = [
        (path, content) for path, content in PLATFORM.files if "/data/" not in path or not path.endswith("main.tf.json")
    ]
    application = next(content for path, content in PLATFORM.files if path.endswith("application/data.tf.json"))
    read_back = application.replace(b"data.tfstate", b"application.tfstate")
    with pytest.raises(InputError, match="circle"):
        Rendered.of_files([*flipped, (f"terraform/{REGION}/data/data.tf.json", read_back)])


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "a..b"])
def test_a_name_cannot_leave_the_working_folder(tmp_path: Path, name: str) -> None:
    """Platform and environment name folders, so what could leave the root is refused."""
    with pytest.raises(InputError):
        Workplace(tmp_path, name, "test", "emulator")


def test_a_folder_holds_exactly_what_was_rendered(tmp_path: Path) -> None:
    """Files that are no longer rendered go, empty folders with them; a path that leaves the folder writes nothing."""
    write_files(tmp_path / "out", [("a/b.json", b"1"), ("c.json", b"2")])
    untouched = (tmp_path / "out/c.json").stat().st_mtime_ns
    write_files(tmp_path / "out", [("c.json", b"2")])
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["c.json"]
    assert (tmp_path / "out/c.json").stat().st_mtime_ns == untouched
    with pytest.raises(InputError):
        write_files(tmp_path / "out", [("d.json", b"3"), ("../e.json", b"4")])
    assert not (tmp_path / "out/d.json").exists()


def test_what_lies_beside_a_module_is_laid_out_and_never_read() -> None:
    """A function's package belongs to its stack, though it is no Terraform and no text at all."""
    package = (f"terraform/{REGION}/data/function.zip", b"PK\xff\x00")
    found = Rendered.of_files([*PLATFORM.files, package]).stacks[f"{REGION}/data"]
    assert dict(found.beside) == {"function.zip": b"PK\xff\x00"}
    assert dict(found.files) == dict(PLATFORM.stacks[f"{REGION}/data"].files)
