"""Terraform as ``.tf.json`` root modules, one for each stack, such as a person could keep without Seawall.

May import graph and kernel. Law: what is written says exactly what the bodies say, no more and no less, and text
of the user's can never become a Terraform expression.
"""
