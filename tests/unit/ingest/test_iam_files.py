"""Roles and policies in JSON files: whose each document is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from seawall.analyze.permissions.account import account_number
from seawall.analyze.permissions.applicable import can
from seawall.analyze.permissions.shapes import resource_of
from seawall.check.engine import examine
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Identifier, Issuer, Principal, Statement
from seawall.facts.network import Member
from seawall.ingest.estate import ingest
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.finding import Finding
from seawall.kernel.value import Ref
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of

ROLE = Address("iam/role.orders-app")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def facts(folder: Path, **files: Any) -> Facts:
    """What a folder of these files says; `__` in a name stands for a dot."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name.replace('__', '.').replace('_', '-')}.json").write_text(text, encoding="utf-8")
    return facts_of(ingest([folder]))


def said(facts: Facts) -> dict[str, tuple[Any, ...]]:
    """The statements by kind, as holder and actions."""
    found: dict[str, tuple[Any, ...]] = {}
    for statement in facts.all(Statement):
        found[statement.kind] = (*found.get(statement.kind, ()), (statement.holder, statement.actions))
    return found


@pytest.mark.parametrize(
    "files",
    [
        {"orders_app__trust": TRUST, "orders_app__policy": READS},
        {
            "role": {"Role": {"RoleName": "orders-app", "Path": "/", "AssumeRolePolicyDocument": TRUST}},
            "policy": {"RoleName": "orders-app", "PolicyName": "reads", "PolicyDocument": READS},
        },
        {
            "orders": {
                "RoleName": "orders-app",
                "AssumeRolePolicyDocument": json.dumps(TRUST),
                "Policies": [{"PolicyName": "reads", "PolicyDocument": READS}],
            }
        },
        {
            "account": {
                "RoleDetailList": [
                    {
                        "RoleName": "orders-app",
                        "Path": "/",
                        "AssumeRolePolicyDocument": "%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20"
                        "%5B%7B%22Effect%22%3A%20%22Allow%22%2C%20%22Principal%22%3A%20%7B%22Service%22%3A%20"
                        "%22pods.eks.amazonaws.com%22%7D%2C%20%22Action%22%3A%20%22sts%3AAssumeRole%22%7D%5D%7D",
                        "RolePolicyList": [{"PolicyName": "reads", "PolicyDocument": READS}],
                    }
                ],
                "Policies": [],
            }
        },
    ],
    ids=["bare", "get-role and get-role-policy", "one object", "authorization details"],
)
def test_a_role_reads_alike_however_it_was_exported(files: dict[str, Any], tmp_path: Path) -> None:
    """The trust and the inline policy of a role are the same from bare documents and from every export."""
    found = facts(tmp_path, **files)
    assert [(principal.of, principal.name) for principal in found.all(Principal)] == [(ROLE, "orders-app")]
    assert said(found) == {"trust": ((ROLE, ("sts:AssumeRole",)),), "identity": ((ROLE, ("s3:GetObject",)),)}
    assert str(next(iter(found.where(Identifier, of=ROLE))).value).endswith(":role/orders-app")


def test_managed_policies_and_boundaries(tmp_path: Path) -> None:
    """A bare document without a principal is a managed policy, and a boundary is one, too."""
    role = {
        "RoleName": "orders-app",
        "AssumeRolePolicyDocument": TRUST,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/X"],
    }
    found = facts(tmp_path, role=role, reads=READS, orders_app__boundary=READS)
    policy, boundary = Address("iam/policy.reads"), Address("iam/policy.orders-app.boundary")
    assert {statement.holder for statement in found.all(Statement)} == {ROLE, policy, boundary}
    (principal,) = found.all(Principal)
    assert principal.boundary == boundary
    assert [(carried.principal, carried.policy) for carried in found.all(Attaches)] == [
        (ROLE, "arn:aws:iam::aws:policy/X")
    ]


