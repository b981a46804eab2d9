"""`seawall canary` tells each step, and a release that was taken back does not stand in the way of the next."""

from __future__ import annotations

import json

from seawall.cli.main import main
from seawall.kernel.verdict import refuted


class Cluster:
    """A Rollout at its first weight, as kubectl tells of it."""

    version = "first"
    aborted = False

    def __init__(self, config, context=""):
        """Any cluster."""

    def __call__(self, verb, *arguments):
        if verb == "patch":
            Cluster.aborted = Cluster.aborted or json.loads(arguments[-1])["status"].get("abort", False)
            return ""
        weight = 0 if Cluster.aborted else 10
        status = {
            "currentPodHash": Cluster.version,
            "stableRS": "old",
            "currentStepIndex": 1,
            "abort": Cluster.aborted,
            "canary": {"weights": {"canary": {"weight": weight}}},
        }
        steps = [{"setWeight": 10}, {"pause": {"duration": "30s"}}]
        return json.dumps({"status": status, "spec": {"strategy": {"canary": {"steps": steps}}}})


class Judge:
    """Finds every version bad."""

    blind = False

    def __init__(self, looks, prometheus, version):
        """Looks at nothing."""

    def look(self):
        return refuted("its requests fail")


def test_the_next_version_is_watched_although_the_one_before_it_was_taken_back(monkeypatch, tmp_path, capsys):
    """What was cut short was of a version that is gone, so nobody has to give it up first."""
    monkeypatch.setattr("seawall.operate.kubectl.Kubectl", Cluster)
    monkeypatch.setattr("seawall.operate.analysis.Judge", Judge)
    words = ["canary", "petclinic", "--prometheus", "http://127.0.0.1:9", "--kubeconfig", str(tmp_path / "config")]
    words += ["--state-dir", str(tmp_path), "--yes"]
    for version in ("first", "second"):
        monkeypatch.setattr(Cluster, "version", version)
        monkeypatch.setattr(Cluster, "aborted", False)
        assert main(words) == 1
        out, err = capsys.readouterr()
        assert f"{version} was taken back at 10 %" in out
        assert "its requests fail" in out
        assert "10 %: failed" in err
