"""Delivery: what Argo CD is told, who pipelines are in AWS, and that production waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml

from descriptions import FRAME, graph, named, platform
from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.components.delivery import Delivery
from seawall.components.expand import expand
from seawall.components.scope import Scope
from seawall.facts.delivery import Syncs, Withholds
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.readers.read import facts_of

WHERE = "delivery: {repository: https://github.com/shop/shop, images: {cart: {context: cart}}}\n"
SERVICE = "components: {cart: {kind: service, image: cart, scale: {replicas: 2..4, cpu: 70 %}}}\n"
THREE = FRAME.replace(
    "environments: {production: {region: ap-northeast-2}}",
    "environments:\n"
    "  production: {region: ap-northeast-2, default: true}\n"
    "  development: {region: ap-northeast-2}\n"
    "  staging: {region: ap-northeast-2}",
)
SPACES = FRAME.replace("cluster:\n", "cluster:\n  namespaces: {dev: {}, prod: {}}\n") + (
    "delivery: {repository: https://github.com/shop/shop, promotes: [production/dev, production/prod]}\n"
    "components:\n"
    "  dev-cart: {kind: service, image: cart, namespace: dev, scale: {replicas: 2..4, cpu: 70 %}}\n"
    "  prod-cart: {kind: service, image: cart, namespace: prod, scale: {replicas: 2..4, cpu: 70 %}}\n"
    "  prod-cache: {kind: cache, place: cluster}\n"
)


def spec(found: Graph, kind: str, name: str) -> dict[str, Any]:
    """What an object of Argo CD says."""
    return dict(named(found, f"argoproj.io/v1alpha1/{kind}", name).body["spec"])


def at(environment: str, text: str = WHERE + SERVICE) -> Graph:
    """The graph of one of three environments."""
    return expand(platform(THREE + text, environment))


def documents(found: Graph, role: str) -> list[dict[str, Any]]:
    """The statements of a role's own policies."""
    bodies = [
        one.body for one in found.of_type("aws_iam_role_policy") if one.address.rpartition(".")[2].startswith(role)
    ]
    return [statement for body in bodies for statement in body["policy"]["Statement"]]


def subjects(found: Graph, role: str) -> dict[str, Any]:
    """The conditions under which a role is taken on."""
    (statement,) = named(found, "aws_iam_role", role).body["assume_role_policy"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    return dict(statement["Condition"])


# -- the way of a version ----------------------------------------------------------------------------------------------


def stages(text: str, environment: str | None = None) -> list[tuple[str, bool, bool]]:
    """Every stage: its name, whether somebody has to agree, whether versions are promoted to it."""
    described = platform(text, environment)
    delivery = described.components["delivery"]
    assert isinstance(delivery, Delivery)
    found = delivery.stages(Scope(described, "delivery", described.region))
    return [(stage.name, stage.approval, stage.chained) for stage in found]


def test_the_default_environment_comes_last_and_waits() -> None:
    """Where nothing is said, versions go through the others first, and a person lets them into the default one."""
    assert stages(THREE + WHERE) == [
        ("development", False, True),
        ("staging", False, True),
        ("production", True, True),
    ]


def test_an_environment_may_lie_beside_the_way() -> None:
    """No version is promoted to an environment that the way does not name."""
    said = WHERE.replace("images", "promotes: [development, production], images")
    assert stages(THREE + said)[-1] == ("staging", False, False)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("promotes: [elsewhere]", "there is no such environment"),
        ("approval: [elsewhere]", "no version is promoted there"),
        ("promotes: [production, production]", "twice"),
        ("repository: https://gitlab.example/a/b", "not on github.com"),
    ],
)
def test_what_does_not_fit_is_refused(said: str, message: str) -> None:
    """A way that leads nowhere is a mistake in the description, not in a pipeline at night."""
    text = f"delivery: {{repository: https://github.com/shop/shop, {said}}}\n"
    if said.startswith("repository"):
        text = f"delivery: {{{said}}}\n"
    with pytest.raises(InputError, match=message):
        at("production", text)


