"""An existing estate, whatever files and folders it is given as, read into one graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seawall.facts.resilience import Claim
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.claims_file import claims_file, claims_files, is_claims_file
from seawall.ingest.cloudformation.template import is_template
from seawall.ingest.cloudformation.templates import template_files, templates
from seawall.ingest.helm_releases import helm_releases
from seawall.ingest.iam_files import iam, iam_files, is_iam_file
from seawall.ingest.identities import Identities
from seawall.ingest.manifests import manifests
from seawall.ingest.pipelines import is_workflow, workflows
from seawall.ingest.scripts import is_script, scripts
from seawall.ingest.spring import is_spring_file, spring_file, spring_files
from seawall.ingest.terraform import kind_of, terraform_with_identities
from seawall.ingest.token_plan import Run
from seawall.ingest.variables import is_values
from seawall.kernel.errors import InputError

DEFAULT_CLUSTER = "cluster"
"""What the cluster of manifests is called where the input holds none and nobody names it."""
_NAME = re.compile(r"[^\s/:%]{1,100}")  # as a part of an address; EKS allows letters, digits, - and _


def ingest(
    paths: Sequence[Path], *, environment: str | None = None, cluster: str | None = None, run: Run | None = None
) -> Graph:
    """The graph of everything in these files and folders.

    Manifests belong to the one cluster of the input, or to ``cluster``; an overlay in a folder named like a cluster of
    the input to that one. ``run`` runs Terraform, which settles what a plan beside its source leaves open. Raises
    InputError where nothing readable is found, or where there are several clusters and none is named.
    """
    if cluster and not _NAME.fullmatch(cluster):
        raise InputError(f"a cluster cannot be called {cluster}", fix="give its name alone")
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no {path}")
    of_terraform = [path for path in paths if path.is_dir() or kind_of(path) is not None or is_values(path)]
    elsewhere = (
        is_spring_file,
        is_template,
        is_iam_file,
        is_claims_file,
        is_script,
        is_values,
        lambda path: is_workflow(path.absolute()),
    )
    others = [
        path
        for path in paths
        if path.is_dir() or not (kind_of(path) is not None or any(reads(path) for reads in elsewhere))
    ]
    of_modules, identities = terraform_with_identities(of_terraform, run=run)
    resources = list(of_modules)
    resources.extend(templates(file for path in paths for file in template_files(path)))
    clusters = _clusters(resources)
    name = cluster or ("" if len(clusters) > 1 else next(iter(clusters), DEFAULT_CLUSTER))
    for path in others:
        resources.extend(manifests(path, name, environment=environment, clusters=clusters))
    resources.extend(list(helm_releases(resources, name)))
    for path in paths:
        resources.extend(spring_file(file) for file in spring_files(path))
        resources.extend(workflows(path, among=len(paths) > 1))
        resources.extend(scripts(path, among=len(paths) > 1))
    claims: list[Claim] = []
    for file in (file for path in paths for file in claims_files(path)):
        for claim, written in claims_file(file):
            claims.append(claim)
            resources.append(written)
    resources.extend(iam((file for path in paths for file in iam_files(path)), resources, identities))
    if not resources:
        listed = ", ".join(str(path) for path in paths)
        raise InputError(
            f"nothing that can be read was found in {listed}",
            fix="give Terraform (*.tf.json, *.tf, a plan or state as JSON), CloudFormation templates, Kubernetes "
            "manifests, a Kustomize folder, roles and policies as JSON or application.yml",
        )
    return Graph(_linked(resources, identities), claims=claims)


def _linked(resources: Iterable[Resource], identities: Identities) -> Iterator[Resource]:
    """The resources with references in place of the ARNs and ids of others, whatever format says the one or the other.

    Within one state or plan that is done already.
    """
    for resource in resources:
        body = identities.linked(resource.body, resource.address) if identities else resource.body
        yield resource if body is resource.body else replace(resource, body=body)


def _clusters(resources: Iterable[Resource]) -> tuple[str, ...]:
    names = {_cluster_name(resource) for resource in resources if resource.type == "aws_eks_cluster"}
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def _cluster_name(resource: Resource) -> str:
    """What a cluster is called; one that CloudFormation will name goes by its logical id until then."""
    name = resource.body.get("name")
    if isinstance(name, str):
        return name
    return "" if resource.address.as_terraform() else resource.address.rpartition("/")[2]
