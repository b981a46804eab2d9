"""Migrations: the SQL files of a platform, and the Job that applies each of them once to every schema.

It holds the component, and the SQL and shell that run beside the platform's own files. It may import what every
component may. Its law: what runs in the cluster is what runs by hand and in the tests, byte for byte.
"""
