"""The password that pods log in to their database by is replaced while they hold the old one.

Connections that are there stay; every new one is refused until the pods have been started anew, which Reloader does
once External Secrets has brought the new password. A pod that nobody starts anew is asked at the end, so that it is
known that holding the old one would be seen.
"""

from __future__ import annotations

import re
import time

from seawall.graph.graph import Graph
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref
from seawall.operate.copies.credentials import Credentials
from seawall.operate.drill import measure, seed
from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Load, Request
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import application, mariadb, nginx
from seawall.operate.drill.servers.application import Application
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.tier import Tier

_USER = "clinic"


def _applies(setting: Setting) -> str:
    of = application.described(setting.graph)
    if mariadb.described(setting.graph) is None or of is None:
        return "it has no service that keeps something in MySQL"
    if refreshed(setting.graph, of.name) is None:
        return "no password that may change is brought to its service"
    return ""


def refreshed(graph: Graph, service: str) -> float | None:
    """After how many seconds at the latest a service's pods are brought a new password; None where never."""
    for found in graph.of_type("external-secrets.io/v1/ExternalSecret"):
        spec = found.body["spec"]
        keys = {str(one["secretKey"]) for one in spec.get("data", ())}
        named = str(found.body["metadata"]["name"]).startswith(f"{service}-")
        if named and "password" in keys and "refreshInterval" in spec:
            written = re.fullmatch(r"(\d+)([a-z]+)", str(spec["refreshInterval"]))
            # A generated one that is made once has no remote key, and does not change.
            if written is not None and any(isinstance(one["remoteRef"]["key"], Ref) for one in spec["data"]):
                return Duration.parse(f"{written[1]} {_UNITS[written[2]]}").seconds
    return None


_UNITS = {"s": "s", "m": "min", "h": "h"}


@scenario(
    "secret-rotation", needs={**nginx.PACKAGES, **mariadb.PACKAGES, "pymysql": "seawall[drill]"}, applies=_applies
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """The database's password is replaced under pods that hold the old one, and they are started anew with the new."""
    of, said = application.described(setting.graph), mariadb.described(setting.graph)
    assert of is not None
    assert said is not None
    most = refreshed(setting.graph, of.name)
    assert most is not None
    hurry = 40.0 if setting.short else 4.0
    server = mariadb.start(stage, "database", of=said, databases=[said.database])
    database = server.database(said.database)
    seed.seed(database, server.credentials, 1, setting.chance)
    current = [Credentials(_USER, stage.secret("first password"))]
    server.ask(f"{mariadb.UNLOGGED} CREATE USER %s@'%%' IDENTIFIED BY %s", _USER, current[0].password)
    server.ask(f"GRANT ALL ON `{said.database}`.* TO %s@'%%'", _USER)
    names = iter(range(1, 100))

    def pod() -> Application:
        return application.start(stage, f"{of.name}-{next(names)}", database=database, credentials=current[0], of=of)

    forgotten = pod()
    tier = Tier(stage, setting.graph, of, pod, events, setting.chance, every=setting.probe, hurry=hurry).start()
    until(forgotten.is_well, what="the pod that will be forgotten has a connection")
    rate = 40 if setting.short else setting.rate
    load = Load(stage, tier.url, rate=rate, chance=setting.chance, events=events, host=tier.host, page="")
    until(lambda: all(one.is_well() for one in tier.pods.values()), what="pods are well")
    time.sleep(0.5)
    load.start()
    time.sleep(1.5)
    current[0] = Credentials(_USER, stage.secret("second password"))
    server.ask(f"{mariadb.UNLOGGED} ALTER USER %s@'%%' IDENTIFIED BY %s", _USER, current[0].password)
    fault = events.now()
    events.add("database", "takes another password")
    # Somewhere in the interval in which External Secrets asks again.
    waits = setting.chance.random() * most / hurry
    time.sleep(waits)
    events.add("External Secrets", "has brought the new password")
    replacing = events.now()
    tier.replace_all()
    replaced = events.now()
    for (number,) in server.ask("SELECT id FROM information_schema.processlist WHERE user = %s", _USER):
        server.ask("KILL %s", number)
    events.add("database", "has cut every connection")
    # A request that had one of them in use has lost it; whoever comes later gets a new one.
    time.sleep(1.0)
    renewed = events.now()
    time.sleep(1.0)
    refused = forgotten.get("/api/owners")[0]
    requests = load.stop()
    tier.stop()
    measures = (
        Measure("requests that fail while pods hold the old password", _failed(requests, fault, replacing), "requests"),
        Measure("requests that fail while pods are replaced", _failed(requests, replacing, replaced), "requests"),
        Measure("requests that fail on new connections afterwards", _failed(requests, renewed), "requests", 0),
        Measure("old password in use for", replaced - fault, "s"),
        Measure("refusals of a pod that nobody starts anew", int(refused == 503), "requests", 1, at_least=True),
        Measure("requests", len(requests), "requests"),
    )
    settings: dict[str, str | int | float] = {
        "requests a second": rate,
        "connections of a pod, at most": of.variables.get("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "10"),
        "a new password is brought within, s": most / hurry,
        "notice before SIGTERM, s": of.notice / hurry,
        "times are divided by": hurry,
    }
    standins = {
        "the application": application.STANDIN,
        "the load balancer": nginx.STANDIN,
        "MySQL": mariadb.STANDIN,
        "RDS's rotation, External Secrets and Reloader": "this drill, at the moments of their intervals",
    }
    return Outcome(measures, standins, settings, (), measure.failed(requests), marks={"password replaced": fault})


def _failed(requests: tuple[Request, ...], begin: float, end: float = float("inf")) -> int:
    return measure.failures(requests, begin, end)
