"""What a document says that its platform costs, as claims."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from seawall.facts.cost import Bill
from seawall.kernel.units import Duration, Money
from seawall.model.platform import ClaimsFile, claims_of


def test_a_line_may_say_what_it_is_worked_out_from() -> None:
    """Lines keep their amounts; a rate says how many and what each costs an hour, one of it unless it says more."""
    bill = {
        "lines": {"cluster": "73.00 USD", "nodes": "76 USD"},
        "total": "149 USD",
        "rates": {"cluster": {"hourly": "0.10 USD"}, "nodes": {"units": 2, "hourly": "0.052 USD"}},
    }
    [claim] = claims_of(ClaimsFile.model_validate({"claims": {"bill": {"aws": bill}}}).claims)
    assert isinstance(claim.value, Bill)
    assert claim.value.lines == (("cluster", Money(Decimal("73.00"))), ("nodes", Money(Decimal(76))))
    assert claim.value.rates == (("cluster", 1, Money(Decimal("0.10"))), ("nodes", 2, Money(Decimal("0.052"))))
    assert str(claim.value) == "149.00 USD in 2 lines"


def test_a_line_is_for_something() -> None:
    """Nothing costs nothing an hour: none of a thing is refused."""
    bill = {"lines": {"a": "1 USD"}, "total": "1 USD", "rates": {"a": {"units": 0, "hourly": "1 USD"}}}
    with pytest.raises(ValidationError):
        ClaimsFile.model_validate({"claims": {"bill": {"aws": bill}}})


def test_a_restore_has_two_claims() -> None:
    """How long it takes and what it loses are claims of their own, as those of a loss are."""
    stated = ClaimsFile.model_validate({"claims": {"recovery": {"rto": "1 h", "rpo": "24 h"}}}).claims
    assert {(claim.subject, claim.measure): claim.value for claim in claims_of(stated)} == {
        ("recovery", "rto"): Duration(3600),
        ("recovery", "rpo"): Duration(86400),
    }


def test_an_environment_has_a_restore_of_its_own() -> None:
    """What is promised of one environment is one claim, under its name, with both figures."""
    stated = {"claims": {"recoveries": {"dev": {"rto": "4 h", "rpo": "24 h"}}}}
    [claim] = claims_of(ClaimsFile.model_validate(stated).claims)
    assert (claim.subject, claim.measure, str(claim.value)) == ("recoveries", "dev", "rto 4 h, rpo 1 d")
