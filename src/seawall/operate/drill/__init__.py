"""Drills: the failures of a platform, played on real servers on this machine's loopback, and measured from outside.

``servers/`` starts what a platform consists of, ``scenarios/`` are the bad days, one module each. Law: everything lies
in folders that only its owner may open, under secrets made for the run, and goes with the run however that ends; what
is measured says which stand-ins it was measured with, and proves nothing of the real thing by itself.
"""
