"""Redis and its Sentinels, as the platform's own start scripts configure them: read from what is rendered.

Each pod has a server and a Sentinel. Addresses, ports and folders are other ones here, and names are not resolved;
everything else in a configuration is the description's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.operate.drill.servers import proxy as proxies
from seawall.operate.drill.servers.proxy import Proxy
from seawall.operate.drill.stage import Process, Stage, program, until

if TYPE_CHECKING:
    import redis as client_of_redis

PACKAGES = {"redis-server": "redis-server", "redis-sentinel": "redis-sentinel"}
STANDIN = "Redis"
HOST = "127.0.0.1"
# How many replicas must have a write before the application calls it done, and how long it waits for them.
COPIES, PATIENCE = 1, 0.1

_DOWN_AFTER = "sentinel down-after-milliseconds"
# Seconds that a primary waits for more replicas before a whole copy. Nobody waits for it while a drill begins; later it
# is what Redis has it be, since a failover may hang on it.
_DELAY, _USUAL_DELAY = "repl-diskless-sync-delay", 5

_HERE = re.compile(r"<<END\n(.*?)\nEND\n", re.DOTALL)
# What is of the place where a server runs, not of what it is to do.
_OF_THE_PLACE = frozenset(
    {
        "port", "dir", "requirepass", "masterauth", "replica-announce-ip", "replica-announce-port",
        "sentinel sentinel-pass", "sentinel resolve-hostnames", "sentinel announce-hostnames", "sentinel announce-ip",
        "sentinel announce-port", "sentinel monitor", "sentinel auth-pass",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """What a platform's cache in the cluster is: its name, how many pods, and both configurations, line by line."""

    name: str
    namespace: str
    image: str
    pods: int
    quorum: int
    server: tuple[tuple[str, str], ...]
    sentinel: tuple[tuple[str, str], ...]

    def settings(self) -> dict[str, str]:
        """What failing over and losing writes hang on, as its figures' settings."""
        wanted = ("down-after-milliseconds", "failover-timeout", "min-replicas", "appendfsync", "parallel-syncs")
        lines = (*self.server, *self.sentinel)
        return {"quorum": str(self.quorum)} | {
            name.removeprefix("sentinel "): value for name, value in lines if any(each in name for each in wanted)
        }

    def with_down_after(self, seconds: float) -> Described:
        """The same, with another patience of the Sentinels."""
        changed = {**dict(self.sentinel), _DOWN_AFTER: str(round(seconds * 1000))}
        return replace(self, sentinel=tuple(changed.items()))

    @property
    def down_after(self) -> float:
        """Seconds of silence after which a Sentinel takes the primary for dead."""
        return int(dict(self.sentinel)[_DOWN_AFTER]) / 1000


def described(graph: Graph) -> Described | None:
    """The first cache with Sentinels that a platform runs in its cluster, or None if it has none."""
    for found in graph.of_type("v1/ConfigMap"):
        files = found.body.get("data", {})
        if isinstance(files, Mapping) and {"redis.sh", "sentinel.sh"} <= set(files):
            return _described(graph, found)
    return None


def _described(graph: Graph, files: Resource) -> Described:
    name, namespace = files.body["metadata"]["name"], files.body["metadata"]["namespace"]
    pods = next(
        each.body["spec"]
        for each in graph.of_type("apps/v1/StatefulSet")
        if (each.body["metadata"]["name"], each.body["metadata"]["namespace"]) == (name, namespace)
    )
    sentinel = directives(files.body["data"]["sentinel.sh"])
    # sentinel monitor NAME HOST PORT QUORUM; of the others the name of what they are about is left out.
    quorum = int(next(value.split()[-1] for key, value in sentinel if key == "sentinel monitor"))
    return Described(
        name,
        namespace,
        str(pods["template"]["spec"]["containers"][0]["image"]),
        int(pods["replicas"]),
        quorum,
        tuple(line for line in directives(files.body["data"]["redis.sh"]) if line[0] not in _OF_THE_PLACE),
        tuple((key, value.removeprefix(f"{name} ")) for key, value in sentinel if key not in _OF_THE_PLACE),
    )


def directives(script: str) -> list[tuple[str, str]]:
    """The directives of the configuration that a start script writes, with ``sentinel`` as part of the name."""
    found = _HERE.search(script)
    assert found is not None, "a start script of Redis writes its configuration between <<END and END"
    lines = [line for line in found[1].splitlines() if line and not line.startswith("#")]
    pattern = re.compile(r"((?:sentinel )?\S+)\s*(.*)")
    return [(match[1], match[2]) for match in map(pattern.fullmatch, lines) if match]


