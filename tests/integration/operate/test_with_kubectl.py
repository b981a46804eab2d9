"""What is asked of a cluster, asked by the real kubectl of a server that plays it."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

import api_server
from seawall.cli.input import load_graph
from seawall.facts.demands import Hold
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Answer
from seawall.operate import smoke
from seawall.operate.canary import Rollout
from seawall.operate.kubectl import Kubectl
from seawall.operate.smoke import World

pytestmark = pytest.mark.needs("kubectl")
ROLLOUT = "/apis/argoproj.io/v1alpha1/namespaces/petclinic/rollouts/was"


class Handler(api_server._Handler):
    """Takes merge patches of a Rollout's status, as the controller's own resource does, and plays the controller."""

    def do_GET(self):
        self.path = self.path.replace("/rollouts/was/status", "/rollouts/was")
        super().do_GET()

    def do_PATCH(self):
        path = self._note()
        patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/merge-patch+json"
        rollout = self.server.objects[path.removesuffix("/status")]
        status = rollout["status"]
        status.update(patch["status"])
        if status.get("abort"):
            status["canary"]["weights"]["canary"]["weight"] = 0
        elif patch["status"].get("pauseConditions", "") is None:
            status["canary"]["weights"]["canary"]["weight"] = 25
            status["currentStepIndex"] = 3
        self._answer(rollout)


@contextmanager
def cluster(tmp_path):
    """A cluster with a Rollout at its first pause, a Deployment of which one pod is missing, and a Secret."""
    with api_server.serving() as server:
        server.RequestHandlerClass = Handler
        server.teach("argoproj.io/v1alpha1", "rollouts", "Rollout")
        server.kinds["v1"]["secrets"] = "Secret"
        steps = [{"setWeight": 10}, {"pause": {"duration": "30s"}}, {"setWeight": 25}, {"pause": {"duration": "30s"}}]
        server.objects[ROLLOUT] = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": "was", "namespace": "petclinic"},
            "spec": {"replicas": 2, "strategy": {"canary": {"steps": steps}}},
            "status": {
                "readyReplicas": 2,
                "currentPodHash": "new",
                "stableRS": "old",
                "currentStepIndex": 1,
                "pauseConditions": [{"reason": "CanaryPauseStep"}],
                "canary": {"weights": {"canary": {"weight": 10}}},
            },
        }
        server.objects["/apis/apps/v1/namespaces/petclinic/deployments/web"] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "petclinic"},
            "spec": {"replicas": 2},
            "status": {"readyReplicas": 1},
        }
        server.objects["/api/v1/namespaces/petclinic/secrets/db"] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "db", "namespace": "petclinic"},
            "data": {"username": "dQ==", "password": "cA=="},
        }
        yield server, Kubectl(server.kubeconfig(tmp_path / "config"), "played")


def test_a_rollout_is_moved_and_aborted_through_its_status(tmp_path):
    """The patches arrive at the status, as merge patches, and what the cluster then says is what is read."""
    with cluster(tmp_path) as (server, kubectl):
        route = Rollout(kubectl, "petclinic", "was", patience=20, every=0)
        assert (route.version(), route.weight()) == ("new", 10)
        route.move(25)
        assert route.weight() == 25
        route.abort()
        assert route.weight() == 0
        assert server.requests.count(f"PATCH {ROLLOUT}/status") == 2


def test_pods_and_secrets_are_asked_for(tmp_path):
    """Ready, not ready, not there; a key that is there and one that is not; and never a secret's value."""
    _, graph = load_graph(["petclinic"], None)
    with cluster(tmp_path) as (_, kubectl):
        world = World(cloud=None, kubectl=kubectl)
        verdicts = {
            question.says: question.ask().answer for question in smoke._served(graph, world) if question.kind == "ready"
        }
        at = Address.kubernetes("c", "Secret", "petclinic", "db")
        source = Address.kubernetes("c", "Deployment", "petclinic", "web")
        held = [Hold(source, at, key, "env") for key in ("password", "token")]
        keys = [question.ask() for question in smoke._secrets(Facts(held), world)]
    assert verdicts["every pod of petclinic/was is ready"] is Answer.PROVEN
    assert verdicts["every pod of petclinic/web is ready"] is Answer.REFUTED
    assert verdicts["every pod of petclinic/sessions is ready"] is not Answer.PROVEN
    assert [key.answer for key in keys] == [Answer.PROVEN, Answer.REFUTED]
    assert "cA==" not in str(keys)


def test_a_cluster_that_is_away_says_so(tmp_path):
    """Its own words, and no verdict of what nobody could ask."""
    with cluster(tmp_path) as (_, kubectl):
        pass
    with pytest.raises(OutsideError, match="kubectl get failed"):
        kubectl("get", "pods")
    _, graph = load_graph(["petclinic"], None)
    answers = {question.ask().answer for question in smoke._served(graph, World(cloud=None, kubectl=kubectl))}
    assert answers == {Answer.UNKNOWN}
