"""Calls of AWS found in the text of Python code, and what stays unknown."""

from __future__ import annotations

import textwrap

import pytest

from seawall.facts.application import environment_hole
from seawall.ingest.python_calls import python_calls
from seawall.ingest.sdk_call import SdkCall
from seawall.kernel.value import Text, Textual, Unknown, text
from seawall.knowledge.sdk_operations import naming


def keeps(service: str, path: str) -> bool:
    """As the code is read in earnest."""
    return path in naming(service)


def found(**files: str) -> list[SdkCall]:
    """The calls in files, by module name; in a name ``0`` stands for a folder's end."""
    sources = {f"{name.replace('0', '/')}.py": textwrap.dedent(source) for name, source in files.items()}
    return list(python_calls(sources, keeps))


def called(source: str) -> list[tuple[str, str, dict[str, Textual]]]:
    """Service, operation and known arguments of each call in one file."""
    return [
        (call.service, call.operation, {path: value for path, value in call.arguments if not _sent(value)})
        for call in found(app=f"import boto3\nimport os\n{textwrap.dedent(source)}")
    ]


def _sent(value: Textual) -> bool:
    return isinstance(value, Unknown) and value.why == "it is what is sent"


@pytest.mark.parametrize(
    "source",
    [
        "boto3.client('s3').get_object(Bucket='b', Key='k')",
        "s3 = boto3.client(service_name='s3')\ndef f():\n    s3.get_object(Bucket='b', Key='k')",
        "from boto3 import client as make\nmake('s3').get_object(Bucket='b', Key='k')",
        "boto3.session.Session().client('s3').get_object(Bucket='b', Key='k')",
        "import boto3.session as s\ns.Session(region_name=None).client('s3').get_object(Bucket='b', Key='k')",
        "from botocore.session import get_session\nget_session().create_client('s3').get_object(Bucket='b', Key='k')",
        "async def f():\n    async with boto3.client('s3') as c:\n        await c.get_object(Bucket='b', Key='k')",
        "class A:\n    def __init__(self):\n        self.s3 = boto3.client('s3')\n"
        "    def f(self):\n        self.s3.get_object(Bucket='b', Key='k')",
        "class B:\n    s3 = boto3.client('s3')\nclass A(B):\n    def f(self):\n"
        "        self.s3.get_object(Bucket='b', Key='k')",
        "class A:\n    @property\n    def s3(self):\n        return boto3.client('s3')\n"
        "    def f(self):\n        self.s3.get_object(Bucket='b', Key='k')",
        "def s3():\n    return boto3.client('s3')\ns3().get_object(Bucket='b', Key='k')",
        "def get(c, key):\n    c.get_object(Bucket='b', Key=key)\nget(boto3.client('s3'), 'k')",
        "class A:\n    def __init__(self, c):\n        self.c = c\n    def f(self):\n"
        "        self.c.get_object(Bucket='b', Key='k')\nA(boto3.client('s3')).f()",
        "from mypy_boto3_s3 import S3Client\ndef f(c: S3Client):\n    c.get_object(Bucket='b', Key='k')",
        "from mypy_boto3_s3.client import S3Client\ndef f(c: 'S3Client'):\n    c.get_object(Bucket='b', Key='k')",
        "boto3.resource('s3').meta.client.get_object(Bucket='b', Key='k')",
        "params = {'Bucket': 'b', 'Key': 'k'}\nboto3.client('s3').get_object(**params)",
        "if (c := boto3.client('s3')):\n    c.get_object(Bucket='b', Key='k')",
        "make = boto3.client\nf = lambda c: c\nmake('s3').get_object(Bucket='b', Key='k')",
        "c = None\ndef f():\n    global c\n    c = boto3.client('s3')\ndef g():\n    c.get_object(Bucket='b', Key='k')",
    ],
)
def test_a_client_is_followed_to_its_call(source: str) -> None:
    """However a program hands its client on, the call is found with what it is about."""
    assert called(source) == [("s3", "get_object", {"Bucket": "b", "Key": "k"})]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("B = 'b'\n", "b"),
        ("B = 'a' + '-b'\n", "a-b"),
        ("A = 'a'\nB = f'{A}-b'\n", "a-b"),
        ("B = 'a-%s' % 'b'\n", "a-b"),
        ("B = 'a-{}'.format('b')\n", "a-b"),
        ("B = os.environ['BUCKET']\n", environment_hole("BUCKET")),
        ("B = os.environ.get('BUCKET', 'b')\n", environment_hole("BUCKET", "b")),
        ("B = os.getenv('BUCKET') or 'b'\n", environment_hole("BUCKET", "b")),
        ("from os import environ\nB = f\"{environ['STAGE']}-b\"\n", text(environment_hole("STAGE"), "-b")),
        ("SETTINGS = {'bucket': 'b'}\nB = SETTINGS['bucket']\n", "b"),
        ("class S:\n    bucket = 'b'\nB = S.bucket\n", "b"),
        ("class S:\n    def __init__(self):\n        self.bucket = 'b'\nB = S().bucket\n", "b"),
        ("A, B = 'a', 'b'\n", "b"),
        ("B: str = 'b'\n", "b"),
    ],
)
def test_texts_are_followed_to_what_they_say(source: str, value: Textual) -> None:
    """Constants are joined, and what the environment says is a hole that tells which variable it is."""
    assert called(f"{source}boto3.client('s3').list_objects_v2(Bucket=B)") == [
        ("s3", "list_objects_v2", {"Bucket": value})
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def f(b):\n    c.list_objects_v2(Bucket=b)", "the code works it out"),
        ("B = 'a'\nB = 'b'\nc.list_objects_v2(Bucket=B)", "it is one of a, b"),
        ("B = 'a' if x else 'b'\nc.list_objects_v2(Bucket=B)", "it is one of a, b"),
        ("B = 'a'\nB += x\nc.list_objects_v2(Bucket=B)", "the code works it out"),
        ("import json\nB = json.load(x)['b']\nc.list_objects_v2(Bucket=B)", "the code works it out"),
        ("B = B\nc.list_objects_v2(Bucket=B)", "the code works it out"),
        ("def f(b):\n    c.list_objects_v2(Bucket=b)\nf('a')\nf('b')", "it is one of a, b"),
        ("for b in get():\n    c.list_objects_v2(Bucket=b)", "the code works it out"),
    ],
)
def test_what_the_code_works_out_is_unknown(source: str, why: str) -> None:
    """A text that is several, or none that stands there, is not guessed."""
    ((_, _, arguments),) = called(f"c = boto3.client('s3')\n{source}")
    value = arguments["Bucket"]
    assert isinstance(value, Unknown)
    assert value.why == why


