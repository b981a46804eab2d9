"""Failover and failback: another place takes over from the one that was lost, and hands it back.

May import what ``operate`` may. Law: what is asked of a place goes through the protocols of ``site``, so a drill runs
the very steps that a bad day would; and nothing is written to two places at once.
"""
