"""Plan and source together: Terraform itself says where each unknown value comes from.

Every attribute that something refers to gets a token for its value, through ``override_resource`` of ``terraform
test`` with mocked providers. Terraform then evaluates locals, functions, modules and ``for_each``, and a token in a
planned value is a Ref, inside ``jsonencode`` too. It runs twice with different tokens: what differs without being a
token (a hash of one) stays unknown. No cloud and no credentials are needed; Terraform must be 1.11 or newer.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from seawall.graph.resource import Resource
from seawall.ingest.conditions import Conditions, conditions
from seawall.ingest.configuration import Configuration, Module, without_key
from seawall.ingest.plan import Evaluated, Planned, plan_module, planned, references_in
from seawall.ingest.root_module import REMOTE_STATE, RootModule, joined
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, map_leaves, text

Run: TypeAlias = Callable[[Sequence[str], Path], "subprocess.CompletedProcess[str]"]
"""Runs Terraform with these arguments (without its own name) in that folder."""
Path_: TypeAlias = tuple[str | int, ...]

_TEST = "seawall_tokens.tftest.json"
_RUNS = ("a", "b")
_ATTEMPTS = 8


def token_plan(source: Path, plan: Mapping[str, Any], run: Run, *, name: str) -> Iterator[Resource]:
    """The resources of a plan's JSON, what it leaves unknown settled by its Terraform source.

    Raises OutsideError if Terraform fails on the source for a reason that no token explains.
    """
    yield from joined([token_module(source, plan, run, name=name)])


def token_module(source: Path, plan: Mapping[str, Any], run: Run, *, name: str) -> RootModule:
    """The same as a root module, to be joined with others."""
    with tempfile.TemporaryDirectory(prefix="seawall-") as folder:
        root = _overlay(source.resolve(), Path(folder))
        # The state of the source is none of ours: in the copy it would lie beside it, if there were any.
        (root / "zz_seawall_override.tf.json").write_bytes(orjson.dumps({"terraform": {"backend": {"local": {}}}}))
        arguments = ["init", "-input=false", "-no-color"]
        providers = source.resolve() / ".terraform" / "providers"
        if providers.is_dir():
            arguments.append(f"-plugin-dir={providers}")
        _checked(run(arguments, root), "terraform init failed on a copy of the source")
        evaluated = _Tokens(plan, name, run, root).evaluate()
    return plan_module(plan, source=source, name=name, evaluated=evaluated)


def _checked(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0:
        raise OutsideError(what, done.stderr or done.stdout, "mend the source, or leave it out and pass the plan alone")


def _overlay(source: Path, folder: Path) -> Path:
    """A folder of links to the source and to the local modules it calls, so that nothing is written beside them."""
    wanted = [source]
    for place in wanted:
        for file in sorted(place.glob("*.tf")) + sorted(place.glob("*.tf.json")):
            written = file.read_text(encoding="utf-8", errors="replace")
            for match in re.finditer(r'"?source"?\s*[=:]\s*"(\.{1,2}/[^"]*)"', written):
                module = (place / match[1]).resolve()
                if module.is_dir() and module not in wanted:
                    wanted.append(module)
    top = Path(os.path.commonpath(wanted))
    for place in wanted:
        if not any(other != place and other in place.parents for other in wanted):
            _link(place, folder / place.relative_to(top))
    root = folder / source.relative_to(top)
    modules = source / ".terraform" / "modules"
    if modules.is_dir():  # modules that were fetched once need not be fetched again
        (root / ".terraform" / "modules").mkdir(parents=True)
        for entry in modules.iterdir():
            target = root / ".terraform" / "modules" / entry.name
            if entry.is_dir():
                target.symlink_to(entry)
            else:
                shutil.copyfile(entry, target)
    return root


def _link(place: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(place.iterdir()):
        if entry.name == ".terraform.lock.hcl":
            shutil.copyfile(entry, target / entry.name)  # init may write to it
        elif entry.name.startswith(".") or ".tftest." in entry.name or ".tfstate" in entry.name:
            continue
        elif entry.is_dir():
            _link(entry, target / entry.name)
        elif entry.is_file():
            (target / entry.name).symlink_to(entry)


@dataclass
class _Token:
    """One attribute's stand-in: a number of its own and the shape it has at the moment."""

    address: str
    path: Path_
    number: int
    shapes: list[str]
    type: Any = None

    @property
    def shape(self) -> str:
        """The shape in use; the empty one means that the attribute is not overridden."""
        return self.shapes[0] if self.shapes else ""

    def core(self, run: str) -> str:
        """What tells this token from all others."""
        return f"qx{run}{self.number:x}z"

    def value(self, run: str, region: str) -> str | int:
        """The value to plan with."""
        core, second = self.core(run), run == "b"
        match self.shape:
            case "arn":
                account = "100000000002" if second else "100000000001"
                service = {"iam": "iam", "lb": "elasticloadbalancing"}.get(
                    word := _words(self.address)[1] if len(_words(self.address)) > 1 else "aws", word
                )
                return f"arn:aws:{service}:{'' if service == 'iam' else region}:{account}:{core}"
            case "url":
                return f"https://{core}.example"
            case "number":
                return (41000 if second else 21000) + self.number
            case "launch template":
                return f"lt-{core}"
            case "account":
                return f"{'2' if second else '1'}{self.number:011d}"
            case "ip":
                return f"198.{19 if second else 18}.{self.number // 256}.{self.number % 256}"
            case "document":
                return f'{{"Token":"{core}"}}'
            case shape if shape.startswith(_CHOICE):
                return shape.removeprefix(_CHOICE).split("|")[second]
            case _:
                return core


