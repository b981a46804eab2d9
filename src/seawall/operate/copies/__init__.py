"""Copies of databases: how they are made, where they are kept, what is known of them, and how they come back.

May import what ``operate`` may. Law: a copy is whole or it is not there; nothing is restored whose manifest and content
do not agree; and no password, key or token is in an argument, a file, a log, a manifest or a journal.
"""
