"""The command line keeps its contract: statuses, messages, the same bytes, and nothing written on bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PETCLINIC = "petclinic"


def seawall(*words, folder=None, environment=None):
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "seawall", *map(str, words)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tree(folder):
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_help_teaches_every_command():
    """`seawall --help` names each command with a line, and each command's own help says what it does and ends with."""
    overview = seawall("--help")
    assert overview.returncode == 0
    from seawall.cli.main import commands

    for name in commands():
        assert f"\n  {name} " in overview.stdout
        own = seawall(name, "--help")
        assert own.returncode == 0
        assert "exit status:" in own.stdout


def test_a_mistyped_command_is_answered_with_the_nearest():
    """Exit 2 and one line."""
    answer = seawall("chekc", PETCLINIC)
    assert answer.returncode == 2
    assert answer.stderr == "seawall: there is no command chekc; did you mean check?\n"


def test_compile_gives_the_same_bytes_whatever_the_hash_seed(tmp_path):
    """Nothing depends on the order of a set, the clock, the folder or the process."""
    first, second = tmp_path / "a", tmp_path / "b"
    assert seawall("compile", PETCLINIC, "-o", first, environment={"PYTHONHASHSEED": "1"}).returncode == 0
    assert (
        seawall("compile", PETCLINIC, "-o", second, environment={"PYTHONHASHSEED": "2", "TZ": "Asia/Seoul"}).returncode
        == 0
    )
    assert tree(first) == tree(second)
    assert len(tree(first)) > 10


def test_compile_replaces_its_own_files_and_leaves_everybody_elses(tmp_path):
    """What an earlier compile wrote goes when it is gone; a folder with a stranger's file is not touched."""
    out = tmp_path / "out"
    assert seawall("compile", PETCLINIC, "-o", out).returncode == 0
    first = tree(out)
    assert seawall("compile", PETCLINIC, "-o", out, "-e", "development").returncode == 0
    assert tree(out) != first
    (out / "notes.txt").write_text("mine")
    before = tree(out)
    refused = seawall("compile", PETCLINIC, "-o", out)
    assert refused.returncode == 2
    assert "notes.txt" in refused.stderr
    assert tree(out) == before


def texts(files):
    """Every text of these files by its name, those in archives too."""
    for name, content in files.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from ((f"{name}/{inside}", archive.read(inside).decode()) for inside in archive.namelist())
        else:
            yield name, content.decode()


def test_no_file_of_a_compiled_platform_names_a_secret_or_this_machine(tmp_path):
    """What ships can be shown to anybody."""
    out = tmp_path / "out"
    assert seawall("compile", PETCLINIC, "-o", out).returncode == 0
    for name, text in texts(tree(out)):
        assert str(tmp_path) not in text, name
        assert str(Path.home()) not in text or str(Path.home()) == "/", name
        assert "AKIA" not in text, name