_CHOICE = "one of "
# Types that save asking Terraform for the provider's schema: from the AWS provider 5.100.0.
_VALIDATION = ("domain_name", "resource_record_name", "resource_record_type", "resource_record_value")
_TYPES: Mapping[tuple[str, str], Any] = {
    ("aws_acm_certificate", "domain_validation_options"): ["set", ["object", dict.fromkeys(_VALIDATION, "string")]],
    ("aws_route53_zone", "name_servers"): ["list", "string"],
}
_NUMBERS = frozenset({"port", "latest_version", "default_version"})
_SHAPES = ("plain", "arn", "url", "number", "ip")


def _shapes(type: str, attr: str) -> list[str]:
    """The shapes to try, the likeliest first; the providers' own checks decide which will do."""
    if attr == "arn" or attr.endswith("_arn"):
        first = "arn"
    elif attr in ("issuer", "url") or attr.endswith("_url"):
        first = "url"
    elif attr in _NUMBERS:
        first = "number"
    elif attr == "id" and type == "aws_launch_template":
        first = "launch template"
    elif attr in ("account_id", "owner_id"):
        first = "account"
    elif attr.endswith(("_ip", "ip_address")):
        first = "ip"
    elif attr in ("json", "minified_json"):
        first = "document"
    elif attr == "resource_record_type":
        first = f"{_CHOICE}CNAME|A"
    else:
        first = "plain"
    return [first, *(shape for shape in _SHAPES if shape != first)]


