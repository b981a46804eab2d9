"""``python -m benchmarks.backup``: what a backup of 200 MB of SQL costs, of the agent and its client together.

A MariaDB, Azurite and the emulator on the loopback; the table's rows pack about as text does. Processor time is the
agent's and its children's (``os.wait4``), memory the agent's own peak (``VmHWM``, which knows nothing of whoever
started it). The servers' own work is in neither.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seawall.kernel.units import Duration
from seawall.operate.copies.job import Job, as_text
from seawall.operate.drill.servers import aws, azurite, mariadb
from seawall.operate.drill.stage import stage

_ROW = 331
"""Bytes of SQL a row, about."""
_AGENT = """
import sys
from pathlib import Path
from seawall.cli.main import main
status = main(["backup", sys.argv[1], "--state-dir", sys.argv[2], "--format", "json"])
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM:")), file=sys.stderr)
sys.exit(status)
"""
_FILL = """INSERT INTO large.owners
SELECT seq,
  CONCAT('Owner ', seq, ' of the ', ELT(1 + seq % 6, 'Davis', 'Estaban', 'Coleman', 'Black', 'McTavish', 'Escobito')),
  CONCAT(seq % 2749, ' W. Liberty St., ', ELT(1 + seq % 5, 'Sun Prairie', 'McFarland', 'Windsor', 'Madison', 'Monona')),
  CONCAT('60855', LPAD(seq, 8, '0')), DATE_ADD('2020-01-01', INTERVAL seq MINUTE),
  CONCAT(SHA2(seq, 256), ' said ''fine'', ', SHA2(seq % 9973, 256), REPEAT(CONCAT(' with pet ', seq % 977), 6))
FROM large.seq_1_to_{rows}"""


def main() -> int:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backup", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of SQL (default: 200)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    results: dict[str, object] = {"megabytes": chosen.megabytes}
    with stage() as place, tempfile.TemporaryDirectory() as temporary:
        server = mariadb.start(place, "source", databases=("large",))
        server.ask(
            "CREATE TABLE large.owners (id INT PRIMARY KEY, name VARCHAR(80), address VARCHAR(80),"
            " telephone VARCHAR(20), since DATETIME, notes TEXT, KEY (name), KEY (telephone))"
        )
        server.ask(_FILL.format(rows=chosen.megabytes * 1_000_000 // _ROW))
        account, cloud = azurite.start(place), aws.start(place)
        account.make_container("copies")
        cloud.client("s3", "us-east-1").create_bucket(Bucket="copies")
        surroundings = {**cloud.environment, "AZURE_STORAGE_KEY": account.key}
        (Path(temporary) / "copies").mkdir()
        azure, s3, folder = account.place("copies"), "s3:copies", f"file:{temporary}/copies"
        print(f"{'':<28}{'wall s':>8}{'cpu s':>8}{'MiB':>7}{'SQL MB':>9}{'stored':>9}")
        for name, stores in (
            ("Azure", (azure,)), ("S3", (s3,)), ("Azure and S3", (azure, s3)), ("folder", (folder,)),
        ):  # fmt: skip
            job = Job("bench", "large-db", server.database("large"), stores, Duration(30 * 86_400), Duration(3600))
            results[name] = _row(name, job, Path(temporary), surroundings, chosen.runs)
        key = Path(temporary) / "key"
        key.touch(0o600)
        key.write_text(
            subprocess.run(["openssl", "rand", "-base64", "32"], capture_output=True, text=True, check=True).stdout
        )
        job = Job(
            "bench",
            "large-db",
            server.database("large"),
            (azure,),
            Duration(30 * 86_400),
            Duration(3600),
            encryption=f"file:{key}",
        )
        results["Azure, encrypted"] = _row("Azure, encrypted", job, Path(temporary), surroundings, chosen.runs)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _row(name: str, job: Job, folder: Path, surroundings: dict[str, str], runs: int) -> dict[str, float]:
    (folder / "job.json").write_text(as_text(job), encoding="utf-8")
    found = []
    for _ in range(runs):
        command = [sys.executable, "-c", _AGENT, str(folder / "job.json"), str(folder / secrets.token_hex(4))]
        began = time.perf_counter()
        with (folder / "said").open("w+b") as said:
            child = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **surroundings})
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            words = said.read().decode()
        if child.returncode:
            raise SystemExit(words)
        peak = int(words.splitlines()[-1]) / 1024
        made = json.loads("".join(words.partition("\n{")[1:]).rpartition("}")[0] + "}")["copies"][0]["manifest"]
        found.append((time.perf_counter() - began, usage.ru_utime + usage.ru_stime, peak))
    wall, cpu, peak = (statistics.median(column) for column in zip(*found, strict=True))
    sizes = made["plain_size"] / 1e6, made["size"] / 1e6
    print(f"{name:<28}{wall:>8.2f}{cpu:>8.2f}{peak:>7.0f}{sizes[0]:>9.1f}{sizes[1]:>9.1f}", flush=True)
    return {"wall": wall, "cpu": cpu, "peak_mib": peak, "sql_megabytes": sizes[0], "stored_megabytes": sizes[1]}


if __name__ == "__main__":
    sys.exit(main())