@dataclass(frozen=True, slots=True)
class Node:
    """One pod: its server and its Sentinel, and the ports under which the others know them."""

    number: int
    server: Process
    sentinel: Process
    own_port: int
    port: int
    own_sentinel_port: int
    sentinel_port: int

    def kill(self) -> None:
        """End both at once."""
        self.freeze()
        self.server.kill()
        self.sentinel.kill()

    def freeze(self) -> None:
        """Stop both without ending them."""
        self.server.freeze()
        self.sentinel.freeze()

    def thaw(self) -> None:
        """Let both go on."""
        self.server.thaw()
        self.sentinel.thaw()


@dataclass(frozen=True, slots=True)
class Redis:
    """A cache that runs: its pods, and the password that servers and Sentinels ask for."""

    of: Described
    nodes: tuple[Node, ...]
    password: str = field(repr=False)
    proxy: Proxy | None = None

    @property
    def sentinels(self) -> tuple[tuple[str, int], ...]:
        """Where clients find the Sentinels."""
        return tuple((HOST, node.sentinel_port) for node in self.nodes)

    def primary(self, seconds: float = 0.5) -> Node | None:
        """The pod whose server the first Sentinel that answers names, or None where none does."""
        import redis

        for host, port in self.sentinels:
            try:
                with connection(host, port, self.password, seconds) as asked:
                    named = asked.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", self.of.name)
            except redis.RedisError:
                continue
            return next((node for node in self.nodes if named and node.port == int(named[1])), None)
        return None

    def connect(self, node: Node, seconds: float = 0.5, *, inside: bool = False) -> client_of_redis.Redis:
        """A client of one pod's server; ``inside`` is one that lies on the pod's own side of a partition."""
        return connection(HOST, node.own_port if inside else node.port, self.password, seconds)

    def isolate(self, node: Node) -> None:
        """Part a pod from all others: nothing passes to its server or its Sentinel, and every connection stays open.

        Its Sentinel is frozen, too, which can then reach nobody: the proxies do not tell who asks.
        """
        assert self.proxy is not None, "only one that was started `parted` can be"
        self.proxy.freeze(f"server-{node.number}", f"sentinel-{node.number}")
        node.sentinel.freeze()

    def rejoin(self, node: Node) -> None:
        """End what ``isolate`` began."""
        assert self.proxy is not None
        self.proxy.thaw(f"server-{node.number}", f"sentinel-{node.number}")
        node.sentinel.thaw()

    def version(self) -> str:
        """The servers' own version."""
        leader = self.primary()
        assert leader is not None
        with self.connect(leader, 5.0) as asked:
            return str(asked.info("server")["redis_version"])

    def healthy(self) -> bool:
        """Whether one server is primary, all others follow it, and every Sentinel knows every other and all of them."""
        import redis

        others = self.of.pods - 1
        try:
            for node in self.nodes:
                with connection(HOST, node.own_sentinel_port, self.password, 0.5) as asked:
                    said = asked.execute_command("SENTINEL MASTER", self.of.name)
                if int(said["num-slaves"]) != others or int(said["num-other-sentinels"]) != others:
                    return False
                if "o_down" in said["flags"] or "s_down" in said["flags"]:
                    return False
            leader = self.primary()
            if leader is None:
                return False
            with self.connect(leader) as asked:
                said = asked.info("replication")
            return bool(said["role"] == "master" and said["connected_slaves"] == others)
        except redis.RedisError:
            return False