def test_the_policy_of_a_thing_belongs_to_the_thing_of_that_name(tmp_path: Path) -> None:
    """`NAME.bucket.json` is the policy of the bucket that Terraform makes under that name."""
    (tmp_path / "main.tf.json").write_text('{"resource": {"aws_s3_bucket": {"b": {"bucket": "orders"}}}}')
    document = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}
    (statement,) = facts(tmp_path, orders__bucket=document).all(Statement)
    assert statement.holder == Address(f"/{tmp_path.name}:aws_s3_bucket.b")


def test_a_policy_is_added_to_a_role_of_terraform(tmp_path: Path) -> None:
    """A role is one role: what Terraform makes, a bare policy adds to, and an export of it is left out."""
    made = {"resource": {"aws_iam_role": {"app": {"name": "orders-app", "assume_role_policy": json.dumps(TRUST)}}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(made))
    exported = {"Role": {"RoleName": "orders-app", "AssumeRolePolicyDocument": {"Statement": []}}}
    found = facts(tmp_path, orders_app__policy=READS, exported=exported)
    role = Address(f"/{tmp_path.name}:aws_iam_role.app")
    assert [principal.of for principal in found.all(Principal)] == [role]
    assert said(found) == {"trust": ((role, ("sts:AssumeRole",)),), "identity": ((role, ("s3:GetObject",)),)}
    (tmp_path / "orders-app.trust.json").write_text(json.dumps(TRUST))
    with pytest.raises(InputError, match="made elsewhere"):
        ingest([tmp_path])


def test_groups_of_users(tmp_path: Path) -> None:
    """A user of the authorization details is in its groups, and has what they carry."""
    lists = {"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
    details = {
        "UserDetailList": [{"UserName": "ada", "GroupList": ["ops"]}],
        "GroupDetailList": [{"GroupName": "ops", "GroupPolicyList": [{"PolicyName": "r", "PolicyDocument": lists}]}],
        "RoleDetailList": [],
        "Policies": [],
    }
    found = facts(tmp_path, details=details)
    (member,) = found.all(Member)
    assert (member.of, member.member) == (Address("iam/group.ops"), Address("iam/user.ada"))
    assert can(found, Address("iam/user.ada"), "s3:ListAllMyBuckets", "*").answer is Answer.PROVEN


def test_a_control_policy_holds_for_the_account(tmp_path: Path) -> None:
    """A role that may read may no longer where `NAME.scp.json` denies it."""
    lists = {"Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}
    files = {"orders_app__trust": TRUST, "orders_app__policy": lists}
    assert can(facts(tmp_path, **files), ROLE, "s3:ListAllMyBuckets", "*").answer is Answer.PROVEN
    denies = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    found = facts(tmp_path, guard__scp=denies)
    assert can(found, ROLE, "s3:ListAllMyBuckets", "*").answer is Answer.REFUTED


def test_issuers_and_associations(tmp_path: Path) -> None:
    """What the command line prints of an identity provider and of a Pod Identity association is read, too."""
    association = {"clusterName": "c", "namespace": "n", "serviceAccount": "s", "roleArn": "arn:aws:iam::1:role/x"}
    found = facts(tmp_path, a={"association": association}, p={"Url": "oidc.example/1", "ClientIDList": ["sts"]})
    assert [(taken.account, taken.role) for taken in found.all(Assumes)] == [
        (Address("c/ServiceAccount/n/s"), "arn:aws:iam::1:role/x")
    ]
    assert [(issuer.url, issuer.audiences) for issuer in found.all(Issuer)] == [("https://oidc.example/1", ("sts",))]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("x.policy.json", '{"Version": "2012-10-17",\n "Statement": [}', r"x\.policy\.json:2.*not JSON"),
        ("x.policy.json", '{"Version": "2012-10-17", "Statement": [NaN]}', r"x\.policy\.json:1.*not JSON"),
        ("x.policy.json", '{"Statement": ' + "[" * 1000 + "]" * 1000 + "}", "nested deeper"),
        ("role.json", '{"RoleName": "a b", "AssumeRolePolicyDocument": {}}', "RoleName cannot be 'a b'"),
        ("role.json", '{"RoleName": "a", "AssumeRolePolicyDocument": {}, "RoleName": "b"}', "RoleName is said twice"),
        ("role.json", '{"RoleName": "a", "AssumeRolePolicyDocument": {}, "Policies": [1]}', "Policies holds objects"),
        ("role.json", '{"RoleName": "a", "AssumeRolePolicyDocument": {}, "Policies": [{}]}', "PolicyName cannot be"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(name: str, content: str, match: str, tmp_path: Path) -> None:
    """A broken export is an error that names the file, in a folder as by itself."""
    (tmp_path / "keep.json").write_text(json.dumps({"RoleName": "keep", "AssumeRolePolicyDocument": TRUST}))
    (tmp_path / name).write_text(content)
    for given in (tmp_path, tmp_path / name):
        with pytest.raises(InputError, match=match):
            ingest([given])


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("x.policy.json", "", "not JSON"),
        ("x.policy.json", '{"version": "2012-10-17", "statement": []}', "statement is written Statement"),
        ("x.policy.json", json.dumps({**READS, "Comment": "mine"}), "'Comment' has no place"),
        ("x.trust.json", '{"Version": "2012-10-17"}', "it has no Statement"),
        ("x.scp.json", "[1]", "it is no object"),
        ("x.bucket.json", '{"Policy": ""}', "the text in it is empty"),
        ("x.policy.json", json.dumps({**READS, "Resources": {}}), "'Resources' has no place"),
    ],
)
def test_a_file_that_is_called_a_policy_is_never_passed_over(
    name: str, content: str, match: str, tmp_path: Path
) -> None:
    """What the name says and the content does not is an error that names the file and what is wrong with it."""
    (tmp_path / "keep.json").write_text(json.dumps({"RoleName": "keep", "AssumeRolePolicyDocument": TRUST}))
    (tmp_path / name).write_text(content)
    for given in (tmp_path, tmp_path / name):
        with pytest.raises(InputError, match=rf"(?s){re.escape(name)}.*{match}"):
            ingest([given])


def test_a_policy_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is an error, not a file that is not there; the details of an account are, too."""
    monkeypatch.setattr("seawall.ingest.iam_files.MAX_BYTES", 100)
    (tmp_path / "keep.policy.json").write_text('{"Statement": []}')
    for name, content in (("x.policy.json", READS), ("all.json", {"RoleDetailList": [{"RoleName": "x" * 99}]})):
        (tmp_path / name).write_text(json.dumps(content))
        with pytest.raises(InputError, match="larger than"):
            ingest([tmp_path])
        (tmp_path / name).unlink()


@pytest.mark.parametrize("name", ["orders-app.policy.json", "orders-app.Policy.JSON"])
@pytest.mark.parametrize(
    "content",
    [
        READS,
        {"PolicyDocument": READS},
        {"PolicyVersion": {"Document": READS, "VersionId": "v1"}},
        {"Statement": [{"Sid": "Resources", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]},
    ],
    ids=["bare", "wrapped", "version", "its Sid is a word of templates"],
)
def test_the_name_says_whose_it_is_in_any_letters(name: str, content: Any, tmp_path: Path) -> None:
    """Letters of either case end a name alike, and a document is found in what is printed around it."""
    (tmp_path / name).write_text(json.dumps(content))
    assert said(facts(tmp_path, orders_app__trust=TRUST))["identity"] == ((ROLE, ("s3:GetObject",)),)


def test_templates_and_manifests_stay_what_they_are(tmp_path: Path) -> None:
    """A manifest or a template is its reader's, even under a name that a policy could have."""
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "data": {}}
    template = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
    (tmp_path / "a.policy.json").write_text(json.dumps(manifest))
    (tmp_path / "b.policy.json").write_text(json.dumps(template))
    assert {resource.type for resource in ingest([tmp_path])} == {"v1/ConfigMap", "aws_s3_bucket"}


DENIES = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}
MAY = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
THINGS = {
    "queue": ("aws_sqs_queue", {"name": "x"}, "sqs:SendMessage"),
    "topic": ("aws_sns_topic", {"name": "x"}, "sns:Publish"),
    "secret": ("aws_secretsmanager_secret", {"name": "x"}, "secretsmanager:GetSecretValue"),
    "repository": ("aws_ecr_repository", {"name": "x"}, "ecr:BatchGetImage"),
    "bucket": ("aws_s3_bucket", {"bucket": "x"}, "s3:ListBucket"),
    "key": ("aws_kms_key", {}, "kms:Decrypt"),
}


