"""The command ``permissions``: its answers, what it prints, its exit statuses, and what it says of bad input."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from seawall.cli.main import main

TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "pods.eks.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
}
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
MANIFEST = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      serviceAccountName: shop
      containers: [{name: shop, image: shop}]
"""
CODE = """\
import boto3

queue = boto3.client("sqs", region_name="eu-west-1")


def send(body):
    queue.send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/111122223333/orders", MessageBody=body)
"""


@pytest.fixture
def estate(tmp_path):
    """A pod that acts as a role which may send to one queue, and purge it."""
    statements = [
        {"Sid": "Orders", "Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:PurgeQueue"], "Resource": QUEUE}
    ]
    resources = {
        "aws_iam_role": {"shop": {"name": "shop", "assume_role_policy": json.dumps({"Statement": [TRUST]})}},
        "aws_iam_role_policy": {
            "shop": {
                "name": "shop",
                "role": "${aws_iam_role.shop.name}",
                "policy": json.dumps({"Statement": statements}),
            }
        },
        "aws_eks_pod_identity_association": {
            "shop": {
                "cluster_name": "example",
                "namespace": "shop",
                "service_account": "shop",
                "role_arn": "arn:aws:iam::111122223333:role/shop",
            }
        },
    }
    terraform = {"provider": {"aws": {"region": "eu-west-1"}}, "resource": resources}
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "main.tf.json").write_text(json.dumps(terraform))
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "shop.yaml").write_text(MANIFEST)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "send.py").write_text(CODE)
    return tmp_path


@pytest.fixture
def ask(estate, capsys):
    """Ask one question about the estate: exit status, output, errors."""

    def asked(question, *more):
        inputs = [str(estate / "terraform"), str(estate / "manifests"), "--cluster", "example"]
        status = main(["permissions", question, *inputs, *more])
        out, err = capsys.readouterr()
        return status, out, err

    return asked