def test_each_element_of_a_list_is_meant() -> None:
    """A loop over what is written out calls for every element."""
    (call,) = found(app="import boto3\nfor b in ['x', 'y']:\n    boto3.client('s3').list_objects_v2(Bucket=b)")
    assert call.arguments == (("Bucket", "x"), ("Bucket", "y"))
    (call,) = found(app="import boto3\nboto3.client('ssm').get_parameters(Names=['/a', '/b'])")
    assert call.arguments == (("Names", "/a"), ("Names", "/b"))


def test_paginators_waiters_and_signed_addresses() -> None:
    """They send the operation that they are named for."""
    assert called(
        """
        s3 = boto3.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket="b"):
            pass
        s3.get_waiter("object_exists").wait(Bucket="b", Key="k")
        s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}, ExpiresIn=60)
        s3.upload_file("/tmp/x", "b", "k")
        s3.copy_object(Bucket="b", Key="k", CopySource={"Bucket": "a", "Key": "j"})
        """
    ) == [
        ("s3", "list_objects_v2", {"Bucket": "b"}),
        ("s3", "head_object", {"Bucket": "b", "Key": "k"}),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}),
        ("s3", "upload_file", {"Bucket": "b", "Key": "k"}),
        ("s3", "copy_object", {"Bucket": "b", "Key": "k", "CopySource.Bucket": "a", "CopySource.Key": "j"}),
    ]


