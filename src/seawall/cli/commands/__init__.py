"""The commands, one module each; the module's name is the word that is typed.

Each has a docstring, whose first line is its help, ``arguments(parser)`` and ``run(options) -> exit status``. Nothing
heavy is imported before ``run``.
"""
