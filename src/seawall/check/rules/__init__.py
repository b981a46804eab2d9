"""The rules, one folder an area; a rule is a module and its page of the same name beside it.

May import check.rule and whatever check may import below it. Law: a rule reads facts only, is a pure generator, and
shares nothing with another rule; what two rules need is an analysis.
"""
