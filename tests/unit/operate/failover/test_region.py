"""A plan's actions are carried out once each, with values that outlive home."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import descriptions
import operate_regions
from operate_regions import HOME, SITE, Regions
from seawall.components.expand import expand
from seawall.components.takeover.action import Action
from seawall.components.takeover.plans import plan
from seawall.deploy.rendered import Backend, Rendered
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.failover.loss import Loss
from seawall.operate.failover.region import Carrying, runbook, settled
from seawall.operate.failover.settle import NotSettled, Settling, in_route53
from seawall.operate.runbook import StepEvent, run
from seawall.render.render import render


def test_the_site_takes_over_and_gives_back(tmp_path: Path) -> None:
    """Names are held first and let go last; stores change hands between; each is done once."""
    world = Regions.fresh(tmp_path)
    run(world.book("failover"), tmp_path / "operations", approve=lambda question: True)
    assert world.now["deeds"] == ["held True", "nodes 3", f"writer {SITE}", f"primary {SITE}"]
    run(world.book("failback"), tmp_path / "operations", approve=lambda question: True)
    assert world.now["deeds"][4:] == [f"writer {HOME}", f"primary {HOME}", "held False", "nodes 2"]


def test_a_lost_answer_is_not_taken_for_a_lost_call(tmp_path: Path) -> None:
    """A call whose answer never came was made; it is looked at, and not made again."""
    world = Regions.fresh(tmp_path)
    client = world.client("rds", SITE)

    class Losing:
        def __getattr__(self, operation: str) -> Any:
            def call(**parameters: Any) -> Any:
                from botocore.exceptions import ReadTimeoutError

                answer = getattr(client, operation)(**parameters)
                if operation == "failover_global_cluster":
                    raise ReadTimeoutError(endpoint_url="https://rds")
                return answer

            return call

    action = next(one for one in operate_regions.actions("failover") if one.name == "orders-writer")
    Carrying(lambda service, region: Losing(), pace=0.0).do(action)
    assert world.now["deeds"] == [f"writer {SITE}"]


def test_what_may_fail_does_not_stop_the_rest(tmp_path: Path) -> None:
    """Route 53 is changed in a region that may be the lost one; the plan goes on, and it is written down."""
    world = Regions.fresh(tmp_path)

    class Refusing:
        def __init__(self, service: str) -> None:
            self._client, self._service = world.client(service, SITE), service

        def __getattr__(self, operation: str) -> Any:
            if self._service != "route53":
                return getattr(self._client, operation)

            def call(**parameters: Any) -> Any:
                from botocore.exceptions import EndpointConnectionError

                raise EndpointConnectionError(endpoint_url="https://route53")

            return call

    book = runbook(
        "shop",
        "tokyo",
        "failover",
        operate_regions.actions("failover"),
        Carrying(lambda service, region: Refusing(service), pace=0.0),
    )
    run(book, tmp_path / "operations", approve=lambda question: True)
    assert f"writer {SITE}" in world.now["deeds"]
    audit = (tmp_path / "operations/audit.jsonl").read_text()
    assert "failed, and tolerated" in audit


class _States:
    """States of the regions, as Terraform writes them."""

    def __init__(self, **documents: Any) -> None:
        self.documents, self.asked = documents, []

    def document(self, backend: Backend) -> Any:
        self.asked.append(backend.region)
        return self.documents.get(
            backend.key.rsplit("/", 1)[1].removesuffix(".tfstate") + "_" + backend.region.replace("-", "_")
        )


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any, Rendered]:
    """The small platform of two regions, rendered."""
    platform = descriptions.platform(operate_regions.PAIR)
    graph = expand(platform)
    return platform, graph, Rendered.of_graph(render(platform, graph), graph)


def test_a_value_of_home_is_read_where_the_site_remembers_it(pair: tuple[Any, Any, Rendered]) -> None:
    """Home's states are not asked for; what the site's stacks once read of them lies in the site's own."""
    _, graph, rendered = pair
    texts = {place: text for text, place in rendered.values.items()}
    by_key = {(stack.backend.bucket, stack.backend.key): key for key, stack in rendered.stacks.items()}
    remembering, key, output = next(
        (stack, by_key[read.bucket, read.key], output)
        for stack in rendered.stacks.values()
        if stack.region == SITE
        for read, outputs in stack.reads.values()
        if read.region == HOME
        for output in outputs
        if (by_key[read.bucket, read.key], output) in texts
    )
    text, backend = texts[key, output], rendered.stacks[key].backend
    data = {
        "mode": "data",
        "type": "terraform_remote_state",
        "name": "home",
        "instances": [
            {
                "attributes": {
                    "config": {"value": {"bucket": backend.bucket, "key": backend.key}},
                    "outputs": {"value": {output: "as-it-was"}},
                }
            }
        ],
    }
    name = f"{remembering.name}_{SITE.replace('-', '_')}"
    states: Any = _States(**{name: {"resources": [data]}})
    resource = next(one for one in graph if text.startswith(f"${{{one.address}."))
    ref = Ref(resource.address, text.removeprefix(f"${{{resource.address}.").removesuffix("}"))
    assert Settling(graph, rendered, states, lost=HOME)(ref) == "as-it-was"
    assert HOME not in states.asked