# -- Argo CD -----------------------------------------------------------------------------------------------------------


def test_production_never_syncs_by_itself() -> None:
    """Production's applications have no automated sync, and their projects let nobody but a person through."""
    found = at("production")
    for name in ("shop", "shop-platform"):
        assert "automated" not in spec(found, "Application", name)["syncPolicy"]
        (window,) = spec(found, "AppProject", name)["syncWindows"]
        assert (window["kind"], window["manualSync"], window["applications"]) == ("deny", True, [name])
    facts = facts_of(found)
    ours = [sync for sync in facts.all(Syncs) if sync.repository == "https://github.com/shop/shop"]
    assert len(ours) == 2
    assert not any(sync.automated for sync in ours)
    assert {held.of for held in facts.all(Withholds)} == {sync.project for sync in ours}


def test_before_production_it_follows_the_branch() -> None:
    """Elsewhere every commit is applied, what is gone is pruned, and nothing stands in the way."""
    found = at("development")
    assert spec(found, "Application", "shop")["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert "syncWindows" not in spec(found, "AppProject", "shop")
    assert spec(found, "Application", "shop")["source"]["path"] == "deployed/development/shop"


def test_replicas_of_an_autoscaler_are_left_alone_and_nothing_else() -> None:
    """What an autoscaler sets is ignored, by every sync too; of a service of a fixed number nothing is."""
    said = spec(graph(WHERE + SERVICE), "Application", "shop")
    assert said["ignoreDifferences"] == [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]
    assert "RespectIgnoreDifferences=true" in said["syncPolicy"]["syncOptions"]
    fixed = SERVICE.replace("{replicas: 2..4, cpu: 70 %}", "{replicas: 2}")
    plain = spec(graph(WHERE + fixed), "Application", "shop")
    assert "ignoreDifferences" not in plain
    assert "RespectIgnoreDifferences=true" not in plain["syncPolicy"]["syncOptions"]


def test_one_of_two_is_named() -> None:
    """Where only some workloads of a kind have an autoscaler, the others' replicas are the repository's."""
    both = SERVICE.replace("}}\n", "}, fixed: {kind: service, image: fixed, port: 8081, scale: {replicas: 2}}}\n")
    (difference,) = spec(graph(WHERE + both), "Application", "shop")["ignoreDifferences"]
    assert (difference["name"], difference["namespace"]) == ("cart", "shop")


def test_a_project_allows_what_there_is() -> None:
    """Every object fits its project: repository, namespace and kind; and a project allows nothing else."""
    found = expand(platform(SPACES))
    from seawall.components.applications import application_of, applications

    described = platform(SPACES)
    delivery = described.components["delivery"]
    assert isinstance(delivery, Delivery)
    known = applications(Scope(described, "delivery", described.region), delivery)
    used: dict[str, set[tuple[str, str]]] = {}
    for resource in found:
        if not resource.is_kubernetes:
            continue
        project = spec(found, "AppProject", application_of(known, resource.body).project)
        namespace = resource.body["metadata"].get("namespace", "")
        group = resource.body["apiVersion"].rpartition("/")[0]
        field = "namespaceResourceWhitelist" if namespace else "clusterResourceWhitelist"
        assert {"group": group, "kind": resource.body["kind"]} in project[field]
        if namespace:
            assert namespace in {place["namespace"] for place in project["destinations"]}
        used.setdefault(application_of(known, resource.body).project, set()).add((group, resource.body["kind"]))
    for name, kinds in used.items():
        project = spec(found, "AppProject", name)
        allowed = [*project["namespaceResourceWhitelist"], *project["clusterResourceWhitelist"]]
        assert {(one["group"], one["kind"]) for one in allowed} == kinds
        assert project["sourceRepos"] == ["https://github.com/shop/shop"]


def test_stages_of_one_cluster_come_from_one_set() -> None:
    """Each service of each stage is an application of its own, and only those of the stage that waits, wait."""
    found = expand(platform(SPACES))
    syncs = {sync.of.rpartition("/")[2]: sync for sync in facts_of(found).all(Syncs) if "deployed/" in sync.path}
    assert set(syncs) == {"dev-cart", "prod-cart", "shop", "shop-platform"}
    assert {name for name, sync in syncs.items() if sync.automated} == {"dev-cart"}
    assert syncs["prod-cart"].environment == "prod"
    assert syncs["prod-cart"].ignores == (("Deployment", "/spec/replicas"),)
    (window,) = spec(found, "AppProject", "shop")["syncWindows"]
    assert window["applications"] == ["prod-cart", "shop"]


def test_a_private_repository_is_asked_as_somebody() -> None:
    """The key lies in Secrets Manager, nowhere in a body, and comes into Argo CD's namespace under its names."""
    found = graph(WHERE.replace("images", "private: true, images") + SERVICE)
    kept = named(found, "aws_secretsmanager_secret", "delivery")
    assert kept.body["name"] == "shop-production/delivery"
    secret = named(found, "external-secrets.io/v1/ExternalSecret", "repository").body
    assert secret["metadata"]["namespace"] == "argocd"
    labels = secret["spec"]["target"]["template"]["metadata"]["labels"]
    assert labels == {"argocd.argoproj.io/secret-type": "repository"}
    names = [one["secretKey"] for one in secret["spec"]["data"]]
    assert names == ["githubAppID", "githubAppInstallationID", "githubAppPrivateKey"]
    store = named(found, "external-secrets.io/v1/ClusterSecretStore", "aws-secrets-manager").body
    assert "argocd" in store["spec"]["conditions"][0]["namespaces"]
    assert not list(graph(WHERE + SERVICE).of_type("aws_secretsmanager_secret"))


# -- AWS ---------------------------------------------------------------------------------------------------------------


def test_trust_is_exact() -> None:
    """Each role asks for AWS's audience, for this repository, and for the one kind of job that it is for."""
    found = at("development")
    issuer = "token.actions.githubusercontent.com"
    for role, job in (("build", "ref:refs/heads/main"), ("deploy", "environment:development")):
        assert subjects(found, role) == {
            "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": [f"repo:shop/shop:{job}"]}
        }
    assert subjects(found, "plan")["StringEquals"][f"{issuer}:sub"] == ["repo:shop/shop:pull_request"]
    showing = subjects(at("production"), "show")
    assert showing["StringEquals"] == {f"{issuer}:aud": "sts.amazonaws.com"}
    assert showing["StringLike"] == {f"{issuer}:sub": ["repo:shop/shop:ref:refs/tags/*"]}
    assert not [one for one in found.of_type("aws_iam_role") if one.address.endswith(".show")]


