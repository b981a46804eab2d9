"""The smallest words of Seawall: addresses, values that are not known yet, verdicts, findings, units, errors.

May import nothing of Seawall. Law: everything here is an immutable value that prints, compares and sorts by itself.
"""
