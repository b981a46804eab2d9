"""Logs of pods: where they go, what reads them off the nodes, and what keeps them.

May import what components may. Law: whoever writes or keeps logs may do that and nothing else, and Terraform makes
what they are kept in, so that it has a key and an end.
"""
