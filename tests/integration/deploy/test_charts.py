"""A cluster that knows nothing yet: Argo CD first, then the charts, then what is of their kinds; and all of it away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import api_server
import deploy_platform
import descriptions
from deploy_platform import REGION, Described
from fake_cloud import FakeCloud, fake_cloud
from seawall.components.expand import expand
from seawall.deploy import charts
from seawall.deploy.down import down
from seawall.deploy.rendered import Rendered
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.kernel.errors import OutsideError
from seawall.render.kubernetes import files as kubernetes_files
from seawall.render.terraform import files as terraform_files

pytestmark = pytest.mark.needs("kubectl", "emulator")
KINDS = ("Application", "AppProject", "ClusterSecretStore", "Namespace", "NetworkPolicy")
JOB = "/apis/batch/v1/namespaces/argocd/jobs/argo-cd-bootstrap"
APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
STORE = "/apis/external-secrets.io/v1/clustersecretstores/aws-secrets-manager"


def _rendered(*kinds: str) -> Rendered:
    """The small platform with the add-ons External Secrets and Argo CD, as far as they are objects of these kinds."""
    frame = descriptions.FRAME.replace('version: "1.36"', 'version: "1.36"\n  addons: [external-secrets]')
    known = expand(descriptions.platform(frame))
    objects = [each for each in known if each.is_kubernetes and each.body["kind"] in kinds]
    graph = Graph([*deploy_platform.graph(), *objects])
    described = Described()
    files = [*terraform_files.files(described, graph), *kubernetes_files.files(described, graph)]
    return Rendered.of_graph(files, graph)


@pytest.fixture
def cloud(tmp_path: Path) -> FakeCloud:
    """A fake AWS with a state bucket."""
    return fake_cloud(tmp_path / "world", f"tiny-terraform-state-{REGION}")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace on it."""
    return Workplace(tmp_path / ".seawall", "tiny", "test", "aws")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody waits for images here, and kubectl remembers nothing of another test's cluster."""
    monkeypatch.setattr(charts, "_PAUSE", 0.05)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def server() -> Iterator[api_server.ApiServer]:
    """An empty cluster, in which the Job, Argo CD and External Secrets do what they would."""
    with api_server.serving() as server:

        def helm(job: dict[str, Any]) -> None:
            server.teach("argoproj.io/v1alpha1", "applications", "Application")
            server.teach("argoproj.io/v1alpha1", "appprojects", "AppProject")
            job["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}

        def argo_cd(application: dict[str, Any]) -> None:
            if application["spec"]["source"]["chart"] == "external-secrets":
                server.teach("external-secrets.io/v1", "clustersecretstores", "ClusterSecretStore")
            application["status"] = {"health": {"status": "Healthy"}}

        server.reacts = {"Job": helm, "Application": argo_cd}
        yield server


def test_an_empty_cluster_gets_argo_cd_its_charts_and_then_the_rest(
    server: api_server.ApiServer, cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """Each step finds what it is made of, and the right to do anything is gone when the cluster is there."""
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    assert up(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig).manifests.applied
    steps = [
        "PATCH /api/v1/namespaces/argocd",
        f"PATCH {JOB}",
        f"DELETE {JOB}",
        f"PATCH {APPLICATIONS}/external-secrets",
        f"PATCH {STORE}",
    ]
    assert [server.requests.index(step) for step in steps] == sorted(server.requests.index(step) for step in steps)
    assert "DELETE /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/argo-cd-bootstrap" in server.requests
    assert not any("argo-cd-bootstrap" in path for path in server.objects)
    assert set(server.objects) >= {f"{APPLICATIONS}/argo-cd", f"{APPLICATIONS}/external-secrets", STORE}


def test_a_cluster_that_knows_them_gets_them_at_once(
    server: api_server.ApiServer, cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """The second time there is nothing to install, and Argo CD is left to itself."""
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    up(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig)
    server.requests.clear()
    assert up(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig).manifests.applied
    assert f"PATCH {JOB}" not in server.requests
    assert f"PATCH {STORE}" in server.requests


def test_applications_go_before_what_they_would_put_back(
    server: api_server.ApiServer, cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """And objects of a controller before the namespace in which it would have to clear up after them."""
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    up(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig)
    down(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig)
    steps = [f"DELETE {APPLICATIONS}/argo-cd", f"DELETE {STORE}", "DELETE /api/v1/namespaces/external-secrets"]
    assert [server.requests.index(step) for step in steps] == sorted(server.requests.index(step) for step in steps)
    assert [path for path in server.objects if "customresourcedefinitions" not in path] == []


def test_what_was_never_known_need_not_go(
    server: api_server.ApiServer, cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """Where the cluster came no further than its namespaces, these go, and kubectl does not stop at the rest."""
    kubeconfig = server.kubeconfig(tmp_path / "kubeconfig")
    server.reacts["Job"] = lambda job: job.update(status={"conditions": [{"type": "Failed", "status": "True"}]})
    with pytest.raises(OutsideError, match="Argo CD could not be installed"):
        up(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig)
    assert "/api/v1/namespaces/argocd" in server.objects
    assert not any("argo-cd-bootstrap" in path for path in server.objects), "its right to do anything was left"
    down(_rendered(*KINDS), place, cloud, kubeconfig=kubeconfig)
    assert server.objects == {}


def test_kinds_that_do_not_come_are_named(
    server: api_server.ApiServer,
    cloud: FakeCloud,
    place: Workplace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message says which kinds, and where to look for the chart that should have brought them."""
    monkeypatch.setattr(charts, "_PATIENCE", 0.2)
    server.reacts["Application"] = lambda application: None
    with pytest.raises(OutsideError, match=r"does not know ClusterSecretStore \(external-secrets.io\)") as raised:
        up(_rendered(*KINDS), place, cloud, kubeconfig=server.kubeconfig(tmp_path / "kubeconfig"))
    assert "get applications" in str(raised.value.fix)


def test_kinds_that_nobody_brings_are_named(
    server: api_server.ApiServer, cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """A platform without the chart says so before anything is applied."""
    with pytest.raises(OutsideError, match=r"the cluster does not know ClusterSecretStore \(external-secrets.io\)"):
        up(_rendered("ClusterSecretStore"), place, cloud, kubeconfig=server.kubeconfig(tmp_path / "kubeconfig"))
    assert server.objects == {}


def test_the_job_installs_what_the_application_says() -> None:
    """Chart, version, name and values are the application's own, so that Argo CD finds nothing to change."""
    graph = expand(descriptions.platform(descriptions.FRAME))
    own = descriptions.named(graph, "argoproj.io/v1alpha1/Application", "argo-cd").body
    account, binding, values, job = charts.bootstrap(own)
    source = own["spec"]["source"]
    command = " ".join(job["spec"]["template"]["spec"]["containers"][0]["command"])
    assert f"--repo {source['repoURL']} --version {source['targetRevision']} --namespace argocd" in command
    assert command.startswith("helm upgrade --install argocd argo-cd ")
    assert json.loads(values["data"]["values.json"]) == source["helm"]["valuesObject"]
    assert binding["subjects"][0]["name"] == account["metadata"]["name"]
    assert job["spec"]["template"]["spec"]["serviceAccountName"] == account["metadata"]["name"]
