"""What of each kind's metrics is worth an alert of Prometheus, for the ``alerts`` of components to say.

It knows names, namespaces and metrics, and no kind: what an alert needs to know of a component it is given. An alert
that several components have in common is said once, by the first of them, about all; what tells them apart are labels.
"""
