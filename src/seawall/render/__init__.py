"""Renderers, one folder for each kind of output: a platform and its graph become files.

May import the lines below; renderers do not import each other but for how a format is spelled. Law: each has
``files(platform, graph)``, which yields relative paths with their bytes, is pure, and gives the same bytes for the same
graph; one that writes down less than a platform has no module ``files``.
"""
