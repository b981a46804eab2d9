"""The clinic reads the variables that the platform gives its pods."""

from __future__ import annotations

import pytest

from platforms import shipped
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.drill.application.settings import Settings, seconds
from seawall.operate.drill.servers import application


def test_petclinics_pods_are_played_with_petclinics_settings():
    """Pool, timeouts, session and the Sentinels' name are the description's; addresses and TLS are this machine's."""
    _, graph = shipped("petclinic")
    of = application.described(graph)
    database = Database("mysql", "127.0.0.1", 3307, ("petclinic",), "file:/nowhere", tls="off")
    cache = application.Cache((("127.0.0.1", 1), ("127.0.0.1", 2)), "sessions", "secret")
    variables = {**of.variables, "SERVER_PORT": "8081"}
    variables |= application.addresses(variables, database, Credentials("user", "password"), cache)
    found = Settings.of(variables)
    assert found.database.hosts == (("127.0.0.1", 3307),)
    assert (found.database.connect_timeout, found.database.timeout, found.connections) == (5, 60, 5)
    assert (found.session_seconds, found.cookie_seconds, found.drain) == (1800, 1800, 30)
    assert found.cache is not None
    assert (found.cache.hosts, found.cache.master, found.cache.timeout) == (cache.hosts, "sessions", 2)
    assert (of.replicas, of.notice) == (2, 40)
    assert of.drain >= found.drain


def test_no_password_is_shown():
    """What is printed of settings holds no secret."""
    variables = {
        "SERVER_PORT": "1",
        "SPRING_DATASOURCE_URL": "jdbc:postgresql://a:1,b:2/app?connectTimeout=3",
        "SPRING_DATASOURCE_USERNAME": "user",
        "SPRING_DATASOURCE_PASSWORD": "hidden-one",
        "SPRING_DATA_REDIS_HOST": "c",
        "SPRING_DATA_REDIS_PASSWORD": "hidden-two",
    }
    found = Settings.of(variables)
    assert "hidden" not in repr(found)
    assert found.database.hosts == (("a", 1), ("b", 2))
    assert found.database.connect_timeout == 3


@pytest.mark.parametrize(("written", "value"), [("30s", 30), ("500ms", 0.5), ("2m", 120), ("7", 7)])
def test_durations_are_read_as_spring_writes_them(written, value):
    """A wrong one is refused rather than taken for something."""
    assert seconds(written) == value
    with pytest.raises(ValueError, match="no duration"):
        seconds(f"{written} or so")
