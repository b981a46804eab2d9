"""``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.peers import scanners
from benchmarks.process import FailedError, Figures, compare, figures, measure, run_once
from benchmarks.synthetic import description

SEAWALL = [sys.executable, "-m", "seawall"]
SIZES = (125, 250, 500, 1000)


def main() -> int:
    """Measure, print a table, and write the figures as JSON if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command that count (default: 5)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="without the growth and the peers")
    chosen = parser.parse_args()
    results: dict[str, object] = {"python": platform.python_version(), "machine": platform.machine()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(f"{'':<44}{'wall s':>9}{'cpu s':>8}{'MiB':>7}   least-most")
        for name, command in _small(folder).items():
            results[name] = _row(name, measure(command, folder, chosen.runs, (0, 1)))
        if not chosen.quick:
            results["growth"] = _growth(folder, chosen.runs)
            results["peers"] = _peers(folder, chosen.runs)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def _small(folder: Path) -> dict[str, list[str]]:
    return {
        "seawall --version": [*SEAWALL, "--version"],
        "seawall compile petclinic": [*SEAWALL, "compile", "petclinic", "-o", str(folder / "compiled")],
        "seawall check petclinic": [*SEAWALL, "check", "petclinic"],
        "compile and check petclinic, one process": _compile_and_check("petclinic", folder / "compiled"),
        "compile and check all, one process": _compile_and_check_all(folder / "all"),
    }


def _compile_and_check(name: str, output: Path) -> list[str]:
    program = (
        "import sys; from seawall.cli.main import main; "
        f"main(['compile', {name!r}, '-o', {str(output)!r}]); sys.exit(main(['check', {name!r}]))"
    )
    return [sys.executable, "-c", program]


def _compile_and_check_all(output: Path) -> list[str]:
    """Every shipped platform in each of its environments, one after the other as a person would ask for them."""
    program = (
        "from seawall.cli.input import read_description, reference_platforms\n"
        "from seawall.cli.main import main\n"
        "for name in reference_platforms():\n"
        "    for environment in read_description(name).data['environments']:\n"
        "        chosen = [name, '--environment', environment]\n"
        f"        if main(['compile', *chosen, '-o', {str(output)!r} + f'/{{name}}-{{environment}}']) > 0:\n"
        "            raise SystemExit(f'{name} in {environment} cannot be compiled')\n"
        "        if main(['check', *chosen]) > 1:\n"
        "            raise SystemExit(f'{name} in {environment} cannot be checked')\n"
    )
    return [sys.executable, "-c", program]


def _row(name: str, found: Figures) -> dict[str, float]:
    print(f"{name:<44}{found.wall:>9.3f}{found.cpu:>8.2f}{found.peak:>7.0f}   {found.least:.3f}-{found.most:.3f}")
    return {"wall": found.wall, "cpu": found.cpu, "peak_mib": found.peak}


def _growth(folder: Path, runs: int) -> list[dict[str, float]]:
    rows = []
    for size in SIZES:
        source = folder / f"synthetic-{size}.yaml"
        source.write_text(description(size), encoding="utf-8")
        command = _compile_and_check(str(source), folder / f"synthetic-{size}")
        done = figures([run_once(command, folder, (0, 1)) for _ in range(max(1, runs // 2))])
        rows.append({"services": size, **_row(f"compile and check, {size} services", done)})
    per_service = [row["wall"] / row["services"] for row in rows]
    print(f"  seconds a service, largest over smallest platform: {per_service[-1] / per_service[0]:.2f}")
    return rows


def _peers(folder: Path, runs: int) -> dict[str, float]:
    ratios: dict[str, float] = {}
    compiled = folder / "compiled"
    ours = [*SEAWALL, "check", str(compiled / "terraform")]
    found = scanners(compiled)
    for name, theirs in found.items():
        try:
            ratios[name] = compare(ours, theirs, folder, min(3, runs), (0, 1))
        except FailedError as error:
            print(f"  {name} could not be measured: {error}", file=sys.stderr)
            continue
        print(f"  {name} on the same Terraform takes {ratios[name]:.1f} times as long (median of pairs)")
    if not found:
        print("  no peer is installed; `make scanners` installs checkov")
    return ratios


if __name__ == "__main__":
    sys.exit(main())
