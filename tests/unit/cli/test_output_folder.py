"""A compiled platform is written without harming what anybody else put into the folder."""

from __future__ import annotations

import pytest

from seawall.cli.output_folder import LIST, write
from seawall.kernel.errors import InputError


def test_a_later_compile_removes_what_is_gone(tmp_path):
    """Files and folders that the last compile wrote and this one does not are removed."""
    write(tmp_path / "out", [("a/b.txt", b"1"), ("c.txt", b"2")])
    assert write(tmp_path / "out", [("c.txt", b"3")]) == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [LIST, "c.txt"]
    assert (tmp_path / "out" / "c.txt").read_bytes() == b"3"


def test_a_strangers_file_stops_everything(tmp_path):
    """Nothing is written into a folder that holds somebody else's file; Terraform's own working files may stay."""
    out = tmp_path / "out"
    write(out, [("s/main.tf.json", b"{}")])
    (out / "s" / ".terraform").mkdir()
    (out / "s" / ".terraform" / "x").write_text("theirs")
    (out / "s" / ".terraform.lock.hcl").write_text("theirs")
    write(out, [("s/main.tf.json", b"{ }")])
    (out / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"mine\.txt"):
        write(out, [("s/main.tf.json", b"{  }")])
    assert (out / "s" / "main.tf.json").read_bytes() == b"{ }"


def test_a_file_in_the_folders_place_is_said(tmp_path):
    """-o that names a file is a mistake, not a traceback."""
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="not a folder"):
        write(tmp_path / "out", [("a", b"")])


def test_a_damaged_list_cannot_remove_anything_outside(tmp_path):
    """A list that names paths above the folder removes nothing there; one that is not JSON is said to be damaged."""
    (tmp_path / "keep.txt").write_text("keep")
    out = tmp_path / "out"
    out.mkdir()
    (out / LIST).write_text('["../keep.txt"]')
    write(out, [("a", b"")])
    assert (tmp_path / "keep.txt").exists()
    (out / LIST).write_text("{")
    with pytest.raises(InputError, match="damaged"):
        write(out, [("a", b"")])
