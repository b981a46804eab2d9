"""Versions of engines: what is gone, what a cache takes, and that nothing current is called gone."""

from __future__ import annotations

from seawall.knowledge.database_engines import ENGINES
from seawall.knowledge.engine_versions import cache_versions, is_gone


def test_a_minor_version_goes_and_a_major_one_does_not() -> None:
    """A deprecated minor version cannot be made; its major version alone means whichever is current."""
    assert is_gone("aurora-postgresql", "15.4")
    assert is_gone("mysql", "8.0.34")
    assert not is_gone("aurora-postgresql", "15")
    assert not is_gone("aurora-mysql", "8.0")
    assert is_gone("aurora-mysql", "8.0.mysql_aurora.3.05.1")
    assert not is_gone("aurora-postgresql", "15.17")
    assert not is_gone("oracle-ee", "19")


def test_nothing_that_is_newest_is_gone() -> None:
    """The two tables of versions agree: the newest minor version that is known can be made."""
    for name, engine in ENGINES.items():
        for newest in engine.newest.values():
            assert not is_gone(name, newest), (name, newest)


def test_a_cache_takes_versions_without_patch() -> None:
    """ElastiCache names 7.0 and 7.1, no 7.0.7; of an engine that is not here nothing is known."""
    assert "7.0.7" not in (cache_versions("redis") or ())
    assert {"7.0", "7.1"} <= set(cache_versions("redis") or ())
    assert cache_versions("memcached") is None
