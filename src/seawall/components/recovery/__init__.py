"""What is kept, and can be served, in another cloud: copies of databases, and a machine that stands in.

May import what components may. Law: everything in Azure is made through ``Azure``, so that every body has its place
and its tags; no secret lies in a body, and no workload of AWS holds a credential of Azure's longer than minutes.
"""
