"""The reference platforms, shipped as data: one folder each, with its description and its README."""
