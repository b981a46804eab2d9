"""A small platform on the real Terraform, the real AWS provider and the emulator: up, changed, looked at, down."""

from __future__ import annotations

import pytest

import deploy_platform
from seawall.deploy import target
from seawall.deploy.down import down
from seawall.deploy.drift import drift
from seawall.deploy.emulator import process
from seawall.deploy.plan import plan
from seawall.deploy.rendered import Rendered
from seawall.deploy.states import States
from seawall.deploy.target import Cloud
from seawall.deploy.up import up
from seawall.deploy.validate import validate
from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.verdict import Answer
from seawall.render.terraform import files as terraform_files

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")
REGION = deploy_platform.REGION
DATA = 5  # resources of the first stack


def _cloud(place: Workplace, *, start: bool = False) -> Cloud:
    cloud = target.emulator(place.root, start=start)
    assert cloud is not None
    return cloud


def test_a_platform_lives_and_leaves_nothing(place: Workplace) -> None:
    """After `up` every second plan is empty, drift is seen and mended, and after `down` the emulator is empty."""
    rendered = deploy_platform.rendered()
    cloud = _cloud(place, start=True)

    before = plan(rendered, place, cloud)
    assert list(before.stacks) == [f"{REGION}/data"]
    assert before.stacks[f"{REGION}/data"].counts.added == DATA
    assert before.after == {f"{REGION}/application": (f"{REGION}/data",)}
    assert target.emulator(place.root, start=False) is None, "an emulator that holds nothing outlived `plan`"

    cloud = _cloud(place, start=True)
    with pytest.raises(InputError, match=r"application comes after .*data, which is not up"):
        up(rendered, place, cloud, only=["application"])

    result = up(rendered, place, cloud)
    assert {key: counts.added for key, counts in result.stacks.items()} == {
        f"{REGION}/data": DATA,
        f"{REGION}/application": 3,
    }
    assert result.manifests.why_not == "there are none"
    assert plan(rendered, place, cloud).is_empty

    checked = validate(rendered, place, cloud).checked
    assert {str(one.address): one.verdict for one in checked if not one.verdict.proven} == {}
    assert len(checked) == DATA + 3
    untouched = drift(rendered, place, cloud)
    assert (untouched.drifted, untouched.pending, untouched.noticed) == ((), (), ())

    _change_by_hand(cloud)
    seen = drift(rendered, place, cloud)
    assert [(one.address, one.attributes["rule"][0].split(": ")[1]) for one in seen.noticed] == [
        (f"{REGION}/data:aws_security_group.door", "tcp 22-22 from 0.0.0.0/0")
    ]
    assert {(one.address, one.action) for one in seen.drifted} == {
        (f"{REGION}/data:aws_sns_topic.alarms", "update"),
        (f"{REGION}/application:aws_ssm_parameter.setting1", "create"),
    }
    tags = next(one for one in seen.drifted if one.action == "update")
    assert '"somebody"' in tags.attributes["tags"][0]
    assert tags.origin.line == 5
    refuted = {str(one.address) for one in validate(rendered, place, cloud).checked if one.verdict.refuted}
    assert refuted == {str(one.address) for one in seen.drifted}

    changed = deploy_platform.rendered(version="2")
    assert [one.action for one in drift(changed, place, cloud).pending] == ["update"]
    up(changed, place, cloud)
    assert plan(changed, place, cloud).is_empty

    gone = down(changed, place, cloud)
    assert sum(counts.destroyed for counts in gone.stacks.values()) == DATA + 3
    assert gone.leftovers == ()
    assert gone.emulator_ended
    assert down(changed, place, target.emulator(place.root, start=False)).nothing_up


def test_a_dead_emulator_takes_everything_with_it(place: Workplace) -> None:
    """State and things die together: after the emulator is lost, `down` has nothing to do and `up` begins anew."""
    rendered = deploy_platform.rendered(parameters=1)
    up(rendered, place, _cloud(place, start=True), only=["data"])
    process.stop(place.root)
    assert down(rendered, place, target.emulator(place.root, start=False)).nothing_up
    cloud = _cloud(place, start=True)
    assert up(rendered, place, cloud, only=["data"]).stacks[f"{REGION}/data"].added == DATA


def test_two_platforms_share_an_emulator(place: Workplace) -> None:
    """`down` of one platform leaves the emulator to the other, and `down` of the last one ends it."""
    other = Workplace(place.root, "other", "test", "emulator")
    cloud = _cloud(place, start=True)
    up(deploy_platform.rendered(), place, cloud, only=["data"])
    up(deploy_platform.rendered("other"), other, cloud, only=["data"])
    first = down(deploy_platform.rendered(), place, cloud)
    assert not first.emulator_ended
    assert States(cloud).read(deploy_platform.rendered("other").stacks[f"{REGION}/data"].backend) is not None
    last = down(deploy_platform.rendered("other"), other, cloud)
    assert last.leftovers == ()
    assert last.emulator_ended


def test_a_stack_described_no_longer_goes_with_down(place: Workplace) -> None:
    """What was brought up from a workplace is taken down by it, though the description has forgotten it."""
    cloud = _cloud(place, start=True)
    up(deploy_platform.rendered(), place, cloud)
    gone = down(deploy_platform.rendered(parameters=0), place, cloud)
    assert sum(counts.destroyed for counts in gone.stacks.values()) == DATA + 3
    assert gone.leftovers == ()


def test_what_is_left_in_any_region_of_the_platform_is_named(place: Workplace) -> None:
    """A stack may have things in another region than its own; `down` looks there too."""
    cloud, elsewhere = _cloud(place, start=True), "us-west-2"
    address = Address.terraform(REGION, "data", "aws_sns_topic.far")
    far = Resource(address, "aws_sns_topic", {"name": "tiny-far"}, Origin("platform.yaml", 1), elsewhere)
    made = Graph([far])
    rendered = Rendered.of_graph(terraform_files.files(deploy_platform.Described(), made), made)
    up(rendered, place, cloud)
    forgotten = cloud.client("sns", elsewhere).create_topic(Name="forgotten")["TopicArn"]
    assert down(rendered, place, cloud).leftovers == (f"{elsewhere}: topic {forgotten}",)


def test_the_state_says_what_is_unknown(place: Workplace) -> None:
    """`validate` never passes what it cannot ask: a type without a probe reads unknown and names the reason."""
    from seawall.deploy.probe import Standing
    from seawall.deploy.validate import judge

    cloud = _cloud(place, start=True)
    address = Address.terraform(REGION, "data", "aws_nobody_knows.this")
    verdict = judge(Standing(address, "aws_nobody_knows", {}, REGION, cloud))
    assert verdict.answer is Answer.UNKNOWN
    assert "aws_nobody_knows" in verdict.because[0]


def _change_by_hand(cloud: Cloud) -> None:
    sns = cloud.client("sns", REGION)
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "Platform", "Value": "somebody"}])
    cloud.client("ssm", REGION).delete_parameter(Name="/tiny/setting1")
    ec2 = cloud.client("ec2", REGION)
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["tiny-door"]}])["SecurityGroups"]
    anybody = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[anybody])
