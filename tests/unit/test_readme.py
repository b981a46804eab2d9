"""The README says what is so: its commands, its paths and its description of the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import prerequisites
from seawall.cli.main import _overview, commands

README = prerequisites.ROOT / "README.md"


def test_the_commands_of_the_readme_are_those_of_the_command_line():
    """The list between the marks is what `seawall --help` lists."""
    listed = README.read_text("utf-8").split("<!-- commands:begin -->\n")[1].split("<!-- commands:end -->")[0]
    shown = re.findall(r"^  ([\w-]+ +\S.*)$", _overview(commands()), re.MULTILINE)
    shown = [line for line in shown if line.split()[0] in commands()]
    assert listed == "```\n" + "\n".join(shown) + "\n```\n"


@pytest.mark.parametrize("file", sorted(prerequisites.ROOT.glob("*.md")), ids=lambda file: file.name)
def test_links_lead_somewhere(file):
    """A relative link in a page names a file that exists."""
    for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text("utf-8")):
        assert (file.parent / target).exists(), target


def test_every_package_is_in_the_picture_of_the_house():
    """A newcomer finds each room of the house in the README."""
    picture = README.read_text("utf-8").split("src/seawall/\n")[1].split("```")[0]
    rooms = {path.parent.name for path in (prerequisites.ROOT / "src" / "seawall").glob("*/__init__.py")}
    assert rooms == {word for line in picture.splitlines() for word in line[:28].split()}


def test_the_platforms_page_links_lead_somewhere():
    """The pages of the shipped platforms link to decisions that exist."""
    for page in (prerequisites.ROOT / "src" / "seawall" / "platforms").glob("*/README.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert Path(page.parent, target).exists(), target


def test_every_decision_is_in_the_list():
    """A record that nobody can find decides nothing."""
    folder = prerequisites.ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_the_closing_lines_shown_are_what_up_prints_today():
    """The stacks, counts, verdicts and next commands of the README are those of the platform as it is."""
    import argparse
    from datetime import date

    from seawall.check.claims import judge
    from seawall.check.engine import examine
    from seawall.cli.deployment import deployment
    from seawall.cli.summary import of_up
    from seawall.deploy.manifests import Applied
    from seawall.deploy.run import Counts
    from seawall.deploy.up import UpResult, applied_stacks
    from seawall.readers.read import facts_of

    shown = README.read_text("utf-8").split("<!-- up:begin -->\n```\n")[1].split("\n```\n<!-- up:end -->")[0]
    chosen = argparse.Namespace(input="petclinic", environment=None, target="emulator", state_dir=Path(".seawall"))
    ready = deployment(chosen)
    facts = facts_of(ready.graph)
    report = examine(ready.graph, facts, waivers=ready.platform.waivers, as_of=date(2026, 11, 21))
    stacks, left_out = applied_stacks(ready.rendered)
    there = [resource for resource in ready.graph if resource.address not in ready.left_out]
    made = {
        key: Counts(sum(r.address.startswith(f"{key}:") and not r.is_data_source for r in there), 0, 0)
        for key in stacks
    }
    built = sum(resource.is_kubernetes for resource in ready.graph)
    checked = re.search(r"(\d+) checked against schemas", shown)
    applied = Applied(built, int(checked[1]), False, "no cluster: the emulator has none behind its EKS")
    seconds = re.search(r"after (\d+) s", shown)
    result = UpResult(made, left_out, applied, ready.place.out, float(seconds[1]))
    expected = of_up(ready, result, report, list(judge(facts)))
    # The order of stacks that do not wait for each other is the scheduler's business, and so is how the time went.
    assert _sorted_stacks(shown) == _sorted_stacks(expected)


def _sorted_stacks(text):
    lines = text.replace(str(prerequisites.ROOT) + "/", "").splitlines()
    return [", ".join(sorted(re.findall(r"[a-z]+", line))) if line.startswith("stacks") else line for line in lines]


def test_the_explanation_shown_is_what_why_prints_today(capsys):
    """The chain of the README is that of the documented platform, word for word."""
    import shlex

    from seawall.cli.main import main

    shown = README.read_text("utf-8").split("<!-- why:begin -->\n```\n")[1].split("```\n<!-- why:end -->")[0]
    command, _, output = shown.partition("'*'\n")
    words = shlex.split(command.removeprefix("$ seawall ").replace("\\\n", " "))
    assert main([*words, "*"]) == 1
    assert capsys.readouterr().out == output


def test_the_path_shown_is_what_reach_prints_today(capsys):
    """The path of the README is that of the shipped platform, word for word but for what is left out."""
    import shlex

    from seawall.cli.main import main

    shown = README.read_text("utf-8").split("<!-- reach:begin -->\n```\n")[1].split("```\n<!-- reach:end -->")[0]
    command, _, output = shown.partition("\n")
    assert main(shlex.split(command.removeprefix("$ seawall "))) == 1
    printed = capsys.readouterr().out
    for part in re.split(r"^ *\.\.\.\n", output, flags=re.MULTILINE):
        assert part.strip("\n") in printed
