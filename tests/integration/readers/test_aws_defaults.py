"""The defaults that readers of AWS apply are the provider's own: a real plan of the corpus fills them in."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seawall.readers.read import read

CORPUS = Path(__file__).parents[2] / "unit" / "readers" / "aws"
PROVIDER = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
    "provider": {
        "aws": {
            "region": "ap-northeast-2",
            "access_key": "test",
            "secret_key": "test",
            "skip_credentials_validation": True,
            "skip_requesting_account_id": True,
            "skip_metadata_api_check": True,
        }
    },
}
# The provider asks AWS at every plan whether a definition is one; nothing here answers.
ASKED_OF_AWS = frozenset({"aws_sfn_state_machine"})

pytestmark = pytest.mark.needs("terraform", "aws-provider")


@pytest.fixture(scope="module")
def planned(terraform_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of the corpus, which calls no API: nothing exists yet and nothing is looked up."""
    folder = tmp_path_factory.mktemp("corpus")
    bodies = json.loads((CORPUS / "bodies.tf.json").read_text(encoding="utf-8"))
    bodies["resource"] = {type: found for type, found in bodies["resource"].items() if type not in ASKED_OF_AWS}
    (folder / "bodies.tf.json").write_text(json.dumps(bodies), encoding="utf-8")
    (folder / "provider.tf.json").write_text(json.dumps(PROVIDER), encoding="utf-8")

    def terraform(*arguments: str) -> str:
        run = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=terraform_environment | {"AWS_EC2_METADATA_DISABLED": "true"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    terraform("init", "-input=false", "-no-color")
    terraform("plan", "-input=false", "-no-color", "-refresh=false", "-out=planned")
    shown = terraform("show", "-json", "planned")
    plan: dict[str, Any] = json.loads(shown[shown.index("{") :])
    return plan


def filled(ours: Any, planned: Any) -> Any:
    """A body with what the plan added: arguments that we left out, at the top and within single blocks."""
    if isinstance(ours, Mapping) and isinstance(planned, Mapping):
        return {**planned, **{name: filled(item, planned.get(name)) for name, item in ours.items()}}
    if isinstance(ours, list) and isinstance(planned, list) and len(ours) == len(planned) == 1:
        return [filled(ours[0], planned[0])]
    return ours


def test_bodies_say_the_same_once_the_provider_has_filled_them_in(planned: dict[str, Any]) -> None:
    """What the provider adds by itself, defaults, nulls and empty strings, changes no fact of any type."""
    spec = importlib.util.spec_from_file_location("corpus_of_aws_bodies", CORPUS / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    corpus = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpus)
    sparse = {type: found for type, found in corpus.corpus().items() if type not in ASKED_OF_AWS}
    whole: dict[str, Any] = {}
    added = 0
    for change in planned["resource_changes"]:
        ours = sparse[change["type"]][change["name"]]
        body = filled(ours, change["change"]["after"])
        added += len(body.keys() - ours.keys())
        whole.setdefault(change["type"], {})[change["name"]] = body
    assert added > 500  # the plan did fill something in
    assert set(read(corpus.graph_of(whole))) == set(read(corpus.graph_of(sparse)))


def test_every_type_that_is_read_is_one_of_the_provider(terraform_environment: dict[str, str], tmp_path: Path) -> None:
    """No reader waits for a type that the provider does not have."""
    from seawall.readers.registry import links, readers

    (tmp_path / "provider.tf.json").write_text(json.dumps(PROVIDER), encoding="utf-8")
    for arguments in (["init", "-input=false"], ["providers", "schema", "-json"]):
        run = subprocess.run(
            ["terraform", *arguments],
            cwd=tmp_path,
            env=terraform_environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert run.returncode == 0, run.stderr
    (schema,) = json.loads(run.stdout[run.stdout.index("{") :])["provider_schemas"].values()
    known = {*schema["resource_schemas"], *(f"data.{type}" for type in schema["data_source_schemas"])}
    ours = {type for type in (*readers(), *links()) if type.removeprefix("data.").startswith("aws_")}
    assert len(ours) > 80
    assert ours <= known
