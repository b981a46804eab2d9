"""A site takes over: the order of the actions, and machines that can do them and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import descriptions
from platforms import shipped
from seawall.components.takeover.action import Action, Approval, Question
from seawall.components.takeover.machine import LONGEST_NAME, definition, permissions
from seawall.components.takeover.paths import json_path, values
from seawall.components.takeover.plans import plan
from seawall.components.takeover.spelling import api_name, member, members, resource
from seawall.components.takeover.takeover import MACHINE
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.model.platform import Platform

ENDS = {"Succeed", "Fail"}


@pytest.fixture(scope="module", params=["genai-demo", "pingvas"])
def loaded(request: pytest.FixtureRequest) -> tuple[Any, Graph]:
    """Each platform that has a site, in its default environment."""
    return shipped(request.param)


def machines(graph: Graph) -> dict[str, Resource]:
    """The machines of a graph, by the move that they carry out."""
    return {machine.meta["takeover"]["move"]: machine for machine in graph.of_type(MACHINE)}


def nexts(state: Mapping[str, Any]) -> Iterator[str]:
    """Every state that may come after one."""
    for key in ("Next", "Default"):
        if key in state:
            yield state[key]
    for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield rule["Next"]


def test_every_state_is_there_is_reached_and_comes_to_an_end(loaded: tuple[Any, Graph]) -> None:
    """No name leads nowhere, no state is dead, from each of them an end can be reached, and names are short enough."""
    for machine in machines(loaded[1]).values():
        states = machine.body["definition"]["States"]
        assert all(len(name) <= LONGEST_NAME for name in states)
        reached, pending = set(), [machine.body["definition"]["StartAt"]]
        while pending:
            name = pending.pop()
            if name not in reached:
                reached.add(name)
                pending += nexts(states[name])
        assert reached == states.keys()
        ending = {name for name, state in states.items() if state["Type"] in ENDS}
        assert ending == {"Done", "Failed"}
        while more := {name for name in states.keys() - ending if set(nexts(states[name])) & ending}:
            ending |= more
        assert ending == states.keys()


def test_every_loop_is_bounded(loaded: tuple[Any, Graph]) -> None:
    """Whoever waits counts, and a choice on the count leads out of the loop."""
    for machine in machines(loaded[1]).values():
        states = machine.body["definition"]["States"]
        waits = {name: state for name, state in states.items() if state["Type"] == "Wait"}
        assert waits
        for state in waits.values():
            counts = states[state["Next"]]
            assert "States.MathAdd" in str(counts["Parameters"])
        for name, state in states.items():
            if state["Type"] == "Choice" and state["Default"] in waits:
                (rule,) = state["Choices"]
                assert rule["NumericGreaterThanEquals"] > 0, name


@pytest.mark.needs("emulator")  # boto3's models of the services
def test_every_call_is_one_of_aws_with_just_these_parameters(loaded: tuple[Any, Graph]) -> None:
    """Operation, parameters and the members that a path goes by are in the service's model, spelt so."""
    from state_machine import operation

    seen = set()
    for machine in machines(loaded[1]).values():
        for state in machine.body["definition"]["States"].values():
            called = state.get("Resource", "")
            if not called.startswith("arn:aws:states:::aws-sdk:"):
                continue
            service, method = called.removeprefix("arn:aws:states:::aws-sdk:").split(":")
            found = operation(service, method)
            seen.add(f"{service}:{method}")
            shapes = {member(name): shape for name, shape in found.input_shape.members.items()}
            assert state["Parameters"].keys() <= shapes.keys()
            assert {member(name) for name in found.input_shape.required_members} <= state["Parameters"].keys()
            if "ResultSelector" in state:
                path = state["ResultSelector"]["found.$"].removeprefix("States.Array(").removesuffix(")")
                _leads(found.output_shape, path.removeprefix("$."))
    assert len(seen) >= 8


def _leads(shape: Any, path: str) -> None:
    """That a path leads to something in an answer of that shape."""
    for step in path.split("."):
        if step.startswith(("IsWriter", "ReplicationGroupRegion")):
            continue  # the rest of a filter, whose dot is its own
        name = step.split("[")[0]
        names = {member(one): inner for one, inner in shape.members.items()}
        assert name in names, f"{path}: {shape.name} has no {name}"
        shape = names[name]
        if shape.type_name == "list":
            assert "[" in step
            shape = shape.member


def test_the_role_may_do_just_what_the_machine_calls(loaded: tuple[Any, Graph]) -> None:
    """Every action that a state calls is allowed on the very thing, and nothing else is beside telling and logging."""
    _, graph = loaded
    for move, machine in machines(graph).items():
        policy = graph[machine.address.replace(f"{MACHINE}.", "aws_iam_role_policy.")].body["policy"]  # type: ignore[index]
        allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
        called = set()
        for state in machine.body["definition"]["States"].values():
            if "Resource" in state:
                service, method = state["Resource"].removesuffix(".waitForTaskToken").split(":")[-2:]
                called.add(f"{service}:{method[:1].upper()}{method[1:]}")
        own = {action for action in allowed if action.startswith(("logs:", "kms:"))}
        assert own < allowed
        assert allowed - own == called, move
        for statement in policy["Statement"]:
            if not statement["Action"][0].startswith("logs:"):
                assert "*" not in statement["Resource"]


