"""Checking: rules over facts, waivers, claims, and the forms in which a report is written.

May import components, ingest, analyze and everything below them, never the command line, deploy, simulate or render.
Law: a rule is a pure generator over facts; it reads no resource body, no file and no clock, and what it cannot know
it says by name.
"""
