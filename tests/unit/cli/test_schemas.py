"""What a command prints as JSON is described by a schema that ships, and keeps to it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from seawall.cli.commands import drift as drift_command
from seawall.cli.commands import plan as plan_command
from seawall.cli.commands import validate as validate_command
from seawall.cli.main import main
from seawall.deploy.drift import Difference, DriftResult
from seawall.deploy.plan import PlanResult
from seawall.deploy.run import Counts, Planned
from seawall.deploy.validate import Checked, ValidateResult
from seawall.kernel.address import Address
from seawall.kernel.origin import Origin
from seawall.kernel.verdict import proven, refuted, unknown

pytestmark = pytest.mark.needs("jsonschema")
A = Address.terraform("r", "network", "aws_vpc.main")
HERE = Origin("platform.yaml", 3)


def mistakes(name, document):
    """What a document has against the schema of that name."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath(f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


def test_a_plan_keeps_to_its_schema():
    """Plans with and without changes, stacks that wait, stacks that are left out."""
    planned = Planned(True, Counts(1, 2, 3), {"aws_vpc.main": "create"})
    result = PlanResult({"r/network": planned}, {"r/data": ("r/network",)}, {"r/azure": "not applied"})
    assert (
        mistakes("plan", plan_command._document(result, {Address("r/data:aws_msk_replicator.copy"): "not there"})) == []
    )
    assert mistakes("plan", {"schema_version": 2}) != []


def test_drift_keeps_to_its_schema():
    """Each of the three kinds of difference."""
    difference = Difference(A, "update", {"cidr_block": ("a", "b")}, HERE)
    result = DriftResult((difference,), (difference,), (difference,), ("r/data",), ("r/network",))
    assert mistakes("drift", drift_command._document(result)) == []


def test_validate_keeps_to_its_schema():
    """Each of the three verdicts."""
    checked = tuple(Checked(A, verdict("because"), HERE) for verdict in (proven, refuted, unknown))
    assert mistakes("validate", validate_command._document(ValidateResult(checked, ("r/data",)))) == []


def test_platforms_keeps_to_its_schema(capsys):
    """The list of reference platforms, as it is printed."""
    assert main(["platforms", "--format", "json"]) == 0
    assert mistakes("platforms", json.loads(capsys.readouterr().out)) == []


def test_check_keeps_to_its_schema(capsys):
    """The findings of a shipped platform, as they are printed."""
    main(["check", "petclinic", "--format", "json", "--as-of", "2026-11-21"])
    assert mistakes("check", json.loads(capsys.readouterr().out)) == []


def test_prove_keeps_to_its_schema(capsys):
    """The verdicts on a shipped platform's claims, as they are printed."""
    main(["prove", "petclinic", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert mistakes("prove", document) == []
    assert document["claims"]