def test_a_machine_needs_nothing_of_home_but_what_was_read_before(loaded: tuple[Any, Graph]) -> None:
    """Machine, role, topic, key and log lie in the site's stack, and nothing of home's refers to them."""
    platform, graph = loaded
    (site,) = platform.sites.values()
    found = machines(graph)
    assert found.keys() == {"failover", "failback"}
    stack = next(iter(found.values())).address.partition(":")[0]
    ours = {one.address for one in graph if one.address.startswith(f"{stack}:") and "takeover" in one.address}
    assert len(ours) >= 10
    for machine in found.values():
        assert machine.region == site.region
        own = [value for key, value in machine.body.items() if key != "definition"]
        assert not [ref for ref in _refs(own) if ref.to not in ours]
    for one in graph:
        if one.address.startswith(f"{platform.region}/"):
            assert not [ref for ref in _refs(one.body) if ref.to in ours]


def _refs(value: Any) -> list[Ref]:
    from seawall.kernel.value import refs

    return list(refs(value))


def test_needs_decide_the_order(loaded: tuple[Any, Graph]) -> None:
    """Names are held before anything changes hands, nodes come before pods, and proofs are the last."""
    platform: Platform = loaded[0]
    (site,) = platform.sites
    for move in ("failover", "switchover"):
        names = [action.name for action in plan(platform, site, move)]  # type: ignore[arg-type]
        held = next(name for name in names if name.endswith("-hold"))
        writer = next(name for name in names if name.endswith("-writer"))
        nodes = next(name for name in names if name.startswith("nodes-"))
        assert names[0] == "approve"
        assert names.index(held) < names.index(nodes)
        assert names.index(held) < names.index(writer)
        assert names[-1] == "edge-answers"
    back = [action.name for action in plan(platform, site, "failback")]
    assert back.index(next(name for name in back if name.endswith("-let-go"))) > back.index(
        next(name for name in back if name.endswith("-writer"))
    )


def test_a_switchover_is_asked_for_where_the_writer_is(loaded: tuple[Any, Graph]) -> None:
    """A planned move is home's to make, so no machine at the site can: said, and not compiled into one that fails."""
    platform: Platform = loaded[0]
    (site,) = platform.sites
    actions = plan(platform, site, "switchover")
    (writer,) = (action for action in actions if action.operation == "switchover_global_cluster")
    assert writer.region == platform.region
    with pytest.raises(ValueError, match=f"calls rds in {platform.region}"):
        definition("x", actions, platform.sites[site].region, "t")


def test_a_site_that_is_not_there_is_named() -> None:
    """Whoever misspells a site is told which there are."""
    platform, _ = shipped("genai-demo", "production")
    with pytest.raises(InputError, match="no site kyoto"):
        plan(platform, "kyoto", "failover")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("boto3", "step_functions"),
    [
        # As machines of others write them, on AWS: createDBSnapshot, describeVpcs.
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("DBInstances", "DbInstances"),
        ("DBClusterArn", "DbClusterArn"),
        ("clusterName", "ClusterName"),
        ("VpcId", "VpcId"),
        ("TargetDbClusterIdentifier", "TargetDbClusterIdentifier"),
    ],
)
def test_names_are_spelt_as_step_functions_has_them(boto3: str, step_functions: str) -> None:
    """Step Functions takes the names of AWS's SDK for Java, not those of the API."""
    assert member(boto3) == step_functions
    assert members({boto3: [{boto3: 1}]}) == {step_functions: [{step_functions: 1}]}


def test_operations_keep_their_own_names() -> None:
    """A state names the operation as the API does, its first letter small."""
    assert api_name("describe_db_clusters") == "DescribeDBClusters"
    assert resource("rds", "describe_db_clusters") == "arn:aws:states:::aws-sdk:rds:describeDBClusters"
    assert resource("elbv2", "describe_rules").endswith(":elasticloadbalancingv2:describeRules")


scalars = st.sampled_from([True, False, "a", "b-1"])
answers = st.fixed_dictionaries(
    {},
    optional={
        "Rows": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "Is": scalars,
                    "Cells": st.lists(st.fixed_dictionaries({}, optional={"Is": scalars, "Arn": scalars}), max_size=3),
                    "Arn": scalars,
                },
            ),
            max_size=3,
        )
    },
)


@pytest.mark.needs("emulator")  # what reads JSONPath comes with moto
@given(answers, st.sampled_from(["Rows[].Arn", "Rows[Is=true].Arn", "Rows[].Cells[Is=b-1].Arn", "Rows[].Cells[].Is"]))
def test_both_languages_find_the_same(answer: dict[str, Any], path: str) -> None:
    """What a path finds here, it finds as JSONPath in Step Functions, in the same order."""
    from jsonpath_ng.ext import parse

    written, many = json_path(path)
    assert many
    assert [match.value for match in parse(written).find(answer)] == values(path, answer)


