"""Secrets of an application that no service makes for it, kept where their sensitivity asks for.

One of high sensitivity lies in Secrets Manager, where a person puts its value: neither this description nor Terraform's
state ever holds it. One of low sensitivity lies in git, sealed so that only the cluster's own controller can open it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from seawall.components.alerts import Alerts
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.keys import copies, copy_key, copy_keys, key
from seawall.components.offer import Held, Offer
from seawall.components.paths import consumers
from seawall.components.policy import allow, document, trust
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import text
from seawall.model.fields import Duration, Name

CONTROLLER = "sealed-secrets"
"""The add-on that makes a sealed secret a Secret, with a key that never leaves the cluster."""
_SEALED = r"^[A-Za-z0-9+/]{300,30000}={0,2}$"


def _sealed(value: Any) -> Any:
    # Not said by a type or pattern: their messages would repeat the value, which may be the secret itself.
    if not isinstance(value, str) or not re.fullmatch(_SEALED, value):
        raise ValueError("this is not what `kubeseal --raw` prints; the value itself must never stand here")
    return value


Sealed = Annotated[str, BeforeValidator(_sealed), WithJsonSchema({"type": "string", "pattern": _SEALED})]


class KeptSecret(Expandable):
    """A secret of one or more keys; whoever needs it finds each as a variable: ``STRIPE_API_KEY`` of ``stripe``."""

    stack: ClassVar[str] = "data"

    kind: Literal["secret"]
    sensitivity: Literal["high", "low"]
    """High: a person puts it into Secrets Manager. Low: it is sealed and lies in git, here."""
    keys: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    """Of high sensitivity: the keys of the JSON object that a person puts there."""
    sealed: Mapping[Name, Sealed] = {}
    """Of low sensitivity: key -> what ``kubeseal --raw --name NAME --namespace NAMESPACE`` printed for its value."""
    namespace: Name | None = None
    """Of low sensitivity: the namespace that it is sealed for; where silent, the first one."""
    rotate_every: Duration | None = None
    """Of high sensitivity: how often whoever is told of alarms is reminded to replace it."""
    protected: bool = True
    """Whether a deleted one can be had back for 30 days, or for 7."""

    @model_validator(mode="after")
    def _sound(self) -> KeptSecret:
        if self.sensitivity == "high":
            if not self.keys:
                raise ValueError("a secret of high sensitivity says its `keys`, such as [api-key]")
            if self.sealed or self.namespace:
                raise ValueError("`sealed` and `namespace` are for secrets of low sensitivity; this one lies in AWS")
            if self.rotate_every is not None and self.rotate_every.days < 1:
                raise ValueError(f"rotate_every is at least a day, not {self.rotate_every}")
        else:
            if not self.sealed:
                raise ValueError("a secret of low sensitivity has its keys under `sealed`, as kubeseal printed them")
            if self.keys or self.rotate_every is not None:
                raise ValueError("`keys` and `rotate_every` are for secrets of high sensitivity; this one lies in git")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def offer(self, scope: Scope) -> Offer:
        """Its keys and where they lie; at a further site, the copy that Secrets Manager keeps there."""
        if self.sensitivity == "low":
            target = Address.kubernetes(scope.cluster_name, "Secret", self._namespace(scope), scope.name)
            return self._offer(scope, target, Held(scope.name, tuple(self.sealed)))
        home = scope.home
        target = home.address("aws_secretsmanager_secret", home.identifier)
        if scope.is_home:
            arn = scope.ref("aws_secretsmanager_secret", scope.identifier, "arn")
            mine = scope.ref("aws_kms_key", scope.identifier, "arn")
            return self._offer(scope, target, Held(scope.name, self.keys, arn, arn, mine))
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        # A copy has the name of the original; AWS makes up the six characters after it.
        arn_there = text(f"arn:aws:secretsmanager:{scope.region}:", account, f":secret:{_called(scope)}-??????")
        theirs = home.ref("aws_kms_key", copy_key(scope), "arn")
        return self._offer(scope, target, Held(scope.name, self.keys, _called(scope), arn_there, theirs))

    def _offer(self, scope: Scope, target: Address, held: Held) -> Offer:
        return Offer(scope.name, target, "secret", "", 0, held=held)

    def _namespace(self, scope: Scope) -> str:
        return self.namespace or next(iter(scope.the(Cluster).namespaces_of(scope)))

    def relies_on(self) -> tuple[str, ...]:
        """What opens a sealed one."""
        return (CONTROLLER,) if self.sensitivity == "low" else ()

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Key, secret, its copies and the reminder; or the sealed secret."""
        if self.sensitivity == "low":
            yield self._sealed_secret(scope)
            return
        name = scope.identifier
        yield scope.lookup("aws_caller_identity", name, {})
        if not scope.is_home:
            return
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        purpose = f"The secret {_called(scope)}"
        yield from key(scope, name, account=account, called=scope.full_name, purpose=purpose)
        yield from copy_keys(scope, account=account, suffix="", purpose=purpose)
        body = {
            "name": _called(scope),
            "description": f"A person puts a JSON object with {', '.join(self.keys)} here; nobody else knows it",
            "kms_key_id": scope.ref("aws_kms_key", name, "arn"),
            "recovery_window_in_days": 30 if self.protected else 7,
            "replica": copies(scope) or None,
        }
        yield scope.aws("aws_secretsmanager_secret", name, body, called=_called(scope))
        if self.rotate_every is not None:
            yield from self._reminder(scope, round(self.rotate_every.days))

    def _sealed_secret(self, scope: Scope) -> Resource:
        namespace = self._namespace(scope)
        for consumer, pods in consumers(scope):
            if pods.namespace != namespace:
                raise InputError(
                    f"{consumer} lies in {pods.namespace} and needs {scope.name}, which is sealed for {namespace}: "
                    "no other namespace's secrets can be read",
                    fix=f"seal one of its own for {pods.namespace}",
                    origin=scope.origin,
                )
        spec = {
            "encryptedData": dict(self.sealed),
            "template": {"metadata": {"name": scope.name, "namespace": namespace}, "type": "Opaque"},
        }
        return scope.object("bitnami.com/v1alpha1", "SealedSecret", scope.name, {"spec": spec}, namespace=namespace)

    def _reminder(self, scope: Scope, days: int) -> Iterator[Resource]:
        """A note to whoever is told of alarms; AWS itself can only replace what a function of ours could make."""
        if not scope.has(Alerts):
            raise InputError(
                f"{scope.name} is to be replaced every {days} days, and nobody is told of anything",
                fix="add `alerts: {email: [...]}`, or take out `rotate_every`",
                origin=scope.origin,
            )
        alerts = scope.at("alerts")
        stack = alerts.stack()
        topic = alerts.ref("aws_sns_topic", "alerts", "arn")
        name, called = f"{scope.identifier}_reminder", f"{scope.full_name}-reminder"
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        role = {
            "name": called,
            "description": f"Reminds people to replace {_called(scope)}",
            "assume_role_policy": trust("scheduler.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account}}),
        }
        yield scope.aws("aws_iam_role", name, role, stack=stack, called=called)
        rights = document(
            allow(["sns:Publish"], [topic]),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], [alerts.ref("aws_kms_key", "alerts", "arn")]),
        )
        of_role = {"name": called, "role": scope.ref("aws_iam_role", name, "name", stack=stack), "policy": rights}
        yield scope.aws("aws_iam_role_policy", name, of_role, stack=stack)
        target: dict[str, Any] = {
            "arn": topic,
            "role_arn": scope.ref("aws_iam_role", name, "arn", stack=stack),
            "input": f"It is {days} days since you were last reminded: replace the value of {_called(scope)} "
            f"({', '.join(self.keys)}) in Secrets Manager. Pods get the new one within minutes.",
            "retry_policy": [{"maximum_retry_attempts": 10, "maximum_event_age_in_seconds": 86400}],
        }
        schedule = {
            "name": called,
            "description": f"{_called(scope)} is to be replaced",
            "schedule_expression": f"rate({days} {'day' if days == 1 else 'days'})",
            "flexible_time_window": [{"mode": "OFF"}],
            "target": [target],
        }
        granted = scope.address("aws_iam_role_policy", name, stack=stack)
        yield scope.aws("aws_scheduler_schedule", name, schedule, stack=stack, depends_on=[granted])


def _called(scope: Scope) -> str:
    """Its name in Secrets Manager, the same in every region."""
    return f"{scope.home.title}/{scope.name}"