def test_images_are_built_in_the_first_environment_alone() -> None:
    """Nothing but the first environment has a role that builds; the next may pull from it, and push to its own."""
    built = {name: [one for one in at(name).of_type("aws_iam_role") if one.address.endswith(".build")]
             for name in ("development", "staging", "production")}  # fmt: skip
    assert {name: len(found) for name, found in built.items()} == {"development": 1, "staging": 0, "production": 0}
    pulls = next(one for one in documents(at("staging"), "deploy_images") if one["Action"][0].startswith("ecr:BatchC"))
    assert [str(arn).rpartition(":")[2] for arn in pulls["Resource"]] == ["repository/shop-development/*"]


def test_a_plan_reads_no_values_and_writes_nothing() -> None:
    """The role of pull requests may describe, get and list; what hands out values is denied."""
    statements = documents(at("production"), "plan")
    allowed = [action for one in statements if one["Effect"] == "Allow" for action in one["Action"]]
    assert all(action.partition(":")[2].startswith(("Describe", "Get", "List")) for action in allowed)
    denied = [action for one in statements if one["Effect"] == "Deny" for action in one["Action"]]
    assert {"secretsmanager:GetSecretValue", "kms:Decrypt", "ecr:GetAuthorizationToken"} <= set(denied)
    objects = [one["Resource"] for one in statements if one["Action"] == ["s3:GetObject"]]
    assert objects == [["arn:aws:s3:::shop-terraform-state-ap-northeast-2/shop/production/*"]]


