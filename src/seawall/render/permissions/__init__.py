"""What makes a workload's calls possible and nothing else, written down: role, trust, policies, account and patch.

May import the lines below and, of the renderers, only how Terraform and YAML are spelled. Law: every format says the
same, and what nobody knows yet is a variable or a star that the reader is told of, never a guess.
"""
