"""A cluster whose images go with another region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from seawall.analyze.clusters import cluster_of
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster, Container
from seawall.facts.data import CopiesImages, Store
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Text, Textual, text

RULE = Rule(
    id="K8S-026",
    severity=Severity.CRITICAL,
    summary="A cluster's images lie in another region's registry only",
    why="a pod that starts fetches its image: when the other region is lost this cluster goes on with what it has on "
    "its "
    "nodes and starts nothing new, which is what taking over would need",
    fix="replicate the registry to this region (aws_ecr_replication_configuration) and name this region's registry "
    "in this "
    "cluster's manifests",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings-examples.html",
    read=date(2026, 11, 22),
)

_IMAGE = re.compile(
    r"(?P<account>[^/]+)\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)(?:[:@].*)?",
    re.DOTALL,
)


class _Image(NamedTuple):
    region: str
    name: str


def check(facts: Facts) -> Iterator[Finding]:
    """Images of ECR that workloads name, against their cluster's region and what is there of that name."""
    repositories = _repositories(facts)
    regions = {cluster.region for cluster in facts.all(Cluster) if isinstance(cluster.region, str)}
    told: set[tuple[Address, _Image]] = set()
    for container in facts.all(Container):
        image, cluster = _of_ecr(facts, container.image), cluster_of(facts, container.workload)
        if image is None or cluster is None or not isinstance(cluster.region, str) or not cluster.region:
            continue
        if (container.workload, image) in told:
            continue
        told.add((container.workload, image))
        if image.region != cluster.region:
            if image.region in regions:
                yield RULE.refuted(
                    f"{container.workload} runs in {cluster.region} and fetches {image.name} from {image.region}",
                    container.workload,
                    cluster.of,
                )
            continue
        others = repositories.get(image.name, {})
        if others and image.region not in others and not any(_is_copied(facts, image, source) for source in others):
            known = ", ".join(f"{others[region]} in {region}" for region in sorted(others))
            yield RULE.refuted(
                f"{container.workload} fetches {image.name} in {image.region}, where nothing puts it: there is {known}",
                container.workload,
                *(others[region] for region in sorted(others)),
            )


def _repositories(facts: Facts) -> dict[str, dict[str, Address]]:
    """The repositories of the input by name, then by region."""
    found: dict[str, dict[str, Address]] = {}
    for store in facts.all(Store):
        if store.kind == "registry" and (image := _of_ecr(facts, Ref(store.of, "repository_url"))) is not None:
            found.setdefault(image.name, {})[image.region] = store.of
    return found


def _of_ecr(facts: Facts, image: Textual) -> _Image | None:
    """The region and repository that an image is of; None if it is another registry's, or if either is not known."""
    parts = image.parts if isinstance(image, Text) else (image,)
    spelled: list[Textual] = []
    for part in parts:
        url = None
        if isinstance(part, Ref) and part.attr == "repository_url":
            url = next((each.value for each in facts.where(Identifier, of=part.to) if each.attr == part.attr), None)
        spelled.append(part if url is None else url)
    match = _IMAGE.fullmatch(str(text(*spelled)))
    return _Image(match["region"], match["name"]) if match and "{" not in match["region"] + match["name"] else None


def _is_copied(facts: Facts, image: _Image, source: str) -> bool:
    """Whether it is copied there, or may be: a rule of which the region is not known counts."""
    for copies in facts.all(CopiesImages):
        from_there = not isinstance(copies.source, str) or copies.source in ("", source)
        to_here = not isinstance(copies.target, str) or copies.target == image.region
        if from_there and to_here and (not copies.prefixes or image.name.startswith(copies.prefixes)):
            return True
    return False
