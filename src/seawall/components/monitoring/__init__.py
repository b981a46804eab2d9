"""Monitoring: what Prometheus keeps, which alerts it raises, who is told of them, and what is asked of it often.

May import what components may. Law: an alert is here only with series that raise it and series that do not, and every
expression is parsed before it is written; what is worth an alert of a component is said by the component itself.
"""
