"""The embedded target: moto in a detached child process, patched until the real AWS provider is content with
it.

Holds the child process (server), its life (process), the surroundings Terraform needs to reach it
(surroundings), the question whether anything is left in it (leftovers) and one patch per AWS service
(patches). May import the kernel only. Its law: an emulator answers as AWS documents; it never answers so as
to make a check pass, and it has no data plane.
"""