def mistakes(name, output):
    """What a document has against its schema."""
    import jsonschema

    schema = json.loads(files("seawall.schemas").joinpath(f"permissions-{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(output))]


def test_can_is_allowed(ask):
    """Exit 0, the word, and the statement that decides."""
    status, out, _ = ask("can", "shop", "sqs:SendMessage", QUEUE)
    assert (status, out.split(":")[0]) == (0, "allowed")
    assert "statement Orders" in out


def test_can_is_denied(ask):
    """Exit 1, and the link that breaks."""
    status, out, _ = ask("can", "shop", "sqs:ReceiveMessage", QUEUE)
    assert (status, out.split(":")[0]) == (1, "denied")
    assert "policy: nothing that" in out


def test_why_shows_every_link(ask):
    """The chain first, then the layers; one screen."""
    status, out, _ = ask("why", "shop", "sqs:SendMessage", QUEUE + "-2")
    assert status == 1
    assert [line.split()[:2] for line in out.splitlines()[2:5]] == [
        ["ok", "service"],
        ["ok", "trust"],
        ["NO", "policy"],
    ]
    assert len(out.splitlines()) <= 40


@pytest.mark.needs("jsonschema")
@pytest.mark.parametrize("question", ["can", "why"])
@pytest.mark.parametrize("action", ["sqs:SendMessage", "sqs:ReceiveMessage"])
def test_answers_keep_to_their_schema(ask, question, action):
    """Allowed and denied."""
    _, out, _ = ask(question, "shop", action, QUEUE, "--format", "json")
    assert mistakes(question, out) == []


@pytest.mark.needs("jsonschema")
def test_an_answer_for_somebody_outside_keeps_to_its_schema(ask):
    """A role of another account, of which nothing is known."""
    status, out, _ = ask("can", "arn:aws:iam::999988887777:role/x", "sqs:SendMessage", QUEUE, "--format", "json")
    assert status == 1
    assert mistakes("can", out) == []
    assert json.loads(out)["principal"] == "arn:aws:iam::999988887777:role/x"


def test_without_needs_nothing_is_missing_and_excess_is_not_known(ask):
    """Nothing says what the pod calls: no gap can be told, and what its role has for nothing is not known."""
    status, out, _ = ask("gaps")
    assert status == 0
    assert out.startswith("nothing in the input says what has to be called")
    status, out, _ = ask("excess")
    assert status == 1
    assert "nothing in the input says what it calls" in out


@pytest.mark.needs("jsonschema")
def test_code_says_what_is_needed(ask, estate):
    """What the pod's code calls is needed: no gap, and the other action is there for nothing."""
    code = ("--code", f"shop={estate / 'code'}")
    assert ask("gaps", *code)[:2] == (0, "no gaps: 1 call looked at, and each is allowed\n")
    status, out, _ = ask("excess", *code)
    assert status == 1
    assert "never needed: sqs:PurgeQueue" in out
    _, out, _ = ask("excess", *code, "--format", "json")
    assert mistakes("excess", out) == []
    assert json.loads(out)["excess"][0]["never_needed"]["actions"] == ["sqs:PurgeQueue"]


PURGES = "arn:aws:states:::aws-sdk:sqs:purgeQueue"


@pytest.mark.needs("jsonschema")
def test_calls_on_nobody_knows_what_are_counted(ask, estate):
    """A call on something that the code does not name is no gap where something allows it, and not allowed either."""
    machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": PURGES, "End": True}}}
    resources = json.loads((estate / "terraform" / "main.tf.json").read_text())
    services = {**TRUST, "Principal": {"Service": ["pods.eks.amazonaws.com", "states.amazonaws.com"]}}
    resources["resource"]["aws_iam_role"]["shop"]["assume_role_policy"] = json.dumps({"Statement": [services]})
    resources["resource"]["aws_sfn_state_machine"] = {
        "m": {"name": "m", "role_arn": "${aws_iam_role.shop.arn}", "definition": json.dumps(machine)}
    }
    (estate / "terraform" / "main.tf.json").write_text(json.dumps(resources))
    code = ("--code", f"shop={estate / 'code'}")
    says = "no gaps: 1 call looked at, and each is allowed; of 1 more nobody knows what it is on\n"
    assert ask("gaps", *code)[:2] == (0, says)
    assert ask("gaps")[:2] == (0, "no gaps: of 1 call looked at nobody knows what it is on\n")
    _, out, _ = ask("gaps", *code, "--format", "json")
    assert mistakes("gaps", out) == []
    assert {name: json.loads(out)[name] for name in ("calls", "undecided", "gaps")} == {
        "calls": 2,
        "undecided": 1,
        "gaps": [],
    }
    (estate / "code" / "send.py").write_text(CODE.replace("orders", "invoices"))
    assert ask("gaps", *code)[1].endswith(
        "1 gap and 0 not known, of 2 calls; 1 of 2 callers have one; of 1 nobody knows what it is on\n"
    )


@pytest.mark.needs("jsonschema")
def test_a_gap_of_the_code_is_told_by_pod(ask, estate):
    """A call that no statement allows, with the pod before it and its chain in the JSON."""
    (estate / "code" / "send.py").write_text(CODE.replace("orders", "invoices"))
    code = ("--code", f"shop={estate / 'code'}")
    status, out, _ = ask("gaps", *code)
    assert status == 1
    assert out.splitlines()[0] == "example/Deployment/shop/shop"
    assert "wrong resource" in out
    _, out, _ = ask("gaps", *code, "--format", "json")
    assert mistakes("gaps", out) == []
    (gap,) = json.loads(out)["gaps"]
    assert (gap["breaks"]["kind"], gap["breaks"]["fault"]) == ("policy", "wrong resource")
    assert [link["kind"] for link in gap["chain"]] == ["service account", "trust policy", "policy"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", "sqs:SendMessage", QUEUE), "nobody in the input is called nobody"),
        (("shopp", "sqs:SendMessage", QUEUE), "did you mean shop?"),
        (("shop", "sqs:SendMesage", QUEUE), "did you mean sqs:SendMessage?"),
        (("shop", "SendMessage", QUEUE), "AWS has no action SendMessage"),
        (("shop", "sqs:Send*", QUEUE), "one action is asked for"),
        (("shop", "", QUEUE), "AWS has no action"),
        (("shop", "sqs:SendMessage", "orders"), "neither an ARN nor the address"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:SourceIp"), "is not KEY=VALUE"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "=x"), "is not KEY=VALUE"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "SourceIp=x"), "SourceIp has no prefix"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:SourceIp=abc"), "give an IP address"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:SourceIp=10.0.0.0/8"), "give an IP address"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:SecureTransport=yes"), "give true or false"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "kms:GrantIsForAWSResource=1"), "give true or false"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:MultiFactorAuthAge=x"), "give a number"),
        (("arn:aws:s3:::bucket", "sqs:SendMessage", QUEUE), "arn:aws:s3:::bucket"),
        (("shop", "sqs:SendMessage", "arn:" + ":" * 100_000), "has 100,004 characters"),
        (("shop", "sqs:" + "A" * 100_000, QUEUE), "has 100,004 characters"),
        (("\ud800", "sqs:SendMessage", QUEUE), "holds characters that no name has"),
        (("shop", "sqs:SendMessage", "arn:aws:s3:::\x00"), "holds characters that no name has"),
        (("shop", "sqs:SendMessage", QUEUE, "--context", "aws:a=\n"), "holds characters that no name has"),
    ],
)
def test_bad_questions_end_with_one_message(ask, words, says):
    """Exit 2, what is wrong and how to mend it, nothing printed and no traceback."""
    status, out, err = ask("can", *words)
    assert (status, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.needs("jsonschema")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"import boto3\n\ndef (:\n", "broken.py"),
        (b"import boto3  # caf\xe9\n", "broken.py: it is too large, or no UTF-8 text"),
        (b'import boto3\n\nboto3.client("sqs").no_such_thing()\n', "broken.py:3: sqs no_such_thing is no operation"),
        (b'import boto3\n\nboto3.client("dynamodb").transact_write_items(TransactItems=f())\n', "works out the Trans"),
    ],
)
def test_code_that_cannot_be_read_is_counted(ask, estate, content, says):
    """Beside a good file: what is allowed is what was read, and what was not is named, with any gap or none."""
    (estate / "code" / "broken.py").write_bytes(content)
    code = ("--code", f"shop={estate / 'code'}")
    status, out, _ = ask("gaps", *code)
    assert (status, out.splitlines()[0]) == (0, "no gaps: 1 call looked at, and each of these is allowed")
    assert "1 place of the code cannot be read: what it calls is not known" in out
    assert says in out
    _, out, _ = ask("gaps", *code, "--format", "json")
    assert mistakes("gaps", out) == []
    assert [says in each["why"] for each in json.loads(out)["unread"]] == [True]
    (estate / "code" / "send.py").write_text(CODE.replace("orders", "invoices"))
    assert says in ask("gaps", *code)[1]
    (estate / "code" / "send.py").unlink()
    assert ask("gaps", *code)[1].startswith("no call is known\n1 place of the code cannot be read")