GOOD = """\
platform: shop
network: {cidr: 10.0.0.0/16}
cluster: {version: "1.36", node_groups: {workload: {types: [t3.medium], min: 2, max: 3}}}
environments: {production: {region: ap-northeast-2}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("platform: shop", "platform: 'a\"b'", "platform.yaml:1:1:"),
        ("platform: shop", "platform: '${x}'", "platform.yaml:1:1:"),
        ("platform: shop", 'platform: "a\\nb"', "platform.yaml:1:1:"),
        ("platform: shop", "platform: ../up", "platform.yaml:1:1:"),
        ("cidr: 10.0.0.0/16", "cidr: 10.0.0.0/16, cird: 1", "did you mean cidr?"),
        ("cidr: 10.0.0.0/16", "cidr: ten", "is not an address range"),
        (
            "{cidr: 10.0.0.0/16}",
            "{cidr: 10.0.0.0/16, subnets: {public: [10.0.0.0/24, 10.0.1.0/24], private: [10.0.1.0/25, 10.0.3.0/24]}}",
            "overlap",
        ),
        ("min: 2", "min: 9", "min (9) is above max (3)"),
        ("platform: shop", "platform: shop\nplatform: shop", "platform.yaml:2:1: platform is said twice"),
        ("platform: shop", "platform: [", "this is not YAML"),
    ],
)
def test_bad_input_is_one_clear_message_and_nothing_is_written(tmp_path, old, new, said):
    """Exit 2, file and line, no traceback, no output folder."""
    (tmp_path / "platform.yaml").write_text(GOOD.replace(old, new, 1))
    for words in (["compile", ".", "-o", "out"], ["check", "."], ["plan", "."], ["up", "."]):
        answer = seawall(*words, folder=tmp_path)
        assert answer.returncode == 2, answer
        assert said in answer.stderr
        assert "platform.yaml:" in answer.stderr
        assert "Traceback" not in answer.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["platform.yaml"]


def test_what_is_neither_a_file_nor_a_platform_is_said_to_be_so():
    """The nearest reference platform is offered."""
    answer = seawall("check", "petclinc")
    assert answer.returncode == 2
    assert "did you mean petclinic?" in answer.stderr


@pytest.mark.parametrize("environment", ["production", "development"])
def test_petclinic_has_no_finding_at_or_above_high(environment):
    """The shipped platform passes its own checks in every environment, on a day that is pinned."""
    answer = seawall("check", PETCLINIC, "-e", environment, "--as-of", "2026-11-21", "--format", "json")
    report = json.loads(answer.stdout)
    bad = [f for f in report["findings"] if f["severity"] in ("high", "critical") and not f["waived"]]
    assert answer.returncode == 0, bad
    assert not bad


def test_check_says_the_same_of_a_platform_and_of_its_compiled_files(tmp_path):
    """What is checked is what ships: the findings of the description are those of the files, claims left aside."""
    out = tmp_path / "out"
    assert seawall("compile", PETCLINIC, "-o", out).returncode == 0

    def findings(*words):
        report = json.loads(seawall("check", *words, "--as-of", "2026-11-21", "--format", "json").stdout)
        return {(f["rule"], tuple(f["addresses"])) for f in report["findings"] if not f["rule"].startswith("WAIVER")}

    from_files, from_description = findings(out), findings(PETCLINIC)
    # NET-003 judges what policies alone keep of a claim, so that it is about claims, too.
    about_claims = {f for f in from_description if f[0].split("-")[0] in ("DOC", "EDGE") or f[0] == "NET-003"}
    assert from_description - about_claims == from_files


def test_a_reader_that_goes_away_is_no_error():
    """`seawall explain | head -1` ends quietly."""
    command = f"{sys.executable} -m seawall explain | head -1"
    answer = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0
    assert answer.stderr == ""


def test_init_writes_a_platform_that_checks_clean(tmp_path):
    """A newcomer's first two commands work, and the second init refuses to overwrite."""
    assert seawall("init", folder=tmp_path).returncode == 0
    answer = seawall("check", "platform.yaml", "--as-of", "2026-11-21", folder=tmp_path)
    assert answer.returncode == 0, answer.stdout
    again = seawall("init", folder=tmp_path)
    assert again.returncode == 2
    assert "already there" in again.stderr
    assert seawall("init", "copy", "--from", PETCLINIC, folder=tmp_path).returncode == 0
    assert seawall("check", "copy", "--as-of", "2026-11-21", folder=tmp_path).returncode == 0


@pytest.mark.needs("jsonschema")
def test_the_schema_accepts_what_the_loader_accepts_and_refuses_a_mistake():
    """An editor that follows `seawall schema` agrees with the command line."""
    import jsonschema
    import yaml

    from seawall.cli.input import reference_platforms

    schema = json.loads(seawall("schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    for folder in reference_platforms().values():
        # An editor sees a day as text.
        description = json.loads(json.dumps(yaml.safe_load((folder / "platform.yaml").read_text()), default=str))
        assert not [error.message for error in validator.iter_errors(description)]
        description["networc"] = description.pop("network")
        assert list(validator.iter_errors(description))


def test_without_terraform_up_still_compiles_and_checks(tmp_path):
    """Exit 3, the files are there to look at, how to get Terraform is said, and no emulator is left running."""
    answer = seawall("up", PETCLINIC, folder=tmp_path, environment={"PATH": str(tmp_path / "empty")})
    assert answer.returncode == 3
    assert "compiled and checked, not brought up" in answer.stdout
    assert "install Terraform" in answer.stderr
    out = tmp_path / ".seawall" / "petclinic" / "production" / "emulator" / "out"
    assert (out / "terraform" / "ap-northeast-2" / "network" / "main.tf.json").is_file()
    assert "no emulator runs" in seawall("emulator", "status", folder=tmp_path).stdout
