"""What every platform keeps of what it says: logs with an end, traces as their documents sample them."""

from __future__ import annotations

import pytest
import yaml

from platforms import shipped
from seawall.cli.input import reference_platforms

ENVIRONMENTS = [
    pytest.param(name, environment, id=f"{name}-{environment}")
    for name, folder in reference_platforms().items()
    for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
]
# What PutRetentionPolicy takes (Amazon CloudWatch Logs API), without the one that means for ever.
DAYS = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_log_group_has_an_end(name, environment):
    """Each says for how many days, and it is a number that CloudWatch takes."""
    _, graph = shipped(name, environment)
    groups = graph.of_type("aws_cloudwatch_log_group")
    assert groups
    for group in groups:
        assert group.body.get("retention_in_days") in DAYS, group.address


@pytest.mark.parametrize(
    ("environment", "rate", "regions"),
    [
        ("production", 0.05, {"ap-east-2", "ap-northeast-1"}),
        ("staging", 0.1, {"ap-east-2"}),
        ("development", 0.1, {"ap-northeast-1"}),
    ],
)
def test_genai_demo_samples_as_documented(environment, rate, regions):
    """One request in twenty in production, one in ten elsewhere; a group of what failed or was slow in each region."""
    _, graph = shipped("genai-demo", environment)
    rules, groups = graph.of_type("aws_xray_sampling_rule"), graph.of_type("aws_xray_group")
    assert {str(rule.region) for rule in rules} == {str(group.region) for group in groups} == regions
    assert {rule.body["fixed_rate"] for rule in rules} == {rate}
    for group in groups:
        assert "fault = true" in group.body["filter_expression"]
