"""Who is meant by what a person writes: an address, a name, an ARN."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.needed import acting
from seawall.analyze.permissions.shapes import arn_of
from seawall.analyze.texts import fits
from seawall.facts.compute import Workload
from seawall.facts.delivery import TakesOn
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Principal
from seawall.kernel.address import Address
from seawall.kernel.verdict import Answer


def askers(facts: Facts) -> tuple[Address, ...]:
    """Everybody who can call AWS, or acts as somebody who can; sorted."""
    found: set[Address] = {each.of for each in facts.all(Principal) if each.kind in ("role", "user", "service-account")}
    found.update(each.of for each in facts.all(Workload))
    found.update(each.account for each in facts.all(Assumes) if isinstance(each.account, Address))
    found.update(each.of for each in facts.all(TakesOn))
    return tuple(sorted(found))


def meant(facts: Facts, spelling: str) -> tuple[Address, ...]:
    """Those whom a spelling may mean: just one by its address or ARN, else all of that name."""
    everybody = askers(facts)
    if spelling in everybody:
        return (Address(spelling),)
    if spelling.startswith("arn:"):
        fitting = ((each, arn_of(facts, each)) for each in everybody)
        return tuple(each for each, arn in fitting if arn is not None and fits(spelling, arn) is Answer.PROVEN)
    found = [each for each in everybody if spelling in _names(facts, each)]
    # A pod stands for its account and its role, which often are called the same.
    stood_for = {
        behind
        for each in found
        if facts.where(Workload, of=each)
        for behind in (acting(facts, each).account, *acting(facts, each).roles)
    }
    return tuple(each for each in found if each not in stood_for)


def names(facts: Facts) -> tuple[str, ...]:
    """Every name that means somebody, for suggestions."""
    return tuple(sorted({name for each in askers(facts) for name in _names(facts, each)}))


def _names(facts: Facts, address: Address) -> Iterator[str]:
    if (object_ := address.as_kubernetes()) is not None:
        yield object_.name
        yield f"{object_.namespace}/{object_.name}"
        yield f"{object_.kind}/{object_.namespace}/{object_.name}"
    elif (resource := address.as_terraform()) is not None:
        yield resource.path
        yield resource.path.rpartition(".")[2]
    for principal in facts.where(Principal, of=address):
        if isinstance(principal.name, str):
            yield principal.name
