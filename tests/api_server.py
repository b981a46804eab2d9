"""A Kubernetes API server that plays: it takes server-side apply, reads, lists and deletes of a few kinds, on loopback.

It has discovery as kubectl needs it, keeps objects in memory, and says at once that what was rolled out is ready.
What has a finalizer goes only while somebody watches it go, as if a controller had needed a moment to clear up.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

# group/version -> plural -> kind; all of them are namespaced, save those below.
KINDS = {
    "v1": {
        "namespaces": "Namespace",
        "configmaps": "ConfigMap",
        "services": "Service",
        "serviceaccounts": "ServiceAccount",
    },
    "apps/v1": {"deployments": "Deployment"},
    "batch/v1": {"jobs": "Job"},
    "networking.k8s.io/v1": {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    "rbac.authorization.k8s.io/v1": {"clusterrolebindings": "ClusterRoleBinding"},
    "apiextensions.k8s.io/v1": {"customresourcedefinitions": "CustomResourceDefinition"},
}
CLUSTER_WIDE = {"Namespace", "ClusterRoleBinding", "CustomResourceDefinition", "ClusterSecretStore"}


class ApiServer(ThreadingHTTPServer):
    """Holds what was applied: path -> object, and every request as `METHOD path`.

    ``reacts`` are the controllers that it plays: kind -> what becomes of an object of it that is applied.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.kinds = {version: dict(kinds) for version, kinds in KINDS.items()}
        self.reacts: dict[str, Callable[[dict[str, Any]], None]] = {}

    def teach(self, version: str, plural: str, kind: str) -> None:
        """Have it know a kind of somebody else's, as when a definition of it is established."""
        self.kinds.setdefault(version, {})[plural] = kind
        group = version.partition("/")[0]
        self.objects[f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.{group}"] = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "names": {"kind": kind, "plural": plural}},
            "status": {"conditions": [{"type": "Established", "status": "True"}]},
        }

    def kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig that leads here."""
        return kubeconfig(path, played=self)


def kubeconfig(path: Path, **servers: ApiServer) -> Path:
    """Write a kubeconfig with a context for each server; the first is the current one."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
            for name, server in servers.items()
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "nobody"}} for name in servers],
        "users": [{"name": "nobody", "user": {}}],
        "current-context": next(iter(servers)),
    }
    path.write_text(json.dumps(config))
    return path


@contextmanager
def serving() -> Iterator[ApiServer]:
    """A server that answers as long as the block lasts."""
    with ApiServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ApiServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `requests` instead."""

    def do_GET(self) -> None:
        """Discovery, one object, or a list."""
        path = self._note()
        found = _discovery(path, self.server.kinds) or self.server.objects.get(path)
        plural = path.rsplit("/", 1)[1]
        if found is None and plural in {plural for kinds in self.server.kinds.values() for plural in kinds}:
            query = parse_qs(urlsplit(self.path).query)
            name = query.get("fieldSelector", ["=" * 2])[0].split("=", 1)[1]
            if "watch" in query:
                self._watch(f"{path}/{name}")
                return
            if "/namespaces/" in path or plural == "namespaces":
                items = [item for where, item in self.server.objects.items() if where == f"{path}/{name}"]
            else:  # those of every namespace
                items = [item for where, item in self.server.objects.items() if where.split("/")[-2] == plural]
            version = "v1" if path.startswith("/api/") else "/".join(path.split("/")[2:4])
            found = {"kind": "List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": items}
        self._answer(found)

    def do_PATCH(self) -> None:
        """Server-side apply."""
        path = self._note()
        body = yaml.safe_load(self.rfile.read(int(self.headers["Content-Length"])))
        body["metadata"].update({"generation": 1, "resourceVersion": "1", "uid": path})
        if body["kind"] == "Deployment":
            replicas = body["spec"].get("replicas", 1)
            counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), replicas)
            body["status"] = {"observedGeneration": 1, **counts}
        if body["kind"] in self.server.reacts:
            self.server.reacts[body["kind"]](body)
        self.server.objects[path] = body
        self._answer(body)

    def do_DELETE(self) -> None:
        """Gone at once, unless somebody has to finalize it first."""
        path = self._note()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = self.server.objects.get(path)
        if found is not None and found["metadata"].get("finalizers"):
            found["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z"
            self._answer(found)
        else:
            self._answer(self.server.objects.pop(path, None))

    def _watch(self, path: str) -> None:
        """Tell of the one event that there is: what was to be deleted has been cleared up after and is gone."""
        gone = self.server.objects.get(path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        if gone is not None and "deletionTimestamp" in gone["metadata"]:
            time.sleep(0.3)
            del self.server.objects[path]
            self.server.requests.append(f"GONE {path}")
            self.wfile.write(json.dumps({"type": "DELETED", "object": gone}).encode() + b"\n")
        self.close_connection = True

    def _note(self) -> str:
        path = urlsplit(self.path).path
        self.server.requests.append(f"{self.command} {path}")
        return path

    def _answer(self, body: dict[str, Any] | None) -> None:
        status = 200 if body is not None else 404
        if body is None:
            body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _openapi(version: str, kinds: dict[str, str]) -> dict[str, Any]:
    """Enough for kubectl to see that the server checks fields by itself."""
    group, _, short = version.rpartition("/")
    parameter = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
    root = _root(version)
    paths = {
        f"{root}/namespaces/{{namespace}}/{plural}/{{name}}": {
            "patch": {
                "parameters": [parameter],
                "x-kubernetes-group-version-kind": {"group": group, "version": short, "kind": kind},
                "responses": {},
            }
        }
        for plural, kind in kinds.items()
    }
    return {"openapi": "3.0.0", "info": {"title": "played", "version": "1"}, "paths": paths}


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _discovery(path: str, known: dict[str, dict[str, str]]) -> dict[str, Any] | None:
    if path == "/openapi/v3":
        urls = {_root(version)[1:]: {"serverRelativeURL": f"/openapi/v3{_root(version)}"} for version in known}
        return {"paths": urls}
    for version, kinds in known.items():
        if path == f"/openapi/v3{_root(version)}":
            return _openapi(version, kinds)
    if path == "/version":
        return {"major": "1", "minor": "36", "gitVersion": "v1.36.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = []
        for version in known:
            name, _, short = version.partition("/")
            if short:
                of = {"groupVersion": version, "version": short}
                groups.append({"name": name, "versions": [of], "preferredVersion": of})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    for version, kinds in known.items():
        if path == _root(version):
            verbs = ["create", "delete", "get", "list", "patch", "watch"]
            resources = [
                {
                    "name": plural,
                    "singularName": "",
                    "namespaced": kind not in CLUSTER_WIDE,
                    "kind": kind,
                    "verbs": verbs,
                }
                for plural, kind in kinds.items()
            ]
            return {
                "kind": "APIResourceList",
                "apiVersion": "v1",
                "groupVersion": version,
                "resources": resources,
            }
    return None
