"""How `up` and `down` go about stacks: order, failure, what is asked for, what is handed to Terraform."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

import deploy_platform
from deploy_platform import REGION
from fake_cloud import FakeCloud, fake_cloud
from seawall.deploy import journal
from seawall.deploy.bootstrap import bootstrap
from seawall.deploy.down import down
from seawall.deploy.plan import plan
from seawall.deploy.progress import Event, Note, ResourceChanged, StackDone, StackHeldBack, StackStarted
from seawall.deploy.rendered import Rendered
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace
from seawall.kernel.errors import InputError, OutsideError

pytestmark = pytest.mark.needs("emulator")  # boto3's errors
BUCKET = f"tiny-terraform-state-{REGION}"
PLATFORM = deploy_platform.rendered()


@pytest.fixture
def cloud(tmp_path: Path) -> FakeCloud:
    """A fake AWS with a state bucket."""
    return fake_cloud(tmp_path / "world", BUCKET)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace on it."""
    return Workplace(tmp_path / ".seawall", "tiny", "test", "aws")


def test_stacks_come_after_what_they_read_and_go_before_it(cloud: FakeCloud, place: Workplace) -> None:
    """A stack is applied after those it reads and destroyed before them, with every resource reported."""
    said: list[Event] = []
    up(PLATFORM, place, cloud, said.append)
    assert [event.stack for event in said if isinstance(event, StackDone)] == [
        f"{REGION}/data",
        f"{REGION}/application",
    ]
    changed = [event for event in said if isinstance(event, ResourceChanged) and event.stack == f"{REGION}/data"]
    assert [(event.number, event.total) for event in changed] == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    said.clear()
    down(PLATFORM, place, cloud, said.append)
    assert [event.stack for event in said if isinstance(event, StackDone)] == [
        f"{REGION}/application",
        f"{REGION}/data",
    ]


def test_what_ships_is_what_lies_in_out(cloud: FakeCloud, place: Workplace) -> None:
    """The out folder holds the rendered files to the byte, and nothing that a run has left."""
    up(PLATFORM, place, cloud)
    found = {str(path.relative_to(place.out)): path.read_bytes() for path in place.out.rglob("*") if path.is_file()}
    assert found == dict(PLATFORM.files)


def test_a_failing_terraform_speaks_for_itself(cloud: FakeCloud, place: Workplace) -> None:
    """Its own message, our address, the line of the description, exit 3, a whole journal, and no stack after it."""
    cloud.behave(data_apply="fail")
    said: list[Event] = []
    with pytest.raises(OutsideError) as failure:
        up(PLATFORM, place, cloud, said.append)
    error = failure.value
    assert error.status == 3
    assert f"{REGION}/data:aws_" in str(error)
    assert "creating it: AccessDenied" in str(error)
    assert error.origin.file == "platform.yaml"
    assert error.origin.line > 1
    assert [event.stack for event in said if isinstance(event, StackHeldBack)] == [f"{REGION}/application"]
    (written,) = place.journal.glob("*.jsonl")
    entries = list(journal.read(written))
    assert entries[-1]["what"] == "closed"
    assert entries[-1]["result"] == "failed"
    assert entries[-2]["result"] == "failed"
    cloud.behave()
    up(PLATFORM, place, cloud)


def test_plan_names_what_comes_after_what(cloud: FakeCloud, place: Workplace) -> None:
    """`plan` plans the stacks whose inputs exist, lists the others, locks no state and changes nothing."""
    result = plan(PLATFORM, place, cloud)
    assert list(result.stacks) == [f"{REGION}/data"]
    assert result.after == {f"{REGION}/application": (f"{REGION}/data",)}
    assert cloud.things() == []
    plans = [call["argv"] for call in cloud.calls() if call["argv"][0] == "plan"]
    assert plans
    assert all("-lock=false" in argv for argv in plans)
    assert list(place.journal.glob("*")) == []


def test_a_stack_alone_needs_its_upstream(cloud: FakeCloud, place: Workplace) -> None:
    """`--stack` of a stack whose upstream is not up names that; with it up, only the one stack is touched."""
    with pytest.raises(InputError, match=rf"comes after {REGION}/data, which is not up"):
        up(PLATFORM, place, cloud, only=["application"])
    up(PLATFORM, place, cloud, only=["data"])
    assert list(up(PLATFORM, place, cloud, only=["application"]).stacks) == [f"{REGION}/application"]
    with pytest.raises(InputError, match="is still up"):
        down(PLATFORM, place, cloud, only=["data"])
    with pytest.raises(InputError, match="'nowhere' is no stack"):
        up(PLATFORM, place, cloud, only=["nowhere"])


def test_independent_stacks_run_side_by_side(tmp_path: Path) -> None:
    """Two stacks that do not read each other are applied at the same time."""
    cloud = fake_cloud(tmp_path / "world", BUCKET, FAKE_SECONDS="0.4")
    place = Workplace(tmp_path / ".seawall", "tiny", "test", "aws")
    files = [
        (path.replace("/data/", f"/{name}/"), content.replace(b"data.tfstate", f"{name}.tfstate".encode()))
        for name in ("one", "two")
        for path, content in PLATFORM.files
        if "/data/" in path
    ]
    spans: dict[str, list[float]] = {}

    def note(event: Event) -> None:
        if isinstance(event, ResourceChanged):
            spans.setdefault(event.stack, []).append(time.monotonic())

    up(Rendered.of_files(files), place, cloud, note)
    one, two = (spans[f"{REGION}/{name}"] for name in ("one", "two"))
    assert max(one[0], two[0]) < min(one[-1], two[-1])


