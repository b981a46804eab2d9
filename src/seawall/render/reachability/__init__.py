"""Who reaches whom as a picture: a grid in SVG, or a graph for Graphviz.

May import what a renderer may. Its law: a picture shows every pair that a table has, and what is only perhaps open
looks different from what is.
"""