def test_resources_send_the_operations_of_their_methods() -> None:
    """A thing of boto3 remembers what names it, and so do the things that it gives."""
    assert called(
        """
        s3 = boto3.resource("s3")
        bucket = s3.Bucket("b")
        bucket.upload_file("/tmp/x", "k")
        bucket.Object("k").get()
        s3.Object(bucket_name="b", key="k").delete()
        for each in bucket.objects.filter(Prefix="a/"):
            each.delete()
        boto3.resource("dynamodb").Table("t").put_item(Item={})
        with boto3.resource("dynamodb").Table("t").batch_writer() as batch:
            pass
        queue = boto3.resource("sqs").get_queue_by_name(QueueName="q")
        for message in queue.receive_messages():
            message.delete()
        boto3.resource("sns").Topic("arn:aws:sns:eu-west-1:123456789012:t").publish(Message="x")
        """
    ) == [
        ("s3", "upload_file", {"Bucket": "b", "Key": "k"}),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}),
        ("s3", "delete_object", {"Bucket": "b", "Key": "k"}),
        ("s3", "list_objects", {"Bucket": "b"}),
        ("s3", "delete_object", {"Bucket": "b"}),
        ("dynamodb", "put_item", {"TableName": "t"}),
        ("dynamodb", "batch_write_item", {"TableName": "t"}),
        ("sqs", "get_queue_url", {"QueueName": "q"}),
        ("sqs", "receive_message", {"QueueUrl": "q"}),
        ("sqs", "delete_message", {"QueueUrl": "q"}),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:t"}),
    ]


def test_a_queue_is_known_by_the_answer_that_names_it() -> None:
    """The address that get_queue_url answers is the queue's of that name."""
    assert called(
        "c = boto3.client('sqs')\nu = c.get_queue_url(QueueName='q')['QueueUrl']\nc.send_message(QueueUrl=u)"
    )[1] == ("sqs", "send_message", {"QueueUrl": "q"})


def test_regions_of_clients_and_sessions() -> None:
    """A client's own region goes before its session's; without either it is the environment's."""
    calls = found(
        app="""
        import boto3
        s = boto3.Session(region_name="eu-west-1")
        s.client("s3").list_buckets()
        s.client("s3", region_name="us-east-1").list_buckets()
        s.client("s3", "us-west-2").list_buckets()
        boto3.client("s3").list_buckets()
        """
    )
    assert [call.region for call in calls] == ["eu-west-1", "us-east-1", "us-west-2", ""]


@pytest.mark.parametrize(
    "client",
    [
        "boto3.client('s3', aws_access_key_id=k, aws_secret_access_key=s)",
        "boto3.Session(profile_name='other').client('s3')",
        "boto3.client('s3', endpoint_url='http://localhost:9000')",
    ],
)
def test_what_is_called_as_somebody_else_is_no_call_of_the_pods(client: str) -> None:
    """Other credentials, or a server that is not AWS: the pod's role is not asked."""
    (call,) = found(app=f"import boto3\n{client}.get_object(Bucket='b', Key='k')")
    assert (call.service, call.operation) == ("s3", "")
    assert "of its own" in call.why


@pytest.mark.parametrize(
    ("source", "service", "why"),
    [
        ("boto3.client(name).get_object(Bucket='b')", "", "the service is worked out by the code"),
        ("boto3.resource('ec2').Instance('i').stop()", "ec2", "nothing is known of"),
        ("boto3.client('acm').get_waiter('certificate_validated').wait()", "acm", "nothing is known of the waiter"),
        ("boto3.client('s3').generate_presigned_url(m)", "s3", "the code works out what it signs"),
    ],
)
def test_what_cannot_be_told_is_said(source: str, service: str, why: str) -> None:
    """A call without operation says where, of which service, and why."""
    calls = found(app=f"import boto3\n{source}")
    assert [(call.service, call.operation) for call in calls] == [(service, "")]
    assert calls[0].why.startswith(why)
    assert calls[0].where == "app.py:2"


