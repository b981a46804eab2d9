"""What lies in the state bucket beside the states, against the emulator's S3 and its conditional writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import deploy_platform
from deploy_platform import REGION
from seawall.deploy import target
from seawall.deploy.bootstrap import bootstrap
from seawall.deploy.bucket_journal import BucketJournal
from seawall.deploy.emulator import process
from seawall.deploy.journal import Journal
from seawall.deploy.lock import Holder, bucket_lock
from seawall.deploy.states import States
from seawall.deploy.target import Cloud
from seawall.kernel.errors import OutsideError

pytestmark = pytest.mark.needs("emulator")
PLATFORM = deploy_platform.rendered()
BACKEND = PLATFORM.stacks[f"{REGION}/data"].backend


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An emulator of its own."""
    root = tmp_path_factory.mktemp("emulator")
    started = target.emulator(root, start=True)
    assert started is not None
    yield started
    process.stop(root)


def test_bootstrap_makes_a_private_bucket_once(cloud: Cloud) -> None:
    """The bucket is versioned, encrypted and closed to the public; a second time nothing is made anew."""
    assert bootstrap(PLATFORM, cloud) == {BACKEND.bucket: True}
    assert bootstrap(PLATFORM, cloud) == {BACKEND.bucket: False}
    s3 = cloud.client("s3", REGION)
    assert s3.get_bucket_versioning(Bucket=BACKEND.bucket)["Status"] == "Enabled"
    closed = s3.get_public_access_block(Bucket=BACKEND.bucket)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    rules = s3.get_bucket_encryption(Bucket=BACKEND.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert s3.get_bucket_location(Bucket=BACKEND.bucket)["LocationConstraint"] == REGION


def test_one_run_at_a_time_holds_the_lock_in_the_bucket(cloud: Cloud, tmp_path: Path) -> None:
    """S3's conditional writes keep a second run out, whichever machine it runs on, and let a dead one's lock go."""
    States(cloud).make_bucket(BACKEND)
    s3 = cloud.client("s3", REGION)
    said: list[str] = []
    with (
        bucket_lock(s3, BACKEND.bucket, "lock", "seawall up tiny", said.append),
        pytest.raises(OutsideError, match=r"seawall up tiny"),
        bucket_lock(s3, BACKEND.bucket, "lock", "seawall down tiny", said.append),
    ):
        pass
    dead = replace(Holder.me("seawall up tiny"), birth="0")
    s3.put_object(Bucket=BACKEND.bucket, Key="lock", Body=dead.as_json())
    with bucket_lock(s3, BACKEND.bucket, "lock", "seawall down tiny", said.append):
        assert "took over" in said[0]
    copy = BucketJournal(s3, BACKEND.bucket, "journal")
    Journal(tmp_path / "here", "up", world="aws", copy=copy).begin("r/a", "apply")
    elsewhere = Journal(tmp_path / "there", "up", world="aws", copy=copy)
    assert [step.stack for step in elsewhere.interrupted()] == ["r/a"]


def test_aws_is_asked_with_the_ordinary_credentials(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The aws target uses what the user's environment says, and refuses to begin without credentials (exit 3)."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    assert cloud.emulator is not None
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.emulator.url)
    with pytest.raises(OutsideError, match="credentials") as refused:
        target.aws()
    assert refused.value.status == 3
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-seen")
    own = target.aws()
    assert own.emulator is None
    assert own.world == "aws"
    assert own.override(PLATFORM.stacks[f"{REGION}/data"]) is None
    assert "not-to-be-seen" not in repr(own)


def test_a_bucket_goes_with_its_last_state(cloud: Cloud) -> None:
    """A bucket that still holds a state stays; without one it goes with every version in it."""
    states = States(cloud)
    states.make_bucket(BACKEND)
    s3 = cloud.client("s3", REGION)
    for content in (b'{"resources": []}', b'{"resources": [], "outputs": {}}'):
        s3.put_object(Bucket=BACKEND.bucket, Key=BACKEND.key, Body=content)
    assert states.any_left(REGION)
    assert not states.remove_bucket(BACKEND)
    state = states.read(BACKEND)
    assert state is not None
    assert state.is_empty
    states.forget(BACKEND)
    assert states.read(BACKEND) is None
    assert states.remove_bucket(BACKEND)
    assert not states.has_bucket(BACKEND)
