"""What a cluster's Prometheus has: by whom, with which labels, and what cannot be said."""

from __future__ import annotations

from seawall.analyze.metrics import Offered, cluster_of, missing, observed, offered, open_to
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Selector
from seawall.facts.telemetry import Emits, Exports, Scraped
from seawall.kernel.address import Address

MONITOR = Address.kubernetes("one", "PodMonitor", "shop", "web")
ELSEWHERE = Address.kubernetes("two", "PodMonitor", "shop", "web")
RULE = Address.kubernetes("one", "PrometheusRule", "shop", "web")
ATTACHED = ("job", "namespace", "pod")


def labels(facts: Facts, metric: str) -> list[set[str]]:
    """The labels of a metric in the first cluster, of each that exports it."""
    return [set(each.labels) for each in offered(facts, "one", metric)]


def test_an_exporters_metric_has_its_own_labels_and_those_of_the_scrape() -> None:
    """In its own cluster alone."""
    found = Facts([Exports(ELSEWHERE, "redis", ATTACHED)])
    assert offered(found, "one", "redis_db_keys") == ()
    assert [set(each.labels) for each in offered(found, "two", "redis_db_keys")] == [{*ATTACHED, "db"}]
    assert offered(found, "two", "redis_db_locks") == ()


def test_a_scrapes_label_stands_before_the_metrics_own() -> None:
    """The Rollout's namespace is then `exported_namespace`, unless the scrape honours it."""
    (hidden,) = offered(Facts([Exports(MONITOR, "argo-rollouts", ATTACHED)]), "one", "rollout_info")
    assert hidden.shadowed == {"namespace"}
    assert {"namespace", "exported_namespace", "name", "phase"} <= hidden.labels
    (kept,) = offered(Facts([Exports(MONITOR, "argo-rollouts", ATTACHED, honoured=True)]), "one", "rollout_info")
    assert kept.shadowed == frozenset()
    assert "exported_namespace" not in kept.labels


def test_what_is_not_kept_is_not_offered() -> None:
    """A metric that is dropped when it is scraped is as good as none."""
    found = Facts([Exports(MONITOR, "cadvisor", ATTACHED, honoured=True, without=("container_memory_swap",))])
    assert offered(found, "one", "container_memory_swap") == ()
    assert offered(found, "one", "container_memory_rss") != ()


def test_a_record_has_the_labels_of_what_it_is_made_of() -> None:
    """Through as many records as there are; one that is made of nothing known may have any, and none goes round."""
    found = Facts(
        [
            Emits(MONITOR, "jobs", ("queue",)),
            Emits(RULE, "jobs:rate", ("site",), ("jobs",)),
            Emits(RULE, "jobs:max", (), ("jobs:rate", "jobs:max")),
            Emits(RULE, "others", (), ("not_known",)),
        ]
    )
    assert labels(found, "jobs:max") == [{"queue", "site"}]
    assert [each.more for each in offered(found, "one", "others")] == [True]


def test_what_prometheus_adds_itself() -> None:
    """`up` has the labels of every scrape, and its own alerts those of what they found."""
    found = Facts([Exports(MONITOR, "redis", ATTACHED)])
    assert labels(found, "up") == [set(ATTACHED)]
    assert [each.more for each in offered(found, "one", "ALERTS")] == [True]
    assert offered(Facts([]), "one", "up") == ()


def test_only_queries_of_a_cluster_are_asked_of_its_prometheus() -> None:
    """Metrics of CloudWatch, and expressions in its language, are somebody else's."""
    mine = Observe(RULE, "up")
    others = [Observe(RULE, "AWS/RDS/CPUUtilization"), Observe(RULE, 'SELECT AVG("A") FROM "B"')]
    away = Observe(Address.terraform("eu-west-1", "edge", "aws_cloudwatch_dashboard.main"), "up")
    assert list(observed(Facts([mine, *others, away]))) == [mine]
    assert cluster_of(RULE.implied("Down")) == "one"


def test_the_fewest_labels_that_lack() -> None:
    """One export with all of them is enough; else the nearest is told; where labels are open none lacks."""
    near, far = Offered(MONITOR, frozenset("ab")), Offered(RULE, frozenset("c"))
    assert missing("ab", [far, near]) is None
    assert missing("abd", [far, near]) == (frozenset("d"), near)
    assert missing("abd", [far, Offered(RULE, frozenset(), more=True)]) is None
    assert missing("a", []) is None
    hidden = Offered(MONITOR, frozenset("ab"), shadowed=frozenset("a"))
    assert missing("a", [hidden]) == (frozenset(), hidden)
    assert missing("b", [hidden]) is None


def test_why_it_cannot_be_said() -> None:
    """Nothing scrapes, a monitor says nothing of its pods, or an exporter is not known that names metrics so."""
    assert [why.what for why in open_to(Facts([]), "one", "x")] == ["one.metrics"]
    known = Exports(MONITOR, "redis", ATTACHED)
    assert list(open_to(Facts([known]), "one", "redis_alive")) == []
    silent = Scraped(RULE, "pods", (), Selector(), "http", "/metrics")
    assert [why.what for why in open_to(Facts([known, silent]), "one", "x")] == [f"{RULE}.exports"]
    unknown = Exports(RULE, "external-dns", ATTACHED)
    assert [why.what for why in open_to(Facts([known, unknown]), "one", "external_dns_errors_total")] != []
    assert list(open_to(Facts([known, unknown]), "one", "redis_alive")) == []


def test_a_metric_of_another_job_does_not_fit() -> None:
    """What is known of a label's value decides; what is not may be anything."""
    found = Facts([Exports(MONITOR, "redis", ATTACHED, always=(("job", "sessions"),))])
    (each,) = offered(found, "one", "redis_up")
    assert each.fits([("job", "sessions"), ("namespace", "shop")])
    assert not each.fits([("job", "redis")])
    assert [one.fits([("job", "redis")]) for one in offered(found, "one", "up")] == [False]
