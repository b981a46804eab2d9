"""Hostile files: each is refused by name, or a finding says what is wrong with it; none passes in silence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from seawall.check.engine import examine
from seawall.ingest.estate import ingest
from seawall.kernel.errors import InputError
from seawall.readers.read import facts_of

BUCKET = '{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": %s}}}}'
ALLOWS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
LAUGHS = 'Resources:\n  A: &a {Type: "AWS::X::Y"}\n' + "".join(
    f'  B{n}: &b{n} {{Type: "AWS::X::Y", Properties: {{P: [{", ".join([f"*b{n - 1}" if n else "*a"] * 10)}]}}}}\n'
    for n in range(8)
)

REFUSED = {
    "deep.template.json": (BUCKET % ("[" * 3000 + "]" * 3000), r"deep\.template\.json.*nested deeper"),
    "deeper.yaml": ("Resources:\n  A: {Type: 'AWS::X::Y', P: " + "[" * 3000, r"deeper\.yaml:2:.*nested deeper"),
    "tags.yaml": ("Resources:\n  A: {Type: 'AWS::X::Y', P: " + "[!Sub " * 100 + "x" + "]" * 100 + "}", None),
    "laughs.yaml": (LAUGHS, r"laughs\.yaml:\d+:\d+: aliases repeat"),
    "number.json": (BUCKET % ("9" * 5000), r"number\.json:1:\d+: this is not JSON"),
    "nan.json": ('{"RoleName": "a",\n "AssumeRolePolicyDocument": NaN}', r"nan\.json:2:.*not JSON"),
    "infinity.json": ('{"RoleName": "a", "AssumeRolePolicyDocument": -Infinity}', r"infinity\.json:1:.*not JSON"),
    "nul.json": ('{"RoleName": "a\\u0000b", "AssumeRolePolicyDocument": {}}', r"nul\.json:1: RoleName cannot be"),
    "path.json": ('{"RoleName": "../a", "AssumeRolePolicyDocument": {}}', r"path\.json:1: RoleName cannot be"),
    "half.json": ('{"RoleName": "a", "AssumeRolePolicyDocument": {"Statement": [', r"half\.json:1:.*not JSON"),
    "surrogate.policy.json": ('{"Statement": "\\ud800"}', r"surrogate\.policy\.json:1:\d+: this is not JSON"),
    "application.properties": ("a=\\u12", r"application\.properties:1: "),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_files_are_refused_by_name(name: str, tmp_path: Path) -> None:
    """What cannot be read, or only at somebody's peril, is an error with the file, and the line where there is one."""
    written, match = REFUSED[name]
    file = tmp_path / name
    file.write_text(written, encoding="utf-8")
    if match is None:
        facts_of(ingest([file]))  # it is odd, and it is read
    else:
        with pytest.raises(InputError, match=match):
            ingest([file])


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with the place of the first byte that is none."""
    for name, content in (
        ("role.json", b'{"RoleName": "\xff", "AssumeRolePolicyDocument": {}}'),
        ("stack.yaml", b"Resources:\n  A: {Type: 'AWS::X::Y', P: \xff}"),
        ("application.properties", b"a=\xff"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="not UTF-8"):
            ingest([tmp_path / name])


MANY = [f"arn:aws:s3:::{number}/*" for number in range(900)]
GUEST = {"AWS": "arn:aws:iam::111122223333:role/guest"}
FOUND = {
    "nul.policy.json": ({"Statement": [{**ALLOWS, "Action": "s3:\x00*"}]}, "IAM-115"),
    "effect.policy.json": ({"Statement": [{**ALLOWS, "Effect": "Maybe"}]}, "IAM-115"),
    "twice.policy.json": ('{"Statement": [], "Statement": [{"Effect": "Allow"}]}', "IAM-115"),
    "action.policy.json": ({"Statement": [{**ALLOWS, "Action": "s3:GetObjekt"}]}, "IAM-110"),
    "large.policy.json": ({"Statement": [{**ALLOWS, "Resource": MANY}]}, "IAM-112"),
    "old.policy.json": ({"Statement": [{**ALLOWS, "Resource": "arn:aws:s3:::x/${aws:userid}"}]}, "IAM-113"),
    "all.bucket.json": ({"Statement": [{**ALLOWS, "NotPrincipal": GUEST}]}, "IAM-114"),
    "nobody.json": ({"Statement": [{**ALLOWS, "Principal": "*"}]}, "IAM-119"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_bad_documents_are_findings(name: str, tmp_path: Path) -> None:
    """A document that AWS would refuse, or that does not do what it says, is a finding at its file."""
    written, rule = FOUND[name]
    file = tmp_path / name
    file.write_text(written if isinstance(written, str) else json.dumps(written), encoding="utf-8")
    graph = ingest([file])
    found = examine(graph, facts_of(graph), select=[rule], as_of=date(2026, 11, 22)).findings
    assert [finding.rule for finding in found] == [rule]
    assert found[0].origin.file == str(file)
