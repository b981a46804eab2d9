"""Who pipelines are in AWS: the code host's tokens, taken for one repository, and a role for each thing that they do.

What a token says of itself: docs.github.com, "OpenID Connect reference", read 2026-11-21: ``aud`` as asked for, ``sub``
``repo:OWNER/NAME:`` and then ``pull_request``, ``ref:REF`` or, of a job that names an environment,
``environment:NAME``. Which of them may be approved, and from which branches, that environment says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seawall.components import applications
from seawall.components.cluster import Cluster
from seawall.components.offer import Right
from seawall.components.policy import allow, calls, document, granting
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, text
from seawall.knowledge.aws_services import service

if TYPE_CHECKING:
    from seawall.components.delivery import Delivery, Stage

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
HOURS_TO_DEPLOY = 2
"""How long a deploying pipeline stays who it is: a database of several zones alone can take most of an hour."""

# Services whose actions are narrowed further than by region, each below.
_NARROWED = frozenset({"iam", "sts", "s3", "ecr"})
# Services that answer for every region in these alone (AWS General Reference, "Amazon Q Developer in chat applications
# endpoints and quotas", read 2026-11-21).
_ELSEWHERE = {"chatbot": ("ap-southeast-1", "eu-west-1", "us-east-2", "us-west-2")}
# Actions of reading that hand out what is kept rather than how it is kept.
_VALUES = (
    "athena:GetQueryResults*",
    "ec2:GetConsole*",
    "ec2:GetPasswordData",
    "ecr:GetAuthorizationToken",
    "kms:Decrypt",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
)
# What looking is called where it is neither Describe, nor Get, nor List.
_LOOKED_AT_OTHERWISE = {"budgets": ("budgets:View*",), "states": ("states:ValidateStateMachineDefinition",)}
_ROLES = (
    *(f"iam:{verb}Role" for verb in ("Create", "Delete", "Tag", "Untag", "Update")),
    "iam:UpdateRoleDescription",
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
)
_POLICIES = (
    *(f"iam:{verb}Policy" for verb in ("Create", "Delete", "Tag", "Untag")),
    "iam:CreatePolicyVersion",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)
_PROFILES = (
    *(f"iam:{verb}InstanceProfile" for verb in ("Create", "Delete", "Tag", "Untag")),
    "iam:AddRoleToInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
)
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages")
_PUSH = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage")


@dataclass(frozen=True, slots=True)
class _Place:
    """An environment in its account: what its names begin with, and what it comes to."""

    scope: Scope
    account: Textual
    made: Sequence[Resource]

    def arn(self, service: str, path: str, region: str = "*") -> Textual:
        return text(f"arn:aws:{service}:{region}:", self.account, f":{path}")

    def role(self, name: str) -> Textual:
        return self.arn("iam", f"role/{name}", "")

    @property
    def regions(self) -> list[str]:
        """Where requests may go: wherever something is, and us-east-1 for services that are the world's."""
        there = {str(one.region) for one in self.made if one.region and service(one.type) is not None}
        answering = {region for name in self.services for region in _ELSEWHERE.get(name, ())}
        return sorted({*self.scope.platform.regions, *there, *answering, "us-east-1"})

    @property
    def services(self) -> list[str]:
        """The services that the description comes to, by the word that their actions begin with."""
        return sorted({known for one in self.made if (known := service(one.type)) is not None})

    @property
    def state_buckets(self) -> list[str]:
        prefix = self.scope.platform.prefix or self.scope.platform.name
        return [f"arn:aws:s3:::{prefix}-terraform-state-{region}" for region in self.scope.platform.regions]

    @property
    def states(self) -> list[str]:
        """The states of this environment, with their locks and the journal: other environments' lie beside them."""
        platform = self.scope.platform
        return [f"{bucket}/{platform.name}/{platform.environment}/*" for bucket in self.state_buckets]


