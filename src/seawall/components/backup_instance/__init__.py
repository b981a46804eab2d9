"""An instance that copies databases to another cloud on a schedule: what it is made of, and what it runs.

May import what components may. Law: what runs on the instance lies here as files, which are tested as they are; nothing
secret is in them, nor in what the instance is started with.
"""
