"""The functions that mend and hold, on a drill's stage: the shipped packages, told by real topics."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from seawall.cli.input import load_graph
from seawall.kernel.errors import InputError, OutsideError
from seawall.operate import cost_guard, remediate
from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Setting
from seawall.operate.drill.scenarios.alarm_to_remediation import play
from seawall.operate.drill.servers import aws, fleet
from seawall.operate.drill.servers.topics import Subscriber
from seawall.operate.drill.stage import stage, until
from seawall.operate.functions import Clock, Function, code_of
from seawall.operate.runbook import run
from seawall.readers.read import facts_of

pytestmark = pytest.mark.needs("emulator")
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def bank():
    """The platform that has remediation."""
    return load_graph(["pocketbank"], None)


@pytest.fixture(scope="module")
def cloud():
    """An empty AWS."""
    with stage() as opened:
        yield aws.start(opened)


def test_an_alarm_mends_and_a_storm_of_alarms_does_not_eat_the_fleet(bank):
    """A node is replaced within seconds, an alarm that comes twice is acted on once, and every limit holds."""
    platform, graph = bank
    with stage() as opened:
        outcome = play(opened, Setting(platform, graph, facts_of(graph), random.Random(3), short=True), Events())
    assert outcome.failures == ()
    measured = {measure.name: measure for measure in outcome.measures}
    assert all(measure.kept is not False for measure in outcome.measures), measured
    assert 0 < measured["alarm to action"].value < 30
    assert measured["nodes terminated in all"].value >= 3, "nothing was tried before it stopped"


def test_by_hand_it_is_the_deployed_function_and_the_same_alarm_is_done_once(bank, cloud, tmp_path):
    """A dry run changes nothing; a run replaces the node; the next finds it done; other code is refused."""
    _, graph = bank
    resource = remediate.function_of(graph, "pocketbank-prod")
    alarm = remediate.known_alarms(resource)[0]
    there, function, _ = fleet.make(cloud, graph, Clock(), Events())
    role = cloud.client("iam", "us-east-1").create_role(RoleName="remediation", AssumeRolePolicyDocument="{}")
    made = {
        "FunctionName": function.name,
        "Runtime": "python3.13",
        "Role": role["Role"]["Arn"],
        "Handler": function.handler,
        "Environment": {"Variables": dict(function.environment)},
        "Timeout": function.timeout,
    }
    client = cloud.client("lambda", there.region)
    client.create_function(**made, Code={"ZipFile": code_of(resource)})
    assert remediate.alarm(cloud, resource, alarm).state == "OK"
    with pytest.raises(InputError, match="does not act on"):
        remediate.alarm(cloud, resource, "somebody-elses")

    def up():
        return remediate.alarm(cloud, resource, alarm).state == "ALARM"

    def by_hand():
        event = remediate.event_of(remediate.alarm(cloud, resource, alarm))
        book = remediate.runbook(cloud, resource, "pocketbank-prod", event, alarm=alarm, up=up)
        return run(book, tmp_path / "operations", anew=True).kept["said"]

    with pytest.raises(OutsideError, match="was not begun"):
        by_hand()
    watch = cloud.client("cloudwatch", there.region)
    watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="it is so")
    event = remediate.event_of(remediate.alarm(cloud, resource, alarm))
    [said] = remediate.dry(cloud, resource, event)
    # Its nodes are too young to be replaced by a clock that runs as ours does.
    assert "no node was found that has failed" in said
    assert by_hand() == [said]
    assert there.terminated() == 0
    assert (tmp_path / "operations" / "audit.jsonl").read_text().count("no node was found") == 1
    client.update_function_code(FunctionName=function.name, ZipFile=b"PK\x05\x06" + bytes(18))
    with pytest.raises(OutsideError, match="other code"):
        remediate.dry(cloud, resource, event)


def test_an_alarm_that_is_old_is_a_new_event_by_hand():
    """A person who comes hours later is not told that it is too late, and twice within the hour is still once."""
    old = remediate.Alarm("one", "ALARM", "2026-01-01T10:00:00.000+0000")
    assert remediate.event_of(old) == remediate.event_of(old)
    assert datetime.now(UTC).strftime("%Y-%m-%dT%H") in str(remediate.event_of(old))


def test_a_budgets_message_holds_the_groups_and_the_new_month_gives_back(cloud, tmp_path):
    """A message before the budget is spent holds nothing, one after does, once; by hand it is given back."""
    _, graph = load_graph(["genai-demo"], "staging")
    resource = cost_guard.function_of(graph, "genai-demo-staging")
    variables = resource.body["environment"][0]["variables"]
    home, cluster = variables["REGION"], variables["CLUSTER"]
    eks, budgets = cloud.client("eks", home), cloud.client("budgets", "us-east-1")
    eks.create_cluster(name=cluster, roleArn=f"arn:aws:iam::{ACCOUNT}:role/a", resourcesVpcConfig={"subnetIds": []})
    [group] = graph.of_type("aws_eks_node_group")
    [sizes] = group.body["scaling_config"]
    name = group.body["node_group_name"]
    eks.create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        subnets=["subnet-1"],
        nodeRole=f"arn:aws:iam::{ACCOUNT}:role/b",
        scalingConfig={
            "minSize": sizes["min_size"],
            "maxSize": sizes["max_size"],
            "desiredSize": sizes["desired_size"],
        },
    )

    def budget(spent):
        return {
            "BudgetName": variables["BUDGET"],
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "600", "Unit": "USD"},
            "CalculatedSpend": {"ActualSpend": {"Amount": str(spent), "Unit": "USD"}},
        }

    def most():
        found = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
        return found["scalingConfig"]["maxSize"], found["tags"]

    budgets.create_budget(AccountId=ACCOUNT, Budget=budget(0))
    sns = cloud.client("sns", "us-east-1")
    heard = sns.create_topic(Name="budget")["TopicArn"]
    told = cloud.client("sns", home).create_topic(Name="alerts")["TopicArn"]
    environment = {key: str(value) for key, value in variables.items()} | {"ACCOUNT": ACCOUNT, "TOPIC": told}
    function = Function("guard", "us-east-1", resource.body["handler"], code_of(resource), environment, 60)
    with Subscriber(function, cloud.emulator.url, Clock(), deliveries=2) as subscriber:
        sns.subscribe(TopicArn=heard, Protocol="http", Endpoint=subscriber.url)

        def message(spent):
            budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget(spent))
            before = len(subscriber.calls)
            sns.publish(TopicArn=heard, Message="AWS Budget Notification: Alert Type: ACTUAL ...")
            until(lambda: len(subscriber.calls) == before + 2, seconds=60, what="both deliveries")
            assert [called.how.failed for called in subscriber.calls] == [""] * (before + 2)
            return [line for called in subscriber.calls[before:] for line in called.how.answer["said"]]

        assert message(599) == []
        assert most() == (sizes["max_size"], {})
        [said] = message(601)
        assert f"{sizes['desired_size']} nodes at the most" in said
        assert most() == (
            sizes["desired_size"],
            {"seawall/cost-guard": f"{sizes['max_size']}/{sizes['desired_size']}"},
        )
        [said] = message(3)
        assert f"{sizes['max_size']} nodes again" in said
        assert most() == (sizes["max_size"], {})
        message(900)
    # By hand it is the function that is deployed.
    role = cloud.client("iam", "us-east-1").create_role(RoleName="guard", AssumeRolePolicyDocument="{}")
    cloud.client("lambda", "us-east-1").create_function(
        FunctionName=resource.body["function_name"],
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler=function.handler,
        Timeout=60,
        Environment={"Variables": environment},
        Code={"ZipFile": function.code},
    )
    [would] = cost_guard.said(cloud, resource, restore=True, dry_run=True)
    assert "might have" in would
    assert most()[0] == sizes["desired_size"]
    book = cost_guard.runbook(cloud, resource, "genai-demo-staging", restore=True)
    run(book, tmp_path / "operations", anew=True)
    assert most()[0] == sizes["max_size"]
    assert cost_guard.said(cloud, resource, restore=False, dry_run=False) == ("nothing has to change",)
