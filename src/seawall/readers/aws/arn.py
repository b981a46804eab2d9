"""Amazon resource names: their shape, as far as it is known before apply."""

from __future__ import annotations

from typing import Final

from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, Unknown, text

ACCOUNT = Unknown("account", why="no input says which account this is")
"""The hole in every ARN of the account; one and the same, so that equal names stay equal facts."""

REGION = Unknown("region", why="no input says in which region this is")
"""The hole in the ARN of what is of a region and of no provider that says which: whoever deploys it does, for all."""

WHOLE_ARN = "whole_arn"
"""The attribute of an Identifier that is an ARN with its account's number, beside the one with a hole."""


def partition(region: str | Unknown) -> str:
    """The partition of a region: China and GovCloud have their own."""
    if isinstance(region, str) and region.startswith("cn-"):
        return "aws-cn"
    if isinstance(region, str) and region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


def arn(resource: Resource, service: str, *name: Textual, everywhere: bool = False) -> Textual:
    """The ARN of something that a resource makes; ``everywhere`` leaves the region out, as IAM does."""
    region: Textual = "" if everywhere else REGION if resource.region == "" else resource.region
    return text("arn:", partition(resource.region), ":", service, ":", region, ":", ACCOUNT, ":", *name)


def account_root(resource: Resource) -> Textual:
    """The principal that stands for the whole account."""
    return arn(resource, "iam", "root", everywhere=True)


def made_up(resource: Resource, attribute: str, length: int = 0) -> Unknown:
    """The part of an identifier that AWS makes up; ``length`` in letters and digits where AWS documents it."""
    why = "AWS makes it up when the resource is created"
    return Unknown(f"{resource.address}.{attribute}", why=why, length=length)


SECRET_SUFFIX: Final = 6
"""Letters and digits behind the name in a secret's ARN.

Source: AWS Secrets Manager User Guide, "Permissions reference for Secrets Manager", read 2026-11-22.
"""