def test_terraform_sees_nothing_of_the_users_switches(
    cloud: FakeCloud, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace or arguments that the user set for interactive work do not reach Terraform; nor does a secret
    stand on its command line."""
    switches = {"TF_WORKSPACE": "mine", "TF_CLI_ARGS_plan": "-destroy", "TF_DATA_DIR": "elsewhere"}
    noisy = FakeCloud(dict(cloud.environment) | switches, None, cloud.folder)
    up(PLATFORM, place, noisy)
    for call in noisy.calls():
        assert not switches.keys() & set(call["environment"])
    assert "emulator" not in json.dumps([call["argv"] for call in noisy.calls()])


def test_a_stack_described_no_longer_is_named(cloud: FakeCloud, place: Workplace) -> None:
    """`up` never destroys what the description has forgotten; it says how to, and `down --stack` does it."""
    up(PLATFORM, place, cloud)
    fewer = deploy_platform.rendered(parameters=0)
    said: list[Event] = []
    up(fewer, place, cloud, said.append)
    assert f"--stack {REGION}/application" in "".join(event.text for event in said if isinstance(event, Note))
    assert list(down(fewer, place, cloud, only=["application"]).stacks) == [f"{REGION}/application"]


def test_a_missing_bucket_names_bootstrap(tmp_path: Path) -> None:
    """On AWS the state bucket is never made in passing: the error says how to make it."""
    cloud = fake_cloud(tmp_path / "world")
    with pytest.raises(OutsideError, match="seawall bootstrap"):
        up(PLATFORM, Workplace(tmp_path / ".seawall", "tiny", "test", "aws"), cloud)
    assert bootstrap is not None


def test_what_an_interrupt_cut_off_is_looked_for(cloud: FakeCloud, place: Workplace) -> None:
    """After Ctrl-C the next run adopts what was being made just then, of which Terraform has not heard."""
    import _thread

    cloud.behave(data_apply="drop")

    def interrupt_in_mid_making() -> None:
        while not any("apply_start" in path.read_text() for path in place.run.glob("*/data/apply-*.jsonl")):
            time.sleep(0.01)
        _thread.interrupt_main()

    def begin(event: Event) -> None:
        if isinstance(event, StackStarted) and event.step == "apply":
            threading.Thread(target=interrupt_in_mid_making, daemon=True).start()

    with pytest.raises(KeyboardInterrupt):
        up(PLATFORM, place, cloud, begin)
    (made,) = [thing.split()[1] for thing in cloud.things() if thing.startswith("create ")]
    cloud.behave()
    up(PLATFORM, place, cloud)
    assert f"import {made}" in cloud.things()
    assert cloud.things().count(f"create {made}") == 1


def test_one_interrupt_stops_everything(cloud: FakeCloud, place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C passes one interrupt to Terraform, which saves its state; the next run goes on."""
    import _thread

    cloud.behave(data_apply="hang")

    def interrupt(event: Event) -> None:
        if isinstance(event, ResourceChanged) and event.number == 1:
            threading.Timer(0.1, _thread.interrupt_main).start()

    with pytest.raises(KeyboardInterrupt):
        up(PLATFORM, place, cloud, interrupt)
    assert "saved data after 1 interrupts" in cloud.things()
    (written,) = place.journal.glob("*.jsonl")
    assert list(journal.read(written))[-1]["result"] == "interrupted"
    cloud.behave()
    said: list[Event] = []
    up(PLATFORM, place, cloud, said.append)
    assert not any(isinstance(event, StackStarted) and event.step == "adopt" for event in said)


def test_manifests_may_be_left_to_somebody_else(cloud: FakeCloud, place: Workplace) -> None:
    """A pipeline applies the stacks alone: what is in the cluster comes by the repository."""
    result = up(PLATFORM, place, cloud, stacks_only=True)
    assert len(result.stacks) == 2
    assert (result.manifests.applied, result.manifests.why_not) == (False, "only the stacks were asked for")


def test_a_plan_may_leave_secrets_alone(cloud: FakeCloud, place: Workplace) -> None:
    """Who may read no secret's value plans everything else, and is told what was left out."""
    up(PLATFORM, place, cloud)
    body = {"resource": {"aws_secretsmanager_secret_version": {"password": {"secret_id": "it"}}}}
    file = (f"terraform/{REGION}/data/secrets.tf.json", json.dumps(body).encode())
    holding = Rendered.of_files((*PLATFORM.files, file))
    result = plan(holding, place, cloud, secrets=False)
    assert list(result.stacks) == [f"{REGION}/application"]
    assert result.left_out == {f"{REGION}/data": "reads a secret's value while it is planned"}
    assert list(plan(PLATFORM, place, cloud, secrets=False).stacks) == [f"{REGION}/data", f"{REGION}/application"]
