"""Known controllers, by the chart, the add-on or the image that installs them, and what they are told of AWS.

Configuration that is a text of its own is read here for the controllers whose work it says: the jobs of YACE, the
outputs of Fluent Bit, the data sources of Grafana.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from seawall.facts.delivery import VALUES_ELSEWHERE, Controller
from seawall.facts.fact import Fact
from seawall.facts.identity import Assumes
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.knowledge.controllers import controller as known
from seawall.knowledge.controllers.catalogue import of_addon, of_chart, of_image
from seawall.readers.arguments import Arguments
from seawall.readers.kubernetes.accounts import ROLE_ANNOTATION
from seawall.readers.kubernetes.chart_values import at, elsewhere, parsed, values_of
from seawall.readers.kubernetes.objects import DEFAULT_NAMESPACE, Fields, Manifest
from seawall.readers.registry import reads

Circumstances: TypeAlias = Iterable[tuple[str, Textual]]


@reads("argoproj.io/v1alpha1/Application")
def installed(resource: Resource) -> Iterator[Fact]:
    """The controllers of each chart of an application, with their accounts as its values name them."""
    body = Manifest(resource)
    namespace = body.spec.block("destination").string("namespace", DEFAULT_NAMESPACE)
    for source in (*body.spec.blocks("source"), *body.spec.blocks("sources")):
        if not (chart := source.string("chart")):
            continue
        for controller in of_chart(chart):
            helm = source.block("helm").body
            values = values_of(helm)
            named = next(
                (name for path in controller.account_at if isinstance(name := at(values, path, None), str)), ""
            )
            account = body.sibling("ServiceAccount", named or controller.account, namespace)
            hidden = elsewhere(helm)
            told = [*_from_values(controller, values, defaults=not hidden), *_configured(controller, values)]
            if hidden:
                told.append((VALUES_ELSEWHERE, "true"))
            yield Controller(resource.address, controller.name, account, _once(told))
            roles = []
            for path in controller.account_at:
                notes = at(values, f"{path.rpartition('.')[0]}.annotations", {})
                if isinstance(notes, Mapping) and notes.get(ROLE_ANNOTATION) not in (None, ""):
                    roles.append(body.as_link_or_text(path, notes[ROLE_ANNOTATION]))
            if hidden and not roles and controller.account_at:
                why = "it may stand in values that are not in the input"
                roles.append(Unknown(f"{account}.{ROLE_ANNOTATION}", why=why))
            for role in roles:
                yield Assumes(account, role, "irsa")


@reads("aws_eks_addon")
def added(resource: Resource) -> Iterator[Fact]:
    """The controllers of an add-on of EKS; their accounts are implied, since another body says which cluster it is."""
    body = Arguments(resource)
    for controller in of_addon(str(body.text("addon_name"))):
        values = parsed(body.raw("configuration_values"))
        told = (*_from_values(controller, values), *_configured(controller, values))
        own = any(
            str(part.text("service_account")) == controller.account for part in body.blocks("pod_identity_association")
        )
        by_token = body.has("service_account_role_arn") and not own
        account = resource.address.implied("service-account" if by_token else controller.account)
        yield Controller(resource.address, controller.name, account, _once(told))


@reads("apps/v1/Deployment", "apps/v1/DaemonSet", "apps/v1/StatefulSet")
def run(resource: Resource) -> Iterator[Fact]:
    """The controllers whose images a workload's containers have, told by their arguments and environment.

    What runs on every node beside a controller of the same image, as the drivers of volumes have it, is none.
    """
    body = Manifest(resource)
    spec = body.spec.within("template", "spec")
    for part in spec.blocks("containers"):
        image = part.text("image")
        controller = of_image(image) if isinstance(image, str) else None
        if controller is None or (body.kind == "DaemonSet" and controller.addons and not _is_on_nodes(controller)):
            continue
        account = spec.string("serviceAccountName") or spec.string("serviceAccount") or "default"
        told = _once(_from_container(controller, part))
        yield Controller(resource.address, controller.name, body.sibling("ServiceAccount", account), told)


def _is_on_nodes(controller: known.Controller) -> bool:
    return controller.name in ("vpc-cni", "cloudwatch-agent")


def _once(told: Circumstances) -> tuple[tuple[str, Textual], ...]:
    return tuple(dict.fromkeys(told))


# -- told by values, arguments and environment -------------------------------------------------------------------------


def _from_values(
    controller: known.Controller, values: Mapping[str, Any], *, defaults: bool = True
) -> Iterator[tuple[str, Textual]]:
    for told in controller.told:
        found = [value for path in told.values for value in _standing(values, path.split("."))]
        for value in found or ([told.default] if told.default and defaults else []):
            if value not in ("", "false"):
                yield told.name, value


def _standing(values: Any, path: list[str]) -> Iterator[Textual]:
    """The texts at a path, of which ``*`` means every item of a list; an object that is not empty is just there."""
    if not path:
        for item in values if isinstance(values, list | tuple) else [values]:
            match item:
                case bool():
                    yield "true" if item else "false"
                case str() | Ref() | Text() | Unknown():
                    yield item
                case int() | float():
                    yield str(item)
                case Mapping():
                    yield "true"
        return
    first, *rest = path
    if first == "*":
        for item in values if isinstance(values, list | tuple) else ():
            yield from _standing(item, rest)
    elif isinstance(values, Mapping) and values.get(first) is not None:
        yield from _standing(values[first], rest)


def _from_container(controller: known.Controller, part: Fields) -> Iterator[tuple[str, Textual]]:
    arguments = [str(word) for word in (*part.strings("command"), *part.strings("args"))]
    environment = {each.string("name"): each.text("value") for each in part.blocks("env") if each.has("value")}
    for told in controller.told:
        found: list[Textual] = list(_options(arguments, told.arguments))
        found += [environment[name] for name in told.variables if name in environment]
        for value in found or ([told.default] if told.default else []):
            if value not in ("", "false"):
                yield told.name, value


def _options(arguments: list[str], names: tuple[str, ...]) -> Iterator[str]:
    """The values of an option, joined to it or standing after it; one without any is true."""
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name not in names:
            continue
        following = arguments[place + 1] if place + 1 < len(arguments) else "--"
        yield value if equals else "true" if following.startswith("-") else following


# -- told by a configuration of their own ------------------------------------------------------------------------------


def _configured(controller: known.Controller, values: Mapping[str, Any]) -> Circumstances:
    read = _CONFIGURED.get(controller.name)
    return () if read is None else read(values)


def _yace(values: Mapping[str, Any]) -> Iterator[tuple[str, Textual]]:
    """Regions by sort of job, and by the service that a job of discovery is of."""
    configuration = parsed(values.get("config"))
    jobs = [
        *(("discovery", job) for job in _blocks(at(configuration, "discovery.jobs", ()))),
        *(("custom", job) for job in _blocks(configuration.get("customNamespace"))),
        *(("static", job) for job in _blocks(configuration.get("static"))),
    ]
    for kind, job in jobs:
        for region in _listed(job.get("regions")):
            yield kind, str(region)
            if kind == "discovery":
                yield str(job.get("type", "")), str(region)
        for role in _blocks(job.get("roles")):
            if isinstance(arn := role.get("roleArn"), str) and arn:
                yield "role", arn


def _fluent_bit(values: Mapping[str, Any]) -> Iterator[tuple[str, Textual]]:
    """Groups of logs and folders of buckets, as outputs name them; a template's variables are stars."""
    for output in _outputs(values):
        region = str(output.get("region", ""))
        match str(output.get("name", "")).lower():
            case "cloudwatch_logs" | "cloudwatch":
                groups = [
                    _template(str(output[key])) for key in ("log_group_name", "log_group_template") if output.get(key)
                ]
                for group in groups:
                    yield "group", f"{region}:{group}"
                    if output.get("log_retention_days"):
                        yield "retains-group", f"{region}:{group}"
                    if str(output.get("auto_create_group", "")).lower() in ("true", "on", "yes", "1"):
                        yield "makes-group", f"{region}:{group}"
            case "s3":
                folder = _template(str(output.get("s3_key_format", "/fluent-bit-logs/$TAG"))).lstrip("/")
                yield "objects", f"arn:aws:s3:::{output.get('bucket', '')}/{folder.partition('*')[0]}*"
            case "kinesis_firehose" | "firehose":
                yield "delivers", f"{region}:{output.get('delivery_stream', '')}"
            case "kinesis_streams" | "kinesis":
                yield "streams", f"{region}:{output.get('stream', '')}"


