"""The cost guard against the emulator: the shipped package, told by the budget's own kind of topic."""

from __future__ import annotations

import pytest

from seawall.cli.input import load_graph
from seawall.operate import cost_guard
from seawall.operate.drill.servers import aws
from seawall.operate.drill.servers.topics import Subscriber
from seawall.operate.drill.stage import stage, until
from seawall.operate.functions import Clock, Function, code_of
from seawall.operate.runbook import run

pytestmark = pytest.mark.needs("emulator")
ACCOUNT = "123456789012"


def test_a_budgets_message_holds_the_groups_and_the_new_month_gives_back(tmp_path):
    """A message before the budget is spent holds nothing, one after does, once; by hand it is given back."""
    _, graph = load_graph(["genai-demo"], "staging")
    resource = cost_guard.function_of(graph, "genai-demo-staging")
    with stage() as opened:
        cloud = aws.start(opened)
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
