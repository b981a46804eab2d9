"""What known exporters export: one module an exporter, with its metrics, their types and the labels they have.

May import kernel. Law: a metric stands here only if the exporter's own source or documentation names it; the source
is said with repository, commit and file. A table is read when its exporter is asked for, not before.
"""
