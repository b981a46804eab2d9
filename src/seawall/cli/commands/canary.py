"""Watch a release step by step, by the platform's own analysis: promote what is good, take back what is not.

`seawall canary petclinic --service was --prometheus http://127.0.0.1:9090 --kubeconfig FILE` asks Prometheus the
queries of the rendered AnalysisTemplate about the new version, at each weight of its Rollout. A bad version is aborted
at once; one that nobody could measure is no pass, and stays where it is until a person decides. Run again, it goes on
at the weight it had reached. `--dry-run` looks once and changes nothing.

The exit status is 1 if the version was taken back, 3 if nobody can say whether it is good.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options
from seawall.kernel.errors import InputError

if TYPE_CHECKING:
    from seawall.graph.graph import Graph
    from seawall.graph.resource import Resource
    from seawall.operate.runbook import Runbook


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, the service, and where Prometheus and the cluster are."""
    options.platform(parser)
    options.target(parser)
    parser.add_argument("--service", metavar="NAME", help="the service that is released, where there are several")
    parser.add_argument("--prometheus", required=True, metavar="URL", help="such as a port that kubectl forwards")
    parser.add_argument("--kubeconfig", type=Path, required=True, metavar="FILE", help="the cluster of the Rollout")
    parser.add_argument("--context", default="", metavar="NAME", help="one of several in it")
    parser.add_argument("--dry-run", action="store_true", help="look once, and change nothing")
    parser.add_argument("--yes", action="store_true", help="agree beforehand that it promotes and aborts")


def run(chosen: argparse.Namespace) -> int:
    """Watch, and say how it went."""
    from seawall.cli.deployment import consent
    from seawall.cli.input import load_graph
    from seawall.cli.steps import Steps
    from seawall.components.release import EVERY
    from seawall.deploy.workplace import Workplace
    from seawall.operate.analysis import Judge, Prometheus, looks_of, template_of
    from seawall.operate.canary import Rollout, TakenBackError, plan_of, runbook
    from seawall.operate.kubectl import Kubectl
    from seawall.operate.runbook import run

    platform, graph = load_graph([chosen.input], chosen.environment)
    if platform is None:
        raise InputError(f"{chosen.input} holds no description", fix="name a platform")
    described = _rollout(graph, chosen.service)
    name, namespace = described.body["metadata"]["name"], described.body["metadata"]["namespace"]
    template = template_of([one for one in graph if one.type.endswith("/AnalysisTemplate")], described.body)
    if template is None:
        raise InputError(f"nobody looks at releases of {name}", fix="let its `release` have an analysis")
    route = Rollout(Kubectl(chosen.kubeconfig, chosen.context), namespace, name)
    version = route.version()
    if not version:
        print(f"{name}: nothing is being released")
        return 0
    judge = Judge(looks_of(template), Prometheus(chosen.prometheus), version)
    if chosen.dry_run:
        verdict = judge.look()
        print(f"{name}: {version} gets {route.weight()} %: {verdict.answer}")
        for reason in verdict.because:
            print(f"  {reason}")
        return 1 if verdict.refuted else 0
    consent(f"Promote or abort {name} {version}?", given=chosen.yes)
    place = Workplace(Path(chosen.state_dir), platform.name, platform.environment, chosen.target)
    subject = f"{platform.name}-{platform.environment}/{name}"
    book = runbook(subject, version, route, plan_of(described.body, EVERY), lambda: judge)
    folder = place.folder / "operations"
    try:
        with Steps() as steps:
            run(book, folder, report=steps, anew=_another(folder, book))
    except TakenBackError as error:
        print(f"{error.what}: {error.detail}")
        return 1
    print(f"{name}: {version} gets every request")
    return 0


def _rollout(graph: Graph, service: str | None) -> Resource:
    found = {str(one.body["metadata"]["name"]): one for one in graph if one.type.endswith("/Rollout")}
    if not found:
        raise InputError("no service is released in steps", fix="give one `release: {canary: [10, 50]}`")
    if service is None and len(found) == 1:
        return next(iter(found.values()))
    if service not in found:
        raise InputError(f"which service is meant: {service or 'none is named'}", fix=f"one of {', '.join(found)}")
    return found[service]


def _another(folder: Path, book: Runbook) -> bool:
    """Whether the release that was cut short was another version's: it is over, and nothing of it is gone on with."""
    from seawall.operate.runbook import unfinished

    try:
        unfinished(folder, book)
    except InputError:
        return True
    return False