def _template(spelled: str) -> str:
    """A name in which each variable is a star: ``$TAG``, ``$kubernetes['namespace_name']``, ``%Y``."""
    import re

    return re.sub(r"\$(?:\w+(?:\[[^\]]*\])*|\([^)]*\))|%[A-Za-z]", "*", spelled)


def _outputs(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The outputs of either form of its configuration, with names of options in lower case."""
    configuration = values.get("config")
    if not isinstance(configuration, Mapping):
        return
    for name, text in _mapping(configuration.get("extraFiles")).items():
        if str(name).endswith((".yaml", ".yml")):
            yield from _blocks(at(parsed(text), "pipeline.outputs", ()))
    current: dict[str, Any] | None = None
    classic = configuration.get("outputs")
    for line in str(classic).splitlines() if isinstance(classic, str) else ():
        words = line.split(None, 1)
        if words and words[0].startswith("["):
            if current:
                yield current
            current = {} if words[0].upper() == "[OUTPUT]" else None
        elif current is not None and len(words) == 2:
            current[words[0].lower()] = words[1].strip()
    if current:
        yield current


def _grafana(values: Mapping[str, Any]) -> Iterator[tuple[str, Textual]]:
    """The regions of data sources for CloudWatch that ask as the pod's own role, under either chart's values."""
    for holder in (values.get("grafana"), values):
        if not isinstance(holder, Mapping):
            continue
        sources = list(_blocks(holder.get("additionalDataSources")))
        for document in _mapping(holder.get("datasources")).values():
            sources += _blocks(parsed(document).get("datasources"))
        for source in sources:
            told = _mapping(source.get("jsonData"))
            if source.get("type") == "cloudwatch" and told.get("authType", "default") in ("default", "ec2_iam_role"):
                yield "cloudwatch", str(told.get("defaultRegion", ""))
                if told.get("assumeRoleArn"):
                    yield "role", str(told["assumeRoleArn"])


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in _listed(value) if isinstance(item, Mapping))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


_CONFIGURED: Mapping[str, Callable[[Mapping[str, Any]], Circumstances]] = {
    "yace": _yace,
    "fluent-bit": _fluent_bit,
    "grafana": _grafana,
}