def estate(folder: Path, kind: str, argument: dict[str, str] | None = None) -> Address:
    """A role that may do everything, and a thing called x of this kind, in files of a folder."""
    type, body, _ = THINGS[kind]
    made: dict[str, Any] = {type: {"it": body if argument is None else argument}}
    if kind == "key":
        made["aws_kms_alias"] = {"a": {"name": "alias/x", "target_key_id": "${aws_kms_key.it.key_id}"}}
    source = {"provider": {"aws": {"region": "eu-west-1"}}, "resource": made}
    (folder / "main.tf.json").write_text(json.dumps(source))
    (folder / "orders-app.trust.json").write_text(json.dumps(TRUST))
    (folder / "orders-app.policy.json").write_text(json.dumps(MAY))
    return Address(f"eu-west-1/{folder.name}:{type}.it")


def may(folder: Path, kind: str, of: Address) -> Answer:
    """Whether the role may do what the kind is for."""
    found = facts_of(ingest([folder]))
    return can(found, ROLE, THINGS[kind][2], Ref(of, "arn")).answer


@pytest.mark.parametrize("kind", THINGS)
def test_a_file_denies_what_its_thing_would_allow(kind: str, tmp_path: Path) -> None:
    """`x.KIND.json` is the policy of the x of that kind: a Deny in it is heeded, bare or as it is printed."""
    of = estate(tmp_path, kind)
    if kind != "key":  # which must itself let the account's policies decide
        assert may(tmp_path, kind, of) is Answer.PROVEN
    for content in (DENIES, {"Policy": json.dumps(DENIES)}, {"Attributes": {"Policy": json.dumps(DENIES)}}):
        (tmp_path / f"x.{kind}.json").write_text(json.dumps(content))
        assert may(tmp_path, kind, of) is Answer.REFUTED


