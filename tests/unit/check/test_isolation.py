"""Claims of isolation: proven where no pair has a way, refuted by a witness with its path, else unknown."""

from __future__ import annotations

from functools import cache

import pytest

from platforms import shipped
from seawall.check.claims import judge
from seawall.check.isolation import judged
from seawall.facts.isolation import Isolation
from seawall.facts.resilience import Claim
from seawall.readers.read import facts_of


@cache
def petclinic():
    """The facts of the shipped platform."""
    return facts_of(shipped("petclinic")[1])


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ("web -> petclinic-db never", "proven"),
        ("was -> petclinic-db only 3306", "proven"),
        ("was -> petclinic-db only 3000-4000, udp 53", "proven"),
        ("* -> petclinic-db only 3306", "proven"),
        ("petclinic/web -> petclinic/was never", "proven"),
        ("internet -> petclinic-db never", "proven"),
        ("was -> internet never", "proven"),
        ("was -> petclinic-db never", "refuted"),
        ("was -> petclinic-db only 5432", "refuted"),
        ("petclinic -> petclinic never", "refuted"),
        ("internet -> was never", "refuted"),
        ("was -> sessions only 6379", "refuted"),
        ("petclinic-db -> was never", "proven"),  # a store answers, and asks nobody
        ("was -> loki-logs never", "unknown"),  # a bucket is nowhere in the network; identities decide
        ("internet -> loki-logs never", "proven"),
        ("internet -> maintenance never", "refuted"),
        ("wep -> petclinic-db never", "unknown"),
        ("web -> petclinic/web never", "unknown"),
    ],
)
def test_a_claim_is_held_against_every_pair(claim, answer):
    """Names of things, namespaces, everything, and the internet on either side."""
    verdict, lines = judged(petclinic(), Isolation.parse(claim))
    assert str(verdict.answer) == answer, lines


def test_parts_of_a_store_are_where_it_is():
    """The instances of an Aurora cluster have no place of their own: what holds of the cluster holds of them."""
    facts = facts_of(shipped("genai-demo")[1])
    verdict, lines = judged(facts, Isolation.parse("internet -> genai-demo-db never"))
    assert verdict.proven, lines
    assert not any("aws_rds_cluster_instance" in line for line in lines)


def test_what_is_refuted_has_a_witness_with_its_path():
    """Who reaches whom on what, and each hop that lets it through."""
    _, lines = judged(petclinic(), Isolation.parse("petclinic -> petclinic-db never"))
    assert lines[0].startswith("petclinic-production/CronJob/petclinic/recovery reaches ap-northeast-2/data:aws_db_")
    assert any(line.startswith("egress policy: proven: ") for line in lines)
    assert any(line.startswith("ingress group: proven: ") for line in lines)
    assert lines[-1] == "and 2 more pairs"


def test_what_is_proven_says_what_its_words_were_taken_to_mean():
    """A claim about fewer things than its owner thinks would be an empty promise."""
    _, lines = judged(petclinic(), Isolation.parse("web -> petclinic-db never"))
    assert lines == (
        "of 1 pair none lets anything through",
        "web is petclinic-production/Deployment/petclinic/web",
        "petclinic-db is ap-northeast-2/data:aws_db_instance.petclinic_db",
    )


def test_a_word_that_means_nothing_keeps_a_claim_from_being_proven():
    """With the nearest word that means something."""
    _, lines = judged(petclinic(), Isolation.parse("wep -> petclinic-db never"))
    assert lines == ("nothing in the input is called wep; did you mean web?",)


def test_claims_of_a_description_are_judged_with_all_others():
    """The fact that the description leaves is enough."""
    claim = Claim("isolation", "web -> petclinic-db never", Isolation.parse("web -> petclinic-db never"))
    found = {one.claim: one for one in judge(petclinic().and_also([claim]))}
    assert found[claim].verdict.proven
