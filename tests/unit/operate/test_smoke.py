"""Each demand becomes a question to the real thing; what nobody can ask is unknown, with its reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from platforms import shipped
from seawall.cli.commands import validate as command
from seawall.deploy.target import Cloud
from seawall.deploy.validate import ValidateResult
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, Text
from seawall.kernel.verdict import Answer
from seawall.operate import smoke
from seawall.operate.made import Made
from seawall.operate.smoke import World
from seawall.readers.read import facts_of


class Aws(Cloud):
    """An AWS whose simulator lets everything be done but reading parameters, and that has no zones."""

    def client(self, service, region):
        class Client:
            def simulate_principal_policy(self, PolicySourceArn, ActionNames, ResourceArns):
                assert ":role/" in PolicySourceArn
                decision = "implicitDeny" if ActionNames == ["sns:Publish"] else "allowed"
                return {"EvaluationResults": [{"EvalDecision": decision}]}

        return Client()


class Everything(Made):
    """States in which everything stands, each attribute with a value made of its name."""

    def __init__(self):
        super().__init__({})

    def attribute(self, address, name):
        return f"arn:aws:iam::1:role/{address}" if name == "arn" else f"{name}-of-it"


@pytest.fixture(scope="module")
def bank():
    """A platform with pods, a database, a load balancer, and functions that call AWS."""
    _, graph = shipped("pocketbank")
    return graph, facts_of(graph)


class Cluster:
    """A kubectl whose cluster has one pod of each workload, from which the database cannot be reached."""

    def __init__(self):
        self.asked = []

    def __call__(self, *arguments, patience=60.0):
        self.asked.append(arguments)
        match arguments:
            case ("get", "pods", *_):
                return json.dumps({"items": [{"metadata": {"name": "one"}}]})
            case ("get", "--raw", path):
                if "/web:" in path:
                    raise OutsideError("kubectl get failed", "Error from server (ServiceUnavailable): 503")
                return "OK"
            case ("get", _, name, *_):
                ready = 1 if name == "web" else 2
                return json.dumps({"spec": {"replicas": 2}, "status": {"readyReplicas": ready}})
            case ("debug", *_):
                lines = arguments[-1].splitlines()
                return "\n".join(
                    f"seawall {number} failed" if " 3306 " in line else f"seawall {number} reached"
                    for number, line in enumerate(lines)
                )
        raise AssertionError(arguments)


def by_kind(answered, kind):
    """The questions of one kind with their verdicts."""
    return {one.says: one.verdict for one in answered if one.kind == kind}


def test_a_cluster_is_asked_from_within_the_pods_that_need_something(bank, monkeypatch):
    """One container for each workload; what is open is proven, what is shut refuted, and nobody sits in a balancer."""
    graph, facts = bank
    monkeypatch.setattr(smoke, "answers", lambda url, patience: smoke.proven(url))
    monkeypatch.setattr(smoke.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("192.0.2.1", 443))])
    cluster = Cluster()
    answered = smoke.smoke(graph, facts, World(Aws({}), Everything(), cluster))
    reach = by_kind(answered, "reach")
    [database] = [verdict for says, verdict in reach.items() if "/was reaches" in says and says.endswith(":3306")]
    assert database.refuted
    [between] = [verdict for says, verdict in reach.items() if "/web reaches" in says]
    assert between.proven
    assert all(verdict.answer is Answer.UNKNOWN for says, verdict in reach.items() if says.startswith("ap-northeast-2"))
    debugged = [arguments for arguments in cluster.asked if arguments[0] == "debug"]
    assert len(debugged) == 2
    assert all("--profile=restricted" in arguments for arguments in debugged)
    ready = by_kind(answered, "ready")
    assert ready["every pod of pocketbank/web is ready"].refuted
    assert ready["every pod of pocketbank/was is ready"].proven
    health = by_kind(answered, "health")
    assert health["pocketbank/web says that it is well"].refuted
    assert health["pocketbank/was says that it is well"].proven
    calls = by_kind(answered, "call")
    assert len(calls) > 10
    for says, verdict in calls.items():
        if verdict.answer is not Answer.UNKNOWN:
            assert verdict.refuted is ("sns:Publish" in says), says
    assert any(verdict.refuted for verdict in calls.values())
    assert all(verdict.proven for verdict in by_kind(answered, "name").values())


def test_without_a_cluster_and_with_nothing_up_it_is_unknown(bank, monkeypatch):
    """Nothing that could not be asked is a pass, and every verdict says why."""
    graph, facts = bank
    monkeypatch.setattr(smoke, "_hosts", lambda graph, world: iter(()))
    answered = smoke.smoke(graph, facts, World(Aws({})))
    assert answered
    assert {one.verdict.answer for one in answered} == {Answer.UNKNOWN}
    assert all(one.verdict.because for one in answered)


def test_what_it_prints_keeps_to_its_schema(bank, monkeypatch):
    """The questions stand beside the addresses, and only where they were asked."""
    jsonschema = pytest.importorskip("jsonschema")
    from importlib import resources

    graph, facts = bank
    monkeypatch.setattr(smoke, "_hosts", lambda graph, world: iter(()))
    answered = smoke.smoke(graph, facts, World(Aws({})))
    schema = json.loads((resources.files("seawall.schemas") / "validate.json").read_text())
    jsonschema.validate(command._document(ValidateResult((), ()), answered), schema)
    assert "smoke" not in command._document(ValidateResult((), ()))
    assert f"{len(answered)} questions asked: 0 proven" in command._smoke_text(answered, everything=False)


def test_the_hosts_are_asked_where_their_checks_are_led_to():
    """Of two Ingresses of a host, the one whose paths lead to what its check asks; and what visitors see."""
    _, graph = shipped("petclinic")
    exposed = {(host, path) for host, path, _ in smoke._exposed(graph)}
    assert ("www-origin.petclinic.example", "/health") in exposed
    assert ("www.petclinic.example", "/") in exposed
    assert not [path for _, path in exposed if path.startswith("/actuator")]


@pytest.mark.parametrize(
    ("said", "answer", "why"),
    [
        ("seawall 0 reached", Answer.PROVEN, "opens"),
        ("warning: something\nseawall 0 failed nc: bad address 'db'", Answer.REFUTED, "name is not known"),
        ("seawall 0 failed", Answer.REFUTED, "no connection opens"),
        ("", Answer.UNKNOWN, "did not say"),
        ("seawall 7 reached", Answer.UNKNOWN, "did not say"),
    ],
)
def test_a_containers_words_are_a_verdict(said, answer, why):
    """What it says of each question, and nothing where it says nothing."""
    [verdict] = smoke.verdicts_of(said, 1)
    assert verdict.answer is answer
    assert why in str(verdict.because)


NC = """#!{python} -IS
import socket, sys
assert sys.argv[1:4] == ["-z", "-w", "5"]
try:
    socket.create_connection((sys.argv[4], int(sys.argv[5])), 5).close()
