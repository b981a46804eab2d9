"""Dashboards of Grafana as code: a module a dashboard, what they are laid out with, and the sources that they ask.

May import what components may. Law: a panel asks in plain PromQL for metrics that something here exports, and the
same description gives the same bytes.
"""
