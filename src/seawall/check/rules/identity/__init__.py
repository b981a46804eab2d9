"""Rules about identity: who may take on which role, and what that role may do."""
