"""The vocabulary: what is so (facts) and what must be possible (demands), in words that no vendor owns.

May import kernel and knowledge. Law: facts are the only language that analyses and rules understand, so nothing here
speaks of Terraform, CloudFormation or YAML; an object that merely exists has no fact, what it does is one.
"""