def test_a_thing_without_a_name_goes_by_its_label(tmp_path: Path) -> None:
    """A queue that AWS will name is called as in its module; a name that is known only later leaves it open."""
    of = estate(tmp_path, "queue", {})
    (tmp_path / "it.queue.json").write_text(json.dumps(DENIES))
    assert may(tmp_path, "queue", of) is Answer.REFUTED
    (tmp_path / "it.queue.json").rename(tmp_path / "x-prod.queue.json")
    estate(tmp_path, "queue", {"name_prefix": "x-"})
    assert may(tmp_path, "queue", of) is Answer.UNKNOWN
    assert [finding.answer for finding in nobodys(tmp_path)] == [Answer.UNKNOWN]


def nobodys(folder: Path) -> tuple[Finding, ...]:
    """What IAM-119 finds."""
    graph = ingest([folder])
    return tuple(examine(graph, facts_of(graph), select=["IAM-119"], as_of=date(2026, 11, 22)).findings)


@pytest.mark.parametrize("kind", sorted(THINGS.keys() - {"bucket"}))
def test_a_policy_of_nothing_is_a_finding(kind: str, tmp_path: Path) -> None:
    """A policy of a thing that the input lacks has no say, and a finding says so."""
    of = estate(tmp_path, kind)
    (tmp_path / f"y.{kind}.json").write_text(json.dumps(DENIES))
    assert may(tmp_path, kind, of) is Answer.PROVEN
    (found,) = nobodys(tmp_path)
    assert f"y.{kind}.json is attached to nothing: the input has no {kind} y" in found.detail


