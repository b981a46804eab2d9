"""Reading Terraform's state, where every reference has become a value."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.ingest.state import state
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, text

BUCKET = "arn:aws:s3:::files"
ROLE = "arn:aws:iam::123456789012:role/app"


def _resource(address: str, /, sensitive: Any = None, **values: Any) -> dict[str, Any]:
    type, name = address.rpartition("[")[0].split(".")[-2:] if address.endswith("]") else address.split(".")[-2:]
    return {
        "address": address,
        "mode": "managed",
        "type": type,
        "name": name,
        "values": values,
        "sensitive_values": sensitive or {},
    }


def _state(*resources: dict[str, Any], **children: list[dict[str, Any]]) -> dict[str, Any]:
    below = [{"address": f"module.{name}", "resources": inside} for name, inside in children.items()]
    return {"values": {"root_module": {"resources": list(resources), "child_modules": below}}}


def _bodies(content: dict[str, Any]) -> dict[str, Any]:
    return {item.address.partition(":")[2]: item.body for item in state(content, name="live")}


def _ref(path: str, attr: str) -> Ref:
    return Ref(Address(f"eu-west-1/live:{path}"), attr)


def test_ids_and_arns_become_references() -> None:
    """What tells by itself whom it names is linked: an id with its kind, an ARN, an ARN within a document."""
    zone = {"availability_zone": "eu-west-1a"}
    bodies = _bodies(
        _state(
            _resource("aws_vpc.main", id="vpc-0123456789abcdef0", cidr_block="10.0.0.0/16"),
            _resource('aws_subnet.a["x"]', id="subnet-01234567", vpc_id="vpc-0123456789abcdef0", **zone),
            _resource("aws_s3_bucket.files", id="files", arn=BUCKET, bucket="files"),
            _resource("aws_s3_bucket.other", id="files-2", arn=f"{BUCKET}-2", bucket="files-2"),
            _resource(
                "aws_iam_role_policy.p", id="app:p", role="app", policy=f'{{"Resource": ["{BUCKET}/*", "{BUCKET}-2"]}}'
            ),
            db=[
                _resource("module.db.aws_db_subnet_group.g", id="g", subnet_ids=["subnet-01234567", "subnet-89abcdef"])
            ],
        )
    )
    assert bodies['aws_subnet.a["x"]'] == {"vpc_id": _ref("aws_vpc.main", "id"), **zone}
    assert bodies["module.db.aws_db_subnet_group.g"] == {
        "subnet_ids": [_ref('aws_subnet.a["x"]', "id"), "subnet-89abcdef"]
    }
    files, other = _ref("aws_s3_bucket.files", "arn"), _ref("aws_s3_bucket.other", "arn")
    assert bodies["aws_iam_role_policy.p"]["policy"] == text('{"Resource": ["', files, '/*", "', other, '"]}')


def test_names_are_not_linked_by_value_alone() -> None:
    """A role's id is its name, and other things have the same name: only a declared link may join those."""
    bodies = _bodies(
        _state(
            _resource("aws_iam_role.app", id="app", arn=ROLE, name="app"),
            _resource("aws_db_subnet_group.app", id="app", name="app"),
            _resource("aws_iam_role_policy_attachment.x", role="app", policy_arn=ROLE),
        )
    )
    assert bodies["aws_iam_role_policy_attachment.x"]["role"] == "app"


def test_a_resource_does_not_name_itself() -> None:
    """Computed values that repeat a resource's own ARN are no references, and what is only computed is left out."""
    bodies = _bodies(_state(_resource("aws_iam_role.app", id="app", arn=ROLE, copy=ROLE, tags_all={"a": "b"}, x="")))
    assert bodies["aws_iam_role.app"] == {"copy": ROLE}


def test_what_is_marked_sensitive_is_not_kept() -> None:
    """State holds secrets in clear; none of them gets past the door."""
    content = _state(
        _resource(
            "aws_thing.a",
            {"token": True, "blocks": [{}, {"key": True}]},
            token="s3cret",
            blocks=[{"key": "k"}, {"key": "s3cret"}],
        ),
        _resource("aws_db_instance.a", password="s3cret"),
    )
    bodies = {item.address.partition(":")[2]: item.body for item in state(content, name="live")}
    assert "s3cret" not in repr(bodies)
    assert bodies["aws_thing.a"]["token"].why == SECRET
    assert bodies["aws_thing.a"]["blocks"][0] == {"key": "k"}


def test_a_raw_state_file_is_refused() -> None:
    """A state file as it lies in the backend is bad input, and the message says what to pass instead."""
    with pytest.raises(InputError, match="terraform show -json"):
        list(state({"version": 4, "resources": []}, name="live"))
