"""Kill any runbook at any step, run it again: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import prerequisites
from operate_cases import CASES, COMPONENT
from operate_driver import MOMENTS
from seawall.kernel.units import Duration
from seawall.operate.copies import backup
from seawall.operate.copies.job import Database, Job
from seawall.operate.drill.servers import mariadb
from seawall.operate.drill.stage import stage
from seawall.operate.runbook import names

Run = Callable[..., int]
WITHOUT_SERVERS = sorted(name for name, case in CASES.items() if not case.needs)
TESTS = Path(prerequisites.__file__).parent


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a case in a process of its own, which may be killed; how it ended."""
    errors = tmp_path_factory.mktemp("driver") / "errors"
    with errors.open("wb") as said:
        driver = subprocess.Popen(
            [sys.executable, str(TESTS / "operate_driver.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        )
    assert driver.stdin is not None
    assert driver.stdout is not None

    def ask(case: str, folder: Path, step: str = "", moment: str = "", delay: float = 0.0) -> int:
        request = {"case": case, "folder": str(folder), "step": step, "moment": moment, "delay": delay}
        driver.stdin.write(json.dumps(request) + "\n")
        driver.stdin.flush()
        answer = driver.stdout.readline()
        assert answer, errors.read_text()
        if int(answer) > 0:
            print(errors.read_text()[-3000:])
        return int(answer)

    yield ask
    driver.stdin.close()
    driver.wait(timeout=30)
    driver.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A small database on a real server, where it is, what is in it, and a folder with a copy of it."""
    with stage() as here:
        # It is the runbooks that are killed, never the servers: those need not wait for their disks.
        careless = {"innodb_flush_log_at_trx_commit": "0", "innodb_flush_method": "nosync", "sync_frm": "0"}
        running, other = (mariadb.start(here, name, settings=careless) for name in ("killed", "other"))
        running.ask("CREATE DATABASE shop")
        for table in ("orders", "parts"):
            running.ask(
                f"CREATE TABLE {table} (id INT PRIMARY KEY, day INT, note VARCHAR(200), KEY by_day (day))",
                database="shop",
            )
            running.ask(
                f"INSERT INTO {table} SELECT seq, seq % 7, REPEAT(MD5(seq), 5) FROM seq_1_to_2000", database="shop"
            )
        copies = tmp_path_factory.mktemp("copies")
        database = Database("mysql", running.host, running.port, ("shop",), running.secret, tls="off")
        job = Job("shop", COMPONENT, database, (f"file:{copies}",), Duration(86400), Duration(3600))
        made = backup.backup(job, tmp_path_factory.mktemp("operations"))
        assert made is not None
        sums = {
            table: [
                str(value)
                for value in running.ask(f"SELECT COUNT(*), SUM(CRC32(note)) FROM {table}", database="shop")[0]
            ]
            for table in ("orders", "parts")
        }
        yield {
            "port": running.port,
            "secret": running.secret,
            "copies": str(copies),
            "rows": dict(made.rows),
            "sums": sums,
            "home": {"port": running.port, "secret": running.secret},
            "azure": {"port": other.port, "secret": other.secret},
        }


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: runbooks wait for the disk at every line, and SIGKILL is no power cut."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="seawall-killed-", dir=memory) as folder:
        yield Path(folder)


def steps_of(case: str, folder: Path) -> tuple[str, ...]:
    """The steps of a case's runbook, in a world that is made for the question."""
    return names(CASES[case].book(folder).steps)


def kill_everywhere(case: str, folder: Path, run: Run, server: dict[str, Any] | None = None) -> None:
    """Kill it at each moment of each step, run it again, and look at the world."""
    known = CASES[case]

    def world(name: str) -> Path:
        made = folder / name.replace("/", "-")
        made.mkdir()
        if server is not None:
            (made / "server.json").write_text(json.dumps(server), encoding="utf-8")
        known.fresh(made)
        return made

    undisturbed = world("undisturbed")
    steps = steps_of(case, undisturbed)
    assert run(case, undisturbed) == 0
    assert known.wrong(undisturbed) == []
    assert known.idle | known.only <= set(steps)
    wrong: dict[str, object] = {}
    for step in steps:
        for moment in MOMENTS:
            if (step in known.idle and moment != "between") or (known.only and step not in known.only):
                continue
            here = world(f"{step}-{moment}")
            ended = run(case, here, step, moment)
            if ended != -signal.SIGKILL:
                wrong[f"{step}, {moment}"] = f"it was to be killed and ended with {ended}"
                continue
            known.meanwhile(here)
            ended = run(case, here)
            found = known.wrong(here)
            if ended or found:
                wrong[f"{step}, {moment}"] = [ended, *found]
            # The oracle of a case with a real server looks at what lies on the disk; it need not lie there any longer.
            shutil.rmtree(here)
    assert wrong == {}


@pytest.mark.parametrize("case", WITHOUT_SERVERS)
def test_killed_at_every_step_it_goes_on(case: str, quick: Path, run: Run) -> None:
    """Whatever moment of whatever step it is killed at, the next run does what is left, once each."""
    kill_everywhere(case, quick, run)


@pytest.mark.parametrize("case", WITHOUT_SERVERS)
def test_killed_again_and_again_it_goes_on(case: str, quick: Path, run: Run) -> None:
    """A run that goes on with one that was killed may be killed itself, at any later moment or the same one."""
    known, chance = CASES[case], random.Random(case)
    for number in range(12):
        here = quick / str(number)
        here.mkdir()
        known.fresh(here)
        steps = steps_of(case, here)
        kills = [(chance.choice(steps), chance.choice(MOMENTS)) for _ in range(4)]
        # Every other time in the order of the steps, so that it is killed more than once.
        kills = sorted(kills, key=lambda kill: steps.index(kill[0])) if number % 2 else kills
        ended = -signal.SIGKILL
        for step, moment in kills:
            ended = run(case, here, step, moment)
            known.meanwhile(here)
            if ended == 0:
                break
        if ended != 0:
            ended = run(case, here)
        assert (ended, known.wrong(here)) == (0, []), kills


@pytest.mark.needs("mariadb", "drill")
@pytest.mark.parametrize("case", sorted(set(CASES) - set(WITHOUT_SERVERS)))
def test_killed_at_every_step_copies_are_whole(case: str, quick: Path, run: Run, server: dict[str, Any]) -> None:
    """A backup shows one whole copy in every store, a restore one whole database, whenever the run was killed."""
    kill_everywhere(case, quick, run, server)


@pytest.mark.needs("mariadb", "drill")
@pytest.mark.parametrize(("case", "step"), [("backup", "copy"), ("restore", "load")])
@pytest.mark.parametrize("delay", [0.005, 0.015, 0.04])
def test_killed_in_the_middle_of_the_work(
    case: str, step: str, delay: float, quick: Path, run: Run, server: dict[str, Any]
) -> None:
    """A dump or a load that is cut off half-way is begun anew, and half of it is never taken for the whole."""
    (quick / "server.json").write_text(json.dumps(server), encoding="utf-8")
    CASES[case].fresh(quick)
    ended = run(case, quick, step, "during", delay)
    if ended == -signal.SIGKILL:
        ended = run(case, quick)
    # A quick machine may be done before the moment has come; then nothing is left to go on with.
    assert ended == 0
    assert CASES[case].wrong(quick) == []


def test_every_runbook_has_a_case() -> None:
    """Whoever writes a new runbook is told to say how it is killed."""
    assert makers() == {case.of for case in CASES.values()}


def makers() -> set[str]:
    """Every function of the product that makes a Runbook, methods by the name of their class."""
    root = Path(str(files("seawall")))
    found: set[str] = set()
    for path in sorted([*root.glob("operate/**/*.py"), *root.glob("cli/**/*.py")]):
        module = ".".join(["seawall", *path.relative_to(root).with_suffix("").parts])
        for outer in ast.parse(path.read_text(encoding="utf-8")).body:
            for node in ast.walk(outer):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Runbook":
                    assert isinstance(outer, ast.FunctionDef | ast.ClassDef), (
                        f"{module} makes a runbook as it is imported"
                    )
                    found.add(f"{module}.{outer.name}")
    return found
