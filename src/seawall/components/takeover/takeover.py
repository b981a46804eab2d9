"""The takeover section: state machines in each site's region by which it takes over from home, and gives back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.alerts import Alerts, Email
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.offer import Right
from seawall.components.policy import calls, document, granting, trust
from seawall.components.scope import Scope
from seawall.components.takeover.action import Action, Move
from seawall.components.takeover.machine import definition, permissions
from seawall.components.takeover.pages import SECTION
from seawall.components.takeover.plans import plan
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.model.fields import Duration
from seawall.readers.aws.service_calls import LOG_DELIVERY

MACHINE = "aws_sfn_state_machine"
MOVES: tuple[Move, ...] = ("failover", "failback")
"""What a machine can do: a switchover is asked for in home's region, where a machine of the site cannot call."""
_SAYS = {"failover": "{site} takes over from {home}, which is lost", "failback": "{home} takes over again from {site}"}


class Takeover(Expandable):
    """Two state machines a site, each with a role of its own: one takes over from home when it is lost, one gives back.

    They lie in the site's region with all that they need, and ask nothing of home's. Both ask a person first.
    """

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "takeover"

    kind: Literal["takeover"]
    approve: bool = True
    """Whether a person is asked before anything is done; without, whoever starts it has said yes."""
    wait: Duration = units.Duration(4 * 3600)
    """How long the answer is waited for; silence is a no."""
    email: Annotated[tuple[Email, ...], Field(max_length=10)] = ()
    """Who is asked and told; where silent, whom the alarms tell."""
    logs: Duration = units.Duration(365 * 86400)
    """How long is kept what the machines did."""

    @model_validator(mode="after")
    def _heard(self) -> Takeover:
        if not 300 <= self.wait.seconds <= 7 * 86400:
            raise ValueError(f"wait is {self.wait}; people need minutes and a loss does not wait, give 5 min to 7 d")
        return self

    def plan(self, scope: Scope, move: Move) -> tuple[Action, ...]:
        """The actions of a move of this site, with what this section says of approvals."""
        actions = plan(scope.platform, scope.platform.site, move)
        if not self.approve:
            return tuple(action for action in actions if action.approval is None)
        return tuple(
            replace(action, approval=replace(action.approval, within=round(self.wait.seconds)))
            if action.approval is not None
            else action
            for action in actions
        )

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """At a site: key, topic, subscriptions, log and the machines with their roles; at home nothing."""
        if not scope.platform.home.sites:
            raise InputError(
                "takeover is of a platform with sites, and there is none",
                fix="add `sites:`, or take takeover out",
                origin=scope.origin,
            )
        if scope.is_home:
            return
        plans = {move: actions for move in MOVES if (actions := self.plan(scope, move))}
        if not plans:
            raise InputError(
                f"nothing of {scope.platform.site} follows home, so nothing can take over",
                fix="give it a database, a cache or hosts that home has, too",
                origin=scope.origin,
            )
        yield scope.lookup("aws_caller_identity", SECTION, {})
        account = scope.ref("data.aws_caller_identity", SECTION, "account_id")
        called = f"{scope.title}-{SECTION}"
        logs = f"/aws/vendedlogs/states/{called}"
        yield from key(
            scope,
            SECTION,
            account=account,
            called=called,
            purpose=f"What the takeover of {scope.title} asks, tells and logs",
            statements=(by_logs(scope, account, f"{logs}*"),),
        )
        encrypts = scope.ref("aws_kms_key", SECTION, "arn")
        yield scope.aws("aws_sns_topic", SECTION, {"name": called, "kms_master_key_id": encrypts}, called=called)
        for number, address in enumerate(self._told(scope), 1):
            listener = {"topic_arn": self._topic(scope), "protocol": "email", "endpoint": address}
            yield scope.aws("aws_sns_topic_subscription", f"{SECTION}_{number}", listener)
        for move, actions in plans.items():
            group = {
                "name": f"{logs}-{move}",
                "retention_in_days": round(self.logs.days),
                "kms_key_id": encrypts,
            }
            yield scope.aws("aws_cloudwatch_log_group", f"{SECTION}_{move}", group)
            yield from self._role(scope, move, actions)
            yield self._machine(scope, move, actions)

    def _told(self, scope: Scope) -> tuple[str, ...]:
        if self.email:
            return self.email
        if not scope.has(Alerts):
            raise InputError(
                "takeover asks somebody, and nobody is named",
                fix="add `email: [oncall@...]` to it, or alerts",
                origin=scope.origin,
            )
        return scope.the(Alerts).email

    def _topic(self, scope: Scope) -> Ref:
        return scope.ref("aws_sns_topic", SECTION, "arn")

    def _role(self, scope: Scope, move: Move, actions: Sequence[Action]) -> Iterator[Resource | Demand]:
        called = f"{scope.title}-{move}"
        account = scope.ref("data.aws_caller_identity", SECTION, "account_id")
        itself = text(f"arn:aws:states:{scope.region}:", account, f":stateMachine:{called}")
        ours: dict[str, dict[str, Textual]] = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": itself},
        }
        role = {"name": called, "assume_role_policy": trust("states.amazonaws.com", ours)}
        yield scope.aws("aws_iam_role", f"{SECTION}_{move}", role, called=called)
        rights = [
            *(Right(tuple(allowed), on) for on, allowed in permissions(actions, scope.region).items()),
            Right(("sns:Publish",), (self._topic(scope),)),
            Right(("kms:Decrypt", "kms:GenerateDataKey"), (scope.ref("aws_kms_key", SECTION, "arn"),)),
            # How Step Functions comes by the right to write its log; none of these can be narrowed.
            # Source: AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history".
            Right(LOG_DELIVERY, ("*",)),
        ]
        body = {
            "name": called,
            "role": scope.ref("aws_iam_role", f"{SECTION}_{move}", "name"),
            "policy": document(*(granting(right) for right in rights)),
        }
        yield scope.aws("aws_iam_role_policy", f"{SECTION}_{move}", body)
        machine = scope.address(MACHINE, f"{SECTION}_{move}")
        yield from calls(machine, rights, f"{scope.origin} {move}")

    def _machine(self, scope: Scope, move: Move, actions: Sequence[Action]) -> Resource:
        called = f"{scope.title}-{move}"
        says = _SAYS[move].format(site=scope.region, home=scope.home.region)
        group = scope.ref("aws_cloudwatch_log_group", f"{SECTION}_{move}", "arn")
        body = {
            "name": called,
            "type": "STANDARD",
            "role_arn": scope.ref("aws_iam_role", f"{SECTION}_{move}", "arn"),
            "definition": definition(f"{says}.", actions, scope.region, self._topic(scope)),
            # What states hand on stays out of the log: an approval's token is among it.
            "logging_configuration": [
                {"level": "ALL", "include_execution_data": False, "log_destination": text(group, ":*")}
            ],
        }
        before = [scope.address("aws_iam_role_policy", f"{SECTION}_{move}")]
        made = scope.aws(MACHINE, f"{SECTION}_{move}", body, depends_on=before, called=called)
        told = {"move": move, "says": says, "actions": tuple(actions), "wait": self.wait}
        return replace(made, meta={**made.meta, "takeover": told})