def roles(scope: Scope, delivery: Delivery, made: Sequence[Resource]) -> Iterator[Resource | Demand]:
    """At home the provider and the roles; in every cluster the entry of those that have applications synced."""
    if scope.is_home:
        if not delivery.private:  # what keeps a private repository's key asks for the account, too
            yield scope.lookup("aws_caller_identity", scope.identifier, {})
        place = _Place(scope, scope.ref("data.aws_caller_identity", scope.identifier, "account_id"), made)
        yield from _provider(scope, delivery)
        yield from _plan(place, delivery)
        if any(stage.approval for stage in delivery.stages_here(scope)):
            yield from _show(place, delivery)
        stages = delivery.stages(scope)
        if stages[0].chained and stages[0].environment == scope.platform.environment and delivery.images:
            yield from _build(place, delivery)
        yield from _deploy(place, delivery)
    for name in _syncing(scope, delivery):
        entry = {
            "cluster_name": scope.the(Cluster).name_ref(scope),
            "principal_arn": scope.home.ref("aws_iam_role", name, "arn"),
            "type": "STANDARD",
            "kubernetes_groups": [applications.GROUP],
        }
        yield scope.aws("aws_eks_access_entry", name, entry)


def _applying(stages: Sequence[Stage]) -> list[Stage]:
    """The stages with which Terraform is applied: where a person has to agree to one, that one."""
    return [stage for stage in stages if stage.approval] or list(stages)


def _syncing(scope: Scope, delivery: Delivery) -> list[str]:
    stages = delivery.stages_here(scope)
    return ["deploy", *(["release"] if len(_applying(stages)) < len(stages) else [])]


def _provider(scope: Scope, delivery: Delivery) -> Iterator[Resource]:
    if not delivery.makes_provider(scope):
        return
    body = {"url": f"https://{ISSUER}", "client_id_list": [AUDIENCE]}
    yield scope.aws("aws_iam_openid_connect_provider", "github", body, called=ISSUER)


def _trust(place: _Place, delivery: Delivery, subjects: Sequence[str]) -> dict[str, Any]:
    """Tokens of this repository alone, for AWS, of jobs of these kinds."""
    name = f"oidc-provider/{ISSUER}"
    made = delivery.makes_provider(place.scope)
    arn = place.scope.ref("aws_iam_openid_connect_provider", "github", "arn") if made else place.arn("iam", name, "")
    exact = [f"repo:{delivery.slug}:{subject}" for subject in subjects if "*" not in subject]
    like = [f"repo:{delivery.slug}:{subject}" for subject in subjects]
    test = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": exact}}
    if len(exact) < len(subjects):
        test = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE}, "StringLike": {f"{ISSUER}:sub": like}}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": test,
        }
    )


def _role(
    place: _Place,
    name: str,
    purpose: str,
    trust: Mapping[str, Any],
    policies: Mapping[str, Sequence[Mapping[str, Any]]],
    hours: int = 1,
) -> Iterator[Resource]:
    scope = place.scope
    role_name = f"{scope.title}-{name}"
    body = {
        "name": role_name,
        "description": purpose,
        "assume_role_policy": trust,
        "max_session_duration": hours * 3600,
    }
    yield scope.aws("aws_iam_role", name, body, called=role_name)
    for policy, statements in policies.items():
        attached = {
            "name": f"{role_name}-{policy}",
            "role": scope.ref("aws_iam_role", name, "name"),
            "policy": document(*statements),
        }
        yield scope.aws("aws_iam_role_policy", f"{name}_{policy}", attached)


# -- looking -----------------------------------------------------------------------------------------------------------


def _plan(place: _Place, delivery: Delivery) -> Iterator[Resource]:
    """Sees how everything is set up and what the states say; no value of a secret, no record, nothing to write."""
    trust = _trust(place, delivery, ("pull_request",))
    purpose = "What a pull request may look at, to say what it would change"
    yield from _role(place, "plan", purpose, trust, {"look": _look(place)})


def _show(place: _Place, delivery: Delivery) -> Iterator[Resource]:
    """What a release shows before somebody agrees: the whole plan, so also of what Terraform reads of secrets."""
    trust = _trust(place, delivery, ("ref:refs/tags/*",))
    purpose = "What a release may look at, to say what it would change"
    policies = {"look": _look(place, _secrets(place))}
    yield from _role(place, "show", purpose, trust, policies)


