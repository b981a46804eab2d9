"""Failover and failback of a platform: which place is meant, and the runbook that it takes."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from seawall.cli import operation
from seawall.kernel.errors import InputError

if TYPE_CHECKING:
    from seawall.cli.deployment import Deployment
    from seawall.components.takeover.action import Move
    from seawall.model.platform import Platform
    from seawall.operate.failover.loss import Loss

AZURE = "azure"


def places(platform: Platform) -> tuple[str, ...]:
    """The places that can take over: sites, and ``azure`` where a standby is kept there."""
    from seawall.components.recovery.recovery import Recovery

    stands_by = any(
        isinstance(component, Recovery) and component.standby is not None for component in platform.components.values()
    )
    return (*platform.home.sites, *((AZURE,) if stands_by else ()))


def failover(chosen: argparse.Namespace, deployment: Deployment) -> int:
    """The place takes over."""
    place = _place(chosen, deployment)
    if place == AZURE:
        return _azure(chosen, deployment, back=False)
    return _region(chosen, deployment, place, "switchover" if chosen.planned else "failover")


def failback(chosen: argparse.Namespace, deployment: Deployment) -> int:
    """Home takes over again."""
    place = _place(chosen, deployment)
    return _azure(chosen, deployment, back=True) if place == AZURE else _region(chosen, deployment, place, "failback")


def _place(chosen: argparse.Namespace, deployment: Deployment) -> str:
    known = places(deployment.platform)
    if not known:
        raise InputError(
            f"{deployment.platform.name} has no place that could take over",
            fix="describe one: `sites:` for a second region, or `recovery:` with a standby in another cloud",
        )
    if chosen.to is None:
        if len(known) > 1:
            raise InputError(f"several places could be meant: {', '.join(known)}", fix="say which one")
        return known[0]
    if chosen.to not in known:
        raise InputError(f"there is no place {chosen.to}", fix=f"the places: {', '.join(known)}")
    return str(chosen.to)


def _region(chosen: argparse.Namespace, deployment: Deployment, site: str, move: Move) -> int:
    from seawall.components.takeover.plans import plan
    from seawall.deploy.states import States
    from seawall.operate.failover.region import Carrying, runbook, settled
    from seawall.operate.failover.settle import Settling, in_route53

    platform = deployment.platform
    home, there = platform.home.region, platform.home.sites[site].region
    cloud = deployment.running_cloud(there)
    lost = home if move == "failover" else ""
    look = in_route53(lambda: cloud.client("route53", there))
    settle = Settling(deployment.graph, deployment.rendered, States(cloud), lost, look)
    actions = settled(plan(platform, site, move), settle, deployment.left_out)
    if not actions:
        raise InputError(f"nothing of {platform.name} has to be done for {site} to take over")
    # The emulator is at once what it is asked to be.
    carrying = Carrying(cloud.client, pace=1.0 if deployment.on_aws else 0.02)
    loss = _loss(chosen, deployment) if move == "failover" else None
    book = runbook(operation.subject(deployment), site, move, actions, carrying, loss)
    return operation.carry_out(chosen, deployment, book, cloud=cloud, region=there)


def _loss(chosen: argparse.Namespace, deployment: Deployment) -> Loss | None:
    """Home's own name is asked, where it has one and anybody serves: nobody answers from the emulator."""
    from seawall.components.edge.edge import Edge
    from seawall.components.scope import Scope
    from seawall.operate.failover.asking import asked
    from seawall.operate.failover.loss import Loss

    home = deployment.platform.home
    edge = home.components.get("edge")
    if not deployment.on_aws or not isinstance(edge, Edge):
        return None
    host = edge.hosts(Scope(home, "edge", home.region))[0]
    url = f"https://{host.site}{edge.health.path}"
    return Loss(
        home.region, lambda: asked(url, edge.health.expects or ""), although_it_answers=chosen.although_it_answers
    )


def _azure(chosen: argparse.Namespace, deployment: Deployment, *, back: bool) -> int:
    from seawall.operate.failover import azure
    from seawall.operate.failover.from_copy import failover
    from seawall.operate.failover.notices import Notices

    platform = deployment.platform
    if back or chosen.planned:
        raise azure.by_hand(platform)
    if not deployment.on_aws:
        raise InputError(
            "the emulator has no Azure", fix=f"rehearse it: `seawall drill {chosen.input} region-loss`; or --target aws"
        )
    cloud = deployment.running_cloud("us-east-1")
    standby = azure.of(platform)
    machine = azure.Machine(standby, azure.command_line)
    site = azure.AzureSite(standby, machine)
    if chosen.dry_run:
        copy = site.newest()
        print(f"the newest copy: {copy.name}, of {copy.began:%Y-%m-%d %H:%M:%S} UTC", file=sys.stderr)
    folder = deployment.place.folder / "operations"
    names = azure.Route53(standby, machine, cloud.client("route53", "us-east-1"))
    book = failover(
        operation.subject(deployment),
        azure.Home(standby),
        site,
        names,
        Notices(folder, lambda words: print(words, file=sys.stderr, flush=True)),
        although_it_answers=chosen.although_it_answers,
        every=10.0,
    )
    return operation.carry_out(chosen, deployment, book)
