"""Alertmanager's configuration: who is told of which alert, and which alert says nothing beside a greater one.

Its own words: docs/configuration.md of prometheus/alertmanager, release 0.27 and later.
"""

from __future__ import annotations

from typing import Any, Final

from seawall.components.monitoring.stated import HEARTBEAT, KEYS, Notify, Receiver
from seawall.kernel.units import Duration

SECRETS: Final = "/etc/alertmanager/secrets"
"""Where the operator mounts Secrets that an Alertmanager names."""
WATCHDOG: Final = "Watchdog"
"""The alert that always fires, so that its silence tells somebody outside that alerting is broken."""
NOBODY: Final = "nobody"


def configuration(notify: Notify, folder: str) -> dict[str, Any]:
    """The native configuration; secrets are read from files in ``folder``, and none of them stands in it."""
    severities = {"critical": notify.critical, "warning": notify.warning}
    watchdog: dict[str, Any] = {"name": WATCHDOG.lower()}
    if notify.heartbeat:
        watchdog["webhook_configs"] = [{"url_file": f"{folder}/{HEARTBEAT}", "send_resolved": False}]
    told = {severity: receivers for severity, receivers in severities.items() if receivers}
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": NOBODY,
            "group_by": list(notify.group_by),
            "group_wait": spelled(notify.wait),
            "group_interval": spelled(notify.interval),
            "repeat_interval": spelled(notify.repeat),
            "routes": [
                {"receiver": WATCHDOG.lower(), "matchers": [f'alertname="{WATCHDOG}"'], **_BEATS},
                *({"receiver": severity, "matchers": [f'severity="{severity}"']} for severity in told),
            ],
        },
        "inhibit_rules": [
            # Who is told that it is critical need not be told that it was about to be.
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": ["alertname", "cluster", "service"],
            },
            # Pods of a node that is gone are gone with it.
            {
                "source_matchers": ['alertname="NodeDown"'],
                "target_matchers": ['alertname!="NodeDown"', 'node!=""'],
                "equal": ["cluster", "node"],
            },
        ],
        "receivers": [
            {"name": NOBODY},
            watchdog,
            *({"name": severity, **_means(notify, receivers, folder)} for severity, receivers in told.items()),
        ],
    }


def _means(notify: Notify, receivers: tuple[Receiver, ...], folder: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "pagerduty" in receivers:
        found["pagerduty_configs"] = [
            {
                "routing_key_file": f"{folder}/{KEYS['pagerduty']}",
                "send_resolved": True,
                "description": _TITLE,
                "severity": "{{ .CommonLabels.severity }}",
                "details": {"firing": _LINES, "runbook": "{{ .CommonAnnotations.runbook_url }}"},
            }
        ]
    if "slack" in receivers:
        found["slack_configs"] = [
            {
                "api_url_file": f"{folder}/{KEYS['slack']}",
                "channel": notify.channel,
                "send_resolved": True,
                "title": _TITLE,
                "title_link": "{{ .CommonAnnotations.runbook_url }}",
                "text": _LINES,
            }
        ]
    return found


_BEATS: Final = {"group_wait": "0s", "group_interval": "5m", "repeat_interval": "5m"}
_TITLE: Final = (
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] '
    "{{ .CommonLabels.alertname }} ({{ .CommonLabels.cluster }})"
)
_LINES: Final = "{{ range .Alerts }}{{ .Labels.severity }}: {{ .Annotations.description }}\n{{ end }}"


def spelled(length: Duration) -> str:
    """A length of time as Prometheus and Alertmanager write it: ``5m``, ``12h``, ``15s``."""
    seconds = round(length.seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
