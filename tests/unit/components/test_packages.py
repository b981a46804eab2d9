"""Packages of functions: the same bytes everywhere, beside the module that names them."""

from __future__ import annotations

import ast
import io
import zipfile
from importlib import resources
from pathlib import Path

import pytest

import descriptions
from seawall.components.packages import package
from seawall.components.scope import Scope
from seawall.graph.graph import Graph
from seawall.render.terraform.files import files

FUNCTIONS = sorted(
    entry.name
    for entry in resources.files("seawall.lambdas").iterdir()
    if entry.is_dir() and not entry.name.startswith("__")
)
"""The folders of `seawall/lambdas`."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_package_is_the_folder_and_nothing_of_this_machine(name):
    """Names in order, one date, no owner: two builds are one, and a plan never shows a change that is none."""
    made = package(name)
    assert made == package(name)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        folder = resources.files("seawall.lambdas") / name
        for file in archive.namelist():
            assert archive.read(file) == (folder / file).read_bytes()
    more = package(name, {"settings.json": "{}"})
    assert more.hash != made.hash


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_imports_nothing_of_seawall(name):
    """What runs in AWS is what lies in the folder: the standard library and boto3, which AWS provides."""
    for entry in (resources.files("seawall.lambdas") / name).iterdir():
        if not entry.name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(entry.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(found.split(".")[0] == "seawall" for found in names), (entry.name, names)


def scope() -> Scope:
    """The network of the frame, as good a place as any."""
    platform = descriptions.platform(descriptions.FRAME)
    return Scope(platform, "network", platform.region)


def test_a_file_lies_beside_the_module_that_names_it():
    """A body names a file by its bare name, and the file is there, byte for byte."""
    here = scope()
    body = {"function_name": "f", "filename": "f.zip", "role": "arn:aws:iam::111122223333:role/f"}
    made = Graph([here.aws("aws_lambda_function", "f", body, files={"f.zip": b"PK\xff"})], [], [])
    found = {Path(name).name: content for name, content in files(here.platform, made)}
    assert found["f.zip"] == b"PK\xff"
    assert b'"filename": "f.zip"' in found["main.tf.json"]


def test_two_different_files_of_one_name_are_refused():
    """Silently shipping one function's code as another's would be the worst of mistakes."""
    here = scope()
    made = Graph(
        [here.aws("aws_lambda_function", name, {}, files={"f.zip": name.encode()}) for name in ("one", "two")], [], []
    )
    with pytest.raises(ValueError, match="cannot have a file"):
        dict(files(here.platform, made))
