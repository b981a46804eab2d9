"""How a site takes over from home and gives back: ordered actions as data, and the state machines made of them.

Each component says its own part by ``Expandable.takes_over``; the order follows from what needs what. Law: an action is
data alone, so that whoever carries it out, here or in AWS, does the same calls and asks the same questions.
"""