def test_a_bucket_needs_not_be_in_the_input(tmp_path: Path) -> None:
    """A bucket's name is all of its ARN: its policy is heeded without it."""
    estate(tmp_path, "queue")
    bucket = "arn:aws:s3:::b"
    (tmp_path / "b.bucket.json").write_text(json.dumps(DENIES))
    found = facts_of(ingest([tmp_path]))
    assert can(found, ROLE, "s3:ListBucket", bucket).answer is Answer.REFUTED
    assert can(found, ROLE, "s3:GetObject", f"{bucket}/x").answer is Answer.REFUTED
    assert not nobodys(tmp_path)


def test_a_name_that_two_things_bear_is_left_open(tmp_path: Path) -> None:
    """Of two queues of one name nobody can tell whose policy it is, and a finding says so."""
    of = estate(tmp_path, "queue")
    (tmp_path / "other").mkdir()
    estate(tmp_path / "other", "queue")
    for name in ("trust", "policy"):
        (tmp_path / "other" / f"orders-app.{name}.json").unlink()
    (tmp_path / "x.queue.json").write_text(json.dumps(DENIES))
    assert may(tmp_path, "queue", of) is Answer.UNKNOWN
    (found,) = nobodys(tmp_path)
    assert "several of the input have that name" in str(found.evidence)


def test_a_key_of_a_state_is_known_by_its_id(tmp_path: Path) -> None:
    """`ID.key.json` is the policy of the key that the state gives that id."""
    id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    arn = f"arn:aws:kms:eu-west-1:111122223333:key/{id}"
    key = {
        "address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k",
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0,
        "values": {"id": id, "key_id": id, "arn": arn},
    }  # fmt: skip
    state = {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"resources": [key]}}}
    (tmp_path / "state.json").write_text(json.dumps(state))
    (tmp_path / f"{id}.key.json").write_text(json.dumps(DENIES))
    (holder,) = {one.holder for one in facts_of(ingest([tmp_path])).all(Statement) if not one.allow}
    assert str(holder).endswith("aws_kms_key.k")


ARN = "arn:aws:iam::111122223333:role/apps/orders-app"


@pytest.mark.parametrize(
    "wrapped",
    [lambda role: {"RoleDetailList": [role]}, lambda role: {"Role": role}, lambda role: role],
    ids=["details", "get-role", "bare"],
)
def test_a_roles_own_arn_says_which_account_it_is(wrapped: Callable[[Any], Any], tmp_path: Path) -> None:
    """The number in a role's own ARN is the account's, and the ARN with its number means the role."""
    role = {"RoleName": "orders-app", "AssumeRolePolicyDocument": TRUST, "Arn": ARN}
    found = facts(tmp_path, role=wrapped(role))
    assert account_number(found) == "111122223333"
    assert resource_of(found, ARN) == ROLE
    assert account_number(facts(tmp_path, role=wrapped({**role, "Arn": None}))) is None
    with pytest.raises(InputError, match="Arn is not that of the role orders-app"):
        facts(tmp_path, role=wrapped({**role, "Arn": ARN + "s"}))


def test_a_role_of_terraform_learns_its_account_from_a_listing(tmp_path: Path) -> None:
    """A listing of roles says the account's number even of those that Terraform makes."""
    role = {"name": "orders-app", "path": "/apps/", "assume_role_policy": json.dumps(TRUST)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"resource": {"aws_iam_role": {"app": role}}}))
    assert account_number(facts(tmp_path)) is None
    assert account_number(facts(tmp_path, roles={"Roles": [{"RoleName": "orders-app", "Arn": ARN}]})) == "111122223333"


def test_two_accounts_are_not_one(tmp_path: Path) -> None:
    """Roles of two accounts in one input leave it open which of the two the account is."""
    other = {"RoleName": "b", "AssumeRolePolicyDocument": TRUST, "Arn": "arn:aws:iam::222233334444:role/b"}
    role = {"RoleName": "orders-app", "AssumeRolePolicyDocument": TRUST, "Arn": ARN}
    assert account_number(facts(tmp_path, roles={"Roles": [role, other]})) is None


