"""Reachability: whether one thing can open a connection to another, hop by hop, and which hop says no.

May import what analyze may. Law: every hop is evaluated; the first definite no is reported, and only without one the
first unknown.
"""
