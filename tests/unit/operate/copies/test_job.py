"""A job is read strictly: a fault is named with field, file and line, and what may be a secret is not repeated."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.errors import InputError
from seawall.kernel.units import Duration
from seawall.model.document import parse_document
from seawall.operate.copies.job import as_text, of_document, read_job

GOOD: dict[str, Any] = {
    "version": 1,
    "platform": "shop-production",
    "component": "shop-db",
    "engine": "mysql",
    "database": {"host": "db.internal", "port": 3306, "databases": ["shop"], "secret": "secretsmanager:arn:aws:x:y"},
    "stores": ["azure:account/container/prefix", "s3:bucket"],
    "keep": "30 d",
    "every": "24 h",
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The good job with one field another; None takes it away."""
    job = json.loads(json.dumps(GOOD))
    *outer, last = path.split(".")
    at = job
    for step in outer:
        at = at[step]
    at[last] = value
    if value is None:
        del at[last]
    return dict(job)


def test_a_job_is_read_and_written_again(tmp_path: Path) -> None:
    """Defaults are as documented, and what a job says survives being written."""
    file = tmp_path / "job.json"
    file.write_text(json.dumps(GOOD))
    job = read_job(str(file))
    assert (job.keep, job.every) == (Duration(30 * 86400), Duration(86400))
    assert (job.database.tls, job.add_only, job.metrics) == ("rds", False, ())
    assert of_document(parse_document(as_text(job), "again"), "again") == job


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 2), ("version", True), ("platform", None), ("platform", "a/../b"), ("component", "Shop"),
        ("engine", "oracle"), ("database", []), ("database.host", "-oProxyCommand=x"), ("database.host", "a b"),
        ("database.host", "db\nuser=root"), ("database.port", 0), ("database.port", "3306"), ("database.port", True),
        ("database.databases", []), ("database.databases", ["--all-databases"]), ("database.databases", ["a", "a"]),
        ("database.databases", ["a\nb"]), ("database.tls", "off"), ("database.tls", "ca.pem"), ("database.tls", 7),
        ("database.secret", None), ("database.secret", "hunter2-in-the-clear"), ("database.secret", "file:relative"),
        ("database.secret", "iam:"), ("database.region", "moon"), ("stores", None), ("stores", []), ("stores", "s3:b"),
        ("stores", ["s3:bucket", "s3:bucket"]), ("stores", ["ftp:bucket"]), ("stores", ["s3:bucket/../other"]),
        ("stores", ["file:relative"]), ("stores", ["azure+http://example.org:80/devstoreaccount1/c12"]),
        ("stores", [3]), ("keep", "soon"), ("keep", 30), ("keep", "0 s"), ("every", None), ("encryption", "aes"),
        ("encryption", "file:key"), ("metrics", ["statsd:x"]), ("metrics", ["textfile:/a/b.txt"]),
        ("metrics", ["push:http://user:hunter2@host"]), ("metrics", ["cloudwatch:AWS/RDS"]), ("identity", "me"),
        ("add_only", "yes"), ("proof", 1),
    ],
)  # fmt: skip
def test_a_field_at_fault_is_named_with_its_place(path: str, value: object) -> None:
    """Each fault is refused by name and line, and a value that may be a secret is not said again."""
    text = json.dumps(changed(path, value), indent=1)
    with pytest.raises(InputError) as caught:
        of_document(parse_document(text, "job.json"), "job.json")
    message = str(caught.value)
    assert path in message
    assert "job.json:" in message
    assert "hunter2" not in message


def test_every_fault_is_told_at_once_and_a_slip_is_mended() -> None:
    """Three faults are three lines, each at its own place; a misspelled field is guessed."""
    text = json.dumps(changed("keep", "soon") | {"evry": "1 h", "engine": "oracle"}, indent=1)
    with pytest.raises(InputError) as caught:
        of_document(parse_document(text, "job.json"), "job.json")
    assert len(caught.value.problems) == 3
    assert "did you mean every?" in str(caught.value)
    assert len({problem.origin.line for problem in caught.value.problems}) == 3


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    path=st.sampled_from(
        [*GOOD, "encryption", "metrics", "identity", *(f"database.{key}" for key in GOOD["database"])]
    ),
    value=VALUES,
)
def test_whatever_stands_in_a_field_is_read_or_refused(path: str, value: object) -> None:
    """No value of any kind makes anything but a job or an error for a person."""
    with contextlib.suppress(InputError):
        of_document(parse_document(json.dumps(changed(path, value)), "job.json"), "job.json")


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff\xfe", b"{", b"&a [*a]", b"x: !!python/object:os.system {}"])
def test_a_file_that_is_no_job_is_refused(tmp_path: Path, content: bytes) -> None:
    """Other files, and files made to do harm, are errors for a person."""
    file = tmp_path / "job.json"
    file.write_bytes(content)
    with pytest.raises(InputError):
        read_job(str(file))
    with pytest.raises(InputError):
        read_job(str(tmp_path / "absent.json"))
