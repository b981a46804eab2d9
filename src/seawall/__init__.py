"""Seawall turns one short description of a cloud platform into everything it takes to run it.

It proves what is claimed of the platform, or says what is unknown and why, and rehearses its failures.
Import from the module that defines a thing: nothing but the version lives here.
"""

__version__ = "0.1.0"
