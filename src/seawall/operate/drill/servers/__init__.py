"""The servers of a drill, one module a kind: each starts a real one on a stage, from what the platform says of it."""