VERSIONS = [{"VersionId": "v1", "Document": READS}, {"VersionId": "v2", "Document": MAY}]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"RoleDetailList": [], "IsTruncated": True, "Marker": "x"}, "the rest is missing"),
        ({"Roles": [], "NextToken": "x"}, "the rest is missing"),
        ({"Policies": [{"PolicyName": "p", "DefaultVersionId": "v3", "PolicyVersionList": VERSIONS}]}, "p v3 is not"),
        ({"Policies": [{"PolicyName": "p", "PolicyVersionList": VERSIONS}]}, "p the one that counts is not there"),
    ],
)
def test_half_an_account_is_refused(content: Any, match: str, tmp_path: Path) -> None:
    """A listing that was cut off, or a policy without the version that counts, is not taken for the whole."""
    with pytest.raises(InputError, match=match):
        facts(tmp_path, details={"RoleDetailList": [], **content})


def test_the_default_version_is_the_one_that_counts(tmp_path: Path) -> None:
    """Of a policy's versions the default is read, wherever it stands."""
    policy = {"PolicyName": "p", "DefaultVersionId": "v2", "PolicyVersionList": VERSIONS}
    (statement,) = facts(tmp_path, details={"RoleDetailList": [], "Policies": [policy]}).all(Statement)
    assert statement.actions == ("*",)


def test_what_a_missing_group_carries_is_not_known(tmp_path: Path) -> None:
    """A user of a group that the details lack may be allowed or denied by it: what nothing else denies is unknown."""
    user = {"UserName": "ada", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": MAY}]}
    ada = Address("iam/user.ada")
    alone = facts(tmp_path, details={"UserDetailList": [user]})
    assert can(alone, ada, "s3:ListAllMyBuckets", "*").answer is Answer.PROVEN
    grouped = facts(tmp_path, details={"UserDetailList": [{**user, "GroupList": ["ops"]}]})
    decision = can(grouped, ada, "s3:ListAllMyBuckets", "*")
    assert decision.answer is Answer.UNKNOWN
    assert "the group ops" in str(decision.because)


@pytest.mark.parametrize("ending", ["policy", "boundary", "reads.policy"])
def test_a_policy_of_no_role_is_a_finding(ending: str, tmp_path: Path) -> None:
    """A role of which only policies are given is not in the input: its file may be misspelled."""
    (tmp_path / f"ghost.{ending}.json").write_text(json.dumps(READS))
    (found,) = nobodys(tmp_path)
    assert "policies of the role ghost, and not the role" in found.detail
    assert found.origin.file.endswith(f"ghost.{ending}.json")
    (tmp_path / "ghost.trust.json").write_text(json.dumps(TRUST))
    assert not nobodys(tmp_path)


def test_only_a_key_that_stands_twice_is_said_to(tmp_path: Path) -> None:
    """IAM-115 speaks of keys that stand twice where one does, and of nothing else where another thing is wrong."""
    details = []
    for text in ('{"Statement": [], "Statement": []}', '{"Statement": [{"Effect": "Maybe", "Action": "*"}]}'):
        (tmp_path / "a.policy.json").write_text(text)
        graph = ingest([tmp_path])
        found = examine(graph, facts_of(graph), select=["IAM-115"], as_of=date(2026, 11, 22)).findings
        details.append(found[0].detail)
    assert [("only the last of them counts" in one, "twice" in one) for one in details] == [
        (True, True),
        (False, False),
    ]


def test_many_holes_in_a_name_cost_no_time(tmp_path: Path) -> None:
    """A name of many parts that are known only later is held against a file's at once."""
    holes = "".join(f"${{var.v{number}}}a" for number in range(60))
    of = estate(tmp_path, "queue", {"name": holes + "b"})
    (tmp_path / f"{'a' * 200}.queue.json").write_text(json.dumps(DENIES))
    assert may(tmp_path, "queue", of) is Answer.PROVEN
    assert [finding.answer for finding in nobodys(tmp_path)] == [Answer.REFUTED]
