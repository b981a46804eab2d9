"""Figures of the world outside, one file a subject, each with its source and the date it was read.

May import kernel. Law: no figure without provenance, and no logic beyond looking one up.
"""
