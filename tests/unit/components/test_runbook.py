"""Where alarms say that their pages lie."""

from __future__ import annotations

import descriptions

PLATFORM = """
alerts: {email: [one@shop.example]}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small}
"""


def _description(more: str) -> str:
    found = descriptions.graph(PLATFORM + more)
    return str(descriptions.named(found, "aws_cloudwatch_metric_alarm", "orders_silent").body["alarm_description"])


def test_a_page_is_named_by_its_path_where_there_is_no_repository():
    """What is compiled holds it, wherever that is taken."""
    assert _description("").endswith(" runbooks/orders-silent.md")


def test_a_page_is_named_by_its_url_where_there_is_a_repository():
    """In the environment's folder of what is compiled, which the repository holds."""
    delivery = "delivery: {repository: https://github.com/shop/platform, branch: trunk}\n"
    page = "https://github.com/shop/platform/blob/trunk/platform/production/runbooks/orders-silent.md"
    assert _description(delivery).endswith(f" {page}")
