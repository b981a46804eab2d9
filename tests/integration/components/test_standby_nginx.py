"""The standby's nginx, started for real with a certificate of the test's: to whom it answers, and when."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import threading
import time
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import descriptions
import prerequisites
from descriptions import named

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.needs("openssl")]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6sTX0disHPs4wMZgAKthT3uEYdbHmz6bljJdyB98M3 nobody"
SHOP = f"""\
edge: {{health: {{path: /actuator/health}}}}
recovery:
  site: {{azure: koreacentral}}
  strategy: backup-and-restore
  needs: [orders]
  standby: {{key: {KEY}}}
components:
  orders: {{kind: database, engine: mysql, class: db.t4g.small, name: orders, storage: 20 GiB}}
  api:
    kind: service
    image: shop-api
    tag: v7
    framework: spring
    needs: [orders]
    expose: {{host: www.shop.example, paths: [/api, /actuator/health]}}
"""


class _Api(BaseHTTPRequestHandler):
    """Stands for the application's container: says who asked for what."""

    def do_GET(self):
        """The headers that reach it, as JSON."""
        said = json.dumps({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_):
        """Nothing is printed."""


class Standby:
    """A running nginx and the folder that stands for the machine's state."""

    def __init__(self, port, state):
        self.port, self.state = port, state

    def ask(self, path, *, name="www-origin.shop.example", method="GET", headers=None):
        """Status, headers and body of an answer; ssl.SSLError where nginx does not even shake hands."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 5), server_hostname=name)
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=5)
        connection.sock = raw
        connection.request(method, path, headers={"Host": name, **(headers or {})})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, body


def _free():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def standby(tmp_path):
    """nginx with the shipped file; only ports and paths are the test's own."""
    machine = named(descriptions.graph(SHOP), "azurerm_linux_virtual_machine", "main").body
    document = json.loads(base64.b64decode(machine["custom_data"]).decode().partition("\n")[2])
    shipped = next(
        base64.b64decode(file["content"]).decode()
        for file in document["write_files"]
        if file["path"] == "/opt/standby/nginx.conf"
    )
    state = tmp_path / "state"
    state.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=standby",
         "-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    api = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    port = _free()
    for before, after in (
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/etc/letsencrypt/live/standby/", f"{tmp_path}/"),
        ("/var/lib/standby/", f"{state}/"),
        ("127.0.0.1:18080", f"127.0.0.1:{api.server_address[1]}"),
    ):
        assert before in shipped
        shipped = shipped.replace(before, after)
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = tmp_path / "nginx.conf"
    file.write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}\n{shipped}\n}}\n"
    )
    program = prerequisites.program("nginx")
    command = [program, "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(file)]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    running = subprocess.Popen(command)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Standby(port, state)
    finally:
        running.terminate()
        running.wait(10)
        api.shutdown()
        api.server_close()


def test_until_it_is_promoted_everybody_is_told_that_it_does_not_serve(standby):
    """The health check too, so Route 53 goes on to the page; and when to come back."""
    for path in ("/actuator/health", "/api/orders"):
        status, headers, _ = standby.ask(path)
        assert status == 503
        assert headers["Retry-After"] == "30"


def test_once_promoted_it_hands_requests_on(standby):
    """Reads and writes reach the application, which is told the visitor's name, address and that it was HTTPS."""
    (standby.state / "promoted").touch()
    status, _, body = standby.ask("/api/orders?page=2", headers={"X-Forwarded-Host": "www.shop.example"})
    assert status == 200
    said = json.loads(body)
    assert said["path"] == "/api/orders?page=2"
    assert said["x-forwarded-host"] == "www.shop.example"
    assert said["x-forwarded-proto"] == "https"
    assert said["host"] == "www-origin.shop.example"
    assert standby.ask("/api/orders", method="POST")[0] == 200
    assert standby.ask("/actuator/health")[0] == 200
    assert standby.ask("/actuator/env")[0] == 404
    (standby.state / "promoted").unlink()
    assert standby.ask("/api/orders")[0] == 503


def test_whether_it_could_serve_is_said_before_it_does(standby):
    """Its own answer hangs on the last restore alone, not on being promoted."""
    assert standby.ask("/.standby/ready", name="www-koreacentral.shop.example")[0] == 503
    (standby.state / "ready").touch()
    status, _, body = standby.ask("/.standby/ready", name="www-koreacentral.shop.example")
    assert (status, body) == (200, "ready\n")


def test_nobody_else_is_spoken_to(standby):
    """Whoever comes by address or by another name does not get as far as a certificate."""
    (standby.state / "promoted").touch()
    with pytest.raises(ssl.SSLError):
        standby.ask("/", name="somebody.example")