@pytest.fixture
def encrypted(estate):
    """A bucket that the pod may read, under a key whose policy is given."""
    path = estate / "terraform" / "main.tf.json"

    def write(policy):
        document = json.loads(path.read_text())
        resources = document["resource"]
        rule = {"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms"}}
        rule["apply_server_side_encryption_by_default"]["kms_master_key_id"] = "${aws_kms_key.own.arn}"
        resources["aws_s3_bucket"] = {"data": {"bucket": "data"}}
        resources["aws_kms_key"] = {"own": {"policy": policy if isinstance(policy, str) else json.dumps(policy)}}
        resources["aws_s3_bucket_server_side_encryption_configuration"] = {"data": {"bucket": "data", "rule": rule}}
        statements = [{"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}]
        resources["aws_iam_role_policy"]["shop"]["policy"] = json.dumps({"Statement": statements})
        path.write_text(json.dumps(document))

    return write


OWNER = {"AWS": "arn:aws:iam::111122223333:root"}
ACCOUNT = {"Effect": "Allow", "Principal": OWNER, "Action": "kms:*", "Resource": "*"}
NOBODY = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.needs("jsonschema")
@pytest.mark.parametrize(
    ("policy", "expected", "says"),
    [
        ({"Statement": [ACCOUNT]}, "allowed", ""),
        ({"Statement": [ACCOUNT, NOBODY]}, "denied", "allowed by itself, and fails at kms:Decrypt: key policy: "),
        ("${var.policy}", "unknown", "allowed by itself, and may fail at kms:Decrypt: key policy: "),
    ],
)
@pytest.mark.parametrize("question", ["can", "why"])
def test_a_call_is_allowed_only_with_what_it_brings_along(ask, encrypted, question, policy, expected, says):
    """AWS refuses an object whose key refuses the reader: that is no "allowed", in the words, the status, the JSON."""
    encrypted(policy)
    asked = (question, "shop", "s3:GetObject", "arn:aws:s3:::data/a")
    status, out, _ = ask(*asked)
    assert (status, out.split(":")[0]) == (0 if expected == "allowed" else 1, expected)
    assert says in out
    _, out, _ = ask(*asked, "--format", "json")
    assert mistakes(question, out) == []
    said = json.loads(out)
    assert (said["answer"], said["by_itself"], said["brings_along"][0]["answer"]) == (expected, "allowed", expected)
    assert (said["link"] or {"kind": None})["kind"] == (None if expected == "allowed" else "key policy")
    assert bool(said["because"]) is (expected == "unknown")


@pytest.mark.parametrize("code", ["shop", "=x", "shop=", "shop=/nowhere"])
def test_code_that_is_no_folder_ends_with_a_message(ask, code):
    """Exit 2 for a mistyped --code."""
    status, _, err = ask("gaps", "--code", code)
    assert status == 2
    assert "Traceback" not in err


def test_a_name_of_several_asks_which(ask, estate):
    """Two pods of one name in two namespaces: both are named."""
    (estate / "manifests" / "other.yaml").write_text(MANIFEST.replace("namespace: shop", "namespace: other"))
    status, _, err = ask("can", "shop", "sqs:SendMessage", QUEUE)
    assert status == 2
    assert "example/Deployment/other/shop" in err
    assert ask("can", "shop/shop", "sqs:SendMessage", QUEUE)[0] == 0


def test_context_decides(ask, estate):
    """A key that is given holds or not; one that nobody gives is unknown, and with --closed is not there."""
    path = estate / "terraform" / "main.tf.json"
    document = json.loads(path.read_text())
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition}
    document["resource"]["aws_iam_role_policy"]["shop"]["policy"] = json.dumps({"Statement": [statement]})
    path.write_text(json.dumps(document))
    question = ("can", "shop", "sqs:SendMessage", QUEUE)
    answers = [
        ask(*question, *more)[1].split(":")[0]
        for more in ((), ("--closed",), ("--context", "aws:SourceVpce=vpce-1"), ("--context", "aws:sourcevpce=vpce-2"))
    ]
    assert answers == ["unknown", "denied", "allowed", "denied"]


def test_policy_writes_what_the_pod_needs(ask, estate, tmp_path):
    """The least for what the code calls, as files."""
    status, out, _ = ask("policy", "shop", "--code", f"shop={estate / 'code'}", "-o", str(tmp_path / "least"))
    assert status == 0
    assert "sqs:SendMessage" in out
    assert "sqs:PurgeQueue" not in out
    assert (tmp_path / "least" / "terraform" / "main.tf.json").is_file()
