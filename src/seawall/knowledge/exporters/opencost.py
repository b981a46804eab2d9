"""OpenCost: what nodes and volumes cost an hour, and how much of them containers are given.

The chart's exporter also repeats names of kube-state-metrics unless it is told not to; those are not listed.
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "opencost/opencost@5f6533303e38, pkg/costmodel/metrics.go, pkg/metrics"
INCLUDES: Final = ("go",)
METRICS: Final = """
container_cpu_allocation gauge namespace pod container instance node
container_gpu_allocation gauge namespace pod container instance node
container_memory_allocation_bytes gauge namespace pod container instance node
kubecost_cluster_management_cost gauge provisioner_name
kubecost_load_balancer_cost gauge ingress_ip namespace service_name
kubecost_network_internet_egress_cost gauge
kubecost_network_region_egress_cost gauge
kubecost_network_zone_egress_cost gauge
kubecost_node_is_spot gauge instance node instance_type region provider_id arch
node_cpu_hourly_cost gauge instance node instance_type region provider_id arch
node_gpu_count gauge instance node instance_type region provider_id arch
node_gpu_hourly_cost gauge instance node instance_type region provider_id arch
node_ram_hourly_cost gauge instance node instance_type region provider_id arch
node_total_hourly_cost gauge instance node instance_type region provider_id arch
opencost_build_info gauge version revision
pod_pvc_allocation gauge namespace pod persistentvolumeclaim persistentvolume
pv_hourly_cost gauge volumename persistentvolume provider_id
"""
