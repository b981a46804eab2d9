"""The edge of real nginx, a name server and checkers: CloudFront's ways with methods, and failing over by names."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import random
import threading
import time

import pytest

from seawall.cli.input import load_graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.operate.drill import balancer, measure
from seawall.operate.drill import front as fronts
from seawall.operate.drill.balancer import Balancer
from seawall.operate.drill.events import Events
from seawall.operate.drill.front import Front
from seawall.operate.drill.servers import dns, health, nginx
from seawall.operate.drill.stage import stage, until

pytestmark = pytest.mark.needs("nginx", "drill")

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")
HOME, SITE = "ap-northeast-2/edge:aws_lb.main", "koreacentral/recovery:azurerm_public_ip.machine"
PAGE = b"<title>petclinic is away</title>"
UP = b'{"status":"UP"}'


@contextlib.contextmanager
def origin(status, body=b"", address=("127.0.0.1", 0)):
    """A server that answers everything so, and tells which methods it was asked with."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self):
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(address, Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(address, method, path="/", host="www.petclinic.example"):
    """Status and body."""
    connection = http.client.HTTPConnection(*address, timeout=15)
    body = b"x" if method in ("POST", "PUT") else None
    connection.request(method, path, body, {"Host": host, "Connection": "close"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def grouped(first, second):
    """A distribution whose origin group asks a second origin where the first fails."""
    custom = {"custom_origin_config": [{"origin_read_timeout": 1}]}
    body = {
        "origin": [{"origin_id": name, "domain_name": f"{name}.example", **custom} for name in ("first", "second")],
        "origin_group": [
            {
                "origin_id": "both",
                "failover_criteria": [{"status_codes": [500, 502, 503, 504]}],
                "member": [{"origin_id": "first"}, {"origin_id": "second"}],
            }
        ],
        "default_cache_behavior": [{"target_origin_id": "both", "allowed_methods": list(METHODS)}],
    }
    found = Resource(Address("eu-west-1/edge:aws_cloudfront_distribution.group"), "aws_cloudfront_distribution", body)
    places = {"first": f"http://127.0.0.1:{first}", "second": f"http://127.0.0.1:{second}"}
    return lambda listen: nginx.distribution(found, listen, names=9, port=443, places=places)


def test_reads_fail_over_to_the_second_origin_and_writes_do_not():
    """A 503 and a refused connection alike: reads get the second origin's answer, writes the first one's failure."""
    with stage() as made, origin(503) as (first, _), origin(200, b"second") as (second, asked):
        listen = ("127.0.0.1", made.free_port())
        edge = nginx.start(made, "edge", grouped(first, second)(listen), listen)
        assert {method: ask(listen, method)[0] for method in METHODS} == {
            "GET": 200, "HEAD": 200, "OPTIONS": 200, "POST": 503, "PUT": 503, "DELETE": 503,
        }  # fmt: skip
        edge.configure(grouped(made.free_port(), second)(listen))
        until(lambda: ask(listen, "POST")[0] == 502, edge.process, what="the first origin is gone")
        # For a moment those who took connections before go on doing so.
        time.sleep(0.5)
        asked.clear()
        assert {method: ask(listen, method)[0] for method in METHODS} == {
            "GET": 200, "HEAD": 200, "OPTIONS": 200, "POST": 502, "PUT": 502, "DELETE": 502,
        }  # fmt: skip
        assert asked == ["GET", "HEAD", "OPTIONS"]


def test_a_lost_place_is_gone_round_by_name_and_the_page_stands_in_at_once():
    """The page until checkers agree after 2 to 3 intervals, and while names are kept; then the next place answers."""
    _, graph = load_graph(["petclinic"], None)
    every, ttl = 0.4, 1
    events = Events()
    with contextlib.ExitStack() as opened:
        made = opened.enter_context(stage())
        page, asked = opened.enter_context(origin(200, PAGE))
        front = Front(
            made, graph, events, random.Random(3), page=f"http://127.0.0.1:{page}/page/index.html",
            probe=every, ttl=ttl,
        )  # fmt: skip
        home = opened.enter_context(contextlib.ExitStack())
        home.enter_context(origin(200, UP + b"home", front.listen(HOME)))
        site = opened.enter_context(contextlib.ExitStack())
        site.enter_context(origin(200, UP + b"site", front.listen(SITE)))
        front.start()
        opened.callback(front.stop)
        address = front.listen(HOME)[0], front.port
        edge = front.url.removeprefix("http://").partition(":")[0], front.port
        assert ask(edge, "GET") == (200, UP + b"home")
        assert ask(edge, "POST", "/api/visits")[0] == 200
        assert ask(edge, "POST", "/css/site.css")[0] == 403
        assert address != edge
        # Somebody has just looked the name up.
        fault = events.now()
        home.close()
        # Nobody has found out yet, and the region's own buckets are gone with it.
        status, shown = ask(edge, "GET")
        assert (status, b"petclinic is away for a moment" in shown) == (503, True)
        assert ask(edge, "POST", "/api/visits")[0] == 503
        until(lambda: front.answered_by() == SITE, what="names lead to the standby", every=0.005)
        found = measure.detection(events.all(), fault, fronts.lane(fronts.checked(graph, HOME)), health.DOWN)
        assert found is not None
        # On a busy machine an answer comes late, never early.
        assert 2 * every - 0.05 <= found <= 3 * every + 10.0
        turned = events.now()
        until(lambda: ask(edge, "GET") == (200, UP + b"site"), what="the standby answers", every=0.01)
        assert events.now() - turned <= ttl + 10.0
        assert ask(edge, "PUT", "/api/x")[0] == 200
        # With the standby gone as well, the distribution of the page answers, to writes with 503, too.
        site.close()
        until(lambda: "maintenance" in front.answered_by(), what="names lead to the page", every=0.01)
        time.sleep(ttl + 0.2)
        status, shown = ask(edge, "GET", "/anything")
        assert (status, b"petclinic is away for a moment" in shown) == (503, True)
        assert ask(edge, "POST", "/api/visits")[0] == 503
        # What stands behind that: the distribution that asks for the page elsewhere, and answers writes itself.
        fallback = front.listen("ap-northeast-2/edge:aws_cloudfront_distribution.maintenance")
        assert ask(fallback, "GET", "/anything") == (503, PAGE)
        assert ask(fallback, "POST", "/api/visits")[0] == 503
        assert asked == ["GET"] * len(asked)


def test_a_target_that_is_not_well_is_left_out_and_comes_back():
    """Two failures in a row take it out, two answers bring it back; where nobody is well all are asked."""
    _, graph = load_graph(["petclinic"], None)
    of = balancer.described(graph, "was")
    assert (of.path, of.every, of.timeout) == ("/actuator/health/readiness", 10, 5)
    events = Events()
    with contextlib.ExitStack() as opened:
        made = opened.enter_context(stage())
        listen = ("127.0.0.1", made.free_port())
        first, _ = opened.enter_context(origin(200, b"first"))
        balanced = Balancer(made, listen, nginx.rules(graph), of, events, random.Random(1), every=0.05).start()
        opened.callback(balanced.stop)

        def asked():
            return ask(listen, "GET", "/api/x", balanced.host)

        assert asked()[0] == 503
        other = ("127.0.0.1", made.free_port())
        balanced.add("first", ("127.0.0.1", first))
        balanced.add("second", other)
        until(lambda: [event.what for event in events.all()] == ["unhealthy"], what="the second is left out")
        time.sleep(0.5)
        assert {asked() for _ in range(6)} == {(200, b"first")}
        with origin(200, b"second", other):
            until(lambda: asked() == (200, b"second"), what="the second is asked again")
            balanced.remove("first")
            time.sleep(0.5)
            assert {asked() for _ in range(6)} == {(200, b"second")}
        # The only one that is left is asked, well or not: the load balancer knows nobody better.
        until(lambda: events.all()[-1].what == "unhealthy", what="the second is gone")
        assert asked()[0] == 502


def test_a_name_is_kept_for_its_time_to_live():
    """A change right after a look-up is seen a time to live later, and not at once."""
    addresses = {"home": "127.0.0.11", "site": "127.0.0.12"}
    turned = [False]
    pair = (
        dns.Record("www", "home", 1, False, dns.PRIMARY, "check"),
        dns.Record("www", "site", 1, policy=dns.SECONDARY),
    )
    with stage() as made:
        zone = dns.Zone(pair, addresses, lambda check: not turned[0])
        server = dns.NameServer(zone, made.free_port()).start()
        try:
            resolver = dns.Resolver(server.port)
            assert resolver.address("www") == "127.0.0.11"
            looked = time.monotonic()
            turned[0] = True
            assert resolver.address("www") == "127.0.0.11"
            until(lambda: resolver.address("www") == "127.0.0.12", what="the change is seen", every=0.01)
            assert 0.9 <= time.monotonic() - looked <= 15.0
            with pytest.raises(OSError, match="nowhere"):
                resolver.address("nowhere")
        finally:
            server.stop()


@pytest.mark.parametrize("platform", ["petclinic", "pocketbank"])
def test_the_web_tier_runs_with_the_file_that_its_pods_mount(platform):
    """The rendered configuration starts in a real nginx, answers its health, and hands on what it hands on."""
    _, graph = load_graph([platform], None)
    with stage() as made, origin(200, b"the service") as (was, asked):
        listen = ("127.0.0.1", made.free_port())
        text = nginx.web(graph, listen, {"was": ("127.0.0.1", was)}, status=made.free_port())
        assert text is not None
        nginx.start(made, "web", text, listen)
        assert ask(listen, "GET", "/health") == (200, b"ok\n")
        assert ask(listen, "GET", "/")[0] == 200
        if "proxy_pass" in text:
            assert ask(listen, "POST", "/api/visits") == (200, b"the service")
            assert asked == ["POST"]
