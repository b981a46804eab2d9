"""The embedded target: moto in a detached child process, patched until the real AWS provider is content with it.

Holds the child process (server), its life (process), what Terraform and boto3 need to reach it (surroundings, clients),
the question whether anything is left in it (leftovers), one patch per AWS service (patches) and what patches are put on
with (grafting, unknown_services). May import the kernel only. Its law: an emulator answers as AWS documents; it never
answers so as to make a check pass, and it has no data plane.
"""
