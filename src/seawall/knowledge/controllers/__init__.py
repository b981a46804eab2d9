"""What known controllers ask of AWS: one module a controller, with how it is recognised and what it needs when.

May import kernel. Law: an action stands here only if the controller's own project publishes it as needed, or its source
calls it; one that is needed in one configuration alone says which. Source and version are said in each module.
"""
