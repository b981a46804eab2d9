"""Argo CD's sets and projects: which applications they make, and which nobody but a person has synced."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.facts.delivery import Syncs, Withholds
from seawall.kernel.value import Unknown
from unit.readers.test_kubernetes_objects import address, facts, thing

API = "argoproj.io/v1alpha1"
SOURCE = {"repoURL": "https://git.example/r", "path": "overlays/{{.env}}/{{.service}}", "targetRevision": "main"}
TEMPLATE = {
    "metadata": {"name": "{{.env}}-{{ .service }}", "labels": {"environment": "{{.env}}"}},
    "spec": {"project": "shop", "source": SOURCE, "destination": {"server": "", "namespace": "{{.env}}"}},
}
SERVICES = {"list": {"elements": [{"service": "cart"}, {"service": "user"}]}}
STAGES = {"list": {"elements": [{"env": "dev"}, {"env": "prod"}]}}


def made(generators: list[dict[str, Any]], **more: Any) -> list[Syncs]:
    """What a set of these generators syncs, by name."""
    spec = {"goTemplate": True, "generators": generators, "template": TEMPLATE, **more}
    found = facts(thing(API, "ApplicationSet", "set", namespace="argocd", spec=spec)).all(Syncs)
    return sorted(found, key=lambda one: one.of)


def test_a_matrix_makes_every_pair() -> None:
    """A matrix of two lists makes each pair once, with its parameters wherever they are named."""
    found = made([{"matrix": {"generators": [STAGES, SERVICES]}}])
    assert [one.of.rpartition("/")[2] for one in found] == ["dev-cart", "dev-user", "prod-cart", "prod-user"]
    assert found[3].destination == address("Namespace", "prod", "")
    assert found[3].path == "overlays/prod/user"
    assert (found[3].environment, found[3].automated) == ("prod", False)
    assert found[3].project.endswith("/AppProject/argocd/shop")


def test_a_generator_s_own_template_goes_before_the_set_s() -> None:
    """What differs between stages stands in the generators; what they leave empty comes from the set."""
    own = {"metadata": {}, "spec": {"destination": {}, "syncPolicy": {"automated": {"prune": True}}}}
    dev, prod = {"elements": [{"env": "dev", "service": "cart"}]}, {"elements": [{"env": "prod", "service": "cart"}]}
    found = made([{"list": {**dev, "template": own}}, {"list": prod}])
    assert [(one.of.rpartition("/")[2], one.automated, one.prune) for one in found] == [
        ("dev-cart", True, True),
        ("prod-cart", False, False),
    ]


def test_a_patch_is_laid_on() -> None:
    """A patch that only names parameters is read; null takes away."""
    spec = {**TEMPLATE["spec"], "syncPolicy": {"automated": {}}}
    elements = [{"env": "dev", "service": "cart"}]
    patched = made(
        [{"list": {"elements": elements}}],
        template={**TEMPLATE, "spec": spec},
        templatePatch="spec: {project: '{{.env}}', syncPolicy: {automated: null}}",
    )
    assert [(one.automated, one.project.rpartition("/")[2]) for one in patched] == [(False, "dev")]


@pytest.mark.parametrize(
    "generator",
    [
        {"clusters": {}},
        {"git": {"repoURL": "https://git.example/r"}},
        {"matrix": {"generators": [SERVICES, {"clusters": {}}]}},
        {"list": {"elementsYaml": "{{ .x }}"}},
        {"list": {"elements": [{"env": "dev"}]}},  # the template names a parameter that is not there
        {"list": {"elements": [{"env": "dev", "service": "x"}]}, "selector": {"matchLabels": {"env": "dev"}}},
    ],
)
def test_what_lies_elsewhere_is_unknown(generator: dict[str, Any]) -> None:
    """Of a generator that looks elsewhere the set itself syncs something, and nobody pretends to know where."""
    (found,) = made([generator])
    assert found.of.endswith("/ApplicationSet/argocd/set")
    assert isinstance(found.destination, Unknown)
    assert found.automated is False


def test_a_patch_with_conditions_leaves_the_policy_unknown() -> None:
    """Whether such a set syncs by itself is not known, whatever its template says."""
    elements = [{"env": "dev", "service": "cart"}]
    patch = '{{ if eq .env "dev" }}spec: {syncPolicy: {automated: {}}}{{ end }}'
    (found,) = made([{"list": {"elements": elements}}], templatePatch=patch)
    assert isinstance(found.automated, Unknown)


@pytest.mark.parametrize(
    ("window", "withholds"),
    [
        ({"kind": "deny", "schedule": "* * * * *", "duration": "24h", "manualSync": True}, True),
        ({"kind": "deny", "schedule": "0 0 * * *", "duration": "24h", "manualSync": True}, True),
        ({"kind": "deny", "schedule": "0 0 * * *", "duration": "23h", "manualSync": True}, False),
        ({"kind": "deny", "schedule": "0 22 * * 1-5", "duration": "24h", "manualSync": True}, False),
        ({"kind": "deny", "schedule": "* * * * *", "duration": "24h"}, False),
        ({"kind": "allow", "schedule": "* * * * *", "duration": "24h", "manualSync": True}, False),
        ({"kind": "deny", "schedule": "* * * * *", "duration": "24h", "manualSync": True, "andOperator": True}, False),
    ],
)
def test_windows_that_never_open(window: dict[str, Any], withholds: bool) -> None:
    """Only a window without a gap that lets manual syncs through says that nobody but a person syncs."""
    spec = {"syncWindows": [{**window, "applications": ["prod-*"]}]}
    found = facts(thing(API, "AppProject", "shop", namespace="argocd", spec=spec)).all(Withholds)
    assert [one.applications for one in found] == ([("prod-*",)] if withholds else [])
