"""From a question to its answer: a path is found shut, what is offered is applied, and the same question is open."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml


def seawall(*words, folder=None):
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "seawall", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


QUESTION = ("--from", "web", "--to", "petclinic-db", "--port", "3306")


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """The shipped platform as somebody's own description."""
    folder = tmp_path_factory.mktemp("own")
    assert seawall("init", "--from", "petclinic", folder=folder).returncode == 0
    return folder


def test_the_need_that_is_offered_opens_the_path(platform, tmp_path):
    """In the folder of a description: blocked, then one line of `needs:`, then open."""
    shut = seawall("reach", *QUESTION, "--format", "json", folder=platform)
    assert shut.returncode == 1, shut.stderr
    need = json.loads(shut.stdout)["paths"][0]["opening"]["need"]
    assert need["origin"]["file"].endswith("platform.yaml")
    description = yaml.safe_load((platform / "platform.yaml").read_text("utf-8"))
    description["components"][need["component"]].setdefault("needs", []).append(need["needs"])
    (tmp_path / "platform.yaml").write_text(yaml.safe_dump(description, sort_keys=False), "utf-8")
    opened = seawall("reach", *QUESTION, folder=tmp_path)
    assert opened.returncode == 0, opened.stdout + opened.stderr
    assert opened.stdout.startswith("open: ")


def test_the_policy_that_is_offered_opens_the_path_of_what_was_compiled(tmp_path):
    """The rendered files are an estate: shut by the same policy, at its own file and line, and opened by one more."""
    out = tmp_path / "out"
    assert seawall("compile", "petclinic", "-o", out).returncode == 0
    question = ("--from", "web", "--to", "aws_db_instance.petclinic_db", "--port", "3306")
    shut = seawall("reach", out, *question, "--format", "json")
    assert shut.returncode == 1, shut.stderr
    (path,) = json.loads(shut.stdout)["paths"]
    blocked = path["hops"][path["blocked_at"]]
    assert blocked["kind"] == "egress policy"
    places = [rule["origin"] for rule in blocked["rules"]]
    assert str(out / "kubernetes" / "base" / "web" / "networkpolicy.yaml") in [place["file"] for place in places]
    assert all(place["line"] for place in places)
    (change,) = path["opening"]["changes"]
    mended = tmp_path / "mended.yaml"
    mended.write_text(yaml.safe_dump(change["arguments"]), "utf-8")
    opened = seawall("reach", out, mended, *question)
    assert opened.returncode == 0, opened.stdout + opened.stderr


def test_a_claim_of_isolation_is_proved_and_refuted(platform, tmp_path):
    """`seawall prove` ends with 1 where a claim is refuted, and shows who reaches whom by which hops."""
    text = (platform / "platform.yaml").read_text("utf-8")
    (tmp_path / "platform.yaml").write_text(text, "utf-8")
    proved = seawall("prove", tmp_path)
    assert "proven   isolation web -> petclinic-db never" in proved.stdout
    assert proved.returncode == 0, proved.stdout
    assert text.count("- web -> petclinic-db never\n") == 1
    broken = text.replace("- web -> petclinic-db never\n", "- '* -> petclinic-db never'\n")
    (tmp_path / "platform.yaml").write_text(broken, "utf-8")
    refuted = seawall("prove", tmp_path)
    assert refuted.returncode == 1
    assert "refuted  isolation * -> petclinic-db never" in refuted.stdout
    assert "reaches ap-northeast-2/data:aws_db_instance.petclinic_db on tcp 3306" in refuted.stdout
