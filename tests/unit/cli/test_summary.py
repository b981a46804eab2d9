"""The closing lines of `up` fit a screen and say what is so."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pytest

from seawall.check.claims import judge
from seawall.check.engine import examine
from seawall.cli.deployment import deployment
from seawall.cli.input import reference_platforms
from seawall.cli.summary import of_up
from seawall.deploy.manifests import Applied
from seawall.deploy.run import Counts
from seawall.deploy.up import UpResult
from seawall.readers.read import facts_of


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_the_closing_lines_fit_a_screen_and_name_the_next_command(name, tmp_path, monkeypatch):
    """At most 25 lines of at most 120 characters, with the stacks, the files as seen from here, and every claim."""
    monkeypatch.chdir(tmp_path)
    chosen = argparse.Namespace(input=name, environment=None, target="emulator", state_dir=Path(".seawall"))
    ready = deployment(chosen)
    facts = facts_of(ready.graph)
    report = examine(ready.graph, facts, waivers=ready.platform.waivers, as_of=date(2026, 11, 21))
    claims = list(judge(facts))
    stacks = dict.fromkeys(ready.rendered.stacks, Counts(1, 0, 0))
    result = UpResult(stacks, {}, Applied(3, 2, False, "no cluster: the emulator has none"), ready.place.out, 12.0)
    lines = of_up(ready, result, report, claims).splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 120
    text = "\n".join(lines)
    assert f"files      .seawall/{name}/" in text
    assert f"+{len(stacks)} ~0 -0 now" in text
    apart = [claim for claim in claims if claim.claim.subject == "isolation"]
    assert f"isolation: {len(apart)} proven" in text
    assert all(f"{claim.claim.subject} {claim.claim.measure}" in text for claim in claims if claim not in apart)
    assert f"seawall down {name}" in lines[-1]


def test_of_one_stack_no_more_is_said_to_exist(tmp_path, monkeypatch):
    """After `up --stack network` the closing lines count the network's resources and name that stack alone."""
    monkeypatch.chdir(tmp_path)
    chosen = argparse.Namespace(input="petclinic", environment=None, target="emulator", state_dir=Path(".seawall"))
    ready = deployment(chosen)
    report = examine(ready.graph, facts_of(ready.graph), as_of=date(2026, 11, 21))
    key = "ap-northeast-2/network"
    own = sum(
        resource.address.startswith(f"{key}:") and not resource.type.startswith("data.") for resource in ready.graph
    )
    result = UpResult({key: Counts(own, 0, 0)}, {}, Applied(why_not="only some stacks"), ready.place.out, 1.0)
    lines = of_up(ready, result, report, []).splitlines()
    assert "stacks     network" in lines
    assert f"exists     {own} AWS resources (+{own} ~0 -0 now)" in lines
