"""What docs/extending.md shows works as it stands, and no existing file changes for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import prerequisites

PAGE = (prerequisites.ROOT / "docs" / "extending.md").read_text("utf-8")
FILES = dict(re.findall(r"^`([^`\n]+)`\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

# The packages look for modules along their path: a folder of somebody else's is searched like their own.
ALONG = """
import runpy, sys
import seawall.components, seawall.readers.aws
seawall.components.__path__.append(sys.argv[1] + "/src/seawall/components")
seawall.readers.aws.__path__.append(sys.argv[1] + "/src/seawall/readers/aws")
sys.argv = ["seawall", *sys.argv[2:]]
runpy.run_module("seawall", run_name="__main__")
"""


@pytest.fixture
def seawall(tmp_path):
    """Runs a command with the page's files in the places that the page names, outside the package."""
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def run(*words):
        return subprocess.run(
            [sys.executable, "-c", ALONG, str(tmp_path), *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_component_a_reader_and_a_platform_are_files_alone(seawall, tmp_path):
    """The new kind compiles, passes the rules, opens its path at every layer, and is in the schema for editors."""
    checked = seawall("check", "platform.yaml", "--format", "json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["findings"] == []
    assert seawall("compile", "platform.yaml", "-o", "out").returncode == 0
    data = json.loads((tmp_path / "out/terraform/eu-west-1/data/main.tf.json").read_text())["resource"]
    assert data["aws_opensearch_domain"]["books"]["domain_endpoint_options"][0]["enforce_https"] is True
    assert "books_from_nodes" in data["aws_vpc_security_group_ingress_rule"]
    role = (tmp_path / "out/terraform/eu-west-1/platform/main.tf.json").read_text()
    assert "es:ESHttpGet" in role
    assert '"search"' in seawall("schema").stdout


def test_its_facts_are_read_and_judged_like_all_others(seawall, tmp_path):
    """A rule that has never heard of OpenSearch finds the new store's fault, through the new reader alone."""
    component = tmp_path / "src/seawall/components/search.py"
    encrypted = '"enabled": True, "kms_key_id"'
    component.write_text(component.read_text().replace(encrypted, encrypted.replace("True", "False")))
    found = json.loads(seawall("check", "platform.yaml", "--format", "json").stdout)["findings"]
    assert any("aws_opensearch_domain.books" in address for finding in found for address in finding["addresses"])
    assert "DATA-102" in {finding["rule"] for finding in found}


def test_without_the_files_the_kind_is_not_known(seawall, tmp_path):
    """The test above could fail: nothing of Seawall's own knows the kind."""
    (tmp_path / "src/seawall/components/search.py").unlink()
    refused = seawall("check", "platform.yaml")
    assert refused.returncode == 2
    assert "search" in refused.stderr
