"""The configuration of an nginx that serves files and hands some paths on to services that it needs."""

from __future__ import annotations

from collections.abc import Mapping

from seawall.components.offer import Offer
from seawall.kernel.value import Textual, text

FILE = "nginx.conf"
HEALTH = "/health"

_HEAD = """\
worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {
  worker_connections 1024;
}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  server_tokens off;
  sendfile on;
  # Longer than the load balancer keeps a silent connection (60 s).
  keepalive_timeout 75s;
  gzip on;
  gzip_types text/css application/javascript application/json image/svg+xml;
  # The root file system cannot be written.
  client_body_temp_path /tmp/client;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;

"""
_SERVER = """\
  server {
    listen @port@;
    server_name _;
    root /usr/share/nginx/html;
    absolute_redirect off;

    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options DENY always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;

    location = @health@ {
      access_log off;
      default_type text/plain;
      return 200 "ok\\n";
    }
@locations@
    location / {
      try_files $uri $uri/ /index.html;
    }
  }
@status@}
"""
_STATUS = """
  # For the exporter beside it, and for nobody else.
  server {
    listen 127.0.0.1:@port@;
    access_log off;
    location = /stub_status {
      stub_status;
    }
    location / {
      return 404;
    }
  }
"""
_LOCATION = """
    location @path@ {
      proxy_pass http://@host@;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
      proxy_connect_timeout 3s;
      proxy_read_timeout 30s;
      proxy_send_timeout 30s;
    }
"""


def configuration(port: int, health: str, proxied: Mapping[str, Offer], status: int | None = None) -> Textual:
    """The whole file; ``proxied`` says which path goes to which service, ``status`` where it tells its state."""
    locations: list[Textual] = []
    for path, offer in proxied.items():
        before, _, after = _LOCATION.replace("@path@", path).partition("@host@")
        locations += [before, offer.host, f":{offer.port}", after]
    told = "" if status is None else _STATUS.replace("@port@", str(status))
    server = _SERVER.replace("@status@", told).replace("@port@", str(port)).replace("@health@", health)
    before, _, after = server.partition("@locations@")
    return text(_HEAD, before, *locations, after)
