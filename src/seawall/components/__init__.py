"""Components: what can be wanted, and what each wish comes to, one module a kind.

May import model, graph, facts, knowledge and kernel; not ingest or analyze. Law: expanding is a pure function of the
platform; a component makes its own resources, and learns of another only what that one offers.
"""
