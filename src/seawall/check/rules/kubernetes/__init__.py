"""Rules about workloads: scaling, disruption, placement, images and probes."""
