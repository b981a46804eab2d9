"""The graph: an immutable set of resources, demands and claims, with queries and nothing else.

May import facts, knowledge and kernel. Law: a body is whole and is never changed in place; a changed graph is a new
graph that shares the bodies that stayed the same.
"""
