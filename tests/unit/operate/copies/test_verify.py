"""Verification without a server: what is said of copies that are good, bad, old, or out of reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from copies_by_hand import JOB, put
from seawall.cli.main import main
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.job import Job, as_text
from seawall.operate.copies.manifest import Manifest, copy_name
from seawall.operate.copies.verify import Verified, verify

pytestmark = pytest.mark.needs("agent")


@pytest.fixture
def now() -> datetime:
    """This second."""
    return datetime.now(UTC).replace(microsecond=0)


def read(job: Job, folder: Path) -> Verified:
    """What reading alone finds out."""
    return verify(job, folder / "operations", content_only=True)


def at(folder: Path, **more: Any) -> Job:
    """The job whose store is that folder."""
    return replace(JOB, stores=(f"file:{folder}",), **more)


def spoil(folder: Path, manifest: Manifest) -> None:
    """Change one bit of a dump."""
    dump = folder / manifest.dump
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)


def test_a_good_copy_is_proven_with_its_figures(tmp_path: Path, now: datetime) -> None:
    """Age and sizes are the newest copy's, and nothing is said of a restore that was not made."""
    made = put(tmp_path, now - timedelta(hours=1))
    verified = read(at(tmp_path), tmp_path)
    assert verified.verdict.proven
    assert (verified.copy, verified.size, verified.plain_size) == (made.name, made.size, made.plain_size)
    assert verified.age == pytest.approx(3600, abs=30)
    assert "restore_seconds" not in verified.series
    assert verified.measures["Verified"] == 1


def test_an_older_good_copy_does_not_prove_a_bad_new_one(tmp_path: Path, now: datetime) -> None:
    """It is the newest that must be whole: that the one before it is helps on a bad day, and is no proof."""
    put(tmp_path, now - timedelta(hours=25))
    spoil(tmp_path, put(tmp_path, now - timedelta(hours=1)))
    verified = read(at(tmp_path), tmp_path)
    assert verified.verdict.refuted
    assert verified.series["verified"] == 0
    assert "last_verified_timestamp_seconds" not in verified.series


def test_a_copy_that_is_being_written_is_passed_over(tmp_path: Path, now: datetime) -> None:
    """A young folder without a manifest is no failure; an old one is one that was never finished."""
    put(tmp_path, now - timedelta(hours=1))
    begun = put(tmp_path, now - timedelta(minutes=1))
    (tmp_path / begun.name / "manifest.json").unlink()
    assert read(at(tmp_path), tmp_path).verdict.proven


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: replace(manifest, platform="bank"),
        lambda manifest: replace(manifest, rows={"shop.t": 7}),
        lambda manifest: replace(manifest, schema="0" * 64),
        lambda manifest: replace(manifest, plain_sha256="0" * 64),
    ],
    ids=["another platform's", "other rows", "other definitions", "another checksum"],
)
def test_a_manifest_that_lies_is_refuted(tmp_path: Path, now: datetime, change: Callable[[Manifest], Manifest]) -> None:
    """Whatever a manifest says that the copy does not hold is found out by reading it."""
    put(tmp_path, now, change=change)
    assert read(at(tmp_path), tmp_path).verdict.refuted


def test_a_store_out_of_reach_leaves_it_unknown(tmp_path: Path, now: datetime) -> None:
    """Nothing is proven or refuted of a store that does not answer; a bad copy in another one is refuted still."""
    good, away = tmp_path / "good", f"file:{tmp_path / 'away'}"
    good.mkdir()
    made = put(good, now)
    job = replace(at(good), stores=(f"file:{good}", away))
    verified = read(job, tmp_path)
    assert verified.verdict.unknown
    assert verified.series["verify_unknown"] == 1
    spoil(good, made)
    assert read(job, tmp_path).verdict.refuted


def test_every_stores_copy_is_read(tmp_path: Path, now: datetime) -> None:
    """The second store's copy must be whole, too: on a bad day it may be the one that is left."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    put(first, now)
    spoil(second, put(second, now))
    verified = read(replace(JOB, stores=(f"file:{first}", f"file:{second}")), tmp_path)
    assert verified.verdict.refuted
    assert str(second) in str(verified.verdict.because)


def schema(name: str) -> Any:
    """A schema of the product's."""
    return json.loads(files("seawall.schemas").joinpath(f"{name}.json").read_text("utf-8"))


def test_commands_print_what_their_schemas_say(
    tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    """Listing copies and verifying them print documents that programs can read, and verify's status is its verdict."""
    store = tmp_path / "store"
    store.mkdir()
    put(store, now - timedelta(days=9))
    newest = put(store, now)
    document = tmp_path / "job.json"
    document.write_text(as_text(replace(at(store), database=replace(JOB.database, secret="file:/secret"))))
    assert main(["restore", str(document), "--list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    jsonschema.validate(listed, schema("copies"))
    assert [one["copy"] for one in listed["copies"]] == [newest.name, copy_name("shop-db", now - timedelta(days=9))]
    assert "9 d old" in listed["copies"][1]["why_not"]
    state = ["--state-dir", str(tmp_path / "state"), "--content-only", "--format", "json"]
    assert main(["verify", str(document), *state]) == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), schema("verify"))
    spoil(store, newest)
    assert main(["verify", str(document), *state]) == 1
    jsonschema.validate(json.loads(capsys.readouterr().out), schema("verify"))
    document.write_text(as_text(replace(at(tmp_path / "away"), database=replace(JOB.database, secret="file:/secret"))))
    assert main(["verify", str(document), *state]) == 3
    assert list(Folder(store).entries()), "nothing was taken away"
