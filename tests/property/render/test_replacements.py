"""References reach their places, whatever the keys, names and positions on the way there are called."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubernetes_cluster import CLUSTER, DATABASE, Environment, thing
from kubernetes_round_trip import read_back, write
from seawall.graph.graph import Graph
from seawall.kernel.value import Ref, map_leaves, refs, render_text, text
from seawall.render.kubernetes.outputs import with_outputs

pytestmark = pytest.mark.needs("kubectl")

# What the API server allows as a key of data, a name of an environment variable, and a key of an annotation; but
# Kustomize itself, without any reference, fails on an annotation whose key looks like a number. A key of data that is
# a number is refused by the renderer: Kustomize would take it for a position in a list.
data_keys = st.text("abzAZ019._-", min_size=1, max_size=8).filter(
    lambda key: key not in (".", "..") and not key.isdecimal()
)
variables = st.one_of(
    st.sampled_from(["y", "ON", "A", "A_B", "B_A"]),
    st.text("aZ_09.-", min_size=1, max_size=6).filter(lambda name: not name[0].isdigit()),
)
annotation_keys = st.builds(
    lambda prefix, name: f"{prefix}{name}",
    st.sampled_from(["", "a.b/", "eks.amazonaws.com/"]),
    st.from_regex(r"[a-zA-Z]([a-zA-Z0-9._-]{0,5}[a-zA-Z0-9])?", fullmatch=True),
)
holes = st.builds(Ref, st.just(DATABASE), st.sampled_from(["address", "port", "master_user_secret.0.secret_arn"]))
words = st.sampled_from(["", "y", "08", "a b", ":", "${not.ours}", "x\ny\n", "'", "1e3"])
values = st.one_of(words, holes, st.builds(text, words, holes, words), st.builds(text, holes, words, holes))


def objects(
    data: dict[str, Any], notes: dict[str, Any], env: dict[str, Any], args: list[Any], names: list[str]
) -> Graph:
    """A ConfigMap, and a Deployment with several containers that share an environment."""
    containers = [
        {"name": name, "image": "a", "args": args, "env": [{"name": key, "value": item} for key, item in env.items()]}
        for name in names
    ]
    return Graph(
        [
            thing("v1", "ConfigMap", "a.b", data=data, annotations=notes | {"some": "note"}),
            thing("v1", "ConfigMap", "a-b", data={"x": "y"}),
            thing("apps/v1", "Deployment", "a", spec={"template": {"spec": {"containers": containers}}}),
        ]
    )


@settings(max_examples=25)
@given(
    st.dictionaries(data_keys, values, max_size=4),
    st.dictionaries(annotation_keys, values, max_size=3),
    st.dictionaries(variables, values, max_size=3),
    st.lists(values, max_size=3),
    st.lists(st.sampled_from(["a", "a-b", "y", "0"]), min_size=1, max_size=3, unique=True),
)
@example(
    {"0.": Ref(DATABASE, "port"), "1e3": Ref(DATABASE, "port"), "a.b-c_D": Ref(DATABASE, "port")},
    {},
    {},
    [],
    ["0", "a"],
)
@example({}, {"a": Ref(DATABASE, "port"), "a.b/0": Ref(DATABASE, "port")}, {"*": Ref(DATABASE, "port")}, [], ["a"])
def test_references_survive_and_are_filled(
    data: dict[str, Any], notes: dict[str, Any], env: dict[str, Any], args: list[Any], names: list[str]
) -> None:
    """Before apply every body reads back the same; after it every hole holds its value and nothing else has changed."""
    graph = objects(data, notes, env, args, names)
    outputs = {f"{ref.to}.{ref.attr}": f"<{ref.attr}>\n" for item in graph for ref in refs(item.body)}
    with tempfile.TemporaryDirectory() as folder:
        overlay = write(Path(folder), Environment(), graph)
        before = read_back(overlay, CLUSTER)
        with_outputs(overlay, outputs)
        after = read_back(overlay, CLUSTER)
    for item in graph:
        assert before[item.address].body == item.body
        filled = map_leaves(
            item.body,
            lambda leaf: (
                leaf
                if leaf is None or isinstance(leaf, str | int)
                else render_text(leaf, lambda hole: outputs[f"{hole.to}.{hole.attr}"])
            ),
        )
        assert after[item.address].body == filled
