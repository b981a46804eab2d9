"""Analyses: questions over facts that more than one rule or command asks.

May import readers, graph, facts, knowledge and kernel. Law: an analysis sees facts only and answers with a verdict of
three values; it looks at every hop, so that an unknown one never hides a definite no behind it.
"""
