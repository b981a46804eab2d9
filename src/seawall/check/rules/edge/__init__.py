"""Rules about the edge: names, failover, distributions, certificates, firewalls."""
