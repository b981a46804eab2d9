"""Tables of exporters: every line is a metric, and names that are computed are those that the exporter computes."""

from __future__ import annotations

import re
import sys

import pytest

from seawall.knowledge.exporters import yace
from seawall.knowledge.exporters.catalogue import Metric, exporter, names, read, source

METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@pytest.mark.parametrize("name", names())
def test_every_table_is_read(name: str) -> None:
    """Names and labels are such as Prometheus takes, no label stands twice, and the source names a repository."""
    found = exporter(name)
    assert found
    for metric, body in found.items():
        assert METRIC.fullmatch(metric)
        assert all(LABEL.fullmatch(label) and not label.startswith("__") for label in body.labels)
        assert len(set(body.labels)) == len(body.labels)
        # The bound of a bucket is a label of buckets alone.
        assert ("le" in body.labels) == (body.type == "histogram" and metric.endswith("_bucket"))
    assert re.match(r"[\w.-]+/[\w.-]+", source(name))


def test_a_histogram_is_three_names_and_a_summary_three() -> None:
    """What a query asks for is the parts: buckets with their bounds, a sum and a count."""
    assert read("seconds histogram path\nsize summary\nall counter") == {
        "seconds_bucket": Metric("histogram", ("path", "le")),
        "seconds_sum": Metric("histogram", ("path",)),
        "seconds_count": Metric("histogram", ("path",)),
        "size": Metric("summary", ("quantile",)),
        "size_sum": Metric("summary", ()),
        "size_count": Metric("summary", ()),
        "all": Metric("counter", ()),
    }


def test_a_line_without_a_known_type_is_refused() -> None:
    """A slip of the pen is no metric without a type."""
    with pytest.raises(ValueError, match="known are counter"):
        read("up guage")


def test_an_unknown_exporter_is_none() -> None:
    """Nobody is told that an exporter exports nothing because its table is not here."""
    assert exporter("of-my-own") is None
    assert source("of-my-own") == ""


def test_tables_are_read_when_they_are_asked_for() -> None:
    """The list of names costs no table."""
    before = {module for module in sys.modules if module.startswith("seawall.knowledge.exporters.")}
    assert "karpenter" in names()
    assert {module for module in sys.modules if module.startswith("seawall.knowledge.exporters.")} == before


@pytest.mark.parametrize(
    ("said", "exported"),
    [
        (("AWS/RDS", "CPUUtilization", "Average"), "aws_rds_cpuutilization_average"),
        (("AWS/ApplicationELB", "UnHealthyHostCount", "Maximum"), "aws_applicationelb_un_healthy_host_count_maximum"),
        (
            ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum"),
            "aws_applicationelb_httpcode_target_5_xx_count_sum",
        ),
        (("AWS/ApplicationELB", "TargetResponseTime", "p99"), "aws_applicationelb_target_response_time_p99"),
        (("AWS/Route53", "HealthCheckStatus", "Minimum"), "aws_route53_health_check_status_minimum"),
        (("Glue", "glue.driver.jvm.heap.usage", "Average"), "aws_glue_driver_jvm_heap_usage_average"),
        (
            ("/aws/sagemaker/TrainingJobs", "CPUUtilization", "Average"),
            "aws_sagemaker_trainingjobs_cpuutilization_average",
        ),
    ],
)
def test_cloudwatch_under_the_names_that_its_exporter_gives(said: tuple[str, str, str], exported: str) -> None:
    """The rule of the exporter's own source, with the names of its documentation and of pingvas' document."""
    assert yace.metric(*said) == exported


def test_labels_of_cloudwatch() -> None:
    """Dimensions and tags are labels with what is no part of a name made an underscore."""
    found = yace.labels(("Cluster Name",), ("Name", "cost-center"))
    assert found == ("name", "region", "account_id", "dimension_Cluster_Name", "tag_Name", "tag_cost_center")
    assert yace.labels(("DBInstanceIdentifier",), snake_case=True)[3:] == ("dimension_dbinstance_identifier",)
