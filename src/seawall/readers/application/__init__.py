"""Readers of applications' own configuration: properties files and environment variables become demands.

May import what readers may. Law: only what the framework itself documents as meaning an address, a pool or a time
is read; a name that merely looks like one is left alone.
"""
