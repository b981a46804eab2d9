"""Fixtures and hooks for every test: skipping by name, and what the outside programs need around them."""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path

import hypothesis
import pytest

import prerequisites
import terraform_mirror

IN_CI = os.environ.get("CI") == "true"

# Two busy cores make any deadline a coin toss; counts and growth are asserted instead.
hypothesis.settings.register_profile("here", deadline=None)
# The same examples every time: a red run in CI must be somebody's change.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if IN_CI else "here")

# As the command itself does (cli/main.py): little that is made is garbage, and looking for it took a sixth of the time.
gc.set_threshold(100_000, 50, 100)


class SkipsInCI:
    """Fails a run of CI that skipped a test for a reason outside the allow-list."""

    def __init__(self) -> None:
        self.forbidden: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.forbidden and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.forbidden:
            return
        terminalreporter.section("skipped, which CI does not allow", red=True)
        for test, reason in sorted(self.forbidden.items()):
            terminalreporter.line(f"{test}: {reason}")
        terminalreporter.line("Provide what is missing, or add its name and a reason to tests/prerequisites.py.")

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        name = re.match(r"Skipped: needs ([\w-]+)", reason)
        if name is None or name[1] not in prerequisites.ALLOWED_SKIPS_IN_CI:
            self.forbidden[report.nodeid] = reason


def pytest_configure(config: pytest.Config) -> None:
    """Watch the skips in CI, in the process that sees every report."""
    if IN_CI and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipsInCI(), "skips-in-ci")


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, by name, what needs something absent; an unknown name ends the run."""
    for item in items:
        for name in (name for mark in item.iter_markers("needs") for name in mark.args):
            if name not in prerequisites.PREREQUISITES:
                known = ", ".join(sorted(prerequisites.PREREQUISITES))
                raise pytest.UsageError(f"{item.nodeid}: needs({name!r}) is none of {known}")
            reason = prerequisites.missing(name)
            if reason is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference documents, which only CI names; its tests skip elsewhere."""
    _require("reference")
    return Path(os.environ[prerequisites.REFERENCE])


@pytest.fixture(scope="session")
def terraform_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment for Terraform and for a Seawall that runs it.

    Providers come from disk where a mirror is found, and nothing of the user's AWS settings is left.
    """
    _require("terraform")
    _require("aws-provider")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    if terraform_mirror.user_configuration(environment) is None:
        written = terraform_mirror.write(tmp_path_factory.mktemp("terraform") / "terraform.tfrc")
        environment["TF_CLI_CONFIG_FILE"] = str(written)
    return environment


def _require(name: str) -> None:
    """Skip the test that asked, unless the prerequisite is there."""
    reason = prerequisites.missing(name)
    if reason is not None:
        pytest.skip(reason)
