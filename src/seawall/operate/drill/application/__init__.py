"""A small clinic that drills run as the platform's service: owners, pets, visits, logins; it is its own program.

Run as ``python -m seawall.operate.drill.application``. It reads the environment variables that the platform gives its
pods (Spring's words), imports nothing else of Seawall, and acknowledges a write only when the database has committed.
"""
