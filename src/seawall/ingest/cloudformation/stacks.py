"""Stacks: templates with their parameters, the names in them, and what one exports to another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.ingest.cloudformation.functions import NO_VALUE, condition, worked_out
from seawall.ingest.cloudformation.template import Template
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.json_documents import json_document
from seawall.kernel.origin import Origin
from seawall.kernel.value import SECRET, Ref, Text, Unknown, refs
from seawall.readers.aws.arn import ACCOUNT, partition
from seawall.readers.aws.policy import parsed

NESTED = "AWS::CloudFormation::Stack"
MAX_STACKS = 1_000
"""Nested ones included; what would exceed it nests one template many times in many."""
_JSON = "Custom::AWSCDKCfnJson"
_ISSUER = "Custom::AWSCDKOpenIdConnectProvider"
_ENVIRONMENT = re.compile(r"aws://(?:\d{12}|unknown-account)/([a-z]{2}(?:-[a-z]+)+-\d)")

# What `Ref` gives, where that is not what Terraform calls a resource's id.
_REF_IS_ARN = frozenset(
    {
        "AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider", "AWS::SNS::Topic", "AWS::SecretsManager::Secret",
        "AWS::StepFunctions::StateMachine", "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::CertificateManager::Certificate", _ISSUER,
    }
)  # fmt: skip
_REF_IS_NAME = {"AWS::Events::Rule": "name", "AWS::Lambda::Function": "function_name"}
_ATTRIBUTES = {
    "Arn": "arn",
    "TopicArn": "arn",
    "PolicyArn": "arn",
    "RoleArn": "arn",
    "GroupId": "id",
    "VpcId": "id",
    "SubnetId": "id",
    "AllocationId": "id",
    "DefaultSecurityGroup": "default_security_group_id",
    "DefaultNetworkAcl": "default_network_acl_id",
    "DNSName": "dns_name",
    "DomainName": "bucket_domain_name",
    "RegionalDomainName": "bucket_regional_domain_name",
    "QueueUrl": "url",
    "QueueName": "name",
    "TopicName": "name",
    "RepositoryUri": "repository_url",
    "OpenIdConnectIssuerUrl": "identity.0.oidc.0.issuer",
    "OpenIdConnectIssuer": "identity.0.oidc.0.issuer",
    "ClusterSecurityGroupId": "vpc_config.0.cluster_security_group_id",
    "Endpoint.Address": "endpoint",
    "ReadEndpoint.Address": "reader_endpoint",
    "PrimaryEndPoint.Address": "primary_endpoint_address",
    "ReaderEndPoint.Address": "reader_endpoint_address",
    "ConfigurationEndPoint.Address": "configuration_endpoint_address",
    "LatestVersionNumber": "latest_version",
}


@dataclass
class Stack:
    """One template as one stack; ``given`` are its parameters, worked out already where another stack gives them."""

    name: str
    template: Template
    given: Mapping[str, Any]
    region: str
    estate: Estate
    within: tuple[Path, ...] = ()
    """The files of the stacks that it is nested in."""
    doubt: Unknown | None = None
    """Why it is not known whether the stack exists, where a condition of the one around it leaves that open."""
    _conditions: dict[str, bool | Unknown | None] = field(default_factory=dict)
    _asking: set[str] = field(default_factory=set)

    def resources(self) -> Mapping[str, Any]:
        """The resources by logical id, as the template has them."""
        return self.template.sections["Resources"]

    def properties(self, logical: str) -> dict[str, Any]:
        """The properties of a resource, worked out."""
        given = self.resources()[logical].get("Properties") or {}
        found = worked_out(given, self, self.address(logical))
        return found if isinstance(found, dict) else {}

    def exists(self, logical: str) -> bool | Unknown:
        """Whether a resource's condition holds, and its stack's."""
        name = self.resources()[logical].get("Condition")
        holds = True if name is None else self.condition(str(name))
        if isinstance(holds, Unknown):
            said = f"say the parameters in {self.parameters_file()}"
            why = f"whether it exists hangs on the condition {name}, which no parameter decides; {said}"
            return Unknown(f"{self.address(logical)}", holds.mentions, why)
        return self.doubt if holds and self.doubt is not None else holds

    def parameters_file(self) -> str:
        """The file in which this template's parameters can be given."""
        return str(self.template.file.with_name(f"{_stem(self.template.file)}.parameters.json"))

    def address(self, logical: str) -> Address:
        """The address of a resource."""
        return Address.cloudformation(self.name, logical)

    def reference(self, name: str, path: str) -> Any:
        """What ``Ref`` gives: a parameter, a pseudo parameter, or a resource's own name."""
        if name.startswith("AWS::"):
            return self._pseudo(name)
        if name in self.template.sections["Parameters"]:
            return self._parameter(name)
        resource = self.resources().get(name)
        if resource is None:
            return Unknown(path, why=f"the template names {name}, which it does not have")
        type = resource["Type"]
        attr = "arn" if type in _REF_IS_ARN else _REF_IS_NAME.get(type, "id")
        return Ref(self.address(name), attr)

    def attribute(self, name: str, attribute: str, path: str) -> Any:
        """What ``Fn::GetAtt`` gives, in Terraform's words."""
        resource = self.resources().get(name)
        if resource is None:
            return Unknown(path, why=f"the template names {name}, which it does not have")
        if resource["Type"] == NESTED and attribute.startswith("Outputs."):
            nested = self.estate.nested(self, name)
            output = attribute.removeprefix("Outputs.")
            return (
                Unknown(path, why=f"the template of {name} is not in the input")
                if nested is None
                else nested.output(output, path)
            )
        if resource["Type"] == _JSON and attribute == "Value":
            return self._once(f"{name}.Value", lambda: self._cfn_json(name), path)
        if attribute in _ATTRIBUTES:
            return Ref(self.address(name), _ATTRIBUTES[attribute])
        return Ref(self.address(name), re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", attribute).lower())

    def parts(self, ref: Ref, separator: str) -> list[Any] | None:
        """The pieces of a resource's ARN around a separator, where its form tells them."""
        resource = self.resources().get(ref.to.rpartition("/")[2]) if ref.to.startswith(f"{self.name}/") else None
        if resource is None or ref.attr != "arn" or resource["Type"] not in (_ISSUER, "AWS::IAM::OIDCProvider"):
            return None
        if separator not in ("oidc-provider/", ":oidc-provider/"):
            return None
        # The ARN of an identity provider ends in its issuer, without the scheme.
        return [
            Unknown(f"{ref.to}.arn.0", why="the account is known only when the stack is deployed"),
            Ref(ref.to, "url"),
        ]

    def _cfn_json(self, name: str) -> Any:
        value = self.properties(name).get("Value")
        what = f"{self.address(name)}.Value"
        return parsed(value, what) if isinstance(value, str | Text) else value

    def mapping(self, name: str, first: str, second: str) -> Any:
        """The value of a mapping; None if it has none."""
        value: Any = self.template.sections["Mappings"].get(name)
        for key in (first, second):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition of the template holds."""
        if name not in self._conditions:
            written = self.template.sections["Conditions"].get(name)
            if written is None:
                raise InputError(
                    f"there is no condition {name}",
                    origin=Origin(self.template.shown, 1),
                    fix="write it, or correct it",
                )
            self._conditions[name] = None
            self._conditions[name] = condition(written, self, f"{self.name}.{name}")
        found = self._conditions[name]
        if found is None:
            raise InputError(f"the condition {name} asks for itself", origin=Origin(self.template.shown, 1))
        return found

    def imported(self, name: Any, path: str) -> Any:
        """What another stack of the input exports under that name."""
        return self.estate.exported(name, path)

    def output(self, name: str, path: str) -> Any:
        """The value of an output of this stack."""
        written = self.template.sections["Outputs"].get(name)
        if written is None:
            return Unknown(path, why=f"{self.name} has no output {name}")
        return self._once(
            f"output {name}", lambda: worked_out(written.get("Value"), self, f"{self.name}.Outputs.{name}"), path
        )

    def _once(self, what: str, work: Any, path: str) -> Any:
        """What is worked out, unless it hangs on itself."""
        if what in self._asking:
            return Unknown(path, why=f"{what} of {self.name} hangs on itself")
        self._asking.add(what)
        try:
            return work()
        finally:
            self._asking.discard(what)

    def _pseudo(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.given:
            return self.given[name]
        match name:
            case "AWS::AccountId":
                return ACCOUNT
            case "AWS::Region":
                return self.region or Unknown(f"{self.name}.region", why="no input says in which region this stack is")
            case "AWS::Partition":
                return partition(self.region)
            case "AWS::URLSuffix":
                return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
            case "AWS::StackName":
                return Unknown(f"{self.name}.stack", why="a stack is named when it is deployed")
            case _:
                return Unknown(f"{self.name}.{name}", why="it is known only when the stack is deployed")

    def _parameter(self, name: str) -> Any:
        declared = self.template.sections["Parameters"][name]
        what = f"{self.name}.{name}"
        if str(declared.get("NoEcho", "")).lower() == "true":
            return Unknown(what, why=SECRET)
        value = self.given.get(name)
        type = str(declared.get("Type", "String"))
        if value is None:
            value = declared.get("Default")
            if value is None or type.startswith("AWS::SSM::Parameter::Value"):
                why = "the parameter has no default" if value is None else f"it is what lies under {value}"
                return Unknown(what, why=why)
        if (type == "CommaDelimitedList" or type.startswith("List<")) and isinstance(value, str):
            return [item.strip() for item in value.split(",")] if value else []
        if isinstance(value, Mapping) or (isinstance(value, list) and not type.startswith(("List<", "Comma"))):
            return Unknown(what, why="a parameter is a string or a list of strings")
        return value


class Estate:
    """The stacks of an input, nested ones included."""

    def __init__(self, templates: Iterable[Template]) -> None:
        listed = list(templates)
        self._by_name = {template.file.name: template for template in listed}
        self._nested: dict[tuple[str, str], Stack | None] = {}
        self._listed_assets: dict[Path, Mapping[str, str]] = {}
        within = {found.file for template in listed for found in self._templates_within(template)}
        names = _names([template.file for template in listed])
        self.stacks: list[Stack] = []
        for template in listed:
            if template.file not in within:
                given = dict(template.given)
                region = given.get("AWS::Region")
                known = region if isinstance(region, str) else _region_of(template.file)
                self.stacks.append(Stack(names[template.file], template, given, known, self))
        for stack in self.stacks:  # grows while it is walked: a nested stack may nest others
            for logical, resource in stack.resources().items():
                if resource["Type"] == NESTED and stack.exists(logical) is not False:
                    found = self.nested(stack, logical)
                    if found is not None:
                        self.stacks.append(found)
                    if len(self.stacks) > MAX_STACKS:
                        raise InputError(f"more than {MAX_STACKS:,} stacks", origin=stack.template.origin(logical))
        reached = {stack.template.file for stack in self.stacks}
        for template in listed:
            if template.file not in reached:
                raise InputError("it is nested in itself", origin=Origin(template.shown, 1))
        self._exports: list[tuple[Any, Stack, str]] | None = None

    def _templates_within(self, template: Template) -> Iterator[Template]:
        for resource in template.sections["Resources"].values():
            if resource["Type"] == NESTED:
                found = self._template_of(template, resource)
                if found is not None:
                    yield found

    def _template_of(self, template: Template, resource: Mapping[str, Any]) -> Template | None:
        """The template of a nested stack, by the file that the CDK or the packaging command names."""
        metadata = resource.get("Metadata")
        named = metadata.get("aws:asset:path") if isinstance(metadata, Mapping) else None
        if not isinstance(named, str):
            named = _last_text((resource.get("Properties") or {}).get("TemplateURL"))
        if not named:
            return None
        name = Path(named).name
        return self._by_name.get(name) or self._by_name.get(self._assets(template).get(name, ""))

    def _assets(self, template: Template) -> Mapping[str, str]:
        """Which file the CDK puts into its bucket under which key, by the list beside a template."""
        if template.file not in self._listed_assets:
            data = _json_beside(template.file, f"{_stem(template.file)}.assets.json")
            files = data.get("files") if isinstance(data, Mapping) else None
            found: dict[str, str] = {}
            for asset in files.values() if isinstance(files, Mapping) else ():
                source = asset.get("source") if isinstance(asset, Mapping) else None
                places = asset.get("destinations") if isinstance(asset, Mapping) else None
                for place in places.values() if isinstance(places, Mapping) else ():
                    key = place.get("objectKey") if isinstance(place, Mapping) else None
                    path = source.get("path") if isinstance(source, Mapping) else None
                    if isinstance(key, str) and isinstance(path, str):
                        found[Path(key).name] = path
            self._listed_assets[template.file] = found
        return self._listed_assets[template.file]

    def nested(self, stack: Stack, logical: str) -> Stack | None:
        """The stack that a resource of another is; None if its template is not in the input."""
        key = (stack.name, logical)
        if key not in self._nested:
            found = self._template_of(stack.template, stack.resources()[logical])
            self._nested[key] = None
            if found is not None:
                above = (*stack.within, stack.template.file)
                if found.file in above:
                    raise InputError(f"{found.shown} is nested in itself", origin=stack.template.origin(logical))
                holds = stack.exists(logical)
                doubt = holds if isinstance(holds, Unknown) else None
                child = Stack(f"{stack.name}-{logical}", found, {}, stack.region, self, above, doubt)
                self._nested[key] = child
                given = stack.properties(logical).get("Parameters")
                child.given = given if isinstance(given, Mapping) else {}
        return self._nested[key]

    def exported(self, name: Any, path: str) -> Any:
        """What a stack of the input exports under a name; a name with holes on either side must fit exactly one."""
        if self._exports is None:
            self._exports = list(self._all_exports())
        fitting = [export for export in self._exports if export[0] == name]
        if not fitting and isinstance(name, str):
            # The name of a stack is part of most names, and is not known: whatever it is, the rest must be this.
            fitting = [
                export
                for export in self._exports
                if isinstance(export[0], Text) and re.fullmatch(_shape(export[0]), name, re.DOTALL)
            ]
        if len(fitting) == 1:
            stack, output = fitting[0][1:]
            return stack.output(output, path)
        why = "no stack of the input exports it" if not fitting else "several stacks of the input may export it"
        return Unknown(path, tuple(refs(name)), f"{why}: {name}")

    def _all_exports(self) -> Iterator[tuple[Any, Stack, str]]:
        for stack in self.stacks:
            for output, written in stack.template.sections["Outputs"].items():
                export = written.get("Export")
                if isinstance(export, Mapping) and "Name" in export:
                    name = worked_out(export["Name"], stack, f"{stack.name}.Outputs.{output}.Export")
                    yield name, stack, output


def _stem(file: Path) -> str:
    return re.sub(r"(?:\.template)?\.(?:json|ya?ml|template)$", "", file.name)


def _json_beside(file: Path, name: str) -> Any:
    """What another file of the same folder holds; None if there is none, or if it is somebody else's of that name."""
    beside = file.with_name(name)
    if not beside.is_file():
        return None
    try:
        return json_document(beside.read_text(encoding="utf-8"), str(beside))
    except (InputError, OSError, UnicodeDecodeError):
        return None


def _last_text(value: Any) -> str:
    """The last piece of text within a value: the end of an address that a function puts together."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return _last_text(value[-1]) if value else ""
    return value if isinstance(value, str) else ""


def _shape(name: Text) -> str:
    return "".join(re.escape(part) if isinstance(part, str) else ".+" for part in name.parts)


def _names(files: list[Path]) -> dict[Path, str]:
    """What each file's stack is called: after the file, with the folder's name before it where two are alike."""
    stems = {file: _stem(file) for file in files}
    named: dict[Path, str] = {}
    for file, stem in stems.items():
        alike = [other for other, its in stems.items() if its == stem]
        name = stem if len(alike) == 1 else f"{file.resolve().parent.name}-{stem}"
        name = re.sub(r"[^A-Za-z0-9-]+", "-", name) or "stack"
        while name in named.values():
            name += "-2"
        named[file] = name
    return named


def _region_of(file: Path) -> str:
    """The region that the CDK's manifest beside a template says; empty if there is none."""
    data = _json_beside(file, "manifest.json")
    artifacts = data.get("artifacts") if isinstance(data, Mapping) else None
    for artifact in artifacts.values() if isinstance(artifacts, Mapping) else ():
        properties = artifact.get("properties") if isinstance(artifact, Mapping) else None
        if isinstance(properties, Mapping) and properties.get("templateFile") == file.name:
            match = _ENVIRONMENT.fullmatch(str(artifact.get("environment", "")))
            return match[1] if match else ""
    return ""
