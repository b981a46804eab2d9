"""Every manifest of a shipped platform against the schemas of Kubernetes and of the controllers."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand

VERSION = "1.36"
ENVIRONMENTS = ("production", "development")
# External Secrets keeps its generators in a group of their own, whose schemas are not among the reference documents.
WITHOUT_SCHEMA = {"generators.external-secrets.io/v1alpha1"}


def _manifests(environment: str) -> list[tuple[str, dict[str, Any]]]:
    file = resources.files("seawall.platforms") / "petclinic" / "platform.yaml"
    platform = descriptions.platform(file.read_text(encoding="utf-8"), environment)
    return list(descriptions.manifests(expand(platform)))


def _is_builtin(manifest: dict[str, Any]) -> bool:
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


@pytest.mark.needs("kubernetes-validate")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kubernetes_takes_them(environment: str) -> None:
    """Each object of Kubernetes' own kinds fits the strict schema of the cluster's version."""
    import kubernetes_validate

    checked = 0
    for address, manifest in _manifests(environment):
        if _is_builtin(manifest):
            try:
                kubernetes_validate.validate(manifest, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                pytest.fail(f"{address}: {error}")
            checked += 1
    assert checked > 20


@pytest.mark.needs("reference", "jsonschema")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_controllers_take_theirs(environment: str, reference: Path) -> None:
    """Each custom object fits its controller's schema; a kind without one is named above, or the test fails."""
    import jsonschema

    checked = set()
    for address, manifest in _manifests(environment):
        if _is_builtin(manifest) or manifest["apiVersion"] in WITHOUT_SCHEMA:
            continue
        group, _, version = manifest["apiVersion"].partition("/")
        schema = reference / "schemas" / "crds" / group / f"{manifest['kind'].lower()}_{version}.json"
        assert schema.is_file(), f"{address}: no schema of {manifest['apiVersion']} {manifest['kind']}"
        problems = list(jsonschema.Draft7Validator(json.loads(schema.read_text())).iter_errors(manifest))
        assert not problems, f"{address}: {problems[0].json_path}: {problems[0].message}"
        checked.add(manifest["kind"])
    assert {"Rollout", "ExternalSecret"} <= checked


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_pod_fits_the_restricted_level(environment: str) -> None:
    """Pods of our namespaces keep all that the restricted Pod Security level asks for."""
    pods = 0
    for address, manifest in _manifests(environment):
        template = manifest.get("spec", {}).get("template", {}).get("spec") if "spec" in manifest else None
        if not template or "containers" not in template:
            continue
        pods += 1
        assert template["securityContext"]["runAsNonRoot"] is True, address
        assert template["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", address
        for container in template["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, address
            assert context["capabilities"]["drop"] == ["ALL"], address
            assert context["readOnlyRootFilesystem"] is True, address
    assert pods >= 3
