"""Recovery in another cloud: copies of databases as old as is allowed, and what they can be served from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components import agent, images
from seawall.components.alert import Alert
from seawall.components.alerting.copies import alerts as copies_alerts
from seawall.components.alerting.copies import unproven
from seawall.components.component import Expandable
from seawall.components.edge import names
from seawall.components.edge.edge import Edge
from seawall.components.network import Network
from seawall.components.offer import Door, Offer, Pods
from seawall.components.recovery import answers, copies, dump, files, page, standby, verification
from seawall.components.recovery.azure import STACK, Azure
from seawall.components.recovery.copies import BackupTarget
from seawall.components.recovery.dump import METRIC, NAMESPACE
from seawall.components.recovery.standby import Standby
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.components.workload import Digest, Tag
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Textual
from seawall.model.fields import Cidr, Duration, Frame, Image

Location = Annotated[str, Field(pattern=r"^[a-z]{4,20}[0-9]?$")]
ContainerName = Annotated[str, Field(pattern=r"^[a-z0-9](?:-?[a-z0-9]){2,62}$")]
TimeOfDay = Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")]
TokenIssuer = Annotated[str, Field(pattern=r"^https://[a-z0-9.-]{3,200}$")]


class Place(Frame):
    """The other cloud and its region."""

    azure: Location


class Recovery(Expandable):
    """Copies of databases in another cloud and, where the strategy says so, a standby that is restored from them.

    ``needs`` names the databases that pods of the cluster copy; a component that copies by itself (an instance with
    its own role) needs ``recovery`` instead, and asks ``backup_target``.
    """

    section: ClassVar[bool] = True
    stack: ClassVar[str] = STACK

    kind: Literal["recovery"]
    site: Place
    strategy: Literal["copies", "backup-and-restore"]
    """``copies`` keeps them; ``backup-and-restore`` also has a standby that restores each and can serve."""
    every: Duration = units.Duration(86400)
    """How old the newest copy may be."""
    at: TimeOfDay = "18:00"
    """When a copy is made, or the first of a day, UTC; by default at three in the morning in Seoul."""
    keep: Duration = units.Duration(30 * 86400)
    container: ContainerName = "db-backups"
    operators: tuple[Cidr, ...] = ()
    """Public ranges that Terraform and people come from; nobody else's address reaches the copies."""
    page: bool = False
    """Whether the maintenance page lies there too, as a public blob, so that it is shown even while S3 is away."""
    image: Image | None = None
    """The agent that copies, built from Seawall's own Dockerfile; where silent, `seawall-agent` of our registry."""
    tag: Tag = agent.TAG
    digest: Digest | None = None
    standby: Standby | None = None
    """What is restored and can serve; said exactly where the strategy is ``backup-and-restore``."""
    token_issuer: TokenIssuer | None = None
    """Who signs the tokens of this AWS account, where a role copies: the issuer that
    `aws iam enable-outbound-web-identity-federation` answers. A cluster's pods have the cluster's own."""

    @model_validator(mode="after")
    def _possible(self) -> Recovery:
        hours = self.every.seconds / 3600
        if hours not in (1, 2, 3, 4, 6, 8, 12, 24):
            raise ValueError(f"every is {self.every}; copies are made every 1, 2, 3, 4, 6, 8, 12 or 24 hours")
        if not 1 <= self.keep.days <= 3650:
            raise ValueError(f"copies are kept for 1 to 3650 days, not {self.keep}")
        if (self.standby is not None) != (self.strategy == "backup-and-restore"):
            said = "says nothing of `standby`" if self.standby is None else "says `standby`, which nothing restores"
            raise ValueError(f"the strategy is {self.strategy}, and recovery {said}")
        return self

    def azure(self, scope: Scope) -> Azure:
        """Azure's side of this component; it lies at home, whichever site asks."""
        home = scope.home
        return Azure(Scope(home.platform, "recovery", home.region), self.site.azure)

    # -- what others may know --------------------------------------------------------------------------------------

    def backup_target(self, scope: Scope) -> BackupTarget:
        """Where copies go, and what a writer's role needs to be let in."""
        return copies.target(self.azure(scope), self.container)

    def offer(self, scope: Scope) -> Offer:
        """The container, for whoever copies by itself: its role may ask who it is in Azure, and prove it."""
        azure, target = self.azure(scope), self.backup_target(scope)
        return Offer(
            scope.name,
            azure.address("azurerm_storage_container", "copies"),
            "http",
            f"{target.account}.blob.core.windows.net",
            443,
            (Door(443, ranges=("0.0.0.0/0",)),),
            name=target.container,
            tls=True,
            rights=(*target.rights, copies.token_right()),
        )

    def pods(self, scope: Scope) -> Pods | None:
        """The pods that copy what it needs."""
        return dump.pods(scope) if self.needs else None

    def keeps_page(self, scope: Scope) -> str:
        """The page's URL in Azure."""
        return page.url(self.azure(scope)) if self.page and scope.is_home else ""

    def stands_in(self, scope: Scope, host: str) -> bool:
        """Whether the standby serves that host."""
        return self.standby is not None and any(
            service.expose is not None and service.expose.host == host for service in files.served(scope).values()
        )

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """That copies are made: a copy that stopped months ago is found out on the worst day."""
        if self.standby is not None and scope.is_home:
            yield answers.watch(scope)
        if not self.needs or not scope.is_home:
            return
        hours = self._late
        yield Watch(
            "late",
            f"No copy has reached {self.site.azure} for {hours} hours. Look at the jobs that {scope.name} starts.",
            METRIC, NAMESPACE, (("Platform", scope.title),),
            "Sum", "<", 1, "breaching", period=3600, bad=hours, of=hours,
            first=(
                f"How its jobs ended: `kubectl -n {dump.pods(scope).namespace} get jobs -l "
                f"app.kubernetes.io/name={scope.name}` and `kubectl -n {dump.pods(scope).namespace} logs -l "
                f"app.kubernetes.io/name={scope.name} --tail 100`.",
                "No job at all: `kubectl -n "
                f"{dump.pods(scope).namespace} describe cronjob {scope.name}`; it may be suspended.",
                "Refused by the database or by Azure: its role, its federated credential or a password has changed; "
                "`seawall plan` shows it.",
                f"Copy at once, once that is mended: `kubectl -n {dump.pods(scope).namespace} create job "
                f"--from=cronjob/{scope.name} {scope.name}-now`; the alarm ends with the next copy.",
            ),
        )  # fmt: skip
        for need in self.needs:
            yield Watch(
                f"unproven-{need}" if len(self.needs) > 1 else "unproven",
                f"No copy of {need} has been proven to be whole for {hours} hours. What is there may be worth nothing.",
                verification.VERIFIED, NAMESPACE, (("Component", need), ("Platform", scope.title)),
                "Maximum", "<", 1, "breaching", period=3600, bad=hours, of=hours,
                first=self._unproven(scope),
            )  # fmt: skip

    def alerts(self, scope: Scope) -> Iterator[Alert]:
        """The same, as the cluster tells of the jobs."""
        if self.needs and scope.is_home:
            first = next(watch.first for watch in self.watches(scope) if watch.name == "late")
            yield from copies_alerts(scope.name, dump.pods(scope), self._late, first)
            yield from unproven(verification.name(scope), verification.pods(scope), self._late, self._unproven(scope))

    def _unproven(self, scope: Scope) -> tuple[str, ...]:
        """What to do where no copy was proven to be whole."""
        here, job = verification.pods(scope).namespace, verification.name(scope)
        return (
            f"What it said: `kubectl -n {here} logs -l app.kubernetes.io/name={job} --tail 100`. `refuted` names the "
            "copy and where it parts from its manifest, `unknown` what could not be asked.",
            "A copy that is not whole is passed over by whoever restores; what is lost with the region is as old as "
            f"the one before it. Copy anew: `kubectl -n {here} create job --from=cronjob/{scope.name} "
            f"{scope.name}-now`.",
            "Several that are not whole, or one that changed after it was made: find out who writes to the container, "
            "by the account's logs in Azure, before anything is restored.",
            f"Read again, once that is mended: `kubectl -n {here} create job --from=cronjob/{job} {job}-now`.",
        )

    @property
    def _late(self) -> int:
        """After how many hours a copy is missed: a failed one may be made anew within two."""
        hours: int = round(self.every.seconds / 3600) + 2
        return hours

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The copies' account and writers."""
        if not scope.is_home:
            return
        azure, target = self.azure(scope), self.backup_target(scope)
        yield from copies.group(azure)
        subnets = [standby.machine_subnet(azure)] if self.standby else []
        yield from copies.storage(
            azure, self.container, keep=self.keep, reached_from=self._reached_from(scope), subnets=subnets
        )
        yield from copies.writer(azure, self._trusted(scope))
        yield from copies.parameter(azure, target.parameter)
        if self.page:
            yield from page.page(azure, contact=scope.the(Edge).maintenance.contact)
        if self.needs:
            yield from agent.repository(scope, self.image or agent.IMAGE)
            yield from dump.dump(
                scope,
                target,
                every=self.every,
                at=self.at,
                keep=self.keep,
                image=images.reference(scope, self.image or agent.IMAGE, self.tag, self.digest),
                images=list(files.carried(scope)) if self.standby else (),
                registry=standby.registry_path(azure) if self.standby else "",
            )
            yield from self._verification(scope, azure, target)
        if self.standby is not None:
            yield from self._standby(scope, azure, target, self.standby)

    def _verification(self, scope: Scope, azure: Azure, target: BackupTarget) -> Iterator[Resource | Demand]:
        here, reading = verification.pods(scope), copies.reading(target)
        issuer = scope.at("cluster").ref("aws_eks_cluster", "main", "identity.0.oidc.0.issuer")
        subject = f"system:serviceaccount:{here.namespace}:{verification.name(scope)}"
        yield from copies.reader(azure, {"verifying-pods": (issuer, subject)})
        yield from copies.parameter(azure, reading.parameter, reads=True)
        image = images.reference(scope, self.image or agent.IMAGE, self.tag, self.digest)
        yield from verification.verification(scope, reading, every=self.every, at=self.at, keep=self.keep, image=image)

    def _standby(self, scope: Scope, azure: Azure, target: BackupTarget, options: Standby) -> Iterator[Resource]:
        if len(self.needs) != 1:
            raise InputError(
                f"the standby restores one database, and recovery needs {len(self.needs)}",
                fix="name the one in `needs`, or choose `strategy: copies`",
                origin=scope.origin,
            )
        database = scope.offer(self.needs[0])
        domain = names.domain_of(scope.at("edge"))
        answering = answers.answers_to(scope, azure)
        settings = standby.settings(azure, target, self.needs[0], database.name, answering, domain, self.every)
        written = files.files(
            scope,
            registry=f"{standby.registry(azure)}.azurecr.io",
            database=f"{standby.server(azure)}.mysql.database.azure.com",
            names=answering,
            settings=settings,
        )
        yield from standby.standby(
            azure,
            options,
            domain=domain,
            operators=[str(cidr) for cidr in self.operators],
            writer=copies.writer_principal(azure),
            copied=Ref(database.target, "arn"),
            files=written,
        )
        yield from answers.records(scope, azure)

    def _reached_from(self, scope: Scope) -> list[Textual]:
        # Azure wants a single address without its length.
        people = [str(cidr).removesuffix("/32") for cidr in self.operators]
        return [*scope.the(Network).leaves_from(scope), *people]

    def _trusted(self, scope: Scope) -> dict[str, tuple[Textual, Textual]]:
        trusted: dict[str, tuple[Textual, Textual]] = {}
        if self.needs:
            here = dump.pods(scope)
            issuer = scope.at("cluster").ref("aws_eks_cluster", "main", "identity.0.oidc.0.issuer")
            trusted["pods"] = (issuer, f"system:serviceaccount:{here.namespace}:{scope.name}")
        for name in scope.seekers():
            if self.token_issuer is None:
                raise InputError(
                    f"{name} copies with a role of its own, and nothing says who signs this account's tokens",
                    fix="add `token_issuer:` to `recovery`: the URL that "
                    "`aws iam enable-outbound-web-identity-federation` answers",
                    origin=scope.origin,
                )
            there = scope.at(name)
            trusted[name] = (self.token_issuer, there.ref("aws_iam_role", there.identifier, "arn"))
        return trusted
