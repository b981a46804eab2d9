"""What is done to a platform that runs, and the rehearsals of it: runbooks, and drills that play them on real servers.

May import everything but the commands. Law: whatever changes the world is a step of a runbook, so it is journalled,
audited and never done twice; and a drill runs the very runbook that a bad day would, against servers of its own.
"""
