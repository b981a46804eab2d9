"""What a validation may conclude: proven, refuted, or unknown because of something that is named."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from seawall.deploy.probe import Absent, Seen, Standing, known_types, probe_of, probes
from seawall.deploy.target import Cloud
from seawall.deploy.validate import judge
from seawall.kernel.address import Address
from seawall.kernel.verdict import Answer

pytestmark = pytest.mark.needs("emulator")  # boto3's errors


def _error(code: str) -> Exception:
    from botocore.exceptions import ClientError

    return ClientError({"Error": {"Code": code}}, "Describe")


CASES: list[tuple[Seen | Exception, Answer, str]] = [
    (Seen(), Answer.PROVEN, "it is there"),
    (Seen({"name": ("a", "a")}, {"Name": "x"}, True, "active"), Answer.PROVEN, "its tags are on it"),
    (Seen({"name": ("a", "b")}), Answer.REFUTED, "name is 'b' and should be 'a'"),
    (Seen(tags={"Name": "y"}), Answer.REFUTED, "tag Name is 'y' and should be 'x'"),
    (Seen(healthy=False, health="state failed"), Answer.REFUTED, "not healthy: state failed"),
    (Seen(healthy=None, health="state INSUFFICIENT_DATA"), Answer.UNKNOWN, "INSUFFICIENT_DATA"),
    (Absent(), Answer.REFUTED, "not there"),
    (_error("InvalidVpcID.NotFound"), Answer.REFUTED, "InvalidVpcID.NotFound"),
    (_error("AccessDenied"), Answer.UNKNOWN, "AccessDenied"),
    (KeyError("Status"), Answer.UNKNOWN, "Status"),
]


@pytest.mark.parametrize(("said", "answer", "because"), CASES)
def test_three_verdicts(monkeypatch: pytest.MonkeyPatch, said: Seen | Exception, answer: Answer, because: str) -> None:
    """What is wrong is refuted, what cannot be told is unknown with its reason, and only the rest is proven."""

    def probe(standing: Standing) -> Seen:
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr("seawall.deploy.validate.probe_of", lambda type: probe)
    values: dict[str, Any] = {"tags_all": {"Name": "x"}}
    verdict = judge(Standing(Address("r/s:aws_a.b"), "aws_a", values, "r", Cloud({})))
    assert verdict.answer is answer
    assert because in " ".join(str(reason) for reason in verdict.because)


def test_probes_are_found_by_walking() -> None:
    """Adding a probe is adding a function to the package: no table names it, and no type has two."""
    assert "aws_vpc" in known_types()
    assert probe_of("aws_nobody_knows") is None
    with pytest.raises(ValueError, match="two probes"):
        probes("aws_vpc")(lambda standing: Seen())


@pytest.mark.parametrize("name", ["petclinic", "pocketbank", "genai-demo", "pingvas"])
def test_whatever_a_platform_makes_in_aws_can_be_asked_for(name: str) -> None:
    """No address of a shipped platform is unknown because nobody has written how to ask for its type."""
    from platforms import shipped
    from seawall.cli.input import reference_platforms

    description = (reference_platforms()[name] / "platform.yaml").read_text()
    for environment in yaml.safe_load(description)["environments"]:
        _, graph = shipped(name, environment)
        made = {resource.type for resource in graph if resource.type.startswith("aws_")}
        assert made - set(known_types()) == set()