class _Tokens:
    def __init__(self, plan: Mapping[str, Any], name: str, run: Run, root: Path) -> None:
        self._plan, self._run, self._root = plan, run, root
        self._planned = {item.address: item for item in planned(plan)}
        self._configuration = Configuration(plan, self._address, self._planned)
        self._region = self._configuration.region("aws", self._configuration.root) or ""
        self._name = name
        self._tokens: dict[tuple[str, Path_], _Token] = {}
        self._schemas: Mapping[str, Any] | None = None
        for address, path in self._wanted():
            self._add(address, path)
        for token in tuple(self._tokens.values()):
            if (self._planned[token.address].type, token.path[0]) in _TYPES:
                self._typed(token)

    def _address(self, path: str) -> Address:
        return Address.terraform(self._region, self._name, path)

    def _add(self, address: str, path: Path_, type: Any = None) -> _Token:
        attr = next((step for step in reversed(path) if isinstance(step, str)), "")
        shapes = ["number"] if type == "number" else _shapes(self._planned[address].type, attr)
        token = _Token(address, path, len(self._tokens), shapes, type)
        return self._tokens.setdefault((address, path), token)

    def _wanted(self) -> Iterator[tuple[str, Path_]]:
        """Every attribute that something may refer to: ids, ARNs, and the paths that the plan calls relevant."""
        relevant: dict[str, list[Path_]] = {}
        for entry in self._plan.get("relevant_attributes") or ():
            relevant.setdefault(without_key(entry["resource"]), []).append(tuple(entry["attribute"]))
        for address, item in self._planned.items():
            if item.type == f"data.{REMOTE_STATE}":
                outputs = item.after.get("outputs") or {}
                yield from ((address, ("outputs", *path)) for path, leaf in _strings(outputs) if leaf)
                continue
            settled = item.type.startswith("data.") and not item.unknown
            for name in ("id", "arn") if not settled else ():
                if name in item.after or _marked(item.unknown, name):
                    yield address, (name,)
            for path in relevant.get(without_key(address), ()):
                if not path:
                    continue
                if not settled or (item.type == "data.aws_caller_identity" and path[0] in ("account_id", "arn")):
                    yield address, path

    def evaluate(self) -> dict[str, Evaluated]:
        plans = self._plans()
        after: list[dict[str, Any]] = []
        for run in _RUNS:
            read = _Reader(self._tokens.values(), run, self._region, self._address)
            after.append(
                {
                    change["address"]: map_leaves(change["change"].get("after") or {}, read)
                    for change in plans[run].get("resource_changes", ())
                }
            )
        first = {change["address"]: change["change"] for change in plans[_RUNS[0]].get("resource_changes", ())}
        sites = _Sites(self._root, self._configuration)
        found: dict[str, Evaluated] = {}
        for address, item in self._planned.items():
            if address not in after[0] or address not in after[1]:
                continue
            change = first[address]
            value, unknown = agreed(after[0][address], after[1][address], change.get("after_unknown") or {})
            found[address] = Evaluated(value, unknown, change.get("after_sensitive") or {}, sites.undecided(item))
        return found

    def _plans(self) -> dict[str, Mapping[str, Any]]:
        for _ in range(_ATTEMPTS):
            (self._root / _TEST).write_bytes(orjson.dumps(self._test()))
            done = self._run(["test", "-json", "-verbose", f"-filter={_TEST}"], self._root)
            plans: dict[str, Mapping[str, Any]] = {}
            errors: list[Mapping[str, Any]] = []
            for line in done.stdout.splitlines():
                if not line.startswith("{"):
                    continue  # a warning about the CLI configuration may stand before the messages
                message = orjson.loads(line)
                if message.get("type") == "test_plan":
                    plans[message["@testrun"]] = message["test_plan"]
                elif message.get("type") == "diagnostic" and message["diagnostic"]["severity"] == "error":
                    errors.append(message["diagnostic"])
            if len(plans) == len(_RUNS):
                return plans
            if not errors or not self._adapted(errors):
                said = "\n".join(f"{error['summary']} {error.get('detail', '')}" for error in errors)
                raise OutsideError(
                    "terraform test failed on a copy of the source with mocked providers",
                    said or done.stderr or done.stdout,
                    "pass the plan alone, or see whether the source passes `terraform validate`",
                )
        raise OutsideError(
            f"no values that the providers accept were found in {_ATTEMPTS} attempts", fix="pass the plan alone"
        )

    def _adapted(self, errors: list[Mapping[str, Any]]) -> bool:
        """Change the shape of the tokens that Terraform rejected; False if none of them is to blame."""
        changed = False
        seen: set[tuple[str, Path_]] = set()
        for error in errors:
            snippet = error.get("snippet") or {}
            said = orjson.dumps([error.get("summary"), error.get("detail"), snippet.get("values")]).decode()
            address = error.get("address") or ""
            guilty = [token for token in self._tokens.values() if any(token.core(run) in said for run in _RUNS)]
            wrong = re.search(r'attribute \\?"([\w]+)', said)
            if not guilty and "Failed to compute attribute" in said and wrong:
                guilty = [
                    token
                    for token in self._tokens.values()
                    if without_key(token.address) == without_key(address) and token.path[0] == wrong[1]
                ]
                for token in guilty:
                    changed |= self._typed(token)
                continue
            if not guilty:
                code = snippet.get("code", "")
                guilty = [
                    token
                    for token in self._tokens.values()
                    if token.path[0] in code and self._planned[token.address].path in code and token.shape
                ]
                if "Invalid index" in said or "Unsupported attribute" in said:
                    for token in guilty:
                        changed |= self._typed(token)
                    continue
            for token in guilty:
                if (token.address, token.path) not in seen and token.shapes:
                    seen.add((token.address, token.path))
                    choice = re.search(r"to be one of \[(.*?)\]", f"{error.get('summary')} {error.get('detail')}")
                    allowed = re.findall(r'"([^"]+)"', choice[1]) if choice else []
                    token.shapes[:1] = [f"{_CHOICE}{allowed[0]}|{allowed[1]}"] if len(allowed) > 1 else []
                    changed = True
        return changed

    def _typed(self, token: _Token) -> bool:
        """Give an attribute's token the type that the provider's schema says; True if that changed anything."""
        if token.type is not None or not token.shapes:
            return False
        type = self._attribute_type(token)
        if len(token.path) > 1 and (self._planned[token.address].type, token.path[0]) in _TYPES:
            token.type = "string"  # a part of an attribute, not of a block
            return False
        if type is None or type == "string":
            token.shapes.pop(0)
        elif type == "number":
            token.shapes = ["number"]
        else:
            token.shapes = []  # its parts get tokens instead
            for path in _parts(type, token.path):
                self._add(token.address, path, "number" if path[-1] in _NUMBERS else "string")
        token.type = type or "unknown"
        return True

    def _attribute_type(self, token: _Token) -> Any:
        known = _TYPES.get((self._planned[token.address].type, str(token.path[0])))
        if known is not None:
            return known if len(token.path) == 1 else None
        if self._schemas is None:
            done = self._run(["providers", "schema", "-json"], self._root)
            _checked(done, "terraform providers schema failed")
            self._schemas = orjson.loads(done.stdout[done.stdout.index("{") :]).get("provider_schemas") or {}
        item = self._planned[token.address]
        kind = "data_source_schemas" if item.type.startswith("data.") else "resource_schemas"
        for provider in self._schemas.values():
            schema = (provider.get(kind) or {}).get(item.type.removeprefix("data."))
            if schema:
                attribute = (schema["block"].get("attributes") or {}).get(token.path[0]) or {}
                return attribute.get("type") if len(token.path) == 1 else None
        return None

    def _test(self) -> dict[str, Any]:
        """The test file: providers mocked, and one run for each set of tokens."""
        mocks: dict[str, list[dict[str, Any]]] = {}
        for settings in self._configuration.providers.values():
            if settings.get("module_address") is None:
                alias = {"alias": settings["alias"]} if "alias" in settings else {}
                mocks.setdefault(settings["name"], []).append({**alias, "override_during": "plan"})
        return {
            "mock_provider": mocks,
            "variables": self._variables(),
            "run": {run: {"command": "plan", **self._overrides(run)} for run in _RUNS},
        }

    def _variables(self) -> dict[str, Any]:
        """The plan's own variables, with something else in place of a secret."""
        declared = self._configuration.root.configuration.get("variables") or {}
        return {
            name: map_leaves(given.get("value"), lambda leaf: "hidden" if isinstance(leaf, str) else leaf)
            if (declared.get(name) or {}).get("sensitive")
            else given.get("value")
            for name, given in (self._plan.get("variables") or {}).items()
        }

    def _overrides(self, run: str) -> dict[str, Any]:
        by_address: dict[str, list[_Token]] = {}
        for token in self._tokens.values():
            by_address.setdefault(token.address, []).append(token)
        resources: list[dict[str, Any]] = []
        data: list[dict[str, Any]] = []
        for address, item in self._planned.items():
            values: dict[str, Any] = {}
            if item.type.startswith("data."):
                values.update(_without_marked(item.after, item.sensitive) or {})
            for token in by_address.get(address, ()):
                if token.shape:
                    _put(
                        values,
                        token.path,
                        token.value(run, self._region),
                        token.type is None and _is_block(item, token.path),
                    )
            if values:
                entry = {"target": address, "override_during": "plan", "values": values}
                (data if item.type.startswith("data.") else resources).append(entry)
        return {"override_resource": resources, "override_data": data}


