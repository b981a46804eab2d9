"""Poolers of any number and size keep within what their environment gets, or are refused."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.kernel.errors import InputError
from seawall.model.document import parse_document
from seawall.model.loader import load

FRAME = """
platform: shop
network: {{cidr: 10.0.0.0/16, zones: 2}}
cluster: {{version: "1.36", node_groups: {{workload: {{types: [t3.medium], min: 3, max: 6}}}}}}
components:
  shop-db: {{kind: aurora, engine: postgresql, name: shop}}
  migrations: {{kind: migration, needs: [shop-db], environments: {{prod: {{connections: {share}}}}}}}
{poolers}
environments: {{shared: {{region: us-east-1}}}}
"""


@settings(max_examples=40)
@given(share=st.integers(2, 200), replicas=st.lists(st.integers(2, 12), min_size=1, max_size=3))
def test_all_pods_of_an_environment_keep_within_its_share(share: int, replicas: list[int]) -> None:
    """Also while each pooler has a pod more; a share that leaves a pod without a connection is refused."""
    poolers = "\n".join(
        f"  pooler-{number}: {{kind: pooler, needs: [shop-db], environment: prod, replicas: {count}}}"
        for number, count in enumerate(replicas)
    )
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder).resolve()
        (beside / "migrations").mkdir()
        (beside / "migrations/0001_first.sql").write_text("SELECT 1;\n")
        text = FRAME.format(share=share, poolers=poolers)
        platform = load(replace(parse_document(text, "platform.yaml"), folder=beside), kinds())
        pods = sum(count + 1 for count in replicas)
        try:
            graph = expand(platform)
        except InputError:
            assert share < pods
            return
    sizes = [
        int(size[1])
        for each in graph.of_type("v1/ConfigMap")
        if (size := re.search(r"max_db_connections = (\d+)", str(each.body["data"].get("pgbouncer.ini", ""))))
    ]
    assert len(sizes) == len(replicas)
    assert all(sizes)
    assert sum(size * (count + 1) for size, count in zip(sizes, replicas, strict=True)) <= share