def test_a_secret_is_never_a_parameter(pair: tuple[Any, Any, Rendered]) -> None:
    """What the state marks as sensitive is in no call, journal or message."""
    _, graph, rendered = pair
    resource = {
        "mode": "managed",
        "type": "aws_rds_cluster",
        "name": "orders",
        "instances": [
            {
                "attributes": {"arn": "arn:of:it", "master_password": "hunter2"},
                "sensitive_attributes": [[{"type": "get_attr", "value": "master_password"}]],
            }
        ],
    }
    states: Any = _States(data_ap_northeast_1={"resources": [resource]})
    settle = Settling(graph, rendered, states)
    cluster = Address.terraform(SITE, "data", "aws_rds_cluster.orders")
    assert settle(Ref(cluster, "arn")) == "arn:of:it"
    with pytest.raises(NotSettled, match="is a secret"):
        settle(Ref(cluster, "master_password"))


def test_all_values_that_cannot_be_read_are_named_at_once(pair: tuple[Any, Any, Rendered]) -> None:
    """Before anything is asked or done; only what may fail is passed over, aloud."""
    platform, graph, rendered = pair
    states: Any = _States()
    with pytest.raises(OutsideError) as raised:
        settled(plan(platform, "tokyo", "failover"), Settling(graph, rendered, states, lost=HOME))
    said = str(raised.value)
    assert "orders-writer" in said
    assert "sessions-primary" in said
    assert "www-hold" not in said


def test_what_is_not_here_is_passed_over_aloud(pair: tuple[Any, Any, Rendered]) -> None:
    """What an emulator lacks is named in the plan, and the rest of it is carried out."""
    platform, _, _ = pair
    gone = Address.terraform(HOME, "data", "aws_elasticache_global_replication_group.sessions")
    found = settled(plan(platform, "tokyo", "failover"), str, {gone: "moto has none"})
    passed = [action for action in found if action.says.startswith("Pass over")]
    assert [action.name for action in passed] == ["sessions-primary", "sessions-takes-writes"]
    assert all(not action.operation and "moto has none" in action.says for action in passed)


def test_every_call_of_a_plan_can_be_asked_for(pair: tuple[Any, Any, Rendered]) -> None:
    """A run that was killed after a call learns from the world that it was made; without a question it would not."""
    platform, _, _ = pair
    calls: list[Action] = [
        action
        for move in ("failover", "switchover", "failback")
        for action in plan(platform, "tokyo", move)
        if action.operation
    ]
    assert calls
    assert [action.name for action in calls if action.already is None and action.underway is None] == []


def test_evidence_that_never_comes_is_told() -> None:
    """A person decides with what is known; what nobody can say is said to be unknown."""
    action = next(one for one in operate_regions.actions("failover") if one.approval is not None)
    question = next(one.after for one in operate_regions.actions("failover") if one.after is not None)
    assert action.approval is not None
    assert question is not None

    def nobody(service: str, region: str) -> Any:
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url=f"https://{service}")

    said = Carrying(nobody).evidence(replace(action.approval, evidence=(question,)))
    assert "no answer" in said[0]
    assert json.dumps(said)


class Home:
    """Home's own name, which says what it is told to say."""

    def __init__(self, said: Verdict) -> None:
        self.said = said

    def loss(self, *, although: bool = False) -> Loss:
        """Home as a run finds it."""
        return Loss("home", lambda: self.said, although_it_answers=although)


def fail_over(world: Regions, folder: Path, loss: Loss, *, anew: bool = False) -> list[str]:
    """Fail over, and what was asked."""
    asked: list[str] = []
    book = runbook("shop", "tokyo", "failover", operate_regions.actions("failover"), Carrying(world.client, 0.0), loss)
    run(book, folder, approve=lambda question: bool(asked.append(question)) or True, anew=anew)
    return asked


