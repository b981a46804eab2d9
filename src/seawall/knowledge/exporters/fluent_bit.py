"""Fluent Bit: records and bytes of each input and output, and what was retried or given up."""

from __future__ import annotations

from typing import Final

SOURCE: Final = "fluent/fluent-bit@d55459d492c5, src/flb_input.c, src/flb_output.c, src/flb_metrics.c"
METRICS: Final = """
fluentbit_build_info gauge hostname version os
fluentbit_hot_reloaded_times counter hostname
fluentbit_input_bytes_total counter name
fluentbit_input_records_total counter name
fluentbit_output_dropped_records_total counter name
fluentbit_output_errors_total counter name
fluentbit_output_proc_bytes_total counter name
fluentbit_output_proc_records_total counter name
fluentbit_output_retried_records_total counter name
fluentbit_output_retries_failed_total counter name
fluentbit_output_retries_total counter name
fluentbit_process_start_time_seconds gauge hostname
fluentbit_uptime counter hostname
"""
