"""CloudFormation templates, written by hand or by the CDK, as resources of Terraform's types.

May import what ``ingest`` may. Law: a template's own functions are worked out as far as it says, and what it leaves to
the day it is deployed is an Unknown; a type's defaults are CloudFormation's, stated where Terraform's differ.
"""
