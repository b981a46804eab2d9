"""Business: credits, users, tiers, success, models and revenue, as the services themselves count them."""

from __future__ import annotations

from seawall.components.dashboards import rows
from seawall.components.dashboards.panel import Dashboard, Panel, Query, Row, Threshold, Variable
from seawall.components.dashboards.registry import lacks
from seawall.components.scope import Scope

NEEDED = {
    "active_users": ("window",),
    "credits_bought_total": ("tier",),
    "credits_spent_total": ("tier",),
    "generations_total": ("model", "status"),
    "revenue_usd_total": ("tier",),
    "users": ("tier",),
}
"""What the services have to count themselves, since nobody else can, and by which labels."""
_CHOSEN = 'namespace=~"$namespace"'


def dashboard(scope: Scope) -> Dashboard:
    """What the services count; InputError where they do not say that they do."""
    own = rows.exported(scope)
    missing = [name for name, labels in NEEDED.items() if not set(labels) <= set(own.get(name, ("?",)))]
    if missing:
        wanted = ", ".join(f"{name}: [{', '.join(NEEDED[name])}]" for name in missing)
        raise lacks(
            scope,
            "business",
            f"the metrics {', '.join(missing)}",
            f"say which services have `metrics: {{exports: {{{wanted}}}}}`",
        )
    return Dashboard(
        uid=f"{scope.platform.name}-business",
        title="Business",
        tags=(scope.platform.name, "business"),
        variables=(Variable("namespace", "namespace", "revenue_usd_total"),),
        description="What the services count is as good as their counting: the books are kept elsewhere.",
        since="now-7d",
        rows=(_now(), _users(), _use(), _money()),
    )


def _day(metric: str, by: str = "", more: str = "") -> str:
    grouped = f"sum by ({by}) " if by else "sum"
    return f"{grouped}(increase({metric}{{{_CHOSEN}{more}}}[24h]))"


def _now() -> Row:
    good = _day("generations_total", more=',status="ok"')
    return Row(
        "The last day",
        (
            Panel("Revenue", "currencyUSD", (Query(_day("revenue_usd_total")),), "stat", decimals=0),
            Panel(
                "Active users", "short", (Query(f'max(active_users{{{_CHOSEN},window="24h"}})'),), "stat", decimals=0
            ),
            Panel("Credits spent", "short", (Query(_day("credits_spent_total")),), "stat", decimals=0),
            Panel(
                "Images that came out well",
                "percentunit",
                (Query(f"{good} / ({_day('generations_total')} > 0)"),),
                "gauge",
                (Threshold(0.95, "yellow"), Threshold(0.99, "green")),
                base="red",
                least=0,
                most=1,
            ),
        ),
    )


def _users() -> Row:
    return Row(
        "Users",
        (
            Panel(
                "Active",
                "short",
                (Query(f"max by (window) (active_users{{{_CHOSEN}}})", "in {{window}}"),),
                decimals=0,
                least=0,
                description="The service counts a user once, in however many pods: the largest of their answers.",
            ),
            Panel(
                "By tier",
                "short",
                (Query(f"max by (tier) (users{{{_CHOSEN}}})", "{{tier}}"),),
                stacked=True,
                decimals=0,
                least=0,
            ),
        ),
    )


def _use() -> Row:
    good = f'sum(rate(generations_total{{{_CHOSEN},status="ok"}}[1h]))'
    return Row(
        "Images",
        (
            Panel(
                "Came out well",
                "percentunit",
                (Query(f"{good} / (sum(rate(generations_total{{{_CHOSEN}}}[1h])) > 0)", "share"),),
                thresholds=(Threshold(0.99, "green"),),
                base="red",
                most=1,
            ),
            Panel(
                "Popular models, in a day",
                "short",
                (Query(f"topk(10, {_day('generations_total', 'model')})", "{{model}}"),),
                "bargauge",
                decimals=0,
                least=0,
            ),
        ),
    )


def _money() -> Row:
    return Row(
        "Credits and revenue",
        (
            Panel(
                "Revenue by tier",
                "currencyUSD",
                (Query(_day("revenue_usd_total", "tier"), "{{tier}}"),),
                stacked=True,
                least=0,
                description="Of the day that ends there.",
            ),
            Panel(
                "Credits",
                "short",
                (
                    Query(_day("credits_bought_total", "tier"), "bought {{tier}}"),
                    Query(_day("credits_spent_total", "tier").replace("sum by", "-sum by", 1), "spent {{tier}}"),
                ),
                decimals=0,
                description="Of the day that ends there; what was spent is drawn below the line.",
            ),
        ),
    )
