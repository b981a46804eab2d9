"""The least for every workload and add-on of the reference platforms, held against what it was worked out from."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from seawall.analyze.permissions.applicable import caller_of, request_of
from seawall.analyze.permissions.excess import excess
from seawall.analyze.permissions.gaps import gaps
from seawall.analyze.permissions.minimal import Grant, Minimal, as_document, minimal
from seawall.analyze.permissions.needed import needs
from seawall.analyze.permissions.policy import Policy
from seawall.analyze.permissions.shapes import shapes
from seawall.cli.input import load_graph, reference_platforms
from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Principal, Secret, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown, text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT
from seawall.readers.aws.policy import statements
from seawall.readers.read import facts_of
from seawall.render.permissions.written import FORMS, files

ROLE = Address("eu-west-1/least:aws_iam_role.least")


def those_who_call(facts: Facts) -> list[str]:
    """Namespace, kind and name of whoever in a cluster calls AWS."""
    sources = {need.call.source.as_kubernetes() for need in needs(facts)}
    return sorted(
        f"{each.namespace}/{each.kind}/{each.name}" for each in sources if each is not None and each.namespace
    )


def granted(beside: list[Fact | Demand], least: Minimal, found: list[Grant]) -> Facts:
    """A role that is granted this and has the workload's needs, among what else the estate says of resources."""
    return Facts(
        [
            *beside,
            Principal(ROLE, "role", "least"),
            Identifier(ROLE, "arn", text("arn:aws:iam::", ACCOUNT, ":role/least")),
            *(replace(call, source=ROLE, by=ROLE) for call in least.calls),
            *statements(as_document(found), ROLE, "identity", "least"),
        ]
    )


def allowed_by(facts: Facts, grant: Grant, least: Minimal) -> set[int]:
    """The numbers of the calls that one statement allows."""
    caller = caller_of(facts, ROLE)
    assert not isinstance(caller, Unknown)
    policy = Policy(statements(as_document([grant]), ROLE, "identity", "least"), shapes(facts))
    requests = (request_of(facts, caller, replace(call, source=ROLE), dict(call.context)) for call in least.calls)
    return {number for number, each in enumerate(requests) if policy.judge(each).allow is Answer.PROVEN}


@pytest.mark.parametrize("platform", sorted(reference_platforms()))
def test_the_least_of_every_workload_is_enough_and_no_more(platform: str) -> None:
    """No gap, no excess, nothing that could go; and both forms can be written."""
    facts = facts_of(load_graph([platform], None)[1])
    beside: list[Fact | Demand] = [
        each
        for each in facts
        if isinstance(each, Identifier | Secret) or (isinstance(each, Statement) and each.kind == "resource")
    ]
    names = those_who_call(facts)
    assert len(names) > 3
    for name in names:
        least = minimal(facts, name)
        found = [grant for page in least.policies for grant in page]
        whole = granted(beside, least, found)
        assert gaps(whole) == (), name
        assert not [item for item in excess(whole) if item.role == ROLE], name
        allowed = [allowed_by(whole, grant, least) for grant in found]
        for number, own in enumerate(allowed):
            others = set().union(*(each for other, each in enumerate(allowed) if other != number))
            assert own - others, (name, found[number])
        for form in FORMS:
            assert any(path.startswith(("iam/", "terraform/")) for path, _ in files(least, form))


@pytest.mark.needs("terraform", "aws-provider")
@pytest.mark.parametrize(
    ("estate", "workload"),
    [("genai-demo/as_documented", "genai-demo-app"), ("pingvas", "prod/Deployment/prod-worker")],
)
def test_terraform_takes_what_is_written(
    estate: str, workload: str, tmp_path: Path, terraform_environment: dict[str, str]
) -> None:
    """Clusters of two regions, by their issuers or by Pod Identity: the root module is valid, without a warning."""
    least = minimal(facts_of(load_graph([estate], None)[1]), workload)
    assert len(least.ties) == 2
    (tmp_path / "main.tf.json").write_bytes(dict(files(least))["terraform/main.tf.json"])
    for arguments in (["init", "-backend=false", "-input=false", "-no-color"], ["validate", "-json"]):
        run = subprocess.run(
            ["terraform", *arguments],
            cwd=tmp_path,
            env=terraform_environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stdout + run.stderr
    verdict = json.loads(run.stdout)
    assert (verdict["valid"], verdict["diagnostics"]) == (True, [])
