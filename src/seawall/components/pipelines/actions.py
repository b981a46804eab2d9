"""The actions that workflows use, each by the commit of a release.

Read on 2026-11-21 from the tags of the actions' own repositories. A tag can be moved by whoever takes over a
repository, a commit cannot; the version stands beside it for people, and for Dependabot, which raises both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a repository, the commit that is run, and the release that the commit is."""

    name: str
    commit: str
    version: str

    @property
    def uses(self) -> str:
        """How a step names it."""
        return f"{self.name}@{self.commit}"


CHECKOUT: Final = Action("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
PYTHON: Final = Action("actions/setup-python", "5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0")
UPLOAD: Final = Action("actions/upload-artifact", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0")
DOWNLOAD: Final = Action("actions/download-artifact", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1")
CREDENTIALS: Final = Action(
    "aws-actions/configure-aws-credentials", "e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"
)
TERRAFORM: Final = Action("hashicorp/setup-terraform", "dfe3c3f87815947d99a8997f908cb6525fc44e9e", "v4.0.1")
TRIVY: Final = Action("aquasecurity/trivy-action", "ed142fd0673e97e23eac54620cfb913e5ce36c25", "v0.36.0")
SARIF: Final = Action("github/codeql-action/upload-sarif", "8aad20d150bbac5944a9f9d289da16a4b0d87c1e", "v4.36.2")

ACTIONS: Final = (CHECKOUT, PYTHON, UPLOAD, DOWNLOAD, CREDENTIALS, TERRAFORM, TRIVY, SARIF)
