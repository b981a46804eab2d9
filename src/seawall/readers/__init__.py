"""Readers turn the body of one resource into facts.

May import graph, facts, knowledge and kernel. Law: a reader sees one body and nothing else; joins are queries over
facts, and the defaults of a provider are the reader's business, so that no rule has to know one.
"""
