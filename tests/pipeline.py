"""A runner that plays: it runs the scripts of a workflow's steps with the very commands that stand there.

What it stands in for: checking out is a clone of a bare repository, artifacts are folders, and an expression is looked
up in a few values. Other actions are not played, and neither are the steps that the test names with a reason.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.readers.pipelines.github import workflow_text

_EXPRESSION = re.compile(r"\$\{\{ ([^}]+) \}\}")
_STOOD_IN = ("actions/checkout", "actions/upload-artifact", "actions/download-artifact")


@dataclass
class Runner:
    """Plays jobs against a bare repository; `overrides` are variables that it sets in place of the workflow's own."""

    remote: Path
    commit: str
    folder: Path
    environment: Mapping[str, str]
    overrides: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)
    not_played: list[str] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def workflow(self, name: str) -> Mapping[str, Any]:
        """A workflow as it stands in the commit."""
        path = f".github/workflows/{name}"
        return workflow_text(self._git("show", f"{self.commit}:{path}"), path)

    def play(self, name: str) -> None:
        """Every job of a workflow, in the order of what they need, each in a fresh clone."""
        body = self.workflow(name)
        waiting = dict(body["jobs"])
        while waiting:
            job = next(job for job, said in waiting.items() if not waiting.keys() & _needs(said))
            said = waiting.pop(job)
            assert said.get("if") in (None, "vars.DELIVERED_BY != 'jenkins'"), "nobody has said whether it is so"
            if "uses" in said:
                self.play(said["uses"].rpartition("/")[2])
                continue
            for values in said.get("strategy", {}).get("matrix", {}).get("include", [{}]):
                self.play_job(body, job, said, values)

    def play_job(self, body: Mapping[str, Any], name: str, job: Mapping[str, Any], matrix: Mapping[str, str]) -> Path:
        """The steps of one job; its folder stays."""
        place = self.folder / "-".join([name, *(str(value) for value in list(matrix.values())[:1])])
        for step in job["steps"]:
            if "failure()" in step.get("if", ""):
                continue
            self.play_step(body, name, step, matrix, place)
        return place

    def play_step(
        self, body: Mapping[str, Any], job: str, step: Mapping[str, Any], matrix: Mapping[str, str], place: Path
    ) -> None:
        """One step. Fails with what its script said."""
        called = f"{job}: {step['name']}"
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            if action in _STOOD_IN:
                given = {key: self._filled(str(value), matrix) for key, value in step.get("with", {}).items()}
                getattr(self, f"_{action.rpartition('/')[2].replace('-', '_')}")(place, given)
            else:
                self.not_played.append(f"{called}: {action}")
            return
        if step["name"] in self.left_out:
            self.not_played.append(f"{called}: {self.left_out[step['name']]}")
            return
        shell = step.get("shell", body["defaults"]["run"]["shell"])
        script = place.parent / "script.sh"
        script.write_text(self._filled(step["run"], matrix))
        told = place.parent / "output"
        told.write_text("")
        env = {**body.get("env", {}), **self.overrides, **step.get("env", {})}
        filled = {key: self._filled(str(value), matrix) for key, value in env.items()}
        ran = subprocess.run(
            shell.replace("{0}", str(script)).split(),
            cwd=place,
            env={**self.environment, **filled, "GITHUB_OUTPUT": str(told), "GITHUB_STEP_SUMMARY": os.devnull},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert ran.returncode == 0, f"{called} ended with {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        if "id" in step:
            said = dict(line.split("=", 1) for line in told.read_text().splitlines())
            self.outputs[step["id"]] = said
        self.played.append(called)

    # -- what it stands in for -------------------------------------------------------------------------------------

    def _checkout(self, place: Path, given: Mapping[str, str]) -> None:
        assert given["persist-credentials"] == "False"
        subprocess.run(["git", "clone", "--quiet", str(self.remote), str(place)], check=True)
        subprocess.run(["git", "-C", str(place), "checkout", "--quiet", self.commit], check=True)

    def _upload_artifact(self, place: Path, given: Mapping[str, str]) -> None:
        kept = self.folder / "artifacts" / given["name"]
        if (place / given["path"]).exists():
            shutil.copytree(place / given["path"], kept, dirs_exist_ok=True)
        else:
            assert kept.is_dir(), f"what makes {given['path']} is not played, and nobody has put {kept.name} there"

    def _download_artifact(self, place: Path, given: Mapping[str, str]) -> None:
        (place / given["path"]).mkdir(parents=True, exist_ok=True)
        pattern = given.get("pattern") or given["name"]
        for found in sorted((self.folder / "artifacts").iterdir()):
            if fnmatch.fnmatch(found.name, pattern):
                shutil.copytree(found, place / given["path"], dirs_exist_ok=True)

    def _filled(self, text: str, matrix: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda match: self._value(match[1], matrix), text)

    def _value(self, expression: str, matrix: Mapping[str, str]) -> str:
        for path in expression.split(" || "):
            match path.split("."):
                case ["github", "sha"]:
                    value = self.commit
                case ["github", "token"]:
                    value = "none"
                case ["matrix", name]:
                    value = str(matrix[name])
                case ["steps", step, "outputs", name]:
                    value = self.outputs.get(step, {}).get(name, "")
                case ["vars", _]:
                    value = "123456789012"
                case _:
                    raise AssertionError(f"nobody has said what {path} is")
            if value:
                return value
        return ""

    def _git(self, *arguments: str) -> str:
        ran = subprocess.run(["git", "-C", str(self.remote), *arguments], capture_output=True, text=True, check=True)
        return ran.stdout


def _needs(job: Mapping[str, Any]) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else set(needs)
