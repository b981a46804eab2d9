"""One run at a time: who holds the lock is said, and a lock whose holder is gone is taken over aloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fake_cloud import FakeS3
from seawall.deploy.lock import Holder, bucket_lock, local_lock
from seawall.kernel.errors import OutsideError

HOLD = """
import sys
from pathlib import Path
from seawall.deploy.lock import local_lock
with local_lock(Path(sys.argv[1]), "seawall up tiny", print):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_learns_who_holds_the_lock(tmp_path: Path) -> None:
    """The error names command, user, host, process and since when, and has exit status 3."""
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(OutsideError) as refused, local_lock(path, "seawall down tiny", print):
            pass
        assert refused.value.status == 3
        assert "`seawall up tiny`" in str(refused.value)
        assert f"process {first.pid}" in str(refused.value)
        first.kill()
    said: list[str] = []
    with local_lock(path, "seawall down tiny", said.append):
        assert f"process {first.pid}" in said[0]
        assert json.loads(path.read_bytes())["pid"] == os.getpid()
    assert path.read_bytes() == b""


@pytest.mark.needs("emulator")
def test_a_lock_in_a_bucket(tmp_path: Path) -> None:
    """It is written only where there is none, a dead holder of this machine is replaced, one of another is not."""
    s3 = FakeS3(tmp_path)
    (tmp_path / "b").mkdir()
    said: list[str] = []
    with bucket_lock(s3, "b", "lock", "seawall up tiny", said.append):
        with (
            pytest.raises(OutsideError, match="seawall up tiny"),
            bucket_lock(s3, "b", "lock", "seawall down tiny", said.append),
        ):
            pass
        assert (tmp_path / "b" / "lock").exists()
    assert not (tmp_path / "b" / "lock").exists()

    dead = replace(Holder.me("seawall up tiny"), birth="0")
    (tmp_path / "b" / "lock").write_bytes(dead.as_json())
    with bucket_lock(s3, "b", "lock", "seawall down tiny", said.append):
        assert "took over" in said[0]
    elsewhere = replace(dead, host="elsewhere")
    (tmp_path / "b" / "lock").write_bytes(elsewhere.as_json())
    with (
        pytest.raises(OutsideError, match="on elsewhere"),
        bucket_lock(s3, "b", "lock", "seawall down tiny", said.append),
    ):
        pass