def _secrets(place: _Place) -> list[Textual]:
    """The secrets whose values Terraform itself has written: it reads them to see whether they still are."""
    names = {one.address: str(one.body["name"]) for one in place.made if one.type == "aws_secretsmanager_secret"}
    written = {
        names[ref.to]
        for one in place.made
        if one.type == "aws_secretsmanager_secret_version"
        and isinstance(ref := one.body.get("secret_id"), Ref)
        and ref.to in names
    }
    return [place.arn("secretsmanager", f"secret:{name}-??????") for name in sorted(written)]


def _look(place: _Place, secrets: Sequence[Textual] = ()) -> list[dict[str, Any]]:
    """What may be looked at; ``secrets`` are those whose values may, too."""
    verbs = ("Describe", "Get", "List")
    reading = [f"{name}:{verb}*" for name in place.services if name not in ("s3", "sts") for verb in verbs]
    reading += [action for name in place.services for action in _LOOKED_AT_OTHERWISE.get(name, ())]
    of_buckets = (
        "s3:GetAccelerateConfiguration",
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
    )
    denied: list[dict[str, Any]] = [{"Effect": "Deny", "Action": list(_VALUES), "Resource": ["*"]}]
    if secrets:
        of_secrets = ("secretsmanager:GetSecretValue", "kms:Decrypt")
        rest = [action for action in _VALUES if action not in of_secrets]
        through = {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}}
        denied = [
            {"Effect": "Deny", "Action": rest, "Resource": ["*"]},
            {"Effect": "Deny", "Action": [of_secrets[0]], "NotResource": list(secrets)},
            allow([of_secrets[1]], [place.arn("kms", "key/*")], through),
        ]
    return [
        allow(reading, ["*"], {"StringEquals": {"aws:RequestedRegion": place.regions}}),
        *denied,
        allow(of_buckets, [*place.state_buckets, *_buckets(place)]),
        allow(["s3:GetObject"], place.states),
        *([allow(["s3:GetObject", "s3:GetObjectTagging"], kept)] if (kept := _kept(place)) else ()),
    ]


def _kept(place: _Place) -> list[str]:
    """The objects that Terraform itself has written: it looks whether they still are as they were."""
    names = {one.address: str(one.body["bucket"]) for one in place.made if one.type == "aws_s3_bucket"}
    written = {
        (names[ref.to], str(one.body["key"]))
        for one in place.made
        if one.type == "aws_s3_object" and isinstance(ref := one.body.get("bucket"), Ref) and ref.to in names
    }
    return [f"arn:aws:s3:::{bucket}/{key}" for bucket, key in sorted(written)]


def _buckets(place: _Place) -> list[str]:
    """The buckets of the environment, by what their names begin with."""
    prefix = "-".join(filter(None, (place.scope.platform.prefix, place.scope.title)))
    return [f"arn:aws:s3:::{prefix}-*"]


# -- building ----------------------------------------------------------------------------------------------------------


def _build(place: _Place, delivery: Delivery) -> Iterator[Resource | Demand]:
    """Pushes images of the branch into the environment that versions begin in."""
    trust = _trust(place, delivery, (f"ref:refs/heads/{delivery.branch}",))
    title, region = place.scope.title, place.scope.region
    own = tuple(place.arn("ecr", f"repository/{title}/{name}", region) for name in delivery.images)
    # Nothing is pulled: a base image comes from elsewhere. Source: Amazon ECR User Guide, "Pushing an image".
    pushing = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", *_PUSH)
    rights = (Right(("ecr:GetAuthorizationToken",), ("*",)), Right(pushing, own))
    statements = [granting(right) for right in rights]
    yield from _role(place, "build", "What pushes the images of the branch", trust, {"push": statements})
    job = Address.file("repository/.github/workflows/development.yml").implied("build")
    yield from calls(job, rights, f"{place.scope.origin} pushes images")


# -- deploying ---------------------------------------------------------------------------------------------------------


