"""The command line: one thin module per command over the use cases of the packages below.

May import everything but the console. Law: a command reads its arguments, calls, prints and chooses the exit status;
anything worth testing twice lives below. Importing this package costs nothing, so that a command starts at once.
"""
