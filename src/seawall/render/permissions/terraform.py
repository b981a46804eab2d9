"""The role as a root module of Terraform: what the input knows is written out, what AWS makes up is a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from seawall.analyze.permissions.minimal import AUDIENCE, Minimal, Tie, is_account
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, map_leaves, text
from seawall.render.permissions.documents import missing_provider, policies, trust
from seawall.render.terraform.expressions import arguments, escape
from seawall.render.terraform.files import TERRAFORM_VERSION, alias

_CALLER = Ref(Address("/:data.aws_caller_identity.current"), "account_id")
_PROVIDER_VERSION = ">= 5.40"  # the first with aws_eks_pod_identity_association was 5.29


def root_module(least: Minimal) -> dict[str, Any]:
    """The module as one JSON value; its comment says what each variable stands for, so that it can be read again."""
    names = _Variables(least)
    region, *others = dict.fromkeys([tie.region for tie in least.ties if tie.region]) or [""]
    label = re.sub(r"\W", "_", least.role)
    resources = {
        type: {name: arguments(_whole(body), names.spell) for name, body in found.items()}
        for type, found in _resources(least, label, region).items()
    }
    module: dict[str, Any] = {
        "//": {
            "seawall": {
                "stack": f"permissions-{least.role}",
                "region": region,
                "given": {name: str(ref) for name, ref in sorted(names.given.items())},
            }
        },
        "terraform": {
            "required_version": TERRAFORM_VERSION,
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": _PROVIDER_VERSION}},
        },
        "provider": {"aws": [{"region": region}, *({"alias": alias(other), "region": other} for other in others)]},
        "variable": {name: names.declared(name) for name in sorted(names.given)},
        "data": {"aws_caller_identity": {"current": {}}} if names.asks_who else {},
        "resource": resources,
        "output": {
            "role_arn": {"description": "The role's ARN.", "value": f"${{aws_iam_role.{label}.arn}}"},
        },
    }
    if not region:
        del module["provider"]
    return {name: value for name, value in module.items() if value}


def _resources(least: Minimal, label: str, region: str) -> dict[str, dict[str, Any]]:
    accounts = sorted({tie.account.split("/", 2)[2] for tie in least.ties})
    found: dict[str, dict[str, Any]] = {
        "aws_iam_role": {
            label: {
                "name": least.role,
                "description": f"What pods of {', '.join(accounts)} may do",
                "assume_role_policy": trust(least),
            }
        }
    }
    role = Ref(Address(f"/:aws_iam_role.{label}"), "name")
    documents = policies(least)
    if len(documents) == 1:
        found["aws_iam_role_policy"] = {label: {"name": least.role, "role": role, "policy": documents[0]}}
    else:
        for number, document in enumerate(documents, 1):
            name = f"{label}_{number}"
            body = {"name": f"{least.role}-{number}", "policy": document}
            attached = {"role": role, "policy_arn": Ref(Address(f"/:aws_iam_policy.{name}"), "arn")}
            found.setdefault("aws_iam_policy", {})[name] = body
            found.setdefault("aws_iam_role_policy_attachment", {})[name] = attached
    for tie in least.ties:
        if tie.means == "pod-identity":
            found.setdefault("aws_eks_pod_identity_association", {})[_word(tie.cluster)] = _association(
                tie, label, region
            )
        elif tie.provider is None:
            issuer = Ref(tie.of or missing_provider(tie), "identity.0.oidc.0.issuer")
            found.setdefault("aws_iam_openid_connect_provider", {})[_word(tie.cluster)] = {
                "url": issuer,
                "client_id_list": [AUDIENCE],
            }
    return found


def _association(tie: Tie, label: str, region: str) -> dict[str, Any]:
    account = tie.account.as_kubernetes()
    if account is None:
        raise ValueError(f"{tie.account} is no service account")
    body: dict[str, Any] = {"provider": f"aws.{alias(tie.region)}"} if tie.region not in ("", region) else {}
    return {
        **body,
        "cluster_name": tie.cluster,
        "namespace": account.namespace,
        "service_account": account.name,
        "role_arn": Ref(Address(f"/:aws_iam_role.{label}"), "arn"),
    }


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _whole(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A body that Terraform can be told: the account is asked for, and a star stands for what nobody knows."""
    changed: Mapping[str, Any] = map_leaves(body, _leaf)
    return changed


def _leaf(value: Any) -> Any:
    if isinstance(value, Text):
        return text(*(_leaf(part) for part in value.parts))
    if isinstance(value, Unknown):
        return _CALLER if is_account(value) else "*"
    return value


class _Variables:
    """What references are called in the module, and which of them somebody has to give."""

    def __init__(self, least: Minimal) -> None:
        made = {missing_provider(tie) for tie in least.ties if tie.means == "irsa" and tie.provider is None}
        self._own = {address: f"aws_iam_openid_connect_provider.{_last(address)}" for address in made}
        self._clusters = {
            each: tie.cluster for tie in least.ties for each in (tie.provider, tie.of) if each is not None
        }
        self.given: dict[str, Ref] = {}
        self.asks_who = False

    def spell(self, ref: Ref) -> str:
        """A reference as an expression of the module."""
        if ref == _CALLER:
            self.asks_who = True
            return "data.aws_caller_identity.current.account_id"
        if ref.to.startswith("/:"):
            return f"{ref.to[2:]}.{ref.attr}"
        if ref.to in self._own and ref.attr != "identity.0.oidc.0.issuer":
            return f"{self._own[ref.to]}.{ref.attr}"
        name = self._name(ref)
        self.given[name] = ref
        return f"var.{name}"

    def _name(self, ref: Ref) -> str:
        """What a variable is called: after the cluster, or after the resource and, where two are alike, its stack."""
        what = "issuer" if ref.attr.endswith((".issuer", "url")) else ref.attr
        if ref.to in self._clusters:
            return _word(f"{self._clusters[ref.to]}_{'provider_' if what == 'arn' else ''}{what}")
        parts = ref.to.as_terraform()
        if parts is None:
            return _word(f"{ref.to}_{what}").strip("_")
        name = _word(f"{parts.type.removeprefix('aws_')}_{parts.name}_{what}")
        return name if self.given.get(name, ref) == ref else _word(f"{parts.region}_{parts.stack}_{name}")

    def declared(self, name: str) -> dict[str, Any]:
        """The declaration of a variable."""
        ref = self.given[name]
        if ref.attr == "url":
            return {
                "type": "string",
                "description": escape(f"The issuer's address of {ref.to}, without https://"),
                "validation": {
                    "condition": f'${{!startswith(var.{name}, "https://")}}',
                    "error_message": "Leave out https://, as condition keys of IAM do.",
                },
            }
        what = "The ARN" if ref.attr == "arn" else ref.attr
        return {"type": "string", "description": escape(f"{what} of {ref.to}")}


def _last(address: Address) -> str:
    return address.rpartition(".")[2]
