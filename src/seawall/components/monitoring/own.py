"""What is worth an alert of alerting itself: who watches the watcher, and who notices when it falls silent.

Metrics: documentation/prometheus-mixin of prometheus/prometheus and doc/alertmanager-mixin of prometheus/alertmanager.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.alert import Alert, Series
from seawall.components.monitoring.alertmanager import WATCHDOG

_LOGS = "`kubectl logs -n monitoring -l app.kubernetes.io/name=prometheus -c prometheus --tail=100`"
_RULES = "Take back what changed the rules last: `git log -- '*prometheusrule*'` in the platform's repository."


def alerts() -> Iterator[Alert]:
    """Targets that cannot be asked, rules that fail, configurations that were refused, messages that do not arrive."""
    yield Alert(
        name=WATCHDOG,
        severity="warning",
        # Not `vector(1)`: alerting is well only while Prometheus hears from somebody.
        expr="count(up == 1) > 0",
        lasts=0,
        says="Nothing is wrong: this one is always raised, so that its absence tells that alerting has stopped.",
        first=(
            "It is missing: `kubectl get pods -n monitoring`; without Prometheus or Alertmanager nobody is told of "
            "anything.",
            f"Prometheus runs: what it says, {_LOGS}.",
            "It is raised and does not arrive: `kubectl logs -n monitoring -l app.kubernetes.io/name=alertmanager`.",
        ),
        fires=(Series('up{job="kubelet",namespace="kube-system"}', "1x40"),),
        quiet=(Series('up{job="kubelet",namespace="kube-system"}', "0x40"),),
    )
    down = "count by (namespace, job) (up == 0)"
    yield Alert(
        name="TargetDown",
        severity="warning",
        expr=f"100 * {down} / count by (namespace, job) (up) > 10",
        lasts=600,
        says="{{ $value | printf `%.0f` }} % of {{ $labels.namespace }}/{{ $labels.job }} have not answered Prometheus "
        "for ten minutes; nothing about them is known, nor alerted on.",
        first=(
            "Which, and what Prometheus is told: `kubectl port-forward -n monitoring svc/prometheus-operated 9090`, "
            "then http://127.0.0.1:9090/targets?search=&scrapePool=JOB.",
            "`connection refused`: the port of the monitor is not the container's. `context deadline exceeded`: a "
            "NetworkPolicy does not let Prometheus in, or it takes too long to answer.",
            "`404`: the path differs. `401` or `403`: the application asks who is there; let the path through inside "
            "the cluster.",
        ),
        fires=(_up("1", "0x40"), _up("2", "1x40")),
        quiet=(_up("1", "0x5 1x40"), _up("2", "1x40")),
    )
    yield Alert(
        name="PrometheusRuleFailures",
        severity="critical",
        expr="sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0",
        lasts=300,
        says="Rules of {{ $labels.rule_group }} fail: alerts of that group are not raised, whatever happens.",
        first=(
            f"Which rule and why: {_LOGS}; `many-to-many matching` and `duplicate labels` are the usual ones.",
            "`query timed out` or `too many samples`: Prometheus is too small for the rule, raise "
            "`monitoring.resources`.",
            _RULES,
        ),
        fires=(Series('prometheus_rule_evaluation_failures_total{rule_group="shop"}', "0+1x40"),),
        quiet=(Series('prometheus_rule_evaluation_failures_total{rule_group="shop"}', "7x40"),),
    )
    yield Alert(
        name="PrometheusConfigRefused",
        severity="warning",
        expr="max by (namespace, pod) (max_over_time(prometheus_config_last_reload_successful[5m])) == 0",
        lasts=600,
        says="Prometheus has refused its configuration and goes on with the old one: new rules and targets do not "
        "count.",
        first=(f"What it refused: {_LOGS}.", _RULES),
        fires=(_own("prometheus_config_last_reload_successful", "1x5 0x40"),),
        quiet=(_own("prometheus_config_last_reload_successful", "1x5 0x3 1x40"),),
    )
    yield Alert(
        name="PrometheusSlow",
        severity="warning",
        expr="sum by (rule_group) (increase(prometheus_rule_group_iterations_missed_total[5m])) > 0",
        lasts=900,
        says="Prometheus leaves out turns of {{ $labels.rule_group }}: alerts of that group come late.",
        first=(
            "How much it has to do: `kubectl top pod -n monitoring --containers`; raise `monitoring.resources`.",
            "A metric with too many series: http://127.0.0.1:9090/tsdb-status of a port-forward names it; drop the "
            "label that has no end, such as a path with ids in it.",
        ),
        fires=(Series('prometheus_rule_group_iterations_missed_total{rule_group="shop"}', "0+1x40"),),
        quiet=(Series('prometheus_rule_group_iterations_missed_total{rule_group="shop"}', "3x40"),),
    )
    yield from _telling()


def _telling() -> Iterator[Alert]:
    yield Alert(
        name="PrometheusWithoutAlertmanager",
        severity="critical",
        expr="max by (namespace, pod) (prometheus_notifications_alertmanagers_discovered) < 1",
        lasts=600,
        says="Prometheus knows no Alertmanager: what it raises is told to nobody.",
        first=(
            "Whether there is one: `kubectl get pods -n monitoring -l app.kubernetes.io/name=alertmanager`.",
            f"Whether Prometheus finds it: {_LOGS}, `discovery`.",
        ),
        fires=(_own("prometheus_notifications_alertmanagers_discovered", "2x5 0x40"),),
        quiet=(_own("prometheus_notifications_alertmanagers_discovered", "2x5 1x40"),),
    )
    yield Alert(
        name="AlertmanagerConfigRefused",
        severity="warning",
        expr="max by (namespace, pod) (max_over_time(alertmanager_config_last_reload_successful[5m])) == 0",
        lasts=600,
        says="Alertmanager has refused its configuration and goes on with the old one: who is told is out of date.",
        first=(
            "What it refused: `kubectl logs -n monitoring -l app.kubernetes.io/name=alertmanager -c alertmanager`.",
            "A file of a receiver's secret is missing: `kubectl get externalsecret -n monitoring`; a person puts the "
            "value into Secrets Manager.",
        ),
        fires=(_own("alertmanager_config_last_reload_successful", "1x5 0x40"),),
        quiet=(_own("alertmanager_config_last_reload_successful", "1x5 0x3 1x40"),),
    )
    failed = "sum by (integration) (rate(alertmanager_notifications_failed_total[15m]))"
    yield Alert(
        name="AlertmanagerCannotTell",
        severity="critical",
        expr=f"100 * {failed} / sum by (integration) (rate(alertmanager_notifications_total[15m])) > 1",
        lasts=300,
        says="{{ $value | printf `%.0f` }} % of what Alertmanager sends to {{ $labels.integration }} does not arrive.",
        first=(
            "What it is told: `kubectl logs -n monitoring -l app.kubernetes.io/name=alertmanager -c alertmanager`.",
            "`403` or `404`: the webhook or the key was withdrawn; make another and put it into Secrets Manager.",
            "`context deadline exceeded`: the way out is closed; the policy of the namespace lets 443 out, so look at "
            "the NAT gateway.",
            "Until it works again, look yourself: http://127.0.0.1:9093 of `kubectl port-forward -n monitoring "
            "svc/alertmanager-operated 9093`.",
        ),
        fires=(
            Series('alertmanager_notifications_failed_total{integration="slack"}', "0+1x60"),
            Series('alertmanager_notifications_total{integration="slack"}', "0+10x60"),
        ),
        quiet=(
            Series('alertmanager_notifications_failed_total{integration="slack"}', "5x60"),
            Series('alertmanager_notifications_total{integration="slack"}', "5+10x60"),
        ),
    )


def _up(instance: str, values: str) -> Series:
    return Series(f'up{{namespace="shop",job="web",instance="10.0.1.{instance}:8080"}}', values)


def _own(metric: str, values: str) -> Series:
    return Series(f'{metric}{{namespace="monitoring",pod="one"}}', values)