def _deploy(place: _Place, delivery: Delivery) -> Iterator[Resource]:
    """Applies Terraform, takes images over, and has Argo CD sync; of other stages of the environment the last alone."""
    stages = delivery.stages_here(place.scope)
    applying = _applying(stages)
    trust = _trust(place, delivery, [f"environment:{stage.name}" for stage in applying])
    policies = {
        "services": _services(place),
        "identities": _identities(place),
        "images": _images(place, delivery),
    }
    purpose = f"What brings {place.scope.platform.environment} up to what is described"
    yield from _role(place, "deploy", purpose, trust, policies, HOURS_TO_DEPLOY)
    if others := [stage for stage in stages if stage not in applying]:
        trust = _trust(place, delivery, [f"environment:{stage.name}" for stage in others])
        purpose = "What has versions rolled out where nobody has to agree, and applies nothing"
        yield from _role(place, "release", purpose, trust, {"look": _look(place)})


def _services(place: _Place) -> list[dict[str, Any]]:
    here = {"StringEquals": {"aws:RequestedRegion": place.regions}}
    wide = [f"{name}:*" for name in place.services if name not in _NARROWED]
    buckets = _buckets(place)
    return [
        allow(wide, ["*"], here),
        allow(["s3:*"], [*buckets, *(f"{bucket}/*" for bucket in buckets)]),
        allow(["s3:ListBucket"], place.state_buckets),
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], place.states),
    ]


def _identities(place: _Place) -> list[dict[str, Any]]:
    """Roles of the platform's own names, with the managed policies that are described; none of a pipeline's own."""
    title = place.scope.title
    own = [place.role(f"{title}-*")]
    attached = sorted(
        {
            str(arn)
            for one in place.made
            if one.type == "aws_iam_role_policy_attachment" and str(arn := one.body["policy_arn"]).startswith("arn:")
        }
    )
    attachable: list[Textual] = [*attached, place.arn("iam", f"policy/{title}-*", "")]
    pipelines = [place.role(f"{title}-{name}") for name in ("plan", "show", "build", "release", "deploy")]
    seen = [
        "arn:aws:iam::aws:policy/*",
        place.role("aws-service-role/*"),
        *(place.arn("iam", f"{kind}/{title}-*", "") for kind in ("policy", "instance-profile")),
        place.arn("iam", f"oidc-provider/{ISSUER}", ""),
    ]
    passed = {"StringEquals": {"iam:PassedToService": _trusted(place)}}
    return [
        allow(["iam:Get*", "iam:List*"], [*own, *seen]),
        allow(_ROLES, own),
        allow(["iam:AttachRolePolicy", "iam:DetachRolePolicy"], own, {"ArnLike": {"iam:PolicyARN": attachable}}),
        allow(_POLICIES, [place.arn("iam", f"policy/{title}-*", "")]),
        allow(_PROFILES, [place.arn("iam", f"instance-profile/{title}-*", ""), *own]),
        allow(["iam:PassRole"], own, passed),
        allow(["iam:CreateServiceLinkedRole"], [place.role("aws-service-role/*")]),
        # Who may deploy, and as whom, is not for a deployment to change; nor may it become anybody else.
        {"Effect": "Deny", "Action": [*_ROLES, "iam:AttachRolePolicy", "iam:PassRole"], "Resource": pipelines},
        {"Effect": "Deny", "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], "Resource": ["*"]},
    ]


def _trusted(place: _Place) -> list[str]:
    """The services that roles of the description trust."""
    found: set[str] = set()
    for one in place.made:
        if one.type == "aws_iam_role":
            for statement in one.body["assume_role_policy"]["Statement"]:
                services = statement["Principal"].get("Service", ())
                found.update([services] if isinstance(services, str) else services)
    return sorted(found)


def _images(place: _Place, delivery: Delivery) -> list[dict[str, Any]]:
    """Its own repositories, and to pull what the stages before run: a version is built once, and copied by digest."""
    scope = place.scope
    before: list[str] = []
    for stage in delivery.stages(scope):
        if stage.environment == scope.platform.environment:
            break
        before.append(f"repository/{scope.platform.name}-{stage.environment}/*")
    own = [place.arn("ecr", f"repository/{title}/*") for title in (scope.title, f"{scope.title}-*")]
    statements = [allow(["ecr:GetAuthorizationToken"], ["*"]), allow(["ecr:*"], own)]
    if before and delivery.stages_here(scope)[0].chained:
        statements.append(allow(_PULL, [place.arn("ecr", path) for path in dict.fromkeys(before)]))
    return statements
