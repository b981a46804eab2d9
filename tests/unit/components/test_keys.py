"""Keys of components: who may use them is stated, and logs that hold data or secrets lie under them."""

from __future__ import annotations

import pytest

import descriptions
from seawall.graph.graph import Graph
from seawall.kernel.value import Ref, render_text

COMPONENTS = """\
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small}
  sessions: {kind: cache, place: managed, class: cache.t4g.small}
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A cluster, a database and a managed cache."""
    return descriptions.graph(COMPONENTS)


def test_every_key_states_that_the_account_decides(graph: Graph) -> None:
    """No key is left to a policy that nobody wrote, and none can lock its own account out."""
    keys = list(graph.of_type("aws_kms_key"))
    assert len(keys) >= 3
    for key in keys:
        first = key.body["policy"]["Statement"][0]
        assert first["Action"] == "kms:*"
        assert render_text(first["Principal"]["AWS"], lambda hole: "ACCOUNT") == "arn:aws:iam::ACCOUNT:root"
        assert key.body["enable_key_rotation"] is True


@pytest.mark.parametrize("key", ["secrets", "orders", "sessions"])
def test_logs_under_a_key_are_the_ones_that_it_lets_in(graph: Graph, key: str) -> None:
    """A log group names a key whose policy lets CloudWatch encrypt that very group, and no other."""
    address = descriptions.named(graph, "aws_kms_key", key).address
    statement = descriptions.named(graph, "aws_kms_key", key).body["policy"]["Statement"][1]
    assert statement["Principal"] == {"Service": "logs.ap-northeast-2.amazonaws.com"}
    allowed = render_text(
        statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"], lambda hole: "ACCOUNT"
    )
    groups = [
        group
        for group in graph.of_type("aws_cloudwatch_log_group")
        if group.body.get("kms_key_id") == Ref(address, "arn")
    ]
    assert groups
    for group in groups:
        arn = f"arn:aws:logs:ap-northeast-2:ACCOUNT:log-group:{group.body['name']}"
        assert arn == allowed or (allowed.endswith("/*") and arn.startswith(allowed[:-1]))
