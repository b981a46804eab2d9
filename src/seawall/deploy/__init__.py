"""What brings a rendered platform into being and takes it away again: Terraform and kubectl runners, plan,
journal, drift, validate.

May import everything below it (render, check, simulate, components, ingest, analyze, readers, model, graph,
facts, knowledge, kernel); nothing of it is ever imported by those, nor by check or render. Its law: what
touches the world goes through a saved plan and a journal, so that whatever is killed can be resumed.
"""
