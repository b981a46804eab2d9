"""What a cache in the cluster comes to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import descriptions
from seawall.kernel.errors import InputError

CACHE = """
components:
  sessions: {kind: cache%s}
  shop: {kind: service, image: shop, framework: spring, needs: [sessions]}
"""


def _pod(components: str) -> Any:
    body = descriptions.named(descriptions.graph(components), "apps/v1/StatefulSet", "sessions").body
    return body["spec"]["template"]["spec"]


def _scripts(components: str = CACHE % "") -> dict[str, str]:
    found = descriptions.graph(components)
    return dict(descriptions.named(found, "v1/ConfigMap", "sessions").body["data"])


def test_a_majority_of_sentinels_decides() -> None:
    """The quorum is more than half of the Sentinels, so that no minority ever promotes a second primary."""
    assert "sentinel monitor sessions $primary 6379 2\n" in _scripts()["sentinel.sh"]
    assert "sentinel monitor sessions $primary 6379 3\n" in _scripts(CACHE % ", sentinels: 5")["sentinel.sh"]


def test_an_even_number_of_sentinels_is_refused() -> None:
    """Four Sentinels survive no more losses than three."""
    with pytest.raises(InputError, match="odd number"):
        descriptions.graph(CACHE % ", sentinels: 4")


def test_data_leaves_room_in_the_container() -> None:
    """The container may use twice what the data may take, for the copy that saving makes."""
    server = _pod(CACHE % ", memory: 256 MiB")["containers"][0]
    assert server["resources"]["limits"]["memory"] == "512Mi"
    assert "maxmemory 256mb\n" in _scripts()["redis.sh"]


def test_the_password_is_made_in_the_cluster_and_stands_nowhere() -> None:
    """No manifest holds a password: a generator makes it, and files that hold it lie in memory."""
    found = descriptions.graph(CACHE % "")
    secret = descriptions.named(found, "external-secrets.io/v1/ExternalSecret", "sessions").body["spec"]
    assert secret["refreshPolicy"] == "CreatedOnce"
    assert secret["dataFrom"][0]["sourceRef"]["generatorRef"]["kind"] == "Password"
    assert not found.of_type("v1/Secret")
    configuration = [v for v in _pod(CACHE % "")["volumes"] if v["name"].endswith("-configuration")]
    assert [volume["emptyDir"]["medium"] for volume in configuration] == ["Memory", "Memory"]


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs sh: every system the product runs on has it")
def test_the_scripts_are_shell(tmp_path: Path) -> None:
    """A shell reads both start scripts without complaint, with every placeholder filled."""
    for name, content in _scripts().items():
        assert "@" not in content.replace("$@", "")
        (tmp_path / name).write_text(content)
        run = subprocess.run(["sh", "-n", str(tmp_path / name)], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr


def test_the_first_start_makes_the_first_pod_primary(tmp_path: Path) -> None:
    """Where no Sentinel answers, the first pod configures no primary above itself and the second names the first."""
    domain = "sessions-nodes.shop.svc.cluster.local"
    for host, expected in (("sessions-0", []), ("sessions-1", [f"replicaof sessions-0.{domain} 6379"])):
        written = _run_redis(tmp_path / host, host, answer="")
        assert [line for line in written.splitlines() if line.startswith("replicaof")] == expected
        assert "requirepass secret\n" in written


def test_a_pod_that_comes_back_follows_whom_the_sentinels_name(tmp_path: Path) -> None:
    """After a failover the first pod is a replica of the new primary, not a second primary."""
    domain = "sessions-nodes.shop.svc.cluster.local"
    written = _run_redis(tmp_path, "sessions-0", answer=f"sessions-2.{domain}")
    assert f"replicaof sessions-2.{domain} 6379" in written


def test_what_is_no_member_is_not_believed(tmp_path: Path) -> None:
    """An error that a Sentinel answers in place of a name is not taken for one."""
    written = _run_redis(tmp_path, "sessions-0", answer="NOAUTH Authentication required.")
    assert "replicaof" not in written


def _run_redis(folder: Path, host: str, *, answer: str) -> str:
    """Play redis.sh with stand-ins for the programs that it calls; what it wrote as configuration."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name, line in (
        ("redis-cli", f'echo "{answer}"'),
        ("redis-server", "true"),
        ("hostname", f"echo {host}"),
        ("timeout", 'shift; exec "$@"'),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    script = folder / "redis.sh"
    script.write_text(_scripts()["redis.sh"].replace("/run/redis/", f"{folder}/"))
    run = subprocess.run(
        ["sh", str(script)],
        env={"PATH": f"{programs}:/usr/bin:/bin", "REDIS_PASSWORD": "secret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return (folder / "redis.conf").read_text()


def test_a_consumer_elsewhere_is_told_where_the_password_lies() -> None:
    """A service in another namespace cannot see the Secret, and the message says what to do."""
    components = """
components:
  sessions: {kind: cache, namespace: data}
  shop: {kind: service, image: shop, namespace: front, needs: [sessions]}
"""
    frame = descriptions.FRAME.replace(
        '  version: "1.36"\n', '  version: "1.36"\n  namespaces: {data: {}, front: {}}\n'
    )
    from seawall.components.expand import expand

    with pytest.raises(InputError, match="namespace: data"):
        expand(descriptions.platform(frame + components))


MANAGED = """
components:
  sessions: {kind: cache, place: managed, class: cache.t4g.small%s}
  shop: {kind: service, image: shop, framework: spring, needs: [sessions]}
"""


def test_a_managed_one_takes_tls_and_a_role_in_place_of_a_password() -> None:
    """No token and no password: TLS is required, the user is let in by IAM, and the default one can do nothing."""
    found = descriptions.graph(MANAGED % "")
    group = descriptions.named(found, "aws_elasticache_replication_group", "sessions").body
    assert group["transit_encryption_enabled"] is True
    assert "transit_encryption_mode" not in group
    assert "auth_token" not in group
    user = descriptions.named(found, "aws_elasticache_user", "sessions").body
    assert user["user_id"] == user["user_name"]
    assert user["authentication_mode"] == [{"type": "iam"}]
    assert descriptions.named(found, "aws_elasticache_user", "sessions_default").body["access_string"] == "off -@all"


def test_who_needs_a_managed_one_may_connect_to_it_alone() -> None:
    """The pod's role gets one action on one cache and one user, through Pod Identity; others get no role."""
    found = descriptions.graph(MANAGED % "")
    (statement,) = descriptions.named(found, "aws_iam_role_policy", "shop").body["policy"]["Statement"]
    assert statement["Action"] == ["elasticache:Connect"]
    assert [ref.to.rpartition(":")[2] for ref in statement["Resource"]] == [
        "aws_elasticache_replication_group.sessions",
        "aws_elasticache_user.sessions",
    ]
    association = descriptions.named(found, "aws_eks_pod_identity_association", "shop").body
    assert association["service_account"] == "shop"


def test_a_managed_one_is_spread_unless_it_is_alone() -> None:
    """With a replica failover is automatic and over zones; ElastiCache refuses both for a single node."""
    for said, several in (("", True), (", replicas: 0", False)):
        found = descriptions.graph(MANAGED % said)
        group = descriptions.named(found, "aws_elasticache_replication_group", "sessions").body
        assert group["multi_az_enabled"] is group["automatic_failover_enabled"] is several


@pytest.mark.parametrize(
    ("components", "complaint"),
    [
        (MANAGED % ", sentinels: 3", "sentinels says nothing"),
        (CACHE % ", class: cache.t4g.small", "class says nothing"),
        (CACHE % ", place: managed", "needs a class"),
        (CACHE % ", engine: valkey", "in the cluster the engine is redis"),
    ],
)
def test_a_word_of_the_other_place_is_refused(components: str, complaint: str) -> None:
    """What would have no effect is an error, not silence."""
    with pytest.raises(InputError, match=complaint):
        descriptions.graph(components)
