"""A page for every alarm of CloudWatch and every alert of Prometheus: what it means, and what is done about it first.

May import what render may. Law: a page says what the alarm's own body says and what the graph knows of its
surroundings; the first steps are the component's that asked for the alarm.
"""