except socket.gaierror:
    sys.exit(f"nc: bad address '{{sys.argv[4]}}'")
except OSError as error:
    sys.exit(f"nc: {{error}}")
"""


def test_the_script_asks_for_real(tmp_path):
    """A shell runs it with an nc that takes what the image's takes: an open port is reached, a shut one is not."""
    import socket

    (tmp_path / "nc").write_text(NC.format(python=sys.executable))
    (tmp_path / "nc").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with socket.socket() as listening, socket.socket() as shut:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        shut.bind(("127.0.0.1", 0))
        there = [("127.0.0.1", listening.getsockname()[1]), ("127.0.0.1", shut.getsockname()[1])]
        said = subprocess.run(
            ["sh", "-c", smoke.script(there)], env=environment, capture_output=True, text=True, check=True
        ).stdout
    assert [verdict.answer for verdict in smoke.verdicts_of(said, 2)] == [Answer.PROVEN, Answer.REFUTED]


def test_a_host_is_well_when_it_answers_below_400():
    """An error of its own, and silence, are not."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health" else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        assert smoke.answers(f"{url}/health", 5).proven
        assert smoke.answers(f"{url}/else", 5).refuted
        server.shutdown()
    assert smoke.answers(url, 5).refuted


def test_references_stand_for_what_the_states_say():
    """Through lists and dots; a part that is not known leaves the whole unknown."""
    at = Address("r/s:aws_a.b")
    made = Made({at: {"arn": "x", "groups": [{"name": "eks-1"}], "none": None}})
    assert made.text(Text(("a:", Ref(at, "arn"), "/*"))) == "a:x/*"
    assert made.attribute(at, "groups.0.name") == "eks-1"
    assert made.text(Ref(at, "none")) is None
    assert made.text(Text(("a", Ref(at, "missing")))) is None


def test_nothing_is_asked_of_nothing():
    """A graph without demands has no questions."""
    _, graph = shipped("pocketbank")
    assert not list(smoke._permissions(Facts(()), World(Aws({}))))
    assert not list(smoke._connections(graph, Facts(()), World(Aws({}))))


@pytest.mark.parametrize("name", ["petclinic", "pocketbank", "genai-demo", "pingvas"])
def test_the_role_of_whoever_calls_is_known(name):
    """Pods by their accounts, functions by themselves, instances by their template's profile."""
    _, graph = shipped(name)
    facts = facts_of(graph)
    sources = {call.source for call in facts.all(smoke.Call)}
    assert sources
    assert {source for source in sources if smoke._role(facts, source) is None} == set()