def connection(host: str, port: int, password: str, seconds: float = 0.5) -> client_of_redis.Redis:
    """A client that tries once, and for so many seconds; whoever asks closes it."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis(
        host=host, port=port, password=password, socket_timeout=seconds, socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0), decode_responses=True, single_connection_client=True, protocol=2,
    )  # fmt: skip


def finder(
    name: str, sentinels: Sequence[tuple[str, int]], password: str, seconds: float = 0.5
) -> Callable[[], client_of_redis.Redis]:
    """How an application finds whom to write to: each call asks the Sentinels anew, first the one that answered last.

    The call raises redis.RedisError where none names a primary, or the primary does not answer.
    """
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    from redis.sentinel import Sentinel

    # redis-py would ask each again for up to 30 seconds before it goes on to the next.
    known = {"password": password, "socket_timeout": seconds, "socket_connect_timeout": seconds,
             "retry": Retry(NoBackoff(), 0)}  # fmt: skip
    asked = Sentinel(list(sentinels), sentinel_kwargs=known)  # type: ignore[no-untyped-call]

    def find() -> client_of_redis.Redis:
        host, port = asked.discover_master(name)  # type: ignore[no-untyped-call]
        return connection(host, port, password, seconds)

    return find


def keep(asked: client_of_redis.Redis, key: str, value: str, seconds: int, *, copies: int = COPIES) -> bool:
    """Write as the application does: only what a replica has, too, counts as written. Raises redis.RedisError.

    Where it is False nobody knows: it may be there, or come to be there, and must not be taken for written.
    """
    asked.set(key, value, ex=seconds)
    return copies == 0 or int(asked.wait(copies, round(PATIENCE * 1000))) >= copies


def start(stage: Stage, of: Described, *, parted: bool = False) -> Redis:
    """Start servers and Sentinels; all know each other when this returns.

    ``parted`` puts a proxy before each, by which all know it, so that pods can be parted from each other.
    Raises LackingError, OutsideError.
    """
    password = stage.secret("password of Redis")
    numbers = range(of.pods)
    servers, sentinels = [stage.free_port() for _ in numbers], [stage.free_port() for _ in numbers]
    known, known_sentinels, proxy = servers, sentinels, None
    if parted:
        lines = {f"server-{number}": servers[number] for number in numbers}
        lines |= {f"sentinel-{number}": sentinels[number] for number in numbers}
        proxy = proxies.start(stage, lines, f"{of.name}-proxy")
        known = [proxy.ports[f"server-{number}"] for number in numbers]
        known_sentinels = [proxy.ports[f"sentinel-{number}"] for number in numbers]
    processes = [_server(stage, of, number, servers[number], known, password) for number in numbers]
    until(lambda: _follow(servers[0], password, of.pods - 1), processes[0], what=f"replicas of {of.name} follow")
    watchers = [_sentinel(stage, of, number, sentinels, known_sentinels, known[0], password) for number in numbers]
    nodes = tuple(
        Node(number, processes[number], watchers[number], servers[number], known[number], sentinels[number],
             known_sentinels[number])
        for number in numbers
    )  # fmt: skip
    made = Redis(of, nodes, password, proxy)
    until(made.healthy, processes[0], what=f"Sentinels of {of.name} agree", every=0.05)
    for node in nodes:
        with made.connect(node) as asked:
            asked.config_set(_DELAY, _USUAL_DELAY)
    return made


def _server(stage: Stage, of: Described, number: int, port: int, known: Sequence[int], password: str) -> Process:
    name = f"{of.name}-{number}"
    folder = stage.folder(name)
    lines = [
        ("bind", HOST), ("port", port), ("dir", folder), ("requirepass", password), ("masterauth", password),
        ("replica-announce-ip", HOST), ("replica-announce-port", known[number]), *of.server, (_DELAY, 0),
    ]  # fmt: skip
    if number:
        lines.append(("replicaof", f"{HOST} {known[0]}"))
    file = folder / "redis.conf"
    _write(file, lines)
    return stage.start(name, [program("redis-server", PACKAGES["redis-server"]), str(file)], folder=folder)


def _sentinel(
    stage: Stage, of: Described, number: int, ports: Sequence[int], known: Sequence[int], primary: int, password: str
) -> Process:
    name = f"{of.name}-sentinel-{number}"
    folder = stage.folder(name)
    lines = [
        ("bind", HOST), ("port", ports[number]), ("dir", folder), ("requirepass", password),
        ("sentinel sentinel-pass", password), ("sentinel announce-ip", HOST),
        ("sentinel announce-port", known[number]),
        ("sentinel monitor", f"{of.name} {HOST} {primary} {of.quorum}"),
        ("sentinel auth-pass", f"{of.name} {password}"),
        *((key, f"{of.name} {value}") for key, value in of.sentinel),
    ]  # fmt: skip
    file = folder / "sentinel.conf"
    _write(file, lines)
    return stage.start(name, [program("redis-sentinel", PACKAGES["redis-sentinel"]), str(file)], folder=folder)


def _write(path: Any, lines: Sequence[tuple[str, object]]) -> None:
    path.touch(mode=0o600)
    path.write_text("".join(f"{key} {value}\n" for key, value in lines))


def _follow(port: int, password: str, replicas: int) -> bool:
    import redis

    try:
        with connection(HOST, port, password) as asked:
            said = asked.info("replication")
    except redis.RedisError:
        return False
    followers = [said[f"slave{number}"] for number in range(said["connected_slaves"])]
    return len(followers) == replicas and all(each["state"] == "online" for each in followers)