def test_a_release_reads_what_terraform_wrote_and_no_other_secret() -> None:
    """What is shown before somebody agrees is the whole plan; of values it may read those that Terraform made alone."""
    _, found = shipped("genai-demo", "production")
    statements = documents(found, "show")
    (denied,) = [one for one in statements if one["Action"] == ["secretsmanager:GetSecretValue"]]
    assert denied["Effect"] == "Deny"
    assert [str(arn).rpartition(":")[2] for arn in denied["NotResource"]] == [
        "genai-demo-production-genai-demo-db-??????",
        "genai-demo-production-genai-demo-db-password-??????",
    ]
    (denied,) = [one for one in documents(found, "plan") if one["Effect"] == "Deny"]
    assert {"secretsmanager:GetSecretValue", "kms:Decrypt"} <= set(denied["Action"])


def test_a_deployment_cannot_make_itself_more() -> None:
    """It may not change the roles of pipelines, become another, or attach what is not described."""
    statements = documents(at("production"), "deploy")
    denied = [one for one in statements if one["Effect"] == "Deny"]
    assert any("sts:AssumeRole" in one["Action"] for one in denied)
    own = next(one for one in denied if "iam:PutRolePolicy" in one["Action"])
    assert {str(arn).rpartition("/")[2] for arn in own["Resource"]} == {
        f"shop-production-{name}" for name in ("plan", "show", "build", "release", "deploy")
    }
    assert not any(
        action in ("*", "iam:*") for one in statements if one["Effect"] == "Allow" for action in one["Action"]
    )
    attach = next(one for one in statements if "iam:AttachRolePolicy" in one["Action"] and one["Effect"] == "Allow")
    assert not any("AdministratorAccess" in str(arn) for arn in attach["Condition"]["ArnLike"]["iam:PolicyARN"])


def test_states_of_other_environments_are_out_of_reach() -> None:
    """Environments share a bucket of states; a deployment of one writes its own alone."""
    written = [one["Resource"] for one in documents(at("development"), "deploy") if "s3:PutObject" in one["Action"]]
    assert written == [["arn:aws:s3:::shop-terraform-state-ap-northeast-2/shop/development/*"]]


def test_policies_fit() -> None:
    """All inline policies of a role have 10,240 characters together, without blanks (IAM quotas)."""
    for name in reference_platforms():
        _, found = shipped(name)
        sizes: dict[str, int] = {}
        for one in found.of_type("aws_iam_role_policy"):
            if "/delivery:" in one.address or one.body["name"].endswith(
                ("-services", "-identities", "-images", "-look")
            ):
                spelled = json.dumps(one.body["policy"], default=str, separators=(",", ":"))
                sizes[str(one.body["role"])] = sizes.get(str(one.body["role"]), 0) + len(spelled)
        assert sizes
        assert max(sizes.values()) < 10_240, sizes


def test_one_environment_makes_the_account_s_provider() -> None:
    """An account has one provider of an issuer: the default environment makes it, the others know its ARN."""
    type = "aws_iam_openid_connect_provider"
    made = {name: len(list(at(name).of_type(type))) for name in ("development", "staging", "production")}
    assert made == {"development": 0, "staging": 0, "production": 1}
    shared = WHERE.replace("images", "provider: shared, images") + SERVICE
    assert not list(at("production", shared).of_type(type))