def test_a_region_that_answers_is_not_given_up(tmp_path: Path) -> None:
    """Nothing is asked and nothing done; whoever sees visitors fail while its check answers has a word of their own."""
    world, home = Regions.fresh(tmp_path), Home(proven("200"))
    with pytest.raises(OutsideError, match="lost was not begun"):
        fail_over(world, tmp_path / "operations", home.loss())
    assert world.now["deeds"] == []
    asked = fail_over(world, tmp_path / "operations", home.loss(although=True), anew=True)
    assert asked[0] == "home answers (200). Take home as lost?"
    assert f"writer {SITE}" in world.now["deeds"]


def test_a_region_that_nobody_can_tell_is_asked_about(tmp_path: Path) -> None:
    """A person says whether it is lost where this machine's own way out may be what is lost."""
    asked = fail_over(Regions.fresh(tmp_path), tmp_path / "operations", Home(unknown("no way out")).loss())
    assert asked[0] == "Nobody can say that home is lost: no way out. Take home as lost?"


def test_an_old_approval_does_not_give_up_a_region_that_came_back(tmp_path: Path) -> None:
    """A run that was cut short after the approval asks home again before the first change."""
    world, home = Regions.fresh(tmp_path), Home(refuted("503"))
    loss = home.loss()
    book = runbook("shop", "tokyo", "failover", operate_regions.actions("failover"), Carrying(world.client, 0.0), loss)

    def interrupt(event: StepEvent) -> None:
        if event.step == "approve" and event.state == "done":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(book, tmp_path / "operations", report=interrupt, approve=lambda question: True)
    home.said = proven("200")
    with pytest.raises(OutsideError, match="www-hold was not begun"):
        fail_over(world, tmp_path / "operations", home.loss())
    assert world.now["deeds"] == []


class Terraformed(_States):
    """States of the regions that survive, with what their stacks hold and read when everything is up."""

    def __init__(self, rendered: Rendered, lost: str) -> None:
        super().__init__()
        self.rendered, self.lost = rendered, lost

    def document(self, backend: Backend) -> Any:
        assert backend.region != self.lost
        stack = next(one for one in self.rendered.stacks.values() if one.backend == backend)
        read = [
            {
                "config": {"value": {"bucket": other.bucket, "key": other.key}},
                "outputs": {"value": {output: f"read:{output}" for output in outputs}},
            }
            for other, outputs in stack.reads.values()
        ]
        resources = [
            {"mode": "data", "type": "terraform_remote_state", "name": str(number), "instances": [{"attributes": one}]}
            for number, one in enumerate(read)
        ]
        for address in self.rendered.origins:
            name = address.as_terraform()
            if name is not None and f"{name.region}/{name.stack}" == stack.key:
                kind, _, called = name.path.partition(".")
                ids = dict.fromkeys(("id", "arn", "name", "node_group_name", "bucket"), f"held:{name.path}")
                resources.append({"mode": "managed", "type": kind, "name": called, "instances": [{"attributes": ids}]})
        return {"resources": resources}


@pytest.mark.parametrize("name", ["genai-demo", "pingvas"])
def test_all_that_a_platform_needs_on_the_bad_day_outlives_home(name: str) -> None:
    """No value of the plan lies in the lost region's states alone, and nothing has to be passed over."""
    from platforms import shipped

    platform, graph = shipped(name)
    assert platform is not None
    rendered = Rendered.of_graph(render(platform, graph), graph)
    (site,) = platform.home.sites
    states: Any = Terraformed(rendered, platform.home.region)
    settle = Settling(graph, rendered, states, lost=platform.home.region)
    found = settled(plan(platform, site, "failover"), settle)
    assert [action.says for action in found if action.says.startswith("Pass over")] == []
    assert [action.name for action in found if action.operation]


def test_a_health_check_is_found_by_the_name_that_it_asks(pair: tuple[Any, Any, Rendered]) -> None:
    """Where no state of the site remembers home's health check, Route 53 knows it, whichever region is lost."""
    _, graph, rendered = pair

    class Client:
        def get_paginator(self, operation: str) -> Any:
            return self

        def paginate(self) -> Any:
            asked = "www-ap-northeast-2.shop.example"
            yield {"HealthChecks": [{"Id": "a", "HealthCheckConfig": {"FullyQualifiedDomainName": "other"}}]}
            yield {"HealthChecks": [{"Id": "b", "HealthCheckConfig": {"FullyQualifiedDomainName": asked}}]}

    states: Any = _States()
    settle = Settling(graph, rendered, states, HOME, in_route53(Client))
    assert settle(Ref(Address.terraform(HOME, "edge", "aws_route53_health_check.www"), "id")) == "b"
