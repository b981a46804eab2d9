"""Shell as it is read: programs, pipes and files, nothing run and nothing guessed."""

from __future__ import annotations

import pytest

from seawall.facts.application import Assigns, Command
from seawall.facts.demands import Reach
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.readers.read import read_one

SCRIPT = Address.file("backup.sh")


def commands(written: str, format: str = "script") -> list[Command]:
    """What is read of a script."""
    found = read_one(Resource(SCRIPT, f"file/{format}", {"text": written}))
    return [each for each in found if isinstance(each, Command)]


def test_a_pipe_is_its_programs() -> None:
    """Each program of a pipe says what reads it; a continued line begins where its first word stands."""
    first, second = commands("mysqldump --host db \\\n  shop | gzip > shop.sql.gz\n")
    assert (first.program, first.arguments, first.feeds, first.line) == (
        "mysqldump",
        ("--host", "db", "shop"),
        "gzip",
        1,
    )
    assert (second.program, second.arguments, second.feeds) == ("gzip", (), "")


@pytest.mark.parametrize("setting", ["set -o pipefail", "set -euo pipefail"])
def test_pipefail_counts_from_where_it_is_set(setting: str) -> None:
    """A script that asks for the whole pipe is told apart from one that does not, or not yet."""
    before, _, after, _ = commands(f"pg_dump a | gzip > a\n{setting}\npg_dump b | gzip > b\n")
    assert (before.checked, after.checked) == (False, True)


def test_a_pipe_may_be_looked_at_in_other_ways() -> None:
    """An option in the first line holds for all of a script, a look at PIPESTATUS for the pipe right before it."""
    assert all(each.checked for each in commands("#!/bin/bash -eo pipefail\npg_dump a | gzip > a\n"))
    one, _, other, _ = (
        commands('pg_dump a | gzip > a\n\nstatus=("${PIPESTATUS[@]}")\necho done\npg_dump b | gzip > b\n')[:2]
        + commands("pg_dump b | gzip > b\necho done\n")[:2]
    )
    assert (one.checked, other.checked) == (True, False)


def test_what_is_written_is_told_apart_from_complaints() -> None:
    """A file that takes what a program writes is its output; one that takes its errors is not."""
    (found,) = commands("pg_dump shop 2> errors.log > shop.sql\n")
    (other,) = commands("pg_dump --file shop.sql 2>> errors.log\n")
    assert (found.stdout, other.stdout) == ("shop.sql", "")


def test_what_is_no_command_is_none() -> None:
    """Comments, assignments, here-documents and words of the shell itself are no programs."""
    written = "# mysql < a\nA=1\ncat <<EOF\nmysql < b\nEOF\nif true; then mysql < c.sql; fi\n"
    assert [(each.program, each.stdin) for each in commands(written) if each.program == "mysql"] == [("mysql", "c.sql")]


def test_a_dot_takes_in_another_script() -> None:
    """What runs another script within this one is told, however it is spelled."""
    assert [each.program for each in commands(". /etc/a.env\nsource b.env\n./c.sh\n")] == ["source", "source", "c.sh"]


def test_names_of_variables_are_told_and_values_are_not() -> None:
    """Whatever is given a value is named once, for the script itself, for a program of it or for all that follows."""
    written = "A=1\nexport B=hunter2 A=2\nC=3 az login --name=x\n"
    found = [each for each in read_one(Resource(SCRIPT, "file/script", {"text": written})) if isinstance(each, Assigns)]
    assert found == [Assigns(SCRIPT, ("A", "B", "C"))]


def test_passwords_are_masked() -> None:
    """What MySQL's clients take as a password never becomes a fact; a port does."""
    (found,) = commands("mysql -phunter2 --password=hunter2 --port=3307 -p$PASSWORD shop\n")
    assert found.arguments == ("-p***", "--password=***", "--port=3307", "-p$PASSWORD", "shop")


def test_steps_of_a_jenkinsfile() -> None:
    """Single, double and triple quotes hold shell; the rest of a Jenkinsfile does not."""
    steps = ("sh 'mvn package'", 'sh "docker push \\$IMAGE"', 'sh """\n    git push\n  """', "echo 'rm -r'")
    written = "steps {\n  " + "\n  ".join(steps) + "\n}\n"
    assert [(each.program, each.line) for each in commands(written, "jenkinsfile")] == [
        ("mvn", 2),
        ("docker", 3),
        ("git", 5),
    ]


@pytest.mark.parametrize(
    "hostile", ["'", '"' * 3, "((((", "a | | b", "<<EOF", "\\", "\x00|\x00", "$(" * 500, "|" * 1000]
)
def test_hostile_text_is_passed_over(hostile: str) -> None:
    """Whatever a file of that name holds, reading it ends."""
    assert isinstance(commands(hostile), list)


def test_an_instance_asks_the_database_that_its_user_data_names() -> None:
    """A reference within the script is the demand's target; a variable of the shell is nobody."""
    database = Address.terraform("eu-west-1", "data", "aws_db_instance.db")
    of = Address.terraform("eu-west-1", "data", "aws_instance.backup")
    written = text("#!/bin/bash\nmysqldump --host ", Ref(database, "address"), " shop > a.sql\nmysql -h $HOST shop\n")
    found = [each for each in read_one(Resource(of, "aws_instance", {"user_data": written})) if isinstance(each, Reach)]
    assert [(each.source, each.target, each.port) for each in found] == [(of, Ref(database, "address"), 3306)]
