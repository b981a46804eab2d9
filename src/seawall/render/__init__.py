"""Renderers, one folder for each kind of output: a platform and its graph become files.

May import the lines below; renderers do not import each other. Law: each has ``files(platform, graph)``, which
yields relative paths with their bytes, is pure, and gives the same bytes for the same graph.
"""
