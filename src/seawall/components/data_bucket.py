"""A bucket for an application's own objects: encrypted with its own key, versioned, tiered, copied, served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from seawall.components.buckets import bucket
from seawall.components.component import Expandable
from seawall.components.edge.distribution import arn_of
from seawall.components.keys import key, key_policy
from seawall.components.offer import Offer, Right
from seawall.components.paths import known_readers
from seawall.components.policy import allow, calls, document, trust
from seawall.components.scope import Scope
from seawall.components.serving import Serving
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual, text
from seawall.model.fields import Duration, Frame, HostName, Name, UrlPath

SMALLEST_MOVE = 30
"""Days that an object has to lie in Standard before a rule may move it to Standard-IA.

Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle", read 2026-11-21.
"""

_STAGES = {"to_infrequent_access": "STANDARD_IA", "to_glacier_instant": "GLACIER_IR", "to_glacier": "GLACIER"}
"""What the description calls them -> S3's storage class, in the order in which an object can pass through them."""


class Lifecycle(Frame):
    """What becomes of objects as they grow old; each of them counts from when an object was written."""

    to_infrequent_access: Duration | None = None
    """Cheaper to keep, dearer to read: 30 days at the least."""
    to_glacier_instant: Duration | None = None
    """Cheaper still to keep and dearer to read, at once as ever: for what is served and hardly ever looked at."""
    to_glacier: Duration | None = None
    """The cheapest; an object has to be asked for, and comes hours later."""
    intelligent_tiering: bool = False
    """S3 itself watches what is read and keeps the rest for less; everything stays at hand."""
    archive_after: Duration | None = None
    """With intelligent tiering: what nobody read for so long, 90 days at the least, has to be asked for hours ahead."""
    delete_after: Duration | None = None

    @model_validator(mode="after")
    def _sound(self) -> Lifecycle:
        steps = [(name, getattr(self, name)) for name in (*_STAGES, "delete_after") if getattr(self, name) is not None]
        if self.intelligent_tiering and any(name in _STAGES for name, _ in steps):
            raise ValueError(f"intelligent_tiering moves objects itself; leave out {steps[0][0]}")
        if self.archive_after is not None and not self.intelligent_tiering:
            raise ValueError("archive_after is a part of intelligent_tiering; set that, or say to_glacier")
        if self.archive_after is not None and not 90 <= self.archive_after.days <= 730:
            raise ValueError(f"archive_after is 90 to 730 days, not {self.archive_after}")
        if self.to_infrequent_access is not None and self.to_infrequent_access.days < SMALLEST_MOVE:
            raise ValueError(
                f"S3 moves to infrequent access after 30 days at the soonest, not {self.to_infrequent_access}"
            )
        for (name, age), (later, after) in pairwise(steps):
            least = age.days + (SMALLEST_MOVE if name == "to_infrequent_access" and later != "delete_after" else 0)
            if after.days < least or after.days == age.days:
                raise ValueError(f"{later} ({after}) comes too soon after {name} ({age})")
        return self

    @property
    def moves(self) -> list[tuple[int, str]]:
        """After how many days objects go to which storage class."""
        if self.intelligent_tiering:
            return [(0, "INTELLIGENT_TIERING")]
        stages = ((getattr(self, name), storage) for name, storage in _STAGES.items())
        return [(round(age.days), storage) for age, storage in stages if age is not None]

    @property
    def at_hand(self) -> bool:
        """Whether every object can be read at once, whatever its age."""
        return self.to_glacier is None and self.archive_after is None


class Serve(Frame):
    """Where the world reads the objects, through CloudFront and nothing else: ``/images/*`` of a host."""

    host: HostName
    """A host that a service exposes."""
    path: UrlPath
    """The objects' own names begin so: ``/images/a.png`` is the object ``images/a.png``."""
    cached_for: Duration = units.Duration(86400)
    """How long an answer is kept, unless the object's own Cache-Control says otherwise."""

    @model_validator(mode="after")
    def _narrow(self) -> Serve:
        if self.path in ("/", "/*"):
            raise ValueError("this path is everything that the host serves; name a folder, such as /images/*")
        return self


