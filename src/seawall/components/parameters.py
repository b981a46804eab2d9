"""Parameters: settings of the application in Parameter Store, which it reads by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from seawall.components.component import Expandable
from seawall.components.offer import Offer, Right
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.value import text
from seawall.model.fields import Line

Key = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$")]
Value = Annotated[Line, Field(min_length=1)]


class Parameters(Expandable):
    """Plain parameters below one path; nothing secret, for what Terraform writes lies in its state."""

    stack: ClassVar[str] = "data"

    kind: Literal["parameters"]
    path: Annotated[str, Field(pattern=r"^(/[a-zA-Z0-9_.-]+)+$")] | None = None
    """Where they lie; where silent ``/platform/environment``."""
    values: Annotated[Mapping[Key, Value], Field(min_length=1)]
    """Name below the path -> value."""

    def _path(self, scope: Scope) -> str:
        return self.path or f"/{scope.platform.name}/{scope.platform.environment}"

    def offer(self, scope: Scope) -> Offer:
        """The right to read what lies below the path, in this region."""
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        below = text(f"arn:aws:ssm:{scope.region}:", account, f":parameter{self._path(scope)}")
        right = Right(
            ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
            (below, text(below, "/*")),
            (("StringEquals", "aws:RequestedRegion", (scope.region,)),),
        )
        first = scope.address("aws_ssm_parameter", self._name(scope, next(iter(self.values))))
        return Offer(scope.name, first, "aws", scope.region, 443, name=self._path(scope), rights=(right,))

    def _name(self, scope: Scope, key: str) -> str:
        return f"{scope.identifier}_{key.replace('/', '_').replace('.', '_').replace('-', '_')}".lower()

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """One parameter a value."""
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        for key, value in self.values.items():
            name = f"{self._path(scope)}/{key}"
            body = {"name": name, "type": "String", "value": value, "description": f"Of {scope.full_name}"}
            yield scope.aws("aws_ssm_parameter", self._name(scope, key), body, called=name)