def _words(address: str) -> list[str]:
    """The words of a resource's type."""
    return without_key(address).rsplit(".", 2)[-2].split("_")


def _strings(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """Every string within a value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _strings(item, (*path, number))


def _marked(unknown: Any, name: str) -> bool:
    return isinstance(unknown, Mapping) and unknown.get(name) is True


def _is_block(item: Planned, path: Path_) -> bool:
    """Whether a path enters a nested block, whose values a mock wants as an object, not as a list of one."""
    return not item.type.startswith("data.") and isinstance(item.after.get(str(path[0])), list) and len(path) > 2


def _without_marked(value: Any, sensitive: Any) -> Any:
    """A data source's values without what is secret."""
    if sensitive is True:
        return None
    if isinstance(value, Mapping):
        marks = sensitive if isinstance(sensitive, Mapping) else {}
        kept = {key: _without_marked(item, marks.get(key)) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None}
    if isinstance(value, list):
        marked = sensitive if isinstance(sensitive, list) else []
        return [
            _without_marked(item, marked[number] if number < len(marked) else None) for number, item in enumerate(value)
        ]
    return value


def _put(values: dict[str, Any], path: Path_, value: Any, block: bool) -> None:
    """Set one value deep within others, making the lists and objects on the way."""
    at: Any = values
    steps = [step for number, step in enumerate(path) if not (block and number == 1 and isinstance(step, int))]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        inner: Any = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(at, list) and isinstance(step, int):
            while len(at) <= step:
                at.append(type(inner)() if isinstance(inner, list | dict) else inner)
            if following is None:
                at[step] = inner
            at = at[step]
        elif isinstance(at, dict):
            if following is None or not isinstance(at.get(str(step)), type(inner)):
                at[str(step)] = inner
            at = at[str(step)]
        else:
            return


def _parts(type: Any, path: Path_) -> Iterator[Path_]:
    """The paths of the strings and numbers within one element of a type."""
    match type:
        case "string" | "number":
            yield path
        case ["list" | "set", inner]:
            yield from _parts(inner, (*path, 0))
        case ["object", Mapping() as attributes]:
            for name, inner in attributes.items():
                yield from _parts(inner, (*path, name))


class _Reader:
    """Reads the tokens of one run back as Refs."""

    def __init__(self, tokens: Iterable[_Token], run: str, region: str, address: Callable[[str], Address]) -> None:
        self._refs: dict[str, Ref] = {}
        self._numbers: dict[int, Ref] = {}
        self._choices: dict[str, Ref] = {}
        for token in tokens:
            if token.shape:
                ref = Ref(address(token.address), ".".join(map(str, token.path)))
                value = token.value(run, region)
                if token.shape.startswith(_CHOICE):
                    # An ordinary word: it counts only where it is the whole value, and both runs must agree on it.
                    self._choices[str(value)] = ref
                    continue
                self._refs[str(value)] = ref
                if isinstance(value, int):
                    self._numbers[value] = ref
        spelled = sorted(self._refs, key=len, reverse=True)
        # A core ends by itself; a number must not be part of a longer one.
        bounded = (rf"(?<!\d){re.escape(value)}(?!\d)" if value[0].isdigit() else re.escape(value) for value in spelled)
        self._pattern = re.compile("|".join(bounded) or r"(?!)")

    def __call__(self, leaf: Any) -> Any:
        if isinstance(leaf, int) and not isinstance(leaf, bool):
            return self._numbers.get(leaf, leaf)
        if not isinstance(leaf, str):
            return leaf
        if leaf in self._choices:
            return self._choices[leaf]
        pieces: list[Any] = []
        position = 0
        for match in self._pattern.finditer(leaf):
            pieces += [leaf[position : match.start()], self._refs[match[0]]]
            position = match.end()
        return text(*pieces, leaf[position:]) if pieces else leaf


def agreed(one: Any, other: Any, unknown: Any) -> tuple[Any, Any]:
    """What two runs agree on, with marks where either does not know or they differ."""
    if unknown is True:
        return None, True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        marks = unknown if isinstance(unknown, Mapping) else {}
        pairs = {
            key: agreed(one.get(key), other.get(key), marks.get(key)) for key in dict.fromkeys([*one, *other, *marks])
        }
        return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items() if pair[1]}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        marked = unknown if isinstance(unknown, list) else []
        rest = list(other)
        values, marks_found = [], []
        for number, item in enumerate(one):
            # Sets come in the order of their values, tokens included, so an equal item may stand elsewhere.
            place = next((place for place, candidate in enumerate(rest) if candidate == item), None)
            partner = rest.pop(place) if place is not None else _SKIPPED
            values.append((item, partner))
            marks_found.append(marked[number] if number < len(marked) else None)
        found = [
            agreed(item, rest.pop(0) if partner is _SKIPPED else partner, mark)
            for (item, partner), mark in zip(values, marks_found, strict=True)
        ]
        return [pair[0] for pair in found], [pair[1] for pair in found]
    return (one, unknown or False) if one == other and type(one) is type(other) else (None, True)


