"""Tenants through pingvas' own PgBouncer and migrations, many clients on few connections."""

from __future__ import annotations

import pytest

from drilled import drilled, setting

pytestmark = pytest.mark.needs("postgresql", "pgbouncer", "drill")


def test_no_tenant_sees_another_s_rows_and_a_leak_would_be_seen():
    """Not one wrong read or write on shared connections, clients that vanish included; without its rules there are."""
    outcome, measured = drilled("tenant-isolation", setting("pingvas"))
    assert measured["reads of another tenant's rows"] == 0
    assert measured["writes into another tenant's rows"] == 0
    assert measured["reads"] > 200
    assert measured["connections used by both tenants"] > 0
    assert measured["wrong reads without its protection"] > 0
    assert outcome.settings["pool_mode"] == "transaction"
    assert outcome.settings["connections"] == 15
