"""Reaching a cluster of EKS: a kubeconfig that holds no secret and asks this module for a token each time.

As a program, ``python -m seawall.deploy.kubeconfig CLUSTER REGION`` prints the credential kubectl asks for.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from seawall.deploy.rendered import Rendered
from seawall.deploy.run import Run
from seawall.deploy.target import Cloud, aws
from seawall.kernel.errors import OutsideError

# EKS accepts a token for 15 minutes, whatever the signature's own time is (its documentation of `get-token`).
_VALID = timedelta(minutes=14)
_API = "client.authentication.k8s.io/v1beta1"


def write(run: Run, name: str = "") -> Path | None:
    """Write the kubeconfig of the platform's cluster, of that name where it has several, and return its path.

    None where there is no such cluster.
    """
    from botocore.exceptions import ClientError

    for region, body in clusters(run.rendered):
        if name not in ("", body["name"]):
            continue
        try:
            return _write(run, region, str(body["name"]))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise OutsideError(f"the cluster {body['name']} cannot be asked for", str(error)) from None
    return None


def clusters(rendered: Rendered) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every cluster of a platform: its region and its body as rendered."""
    for stack in rendered.stacks.values():
        for content in stack.files.values():
            for body in json.loads(content).get("resource", {}).get("aws_eks_cluster", {}).values():
                yield stack.region, body


def token(cloud: Cloud, cluster: str, region: str) -> str:
    """A token for a cluster: a presigned question who the caller is, which EKS asks in the caller's name."""
    client = cloud.client("sts", region)

    def name_cluster(request: object, **_: object) -> None:
        request.headers["x-k8s-aws-id"] = cluster  # type: ignore[attr-defined]

    client.meta.events.register("before-sign.sts.GetCallerIdentity", name_cluster)
    url: str = client.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def main(arguments: Sequence[str]) -> int:
    """Print the credential in the form kubectl's exec plugins have."""
    cluster, region = arguments
    status = {
        "token": token(aws(), cluster, region),
        "expirationTimestamp": (datetime.now(UTC) + _VALID).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    print(json.dumps({"apiVersion": _API, "kind": "ExecCredential", "status": status}))
    return 0


def _write(run: Run, region: str, cluster: str) -> Path:
    described = run.cloud.client("eks", region).describe_cluster(name=cluster)["cluster"]
    server = {
        "server": described["endpoint"],
        "certificate-authority-data": described["certificateAuthority"]["data"],
    }
    plugin = {
        "apiVersion": _API,
        "command": sys.executable,
        "args": ["-m", "seawall.deploy.kubeconfig", cluster, region],
        "interactiveMode": "Never",
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster, "cluster": server}],
        "users": [{"name": cluster, "user": {"exec": plugin}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
        "current-context": cluster,
    }
    path = run.place.run / f"kubeconfig-{cluster}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