_SKIPPED = object()


@dataclass
class _Sites:
    """Which arguments hang on a condition, through locals, calls and outputs."""

    root: Path
    configuration: Configuration
    _read: dict[Path, Conditions] = field(default_factory=dict)

    def undecided(self, item: Planned) -> frozenset[str]:
        module = self.configuration.module(item.module)
        found = self._of(module)
        configured = self.configuration.resource(module, item.path) or {}
        names = {name for path, name in found.arguments if path == item.path}
        for name, expression in (configured.get("expressions") or {}).items():
            references = tuple(references_in(expression))
            if found.through(iter(references)) or any(self._through(ref, module, 0) for ref in references):
                names.add(name)
        return frozenset(names)

    def _through(self, reference: str, module: Module, depth: int) -> bool:
        """Whether a variable or an output hangs on a condition in the module where its value is said."""
        if depth > 16:
            return True
        match reference.split("."):
            case ["var", name, *_] if module.parent is not None:
                call = re.sub(r"\[.*\]$", "", module.address).rpartition("module.")[2]
                above = self._of(module.parent)
                if f"module.{call}.{name}" in above.names:
                    return True
                said = ((module.call or {}).get("expressions") or {}).get(name)
                return any(self._through(ref, module.parent, depth + 1) for ref in references_in(said))
            case ["module", call, output, *_]:
                called = re.sub(r"\[.*", "", call)
                below = self.configuration.module(module.inside(f"module.{called}"))
                if f"output.{output}" in self._of(below).names:
                    return True
                said = (below.configuration.get("outputs") or {}).get(output, {}).get("expression")
                return any(self._through(ref, below, depth + 1) for ref in references_in(said))
        return False

    def _of(self, module: Module) -> Conditions:
        folder = self._folder(module)
        if folder not in self._read:
            self._read[folder] = conditions(folder) if folder.is_dir() else Conditions()
        return self._read[folder]

    def _folder(self, module: Module) -> Path:
        if module.parent is None:
            return self.root
        source = str((module.call or {}).get("source", ""))
        if source.startswith("."):
            return Path(os.path.normpath(self._folder(module.parent) / source))
        listed = self.root / ".terraform" / "modules" / "modules.json"
        if listed.is_file():
            key = ".".join(re.sub(r"\[.*?\]", "", module.address).split("module.")[1:]).replace("..", ".").rstrip(".")
            for entry in orjson.loads(listed.read_bytes()).get("Modules", ()):
                if entry.get("Key") == key:
                    return self.root / str(entry["Dir"])
        return self.root / ".terraform" / "nowhere"