@pytest.mark.parametrize("path", ["", "a..b", "a[0]", "a[b=]", "a b", "a[?b]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    """A path that Step Functions could not follow is an error where it is written."""
    with pytest.raises(ValueError, match="no step"):
        values(path, {})


def test_words_with_quotes_and_braces_stay_words() -> None:
    """What people are told may hold what means something in an intrinsic function."""
    action = Action("a", "It's {so}: 1 \\ 2.", "ask", "r", approval=Approval("Don't {panic}?"))
    machine = definition("says 'x'", [action], "r", "t")
    message = machine["States"]["a: approval"]["Parameters"]["Message.$"]
    assert "Don\\'t \\{panic\\}?" in message


def test_only_what_is_asked_is_allowed() -> None:
    """A question that another region alone could answer is not asked, and needs no right."""
    here = Question("x", "cloudwatch", "describe_alarms", {}, "r", "A[].B", ("C",), ("here",))
    there = Question("x", "cloudwatch", "describe_alarms", {}, "else", "A[].B", ("C",), ("there",))
    action = Action("a", "x", "ask", "r", approval=Approval("x", (here, there)))
    assert permissions([action], "r") == {("here",): ["cloudwatch:DescribeAlarms"]}


SHOP = """
platform: shop
network: {cidr: 10.0.0.0/16, zones: 2}
cluster: {version: "1.36", node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}}
environments: {production: {region: ap-northeast-2}}
SITES
takeover: {TOLD MORE}
components:
  orders: {kind: aurora, writer: db.r7g.large, readers: 1}
  shop: {kind: service, image: shop, needs: [orders]}
"""
TOKYO = "sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16, zones: [a, c]} OVER}}"


def shop(*, sites: str = TOKYO, over: str = "", more: str = "", told: str = "email: [oncall@shop.example]") -> Graph:
    """A small platform with a takeover."""
    from seawall.components.expand import expand

    text = SHOP.replace("SITES", sites.replace("OVER", over)).replace("MORE", more).replace("TOLD", told)
    return expand(descriptions.platform(text))


def test_a_takeover_without_a_site_is_refused() -> None:
    """Where nothing could take over, the section is a mistake."""
    with pytest.raises(InputError, match="platform with sites"):
        shop(sites="")


def test_a_takeover_of_nothing_is_refused() -> None:
    """A site that nothing follows to has nothing to take over."""
    with pytest.raises(InputError, match="nothing of tokyo follows home"):
        shop(over=", components: {orders: null, shop: {needs: []}}")


def test_a_takeover_has_to_ask_somebody() -> None:
    """Whoever is asked is named, here or by the alarms."""
    with pytest.raises(InputError, match="nobody is named"):
        shop(told="wait: 1 h")


def test_a_site_with_fewer_nodes_gets_as_many_and_gives_them_back() -> None:
    """A group of one node becomes one of home's three, all that it may have for now; afterwards the autoscaler's."""
    found = machines(shop(over=", cluster: {node_groups: {workload: {min: 1, max: 2}}}"))
    sizes = {
        move: found[move].body["definition"]["States"]["nodes-workload: call"]["Parameters"]["ScalingConfig"]
        for move in ("failover", "failback")
    }
    assert sizes == {
        "failover": {"MinSize": 3, "MaxSize": 3, "DesiredSize": 3},
        "failback": {"MinSize": 1, "MaxSize": 2, "DesiredSize": 2},
    }


def test_a_site_that_has_as_many_nodes_is_left_alone() -> None:
    """What is there already is no step."""
    assert not [name for name in machines(shop())["failover"].body["definition"]["States"] if "nodes" in name]


def test_storage_that_follows_alone_does_not_take_over() -> None:
    """Without a server of its database the site cannot write, so the database is no step."""
    found = machines(shop(over=", cluster: {node_groups: {workload: {min: 1}}}, components: {orders: {readers: 0}}"))
    calls = {state.get("Resource", "") for state in found["failover"].body["definition"]["States"].values()}
    assert not [call for call in calls if ":rds:" in call]


def test_whoever_starts_it_may_have_said_yes() -> None:
    """With `approve: false` no state waits for a person, and nothing is left of the question."""
    states = machines(shop(more=", approve: false"))["failover"].body["definition"]["States"]
    assert not [name for name in states if name.startswith("approve")]
    assert states["Begin"]["Next"] == "orders-writer: begin"
    asking = machines(shop(more=", wait: 10 min"))["failover"].body["definition"]["States"]["approve: approval"]
    assert asking["TimeoutSeconds"] == 600


def test_what_may_fail_keeps_nothing_waiting(loaded: tuple[Any, Graph]) -> None:
    """Where Route 53 is silent, as with us-east-1, the database's turn comes within a minute; so with what is told."""
    states = machines(loaded[1])["failover"].body["definition"]["States"]
    hasty = [name for name in states if "-hold: " in name or name.startswith("approve: evidence")]
    assert len(hasty) > 5
    for name in hasty:
        if states[name]["Type"] == "Task" and "sns" not in states[name]["Resource"]:
            again = sum(retry["MaxAttempts"] for retry in states[name].get("Retry", ()))
            assert states[name]["TimeoutSeconds"] * (1 + again) <= 30, name
