"""``python -m benchmarks.restore``: how long 200 MB of SQL take to come back, by one session, two, a plain client.

Two MariaDBs on the loopback and a folder as the store. What is timed is the steps ``load`` (fetch, unpack, check, carry
out, keys) and ``prove`` (rows and checksums), and beside it ``zcat | mariadb``, which checks nothing. Processor time is
the server's own and this process's. Runs alternate, so that a machine that slows down half-way does not decide it.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from seawall.kernel.units import Duration
from seawall.operate.copies.backup import backup
from seawall.operate.copies.job import Job
from seawall.operate.copies.restore import restore
from seawall.operate.drill import seed
from seawall.operate.drill.servers import mariadb
from seawall.operate.drill.stage import program, stage

DATABASE = "petclinic"


def main() -> int:
    """Fill, copy, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restore", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of SQL (default: 200)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    with stage() as place, tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        (root / "copies").mkdir()
        source = mariadb.start(place, "source", databases=(DATABASE,))
        target = mariadb.start(place, "target")
        seed.seed(source.database(DATABASE), source.credentials, chosen.megabytes, random.Random(1))
        store = f"file:{root / 'copies'}"
        job = Job("bench", "db", source.database(DATABASE), (store,), Duration(864000), Duration(86400))
        made = backup(job, root / "backup")
        assert made is not None
        source.process.stop()
        to = target.database(DATABASE)

        def restored(sessions: int) -> Callable[[int], float]:
            def once(number: int) -> float:
                folder = root / f"{sessions}-{number}"
                done = restore(job, to, folder, sessions=sessions, replace=True, approve=lambda question: True)
                return done.seconds

            return once

        def client(number: int) -> float:
            target.ask(f"DROP DATABASE IF EXISTS {DATABASE}")
            began = time.monotonic()
            unpack = subprocess.Popen(["gzip", "-dc", str(root / "copies" / made.dump)], stdout=subprocess.PIPE)
            command = [program("mariadb", "mariadb-client"), f"--defaults-extra-file={target.options}"]
            subprocess.run(command, stdin=unpack.stdout, check=True)
            unpack.wait()
            return time.monotonic() - began

        ways = {"2 sessions": restored(2), "1 session": restored(1), "zcat | mariadb": client}
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        spent: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(chosen.runs):
            for way, once in ways.items():
                before = _spent(target.process.pid)
                seconds[way].append(once(number))
                spent[way].append(_spent(target.process.pid) - before)
        megabytes = made.plain_size / 1e6
        print(f"{megabytes:.0f} MB of SQL, {sum(made.rows.values()):,} rows, {made.size / 1e6:.0f} MB stored")
        print(f"{'':<20}{'wall s':>8}{'MB/s':>7}{'cpu s':>7}   least-most")
        results: dict[str, object] = {"megabytes": megabytes, "rows": sum(made.rows.values())}
        for way, taken in seconds.items():
            wall, cpu = statistics.median(taken), statistics.median(spent[way])
            print(f"{way:<20}{wall:>8.2f}{megabytes / wall:>7.0f}{cpu:>7.1f}   {min(taken):.2f}-{max(taken):.2f}")
            results[way] = {"wall": taken, "cpu": spent[way]}
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _spent(pid: int) -> float:
    """Processor seconds of the server, of this process, and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    server = (int(fields[11]) + int(fields[12])) / 100
    return server + own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())
