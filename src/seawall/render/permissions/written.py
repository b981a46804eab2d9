"""Everything that a workload lacks, as files, as one JSON value and as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from seawall.analyze.permissions.minimal import Minimal, Tie, is_account
from seawall.kernel.value import Hole, Ref, Text, Unknown, map_leaves, render_text
from seawall.render.permissions.documents import policies, trust
from seawall.render.permissions.manifests import components, service_account, word
from seawall.render.permissions.terraform import root_module

Form = Literal["terraform", "json"]
FORMS: Final[tuple[Form, ...]] = ("terraform", "json")
VERSION: Final = 1
"""The version of the JSON value; it grows when a field is taken away or means something else."""


def files(least: Minimal, form: Form = "terraform") -> Iterator[tuple[str, bytes]]:
    """Relative path and content: role and policies in one form, and a Kustomize component for each cluster."""
    if form == "terraform":
        yield "terraform/main.tf.json", _bytes(root_module(least))
    else:
        yield from _for_the_command_line(least)
    yield from components(least)


def document(least: Minimal) -> dict[str, Any]:
    """The same as one JSON value, for ``--format json``."""
    return {
        "schema_version": VERSION,
        "role": least.role,
        "policies": [_filled(each, least) for each in policies(least)],
        "trust": _filled(trust(least), least),
        "clusters": [_tied(tie, least) for tie in least.ties],
        "unknown": list(least.holes),
    }


def text(least: Minimal) -> str:
    """What a person reads: who comes by the role and how, the documents, and what is left to fill in."""
    lines = [f"role {least.role}"]
    for tie in least.ties:
        means = "Pod Identity" if tie.means == "pod-identity" else "the cluster's issuer"
        new = ", new" if tie.makes_account else ""
        account = "/".join(tie.account.split("/")[2:])
        lines.append(f"  {tie.cluster}: service account {account}{new}, by {means}")
    documents = policies(least)
    for number, found in enumerate(documents, 1):
        lines += ["", "policy" if len(documents) == 1 else f"managed policy {number} of {len(documents)}"]
        lines.append(json.dumps(_filled(found, least), indent=2))
    lines += ["", "trust policy", json.dumps(_filled(trust(least), least), indent=2)]
    if least.holes:
        lines += ["", "not known here, and left to you:", *(f"  {hole}" for hole in least.holes)]
    return "\n".join(lines)


def _for_the_command_line(least: Minimal) -> Iterator[tuple[str, bytes]]:
    """What ``aws iam create-role`` and its like take, each with ``--cli-input-json``."""
    yield (
        f"iam/{least.role}.role.json",
        _bytes(
            {
                "RoleName": least.role,
                "AssumeRolePolicyDocument": _filled(trust(least), least),
            }
        ),
    )
    documents = policies(least)
    for number, found in enumerate(documents, 1):
        filled = _filled(found, least)
        if len(documents) == 1:
            body = {"RoleName": least.role, "PolicyName": least.role, "PolicyDocument": filled}
            yield f"iam/{least.role}.inline.json", _bytes(body)
            continue
        name = f"{least.role}-{number}"
        arn = f"arn:aws:iam::{least.owner or 'ACCOUNT'}:policy/{name}"
        yield f"iam/{name}.managed.json", _bytes({"PolicyName": name, "PolicyDocument": filled})
        yield f"iam/{name}.attached.json", _bytes({"RoleName": least.role, "PolicyArn": arn})
    for tie in least.ties:
        account = tie.account.as_kubernetes()
        if tie.means == "pod-identity" and account is not None:
            body = {
                "clusterName": tie.cluster,
                "namespace": account.namespace,
                "serviceAccount": account.name,
                "roleArn": f"arn:aws:iam::{least.owner or 'ACCOUNT'}:role/{least.role}",
            }
            yield f"iam/{least.role}.{word(tie.cluster)}.association.json", _bytes(body)


def _tied(tie: Tie, least: Minimal) -> dict[str, Any]:
    return {
        "cluster": tie.cluster,
        "means": tie.means,
        "service_account": service_account(least, tie),
        "new": tie.makes_account,
        "workloads": [str(workload) for workload in tie.workloads],
    }


def _filled(value: Any, least: Minimal) -> Any:
    """A document that stands by itself: stars for what AWS makes up, words in capitals where none may stand."""
    clusters = {tie.provider: tie.cluster for tie in least.ties}

    def fill(hole: Hole) -> str:
        if isinstance(hole, Unknown):
            return (least.owner or "*") if is_account(hole) else "*"
        known = least.shapes.get(hole)
        if known is not None:
            return render_text(known, fill)
        if ":aws_iam_openid_connect_provider." in hole.to or hole.attr == "url":
            name = clusters.get(hole.to) or _cluster_of(hole, least)
            issuer = f"ISSUER_OF_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
            return issuer if hole.attr == "url" else f"arn:aws:iam::{least.owner or 'ACCOUNT'}:oidc-provider/{issuer}"
        return "*"

    def leaf(item: Any) -> Any:
        return render_text(item, fill) if isinstance(item, Text | Ref | Unknown) else item

    return map_leaves(value, leaf)


def _cluster_of(hole: Ref, least: Minimal) -> str:
    from seawall.render.permissions.documents import missing_provider

    return next((tie.cluster for tie in least.ties if missing_provider(tie) == hole.to), "CLUSTER")


def _bytes(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
