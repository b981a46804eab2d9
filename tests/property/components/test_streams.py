"""Whatever a stream is asked to be: its topics alone are open, a broker may go, and regions do not wait in a circle."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

import descriptions
from seawall.components.expand import expand
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs

TOPICS = st.lists(st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True), min_size=1, max_size=4, unique=True)
SITE = "sites: {there: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}}}\n"


@hypothesis.settings(max_examples=40, deadline=None)
@hypothesis.given(zones=st.integers(2, 3), brokers=st.integers(1, 9), topics=TOPICS, further=st.booleans())
def test_a_stream_is_sound_or_refused(zones: int, brokers: int, topics: list[str], further: bool) -> None:
    """As many brokers in each zone, copies that leave one to lose, rights on the named topics, no circle of regions."""
    frame = descriptions.FRAME.replace("zones: 2", f"zones: {zones}")
    stream = f"{{kind: stream, class: kafka.m7g.large, brokers: {brokers}, topics: {topics!r}}}"
    text = f"{frame}components:\n  events: {stream}\n  shop: {{kind: service, image: shop, needs: [events]}}\n"
    platform = descriptions.platform(text + (SITE if further else ""))
    if brokers % zones:
        with pytest.raises(InputError, match=f"{brokers} brokers for {zones} zones"):
            expand(platform)
        return
    graph = expand(platform)
    for configuration in graph.of_type("aws_msk_configuration"):
        settings = dict(line.split("=", 1) for line in configuration.body["server_properties"].splitlines())
        copies, insisted = (int(settings[key]) for key in ("default.replication.factor", "min.insync.replicas"))
        assert 1 <= insisted < copies <= brokers
    for policy in graph.of_type("aws_iam_role_policy"):
        if policy.address.endswith(".shop"):
            [written] = [
                each for each in policy.body["policy"]["Statement"] if "kafka-cluster:WriteData" in each["Action"]
            ]
            assert [str(topic).rpartition("/")[2] for topic in written["Resource"]] == topics
    waits = {
        ref.to.partition("/")[0]
        for resource in graph
        if resource.is_terraform and resource.address.startswith("ap-northeast-2/")
        for ref in refs(resource.body)
    }
    assert waits == {"ap-northeast-2"}
    assert len(list(graph.of_type("aws_msk_replicator"))) == further
