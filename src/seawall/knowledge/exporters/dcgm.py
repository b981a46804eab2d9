"""NVIDIA's dcgm-exporter with its default counters: each graphics processor, and the pod that has it."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "NVIDIA/dcgm-exporter@d5e5f510a1b6, etc/default-counters.csv, "
    "internal/pkg/rendermetrics/render_metrics.go, internal/pkg/transformation/const.go"
)
METRICS: Final = """
DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS counter gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION \
container namespace pod
DCGM_FI_DEV_DEC_UTIL gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_ENC_UTIL gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_FB_FREE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_FB_RESERVED gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_FB_USED gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_GPU_TEMP gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_GPU_UTIL gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_MEMORY_TEMP gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_MEM_CLOCK gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_MEM_COPY_UTIL gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL counter gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION \
container namespace pod
DCGM_FI_DEV_PCIE_REPLAY_COUNTER counter gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION \
container namespace pod
DCGM_FI_DEV_POWER_USAGE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_ROW_REMAP_FAILURE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_SM_CLOCK gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION \
container namespace pod
DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS counter gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION \
container namespace pod
DCGM_FI_DEV_VGPU_LICENSE_STATUS gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_DEV_XID_ERRORS gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container namespace \
pod
DCGM_FI_PROF_DRAM_ACTIVE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_PROF_GR_ENGINE_ACTIVE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_PROF_PCIE_RX_BYTES gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_PROF_PCIE_TX_BYTES gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE gauge gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION container \
namespace pod
"""