def test_a_stage_that_nobody_waits_for_applies_nothing() -> None:
    """Of two stages of one environment only the one that waits applies Terraform; the other has versions rolled out."""
    found = expand(platform(SPACES))
    sub = "token.actions.githubusercontent.com:sub"
    assert subjects(found, "deploy")["StringEquals"][sub] == ["repo:shop/shop:environment:prod"]
    assert subjects(found, "release")["StringEquals"][sub] == ["repo:shop/shop:environment:dev"]
    entries = [one.body["kubernetes_groups"] for one in found.of_type("aws_eks_access_entry")]
    assert entries.count(["delivery"]) == 2


def test_jenkins_alone_needs_no_provider() -> None:
    """Where no workflow of the code host runs, AWS trusts none of its tokens."""
    found = graph(WHERE.replace("images", "pipelines: [jenkins], images") + SERVICE)
    assert not list(found.of_type("aws_iam_openid_connect_provider"))


def test_every_service_of_the_platforms_is_known() -> None:
    """What IAM calls a service is looked up, never guessed from a resource's name."""
    from seawall.knowledge.aws_services import service

    for name in reference_platforms():
        _, found = shipped(name)
        types = {one.type.removeprefix("data.").removeprefix("ephemeral.") for one in found}
        assert not {type for type in types if type.startswith("aws_") and service(type) is None}


def _jobs(found: Graph) -> Iterator[tuple[str, str]]:
    """Every role that a job of a workflow takes on, by its name, with the subject that the job's token then has."""
    for resource in found.of_type("file/github-workflow"):
        workflow = yaml.safe_load(resource.body["text"])
        events = workflow["on"]
        for job in workflow["jobs"].values():
            for step in job.get("steps", ()):
                role = step.get("with", {}).get("role-to-assume")
                if role is None:
                    continue
                roles = [role]
                if "matrix." in role:
                    roles = [one["role"] for one in job["strategy"]["matrix"]["include"]]
                if environment := job.get("environment"):
                    subject = f"environment:{environment}"
                elif "pull_request" in events:
                    subject = "pull_request"
                elif "push" in events:
                    subject = f"ref:refs/heads/{events['push']['branches'][0]}"
                else:
                    subject = "ref:refs/tags/v1"
                yield from ((name.rpartition("/")[2], subject) for name in roles)


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_every_job_may_take_on_the_role_that_it_asks_for(name: str) -> None:
    """What a workflow's token says of itself is what its role asks for, and no job asks for one that is not there."""
    described, first = shipped(name)
    assert described is not None
    trusted: dict[str, list[str]] = {}
    for environment in described.document.data["environments"]:
        _, found = shipped(name, environment)
        for role in found.of_type("aws_iam_role"):
            (statement,) = role.body["assume_role_policy"]["Statement"]
            if statement["Action"] == "sts:AssumeRoleWithWebIdentity":
                said = (key for test in statement["Condition"].values() for key in test.items())
                trusted[role.body["name"]] = next(list(value) for key, value in said if key.endswith(":sub"))
    delivery = described.components["delivery"]
    assert isinstance(delivery, Delivery)
    jobs = list(_jobs(first))
    assert len(jobs) > 3
    for role, subject in jobs:
        assert any(fnmatchcase(f"repo:{delivery.slug}:{subject}", pattern) for pattern in trusted[role]), (
            role,
            subject,
        )


def test_each_cluster_watches_its_own_folder() -> None:
    """Argo CD runs in each cluster of an environment, so that one that is alone can still be changed."""
    _, found = shipped("genai-demo", "production")
    ours = [sync for sync in facts_of(found).all(Syncs) if sync.path.startswith("deployed/")]
    by_cluster = {sync.of.partition("/")[0]: sync.path for sync in ours if sync.of.endswith("/genai-demo")}
    assert by_cluster == {
        "genai-demo-production": "deployed/production/genai-demo-production/genai-demo",
        "genai-demo-production-tokyo": "deployed/production/genai-demo-production-tokyo/genai-demo",
    }
    assert all(sync.destination.startswith(sync.of.partition("/")[0] + "/") for sync in ours)
