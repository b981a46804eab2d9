"""Files of known formats, each written where its address says: workflows, pipelines, tests of rules.

May import what render may. Law: the file says what the resource's body says and nothing else, so that it can be read
back into the same body.
"""
