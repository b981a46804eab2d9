"""What stands between the world and the services: names, certificates, load balancer, distributions, firewall.

May import what components may. Law: whatever a visitor's request passes on its way to a pod is made here, and the
services learn of it through ``Front`` alone.
"""