def test_a_helper_makes_the_client_that_it_is_asked_for() -> None:
    """What a function returns depends on what this very call passes, not on what others do."""
    assert called(
        """
        def client(service, **more): return boto3.client(service)
        class Clients:
            def of(self, name): return boto3.client(name)
        client("ecs").list_clusters()
        client("eks").list_clusters()
        Clients().of("sqs").list_queues()
        """
    ) == [("ecs", "list_clusters", {}), ("eks", "list_clusters", {}), ("sqs", "list_queues", {})]


def test_what_only_looks_like_aws_is_nothing() -> None:
    """A method of the same name on anything else, an exception of a client, a function of one's own called client."""
    assert not called(
        """
        def client(name): return name
        client("s3").get_object(Bucket="b")
        class Store:
            def get_object(self, Bucket): ...
        Store().get_object(Bucket="b")
        try: pass
        except boto3.client("s3").exceptions.NoSuchKey: pass
        def f(s3): s3.get_object(Bucket="b")
        cursor.get_object("x")
        """
    )


def test_modules_of_one_program_know_each_other() -> None:
    """A client or constant is followed through imports, relative ones too; an ambiguous module is not."""
    calls = found(
        shop0__init__="",
        shop0config="BUCKET = 'b'\n",
        shop0clients="import boto3\ns3 = boto3.client('s3')\n",
        shop0app="""
        from shop.clients import s3
        from . import config
        from .config import BUCKET
        import shop.config
        s3.get_object(Bucket=BUCKET, Key=config.BUCKET)
        s3.put_object(Bucket=shop.config.BUCKET, Key="k")
        """,
    )
    assert [(call.operation, dict(call.arguments)) for call in calls] == [
        ("get_object", {"Bucket": "b", "Key": "b"}),
        ("put_object", {"Bucket": "b", "Key": "k"}),
    ]
    assert not found(
        a0clients="import boto3\ns3 = boto3.client('s3')\n",
        b0clients="s3 = None\n",
        c0app="from clients import s3\ns3.list_buckets()\n",
    )


def test_nothing_that_is_sent_is_kept() -> None:
    """A password in a call is not in what is said of the call."""
    (call,) = found(
        app="import boto3\nboto3.client('secretsmanager').put_secret_value(SecretId='s', SecretString='hunter2')"
    )
    assert ("SecretId", "s") in call.arguments
    assert "hunter2" not in repr(call)


@pytest.mark.parametrize("source", ["def", "x = 'a\x00b'", "(" * 10_000, "print 'x'", "é = = 1"])
def test_what_is_no_python_is_said(source: str) -> None:
    """Wrong syntax, null bytes and bottomless nesting end in a sentence, never in a traceback."""
    (call,) = python_calls({"bad.py": source}, keeps)
    assert (call.service, call.operation, call.where) == ("", "", "bad.py")
    assert call.why.startswith("this is no Python that can be read")


def test_code_that_goes_round_in_circles_ends() -> None:
    """Functions that call each other, a class that is its own base, a name that is itself."""
    source = """
    import boto3
    def f(x): return g(x)
    def g(x): return f(x)
    class A(A): pass
    A().c.get_object()
    f(boto3.client("s3")).get_object(Bucket="b")
    y = y
    y.z()
    """
    assert found(app=source) == []
    assert found(m="from n import c\nc.get_object()\n", n="from m import c\n") == []


def test_a_hole_within_a_key_keeps_what_stands_before_it() -> None:
    """The prefix of a key is known though its rest is not."""
    (call,) = found(app="import boto3\ndef f(n):\n    boto3.client('s3').get_object(Bucket='b', Key=f'in/{n}')")
    key = dict(call.arguments)["Key"]
    assert isinstance(key, Text)
    assert key.parts[0] == "in/"
