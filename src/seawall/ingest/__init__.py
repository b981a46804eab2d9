"""Readers of existing estates, one module for each input format: files become resources of the graph.

May import readers, model, graph, facts, knowledge and kernel. Law: what cannot be decided becomes an Unknown that
names its attribute; nothing is guessed, and nothing secret is kept.
"""
