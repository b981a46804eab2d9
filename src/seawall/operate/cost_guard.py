"""The cost guard by hand: have the deployed function look now, or give node groups their room back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Verdict, proven, unknown
from seawall.operate.functions import call
from seawall.operate.runbook import Doing, Runbook, Step

if TYPE_CHECKING:
    from seawall.deploy.target import Cloud


def function_of(graph: Graph, subject: str) -> Resource:
    """The cost guard of a platform. Raises InputError where it has none."""
    for resource in graph.of_type("aws_lambda_function"):
        if resource.address.endswith(".cost_guard"):
            return resource
    raise InputError(f"{subject} has no cost guard", fix="add `restrict: {from: 100 %}` to `budget`")


def said(cloud: Cloud, function: Resource, *, restore: bool, dry_run: bool) -> tuple[str, ...]:
    """Call the function; what it says it did, or would do. Raises OutsideError where it fails."""
    ended = call(cloud, function, {"restore": restore, "dry_run": dry_run})
    if ended.failed:
        raise OutsideError(f"{function.body['function_name']} failed: {ended.failed}", ended.log)
    return tuple(str(line) for line in ended.answer["said"]) or ("nothing has to change",)


def runbook(cloud: Cloud, function: Resource, subject: str, *, restore: bool) -> Runbook:
    """Have it hold or give back, as the budget says, or with ``restore`` give back whatever it says."""

    def act(doing: Doing) -> None:
        lines = said(cloud, function, restore=restore, dry_run=False)
        doing.keep(said=list(lines))
        for line in lines:
            doing.audit(line, str(function.body["function_name"]))

    def so(doing: Doing) -> Verdict:
        return proven("it has answered") if "said" in doing.kept else unknown("it has not answered")

    says = "give node groups back the room that they had" if restore else "hold node groups, or give back, as is spent"
    step = Step("restore" if restore else "look", says, act, so)
    return Runbook("cost-guard", subject, (step,), {"restore": restore})
