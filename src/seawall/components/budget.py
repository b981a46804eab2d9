"""The budget: what the platform may cost a month, who hears of it when, and what stops growing when it is spent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.addons.addon import addons
from seawall.components.alerts import Alerts, Email
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.cost_guard import WORLD, guard, log_encryption
from seawall.components.cost_guard import watches as guard_watches
from seawall.components.keys import key
from seawall.components.policy import allow, document, trust
from seawall.components.scope import Scope
from seawall.components.slack import Channel, hears
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, text
from seawall.model.fields import Frame, Money, Share

_ADDING_NODES = {
    "cluster-autoscaler": ("autoscaling:SetDesiredCapacity",),
    "karpenter": ("ec2:CreateFleet", "ec2:RunInstances"),
}
"""Add-on -> what it does to add a node. Neither is what it takes one away with, so a cluster can still shrink."""


class Told(Channel):
    """A Slack channel that hears of the budget; it may be the one that hears of alarms."""

    from_: Annotated[Share, Field(alias="from")] = units.Share(Decimal(80))
    """From which share on it hears, as those who get mail do."""


class Restrict(Frame):
    """No further node is added to any cluster of the platform once this share is spent, until the next month."""

    from_: Annotated[Share, Field(alias="from")] = units.Share(Decimal(100))
    approved: Literal["automatically", "by-hand"] = "automatically"
    guard: bool | None = None
    """Whether node groups at home are also given no room beyond what runs; where silent, unless approved by hand."""

    @model_validator(mode="after")
    def _by_itself(self) -> Restrict:
        if self.guard and self.approved == "by-hand":
            raise ValueError("guard acts by itself, and what is restricted is to be approved by hand")
        return self

    @property
    def guards(self) -> bool:
        """Whether there is a cost guard."""
        return self.guard if self.guard is not None else self.approved == "automatically"


class Budget(Expandable):
    """A budget of a month's cost that tells people, and may keep clusters from growing."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["budget"]
    amount: Money | None = None
    """What it may cost; where silent, what is claimed as `monthly_cost`."""
    counts: Literal["account", "platform"] = "account"
    """What it counts: the whole account, or what carries the tag `platform`.

    AWS counts by a tag only once whoever pays the bill has activated it as a cost allocation tag; until then, and for
    what cannot be tagged, it counts nothing and so tells nobody. `platform` counts all environments of an account.
    """
    # A budget tells ten addresses at the most (AWS Billing and Cost Management API, NotificationWithSubscribers).
    email: Annotated[tuple[Email, ...], Field(max_length=10)] = ()
    """Who is told; where silent, whoever is told of alarms."""
    at: Annotated[tuple[Share, ...], Field(min_length=1, max_length=8)] = tuple(
        units.Share(Decimal(share)) for share in (50, 80, 100)
    )
    """The shares spent of which people are told; of the forecast's reaching all of it they are told as well."""
    slack: Told | None = None
    restrict: Restrict | None = None

    @model_validator(mode="after")
    def _reached(self) -> Budget:
        for what in (self.slack, self.restrict):
            if what is not None and what.from_ not in self.at:
                told = ", ".join(str(share) for share in self.at)
                raise ValueError(f"something happens from {what.from_} on, of which nobody is told; `at` has {told}")
        return self

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The budget at home, with the channel and the action that go with it; it counts every region."""
        if not scope.is_home:
            return
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        yield self._budget(scope)
        if self.slack is not None or self._guards(scope):
            yield from self._topic(scope)
        if self.slack is not None and not (scope.has(Alerts) and self.slack.is_same(scope.the(Alerts).slack)):
            topic = scope.ref("aws_sns_topic", "budget", "arn")
            yield from hears(scope, self.slack, "budget", f"{scope.title}-budget", [topic])
        if self.restrict is not None:
            yield from self._restriction(scope, self.restrict)
            if self._guards(scope):
                yield from guard(scope, self.restrict.from_)

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """That the cost guard fails, where there is one."""
        if scope.is_home and self._guards(scope):
            yield from guard_watches(scope)

    def _guards(self, scope: Scope) -> bool:
        """Whether there is a cost guard: what Karpenter adds has no node group to be held."""
        return self.restrict is not None and self.restrict.guards and bool(scope.the(Cluster).node_groups)

    # -- the budget ------------------------------------------------------------------------------------------------

    def _budget(self, scope: Scope) -> Resource:
        most = self._most(scope)
        called = f"{scope.title}-month"
        body = {
            "name": called,
            "budget_type": "COST",
            "limit_amount": f"{most.amount.normalize():f}",
            "limit_unit": most.currency,
            "time_unit": "MONTHLY",
            "cost_filter": [{"name": "TagKeyValue", "values": [f"user:platform${scope.platform.name}"]}]
            if self.counts == "platform"
            else None,
            "notification": [
                *(self._notification(scope, "ACTUAL", share) for share in self.at),
                self._notification(scope, "FORECASTED", units.Share(Decimal(100))),
            ],
        }
        return scope.aws("aws_budgets_budget", "month", body, called=called)

    def _most(self, scope: Scope) -> units.Money:
        claimed = next(
            (
                claim.value
                for claim in scope.platform.claims
                if (claim.subject, claim.measure) == ("platform", "monthly_cost")
                and isinstance(claim.value, units.Money)
            ),
            None,
        )
        most = self.amount or claimed
        where = scope.origin if self.amount else scope.platform.document.origin(("claims", "monthly_cost"))
        if most is None:
            raise InputError(
                "there is a budget, and nothing says of how much",
                fix="give it an amount, or claim a monthly_cost",
                origin=scope.origin,
            )
        if most.currency != "USD":
            raise InputError(
                f"a monthly cost of {most} is wanted, and AWS's budgets count in USD",
                fix="say it in USD",
                origin=where,
            )
        return most

    def _notification(self, scope: Scope, kind: str, share: units.Share) -> dict[str, Any]:
        found: dict[str, Any] = {
            "comparison_operator": "GREATER_THAN",
            "notification_type": kind,
            "threshold": _number(share),
            "threshold_type": "PERCENTAGE",
            # Straight to people: a budget's mail needs no confirmed subscription, nor a key that lets budgets in.
            "subscriber_email_addresses": list(self._told(scope)),
        }
        heard = self.slack is not None and share.percent >= self.slack.from_.percent
        if heard or (self._guards(scope) and self.restrict and share.percent >= self.restrict.from_.percent):
            found["subscriber_sns_topic_arns"] = [scope.ref("aws_sns_topic", "budget", "arn")]
        return found

    def _told(self, scope: Scope) -> tuple[str, ...]:
        if self.email:
            return self.email
        if scope.has(Alerts):
            return scope.the(Alerts).email
        raise InputError(
            "there is a budget, and nobody to tell of it",
            fix="give it `email`, or add `alerts:` with one",
            origin=scope.origin,
        )

    # -- who is told beside people ---------------------------------------------------------------------------------

    def _topic(self, scope: Scope) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = f"{scope.title}-budget"
        ours = {"StringEquals": {"aws:SourceAccount": account}}
        budgets = {"Service": "budgets.amazonaws.com"}
        encrypting = {
            "Sid": "BudgetsEncrypt",
            "Effect": "Allow",
            "Principal": budgets,
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": ours,
        }
        yield from key(
            scope,
            "budget",
            account=account,
            called=called,
            purpose=f"What the budget of {scope.title} says",
            region=WORLD,
            statements=(encrypting, log_encryption(scope, account)) if self._guards(scope) else (encrypting,),
        )
        topic = {"name": called, "kms_master_key_id": scope.ref("aws_kms_key", "budget", "arn")}
        yield scope.aws("aws_sns_topic", "budget", topic, region=WORLD, called=called)
        arn = scope.ref("aws_sns_topic", "budget", "arn")
        publishing = document(
            {
                "Sid": "BudgetsPublish",
                "Effect": "Allow",
                "Principal": budgets,
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": ours,
            }
        )
        yield scope.aws("aws_sns_topic_policy", "budget", {"arn": arn, "policy": publishing}, region=WORLD)

    # -- no further nodes ------------------------------------------------------------------------------------------

    def _restriction(self, scope: Scope, restrict: Restrict) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = f"{scope.title}-budget-spent"
        growing = _growing(scope)
        if not growing:
            raise InputError(
                "the budget is to keep the cluster from growing, and nothing makes it grow",
                fix=f"drop `restrict`, or add one of {', '.join(_ADDING_NODES)} to cluster.addons",
                origin=scope.origin,
            )
        actions = sorted({action for name, _ in growing for action in _ADDING_NODES[name]})
        refused = {"Sid": "NoFurtherNodes", "Effect": "Deny", "Action": actions, "Resource": "*"}
        body = {
            "name": called,
            "description": f"Hung on what adds nodes to {scope.title} while its budget is spent",
            "policy": document(refused),
        }
        yield scope.aws("aws_iam_policy", "budget_spent", body, called=called)
        policy = scope.ref("aws_iam_policy", "budget_spent", "arn")
        trusted = trust(
            "budgets.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": text("arn:aws:budgets::", account, f":budget/{scope.title}-month*")},
            },
        )
        yield scope.aws("aws_iam_role", "budget_spent", {"name": called, "assume_role_policy": trusted}, called=called)
        hanging = allow(
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            [Ref(address, "arn") for _, address in growing],
            {"ArnEquals": {"iam:PolicyARN": policy}},
        )
        role = scope.ref("aws_iam_role", "budget_spent", "name")
        yield scope.aws(
            "aws_iam_role_policy", "budget_spent", {"name": called, "role": role, "policy": document(hanging)}
        )
        action = {
            "budget_name": scope.ref("aws_budgets_budget", "month", "name"),
            "action_type": "APPLY_IAM_POLICY",
            "approval_model": "AUTOMATIC" if restrict.approved == "automatically" else "MANUAL",
            "notification_type": "ACTUAL",
            "execution_role_arn": scope.ref("aws_iam_role", "budget_spent", "arn"),
            "action_threshold": [
                {"action_threshold_type": "PERCENTAGE", "action_threshold_value": _number(restrict.from_)}
            ],
            "definition": [
                {
                    "iam_action_definition": [
                        {"policy_arn": policy, "roles": [Ref(address, "name") for _, address in growing]}
                    ]
                }
            ],
            "subscriber": [{"address": one, "subscription_type": "EMAIL"} for one in self._told(scope)],
        }
        before = [scope.address("aws_iam_role_policy", "budget_spent")]
        yield scope.aws("aws_budgets_budget_action", "spent", action, depends_on=before, called=called)


def _growing(scope: Scope) -> list[tuple[str, Address]]:
    """The add-ons that add nodes, in every region, and the roles that they do it by."""
    found: list[tuple[str, Address]] = []
    for place in (scope.platform, *scope.platform.sites.values()):
        at = Scope(place, "cluster", place.region)
        for name in at.the(Cluster).chosen_addons(at):
            if name in _ADDING_NODES:
                stack = addons()[name].stack(at)
                found.append((name, at.address("aws_iam_role", name.replace("-", "_"), stack=stack)))
    return found


def _number(share: units.Share) -> int | float:
    return int(share.percent) if share.percent == int(share.percent) else float(share.percent)
