"""A `terraform test` file for a rendered stack: providers mocked, upstream outputs filled in, one plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seawall.kernel.value import Ref, refs
from seawall.render.terraform.files import alias, state_name
from seawall.render.terraform.stacks import Stack, StackName, provider_of, providers_of, stack_of


def mocked_test(stack: Stack, found: Mapping[StackName, Stack]) -> dict[str, Any]:
    """The content of a `.tftest.json` file that plans the stack with mocked providers."""
    mocks: dict[str, Any] = {provider: [{}] for provider in sorted({provider_of(r.type) for r in stack.resources})}
    for provider, region in providers_of(stack):
        mocks[provider].append({"alias": alias(region)})
    content: dict[str, Any] = {"mock_provider": mocks, "run": {"mocked": {"command": "plan"}}}
    # A stack that only waits for another reads nothing of it, so there is no state to fill in.
    read = {stack_of(ref.to) for resource in stack.resources for ref in refs(resource.body)}
    if read & set(stack.upstream):
        content["override_data"] = [
            {
                "target": f"data.terraform_remote_state.{state_name(stack, above)}",
                "values": {"outputs": {name: sample(ref) for name, ref in found[above].outputs.items()}},
            }
            for above in stack.upstream
            if above in read
        ]
    return content


def without_ephemeral(folder: Path) -> None:
    """Put a word in place of what is known only while Terraform runs: its mocked providers cannot make that up."""
    (folder / "ephemeral.tf.json").unlink(missing_ok=True)
    for file in folder.glob("*.tf.json"):
        file.write_text(re.sub(r"\$\{ephemeral\.[^}]*\}", "mocked", file.read_text()))


def sample(ref: Ref) -> Any:
    """A value that the provider's own checks accept where the reference is used."""
    name = ref.to.as_terraform()
    assert name is not None
    if ref.attr == "arn" or ref.attr.endswith("_arn"):
        return f"arn:aws:{name.type.split('_')[1]}:{name.region}:123456789012:{name.name}"
    return f"{name.name}-{ref.attr}".replace(".", "-").replace("_", "-")
