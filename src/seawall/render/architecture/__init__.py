"""The platform as people look at it: ARCHITECTURE.md with its tables, and nested diagrams as Mermaid and as SVG.

Everything is worked out from the facts of the very bodies that are rendered beside it, so it cannot be out of date. Its
law: what a table cannot know it says so, and nothing is drawn that no resource states.
"""
