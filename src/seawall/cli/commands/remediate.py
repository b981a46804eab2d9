"""Do by hand what remediation does of an alarm: replace failed nodes, or give restarting services a node more.

`seawall remediate pocketbank --alarm pocketbank-prod-insights-node-failed` calls the deployed function for an alarm
that is up, under its own role, limits and memory; --dry-run says what it would do. `--let-on` has it go on after it
stopped itself because what it did has not helped: find out why first.
"""

from __future__ import annotations

import argparse

from seawall.cli import deployment as shared


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, and the alarm."""
    shared.arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--alarm", metavar="NAME", help="the alarm in whose place it is called")
    which.add_argument("--let-on", action="store_true", help="let it go on after it has stopped itself")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="agree beforehand")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Call it, and print what it says."""
    from seawall.operate import remediate
    from seawall.operate.runbook import run

    deployment = shared.deployment(chosen)
    subject = f"{deployment.platform.name}-{deployment.platform.environment}"
    function = remediate.function_of(deployment.graph, subject)
    cloud = deployment.running_cloud()
    event: dict[str, object] = {"let_on": True}
    if not chosen.let_on:
        event = remediate.event_of(remediate.alarm(cloud, function, chosen.alarm))
    if chosen.dry_run:
        return _print(chosen, remediate.dry(cloud, function, event), done=False)
    shared.consent(f"Have {function.body['function_name']} act?", given=chosen.yes or not deployment.on_aws)
    if chosen.let_on:
        book = remediate.letting_on(cloud, function, subject)
    else:
        book = remediate.runbook(
            cloud,
            function,
            subject,
            event,
            alarm=chosen.alarm,
            up=lambda: remediate.alarm(cloud, function, chosen.alarm).state == "ALARM",
        )
    ran = run(book, deployment.place.folder / "operations", anew=True)
    said = ran.kept["said"]
    assert isinstance(said, list)
    return _print(chosen, tuple(said), done=True)


def _print(chosen: argparse.Namespace, said: tuple[str, ...], *, done: bool) -> int:
    if chosen.format == "json":
        import json

        print(json.dumps({"schema_version": 1, "said": list(said), "dry_run": not done}, indent=2))
    else:
        print("\n".join(said))
    return 0
