"""What Terraform was seen to call, in IAM's own words."""

from __future__ import annotations

from seawall.knowledge import authorization, terraform_calls

PHASES = ("create", "read", "delete")


def test_every_call_is_an_action_that_aws_has() -> None:
    """A call whose permission has another name is translated, or a role would be asked for what nobody can grant."""
    found = {
        action for type in terraform_calls.seen() for phase in PHASES for action in terraform_calls.actions(type, phase)
    }
    assert [action for action in sorted(found) if authorization.action(action) is None] == []
    assert len(found) > 300


def test_looking_changes_nothing() -> None:
    """What was seen while something was read is of the kind that reads: the phases are told apart."""
    for type in terraform_calls.seen():
        for action in terraform_calls.actions(type, "read"):
            known = authorization.action(action)
            assert known is not None
            assert not known.writes, (type, action)


def test_it_says_whose_calls_and_of_which_day() -> None:
    """Another version of the provider may call something else."""
    assert terraform_calls.edition().startswith("hashicorp/aws 5.")


def test_a_type_that_was_never_seen_is_not_known() -> None:
    """Nothing is not the same as no calls: whoever asks can tell."""
    assert "aws_vpc" in terraform_calls.seen()
    assert "aws_worklink_fleet" not in terraform_calls.seen()
    assert terraform_calls.actions("aws_worklink_fleet", "create") == ()