class DataBucket(Expandable):
    """A bucket of an application: whoever needs it may read and write its objects, or only read them."""

    stack: ClassVar[str] = "data"

    kind: Literal["bucket"]
    lifecycle: Lifecycle = Lifecycle()
    versions: Duration | None = units.Duration(30 * 86400)
    """For how long what was overwritten or deleted can still be had; null keeps none."""
    readers: tuple[Name, ...] = ()
    """Those of its consumers that only read; the others write and delete, too."""
    serve: Serve | None = None
    logs_to: Name | None = None
    """The bucket of this platform that takes a record of each request."""
    copy_to_sites: bool = False
    """Whether every object is copied to the same bucket at each further site, most of them within 15 minutes."""
    protected: bool = True
    """Whether it refuses to be deleted while it holds anything."""

    @model_validator(mode="after")
    def _sound(self) -> DataBucket:
        if self.serve is not None and not self.lifecycle.at_hand:
            raise ValueError(
                "it is served to the world, and what is archived is refused until somebody has asked for it; "
                "say to_glacier_instant"
            )
        if self.copy_to_sites and self.versions is None:
            raise ValueError("S3 copies versions: with copy_to_sites there have to be `versions`")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def bucket_name(self, scope: Scope) -> str:
        """Its name in S3."""
        return scope.global_name(scope.name)

    def domain(self, scope: Scope) -> str:
        """The host name under which its own region answers for it."""
        return f"{self.bucket_name(scope)}.s3.{scope.region}.amazonaws.com"

    def arn(self, scope: Scope) -> Ref:
        """Its ARN."""
        return scope.ref("aws_s3_bucket", scope.identifier, "arn")

    def offer(self, scope: Scope) -> Offer:
        """Its name and region, and the right to its objects; it has no door, for its API is reached from anywhere."""
        return self._offer(scope, writes=True)

    def offer_to(self, scope: Scope, consumer: str) -> Offer:
        """The same, without what changes anything for those that only read."""
        return self._offer(scope, writes=consumer not in self.readers)

    def _offer(self, scope: Scope, *, writes: bool) -> Offer:
        arn = self.arn(scope)
        objects = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
        rights = [
            Right(("s3:ListBucket",), (arn,)),
            Right(objects if writes else objects[:1], (text(arn, "/*"),)),
        ]
        if self.has_own_key(scope):
            # Only through S3: whoever may read the objects gets no use of the key for anything else.
            via = ("StringEquals", "kms:ViaService", (f"s3.{scope.region}.amazonaws.com",))
            actions = ("kms:Decrypt", "kms:GenerateDataKey") if writes else ("kms:Decrypt",)
            rights.append(Right(actions, (scope.ref("aws_kms_key", scope.identifier, "arn"),), (via,)))
        target = scope.address("aws_s3_bucket", scope.identifier)
        return Offer(scope.name, target, "aws", scope.region, 443, name=self.bucket_name(scope), rights=tuple(rights))

    def serves(self, scope: Scope) -> Iterator[Serving]:
        """What CloudFront serves of it: home's, and its copies where that one fails."""
        if self.serve is None or not scope.is_home:
            return
        here = scope.ref("aws_s3_bucket", scope.identifier, "bucket_regional_domain_name")
        # CloudFront must not wait for the sites, whose buckets wait for it.
        copies = [self.domain(site) for site in scope.sites.values()] if self.copy_to_sites else []
        serve = self.serve
        yield Serving(scope.identifier, serve.host, serve.path, (here, *copies), serve.cached_for)

    def has_own_key(self, scope: Scope) -> bool:
        """Whether its own key encrypts it: S3 cannot write its logs to a bucket of which another's key does."""
        return not self._logged_here(scope)

    def _logged_here(self, scope: Scope) -> list[str]:
        return [name for name, other in scope.every(DataBucket).items() if other.logs_to == scope.name]

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Key, bucket, what tiers it, its logs, its policy, and what copies it from home."""
        self._known(scope)
        name = scope.identifier
        served = self.serve is not None
        yield scope.lookup("aws_caller_identity", name, {})
        account = scope.ref("data.aws_caller_identity", name, "account_id")
        encrypting = None
        # A policy that names a distribution lies in the stack of the edge, which comes after the bucket's.
        above = scope.at("edge").stack() if served and "edge" in scope.platform.components else None
        reading = [_by_distribution(self._distribution(scope), self.arn(scope))] if served else []
        if self.has_own_key(scope):
            decrypting = [_decrypt_by_distribution(self._distribution(scope))] if served else []
            purpose = f"Objects of the bucket {self.bucket_name(scope)}"
            yield from key(
                scope, name, account=account, called=scope.full_name, purpose=purpose,
                statements=tuple(decrypting), policy_apart=above is not None,
            )  # fmt: skip
            encrypting = scope.ref("aws_kms_key", name, "arn")
            if above is not None:
                stated = {
                    "key_id": scope.ref("aws_kms_key", name, "key_id"),
                    "policy": key_policy(account, *decrypting),
                }
                yield scope.aws("aws_kms_key_policy", name, stated, stack=above)
        logging = [self.bucket_name(scope.at(other)) for other in self._logged_here(scope)]
        taking = [_by_logging(account, self.arn(scope), logging)] if logging else []
        deleted = self.lifecycle.delete_after
        yield from bucket(
            scope,
            name,
            purpose=scope.name,
            statements=[*reading, *taking],
            expires_after=round(deleted.days) if deleted is not None else None,
            versions=round(self.versions.days) if self.versions is not None else None,
            emptied=not self.protected,
            key=encrypting,
            moves=self.lifecycle.moves,
            policy_stack=above,
        )
        yield from self._tiers(scope)
        if self.logs_to is not None:
            target = scope.at(self.logs_to)
            body = {
                "bucket": scope.ref("aws_s3_bucket", name, "id"),
                "target_bucket": target.ref("aws_s3_bucket", target.identifier, "id"),
                "target_prefix": f"{scope.name}/",
            }
            allowed = target.address("aws_s3_bucket_policy", target.identifier)
            yield scope.aws("aws_s3_bucket_logging", name, body, depends_on=[allowed])
        # At the last site, so that further stacks wait for home's and never the other way round.
        if self.copy_to_sites and scope.platform.site == next(reversed(scope.sites), None):
            yield from self._copies(scope)

    def _known(self, scope: Scope) -> None:
        known_readers(scope, self.readers)
        if self.logs_to is not None and (self.logs_to == scope.name or self.logs_to not in scope.every(DataBucket)):
            raise InputError(
                f"{scope.name} logs to {self.logs_to}, which is no other bucket of this platform",
                fix=f"add `{self.logs_to}: {{kind: bucket, lifecycle: {{delete_after: 30 d}}}}` to the components",
                origin=scope.origin,
            )
        if self.serve is not None and self._logged_here(scope):
            raise InputError(
                f"{scope.name} is served to the world and takes the logs of {self._logged_here(scope)[0]}",
                fix="let another bucket take the logs",
                origin=scope.origin,
            )

    def _distribution(self, scope: Scope) -> Ref:
        assert self.serve is not None
        return arn_of(scope.home, self.serve.host)

    def _tiers(self, scope: Scope) -> Iterator[Resource]:
        if self.lifecycle.archive_after is None:
            return
        body = {
            "bucket": scope.ref("aws_s3_bucket", scope.identifier, "id"),
            "name": "unread",
            "tiering": [{"access_tier": "ARCHIVE_ACCESS", "days": round(self.lifecycle.archive_after.days)}],
        }
        yield scope.aws("aws_s3_bucket_intelligent_tiering_configuration", scope.identifier, body)

    # -- copies ----------------------------------------------------------------------------------------------------

    def _copies(self, scope: Scope) -> Iterator[Resource | Demand]:
        """What makes S3 copy from home to every site; written down at a site, and in force at home."""
        home, sites = scope.home, scope.sites
        name = f"{scope.identifier}_copies"
        called = f"{scope.home.full_name}-copies"
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        ours = {"StringEquals": {"aws:SourceAccount": account}}
        role = {
            "name": called,
            "description": f"What S3 does to copy {self.bucket_name(home)} to other regions",
            "assume_role_policy": trust("s3.amazonaws.com", ours),
        }
        yield scope.aws("aws_iam_role", name, role, called=called)
        rights = {
            "name": called,
            "role": scope.ref("aws_iam_role", name, "name"),
            "policy": document(*_copying(self, home, list(sites.values()))),
        }
        yield scope.aws("aws_iam_role_policy", name, rights)
        body = {
            "bucket": home.ref("aws_s3_bucket", home.identifier, "id"),
            "role": scope.ref("aws_iam_role", name, "arn"),
            "rule": [self._copied(site, number) for number, site in enumerate(sites.values(), 1)],
        }
        if self.has_own_key(home):
            # Which key home's objects are under is said of the bucket, not of its copying.
            via = ("StringEquals", "kms:ViaService", (f"s3.{home.region}.amazonaws.com",))
            reading = (Right(("kms:Decrypt",), (home.ref("aws_kms_key", home.identifier, "arn"),), (via,)),)
            it = scope.address("aws_s3_bucket_replication_configuration", scope.identifier)
            yield from calls(it, reading, f"{scope.origin} copies")
        before = [
            scope.address("aws_iam_role_policy", name),
            scope.address("aws_s3_bucket_versioning", scope.identifier),
        ]
        yield scope.aws(
            "aws_s3_bucket_replication_configuration", scope.identifier, body, region=home.region, depends_on=before
        )

    def _copied(self, site: Scope, priority: int) -> dict[str, Any]:
        destination: dict[str, Any] = {
            "bucket": self.arn(site),
            # Within 15 minutes, by S3's own agreement, and with the metrics that tell.
            "metrics": [{"status": "Enabled", "event_threshold": [{"minutes": 15}]}],
            "replication_time": [{"status": "Enabled", "time": [{"minutes": 15}]}],
        }
        rule: dict[str, Any] = {
            "id": site.platform.site,
            "priority": priority,
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            # What was deleted at home is deleted in the copy; both keep its versions.
            "delete_marker_replication": [{"status": "Enabled"}],
        }
        if self.has_own_key(site):
            rule["source_selection_criteria"] = [{"sse_kms_encrypted_objects": [{"status": "Enabled"}]}]
            encrypting = site.ref("aws_kms_key", site.identifier, "arn")
            destination["encryption_configuration"] = [{"replica_kms_key_id": encrypting}]
        return rule | {"destination": [destination]}


def _copying(of: DataBucket, home: Scope, sites: list[Scope]) -> Iterator[Mapping[str, Any]]:
    source = of.arn(home)
    yield allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], [source])
    reading = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    yield allow(reading, [text(source, "/*")])
    writing = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    yield allow(writing, [text(of.arn(site), "/*") for site in sites])
    for action, scope in (("kms:Decrypt", home), *(("kms:Encrypt", site) for site in sites)):
        if of.has_own_key(scope):
            via = {"StringEquals": {"kms:ViaService": f"s3.{scope.region}.amazonaws.com"}}
            yield allow([action], [scope.ref("aws_kms_key", scope.identifier, "arn")], via)


def _by_distribution(distribution: Ref, arn: Ref) -> dict[str, Any]:
    return {
        "Sid": "ReadByDistribution",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": text(arn, "/*"),
        "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
    }


def _decrypt_by_distribution(distribution: Ref) -> dict[str, Any]:
    # AWS, "Restrict access to an Amazon S3 origin": SSE-KMS; to read it is enough to decrypt.
    return {
        "Sid": "DecryptByDistribution",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": distribution}},
    }


def _by_logging(account: Textual, arn: Ref, buckets: list[str]) -> dict[str, Any]:
    return {
        "Sid": "LogsByBuckets",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": text(arn, "/*"),
        "Condition": {
            "ArnLike": {"aws:SourceArn": [f"arn:aws:s3:::{bucket}" for bucket in buckets]},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
