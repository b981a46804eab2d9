"""The frame of the description: what a platform.yaml may say, read with the line of every word.

May import graph, facts, knowledge and kernel. Law: this package knows no component; the loader is handed the kinds
that there are, and every mistake it finds carries the file, line and column of the word that made it.
"""
