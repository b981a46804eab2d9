"""The clinic before real databases: it acknowledges what is committed, says how it is, and comes back by itself."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time

import pytest

from seawall.cli.input import load_graph
from seawall.operate.drill import measure, seed
from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Load
from seawall.operate.drill.servers import application, mariadb, postgresql
from seawall.operate.drill.servers.authority import authority
from seawall.operate.drill.stage import stage, until

pytestmark = pytest.mark.needs("drill", "mariadb")


@pytest.fixture(scope="module")
def served():
    """A stage with petclinic's database and one of petclinic's pods."""
    _, graph = load_graph(["petclinic"], None)
    with stage() as made:
        server = mariadb.start(made, "database", of=mariadb.described(graph), databases=["petclinic"])
        database = server.database("petclinic")
        seeded = seed.seed(database, server.credentials, 2, random.Random(1))
        of = application.described(graph)
        pod = application.start(made, "was-1", database=database, of=of)
        yield made, server, database, of, pod, seeded


def ask(pod, method, path, body=None, headers=None):
    """Status, JSON and headers of an answer."""
    connection = http.client.HTTPConnection(pod.host, pod.port, timeout=20)
    connection.request(method, path, None if body is None else json.dumps(body), headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content) if content.startswith((b"{", b"[")) else content.decode(), answer.headers


def visit(number):
    """A visit to write."""
    return {"number": number, "pet": 3, "vet": "Helen Leary", "description": "rabies shot"}


def test_a_write_is_acknowledged_once_it_is_committed_and_read_by_its_number(served):
    """What another connection reads right after the answer is there; the same number twice is a conflict."""
    _, server, _, _, pod, _ = served
    assert ask(pod, "POST", "/api/visits", visit(1))[0] == 201
    assert server.ask("SELECT pet_id FROM petclinic.visits WHERE number = 1") == [(3,)]
    assert ask(pod, "POST", "/api/visits", visit(1))[0] == 409
    status, found, _ = ask(pod, "GET", "/api/visits/1")
    assert (status, found["description"]) == (200, "rabies shot")
    assert ask(pod, "GET", "/api/visits/999999")[0] == 404
    assert ask(pod, "POST", "/api/visits", {"number": "none"})[0] == 400
    assert ask(pod, "DELETE", "/api/owners")[0] == 405


def test_what_is_seeded_is_what_a_dump_would_have(served):
    """Rows by table as they were told, and their sizes within a tenth of what was asked for."""
    _, server, _, _, pod, seeded = served
    for table, rows in seeded.rows.items():
        assert server.ask(
            f"SELECT COUNT(*) FROM petclinic.{table} WHERE {'number' if table == 'visits' else 'id'} <> 1"
        )[0][0] in (rows, rows - 1)
    assert seeded.bytes == pytest.approx(2e6, rel=0.15)
    assert len(ask(pod, "GET", "/api/owners")[1]) == 20
    assert len(ask(pod, "GET", "/api/owners/7")[1]["pets"]) == 2


def test_health_says_what_is_away_and_the_pod_comes_back_with_its_database(served):
    """It answers that it is down while nobody takes its connections, and nobody restarts it for that."""
    _, server, _, _, pod, _ = served
    assert ask(pod, "GET", "/actuator/health")[:2] == (200, {"status": "UP"})
    assert ask(pod, "GET", "/api/owners")[0] == 200
    own = server.connect()
    try:
        cursor = own.cursor()
        # Those that are there are cut, and whom the pod comes as is nobody any more.
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = 'petclinic'")
        for (number,) in cursor.fetchall():
            cursor.execute(f"KILL {number}")
        cursor.execute(f"RENAME USER '{server.credentials.user}'@'%' TO 'somebody else'@'%'")
        assert ask(pod, "GET", "/actuator/health")[:2] == (503, {"status": "DOWN"})
        assert ask(pod, "GET", "/api/owners")[0] == 503
        assert ask(pod, "GET", "/actuator/health/liveness")[0] == 200
        cursor.execute(f"RENAME USER 'somebody else'@'%' TO '{server.credentials.user}'@'%'")
    finally:
        own.close()
    assert ask(pod, "GET", "/actuator/health")[:2] == (200, {"status": "UP"})
    assert ask(pod, "GET", "/api/owners")[0] == 200
    text = ask(pod, "GET", "/actuator/prometheus")[1]
    assert 'http_server_requests_seconds_count{method="GET",status="503",uri="/api/owners"} 1' in text


def test_a_pod_that_is_to_end_answers_whom_it_has_and_takes_nobody_more(served):
    """SIGTERM in the middle of a write: it is committed and acknowledged, and the process ends with 0 by itself."""
    made, server, database, of, _, _ = served
    pod = application.start(made, "was-ending", database=database, of=of)
    holding = server.connect("petclinic")
    holding.cursor().execute("LOCK TABLES visits WRITE")
    answers = []
    writing = threading.Thread(target=lambda: answers.append(ask(pod, "POST", "/api/visits", visit(50))[0]))
    writing.start()
    until(
        lambda: server.ask("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT%%'")[0][0] == 1,
        what="the write waits",
    )
    ending = threading.Thread(target=pod.process.stop)
    ending.start()
    until(lambda: pod.get("/actuator/health/liveness", 0.5)[0] == 0, what="nobody more is taken")
    assert not answers
    holding.close()
    writing.join(10)
    ending.join(10)
    assert answers == [201]
    assert "0 requests unanswered" in pod.process.log()
    assert server.ask("SELECT COUNT(*) FROM petclinic.visits WHERE number = 50") == [(1,)]


def test_load_tells_what_was_acknowledged_and_a_loss_is_found_by_number(served):
    """Every acknowledged number is in the database; take three of them away and exactly those are missed."""
    made, server, database, of, _, _ = served
    pod = application.start(made, "was-load", database=database, of=of)
    events = Events()
    load = Load(made, pod.url, rate=150, chance=random.Random(7), events=events, first=1000).start()
    time.sleep(1.5)
    pod.process.kill()
    fault = events.now()
    time.sleep(0.5)
    again = application.start(made, "was-again", database=database, of=of, port=pod.port)
    until(lambda: measure.first_write(load.requests, fault) is not None, again.process, what="a write gets through")
    time.sleep(0.3)
    requests = load.stop()
    kept = sorted(load.acknowledged)
    assert len(kept) > 40
    assert measure.loss(requests, seed.written(database, server.credentials), fault).rows == 0
    assert measure.unread(requests) == frozenset()
    gone = [number for number in kept if load.acknowledged[number].answered < fault][-3:]
    server.ask(f"DELETE FROM petclinic.visits WHERE number IN ({','.join(map(str, gone))})")
    found = measure.loss(requests, seed.written(database, server.credentials), fault)
    assert found.rows == 3
    assert found.seconds == pytest.approx(fault - load.acknowledged[gone[0]].answered)
    counted = measure.failed(requests)
    assert counted["GET"]["failed"] > 0
    assert counted["POST"]["failed"] > 0
    assert 0.5 < measure.recovery(requests, fault) < 60
    # About the rate that was asked for, half of it writes, whether or not anybody answered.
    span = requests[-1].sent - requests[0].sent
    assert len(requests) / span == pytest.approx(150, rel=0.5)
    assert counted["POST"]["sent"] / len(requests) == pytest.approx(0.5, abs=0.12)


@pytest.mark.needs("postgresql")
def test_it_speaks_to_postgresql_as_well():
    """The same pages over TLS that verifies the server, with the other driver."""
    with stage() as made:
        server = postgresql.start(made, "database", authority(made))
        server.ask(f"CREATE DATABASE clinic OWNER {server.credentials.user}")
        database = server.database("clinic")
        seed.seed(database, server.credentials, 1, random.Random(1))
        pod = application.start(made, "was-1", database=database, credentials=server.credentials)
        assert ask(pod, "GET", "/actuator/health")[:2] == (200, {"status": "UP"})
        assert ask(pod, "POST", "/api/visits", visit(1))[0] == 201
        assert ask(pod, "POST", "/api/visits", visit(1))[0] == 409
        assert ask(pod, "GET", "/api/visits/1")[0] == 200
        assert seed.written(database, server.credentials) == {1}
