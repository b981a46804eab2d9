"""Who may do what: IAM's own evaluation over facts, and what is needed held against what is granted.

From the inside outwards: text and conditions are compared (``globs``, ``conditions``, ``variables``), a policy is
compiled and asked (``policy``), the layers of policies decide a request (``evaluate``), the facts of an estate say
which layers apply to whom (``applicable``), and a demand is followed from the pod to the key (``chain``), which is
what gaps and excess are made of. Its law: three answers, and a Deny that may match is never passed over.
"""
