"""Reading code never fails, whatever the text, and says nothing that the code does not."""

from __future__ import annotations

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.ingest.python_calls import python_calls
from seawall.ingest.sdk_call import SdkCall

NAMES = ("a", "b", "boto3", "os", "self", "s3", "f", "C")
names = st.sampled_from(NAMES)
texts = st.sampled_from(
    ["'s3'", "'dynamodb'", "f'{a}/x'", "'b' + a", "os.environ['X']", "os.getenv('Y', 'd')", "None", "1"]
)
expressions = st.recursive(
    st.one_of(names, texts),
    lambda inner: st.one_of(
        st.builds(
            "{}.{}".format, names, st.sampled_from(["client", "resource", "Bucket", "get_object", "objects", "meta"])
        ),
        st.builds("{}({})".format, names, inner),
        st.builds("{}.client({})".format, names, inner),
        st.builds("{}.get_object(Bucket={}, Key={})".format, names, inner, inner),
        st.builds("{}[{}]".format, names, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(lambda {}: {})".format, names, inner),
        st.builds("[{} for {} in {}]".format, inner, st.sampled_from(["a", "b"]), inner),
    ),
    max_leaves=8,
)
statements = st.one_of(
    st.builds("{} = {}".format, names, expressions),
    st.builds("self.{} = {}".format, names, expressions),
    st.builds("for {} in {}: {}".format, names, expressions, expressions),
    st.builds("def {}({}, b=None): return {}".format, names, st.sampled_from(["a", "self", "s3"]), expressions),
    st.builds("class {}({}):\n    s3 = {}\n    def f(self): return self.s3".format, names, names, expressions),
    st.builds("with {} as {}: pass".format, expressions, names),
    st.builds("import {}".format, st.sampled_from(["boto3", "os", "boto3 as a", "x.y"])),
    st.builds("from {} import {}".format, st.sampled_from(["boto3", ".", ".m", "n", "..q"]), names),
    expressions,
)
programs = st.lists(statements, max_size=12).map("\n".join)


def everything(_service: str, _path: str) -> bool:
    """Every argument is kept, so that every value is looked at."""
    return True


def calls(sources: dict[str, str]) -> list[SdkCall]:
    """What is found, each call with a place in one of the files."""
    found = list(python_calls(sources, everything))
    for call in found:
        assert call.where.split(":")[0] in sources
        assert bool(call.operation) != bool(call.why)
    return found


@settings(max_examples=40, deadline=None)
@given(programs, programs)
def test_a_program_is_read_to_its_end(one: str, other: str) -> None:
    """Names that mean each other, modules that import each other: reading ends, the same each time, with places."""
    sources = {"m.py": f"import boto3, os\n{one}", "n.py": other}
    assert calls(sources) == calls(sources)


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(string.printable, max_size=200)))
def test_any_text_is_read(source: str) -> None:
    """What is no Python is one sentence, and never an exception."""
    calls({"m.py": source})


@settings(max_examples=20, deadline=None)
@given(programs)
def test_without_the_sdk_there_is_no_call(source: str) -> None:
    """Code that never gets at boto3 calls nothing of AWS, whatever its methods are called."""
    hidden = source.replace("boto3", "boto")
    assert not [call for call in calls({"m.py": hidden}) if call.operation]


@settings(max_examples=20, deadline=None)
@given(programs, st.sampled_from(["b-1", "logs/x"]))
def test_what_comes_after_takes_no_call_away(source: str, bucket: str) -> None:
    """A call that stands by itself is found beside anything else that can be parsed."""
    alone = f"import boto3 as only_here\nonly_here.client('s3').get_object(Bucket='{bucket}')\n"
    found = [call for call in calls({"m.py": alone + source}) if call.where == "m.py:2" and call.operation]
    readable = not any(call.why.startswith("this is no Python") for call in calls({"m.py": source}))
    assert not readable or [dict(call.arguments)["Bucket"] for call in found] == [bucket]
