"""Servers of a drill are what the description says: nothing of it is dropped without a word, nothing is made up."""

from __future__ import annotations

import pytest

from descriptions import FRAME, platform
from seawall.components.expand import expand
from seawall.operate.drill.scenario import Setting
from seawall.operate.drill.servers import mariadb, pair, pgbouncer, postgresql, redis
from seawall.readers.read import read


def graph(components):
    """The graph of the frame with these components."""
    return expand(platform(f"{FRAME}components:\n{components}"))


@pytest.fixture(scope="module")
def cache():
    """A cache with settings that are nobody's defaults."""
    return redis.described(
        graph("  sessions: {kind: cache, sentinels: 5, down_after: 2 s, memory: 128 MiB, namespace: shop}\n")
    )


def test_sentinels_have_the_settings_of_the_rendered_scripts(cache):
    """Patience, quorum and number of pods are read from what is rendered, as are the servers' own."""
    assert (cache.name, cache.pods, cache.quorum, cache.down_after) == ("sessions", 5, 3, 2.0)
    server = dict(cache.server)
    assert (server["maxmemory"], server["maxmemory-policy"]) == ("128mb", "volatile-lru")
    assert (server["appendonly"], server["min-replicas-to-write"]) == ("yes", "1")
    assert cache.settings()["failover-timeout"] == "10000"
    assert cache.settings()["min-replicas-max-lag"] == "10"


def test_nothing_of_a_place_or_a_secret_is_taken_over(cache):
    """Addresses, ports, folders and passwords are the drill's own."""
    taken = {name for name, _ in (*cache.server, *cache.sentinel)}
    assert not taken & {"port", "dir", "requirepass", "masterauth", "sentinel monitor", "sentinel auth-pass"}
    assert not any("$" in value for _, value in (*cache.server, *cache.sentinel))


def test_another_patience_changes_nothing_else(cache):
    """What estimates are calibrated with differs from the platform's in this alone."""
    other = cache.with_down_after(0.5)
    assert other.down_after == 0.5
    assert dict(other.sentinel) | {"sentinel down-after-milliseconds": "2000"} == dict(cache.sentinel)
    assert other.server == cache.server


def test_directives_are_those_between_the_marks():
    """Comments and the lines around the configuration are none."""
    script = 'set -eu\ncat > /run/x <<END\nport 1\n# no\nsentinel monitor a b 2 3\nsave ""\nEND\nexec redis\n'
    assert redis.directives(script) == [("port", "1"), ("sentinel monitor", "a b 2 3"), ("save", '""')]


def test_a_cache_of_elasticache_is_none_that_can_be_played():
    """How ElastiCache fails over is not known from Sentinels."""
    assert redis.described(graph("  shared: {kind: cache, place: managed, class: cache.t4g.small}\n")) is None


def test_mysql_has_the_parameters_of_its_group_and_says_what_it_lacks():
    """Parameters are taken over by name, but for those that have no meaning on the loopback, which are named."""
    found = mariadb.described(
        graph(
            "  db: {kind: database, engine: mysql, version: '8.4', class: db.t4g.small, name: shop, multi_az: true,"
            " parameters: {character_set_server: utf8mb4, collation_server: utf8mb4_0900_ai_ci,"
            " max_connections: '77'}}\n"
        )
    )
    assert (found.user, found.database, found.multi_az) == ("dbadmin", "shop", True)
    assert found.settings["max_connections"] == "77"
    assert found.settings["long_query_time"] == "1"
    # MariaDB has no such collation, and would not start.
    assert found.settings["collation_server"] == "utf8mb4_unicode_ci"
    assert set(found.left_out) == {"require_secure_transport", "log_output"}
    assert not set(found.left_out) & set(found.settings)


def test_where_nobody_says_connections_are_those_of_the_class():
    """RDS reckons them from the class's memory; MariaDB's own 151 would be neither."""
    text = "  db: {kind: database, engine: mysql, version: '8.4', class: db.t4g.small, name: shop, multi_az: false}\n"
    found = mariadb.described(graph(text))
    assert found.settings["max_connections"] == "170"
    assert found.settings["character_set_server"] == "utf8mb4"
    assert not found.multi_az


def test_postgresql_is_the_cluster_that_others_follow():
    """The administrator, the database and the version are the cluster's; parameters of RDS's own are named."""
    found = postgresql.described(
        graph("  db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: shop}\n")
    )
    assert (found.user, found.database) == ("dbadmin", "shop")
    assert found.version
    assert found.settings["log_min_duration_statement"] == "1000"
    assert "rds.force_ssl" in found.left_out
    assert not any(name.startswith("rds.") for name in found.settings)


INI = """\
[databases]
shop = host=${a:b.endpoint},${a:b.reader} port=5432 dbname=shop load_balance_hosts=disable

[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 6432
unix_socket_dir = /run/pgbouncer
auth_file = /etc/users
pool_mode = transaction
server_reset_query_always = 1
max_prepared_statements = 200
"""


class Server:
    """Where a pooler's server is."""

    port = 7777

    class authority:
        """Who signed its certificate."""

        file = "/ca.pem"


def test_a_pooler_keeps_every_setting_but_those_of_the_place(tmp_path):
    """What is replaced is said with its reason; the rest is the platform's to the letter."""
    ini, replaced = pgbouncer.here(INI, 8888, tmp_path / "users", Server(), (1, 18))
    lines = ini.splitlines()
    assert "shop = host=localhost port=7777 dbname=shop" in lines
    assert {"listen_addr = 127.0.0.1", "listen_port = 8888", f"auth_file = {tmp_path / 'users'}"} <= set(lines)
    assert {"pool_mode = transaction", "server_reset_query_always = 1"} <= set(lines)
    assert set(replaced) == {"listen_addr", "listen_port", "unix_socket_dir", "auth_file", "max_prepared_statements"}
    assert "1.18" in replaced["max_prepared_statements"]


def test_a_newer_pooler_keeps_what_it_knows(tmp_path):
    """A setting is left out for a version that does not know it, and for no other."""
    ini, replaced = pgbouncer.here(INI, 8888, tmp_path / "users", Server(), (1, 24))
    assert "max_prepared_statements = 200" in ini
    assert "max_prepared_statements" not in replaced


def paired(components):
    """What stands for a database and its standby."""
    found = graph(components)
    return pair.described(Setting(None, found, read(found), None))


MYSQL = "  db: {kind: database, engine: mysql, version: '8.4', class: db.t4g.small, name: shop, multi_az: %s}\n"


def test_a_standby_is_waited_for_where_the_facts_say_so():
    """Multi-AZ and Aurora acknowledge nothing that another zone lacks; what AWS takes to promote is said with them."""
    mysql = paired(MYSQL % "true")
    assert (mysql.synchronous, mysql.takes) == (True, (60.0, 120.0))
    assert mysql.of.database == "shop"
    aurora = paired(
        "  db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: shop, readers: 1}\n"
    )
    assert (aurora.synchronous, aurora.takes) == (True, (10.0, 60.0))
    assert aurora.real.startswith("Aurora PostgreSQL")


def test_a_database_in_one_zone_has_no_standby_to_promote():
    """Where there is nobody to take over, nothing can be rehearsed."""
    assert paired(MYSQL % "false") is None
